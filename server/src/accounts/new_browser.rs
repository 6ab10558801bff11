//! The mail about a sign-in by a password in a browser where it was not done before; a code is proof of the mailbox already,
//! and a passkey of the device.

use app::context::RequestContext;
use app::mail::{Key, Letter};
use db::queries::sign_in::SignInRow;

use super::{codes, known};

/// Tells a user by mail that they have signed in, unless it was in a browser where they had done so before.
pub(super) async fn tell(context: &RequestContext, user: &SignInRow) {
    if context.site().secret.is_none() {
        return;
    }
    if known::is_known(context, user.id) {
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
    let is_proved = user.email_verified_at.is_some();
    codes::tell_owner(context, &user.email, is_proved, &letter).await;
}
