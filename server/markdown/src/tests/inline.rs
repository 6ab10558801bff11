//! Emphasis, tildes, and addresses in comments.

use super::{check_comments, check_posts, plain, post};
use crate::html_checks::assert_safe;
use crate::render_comment;

#[test]
fn emphasis_works_beside_cjk_punctuation() {
    check_posts(&[
        (
            "これは**「大切」**です。",
            "<p>これは<strong>「大切」</strong>です。</p>",
        ),
        (
            "**이것(this)**은 중요하다.",
            "<p><strong>이것(this)</strong>은 중요하다.</p>",
        ),
        (
            "他说：**“你好。”**然后走了。",
            "<p>他说：<strong>“你好。”</strong>然后走了。</p>",
        ),
        (
            "これは*`a`*です。",
            "<p>これは<em><code>a</code></em>です。</p>",
        ),
        (
            "これは~~「旧」~~です。",
            "<p>これは<del>「旧」</del>です。</p>",
        ),
        ("||**「a」**||", "<p>||<strong>「a」</strong>||</p>"),
        ("これは\\**「a」*です", "<p>これは*<em>「a」</em>です</p>"),
        (
            "`あ*「` と [あ*「](/あ*「)",
            "<p><code>あ*「</code> と <a href=\"/%E3%81%82*%E3%80%8C\">あ*「</a></p>",
        ),
        ("あ* 「い *う", "<p>あ* 「い *う</p>"),
        ("ภาษา**(ไทย)**ครับ", "<p>ภาษา<strong>(ไทย)</strong>ครับ</p>"),
        // As CommonMark has it in other scripts.
        ("a**\"b\"**c", "<p>a**\"b\"**c</p>"),
        ("snake_case_「名」_で", "<p>snake_case_「名」_で</p>"),
    ]);
    check_comments(&[("**「大切」**です", "<p><strong>「大切」</strong>です</p>")]);
}

#[test]
fn one_tilde_is_a_tilde() {
    for text in [
        "约3~5天，价格100~200元",
        "（~3天，约~5天~）",
        "a ~b~ c",
        "(~5 km) ~10 min~.",
        "~/.config or ~user",
    ] {
        let rendered = post(text);
        assert_eq!(plain(&rendered.html), format!("<p>{text}</p>"));
        assert_eq!(rendered.text, text);
        assert_eq!(rendered.excerpt, text);
    }
    check_posts(&[
        ("~~x~~", "<p><del>x</del></p>"),
        ("a~~x~~b", "<p>a<del>x</del>b</p>"),
        ("~~约3~5天~~", "<p><del>约3~5天</del></p>"),
        (
            "\\~ `a~b` [c](/~d \"~\") <https://e.example/~f>",
            "<p>~ <code>a~b</code> <a href=\"/~d\" title=\"~\">c</a> <a href=\"https://e.example/~f\" rel=\"noopener\" class=\"bare\">https://e.example/~f</a></p>",
        ),
        ("~~~\na\n~~~", "<pre tabindex=\"0\"><code>a\n</code></pre>"),
    ]);
}

#[test]
fn addresses_in_comments_are_links() {
    let link = |url: &str| format!("<a href=\"{url}\">{url}</a>");
    for (before, url, after) in [
        ("see ", "https://example.com/a", "."),
        ("see ", "https://example.com/a", ", then"),
        ("(see ", "https://example.com/a", ")"),
        ("(", "https://example.com/a_(b)", ")"),
        ("[", "https://example.com/a", "]"),
        ("**", "https://example.com/a", "**"),
        ("\"", "https://example.com/a", "\"!"),
        ("'", "https://example.com/a", "'"),
        ("见", "https://example.com/a", "。谢谢"),
        ("「", "https://example.com/a", "」"),
        ("（", "https://example.com/a", "），再"),
        ("«", "https://example.com/a", "»"),
        ("देखें ", "https://example.com/a", "।"),
        ("", "https://example.com/日本", "、"),
        ("", "https://example.com/a--b'c...d", "..."),
        ("", "https://ja.example.org/wiki/ジョン・スミス", "。"),
        ("", "https://example.com/a", "—and"),
        ("", "https://example.com/a", "…"),
        ("", "http://example.com", "?!"),
        ("", "https://example.com/?a=1", ""),
        ("", "https://example.com/a/", ""),
        ("", "HTTPS://EXAMPLE.com:8080/#b", ";"),
    ] {
        let html = render_comment(&format!("{before}{url}{after}"));
        assert_safe(&html);
        let (_, rest) = html.split_once("<a href=\"").expect("a link");
        let (href, rest) = rest.split_once('"').expect("its end");
        let href = percent_encoding::percent_decode_str(href).decode_utf8_lossy();
        assert_eq!(href.replace("&#x27;", "'"), url);
        let (_, shown) = rest.split_once('>').expect("the link's text");
        assert!(shown.starts_with(&format!("{url}</a>")), "{html}");
    }
    check_comments(&[
        ("a https://", "<p>a https://</p>"),
        ("xhttps://example.com", "<p>xhttps://example.com</p>"),
        (
            "`https://example.com`",
            "<p><code>https://example.com</code></p>",
        ),
        (
            "[a https://example.com](/b)",
            "<p><a href=\"/b\">a https://example.com</a></p>",
        ),
        (
            "https://example.com/a?b=1&c=2 d",
            "<p><a href=\"https://example.com/a?b=1&amp;c=2\">https://example.com/a?b=1&amp;c=2</a> d</p>",
        ),
        (
            "<https://example.com/a>",
            &format!("<p>{}</p>", link("https://example.com/a")),
        ),
        (
            "javascript://example.com",
            "<p>javascript://example.com</p>",
        ),
    ]);
    // In posts such addresses are text, as they were typed.
    check_posts(&[(
        "Take https://example.com/a--b...c'd \"now\".",
        "<p>Take https://example.com/a--b...c'd \"now\".</p>",
    )]);
}

/// On paper, an address follows a link whose text does not say it already.
#[test]
fn a_link_whose_text_is_its_address_is_bare() {
    for (text, is_bare) in [
        ("<https://example.com/a>", true),
        ("[https://example.com/a](https://example.com/a)", true),
        ("[https://example.com](https://example.com/)", true),
        (
            "[https://example.com/](https://example.com \"title > b\")",
            true,
        ),
        ("[HTTPS://Example.com/a](https://example.com/a)", true),
        ("[**https://example.com/a**](https://example.com/a)", true),
        (
            "[`https://example.com/a?b&c`](https://example.com/a?b&c)",
            true,
        ),
        (
            "[ https://example.com/a][1]\n\n[1]: https://example.com/a",
            true,
        ),
        (
            "[https://example.com/日本](https://example.com/%E6%97%A5%E6%9C%AC)",
            true,
        ),
        (
            "<a href=\"https://example.com/a\">https://example.com/a</a>",
            true,
        ),
        ("[](https://example.com/a)", true),
        ("[https://example.com/a](https://example.com/b)", false),
        ("[https://example.com](https://evil.example)", false),
        ("[see https://example.com/a](https://example.com/a)", false),
        ("[example.com](https://example.com)", false),
        ("[http://example.com](https://example.com)", false),
        ("[a](https://example.com/a)", false),
        ("[/a](/a)", false),
        ("<a@example.com>", false),
    ] {
        let html = post(text).html;
        assert_eq!(html.contains(" class=\"bare\">"), is_bare, "{text}: {html}");
    }
    let comment =
        render_comment("https://example.com/a [https://example.com](https://example.com)");
    assert!(!comment.contains("bare"), "{comment}");
}
