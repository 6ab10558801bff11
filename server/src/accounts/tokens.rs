//! `POST /settings/tokens`: a token for a program; `POST /settings/tokens/revoke`: its end.
//!
//! The answer to a form that makes a token is the page, which shows it once, and no redirect: nothing keeps the token on the way. The
//! form brings the token's id, so that one that is sent twice makes one.

use std::time::Duration;

use accounts::policy::{self, Action, Relation};
use accounts::{ApiToken, NoRandomness};
use app::AppError;
use app::context::RequestContext;
use app::form::FormState;
use axum::Extension;
use axum::response::Response;
use db::DbError;
use db::queries::accounts as stored;
use db::queries::api_tokens;
use db::queries::sessions::SessionRow;
use db::schema::tables::ApiToken as StoredToken;
use domain::lifetimes::MAX_TOKEN_TTL;
use domain::{DisplayName, EventKind, Scope, Timestamp, TokenId};
use uuid::Uuid;

use super::guard::allowed;
use super::visit::{Taken, answered, event, go_on, show_again};
use super::{codes, letters};
use crate::fields::Fields;

const PATH: &str = "/settings/tokens";
const REVOKED: &str = "/settings/tokens?changed=revoked";
/// The sentence about a form that was sent twice.
const MADE_BEFORE: &str = "This form has made a token already, which was shown once. If you do not have it, revoke it and make another.";
const TOO_MANY: &str =
    "You have as many tokens as one person can have. Revoke one that is not needed any more.";
const WRONG_DAY: &str = "Choose a day from today on, less than a year from now.";

pub(crate) async fn make(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_make(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_make(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let own = allowed(context, Action::ManageTokens, Relation::Own, fields).await?;
    let session = match own {
        Ok(session) => session,
        Err(response) => return Ok(Ok(response)),
    };
    let token = ApiToken::new().map_err(|error: NoRandomness| AppError::internal(&error))?;
    let stored = match parse(fields, &session, &token) {
        Ok(stored) => stored,
        Err(state) => return Ok(Err(state)),
    };
    let db = context.db()?;
    let event = event(EventKind::TokenCreated, context, &session).with_detail(&stored.name);
    match api_tokens::insert(&db, &stored, &event).await {
        Ok(true) => {}
        Ok(false) => return Ok(Err(fields.state().refused(TOO_MANY))),
        Err(DbError::Unique { .. }) => return Ok(Err(fields.state().refused(MADE_BEFORE))),
        Err(error) => return Err(error.into()),
    }
    tell(context, &session).await?;
    let shown = FormState::done(token.as_str());
    Ok(Ok(show_again(context, PATH, shown).await))
}

/// Tells the owner by mail, who may not be the person who has made it.
async fn tell(context: &RequestContext, session: &SessionRow) -> Result<(), AppError> {
    if context.mailer().is_none() {
        return Ok(());
    }
    let account = stored::find(&context.db()?, session.user_id).await?;
    if let Some(account) = account {
        let address = format!("{}{PATH}", context.site().origin);
        let (letter, is_proved) = (
            letters::token_made(&address),
            account.email_verified_at.is_some(),
        );
        codes::tell_owner(context, &account.email, is_proved, &letter).await;
    }
    Ok(())
}

fn parse(
    fields: &Fields,
    session: &SessionRow,
    token: &ApiToken,
) -> Result<StoredToken, FormState> {
    let now = Timestamp::now();
    let mut state = fields.state();
    let name = DisplayName::parse(fields.get("name"));
    let name = name.map_err(|why| state.refuse("name", why.0)).ok();
    let scope = fields.get("scope").parse::<Scope>().ok();
    let scope = scope.filter(|scope| policy::is_of_use(*scope, session.role));
    if scope.is_none() {
        state.refuse("scope", "Choose what the token may do.");
    }
    let expires_at = expiry(fields, now).map_err(|(field, why)| state.refuse(field, why));
    match (name, scope, expires_at) {
        (Some(name), Some(scope), Ok(expires_at)) => Ok(StoredToken {
            // Whoever sends no id cannot send the form twice.
            id: Uuid::parse_str(fields.get("id")).map_or_else(|_| TokenId::new(), TokenId),
            user_id: session.user_id,
            name: name.into(),
            token_hash: token.hash(),
            scopes: scope.as_str().to_owned(),
            expires_at: Some(expires_at),
            last_used_at: None,
            created_at: now,
        }),
        _ => Err(state),
    }
}

/// The time at which the token expires: by the day that was typed, else by the number of days.
fn expiry(fields: &Fields, now: Timestamp) -> Result<Timestamp, (&'static str, &'static str)> {
    let (latest, until) = (now + MAX_TOKEN_TTL, fields.get("until").trim());
    if !until.is_empty() {
        let end = Timestamp::end_of_day(until).filter(|end| *end > now && *end <= latest);
        return end.ok_or(("until", WRONG_DAY));
    }
    let days: Option<u64> = fields.get("days").parse().ok();
    let ttl = days.map(|days| Duration::from_secs(days.saturating_mul(86_400)));
    let ttl = ttl.filter(|ttl| !ttl.is_zero() && *ttl <= MAX_TOKEN_TTL);
    let ttl = ttl.ok_or(("days", "Choose how long the token is good."))?;
    Ok(now + ttl)
}

pub(crate) async fn revoke(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_revoke(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

/// Revokes a token of the person who is signed in; of an id that is none of theirs nothing happens.
async fn try_revoke(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let own = allowed(context, Action::ManageTokens, Relation::Own, fields).await?;
    let session = match own {
        Ok(session) => session,
        Err(response) => return Ok(Ok(response)),
    };
    if let Ok(id) = Uuid::parse_str(fields.get("token")).map(TokenId) {
        let event = event(EventKind::TokenRevoked, context, &session);
        api_tokens::revoke(&context.db()?, session.user_id, id, &event).await?;
    }
    Ok(Ok(go_on(REVOKED, None)))
}
