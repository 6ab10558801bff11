//! `POST /logout`, and ending the session of another browser.

use app::context::RequestContext;
use app::{AppError, Problem};
use axum::Extension;
use axum::response::Response;
use db::queries::events::Origin;
use db::queries::sessions;
use db::schema::tables::Event;
use domain::{EventKind, SessionId, Timestamp};
use uuid::Uuid;

use super::cookie;
use super::fields::Fields;
use super::visit::{go_on, origin};

/// Ends the session of this browser; without one there is nothing to end.
pub(crate) async fn sign_out(
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Problem> {
    if let (Some(session), Some(hash)) = (context.session().await?, context.session_hash()) {
        let origin = Origin {
            actor: Some(session.user_id),
            session: Some(session.id),
            ..origin(&context)
        };
        let now = Timestamp::now();
        let event = Event::new(EventKind::SignedOut, Some(session.user_id), origin, now);
        sessions::end(&context.db()?, &hash, &event).await?;
    }
    Ok(go_on("/", cookie::clear()))
}

/// Ends one session of the person who is signed in.
pub(crate) async fn end(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Result<Response, Problem> {
    let session = context.session().await?.ok_or(AppError::Unauthenticated)?;
    let id = Uuid::parse_str(fields.get("session")).map(SessionId);
    let id = id.map_err(|_| AppError::NotFound)?;
    let origin = Origin {
        actor: Some(session.user_id),
        session: Some(session.id),
        ..origin(&context)
    };
    let now = Timestamp::now();
    let event = Event::new(
        EventKind::SessionRevoked,
        Some(session.user_id),
        origin,
        now,
    );
    sessions::revoke(&context.db()?, session.user_id, id, &event).await?;
    Ok(go_on("/settings", None))
}
