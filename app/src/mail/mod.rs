//! Mail: a message and its senders. A message is made of a [`Letter`], and nothing that somebody typed stands in its headers but an
//! address that was parsed.
//!
//! Absent: the senders of each platform (the Worker's entry, the native server), and the occasions (`server/src/accounts`).

mod letter;
#[cfg(not(development))]
#[path = "no_outbox.rs"]
pub mod outbox;
#[cfg(development)]
pub mod outbox;

use std::fmt;

use db::BoxFuture;
use domain::Email;

use crate::site;

pub use letter::{Key, Letter};

/// A mail, to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The one address that it is sent to.
    pub to: Email,
    /// The subject, in the site's own words: nothing that was typed begins another header.
    pub subject: &'static str,
    /// The mail as plain text, in lines of at most 72 characters.
    pub text: String,
    /// The mail as a document.
    pub html: String,
}

/// Sends mail.
pub trait Mailer: Send + Sync {
    /// Hands a mail over to the next server on its way.
    ///
    /// # Errors
    /// When that does not take it. It was not sent then.
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>>;
}

/// An error: a mail was not taken. A sentence for operators, which may name servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailError(pub String);

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MailError {}

/// The sender as a header names it: `"Site" <mail@example.com>` (RFC 5322, 3.4).
pub fn from_header(address: &Email) -> String {
    let name = site::NAME.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{name}\" <{address}>")
}

/// Reads the setting `MAIL_FROM`.
///
/// # Errors
/// A sentence for operators, where it is missing or no address.
pub fn parse_from(setting: Option<&str>) -> Result<Email, String> {
    let text = setting.ok_or("MAIL_FROM is not set: it is the address that mail comes from.")?;
    Email::parse(text).map_err(|why| format!("MAIL_FROM is no address: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_is_an_address_and_nothing_else() {
        let from = parse_from(Some("mail@example.com")).expect("an address");
        let header = format!("\"{}\" <mail@example.com>", site::NAME);
        assert_eq!(from_header(&from), header);
        for wrong in [
            None,
            Some("mail"),
            Some("a@example.com\r\nBcc: b@example.com"),
        ] {
            assert!(parse_from(wrong).is_err_and(|why| why.starts_with("MAIL_FROM")));
        }
    }
}
