//! `POST /login`: a session for who knows the password. Unknown users and wrong passwords have one answer, and cost the same.

use accounts::password::{self, Verdict};
use app::AppError;
use app::context::RequestContext;
use app::visitor::Limit;
use axum::Extension;
use axum::response::Response;
use db::queries::sign_in::{self, Login, SignInRow};
use db::queries::{events, passwords};
use db::schema::tables::Event;
use domain::{Email, EventKind, Handle, Password, Timestamp};

use super::leave::not_open;
use super::visit::{Taken, answered, begin_session_by, count, count_account, go_on, next, origin};
use super::{known, new_browser};
use crate::fields::Fields;

const PATH: &str = "/login";
const WRONG: &str = "This name and this password do not belong together. Check both: the password counts small and capital letters.";

pub(crate) async fn sign_in(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_sign_in(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_sign_in(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let typed = fields.get("login").trim().to_lowercase();
    count(context, Limit::SignIn).await?;
    let found = find(context, &typed).await?;
    let id = found.as_ref().map(|user| user.id);
    count_account(context, Limit::SignIn, &typed, id).await?;
    let stored = found.as_ref().map(|user| user.password_hash.as_str());
    let password = Password::typed(fields.get("password"));
    let verdict = match &password {
        // Too long to be anybody's.
        None => Verdict::Wrong,
        Some(password) => {
            password::verify(password, stored).map_err(|error| AppError::internal(&error))?
        }
    };
    let (Some(user), Some(password), Verdict::Right { wants_rehash }) =
        (&found, &password, verdict)
    else {
        let event = Event::new(
            EventKind::SignInFailed,
            found.as_ref().map(|user| user.id),
            origin(context, None),
            Timestamp::now(),
        );
        events::insert(&context.db()?, &event).await?;
        return Ok(Err(fields.state().refused(WRONG)));
    };
    if !user.is_open() {
        return Ok(not_open(context, fields, user));
    }
    let mut present = user.password_hash.clone();
    if wants_rehash {
        let hash = password::hash(password).map_err(|error| AppError::internal(&error))?;
        passwords::rehash(&context.db()?, user.id, &present, &hash).await?;
        present = hash;
    }
    Ok(match begin_session_by(context, user.id, &present).await? {
        Some(cookie) => {
            let mut response = go_on(next(fields), Some(cookie));
            known::remember(context, user.id, &mut response);
            new_browser::tell(context, user).await;
            Ok(response)
        }
        // It was closed meanwhile, or its password is another.
        None => not_open(context, fields, user),
    })
}

async fn find(context: &RequestContext, typed: &str) -> Result<Option<SignInRow>, AppError> {
    let db = context.db()?;
    let (email, handle) = (Email::parse(typed), Handle::parse(typed));
    let login = match (&email, &handle) {
        (Ok(email), _) => Login::Email(email),
        (_, Ok(handle)) => Login::Handle(handle),
        _ => return Ok(None),
    };
    Ok(sign_in::find(&db, login).await?)
}
