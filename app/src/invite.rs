//! Invites, as far as the page that shows one and the form that makes it have to agree.

use accounts::Token;
use domain::{InviteId, UserId};

use crate::context::SiteConfig;

/// The most characters of a note of whom an invite is for.
pub const MAX_NOTE: usize = 80;

/// The purpose that is signed.
const PURPOSE: &str = "invite";

/// The token of an invite, made of who invites and of its id by the site's secret: only its hash is stored, and still a form that is
/// sent twice makes one invite, and the page can show its link for some minutes. None without a secret.
pub fn token(site: &SiteConfig, inviter: UserId, id: InviteId) -> Option<Token> {
    let secret = site.secret.as_ref()?;
    Some(Token::from_bytes(
        secret.derive(PURPOSE, &format!("{inviter} {id}")),
    ))
}

/// The link to send.
pub(crate) fn address(site: &SiteConfig, token: &Token) -> String {
    format!("{}/invite?token={}", site.origin, token.as_str())
}
