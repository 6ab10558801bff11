//! Browsers in which somebody has signed in before: a signed cookie says so. Whoever signs in by a password in another browser is
//! told of it by mail; a code is proof of the mailbox already.

use app::context::RequestContext;
use app::mail::{Key, Letter};
use axum::response::Response;
use db::queries::sign_in::SignInRow;
use domain::{Email, UserId};
use http::header::SET_COOKIE;

use super::{codes, cookie};

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

/// Tells a user by mail that they have signed in, unless it was in a browser where they had done so before.
pub(super) async fn tell_if_new(context: &RequestContext, user: &SignInRow) {
    let (Some(secret), Ok(email)) = (&context.site().secret, Email::parse(&user.email)) else {
        return;
    };
    let is_known = context
        .known_signature()
        .is_some_and(|signature| secret.has_signed(PURPOSE, &user.id.to_string(), signature));
    if is_known {
        return;
    }
    let address = format!("{}/reset", context.site().origin);
    let letter = Letter {
        title: "A new sign-in to your account",
        before: &[
            "Somebody has signed in to your account by its password, in a browser where this was not done before.",
            "Was it you? Then there is nothing to do. Was it not you? Set a new password: this ends every session, that one too.",
        ],
        key: Key::Link {
            label: "Set a new password",
            address: &address,
        },
        after: &[],
        reason: "You get this mail because your account has this address.",
    };
    codes::tell(context, email, &letter).await;
}
