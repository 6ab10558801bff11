//! `POST /confirm/passkey`: a proof, by a passkey, that a signed-in person is who they were. The session gets another token.

use app::AppError;
use app::context::RequestContext;
use app::passkeys::Purpose;
use axum::Extension;
use axum::response::Response;
use db::schema::tables::Event;
use domain::EventKind;

use super::proof::{self, once};
use crate::accounts::confirm::{rotate, signed_out};
use crate::accounts::cookie;
use crate::accounts::visit::{Taken, answered, event, go_on, next};
use crate::fields::Fields;

const PATH: &str = "/confirm";

pub(crate) async fn confirm(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_confirm(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_confirm(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let Some(session) = context.session().await? else {
        return Ok(Ok(signed_out(context, fields).await));
    };
    let proof = proof::take(context, fields, Purpose::Confirm, Some(session.user_id)).await?;
    let proof = match proof {
        Ok(proof) => proof,
        Err(why) => return Ok(Err(fields.state().refused(why))),
    };
    let event = Event {
        id: proof.event,
        ..event(EventKind::Confirmed, context, &session)
    };
    Ok(match once(rotate(context, fields, &event).await)? {
        Ok(Some(token)) => Ok(go_on(next(fields), cookie::set(&token))),
        // It was ended meanwhile.
        Ok(None) => Ok(signed_out(context, fields).await),
        Err(why) => Err(fields.state().refused(why)),
    })
}
