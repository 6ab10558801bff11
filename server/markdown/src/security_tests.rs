//! Security tests: injected script, and input that makes parsers take quadratic time.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::html_checks::{assert_safe, start_tags};
use crate::xss_vectors::XSS_VECTORS;
use crate::{render_comment, render_post, sanitise};

fn check_safe(markdown: &str) {
    let post = render_post(markdown).html;
    assert_safe(&post);
    assert_eq!(sanitise::post(&post), post, "{markdown:?}");
    let comment = render_comment(markdown);
    assert_safe(&comment);
    assert_eq!(sanitise::comment(&comment), comment, "{markdown:?}");
    for tag in start_tags(&comment) {
        let is_post_only =
            ["img", "table", "h2", "kbd", "details", "hr", "section"].contains(&tag.name.as_str());
        assert!(!is_post_only, "{tag:?} in a comment");
        if tag.name == "a" {
            assert_eq!(tag.get("rel"), Some("nofollow ugc noopener"));
        }
    }
    for html in [post, comment] {
        assert!(!html.to_lowercase().contains("<script"), "{html}");
    }
}

#[test]
fn no_xss_vector_works() {
    for vector in XSS_VECTORS {
        for text in [
            (*vector).to_owned(),
            format!("a\n\n> {vector}"),
            format!("- **{vector}**\n\n{vector}"),
        ] {
            check_safe(&text);
        }
    }
}

/// Renders inputs that are known to make parsers quadratic: one megabyte each in an optimised build, less in a debug build.
#[test]
fn rendering_time_is_linear() {
    let size = if cfg!(debug_assertions) {
        40_000
    } else {
        1_000_000
    };
    let lines = |line: &str| format!("{line}\n");
    let deep = |mark: &str| format!("{}a\n{}", mark.repeat(1_000), "\n".repeat(size / 3));
    let mut cases: Vec<(String, String)> = [
        "[",
        "]",
        "![",
        "[a](",
        "[a](b)",
        "*",
        "_",
        "**a",
        "*a_",
        "~",
        "`",
        "` ",
        "``a`",
        ">",
        "> ",
        "- ",
        "1. ",
        "#",
        "# a\n",
        "<",
        "<a",
        "<b>",
        "</b>",
        "<b><i>",
        "<!--",
        "<?",
        "<![CDATA[",
        "&",
        "&amp;",
        "\\",
        "\"",
        "'",
        "|",
        "|a\n|-\n",
        "[^1]",
        "[^1]: a\n",
        "[a]: b\n",
        "a\n",
        "\n",
        "é",
        "語",
        "\0",
        "<kbd>a</kbd>",
        "<details>\n\n",
        "<abbr title=\"",
        "<div>\n",
        "<b a=\"",
        "![a](b)\n\n",
        "![",
        "- [ ] a\n",
        "[a](<b",
        "[a]: <",
        "<p>\n",
        "\t",
        "- a\n\n  ",
        ">a\n",
        "```\n",
        "```rust\nr#\"\n```\n",
        "x</",
        "*a **b ",
        "a  \n",
        "<b>a\n\n",
        "[a\n",
        "[]()",
        "#\n",
        "\u{200b}",
        "「*",
        "~a",
        "://",
        "https://[",
        "[a](#b)\n",
        "<p>a",
        "<img alt=a>",
        "> [!NOTE]\n> a\n\n",
        "a\u{301}",
    ]
    .into_iter()
    .map(|unit| (unit.to_owned(), unit.repeat(size / unit.len())))
    .collect();
    for (name, unit) in [
        ("rust", "a'b\"c/*"),
        ("js", "`a$("),
        ("html", "<a b=\""),
        ("css", "--#a:"),
        ("json", "\"a\"  "),
        ("sh", "$a|"),
    ] {
        cases.push((
            format!("{name} {unit}"),
            format!("```{name}\n{}", unit.repeat(size.min(130_000) / unit.len())),
        ));
    }
    cases.push((
        "quotes in lines".into(),
        lines(&">".repeat(1_000)).repeat(size / 1_000),
    ));
    cases.push(("lists, then blank lines".into(), deep("- ")));
    cases.push(("quotes, then blank lines".into(), deep("> ")));
    cases.push((
        "a wide table".into(),
        format!(
            "{}\n{}\n{}",
            "|a".repeat(1_000),
            "|-".repeat(1_000),
            "|\n".repeat(size / 3)
        ),
    ));
    cases.push((
        "definitions".into(),
        (0..size / 20)
            .map(|n| format!("[^{n}]: a[^{n}]\n"))
            .collect(),
    ));
    cases.push((
        "indents".into(),
        (0..size.isqrt())
            .map(|n| format!("{}- a\n", " ".repeat(n)))
            .collect(),
    ));
    let mut slow = Vec::new();
    for (name, markdown) in cases {
        let start = Instant::now();
        let _post = render_post(&markdown);
        let _comment = render_comment(&markdown);
        let took = start.elapsed();
        if took > Duration::from_secs(8) {
            slow.push(format!("{name:?} took {took:?}"));
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_safe(text in any::<String>()) {
        check_safe(&text);
    }

    #[test]
    fn any_mix_of_syntax_is_safe(parts in prop::collection::vec(syntax_fragment(), 0..24)) {
        check_safe(&parts.concat());
    }
}

/// Fragments of Markdown and HTML syntax that may interact when they are concatenated.
fn syntax_fragment() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&[
        "a",
        "é語🙂",
        " ",
        "  ",
        "\n",
        "\n\n",
        "    ",
        "\t",
        "*",
        "**",
        "_",
        "~~",
        "`",
        "```",
        "```rust\n",
        "> ",
        "- ",
        "1. ",
        "- [ ] ",
        "- [x] ",
        "# ",
        "### ",
        "====\n",
        "---\n",
        "[",
        "]",
        "(",
        ")",
        "](",
        "![",
        "[^1]",
        "[^1]: ",
        "[^2]",
        "[^2]: ",
        "[a]: /b\n",
        "<",
        ">",
        "/>",
        "</",
        "<kbd>",
        "</kbd>",
        "<b>",
        "</b>",
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<ruby>",
        "<rt>",
        "</ruby>",
        "<br>",
        "<script>",
        "</script>",
        "<style>",
        "<svg>",
        "<p>",
        "</p>",
        "<table>",
        "<td>",
        "<select>",
        "<math>",
        "<a href=javascript:alert(1)>",
        "</a>",
        "<img src=x onerror=a>",
        "<abbr title=\"",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "\"",
        "'",
        "=",
        "&",
        "&lt;",
        "&#0;",
        "&quot;",
        "javascript:",
        "https://example.com",
        "mailto:a@b.example",
        "http://a.example:80",
        "://",
        "「",
        "。",
        "字",
        "~",
        "5",
        "the ",
        "> [!NOTE]\n",
        "<a href=/b>",
        "<img alt=\"",
        "<p>",
        "<div>",
        "<rp>",
        "[a](#a)",
        "\u{301}",
        "\u{fdd1}",
        "&#xfdd2;",
        "/a.png#10x20",
        " \"title\"",
        "|",
        "|a|b|\n|-|:-:|\n",
        "|c|\n",
        "\\",
        "\0",
        "\u{202e}",
        "\u{200b}",
    ])
}
