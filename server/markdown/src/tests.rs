//! Snapshots of the rendered HTML, one for each Markdown feature, and tables of what readers see.

mod blocks;
mod fuzz;
mod inline;
mod pictures;
mod plain;
mod raw_html;
mod signs;

use crate::html_checks::assert_safe;
use crate::{Rendered, render_comment, render_post};

fn post(markdown: &str) -> Rendered {
    let rendered = render_post(markdown);
    assert_safe(&rendered.html);
    rendered
}

/// Asserts the HTML of posts, without the `dir` of each block and the last line break.
fn check_posts(cases: &[(&str, &str)]) {
    for (markdown, expected) in cases {
        assert_eq!(plain(&post(markdown).html), *expected, "{markdown}");
    }
}

fn check_comments(cases: &[(&str, &str)]) {
    for (markdown, expected) in cases {
        let html = render_comment(markdown);
        assert_safe(&html);
        assert_eq!(
            plain(&html).replace(" rel=\"nofollow ugc noopener\"", ""),
            *expected,
            "{markdown}"
        );
    }
}

fn plain(html: &str) -> String {
    html.trim().replace(" dir=\"auto\"", "")
}

fn check_text(cases: &[(&str, &str)]) {
    for (markdown, expected) in cases {
        assert_eq!(post(markdown).text, *expected, "{markdown}");
    }
}

fn check_post(name: &str, markdown: &str) {
    let rendered = render_post(markdown);
    assert_safe(&rendered.html);
    snapshot(name, markdown, &rendered.html);
}

fn snapshot(name: &str, markdown: &str, html: &str) {
    insta::with_settings!({ description => markdown, omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, html);
    });
}

#[test]
fn post_features() {
    for (name, markdown) in [
        (
            "paragraphs",
            "One *two* **three** ~~four~~ `<five>`\nsix  \nseven -- \"eight\" it's...\n\n---\n\n&copy; <3",
        ),
        (
            "headings",
            "# One\n\n## Two\n\n# Один\n\n### *Three* `four`\n\n## Two\n\n#\n\n###### Six\n\nSetext\n---",
        ),
        ("lists", "- a\n- b\n  1. c\n  2. d\n\n7. e\n\n   f\n8. g"),
        ("tasks", "- [ ] a\n- [x] b\n\n  c"),
        ("quotes", "> a\n>\n> b\n>> c\n\n> - d"),
        (
            "scripts",
            "שלום *עולם*\n\n> مرحبا\n>\n> Hello\n\n- 日本語\n- مرحبا",
        ),
        (
            "links",
            "[in](/a \"t\") [out](https://example.com) [root](//example.com) <https://example.com/a?b=1&c=2> \
            <a@example.com> [no](javascript:a) [](/empty) [![](/i.png)](/b) [![cat](/i.png)](/c)",
        ),
        (
            "images",
            "![Alone](/a.png#640x480 \"With a caption\")\n\n![Bare](/b.png)\n\nIn ![*line* `x`](/c.png \"t\") text\n\n\
            ![refused](data:image/png;base64,a)\n\n> ![quoted](https://example.com/d.png)",
        ),
        (
            "tables",
            "| a | b | c | |\n|---|:--|:-:|--:|\n| 1 | *2* | `3` | 4 |\n| 5 |\n\n| only | head |\n|---|---|",
        ),
        (
            "footnotes",
            "A[^b] and[^a] again[^b] [link[^a]](/c) none[^d].\n\n[^a]: First *note*.\n[^b]: Second.\n\n    More.\n\n\
            [^unused]: Never referred to.\n\n## After",
        ),
        (
            "code",
            "```rust\nfn main() {\n    // hi <b>\n    let a: &'static str = \"&\";\n}\n```\n\n    indented <i>\n\n```who\n'x'\n```",
        ),
        (
            "html",
            "Press <kbd>Ctrl</kbd> <abbr title=\"A & B\" onclick=a>AB</abbr> <span style=a>c</span><br>H<sub>2</sub>O <b>open\n\n\
            <details open class=a>\n<summary>More</summary>\n\nInside *it*\n\n</details>\n\n<div align=center>text</div>\n\n</b> after <details>inline</details>",
        ),
        (
            "deep",
            &format!("{}text\n\n{}*a*", "> ".repeat(40), "- ".repeat(40)),
        ),
        ("nothing", ""),
    ] {
        check_post(name, markdown);
    }
}

#[test]
fn comment_features() {
    let markdown = "# Title\n\n*a* **b** `c` Vec<T> <b>d</b>\n\n> e\n\n- f\n\n3. g\n\n---\n\n![picture](/a.png) [in](/b) \
        [out](https://example.com) [no](javascript:a)\n\n<div>\nblock\n</div>\n\n| a |\n|---|\n| b |\n\n```sql\nselect 1\n```\n\n~~x~~ y[^1]\n\n[^1]: z";
    let html = render_comment(markdown);
    assert_safe(&html);
    snapshot("comment", markdown, &html);
}

#[test]
fn a_post_has_text_excerpt_and_reading_time() {
    let rendered = render_post(
        "# Title\n\n![no](/a.png)\n\nThe *first*[^1] paragraph & <kbd>more</kbd>.\n\n- one\n- two\n\n[^1]: Note.",
    );
    assert_eq!(
        rendered.text,
        "Title The first paragraph & more. one two Note."
    );
    assert_eq!(rendered.excerpt, "The first paragraph & more.");
    assert_eq!(rendered.reading_minutes, 1);
    assert_eq!(render_post(&"word ".repeat(1_000)).reading_minutes, 5);
    assert_eq!(render_post(&"字".repeat(1_000)).reading_minutes, 2);
    assert_eq!(
        render_post(&"long words ".repeat(100))
            .excerpt
            .chars()
            .count(),
        198
    );
}
