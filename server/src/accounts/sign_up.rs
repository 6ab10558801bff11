//! `POST /signup`: an account, and a session in it. The form brings the id of the account, so that one that is sent twice makes one.
//! The forms of invites and links make accounts too, by [`make`].

use app::AppError;
use app::context::{Registration, RequestContext};
use app::form::FormState;
use app::visitor::Limit;
use axum::Extension;
use axum::response::Response;
use domain::{CodeId, UserId};
use http::HeaderValue;
use http::header::SET_COOKIE;
use uuid::Uuid;

use super::new_account::{NewAccount, Outcome, Terms};
use super::visit::{Taken, answered, begin_session, count, go_on, next};
use super::{known, verify};
use crate::fields::Fields;

const PATH: &str = "/signup";
/// The sentence about an invite that cannot be used; it does not tell why.
pub(super) const NO_INVITE: &str = "This invite is not right, or it was used or withdrawn, or has expired. Ask who sent it for another one.";
const USED: &str = "This form was sent before with other words, and has made an account: sign in, or open this page anew.";

pub(crate) async fn sign_up(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = match context.site().registration {
        Registration::Open => try_sign_up(&context, &fields).await,
        // The page says who can.
        Registration::Invite | Registration::Closed => Err(AppError::Forbidden),
    };
    answered(&context, PATH, &fields, outcome).await
}

async fn try_sign_up(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let account = match parse(fields) {
        Ok(account) => account,
        Err(state) => return Ok(Err(state)),
    };
    count(context, Limit::SignUp).await?;
    make(context, fields, account, &Terms::OPEN).await
}

/// The account that was typed.
pub(super) fn parse(fields: &Fields) -> Result<NewAccount, FormState> {
    // Whoever sends no id cannot send the form twice.
    let id = Uuid::parse_str(fields.get("id")).map_or_else(|_| UserId::new(), UserId);
    NewAccount::parse(id, |field| fields.get(field)).map_err(|refused| {
        let mut state = fields.state();
        for (field, why) in refused {
            state.refuse(field, why);
        }
        state
    })
}

/// Makes the account that was typed, and begins a session in it.
///
/// # Errors
/// Any error of the database.
pub(super) async fn make(
    context: &RequestContext,
    fields: &Fields,
    account: NewAccount,
    terms: &Terms<'_>,
) -> Result<Taken, AppError> {
    match account.make(context, terms).await? {
        Outcome::Made => enter(context, fields, account, terms.is_verified).await,
        Outcome::Taken(field, why) => Ok(Err(fields.refused(field, why))),
        Outcome::IdUsed => Ok(Err(fields.state().refused(USED))),
        Outcome::NoInvite => Ok(Err(fields.state().refused(NO_INVITE))),
    }
}

/// Begins a session in the account that was made, also by the same form before.
///
/// # Errors
/// Any error of the database.
pub(super) async fn enter(
    context: &RequestContext,
    fields: &Fields,
    account: NewAccount,
    is_verified: bool,
) -> Result<Taken, AppError> {
    let cookie = begin_session(context, account.id).await?;
    let mut response = go_on(next(fields), cookie);
    known::remember(context, account.id, &mut response);
    if !is_verified && let Some(cookie) = ask_to_verify(context, account).await {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(Ok(response))
}

/// Sends the code that proves the address. The account is made without it: the settings say what is missing, and send another.
async fn ask_to_verify(context: &RequestContext, account: NewAccount) -> Option<HeaderValue> {
    context.mailer()?;
    // The id of the form: one that is sent twice sends one mail.
    let id = CodeId(account.id.0);
    match verify::request(context, id, account.id, account.email).await {
        Ok(cookie) => cookie,
        Err(error) => {
            log::warn!("no code was sent at a sign-up: {error}");
            None
        }
    }
}
