//! `POST /settings/email`: a code to another address; `POST /settings/email/code`: that address by it.
//!
//! Addresses with and without an account have one answer: a mail goes to either, and only who can read it learns more.

use accounts::Code;
use accounts::policy::{Action, Relation};
use app::AppError;
use app::context::RequestContext;
use app::visitor::Limit;
use axum::Extension;
use axum::response::Response;
use db::DbError;
use db::queries::accounts as stored;
use db::queries::codes as stored_codes;
use db::queries::sign_in::{self, Login};
use domain::{CodePurpose, Email, EventKind};

use super::codes::{self, CodeRequest, NO_CODE, WRONG};
use super::guard::allowed;
use super::letters;
use super::visit::{Taken, answered, count, count_key, event, go_on};
use crate::fields::Fields;

const ASK: &str = "/settings/email";
const CODE: &str = "/settings/email/code";
const DONE: &str = "/settings?changed=email";
const PURPOSE: CodePurpose = CodePurpose::ChangeEmail;

pub(crate) async fn ask(Extension(context): Extension<RequestContext>, fields: Fields) -> Response {
    let outcome = try_ask(&context, &fields).await;
    answered(&context, ASK, &fields, outcome).await
}

async fn try_ask(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let session = match allowed(context, Action::ChangeEmail, Relation::Own, fields).await? {
        Ok(session) => session,
        Err(response) => return Ok(Ok(response)),
    };
    let email = match Email::parse(fields.get("email")) {
        Ok(email) => email,
        Err(why) => return Ok(Err(fields.refused("email", why.0))),
    };
    count(context, Limit::Code).await?;
    count_key(context, Limit::Code, &format!("user {}", session.user_id)).await?;
    let owner = sign_in::find(&context.db()?, Login::Email(&email)).await?;
    let write = match owner.map(|owner| owner.id) {
        None => letters::change_email,
        Some(id) if id == session.user_id => {
            return Ok(Err(fields.refused("email", "This is your address already.")));
        }
        Some(_) => letters::email_taken,
    };
    let request = CodeRequest {
        id: CodeRequest::id(fields),
        purpose: PURPOSE,
        user_id: Some(session.user_id),
        email,
    };
    let cookie = codes::send(context, request, write).await?;
    Ok(Ok(go_on(CODE, cookie)))
}

pub(crate) async fn change(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_change(&context, &fields).await;
    answered(&context, CODE, &fields, outcome).await
}

async fn try_change(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let session = match allowed(context, Action::ChangeEmail, Relation::Own, fields).await? {
        Ok(session) => session,
        Err(response) => return Ok(Ok(response)),
    };
    let Some(code) = Code::parse(fields.get("code")) else {
        return Ok(Err(fields.refused("code", NO_CODE)));
    };
    count(context, Limit::SignIn).await?;
    let (db, id) = (context.db()?, session.user_id);
    let used = codes::take(context, PURPOSE, &code).await?;
    // Somebody else may have asked for it in this browser.
    let used = used.filter(|used| used.user_id == Some(id));
    let account = stored::find(&db, id).await?;
    let account = account.ok_or(AppError::Unauthenticated)?;
    let Some((code, new)) = used.and_then(|used| Some((used.id, Email::parse(&used.email).ok()?)))
    else {
        // A form that was sent before has done what it was sent for.
        let is_done = account.email == fields.get("email");
        return Ok(match is_done {
            true => Ok(go_on(DONE, None)),
            false => Err(fields.refused("code", WRONG)),
        });
    };
    let event = event(EventKind::EmailChanged, context, &session);
    match stored::change_email(&db, id, &new, &event).await {
        Ok(true) => {
            if let Ok(old) = Email::parse(&account.email) {
                codes::tell(context, old, &letters::EMAIL_GIVEN_UP).await;
            }
            codes::tell(context, new, &letters::EMAIL_CHANGED).await;
        }
        Ok(false) => {}
        // Whoever has read the code may know it.
        Err(DbError::Unique { .. }) => {
            let why = "Another account has this address by now. Please take another address.";
            return Ok(Err(fields.state().refused(why)));
        }
        Err(error) => {
            stored_codes::give_back(&db, code).await?;
            return Err(error.into());
        }
    }
    Ok(Ok(go_on(DONE, None)))
}
