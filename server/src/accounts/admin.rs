//! The forms of administration: another role, suspending and restoring, signing out everywhere, withdrawing an invite.
//!
//! Each does nothing the second time, and answers as it did the first time. That an administrator is left, the queries see to.

use accounts::policy::{Action, Relation};
use app::AppError;
use app::context::RequestContext;
use axum::Extension;
use axum::response::Response;
use db::queries::people::{self, Person};
use db::queries::sessions::{self, SessionRow};
use db::queries::{admin, invites};
use db::schema::tables::Event;
use domain::{EventKind, Handle, InviteId, MAX_SUSPENSION_REASON, Role, Timestamp, UserId};
use uuid::Uuid;

use super::guard::{allowed, permitted};
use super::visit::{Taken, answered, go_on, origin};
use crate::extract::HandlePath;
use crate::fields::Fields;

const INVITES: &str = "/admin/invites";
/// The most characters of an event's detail.
const MAX_DETAIL: usize = 200;
const LAST: &str =
    "Without this administrator the site would have none. Make somebody else one first.";

pub(crate) async fn change_role(
    Extension(context): Extension<RequestContext>,
    HandlePath { handle }: HandlePath,
    fields: Fields,
) -> Response {
    let outcome = try_change_role(&context, &handle, &fields).await;
    answered(&context, &page_of(&handle), &fields, outcome).await
}

pub(crate) async fn suspend(
    Extension(context): Extension<RequestContext>,
    HandlePath { handle }: HandlePath,
    fields: Fields,
) -> Response {
    let outcome = try_suspend(&context, &handle, &fields).await;
    answered(&context, &page_of(&handle), &fields, outcome).await
}

pub(crate) async fn restore(
    Extension(context): Extension<RequestContext>,
    HandlePath { handle }: HandlePath,
    fields: Fields,
) -> Response {
    let outcome = try_restore(&context, &handle, &fields).await;
    answered(&context, &page_of(&handle), &fields, outcome).await
}

pub(crate) async fn sign_out(
    Extension(context): Extension<RequestContext>,
    HandlePath { handle }: HandlePath,
    fields: Fields,
) -> Response {
    let outcome = try_sign_out(&context, &handle, &fields).await;
    answered(&context, &page_of(&handle), &fields, outcome).await
}

pub(crate) async fn revoke_invite(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_revoke_invite(&context, &fields).await;
    answered(&context, INVITES, &fields, outcome).await
}

async fn try_change_role(
    context: &RequestContext,
    handle: &Handle,
    fields: &Fields,
) -> Result<Taken, AppError> {
    let (session, person) = match person(context, handle, Action::ChangeRole, fields).await? {
        Ok(found) => found,
        Err(response) => return Ok(Ok(response)),
    };
    let Ok(role) = fields.get("role").parse::<Role>() else {
        return Ok(Err(fields.refused("role", "Choose one of the roles.")));
    };
    let db = context.db()?;
    let event = event(EventKind::RoleChanged, context, &session, person.id);
    let event = event.with_detail(role.as_str());
    let is_changed = admin::set_role(&db, person.id, role, &event).await?;
    if !is_changed && !is_now(context, handle, |person| person.role == role).await? {
        return Ok(Err(fields.refused("role", LAST)));
    }
    Ok(Ok(done(handle, "role")))
}

async fn try_suspend(
    context: &RequestContext,
    handle: &Handle,
    fields: &Fields,
) -> Result<Taken, AppError> {
    let (session, person) = match person(context, handle, Action::Suspend, fields).await? {
        Ok(found) => found,
        Err(response) => return Ok(Ok(response)),
    };
    let reason = match reason(fields.get("reason")) {
        Ok(reason) => reason,
        Err(why) => return Ok(Err(fields.refused("reason", why))),
    };
    let db = context.db()?;
    let detail: String = reason.chars().take(MAX_DETAIL).collect();
    let event = event(EventKind::Suspended, context, &session, person.id).with_detail(detail);
    let is_changed = admin::suspend(&db, person.id, reason, &event).await?;
    if !is_changed && !is_now(context, handle, |person| person.suspended_at.is_some()).await? {
        return Ok(Err(fields.refused("reason", LAST)));
    }
    Ok(Ok(done(handle, "suspended")))
}

