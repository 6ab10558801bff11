//! Addresses of pages elsewhere that people link to, as the Markdown of posts has them, but over HTTPS alone.

use url::{Host, Url};

/// The most characters, as they are stored.
const MAX: usize = 500;
const FORM: &str = "An address of a link looks like https://example.com/me.";

/// Takes `text` as an address, written as a browser would. Its host has a name, in which letters of other scripts are spelled in ASCII,
/// so that none passes for another.
///
/// # Errors
/// A sentence for the person who typed it.
pub(super) fn parse(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| FORM)?;
    let is_named =
        matches!(url.host(), Some(Host::Domain(name)) if name.trim_end_matches('.').contains('.'));
    // What stands before an @ passes for the host.
    let is_bare = url.username().is_empty() && url.password().is_none();
    if url.scheme() != "https" || !is_named || !is_bare {
        return Err(FORM);
    }
    if url.as_str().len() > MAX {
        return Err("An address of a link has at most 500 characters.");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_stored_as_browsers_write_them() {
        for (typed, stored) in [
            ("https://ada.example", "https://ada.example/"),
            (
                "HTTPS://Ada.Example:443/a b?q=<\">",
                "https://ada.example/a%20b?q=%3C%22%3E",
            ),
            (
                "https://bücher.example/夜",
                "https://xn--bcher-kva.example/%E5%A4%9C",
            ),
            ("https://аda.example", "https://xn--da-6kc.example/"),
            ("https://ada.example/\ta\r\n", "https://ada.example/a"),
        ] {
            assert_eq!(
                parse(typed).map(String::from),
                Ok(stored.to_owned()),
                "{typed}"
            );
        }
    }

    #[test]
    fn what_is_no_page_elsewhere_is_refused() {
        for wrong in [
            "",
            "ada.example",
            "/users/ada",
            "//ada.example",
            "http://ada.example",
            "javascript:alert(1)",
            " java\tscript:alert(1)",
            "data:text/html,a",
            "mailto:ada@example.com",
            "https://",
            "https://localhost",
            "https://localhost./",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://ada:secret@ada.example",
            "https://site.example@evil.example",
        ] {
            assert_eq!(parse(wrong), Err(FORM), "{wrong}");
        }
        let long = format!("https://ada.example/{}", "夜".repeat(60));
        assert!(parse(&long).is_err_and(|why| why.contains("at most 500")));
    }
}
