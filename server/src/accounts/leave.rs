//! `POST /settings/delete`: closes the account of the person who is signed in, to be erased; `POST /settings/keep`: opens it again.
//!
//! Whoever signs in to such an account gets no session, but a proof of being its owner, in a cookie, which is good for keeping it.
//! Absent: the erasure itself, which a job does (`db::clean_up`).

use accounts::policy::{Action, Actor, Relation, may};
use app::AppError;
use app::context::RequestContext;
use axum::Extension;
use axum::response::Response;
use db::queries::accounts::{self as stored, Account};
use db::queries::erasure;
use db::queries::events::Origin;
use db::queries::sign_in::SignInRow;
use db::schema::tables::Event;
use domain::lifetimes::ERASURE_DELAY;
use domain::{Email, EventKind, Timestamp, UserId};
use http::header::SET_COOKIE;

use super::guard::allowed;
use super::visit::{Taken, answered, event, go_on, origin};
use super::{codes, cookie, letters};
use crate::fields::Fields;

const LEAVE: &str = "/settings/delete";
const KEEP: &str = "/settings/keep";

const LAST_ADMIN: &str = "You are the only administrator of this site, and it needs one. Give somebody else that role first.";
const OFF: &str = "No account can be closed at the moment. Please ask the people who run the site.";
const NO_SECRET: &str = "an account was not closed: SESSION_SECRET is not set, without which nobody could change their mind";
const TOO_LATE: &str = "The time in which the account could be kept is over: it is being erased.";

pub(crate) async fn leave(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_leave(&context, &fields).await;
    answered(&context, LEAVE, &fields, outcome).await
}

async fn try_leave(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let session = match allowed(context, Action::CloseAccount, Relation::Own, fields).await? {
        Ok(session) => session,
        Err(response) => return Ok(Ok(response)),
    };
    let mut state = fields.state();
    let keeps_posts = match fields.get("what") {
        "everything" => Some(false),
        "account" => Some(true),
        _ => None,
    };
    if keeps_posts.is_none() {
        state.refuse("what", "Choose what is to be erased.");
    }
    let is_handle = fields.get("handle").trim().to_lowercase() == session.handle;
    if !is_handle {
        state.refuse("handle", "This is not your handle.");
    }
    let Some(keeps_posts) = keeps_posts.filter(|_| is_handle) else {
        return Ok(Err(state));
    };
    let Some(to_keep) = to_keep(context, session.user_id) else {
        return Err(AppError::unavailable(&NO_SECRET, OFF));
    };
    let (db, id) = (context.db()?, session.user_id);
    let event = event(EventKind::ErasureScheduled, context, &session);
    let is_closed = erasure::schedule(&db, id, keeps_posts, &event).await?;
    let account = stored::find(&db, id).await?.ok_or(AppError::NotFound)?;
    if is_closed {
        tell_closed(context, &account, event.created_at).await;
    } else if account.erase_at.is_none() {
        return Ok(Err(state.refused(LAST_ADMIN)));
    }
    Ok(Ok(to_keep))
}

/// Leads to the page on which an account is kept, with the proof by which its owner is known there. None without a secret.
fn to_keep(context: &RequestContext, owner: UserId) -> Option<Response> {
    let proof = context.prove_owner(owner, Timestamp::now())?;
    let mut response = go_on(KEEP, cookie::clear());
    let headers = response.headers_mut();
    headers.append(SET_COOKIE, cookie::set_owner(&proof)?);
    Some(response)
}

/// The answer to somebody who has just proved who they are, and whose account is not open. If it waits to be erased, they can keep
/// it; else they are told its state, which they may know.
pub(super) fn not_open(context: &RequestContext, fields: &Fields, user: &SignInRow) -> Taken {
    let waits = user.suspended_at.is_none() && user.erase_at.is_some();
    let to_keep = waits.then(|| to_keep(context, user.id)).flatten();
    to_keep.ok_or_else(|| fields.state().refused(sentence(user)))
}

fn sentence(user: &SignInRow) -> String {
    match (&user.suspended_at, &user.suspended_reason) {
        (Some(_), Some(reason)) => format!("This account is suspended: {reason}"),
        (Some(_), None) => "This account is suspended.".to_owned(),
        (None, _) => "This account is closed.".to_owned(),
    }
}

pub(crate) async fn keep(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_keep(&context, &fields).await;
    answered(&context, KEEP, &fields, outcome).await
}

async fn try_keep(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let now = Timestamp::now();
    let Some(owner) = context.proven_owner(now) else {
        return Ok(Ok(go_on("/login?next=%2Fsettings%2Fkeep", None)));
    };
    let db = context.db()?;
    let account = stored::find(&db, owner).await?.ok_or(AppError::NotFound)?;
    let actor = match account.suspended_at {
        Some(_) => Actor::Suspended,
        None => Actor::Member(account.role),
    };
    if !may(actor, Action::CloseAccount, Relation::Own) {
        return Err(AppError::Forbidden);
    }
    let origin = Origin {
        actor: Some(owner),
        ..origin(context, None)
    };
    let event = Event::new(EventKind::ErasureUndone, Some(owner), origin, now);
    if erasure::undo(&db, owner, &event).await? {
        if let Ok(email) = Email::parse(&account.email) {
            codes::tell(context, email, &letters::KEPT).await;
        }
    } else if account.erase_at.is_some() {
        let account = stored::find(&db, owner).await?;
        if account.is_none_or(|account| account.erase_at.is_some()) {
            return Ok(Err(fields.state().refused(TOO_LATE)));
        }
    }
    Ok(Ok(go_on("/login?kept=1", cookie::clear_owner())))
}

/// Tells the owner of an account that it was closed, until when it can be kept, and how.
pub(crate) async fn tell_closed(context: &RequestContext, account: &Account, now: Timestamp) {
    let Ok(email) = Email::parse(&account.email) else {
        return;
    };
    let what = match account.keeps_posts {
        true => "Your posts and comments stay, under the name of a former member.",
        false => "Everything that you wrote is hidden already, and is erased with it.",
    };
    let day = (now + ERASURE_DELAY).day();
    let when = format!("It is to be erased on {day}. {what}");
    let address = format!("{}{KEEP}", context.site().origin);
    let sentences = [letters::CLOSED, &when];
    codes::tell(context, email, &letters::closed(&sentences, &address)).await;
}
