//! `POST /signup`: an account, and a session in it. The form brings the id of the account, so that one that is sent twice makes one.

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
use domain::{
    CodeId, DisplayName, Email, EventKind, Handle, NewPassword, Role, Search, Timestamp, UserId,
};
use http::HeaderValue;
use http::header::SET_COOKIE;
use uuid::Uuid;

use super::visit::{Taken, answered, begin_session, count, go_on, next, origin};
use super::{known, verify};
use crate::fields::Fields;

const PATH: &str = "/signup";
const TAKEN: &str = "Somebody has this handle already.";

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
struct Typed {
    id: UserId,
    handle: Handle,
    name: DisplayName,
    email: Email,
    password: NewPassword,
}

impl Typed {
    fn parse(fields: &Fields) -> Result<Self, FormState> {
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
    let hash = password::hash(typed.password.as_password());
    let hash = hash.map_err(|error| AppError::internal(&error))?;
    let user = user(&typed, hash);
    let event = Event::new(
        EventKind::SignedUp,
        Some(user.id),
        origin(context, None),
        user.created_at,
    );
    let db = context.db()?;
    let refused = |field: &str, why: &str| Ok(Err(fields.refused(field, why)));
    match stored::create(&db, &user, None, &event).await {
        Ok(Creation::Done) => {}
        Ok(Creation::HandleKept | Creation::NoInvite) => return refused("handle", TAKEN),
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
    let cookie = begin_session(context, user.id).await?;
    let mut response = go_on(next(fields), cookie);
    known::remember(context, typed.id, &mut response);
    if let Some(cookie) = ask_to_verify(context, typed).await {
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
async fn is_same(context: &RequestContext, typed: &Typed) -> Result<bool, AppError> {
    let found = sign_in::find(&context.db()?, Login::User(typed.id)).await?;
    let Some(user) = found.filter(|user| user.email == typed.email.as_str()) else {
        return Ok(false);
    };
    let verdict = password::verify(typed.password.as_password(), Some(&user.password_hash));
    let verdict = verdict.map_err(|error| AppError::internal(&error))?;
    Ok(verdict != Verdict::Wrong)
}

fn user(typed: &Typed, password_hash: String) -> User {
    let now = Timestamp::now();
    User {
        id: typed.id,
        handle: typed.handle.as_str().to_owned(),
        email: typed.email.as_str().to_owned(),
        name: typed.name.as_str().to_owned(),
        bio: String::new(),
        role: Role::Reader,
        password_hash,
        post_count: 0,
        search_text: Search::index(&format!(
            "{} {}",
            typed.handle.as_str(),
            typed.name.as_str()
        )),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        email_verified_at: None,
        suspended_at: None,
        suspended_reason: None,
        erase_at: None,
        keeps_posts: false,
        erased_at: None,
    }
}
