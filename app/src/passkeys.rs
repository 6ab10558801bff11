//! The conditions of passkeys, and the words by which pages, script and handlers speak of them.

use std::net::Ipv4Addr;

use crate::context::SiteConfig;

/// The relying party's id, to which passkeys are scoped: the host of the site's origin. None where that is an address, for which
/// browsers make none (Web Authentication, 5.1.3), and without the secret that signs challenges.
pub fn rp_id(site: &SiteConfig) -> Option<&str> {
    site.secret.as_ref()?;
    let (_, authority) = site.origin.split_once("://")?;
    let host = authority.split(':').next()?;
    let is_name = !host.starts_with('[') && host.parse::<Ipv4Addr>().is_err();
    (is_name && !host.is_empty()).then_some(host)
}

/// The use that a challenge is given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signing in.
    SignIn,
    /// Proving again who one is.
    Confirm,
    /// Adding a passkey.
    Add,
}

impl Purpose {
    const ALL: [Self; 3] = [Self::SignIn, Self::Confirm, Self::Add];

    /// The word, which forms have in `data-passkey`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Confirm => "confirm",
            Self::Add => "add",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Registration, Secret};

    #[test]
    fn passkeys_are_scoped_to_a_name() {
        for (origin, expected) in [
            ("https://site.example", Some("site.example")),
            ("https://site.example:8443", Some("site.example")),
            ("http://localhost:8787", Some("localhost")),
            ("http://127.0.0.1:8787", None),
            ("https://[::1]:8787", None),
            ("https://:8787", None),
            ("", None),
        ] {
            let mut site = SiteConfig {
                origin: origin.to_owned(),
                dev_events: None,
                shows_timing: false,
                secret: Secret::new("x".repeat(32)),
                registration: Registration::Closed,
            };
            assert_eq!(rp_id(&site), expected, "{origin}");
            site.secret = None;
            assert_eq!(rp_id(&site), None, "nothing is signed");
        }
    }
}
