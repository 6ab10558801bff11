//! `POST /logout`, and ending the session of another browser.

use app::context::RequestContext;
use app::form::BeforeForm;
use app::{AppError, Problem};
use axum::Extension;
use axum::response::Response;
use db::queries::sessions;
use domain::{EventKind, SessionId};
use uuid::Uuid;

use super::cookie;
use super::guard::hold;
use super::visit::{count_write, event, go_on};
use crate::fields::Fields;

/// Ends the session of this browser; without one there is nothing to end.
pub(crate) async fn sign_out(
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Problem> {
    if let (Some(session), Some(hash)) = (context.session().await?, context.session_hash()) {
        let event = event(EventKind::SignedOut, &context, &session);
        sessions::end(&context.db()?, &hash, &event).await?;
    }
    Ok(go_on("/", cookie::clear()))
}

/// Ends one session of the person who is signed in.
pub(crate) async fn end(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Result<Response, Problem> {
    let Some(session) = context.session().await? else {
        return Ok(hold(&context, fields.held(BeforeForm::SignIn)).await);
    };
    count_write(&context, session.user_id).await?;
    let id = Uuid::parse_str(fields.get("session")).map(SessionId);
    let id = id.map_err(|_| AppError::NotFound)?;
    let event = event(EventKind::SessionRevoked, &context, &session);
    sessions::revoke(&context.db()?, session.user_id, id, &event).await?;
    Ok(go_on("/settings?changed=session", None))
}
