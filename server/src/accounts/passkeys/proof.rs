//! A proof by a passkey: the fields that the script sends, taken once.

use accounts::Token;
use app::AppError;
use app::context::RequestContext;
use app::passkeys::{Purpose, rp_id};
use app::visitor::Limit;
use db::queries::events;
use db::queries::passkeys::{self, PasskeyRow, PasskeyUse};
use db::schema::tables::Event;
use domain::{EventId, EventKind, Timestamp, UserId};
use webauthn::{Assertion, Credential, Expected, decode, verify_assertion};

use super::challenge::{self, Asker};
use crate::accounts::codes;
use crate::accounts::visit::{count, origin};
use crate::fields::Fields;

/// The sentence where the site has no passkeys.
pub(super) const OFF: &str = "This site takes no passkeys at this address.";
/// The sentence about a challenge that is over, or was none.
const LATE: &str = "This took longer than five minutes, or was done before. Please try again.";
/// The sentence about a credential that nobody has here.
const UNKNOWN: &str =
    "This site does not know this passkey. If it was removed here, sign in another way.";
/// The sentence about an answer that fails a step; the log has the step.
pub(super) const REFUSED: &str =
    "This passkey was not accepted. Please try again, or sign in another way.";

/// An answer to a challenge of this site; else a sentence about what is wrong.
pub(super) type Accepted<T> = Result<T, &'static str>;

/// The bytes of a field in base64url; none are refused by the step that needs them.
pub(super) fn bytes(fields: &Fields, name: &str) -> Vec<u8> {
    decode(fields.get(name)).unwrap_or_default()
}

/// A challenge that was given to this browser, and is answered in time.
pub(super) struct Answered<'a> {
    rp_id: &'a str,
    origin: &'a str,
    challenge: Vec<u8>,
    /// The id of the event of its use.
    pub(super) event: EventId,
}

impl<'a> Answered<'a> {
    /// Counts the attempt, and takes the challenge that the form answers.
    ///
    /// # Errors
    /// [`AppError::TooMany`]; [`AppError::Unavailable`] where the site has no passkeys.
    pub(super) async fn take(
        context: &'a RequestContext,
        fields: &Fields,
        purpose: Purpose,
        user: Option<UserId>,
    ) -> Result<Accepted<Self>, AppError> {
        let site = context.site();
        let (Some(secret), Some(rp_id)) = (&site.secret, rp_id(site)) else {
            return Err(AppError::Unavailable {
                reason: OFF.to_owned(),
            });
        };
        count(context, Limit::SignIn).await?;
        let challenge = bytes(fields, "challenge");
        let take = |browser: Token| {
            let asker = Asker {
                purpose,
                browser: &browser,
                user,
            };
            challenge::take(secret, asker, &challenge, Timestamp::now())
        };
        let event = codes::browser(context).and_then(take);
        Ok(event.ok_or(LATE).map(|event| Self {
            rp_id,
            origin: &site.origin,
            challenge,
            event,
        }))
    }

    pub(super) fn expected(&self) -> Expected<'_> {
        Expected {
            origin: self.origin,
            rp_id: self.rp_id,
            challenge: &self.challenge,
        }
    }
}

/// A passkey that has signed this site's challenge.
pub(super) struct Proof {
    pub(super) passkey: PasskeyRow,
    /// The id of the event of its use, by which it is used once.
    pub(super) event: EventId,
}

/// Takes the use of a passkey that a form brings, by `user` if they are signed in.
///
/// # Errors
/// Those of [`Answered::take`]. Any error of the database.
pub(super) async fn take(
    context: &RequestContext,
    fields: &Fields,
    purpose: Purpose,
    user: Option<UserId>,
) -> Result<Accepted<Proof>, AppError> {
    let answered = match Answered::take(context, fields, purpose, user).await? {
        Ok(answered) => answered,
        Err(why) => return Ok(Err(why)),
    };
    let db = context.db()?;
    let id = webauthn::hash(&bytes(fields, "credential"));
    let found = passkeys::find(&db, &id).await?;
    let Some(passkey) = found.filter(|one| user.is_none_or(|user| one.user_id == user)) else {
        return Ok(Err(UNKNOWN));
    };
    if verify(fields, &answered, &passkey, context).await? {
        let event = answered.event;
        return Ok(Ok(Proof { passkey, event }));
    }
    let (origin, now) = (origin(context, None), Timestamp::now());
    let event = Event::new(EventKind::SignInFailed, Some(passkey.user_id), origin, now);
    events::insert(&db, &event.with_detail("passkey")).await?;
    Ok(Err(REFUSED))
}

/// Verifies the signature, and notes the use. False if a step fails.
async fn verify(
    fields: &Fields,
    answered: &Answered<'_>,
    passkey: &PasskeyRow,
    context: &RequestContext,
) -> Result<bool, AppError> {
    let part = |name| bytes(fields, name);
    let user_handle = Some(part("user_handle")).filter(|handle| !handle.is_empty());
    let response = Assertion {
        client_data: &part("client_data"),
        authenticator_data: &part("authenticator_data"),
        signature: &part("signature"),
        user_handle: user_handle.as_deref(),
    };
    let credential = Credential {
        user_handle: passkey.user_id.0.as_bytes(),
        public_key: &passkey.public_key,
        sign_count: u32::try_from(passkey.sign_count).unwrap_or(u32::MAX),
        is_backup_eligible: passkey.backup_eligible,
    };
    let verified = match verify_assertion(&response, &answered.expected(), &credential) {
        Ok(verified) => verified,
        Err(step) => {
            log::warn!("a passkey was refused: {step}");
            return Ok(false);
        }
    };
    let used = PasskeyUse {
        id: &passkey.id,
        sign_count: verified.sign_count.into(),
        backed_up: verified.is_backed_up,
        at: Timestamp::now(),
    };
    Ok(passkeys::note_use(&context.db()?, used).await?)
}

/// The outcome of a write with the event of a challenge: a challenge that was used before is an event that is there already.
///
/// # Errors
/// Any other error.
pub(super) fn once<T>(written: Result<T, AppError>) -> Result<Accepted<T>, AppError> {
    match written {
        Ok(done) => Ok(Ok(done)),
        Err(AppError::Conflict { .. }) => Ok(Err(LATE)),
        Err(error) => Err(error),
    }
}
