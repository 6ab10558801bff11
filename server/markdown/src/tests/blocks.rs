//! Footnotes, headings, notes and code.

use super::{check_comments, check_posts, post};

#[test]
fn footnotes_are_numbered_by_first_reference() {
    let list = |html: &str| {
        let (body, notes) = html.split_once("<section").unwrap_or((html, ""));
        let numbers: Vec<_> = body
            .match_indices("</a></sup>")
            .map(|(at, _)| body[..at].rsplit_once('>').expect("a number").1)
            .collect();
        let notes = notes
            .split("<li")
            .skip(1)
            .map(|note| crate::plain_text::from_html(&format!("<li{note}")))
            .collect::<Vec<_>>();
        format!("{}|{}", numbers.join(" "), notes.join(" / "))
    };
    for (markdown, expected) in [
        (
            "[^z]: Last.\n[^a]: First.\n\nOne[^a], two[^z].",
            "1 2|First. / Last.",
        ),
        ("A[^a].\n\n[^a]: First.\n[^a]: Second.", "1|First."),
        ("A[^a].\n\n[^unused]: No.\n\n[^a]: Yes.", "1|Yes."),
        ("[^unused]: No.", "|"),
        (
            "[^unused]: See[^b].\n\n[^b]: B.\n\nA[^a].\n\n[^a]: Yes.",
            "1|Yes.",
        ),
        // What a note refers to comes after it.
        (
            "[^c]: C.\n\n[^b]: B[^c].\n\n[^d]: D.\n\nA[^b], e[^d], f[^b].",
            "1 2 1|B. / D. / C.",
        ),
        ("A[^ÉTÉ].\n\n[^été]: Yes.", "1|Yes."),
        ("A[^a].\n\n[^a]: Self[^a].", "1|Self."),
        ("A[^a].\n\n> [^a]: Quoted.\n\n- b", "1|Quoted."),
        ("A[^none].", "|"),
    ] {
        assert_eq!(list(&post(markdown).html), expected, "{markdown}");
    }
    // The way back leads to a reference that is shown.
    let html = post("[^unused]: See[^b].\n\n[^b]: B.\n\nA[^b].").html;
    assert_eq!(html.matches("id=\"fn-1-ref\"").count(), 1, "{html}");
    assert!(
        html.find("id=\"fn-1-ref\"") < html.find("<section"),
        "{html}"
    );
}

#[test]
fn a_link_to_a_heading_leads_there() {
    for (markdown, fragment) in [
        ("[jump](#install)\n\n## Install", "h-install"),
        ("## Install\n\n[jump](#Install)", "h-install"),
        ("[jump](#h-install)\n\n## Install", "h-install"),
        ("[jump](#whats-new)\n\n## What’s new?", "h-whats-new"),
        ("[jump](#c--rust)\n\n## C++ & Rust", "h-c-rust"),
        ("[jump](#foobar)\n\n## foo.bar()", "h-foo-bar"),
        ("[jump](#snake_case)\n\n## snake_case", "h-snake-case"),
        ("[jump](#two-2)\n\n## Two\n\n## Two", "h-two-2"),
        ("[jump](#two)\n\n## Two\n\n## Two", "h-two"),
        ("[jump](#two-1)\n\n## Two\n\n## Two", "h-two-2"),
        ("[jump](#two-9)\n\n## Two\n\n## Two", "two-9"),
        ("[jump](#हिन्दी-में)\n\n## हिन्दी में", "h-हिन्दी-में"),
        ("[jump](#日本語)\n\n## 日本語", "h-日本語"),
        ("[jump](#%C3%A9t%C3%A9)\n\n## E\u{301}te\u{301}", "h-été"),
        ("<a href=\"#install\">jump</a>\n\n## Install", "h-install"),
        ("[jump][a]\n\n[a]: #install\n\n## Install", "h-install"),
        // No such heading.
        ("[jump](#fn-1)\n\n## Install", "fn-1"),
        ("[jump](#)\n\n## Install", ""),
        ("[jump](#other)\n\n## Install", "other"),
    ] {
        let html = post(markdown).html;
        let (_, href) = html.split_once("href=\"#").expect("a link");
        let href = &href[..href.find('"').expect("its end")];
        let href = percent_encoding::percent_decode_str(href).decode_utf8_lossy();
        assert_eq!(href, fragment, "{markdown}");
        if fragment.starts_with("h-") {
            assert!(html.contains(&format!("id=\"{fragment}\"")), "{html}");
        }
    }
    // Text that looks like a link is text.
    let html = post("`<a href=\"#install\">`\n\n## Install").html;
    assert!(html.contains("href=\"#install\""), "{html}");
}

#[test]
fn five_kinds_of_notes() {
    let note = |class: &str, title: &str, rest: &str| {
        format!(
            "<div class=\"note {class}\" role=\"note\"><p class=\"note-title\" dir=\"ltr\">{title}</p>\n{rest}\n</div>"
        )
    };
    check_posts(&[
        ("> [!NOTE]\n> a", &note("info", "Note", "<p>a</p>")),
        (
            "> [!tip]\n> - a",
            &note("tip", "Tip", "<ul><li>a</li>\n</ul>"),
        ),
        (
            "> [!IMPORTANT]\n>\n> a",
            &note("important", "Important", "<p>a</p>"),
        ),
        (
            "> [!Warning]\n> a\n>\n> b",
            &note("warning", "Warning", "<p>a</p>\n<p>b</p>"),
        ),
        (
            "> [!CAUTION]\n> > a",
            &note("caution", "Caution", "<blockquote><p>a</p>\n</blockquote>"),
        ),
        ("> [!NOTE]", ""),
        (
            "> [!OTHER]\n> a",
            "<blockquote><p>[!OTHER]\na</p>\n</blockquote>",
        ),
        (
            "> a\n> [!NOTE]",
            "<blockquote><p>a\n[!NOTE]</p>\n</blockquote>",
        ),
    ]);
    let rendered = post("> [!NOTE]\n> Mind the gap.\n\nText.");
    assert_eq!(rendered.text, "Mind the gap. Text.");
    assert_eq!(rendered.excerpt, "Mind the gap.");
    check_comments(&[(
        "> [!NOTE]\n> a",
        "<blockquote><p>[!NOTE]\na</p>\n</blockquote>",
    )]);
    // The direction is that of the note, not of its title.
    let html = post("> [!NOTE]\n> שלום").html;
    assert!(
        html.starts_with("<div class=\"note info\" role=\"note\" dir=\"auto\">"),
        "{html}"
    );
    assert!(html.contains("\n<p>שלום</p>"), "{html}");
}

#[test]
fn the_language_of_a_fence_is_found() {
    for (info, language) in [
        ("python", "python"),
        ("{.python .numberLines}", "python"),
        ("{#id .rust startFrom=5}", "rust"),
        ("{ .js }", "js"),
        ("{python}", "python"),
        ("{r, echo=FALSE}", "r"),
        (".sql", "sql"),
        ("rust,ignore", "rust"),
        ("python {.numberLines}", "python"),
        ("language-css", "css"),
        ("{lang=toml}", ""),
        ("{}", ""),
    ] {
        let html = post(&format!("```{info}\nx = 1\n```")).html;
        let expected = if language.is_empty() {
            "<pre tabindex=\"0\"><code>".to_owned()
        } else {
            format!("<pre tabindex=\"0\" data-lang=\"{language}\"><code>")
        };
        assert!(html.starts_with(&expected), "{info}: {html}");
    }
}
