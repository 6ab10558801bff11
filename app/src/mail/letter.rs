//! The one template of all mails, as plain text and as HTML, from one description.
//!
//! The HTML is small and has its styles inline, as mail clients want it; light is the default, because not all know dark. Colours
//! are those of style/tokens.css.

use domain::Email;

use super::Mail;
use crate::html::escaped;
use crate::site;

/// The most characters of a line of plain text (RFC 5322 recommends less than 78; quotations need some).
const MAX_LINE: usize = 72;

/// The sentences of a mail.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// The subject and the heading.
    pub title: &'static str,
    /// The sentences before the key.
    pub before: &'a [&'a str],
    /// The part that the mail was sent for.
    pub key: Key<'a>,
    /// The sentences after it.
    pub after: &'a [&'a str],
    /// The reason why its reader has got it.
    pub reason: &'a str,
}

/// The part that a mail is sent for.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// None: it tells of something.
    None,
    /// A code, to be typed.
    Code(&'a str),
    /// An address, to go to.
    Link {
        /// The words of the link.
        label: &'static str,
        /// The address.
        address: &'a str,
    },
}

impl Letter<'_> {
    /// The mail to this address, from the site at `origin`.
    pub fn to(&self, to: Email, origin: &str) -> Mail {
        Mail {
            to,
            subject: self.title,
            text: self.text(origin),
            html: self.html(origin),
        }
    }

    fn text(&self, origin: &str) -> String {
        let mut parts = vec![self.title.to_owned()];
        parts.extend(self.before.iter().map(|text| wrapped(text)));
        match self.key {
            Key::None => {}
            Key::Code(code) => parts.push(format!("    {code}")),
            // A line of its own, however long: broken addresses lead nowhere.
            Key::Link { label, address } => parts.push(format!("{label}:\n{address}")),
        }
        parts.extend(self.after.iter().map(|text| wrapped(text)));
        parts.push(format!(
            "-- \n{}\n{}\n{origin}",
            wrapped(self.reason),
            site::NAME
        ));
        parts.join("\n\n") + "\n"
    }

    fn html(&self, origin: &str) -> String {
        const P: &str = "<p style=\"margin:0 0 16px\">";
        let paragraphs = |all: &[&str]| -> String {
            let all = all.iter().map(|text| format!("{P}{}</p>", escaped(text)));
            all.collect()
        };
        let title = escaped(self.title);
        let name = escaped(site::NAME);
        let language = site::LANGUAGE;
        let before = paragraphs(self.before);
        let key = match self.key {
            Key::None => String::new(),
            Key::Code(code) => format!(
                "<p class=\"s\" style=\"margin:0 0 16px;padding:16px;background:#edf1ea;border-left:4px solid #ffc61a;\
                 font:600 28px/1.2 Consolas,Menlo,monospace;letter-spacing:2px\">{}</p>",
                escaped(code)
            ),
            Key::Link { label, address } => format!(
                "{P}<a href=\"{0}\" style=\"display:inline-block;padding:12px 20px;background:#ffc61a;color:#17221d;\
                 font-weight:600;text-decoration:none\">{label}</a></p>{P}<a class=\"a\" href=\"{0}\" \
                 style=\"color:#7a5700;word-break:break-all\">{0}</a></p>",
                escaped(address).replace('"', "&quot;")
            ),
        };
        let after = paragraphs(self.after);
        let reason = escaped(self.reason);
        let origin = escaped(origin).replace('"', "&quot;");
        format!(
            "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
             <style>:root{{color-scheme:light dark}}@media(prefers-color-scheme:dark){{\
             .p{{background:#101714!important;color:#e1e8e2!important}}.s{{background:#19221e!important}}\
             .m{{color:#9daaa2!important;border-color:#33403a!important}}.a{{color:#f2c14a!important}}}}</style></head>\
             <body class=\"p\" style=\"margin:0;background:#f8faf6;color:#17221d;\
             font:16px/1.6 Charter,Georgia,serif\">\
             <div style=\"max-width:34em;margin:0 auto;padding:32px 20px\">\
             <p style=\"margin:0 0 24px;font:600 16px/1.4 Seravek,'Segoe UI',sans-serif\">{name}</p>\
             <h1 style=\"margin:0 0 16px;font-size:24px;line-height:1.25\">{title}</h1>\
             {before}{key}{after}\
             <p class=\"m\" style=\"margin:32px 0 0;padding-top:16px;border-top:1px solid #cbd4ca;color:#53615a;\
             font:13px/1.5 Seravek,'Segoe UI',sans-serif\">{reason}<br>{name}, \
             <a class=\"m\" href=\"{origin}\" style=\"color:#53615a\">{origin}</a></p></div></body></html>\n"
        )
    }
}

/// `text` in lines of at most [`MAX_LINE`] characters; a longer word has a line of its own.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > MAX_LINE {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "Somebody, most likely you, has asked for a new password. Type this code in the same browser \
                          within ten minutes: it is good for nothing else, and nowhere else.";

    fn mail(key: Key<'_>) -> Mail {
        let letter = Letter {
            title: "Your code",
            before: &[BEFORE],
            key,
            after: &["Was it <b>not</b> \"you\" & yours? Do nothing."],
            reason: "You get this mail because your address was typed on the site.",
        };
        let to = Email::parse("ada@example.com").expect("an address");
        letter.to(to, "https://site.example")
    }

    #[test]
    fn a_mail_is_one_text_in_two_forms() {
        let Mail { text, html, .. } = mail(Key::Code("1234 5678"));
        let expected = "Your code\n\n\
             Somebody, most likely you, has asked for a new password. Type this code\n\
             in the same browser within ten minutes: it is good for nothing else, and\n\
             nowhere else.\n\n    1234 5678\n\n\
             Was it <b>not</b> \"you\" & yours? Do nothing.\n\n-- \n\
             You get this mail because your address was typed on the site.\n\
             {}\nhttps://site.example\n";
        assert_eq!(text, expected.replace("{}", site::NAME));
        assert!(html.contains(">1234 5678</p>"), "{html}");
        assert!(
            html.contains("&lt;b&gt;not&lt;/b&gt; \"you\" &amp; yours?"),
            "{html}"
        );
        assert!(html.contains("name=\"color-scheme\" content=\"light dark\""));
        assert!(html.contains("prefers-color-scheme:dark"));
    }

    #[test]
    fn an_address_is_not_broken_and_cannot_leave_its_attribute() {
        let long = format!("https://site.example/{}", "x".repeat(100));
        let link = |address| Key::Link {
            label: "Sign in",
            address,
        };
        let Mail { text, html, .. } = mail(link(&long));
        assert!(text.contains(&format!("Sign in:\n{long}\n")), "{text}");
        assert!(html.contains(&format!("href=\"{long}\"")), "{html}");
        let html = mail(link("https://a.example/\"><script>")).html;
        assert!(
            !html.contains("<script>") && !html.contains("example/\">"),
            "{html}"
        );
    }

    #[test]
    fn lines_are_counted_in_characters() {
        let word = "ж".repeat(30);
        let text = wrapped(&format!("{word} {word} {word}"));
        let lines: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        assert_eq!(lines, [61, 30]);
        assert_eq!(wrapped("  a\r\nb\t c "), "a b c");
    }
}
