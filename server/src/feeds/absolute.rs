//! Addresses in the HTML of a post, made absolute: in a feed reader there is no page that a relative one could belong to.

use url::Url;

/// `html` with the address of `page` before each relative `href` and `src`. It is sanitised HTML: values are in double quotes, and
/// a `<` begins a tag. Text is left as it is, also where it looks like an attribute.
pub(super) fn absolute(html: &str, page: &Url) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 16);
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        out.push_str(text);
        out.push('<');
        rest = tag_end(tag, page, &mut out);
    }
    out.push_str(rest);
    out
}

/// Writes the rest of a tag; returns what follows it.
fn tag_end<'a>(tag: &'a str, page: &Url, out: &mut String) -> &'a str {
    let mut rest = tag;
    loop {
        let Some(at) = rest.find(['"', '>']) else {
            out.push_str(rest);
            return "";
        };
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let Some(value) = found.strip_prefix('"') else {
            out.push('>');
            return &found[1..];
        };
        let (value, after) = value.split_once('"').unwrap_or((value, ""));
        let is_address = before.ends_with(" href=") || before.ends_with(" src=");
        out.push('"');
        match is_address.then(|| joined(value, page)).flatten() {
            Some(address) => out.push_str(&address),
            None => out.push_str(value),
        }
        out.push('"');
        rest = after;
    }
}

/// The absolute address of a relative one, as text of HTML. `None` if it is absolute, or is no address.
fn joined(value: &str, page: &Url) -> Option<String> {
    if Url::parse(value) != Err(url::ParseError::RelativeUrlWithoutBase) {
        return None;
    }
    // In an address of HTML, `&amp;` is the only reference that the sanitiser writes which an address needs.
    let address = page.join(&value.replace("&amp;", "&")).ok()?;
    Some(address.as_str().replace('&', "&amp;"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn relative_addresses_get_the_page_before_them() {
        let page = Url::parse("https://site.example/posts/a").unwrap();
        for (html, expected) in [
            (
                r##"<a href="#fn1">1</a>"##,
                r##"<a href="https://site.example/posts/a#fn1">1</a>"##,
            ),
            (
                r#"<a class="x" href="/users/b?c=1&amp;d=2">b</a>"#,
                r#"<a class="x" href="https://site.example/users/b?c=1&amp;d=2">b</a>"#,
            ),
            (
                r#"<a href="other">o</a>"#,
                r#"<a href="https://site.example/posts/other">o</a>"#,
            ),
            (
                r#"<img src="/media/夜.png" alt="a > b">"#,
                r#"<img src="https://site.example/media/%E5%A4%9C.png" alt="a > b">"#,
            ),
            (
                r#"<a href="//cdn.example/x">x</a>"#,
                r#"<a href="https://cdn.example/x">x</a>"#,
            ),
            // What is absolute, what is text, and what is another attribute stay.
            (
                r#"<a href="https://b.example/?a=1&amp;b">b</a>"#,
                r#"<a href="https://b.example/?a=1&amp;b">b</a>"#,
            ),
            (
                r#"<a href="mailto:a@b.example">m</a>"#,
                r#"<a href="mailto:a@b.example">m</a>"#,
            ),
            (
                r#"<code> href="/x" src="/y"</code>"#,
                r#"<code> href="/x" src="/y"</code>"#,
            ),
            (
                r#"<p title=" href=" id="/z">&lt;a href="/q"&gt;</p>"#,
                r#"<p title=" href=" id="/z">&lt;a href="/q"&gt;</p>"#,
            ),
            ("no tag", "no tag"),
            (r#"<a href="/x"#, r#"<a href="https://site.example/x""#),
        ] {
            assert_eq!(absolute(html, &page), expected);
        }
    }
}