async fn try_restore(
    context: &RequestContext,
    handle: &Handle,
    fields: &Fields,
) -> Result<Taken, AppError> {
    let (session, person) = match person(context, handle, Action::Suspend, fields).await? {
        Ok(found) => found,
        Err(response) => return Ok(Ok(response)),
    };
    let event = event(EventKind::Restored, context, &session, person.id);
    admin::restore(&context.db()?, person.id, &event).await?;
    Ok(Ok(done(handle, "restored")))
}

async fn try_sign_out(
    context: &RequestContext,
    handle: &Handle,
    fields: &Fields,
) -> Result<Taken, AppError> {
    let (session, person) = match person(context, handle, Action::EndSessions, fields).await? {
        Ok(found) => found,
        Err(response) => return Ok(Ok(response)),
    };
    let event = event(EventKind::SessionsRevoked, context, &session, person.id);
    sessions::revoke_all(&context.db()?, person.id, &event).await?;
    Ok(Ok(done(handle, "sessions")))
}

async fn try_revoke_invite(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let others = Relation::Other;
    if let Err(response) = permitted(context, Action::SeePeople, others, fields).await? {
        return Ok(Ok(response));
    }
    let id = Uuid::parse_str(fields.get("invite")).map(InviteId);
    let id = id.map_err(|_| AppError::NotFound)?;
    let db = context.db()?;
    // One that is not there was withdrawn a moment ago.
    if let Some(inviter) = invites::inviter(&db, id).await? {
        let session = match allowed(context, Action::RevokeInvite, others, fields).await? {
            Ok(session) => session,
            Err(response) => return Ok(Ok(response)),
        };
        let event = event(EventKind::InviteRevoked, context, &session, inviter);
        if !invites::revoke(&db, id, None, &event).await? {
            return Ok(Ok(go_on(INVITES, None)));
        }
    }
    Ok(Ok(go_on("/admin/invites?changed=revoked", None)))
}

/// The person whom a form is about, and the session of who sent it, if they may do `action` to that person. Who may not see people
/// is not told either whether there is one.
async fn person(
    context: &RequestContext,
    handle: &Handle,
    action: Action,
    fields: &Fields,
) -> Result<Result<(SessionRow, Person), Response>, AppError> {
    let session = match permitted(context, Action::SeePeople, Relation::Other, fields).await? {
        Ok(session) => session,
        Err(response) => return Ok(Err(response)),
    };
    let person = people::find(&context.db()?, handle).await?;
    let person = person.ok_or(AppError::NotFound)?;
    let relation = Relation::between(session.user_id, person.id);
    let session = allowed(context, action, relation, fields).await?;
    Ok(session.map(|session| (session, person)))
}

/// True if a person is by now as a form wants them.
async fn is_now(
    context: &RequestContext,
    handle: &Handle,
    is_wanted: impl Fn(&Person) -> bool,
) -> Result<bool, AppError> {
    let person = people::find(&context.db()?, handle).await?;
    Ok(person.as_ref().is_some_and(is_wanted))
}

/// An event about the account of `user`, done by the administrator.
fn event(kind: EventKind, context: &RequestContext, session: &SessionRow, user: UserId) -> Event {
    let origin = origin(context, Some((session.user_id, session.id)));
    Event::new(kind, Some(user), origin, Timestamp::now())
}

/// The page of a person.
fn page_of(handle: &Handle) -> String {
    format!("/admin/people/{handle}")
}

/// The answer to a form about a person that was taken.
fn done(handle: &Handle, changed: &str) -> Response {
    go_on(&format!("{}?changed={changed}", page_of(handle)), None)
}

/// Reads the reason of a suspension.
fn reason(typed: &str) -> Result<&str, &'static str> {
    let reason = typed.trim();
    let is_text = |c: char| !c.is_control() || c.is_whitespace();
    match reason.chars().count() {
        0 => Err("Give a reason: the person is told it."),
        1..=MAX_SUSPENSION_REASON if reason.chars().all(is_text) => Ok(reason),
        1..=MAX_SUSPENSION_REASON => Err("The reason has signs that are no text."),
        _ => Err("A reason has at most 500 characters."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_text_of_some_length() {
        let long = "夜".repeat(MAX_SUSPENSION_REASON);
        for (typed, is_taken) in [
            (" Spam.\nAgain. ", true),
            (long.as_str(), true),
            (&format!("{long}x"), false),
            ("  \n", false),
            ("a\u{0}b", false),
        ] {
            assert_eq!(reason(typed).is_ok(), is_taken, "{typed:?}");
        }
        assert_eq!(reason(" Spam.\n"), Ok("Spam."));
    }
}
