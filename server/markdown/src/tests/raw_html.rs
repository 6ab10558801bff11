//! Raw HTML: what is kept of it, and what it leaves in the text.

use super::{check_posts, check_text, post};

#[test]
fn readings_break_no_word() {
    check_text(&[
        (
            "<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby>を読む",
            "漢字を読む かん じ",
        ),
        (
            "<ruby>東<rt>とう</rt>京<rt>きょう</rt></ruby>タワー\n\nB",
            "東京タワー B とう きょう",
        ),
        (
            "<ruby>北<rp>（</rp><rt><b>Běi</b></rt><rp>）</rp></ruby>京",
            "北京 Běi",
        ),
    ]);
    // Nor does what only tells where a line may break.
    check_text(&[
        ("Donau&shy;dampf\u{ad}schiff", "Donaudampfschiff"),
        ("super<wbr>cali\u{200b}fragil", "supercalifragil"),
        ("a\u{2060}b", "ab"),
    ]);
    let rendered = post("<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>です。");
    assert_eq!(rendered.excerpt, "漢字です。");
}

#[test]
fn a_refused_block_tag_separates_words() {
    check_text(&[
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("<div>a</div><div>b</div>", "a b"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<ul><li>a<li>b</ul>", "a b"),
        ("one<p>two</p>three", "one two three"),
        ("<h1>a</h1>b<hr>c", "a b c"),
        ("a<center>b</center>c", "a b c"),
        ("a<span>b</span>c <x-y>d</x-y>e", "abc de"),
        ("- a<summary>b</summary>", "a b"),
    ]);
    check_posts(&[
        ("<p>One.</p><p>Two.</p>", "<p>One.</p>\n<p>Two.</p>"),
        (
            "<div>\n<b>One</b> two.\n<p>Three.</p>\n</div>",
            "<p><b>One</b> two.</p>\n<p>Three.</p>",
        ),
        (
            "<details><summary><div>a</div></summary><p>b</p>c</details>",
            "<details><summary> a</summary><p>b</p>\n<p>c</p>\n</details>",
        ),
        ("one<p>two</p>", "<p>one two</p>"),
    ]);
}

#[test]
fn a_refused_picture_leaves_its_description_and_a_typed_link_stays() {
    check_posts(&[
        ("a <img src=/b.png alt=\"a cat\"> c", "<p>a a cat c</p>"),
        (
            "<img alt='Fish &amp; chips' src=x>",
            "<p>Fish &amp; chips</p>",
        ),
        ("a<img src=/b.png>c", "<p>ac</p>"),
        (
            "see <a href=\"/b?c=1&amp;d=2\">this</a>.",
            "<p>see <a href=\"/b?c=1&amp;d=2\">this</a>.</p>",
        ),
        (
            "<A HREF='https://example.com' target=_blank onclick=x title=t>*b*</A>",
            "<p><a href=\"https://example.com\" rel=\"noopener\" title=\"t\"><em>b</em></a></p>",
        ),
        ("<a href=javascript:alert(1)>a</a>", "<p>a</p>"),
        (
            "<a href=\"java&Tab;script&colon;alert(1)\">a</a>",
            "<p>a</p>",
        ),
        ("<a name=x>a</a>", "<p>a</p>"),
        (
            "<a href=/b>a <a href=/c>d</a> e</a>",
            "<p><a href=\"/b\">a d e</a></p>",
        ),
        (
            "<a href=/b>a [d](/c) e</a>",
            "<p><a href=\"/b\">a d e</a></p>",
        ),
        (
            "[a <a href=/c>d</a> e](/b)",
            "<p><a href=\"/b\">a d e</a></p>",
        ),
        ("<a href=/b>a", "<p><a href=\"/b\">a</a></p>"),
        (
            "<div><a href=\"/b\"><img alt=logo src=x></a></div>",
            "<p><a href=\"/b\">logo</a></p>",
        ),
        ("<a href=/b></a>", "<p><a href=\"/b\">/b</a></p>"),
    ]);
}
