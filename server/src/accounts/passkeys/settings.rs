//! `POST /settings/passkeys` adds a passkey, and `/rename` and `/remove` below it do what they say. The owner is told by mail.

use accounts::policy::{Action, Relation};
use app::AppError;
use app::context::RequestContext;
use app::mail::Letter;
use app::passkeys::Purpose;
use axum::Extension;
use axum::response::Response;
use db::DbError;
use db::queries::passkeys as stored;
use db::queries::sessions::SessionRow;
use db::queries::sign_in::{self, Login};
use db::schema::tables::{Event, Passkey};
use domain::{DisplayName, EventKind, Timestamp};
use webauthn::{NewCredential, Registration, verify_registration};

use super::proof::{Answered, REFUSED, bytes};
use crate::accounts::visit::{Taken, answered, event, go_on};
use crate::accounts::{codes, guard, letters};
use crate::fields::Fields;

const PATH: &str = "/settings/passkeys";
/// The ways to an authenticator that the specification names (5.8.4); others are not kept.
const TRANSPORTS: [&str; 6] = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];
/// The sentence about a credential that somebody has already.
const TOO_MANY: &str =
    "You have as many passkeys as one person can have. Remove one that you do not use any more.";
const KNOWN: &str = "This passkey was added before.";

pub(crate) async fn add(Extension(context): Extension<RequestContext>, fields: Fields) -> Response {
    managed(&context, &fields, try_add).await
}

pub(crate) async fn rename(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    managed(&context, &fields, try_rename).await
}

pub(crate) async fn remove(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    managed(&context, &fields, try_remove).await
}

/// The answer to a form that is taken by `take`, for whoever may manage their passkeys.
async fn managed(
    context: &RequestContext,
    fields: &Fields,
    take: impl AsyncFnOnce(&RequestContext, &Fields, &SessionRow) -> Result<Taken, AppError>,
) -> Response {
    let allowed = guard::allowed(context, Action::ManagePasskeys, Relation::Own, fields).await;
    let outcome = match allowed {
        Ok(Ok(session)) => take(context, fields, &session).await,
        Ok(Err(response)) => return response,
        Err(error) => Err(error),
    };
    answered(context, PATH, fields, outcome).await
}

async fn try_add(
    context: &RequestContext,
    fields: &Fields,
    session: &SessionRow,
) -> Result<Taken, AppError> {
    let name = match DisplayName::parse(fields.get("name")) {
        Ok(name) => name,
        Err(why) => return Ok(Err(fields.refused("name", why.0))),
    };
    let answered = Answered::take(context, fields, Purpose::Add, Some(session.user_id)).await?;
    let answered = match answered {
        Ok(answered) => answered,
        Err(why) => return Ok(Err(fields.state().refused(why))),
    };
    let response = Registration {
        client_data: &bytes(fields, "client_data"),
        attestation: &bytes(fields, "attestation"),
    };
    let new = match verify_registration(&response, &answered.expected()) {
        Ok(new) => new,
        Err(step) => {
            log::warn!("a new passkey was refused: {step}");
            return Ok(Err(fields.state().refused(REFUSED)));
        }
    };
    let passkey = passkey(new, session, name.as_str(), fields.get("transports"));
    let event = Event {
        id: answered.event,
        ..event(EventKind::PasskeyAdded, context, session).with_detail(name.as_str())
    };
    match stored::insert(&context.db()?, &passkey, &event).await {
        Ok(true) => {}
        Ok(false) => return Ok(Err(fields.state().refused(TOO_MANY))),
        // The credential, or the use of this challenge, is there.
        Err(DbError::Unique { .. }) => return Ok(Err(fields.state().refused(KNOWN))),
        Err(error) => return Err(error.into()),
    }
    tell(context, session, &letters::PASSKEY_ADDED).await?;
    Ok(Ok(go_on("/settings/passkeys?changed=added", None)))
}

fn passkey(new: NewCredential, session: &SessionRow, name: &str, transports: &str) -> Passkey {
    let typed: Vec<&str> = transports.split_whitespace().collect();
    let known = TRANSPORTS.into_iter().filter(|way| typed.contains(way));
    Passkey {
        id: webauthn::hash(&new.id),
        user_id: session.user_id,
        credential_id: new.id,
        public_key: new.public_key,
        algorithm: new.algorithm,
        sign_count: new.sign_count.into(),
        name: name.to_owned(),
        transports: known.collect::<Vec<_>>().join(" "),
        backup_eligible: new.is_backup_eligible,
        backed_up: new.is_backed_up,
        created_at: Timestamp::now(),
        last_used_at: None,
    }
}

async fn try_rename(
    context: &RequestContext,
    fields: &Fields,
    session: &SessionRow,
) -> Result<Taken, AppError> {
    const FIELD: &str = "passkey-name";
    let name = match DisplayName::parse(fields.get(FIELD)) {
        Ok(name) => name,
        Err(why) => return Ok(Err(fields.refused(FIELD, why.0))),
    };
    let (db, id) = (context.db()?, fields.get("passkey"));
    match stored::rename(&db, session.user_id, id, name.as_str()).await? {
        true => Ok(Ok(go_on("/settings/passkeys?changed=renamed", None))),
        false => Err(AppError::NotFound),
    }
}

async fn try_remove(
    context: &RequestContext,
    fields: &Fields,
    session: &SessionRow,
) -> Result<Taken, AppError> {
    let (db, id) = (context.db()?, fields.get("passkey"));
    let event = event(EventKind::PasskeyRemoved, context, session);
    // One that is not there any more was removed, by the first of two clicks.
    if stored::remove(&db, session.user_id, id, &event).await? {
        tell(context, session, &letters::PASSKEY_REMOVED).await?;
    }
    Ok(Ok(go_on("/settings/passkeys?changed=removed", None)))
}

/// Tells the owner by mail.
async fn tell(
    context: &RequestContext,
    session: &SessionRow,
    letter: &Letter<'_>,
) -> Result<(), AppError> {
    let user = sign_in::find(&context.db()?, Login::User(session.user_id)).await?;
    if let Some(user) = user {
        let is_proved = user.email_verified_at.is_some();
        codes::tell_owner(context, &user.email, is_proved, letter).await;
    }
    Ok(())
}
