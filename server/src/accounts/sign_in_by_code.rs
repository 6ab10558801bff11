//! `POST /login/code/send`: a code by mail for who has no password at hand; `POST /login/code`: a session by it.
//!
//! Known and unknown addresses have one answer, as in `reset`.

use accounts::Code;
use accounts::password::UNUSABLE;
use app::AppError;
use app::context::RequestContext;
use app::visitor::Limit;
use axum::Extension;
use axum::response::Response;
use db::queries::accounts as stored;
use db::queries::passwords;
use db::queries::sign_in::{self, Login, SignInRow};
use db::schema::tables::Event;
use domain::{CodeId, CodePurpose, Email, EventKind, Timestamp};
use url::form_urlencoded::byte_serialize;

use super::codes::{self, NO_CODE, WRONG};
use super::leave::not_open;
use super::visit::{Taken, answered, begin_session, count, go_on, next, origin};
use super::{known, letters};
use crate::fields::Fields;

const PATH: &str = "/login/code";
const PURPOSE: CodePurpose = CodePurpose::SignIn;

pub(crate) async fn send(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_send(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_send(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let sent = codes::send_to_typed(context, fields, PURPOSE, letters::sign_in).await?;
    let cookie = match sent {
        Ok(cookie) => cookie,
        Err(state) => return Ok(Err(state)),
    };
    let next: String = byte_serialize(next(fields).as_bytes()).collect();
    Ok(Ok(go_on(&format!("{PATH}?next={next}"), cookie)))
}

pub(crate) async fn sign_in(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_sign_in(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_sign_in(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let Some(code) = Code::parse(fields.get("code")) else {
        return Ok(Err(fields.refused("code", NO_CODE)));
    };
    // Not by the account: whoever tries its password too often does not keep its owner out.
    count(context, Limit::SignIn).await?;
    let db = context.db()?;
    let Some(used) = codes::take(context, PURPOSE, &code).await? else {
        let user = match Email::parse(fields.get("email")) {
            Ok(email) => sign_in::find(&db, Login::Email(&email)).await?,
            Err(_) => None,
        };
        codes::note_wrong(context, user.map(|user| user.id)).await?;
        return Ok(Err(fields.refused("code", WRONG)));
    };
    let user = match used.user_id {
        Some(id) => sign_in::find(&db, Login::User(id)).await?,
        // Nobody was sent it.
        None => None,
    };
    let Some(user) = user else {
        return Ok(Err(fields.refused("code", WRONG)));
    };
    let is_first_proof = user.email_verified_at.is_none();
    if is_first_proof && user.is_open() {
        shut_out(context, &user, used.id).await?;
    }
    let Some(cookie) = begin_session(context, user.id).await? else {
        return Ok(not_open(context, fields, &user));
    };
    // Who has read the mail has the address.
    if let Ok(email) = Email::parse(&used.email) {
        let (origin, now) = (origin(context, None), Timestamp::now());
        let event = Event::new(EventKind::EmailVerified, Some(user.id), origin, now);
        stored::verify_email(&db, user.id, &email, &event).await?;
        if is_first_proof {
            let reset = format!("{}/reset", context.site().origin);
            codes::tell(context, email, &letters::shut_out(&reset)).await;
        }
    }
    let mut response = go_on(next(fields), Some(cookie));
    known::remember(context, user.id, &mut response);
    Ok(Ok(response))
}

/// Takes an account, whose address nobody has proved yet, from whoever made it, who need not be the owner of the address. Its password is
/// void: the owner sets another one by `/reset`.
async fn shut_out(
    context: &RequestContext,
    user: &SignInRow,
    proof: CodeId,
) -> Result<(), AppError> {
    let (origin, now) = (origin(context, None), Timestamp::now());
    let event = Event::new(EventKind::SessionsRevoked, Some(user.id), origin, now);
    Ok(passwords::take_over(&context.db()?, user.id, UNUSABLE, Some(proof), &event).await?)
}
