//! Pictures: size, order of loading, and address.

use super::{check_posts, plain, post};

#[test]
fn a_picture_has_only_the_size_that_was_given() {
    check_posts(&[
        (
            "![passing](/apple-touch-icon.png)",
            "<figure><img src=\"/apple-touch-icon.png\" alt=\"passing\" loading=\"eager\" decoding=\"async\"></figure>",
        ),
        (
            "a ![b](/c.png) d",
            "<p>a <img src=\"/c.png\" alt=\"b\" loading=\"eager\" decoding=\"async\"> d</p>",
        ),
        (
            "![b](/c.png#64x48)",
            "<figure><img src=\"/c.png\" alt=\"b\" loading=\"eager\" decoding=\"async\" width=\"64\" height=\"48\"></figure>",
        ),
    ]);
}

#[test]
fn only_the_first_picture_is_loaded_at_once() {
    let html = post("![a](/a.png)\n\nb ![c](/c.png)\n\n- ![d](/d.png)").html;
    let loading: Vec<_> = html
        .split("loading=\"")
        .skip(1)
        .map(|rest| &rest[..5])
        .collect();
    assert_eq!(loading, ["eager", "lazy\"", "lazy\""]);
    let html = post("![no](data:image/png;base64,a) ![a](/a.png)").html;
    assert!(html.contains("loading=\"eager\""), "{html}");
}

#[test]
fn pictures_are_loaded_over_https() {
    for (url, expected) in [
        (
            "http://example.com/a.png",
            Some("https://example.com/a.png"),
        ),
        (
            "HTTP://example.com/a.png?b=1#64x48",
            Some("https://example.com/a.png?b=1"),
        ),
        (
            "http://example.com:80/a.png",
            Some("https://example.com/a.png"),
        ),
        (
            "http:\\\\example.com/é.png",
            Some("https://example.com/%C3%A9.png"),
        ),
        (
            "https://example.com/a.png",
            Some("https://example.com/a.png"),
        ),
        ("//example.com/a.png", Some("//example.com/a.png")),
        // Another port is another server, which does not speak TLS there.
        ("http://example.com:8080/a.png", None),
    ] {
        let html = post(&format!("![what it shows](<{url}>)")).html;
        match expected {
            Some(src) => assert!(html.contains(&format!("src=\"{src}\"")), "{url}: {html}"),
            None => assert_eq!(plain(&html), "<p>what it shows</p>", "{url}"),
        }
    }
}
