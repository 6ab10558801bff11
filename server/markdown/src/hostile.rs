//! Tests with texts that mean harm: injected script, and input made to take forever.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::corpus::VECTORS;
use crate::inspect::{assert_harmless, start_tags};
use crate::{render_comment, render_post, sanitise};

fn check(markdown: &str) {
    let post = render_post(markdown).html;
    assert_harmless(&post);
    assert_eq!(sanitise::post(&post), post, "{markdown:?}");
    let comment = render_comment(markdown);
    assert_harmless(&comment);
    assert_eq!(sanitise::comment(&comment), comment, "{markdown:?}");
    for tag in start_tags(&comment) {
        let is_raw =
            ["img", "table", "h2", "kbd", "details", "hr", "section"].contains(&tag.name.as_str());
        assert!(!is_raw, "{tag:?} in a comment");
        if tag.name == "a" {
            assert_eq!(tag.get("rel"), Some("nofollow ugc noopener"));
        }
    }
    for html in [post, comment] {
        assert!(!html.to_lowercase().contains("<script"), "{html}");
    }
}

#[test]
fn no_vector_works() {
    for vector in VECTORS {
        for text in [
            (*vector).to_owned(),
            format!("a\n\n> {vector}"),
            format!("- **{vector}**\n\n{vector}"),
        ] {
            check(&text);
        }
    }
}

/// What has made parsers quadratic: a megabyte of it where the code is optimised, else a part.
#[test]
fn time_stays_linear() {
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
    fn any_text_is_harmless(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_mixture_is_harmless(parts in prop::collection::vec(part(), 0..24)) {
        check(&parts.concat());
    }
}

/// Pieces that are likely to mean something to the parser next to each other.
fn part() -> impl Strategy<Value = &'static str> {
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
