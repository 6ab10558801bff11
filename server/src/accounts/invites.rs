//! `POST /settings/invites`: an invite; `POST /settings/invites/revoke`: its withdrawal; `POST /invite`: an account by it.

use accounts::Token;
use accounts::policy::{self, Action, Relation};
use app::context::{Registration, RequestContext};
use app::form::FormState;
use app::visitor::Limit;
use app::{AppError, Problem, invite};
use axum::Extension;
use axum::response::Response;
use db::DbError;
use db::queries::invites as stored;
use db::queries::sessions::SessionRow;
use db::schema::tables::Invite;
use domain::lifetimes::{INVITE_TTL, INVITES_WINDOW, MAX_INVITES};
use domain::{EventKind, InviteId, Role, Timestamp};
use uuid::Uuid;

use super::guard::allowed;
use super::new_account::{Outcome, Terms};
use super::sign_up::{self, NO_INVITE};
use super::visit::{Taken, answered, count, event, go_on};
use crate::fields::Fields;

const OWN: &str = "/settings/invites";
const REVOKED: &str = "/settings/invites?changed=revoked";
const USE: &str = "/invite";
const OFF: &str = "Nobody can be invited at the moment. Please ask the people who run the site.";

pub(crate) async fn make(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_make(&context, &fields).await;
    answered(&context, OWN, &fields, outcome).await
}

async fn try_make(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let session = match allowed(context, Action::Invite, Relation::Own, fields).await? {
        Ok(session) => session,
        Err(response) => return Ok(Ok(response)),
    };
    let (role, note) = match parse(fields, &session) {
        Ok(typed) => typed,
        Err(state) => return Ok(Err(state)),
    };
    let id = Uuid::parse_str(fields.get("id")).map_or_else(|_| InviteId::new(), InviteId);
    let Some(token) = invite::token(context.site(), session.user_id, id) else {
        return Err(AppError::unavailable(
            &"no invite was made: SESSION_SECRET is not set",
            OFF,
        ));
    };
    let now = Timestamp::now();
    let row = Invite {
        id,
        token_hash: token.hash(),
        created_by: session.user_id,
        role,
        note,
        expires_at: now + INVITE_TTL,
        used_at: None,
        used_by: None,
        created_at: now,
    };
    let event = event(EventKind::InviteCreated, context, &session).with_detail(role.as_str());
    match stored::insert(&context.db()?, &row, &event).await {
        Ok(true) => {}
        Ok(false) => return Ok(Err(fields.state().refused(quota()))),
        // This form was sent before.
        Err(DbError::Unique { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Ok(go_on(&format!("{OWN}?made={id}"), None)))
}

fn quota() -> String {
    let days = INVITES_WINDOW.as_secs() / 86_400;
    format!(
        "You have made {MAX_INVITES} invites within {days} days, which is the most. Withdraw one that was not used, or wait."
    )
}

/// The role and the note that were typed.
fn parse(fields: &Fields, session: &SessionRow) -> Result<(Role, String), FormState> {
    let role = fields.get("role").parse::<Role>().ok();
    let Some(role) = role.filter(|role| policy::may_give(session.role, *role)) else {
        let why = "Choose one of these roles: nobody gives more rights than they have.";
        return Err(fields.refused("role", why));
    };
    let note = fields.get("note").trim();
    let has_place = (1..=invite::MAX_NOTE).contains(&note.chars().count());
    if !has_place || note.chars().any(char::is_control) {
        let why = format!(
            "Say in one line of at most {} characters for whom it is.",
            invite::MAX_NOTE
        );
        return Err(fields.refused("note", &why));
    }
    Ok((role, note.to_owned()))
}

pub(crate) async fn revoke(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Result<Response, Problem> {
    let session = match allowed(&context, Action::RevokeInvite, Relation::Own, &fields).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let id = Uuid::parse_str(fields.get("invite")).map(InviteId);
    let id = id.map_err(|_| AppError::NotFound)?;
    let event = event(EventKind::InviteRevoked, &context, &session);
    let db = context.db()?;
    let revoked = stored::revoke(&db, id, Some(session.user_id), &event).await;
    let is_revoked = revoked.map_err(AppError::from)?;
    // One that is gone was withdrawn a moment ago; one that was used meanwhile is as the list says.
    let is_there = !is_revoked
        && stored::inviter(&db, id)
            .await
            .map_err(AppError::from)?
            .is_some();
    Ok(go_on(if is_there { OWN } else { REVOKED }, None))
}

pub(crate) async fn accept(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = match context.site().registration {
        Registration::Open | Registration::Invite => try_accept(&context, &fields).await,
        // The page says so.
        Registration::Closed => Err(AppError::Forbidden),
    };
    answered(&context, USE, &fields, outcome).await
}

async fn try_accept(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    count(context, Limit::SignUp).await?;
    let refused = || Ok(Err(fields.state().refused(NO_INVITE)));
    let Some(hash) = Token::parse(fields.get("token")).map(|token| token.hash()) else {
        return refused();
    };
    let account = match sign_up::parse(fields) {
        Ok(account) => account,
        Err(state) => return Ok(Err(state)),
    };
    let found = stored::find(&context.db()?, &hash, Timestamp::now()).await?;
    let Some(found) = found else {
        // A form that was sent before may have made the account.
        return match account.made_before(context).await? {
            Some(Outcome::Made) => sign_up::enter(context, fields, account, false).await,
            _ => refused(),
        };
    };
    let terms = Terms::of_invite(&found, &hash);
    sign_up::make(context, fields, account, &terms).await
}
