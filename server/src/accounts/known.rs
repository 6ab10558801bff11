//! Browsers in which somebody has signed in before: a signed cookie says so. Whoever signs in by a password in another browser is
//! told of it by mail; a code is proof of the mailbox already.

use app::context::RequestContext;
use axum::response::Response;
use domain::UserId;
use http::header::SET_COOKIE;

use super::cookie;

/// The purpose that is signed, so that no signature by the same secret for something else is valid here.
const PURPOSE: &str = "known browser";

/// Notes in the browser that this user has signed in there. Without a secret nothing is noted.
pub(super) fn remember(context: &RequestContext, id: UserId, response: &mut Response) {
    let secret = context.site().secret.as_ref();
    let signature = secret.map(|secret| secret.sign(PURPOSE, &id.to_string()));
    if let Some(cookie) = signature.and_then(|signature| cookie::set_known(&signature)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// True if this user has signed in in this browser before.
pub(super) fn is_known(context: &RequestContext, id: UserId) -> bool {
    let (secret, signature) = (context.site().secret.as_ref(), context.known_signature());
    secret
        .zip(signature)
        .is_some_and(|(secret, signature)| secret.has_signed(PURPOSE, &id.to_string(), signature))
}
