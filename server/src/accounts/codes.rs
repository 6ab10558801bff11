//! One-time codes by mail: sending one, and taking one that was typed.
//!
//! A code is bound to the browser that asked for it by a secret in a cookie, of which only the hash is stored. The pages with forms
//! that ask for codes give it, so that a form that is sent twice comes from one browser.

use accounts::{Code, NoRandomness, Token};
use app::AppError;
use app::context::RequestContext;
use app::form::FormState;
use app::mail::Letter;
use app::visitor::Limit;
use axum::Extension;
use axum::body::Body;
use axum::response::Response;
use db::DbError;
use db::queries::codes::{self, UsedCode};
use db::queries::events;
use db::queries::sign_in::{self, Login};
use db::schema::tables::{Code as StoredCode, Event};
use domain::lifetimes::{
    CODE_REPEAT_WINDOW, CODE_TTL, CODES_SENT_WINDOW, MAX_CODES_SENT, VERIFICATION_TTL,
};
use domain::{CodeId, CodePurpose, Email, EventKind, Timestamp, UserId};
use http::header::SET_COOKIE;
use http::{HeaderValue, Request};
use uuid::Uuid;

use super::cookie;
use super::known;
use super::letters;
use super::visit::{count, count_account, count_key, origin};
use crate::fields::Fields;
use crate::render::render;

/// The pages with forms that ask for codes.
const ASKING: [&str; 6] = [
    "/confirm",
    "/login/code",
    "/reset",
    "/settings/email",
    "/signup",
    "/verify",
];
/// The sentence for people where no mail can be sent at all.
const OFF: &str = "This site cannot send mail at the moment, and so no code.";
/// The sentence for people about a mail that was not sent; the log has the cause.
const NOT_SENT: &str =
    "The mail could not be sent. Nothing is lost: please try again in a few minutes.";
/// The sentence about a text that cannot be a code.
pub(super) const NO_CODE: &str = "A code has eight digits.";
/// The sentence about a code that is not right; it does not tell why.
pub(super) const WRONG: &str = "This code is not right, or it was used, or has expired. Check its digits, or have another one sent.";

