//! `POST /fn/passkey-options`: what the script hands to the browser, with a fresh challenge. It reads at most the passkeys of who is
//! signed in, writes nothing, and so is not counted: what is done with a challenge is.

use accounts::{NoRandomness, Token};
use app::context::RequestContext;
use app::passkeys::{Purpose, rp_id};
use app::{AppError, Problem, site};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use db::queries::passkeys::{self, ListedPasskey};
use db::queries::sessions::SessionRow;
use domain::lifetimes::CHALLENGE_TTL;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, SET_COOKIE};
use serde_json::{Value, json};
use webauthn::{ALGORITHMS, encode};

use super::challenge::{self, Asker};
use super::proof::OFF;
use crate::accounts::{codes, cookie};
use crate::fields::Fields;

pub(crate) async fn options(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Result<Response, Problem> {
    let purpose = Purpose::parse(fields.get("purpose"))
        .ok_or_else(|| AppError::invalid("purpose", "There is no such purpose."))?;
    Ok(give(&context, purpose).await?)
}

async fn give(context: &RequestContext, purpose: Purpose) -> Result<Response, AppError> {
    let (Some(secret), Some(rp_id)) = (&context.site().secret, rp_id(context.site())) else {
        return Err(AppError::Unavailable {
            reason: OFF.to_owned(),
        });
    };
    let session = match purpose {
        Purpose::SignIn => None,
        Purpose::Confirm | Purpose::Add => {
            Some(context.session().await?.ok_or(AppError::Unauthenticated)?)
        }
    };
    let browser = codes::browser(context)
        .map_or_else(Token::new, Ok)
        .map_err(|error: NoRandomness| AppError::internal(&error))?;
    let asker = Asker {
        purpose,
        browser: &browser,
        user: session.as_ref().map(|session| session.user_id),
    };
    let mut options = json!({
        "challenge": encode(challenge::give(secret, asker).as_bytes()),
        "timeout": CHALLENGE_TTL.as_millis() as u64,
    });
    let more = match (purpose, session) {
        (Purpose::Add, Some(session)) => creation(context, rp_id, &session).await?,
        (_, session) => {
            let own = match session {
                Some(session) => passkeys::list(&context.db()?, session.user_id).await?,
                // Whoever has passkeys for this site chooses one by its name.
                None => Vec::new(),
            };
            json!({ "rpId": rp_id, "userVerification": "required", "allowCredentials": descriptors(&own) })
        }
    };
    if let (Value::Object(options), Value::Object(more)) = (&mut options, more) {
        options.extend(more);
    }
    let mut response = Json(options).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Some(cookie) = cookie::set_code(&browser) {
        headers.append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The options of a new passkey: one that needs no name to sign in, and verifies its user; nobody is asked where it was made.
async fn creation(
    context: &RequestContext,
    rp_id: &str,
    session: &SessionRow,
) -> Result<Value, AppError> {
    let own = passkeys::list(&context.db()?, session.user_id).await?;
    let algorithms = ALGORITHMS.map(|number| json!({ "type": "public-key", "alg": number }));
    Ok(json!({
        "rp": { "id": rp_id, "name": site::NAME },
        "user": {
            "id": encode(session.user_id.0.as_bytes()),
            "name": session.handle,
            "displayName": session.name,
        },
        "pubKeyCredParams": algorithms,
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "required",
        },
        "attestation": "none",
        "excludeCredentials": descriptors(&own),
    }))
}

fn descriptors(passkeys: &[ListedPasskey]) -> Vec<Value> {
    let one = |passkey: &ListedPasskey| {
        let transports: Vec<&str> = passkey.transports.split_whitespace().collect();
        json!({ "type": "public-key", "id": encode(&passkey.credential_id), "transports": transports })
    };
    passkeys.iter().map(one).collect()
}
