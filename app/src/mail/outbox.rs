//! The outbox of development: mail is kept in memory instead of being sent, for `/dev/outbox`, and told in the log.
//!
//! One process has one, and one isolate of a Worker: what another isolate has sent is in the log alone.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db::BoxFuture;

use super::{Mail, MailError, Mailer};
use crate::html::escaped;

/// True if this build has an outbox.
pub const IS_BUILT: bool = true;

/// The mails that are kept.
const MAX_MAILS: usize = 50;

static MAILS: Mutex<VecDeque<Mail>> = Mutex::new(VecDeque::new());

struct Outbox;

/// The outbox as a sender.
pub fn mailer() -> Option<Arc<dyn Mailer>> {
    Some(Arc::new(Outbox))
}

/// The mails as a document, newest first, as they are read without HTML.
pub fn list() -> String {
    let mails = mails();
    let items = mails.iter().enumerate().map(|(number, mail)| {
        format!(
            "<h2>{}</h2><p>to {}, <a href=\"/dev/outbox/{number}\">as HTML</a></p><pre>{}</pre>",
            escaped(mail.subject),
            escaped(mail.to.as_str()),
            escaped(&mail.text)
        )
    });
    let items: String = items.collect();
    let items = match items.as_str() {
        "" => "<p>No mail yet.</p>",
        items => items,
    };
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Outbox</title>\
         <style>body{{max-width:44rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 sans-serif}}\
         pre{{white-space:pre-wrap}}</style></head>\
         <body><main><h1>Outbox</h1>{items}</main></body></html>"
    )
}

/// One mail as HTML; the newest is number 0.
pub fn html(number: usize) -> Option<String> {
    mails().get(number).map(|mail| mail.html.clone())
}

fn mails() -> MutexGuard<'static, VecDeque<Mail>> {
    MAILS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mailer for Outbox {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        log::info!("mail to {}: {} {}", mail.to, mail.subject, key(mail));
        let mut mails = mails();
        mails.push_front(mail.clone());
        mails.truncate(MAX_MAILS);
        Box::pin(async { Ok(()) })
    }
}

/// The line with the code, or with the address to go to.
fn key(mail: &Mail) -> &str {
    let is_key = |line: &&str| line.starts_with("    ") || line.contains("://");
    let body = mail.text.lines().take_while(|line| *line != "-- ");
    let mut keys = body.filter(is_key);
    keys.next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use domain::Email;

    use super::*;
    use crate::mail::{Key, Letter};

    #[test]
    fn the_log_has_what_is_to_be_typed_or_followed() {
        for (part, expected) in [
            (Key::Code("1234 5678"), "1234 5678"),
            (
                Key::Link {
                    label: "Sign in",
                    address: "https://a.example/in",
                },
                "https://a.example/in",
            ),
            (Key::None, ""),
        ] {
            let letter = Letter {
                title: "Your code",
                before: &["Type it."],
                key: part,
                after: &[],
                reason: "You asked for it.",
            };
            let to = Email::parse("ada@example.com").expect("an address");
            assert_eq!(key(&letter.to(to, "https://site.example")), expected);
        }
    }
}