/// Renders the page of a form, and gives a browser the secret by which codes will know it.
pub(crate) async fn page(
    Extension(context): Extension<RequestContext>,
    request: Request<Body>,
) -> Response {
    let is_asking = ASKING.contains(&request.uri().path());
    let mut response = render(request).await;
    if is_asking
        && context.mailer().is_some()
        && browser(&context).is_none()
        // Without random bytes no code is sent either, which says so then.
        && let Some(cookie) = Token::new().ok().and_then(|token| cookie::set_code(&token))
    {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The secret of the browser.
pub(super) fn browser(context: &RequestContext) -> Option<Token> {
    context.code_token().and_then(Token::parse)
}

/// A code that is asked for.
#[derive(Clone, Debug)]
pub(super) struct CodeRequest {
    /// The id of the form that asks: one that is sent twice sends one mail.
    pub(super) id: CodeId,
    pub(super) purpose: CodePurpose,
    /// The user, if there is one with this address.
    pub(super) user_id: Option<UserId>,
    pub(super) email: Email,
}

impl CodeRequest {
    /// The id that the form brings. A form without one cannot be sent twice.
    pub(super) fn id(fields: &Fields) -> CodeId {
        Uuid::parse_str(fields.get("id")).map_or_else(|_| CodeId::new(), CodeId)
    }
}

/// Sends a code for `purpose` to the address in a form, whether somebody has an account with it or not: who has none gets another
/// letter. Returns the cookie of [`send`], or what is wrong with the form.
///
/// # Errors
/// Those of [`send`]; [`AppError::TooMany`] by the limit of codes.
pub(super) async fn send_to_typed(
    context: &RequestContext,
    fields: &Fields,
    purpose: CodePurpose,
    write: fn(&str) -> Letter<'_>,
) -> Result<Result<Option<HeaderValue>, FormState>, AppError> {
    let email = match Email::parse(fields.get("email")) {
        Ok(email) => email,
        Err(why) => return Ok(Err(fields.refused("email", why.0))),
    };
    count(context, Limit::Code).await?;
    let user = sign_in::find(&context.db()?, Login::Email(&email)).await?;
    let id = user.as_ref().map(|user| user.id);
    count_account(context, Limit::Code, email.as_str(), id).await?;
    let write = match user {
        Some(_) => write,
        None => letters::nobody,
    };
    let request = CodeRequest {
        id: CodeRequest::id(fields),
        purpose,
        user_id: user.map(|user| user.id),
        email,
    };
    send(context, request, write).await.map(Ok)
}

/// Sends a code in the letter that `write` makes of it. Returns the cookie by which it will know the browser.
///
/// # Errors
/// [`AppError::Unavailable`] if the mail cannot be sent: it can be asked for again then. [`AppError::TooMany`] if many were sent to
/// this address. Any error of the database.
pub(super) async fn send(
    context: &RequestContext,
    request: CodeRequest,
    write: fn(&str) -> Letter<'_>,
) -> Result<Option<HeaderValue>, AppError> {
    let Some(mailer) = context.mailer() else {
        return Err(unavailable(OFF));
    };
    let random = |error: NoRandomness| AppError::internal(&error);
    let (db, now) = (context.db()?, Timestamp::now());
    let sent = codes::sent_since(&db, &request.email, now - CODES_SENT_WINDOW).await?;
    // Those that strangers asked for leave as many to who has signed in here before.
    let is_known = (request.user_id).is_some_and(|id| known::is_known(context, id));
    let most = match is_known {
        true => 2 * MAX_CODES_SENT,
        false => MAX_CODES_SENT,
    };
    if sent >= most {
        let seconds = CODES_SENT_WINDOW.as_secs();
        return Err(AppError::TooMany {
            retry_after: u32::try_from(seconds).unwrap_or(u32::MAX),
        });
    }
    let browser = browser(context)
        .map_or_else(Token::new, Ok)
        .map_err(random)?;
    let code = Code::new().map_err(random)?;
    let ttl = match request.purpose {
        CodePurpose::VerifyEmail => VERIFICATION_TTL,
        _ => CODE_TTL,
    };
    let stored = StoredCode {
        id: request.id,
        purpose: request.purpose,
        user_id: request.user_id,
        email: request.email.as_str().to_owned(),
        code_hash: code.hash(request.purpose, &browser),
        browser_hash: browser.hash(),
        attempts: 0,
        expires_at: now + ttl,
        used_at: None,
        created_at: now,
    };
    let cookie = cookie::set_code(&browser);
    match codes::insert(&db, &stored).await {
        Ok(()) => {}
        // This form was sent before.
        Err(DbError::Unique { .. }) => return Ok(cookie),
        Err(error) => return Err(error.into()),
    }
    let mail = write(&code.spaced()).to(request.email, &context.site().origin);
    if let Err(error) = mailer.send(&mail).await {
        log::error!("{error}");
        codes::withdraw(&db, request.id).await?;
        return Err(unavailable(NOT_SENT));
    }
    Ok(cookie)
}

fn unavailable(reason: &str) -> AppError {
    AppError::Unavailable {
        reason: reason.to_owned(),
    }
}

/// Sends a mail that tells of something that is done: if it cannot be sent, the log says so, and nothing else fails.
pub(super) async fn tell(context: &RequestContext, to: Email, letter: &Letter<'_>) {
    if let Some(mailer) = context.mailer()
        && let Err(error) = mailer.send(&letter.to(to, &context.site().origin)).await
    {
        log::error!("{error}");
    }
}

/// Tells the owner of an account of something that is done to it. As long as nobody has proved that the address is theirs, as often as a
/// code may be sent there: whoever makes an account with the address of somebody else does not fill their mailbox.
pub(super) async fn tell_owner(
    context: &RequestContext,
    email: &str,
    is_proved: bool,
    letter: &Letter<'_>,
) {
    let Ok(to) = Email::parse(email) else {
        return;
    };
    if !is_proved
        && let Err(error) = count_key(context, Limit::Code, &format!("told {email}")).await
    {
        log::warn!("a mail was not sent, because too many were sent to its address: {error}");
        return;
    }
    tell(context, to, letter).await;
}

/// Takes a code that was typed in this browser, and uses it up. A form that is sent again at once is the same use: a browser gives up
/// the first of two clicks, wherever that is by then.
///
/// # Errors
/// Any error of the database.
pub(super) async fn take(
    context: &RequestContext,
    purpose: CodePurpose,
    code: &Code,
) -> Result<Option<UsedCode>, AppError> {
    let Some(browser) = browser(context) else {
        return Ok(None);
    };
    let (db, now) = (context.db()?, Timestamp::now());
    let hash = code.hash(purpose, &browser);
    let browser = browser.hash();
    if let Some(used) = codes::take(&db, purpose, &browser, &hash, now).await? {
        return Ok(Some(used));
    }
    let since = now - CODE_REPEAT_WINDOW;
    Ok(codes::used_since(&db, purpose, &browser, &hash, since).await?)
}

/// Notes that somebody has tried to get into an account by a code that is not right.
///
/// # Errors
/// Any error of the database.
pub(super) async fn note_wrong(
    context: &RequestContext,
    user_id: Option<UserId>,
) -> Result<(), AppError> {
    let (origin, now) = (origin(context, None), Timestamp::now());
    let event = Event::new(EventKind::SignInFailed, user_id, origin, now).with_detail("code");
    Ok(events::insert(&context.db()?, &event).await?)
}
