//! `POST /reset`: a code by mail for who has forgotten the password; `POST /reset/code`: a new password by it.
//!
//! Known and unknown addresses have one answer: a mail goes to either. Who has no account is told so there.

use accounts::{Code, password};
use app::AppError;
use app::context::RequestContext;
use app::form::FormState;
use app::site;
use app::visitor::Limit;
use axum::Extension;
use axum::response::Response;
use db::Db;
use db::queries::accounts as stored;
use db::queries::codes::{self as stored_codes, UsedCode};
use db::queries::events;
use db::queries::passwords;
use db::queries::sign_in::{self, Login, SignInRow};
use db::schema::tables::Event;
use domain::lifetimes::CODE_REPEAT_WINDOW;
use domain::{
    CodePurpose, Email, EventKind, NewPassword, PageRequest, Password, Timestamp, UserId,
};

use super::codes::{self, NO_CODE, WRONG};
use super::leave::not_open;
use super::visit::{
    Taken, answered, begin_session, begin_session_by, count, count_account, go_on, origin,
};
use super::{known, letters};
use crate::fields::Fields;

const ASK: &str = "/reset";
const SET: &str = "/reset/code";
const DONE: &str = "/settings?changed=reset";
const PURPOSE: CodePurpose = CodePurpose::ResetPassword;

pub(crate) async fn ask(Extension(context): Extension<RequestContext>, fields: Fields) -> Response {
    let outcome = try_ask(&context, &fields).await;
    answered(&context, ASK, &fields, outcome).await
}

async fn try_ask(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let sent = codes::send_to_typed(context, fields, PURPOSE, letters::reset).await?;
    let cookie = match sent {
        Ok(cookie) => cookie,
        Err(state) => return Ok(Err(state)),
    };
    Ok(Ok(go_on(SET, cookie)))
}

pub(crate) async fn set(Extension(context): Extension<RequestContext>, fields: Fields) -> Response {
    let outcome = try_set(&context, &fields).await;
    answered(&context, SET, &fields, outcome).await
}

async fn try_set(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let (code, password) = match parse(fields) {
        Ok(typed) => typed,
        Err(state) => return Ok(Err(state)),
    };
    // Not by the account: whoever tries its password too often does not keep its owner from a new one.
    count(context, Limit::SignIn).await?;
    let hash = password::hash(password.as_password());
    let hash = hash.map_err(|error| AppError::internal(&error))?;
    let db = context.db()?;
    let Some(used) = codes::take(context, PURPOSE, &code).await? else {
        return repeated(context, fields, fields.refused("code", WRONG)).await;
    };
    let user = match used.user_id {
        Some(id) => sign_in::find(&db, Login::User(id)).await?,
        // Nobody was sent it.
        None => None,
    };
    let Some(user) = user else {
        return Ok(Err(fields.refused("code", WRONG)));
    };
    let own = [&user.handle, &user.name, &user.email].map(String::as_str);
    if let Err(why) = NewPassword::parse(fields.get("password"), &own) {
        stored_codes::give_back(&db, used.id).await?;
        return Ok(Err(fields.refused("password", why.0)));
    }
    set_password(context, fields, &used, &user, &hash).await
}

/// Gives a user the password of this hash by a code that was used up, or a link, and begins a session.
///
/// # Errors
/// Any error of the database: the code can be used again then.
pub(super) async fn set_password(
    context: &RequestContext,
    fields: &Fields,
    used: &UsedCode,
    user: &SignInRow,
    hash: &str,
) -> Result<Taken, AppError> {
    let db = context.db()?;
    let (id, now) = (user.id, Timestamp::now());
    let event = |kind| Event::new(kind, Some(id), origin(context, None), now);
    let reset = event(EventKind::PasswordReset);
    // Whoever made the account need not be the owner of its address, who is the first to prove it.
    let set = match user.email_verified_at {
        None => passwords::take_over(&db, id, hash, None, &reset).await,
        Some(_) => passwords::set_password(&db, id, hash, None, &reset)
            .await
            .map(drop),
    };
    if let Err(error) = set {
        stored_codes::give_back(&db, used.id).await?;
        return Err(error.into());
    }
    // Who has read the mail, or was given the link, has the address.
    if let Ok(email) = Email::parse(&used.email) {
        stored::verify_email(&db, id, &email, &event(EventKind::EmailVerified)).await?;
        codes::tell(context, email, &letters::PASSWORD_CHANGED).await;
    }
    Ok(match begin_session(context, id).await? {
        Some(cookie) => {
            let mut response = go_on(DONE, Some(cookie));
            known::remember(context, id, &mut response);
            Ok(response)
        }
        None => not_open(context, fields, user),
    })
}

/// The answer to a code or a link that is not right. If the password is already the one that was typed, this form was sent before, and
/// did what it was asked for; else it is `refused`.
///
/// # Errors
/// Any error of the database; [`AppError::TooMany`] by the limit of sign-ins.
pub(super) async fn repeated(
    context: &RequestContext,
    fields: &Fields,
    refused: FormState,
) -> Result<Taken, AppError> {
    let email = Email::parse(fields.get("email")).ok();
    let db = context.db()?;
    let user = match &email {
        Some(email) => sign_in::find(&db, Login::Email(email)).await?,
        None => None,
    };
    // A password is compared, as at a sign-in.
    count(context, Limit::SignIn).await?;
    if let Some(email) = &email {
        let id = user.as_ref().map(|user| user.id);
        count_account(context, Limit::SignIn, email.as_str(), id).await?;
    }
    let stored = user.as_ref().map(|user| user.password_hash.as_str());
    let is_done = match Password::typed(fields.get("password")) {
        Some(password) => {
            password::verify(&password, stored).map_err(|error| AppError::internal(&error))?
                != password::Verdict::Wrong
        }
        None => false,
    };
    let is_done = is_done
        && match &user {
            Some(user) => was_set(&db, user.id).await?,
            None => false,
        };
    if let Some(user) = user.as_ref().filter(|_| is_done)
        && let Some(cookie) = begin_session_by(context, user.id, &user.password_hash).await?
    {
        let mut response = go_on(DONE, Some(cookie));
        known::remember(context, user.id, &mut response);
        return Ok(Ok(response));
    }
    codes::note_wrong(context, user.map(|user| user.id)).await?;
    Ok(Err(refused))
}

/// True if a code or a link has given the account its password a moment ago: a form that is sent later is no way of signing in, of which
/// its owner would not be told.
async fn was_set(db: &Db, user: UserId) -> Result<bool, AppError> {
    let since = Timestamp::now() - CODE_REPEAT_WINDOW;
    let lately = events::of_user(db, user, &PageRequest::first(8)).await?;
    let kinds = [EventKind::PasswordReset, EventKind::SignedUp].map(EventKind::as_str);
    let mut lately = lately.rows.iter().filter(|event| event.created_at > since);
    Ok(lately.any(|event| kinds.contains(&event.kind.as_str())))
}

fn parse(fields: &Fields) -> Result<(Code, NewPassword), FormState> {
    let mut state = fields.state();
    let code = Code::parse(fields.get("code"));
    if code.is_none() {
        state.refuse("code", NO_CODE);
    }
    let own = [fields.get("email"), site::NAME];
    let password = NewPassword::parse(fields.get("password"), &own);
    let password = password.map_err(|why| state.refuse("password", why.0)).ok();
    match (code, password) {
        (Some(code), Some(password)) => Ok((code, password)),
        _ => Err(state),
    }
}
