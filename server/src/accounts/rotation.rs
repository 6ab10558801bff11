//! The next token of a session, by which it is known after its user has proved who they are.
//!
//! It is drawn; or, for a form with an id, made of the present token and that id by the site's secret. A browser that sends a form
//! twice, as at a double click, throws away the first response with its cookie: the second makes the token again, and is its answer.
//! Nobody makes it who does not know the secret.

use accounts::{NoRandomness, Token};
use app::AppError;
use app::context::RequestContext;
use db::queries::sessions;
use domain::Timestamp;

use crate::fields::Fields;

/// The purpose that is signed.
const PURPOSE: &str = "next token";

/// The token that this form gives to the session of this browser.
///
/// # Errors
/// [`AppError::Internal`] without random bytes.
pub(super) fn next_token(context: &RequestContext, fields: &Fields) -> Result<Token, AppError> {
    match derived(context, fields) {
        Some(token) => Ok(token),
        None => Token::new().map_err(|error: NoRandomness| AppError::internal(&error)),
    }
}

/// The token that this form gave to a session when it was sent before.
///
/// # Errors
/// Any error of the database.
pub(super) async fn done_before(
    context: &RequestContext,
    fields: &Fields,
) -> Result<Option<Token>, AppError> {
    let Some(token) = derived(context, fields) else {
        return Ok(None);
    };
    let now = Timestamp::now();
    let session = sessions::find(&context.db()?, &token.hash(), now).await?;
    Ok(session
        .filter(|session| session.is_confirmed(now))
        .map(|_| token))
}

fn derived(context: &RequestContext, fields: &Fields) -> Option<Token> {
    let (secret, hash) = (context.site().secret.as_ref()?, context.session_hash()?);
    let id = fields.get("id");
    (!id.is_empty()).then(|| Token::from_bytes(secret.derive(PURPOSE, &format!("{hash} {id}"))))
}
