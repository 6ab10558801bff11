//! `POST /confirm`: a proof, by password or code, that a signed-in person is who they were; `POST /confirm/send`: the code for it. The
//! session gets another token.

use accounts::password::{self, Verdict};
use accounts::{Code, Token};
use app::AppError;
use app::context::RequestContext;
use app::form::BeforeForm;
use app::visitor::Limit;
use axum::Extension;
use axum::response::Response;
use db::queries::sessions::{self, Rotation, SessionRow};
use db::queries::sign_in::{self, Login};
use db::schema::tables::Event;
use domain::{CodePurpose, Email, EventKind, Password};
use url::form_urlencoded::byte_serialize;

use super::codes::{self, CodeRequest, NO_CODE, WRONG};
use super::visit::{Taken, answered, count, count_key, event, go_on, next};
use super::{cookie, guard, letters, rotation};
use crate::fields::Fields;

const PATH: &str = "/confirm";
const PURPOSE: CodePurpose = CodePurpose::Confirm;

pub(crate) async fn send(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_send(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

/// Sends to the address that the account has, and to no other.
async fn try_send(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let Some(session) = context.session().await? else {
        return Ok(Ok(signed_out(context, fields).await));
    };
    let user = sign_in::find(&context.db()?, Login::User(session.user_id)).await?;
    let email = user.and_then(|user| Email::parse(&user.email).ok());
    let email = email.ok_or(AppError::Unauthenticated)?;
    count(context, Limit::Code).await?;
    count_key(context, Limit::Code, &format!("session {}", session.id)).await?;
    let request = CodeRequest {
        id: CodeRequest::id(fields),
        purpose: PURPOSE,
        user_id: Some(session.user_id),
        email,
    };
    let cookie = codes::send(context, request, letters::confirm).await?;
    let next: String = byte_serialize(next(fields).as_bytes()).collect();
    Ok(Ok(go_on(&format!("{PATH}?next={next}"), cookie)))
}

pub(crate) async fn confirm(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_confirm(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_confirm(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let Some(session) = context.session().await? else {
        // This form may have been sent before.
        return Ok(Ok(match rotation::done_before(context, fields).await? {
            Some(token) => go_on(next(fields), cookie::set(&token)),
            None => signed_out(context, fields).await,
        }));
    };
    let proof = match fields.get("code") {
        "" => by_password(context, &session, fields).await?,
        code => by_code(context, &session, code).await?,
    };
    if let Err((field, why)) = proof {
        codes::note_wrong(context, Some(session.user_id)).await?;
        return Ok(Err(fields.refused(field, why)));
    }
    let event = event(EventKind::Confirmed, context, &session);
    Ok(Ok(match rotate(context, fields, &event).await? {
        Some(token) => go_on(next(fields), cookie::set(&token)),
        // It was ended meanwhile, or the first of two clicks has had its answer.
        None => match rotation::done_before(context, fields).await? {
            Some(token) => go_on(next(fields), cookie::set(&token)),
            None => signed_out(context, fields).await,
        },
    }))
}

/// A proof, or the field that is not right and the sentence about it.
type Proof = Result<(), (&'static str, &'static str)>;

async fn by_password(
    context: &RequestContext,
    session: &SessionRow,
    fields: &Fields,
) -> Result<Proof, AppError> {
    count(context, Limit::SignIn).await?;
    // By the session: strangers who try the account do not keep its owner from this.
    count_key(context, Limit::SignIn, &format!("session {}", session.id)).await?;
    let user = sign_in::find(&context.db()?, Login::User(session.user_id)).await?;
    let user = user.ok_or(AppError::Unauthenticated)?;
    let verdict = match Password::typed(fields.get("password")) {
        Some(typed) => password::verify(&typed, Some(&user.password_hash)),
        // Too long to be anybody's.
        None => Ok(Verdict::Wrong),
    };
    let verdict = verdict.map_err(|error| AppError::internal(&error))?;
    Ok(match verdict {
        Verdict::Wrong => Err(("password", "This is not your password.")),
        Verdict::Right { .. } => Ok(()),
    })
}

/// Not counted by the account: whoever tries its password too often does not keep its owner out.
async fn by_code(
    context: &RequestContext,
    session: &SessionRow,
    code: &str,
) -> Result<Proof, AppError> {
    count(context, Limit::SignIn).await?;
    let Some(code) = Code::parse(code) else {
        return Ok(Err(("code", NO_CODE)));
    };
    let used = codes::take(context, PURPOSE, &code).await?;
    Ok(match used {
        Some(used) if used.user_id == Some(session.user_id) => Ok(()),
        _ => Err(("code", WRONG)),
    })
}

/// Gives the session its next token, and notes the proof by this event. None if the session was ended meanwhile.
pub(super) async fn rotate(
    context: &RequestContext,
    fields: &Fields,
    event: &Event,
) -> Result<Option<Token>, AppError> {
    let Some(previous) = context.session_hash() else {
        return Ok(None);
    };
    let token = rotation::next_token(context, fields)?;
    let rotation = Rotation {
        from: &previous,
        to: &token.hash(),
    };
    let is_done = sessions::confirm(&context.db()?, rotation, event).await?;
    Ok(is_done.then_some(token))
}

/// The page that holds the form of somebody whose session is over.
pub(super) async fn signed_out(context: &RequestContext, fields: &Fields) -> Response {
    guard::hold(context, fields.held(BeforeForm::SignIn)).await
}
