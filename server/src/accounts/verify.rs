//! `POST /verify`: proving the address by the code that was mailed at sign-up; `POST /verify/send`: having another one sent.

use accounts::Code;
use app::AppError;
use app::context::RequestContext;
use app::form::BeforeForm;
use app::visitor::Limit;
use axum::Extension;
use axum::response::Response;
use db::queries::accounts as stored;
use domain::{CodeId, CodePurpose, Email, EventKind, UserId};
use http::HeaderValue;

use super::codes::{self, CodeRequest, NO_CODE, WRONG};
use super::guard::hold;
use super::letters;
use super::visit::{Taken, answered, count, count_key, event, go_on};
use crate::fields::Fields;

const PATH: &str = "/verify";
const DONE: &str = "/settings?changed=verified";
const PURPOSE: CodePurpose = CodePurpose::VerifyEmail;

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
        return Ok(Ok(hold(context, fields.held(BeforeForm::SignIn)).await));
    };
    let account = stored::find(&context.db()?, session.user_id).await?;
    let account = account.ok_or(AppError::Unauthenticated)?;
    let Some(email) = unverified(&account) else {
        return Ok(Ok(go_on(DONE, None)));
    };
    count(context, Limit::Code).await?;
    count_key(context, Limit::Code, &format!("session {}", session.id)).await?;
    let cookie = request(context, CodeRequest::id(fields), session.user_id, email).await?;
    Ok(Ok(go_on(PATH, cookie)))
}

/// The address of an account, if nobody has proved it yet.
fn unverified(account: &stored::Account) -> Option<Email> {
    match account.email_verified_at {
        Some(_) => None,
        None => Email::parse(&account.email).ok(),
    }
}

/// Sends a code to the address of an account. Returns the cookie by which it will know the browser.
///
/// # Errors
/// Those of [`codes::send`].
pub(super) async fn request(
    context: &RequestContext,
    id: CodeId,
    user_id: UserId,
    email: Email,
) -> Result<Option<HeaderValue>, AppError> {
    let request = CodeRequest {
        id,
        purpose: PURPOSE,
        user_id: Some(user_id),
        email,
    };
    codes::send(context, request, letters::verify).await
}

pub(crate) async fn verify(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_verify(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_verify(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let Some(session) = context.session().await? else {
        return Ok(Ok(hold(context, fields.held(BeforeForm::SignIn)).await));
    };
    let Some(code) = Code::parse(fields.get("code")) else {
        return Ok(Err(fields.refused("code", NO_CODE)));
    };
    count(context, Limit::SignIn).await?;
    let used = codes::take(context, PURPOSE, &code).await?;
    let used = used.filter(|used| used.user_id == Some(session.user_id));
    match used.map(|used| Email::parse(&used.email)) {
        Some(Ok(email)) => {
            let event = event(EventKind::EmailVerified, context, &session);
            stored::verify_email(&context.db()?, session.user_id, &email, &event).await?;
        }
        // A form that was sent before has done what it was asked for.
        _ if is_verified(context, session.user_id).await? => {}
        _ => return Ok(Err(fields.refused("code", WRONG))),
    }
    Ok(Ok(go_on(DONE, None)))
}

async fn is_verified(context: &RequestContext, id: UserId) -> Result<bool, AppError> {
    let account = stored::find(&context.db()?, id).await?;
    Ok(account.is_some_and(|account| account.email_verified_at.is_some()))
}
