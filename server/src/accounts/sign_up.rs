//! `POST /signup`: an account, and a session in it. The form brings the id of the account, so that one that is sent twice makes one.
//! The forms of invites and links make accounts too, by [`make`].

use accounts::password::{self, Verdict};
use app::context::{Registration, RequestContext};
use app::form::FormState;
use app::visitor::Limit;
use app::{AppError, Problem, site};
use axum::Extension;
use axum::response::{IntoResponse, Response};
use db::DbError;
use db::queries::accounts::{self as stored, Creation};
use db::queries::sign_in::{self, Login};
use db::schema::tables::{Event, User};
use domain::{CodeId, DisplayName, Email, EventKind, Handle, NewPassword, Role, Timestamp, UserId};
use http::HeaderValue;
use http::header::SET_COOKIE;
use uuid::Uuid;

use super::visit::{Taken, answered, begin_session, count, go_on, next, origin, search_words};
use super::{known, verify};
use crate::fields::Fields;

const PATH: &str = "/signup";
pub(super) const TAKEN: &str = "Somebody has this handle already.";
/// The sentence about an invite that cannot be used; it does not tell why.
pub(super) const NO_INVITE: &str = "This invite is not right, or it was used or withdrawn, or has expired. Ask who sent it for another one.";

pub(crate) async fn sign_up(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    if context.site().registration != Registration::Open {
        return Problem::from(AppError::Forbidden).into_response();
    }
    let outcome = try_sign_up(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

/// The fields as the rules have them.
pub(super) struct Typed {
    pub(super) id: UserId,
    pub(super) handle: Handle,
    name: DisplayName,
    email: Email,
    password: NewPassword,
}

/// The part of an account that nobody types.
pub(super) struct Terms<'a> {
    pub(super) role: Role,
    /// The hash of the token of the invite that is used up.
    pub(super) invite: Option<&'a str>,
    /// The address is known to be the person's.
    pub(super) is_verified: bool,
    /// The way by which the account is made, for the event.
    pub(super) detail: &'a str,
}

impl Typed {
    pub(super) fn parse(fields: &Fields) -> Result<Self, FormState> {
        let mut state = fields.state();
        let mut keep = |field: &str, why: &str| state.refuse(field, why);
        let id = Uuid::parse_str(fields.get("id")).ok().map(UserId);
        let handle = Handle::claim(fields.get("handle").trim(), site::NAME);
        let handle = handle.map_err(|why| keep("handle", why.0)).ok();
        let name = DisplayName::parse(fields.get("name"));
        let name = name.map_err(|why| keep("name", why.0)).ok();
        let email = Email::parse(fields.get("email").trim());
        let email = email.map_err(|why| keep("email", why.0)).ok();
        let own = ["handle", "name", "email"].map(|field| fields.get(field));
        let own: Vec<&str> = own.into_iter().chain([site::NAME]).collect();
        let password = NewPassword::parse(fields.get("password"), &own);
        let password = password.map_err(|why| keep("password", why.0)).ok();
        match (handle, name, email, password) {
            (Some(handle), Some(name), Some(email), Some(password)) => Ok(Self {
                // Whoever sends no id cannot send the form twice.
                id: id.unwrap_or_default(),
                handle,
                name,
                email,
                password,
            }),
            _ => Err(state),
        }
    }
}

async fn try_sign_up(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let typed = match Typed::parse(fields) {
        Ok(typed) => typed,
        Err(state) => return Ok(Err(state)),
    };
    count(context, Limit::SignUp).await?;
    let terms = Terms {
        role: Role::Reader,
        invite: None,
        is_verified: false,
        detail: "",
    };
    make(context, fields, typed, &terms).await
}

/// Makes the account that was typed, and begins a session in it.
///
/// # Errors
/// Any error of the database.
pub(super) async fn make(
    context: &RequestContext,
    fields: &Fields,
    typed: Typed,
    terms: &Terms<'_>,
) -> Result<Taken, AppError> {
    let hash = password::hash(typed.password.as_password());
    let hash = hash.map_err(|error| AppError::internal(&error))?;
    let user = user(&typed, terms, hash);
    let event = Event::new(
        EventKind::SignedUp,
        Some(user.id),
        origin(context, None),
        user.created_at,
    );
    let event = event.with_detail(terms.detail);
    let db = context.db()?;
    let refused = |field: &str, why: &str| Ok(Err(fields.refused(field, why)));
    match stored::create(&db, &user, terms.invite, &event).await {
        Ok(Creation::Done) => {}
        Ok(Creation::HandleKept) => return refused("handle", TAKEN),
        Ok(Creation::NoInvite) => {
            if !is_same(context, &typed).await? {
                return Ok(Err(fields.state().refused(NO_INVITE)));
            }
        }
        Err(DbError::Unique { column, .. }) => {
            if !is_same(context, &typed).await? {
                return match column.as_str() {
                    "email" => refused(
                        "email",
                        "There is an account with this address already: sign in.",
                    ),
                    _ => refused("handle", TAKEN),
                };
            }
        }
        Err(error) => return Err(error.into()),
    }
    enter(context, fields, typed, terms.is_verified).await
}

/// Begins a session in the account that was made, also by the same form before.
///
/// # Errors
/// Any error of the database.
pub(super) async fn enter(
    context: &RequestContext,
    fields: &Fields,
    typed: Typed,
    is_verified: bool,
) -> Result<Taken, AppError> {
    let cookie = begin_session(context, typed.id).await?;
    let mut response = go_on(next(fields), cookie);
    known::remember(context, typed.id, &mut response);
    if !is_verified && let Some(cookie) = ask_to_verify(context, typed).await {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(Ok(response))
}

/// Sends the code that proves the address. The account is made without it: the settings say what is missing, and send another.
async fn ask_to_verify(context: &RequestContext, typed: Typed) -> Option<HeaderValue> {
    context.mailer()?;
    // The id of the form: one that is sent twice sends one mail.
    let id = CodeId(typed.id.0);
    match verify::request(context, id, typed.id, typed.email).await {
        Ok(cookie) => cookie,
        Err(error) => {
            log::warn!("no code was sent at a sign-up: {error}");
            None
        }
    }
}

/// True if this form was taken before: the account that it makes is there, with this address and this password.
///
/// # Errors
/// Any error of the database.
pub(super) async fn is_same(context: &RequestContext, typed: &Typed) -> Result<bool, AppError> {
    let found = sign_in::find(&context.db()?, Login::User(typed.id)).await?;
    let Some(user) = found.filter(|user| user.email == typed.email.as_str()) else {
        return Ok(false);
    };
    let verdict = password::verify(typed.password.as_password(), Some(&user.password_hash));
    let verdict = verdict.map_err(|error| AppError::internal(&error))?;
    Ok(verdict != Verdict::Wrong)
}

fn user(typed: &Typed, terms: &Terms<'_>, password_hash: String) -> User {
    let now = Timestamp::now();
    User {
        id: typed.id,
        handle: typed.handle.as_str().to_owned(),
        email: typed.email.as_str().to_owned(),
        name: typed.name.as_str().to_owned(),
        bio: String::new(),
        role: terms.role,
        password_hash,
        post_count: 0,
        search_text: search_words(typed.handle.as_str(), typed.name.as_str(), ""),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        email_verified_at: terms.is_verified.then_some(now),
        suspended_at: None,
        suspended_reason: None,
        erase_at: None,
        keeps_posts: false,
        erased_at: None,
    }
}
