//! `POST /settings/password`: another password, for who is signed in and knows the present one. Every other session ends, and this one
//! gets another token.

use accounts::Token;
use accounts::password::{self, Verdict};
use app::context::RequestContext;
use app::visitor::Limit;
use app::{AppError, site};
use axum::Extension;
use axum::response::Response;
use db::queries::accounts as stored;
use db::queries::sessions::Rotation;
use db::queries::sign_in::{self, Login};
use domain::{Email, EventKind, NewPassword, Password};

use super::visit::{Taken, answered, count, event, go_on};
use super::{codes, cookie, letters};
use crate::fields::Fields;

const PATH: &str = "/settings/password";

pub(crate) async fn change(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_change(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_change(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let (Some(session), Some(previous)) = (context.session().await?, context.session_hash()) else {
        return Ok(Ok(go_on("/login?next=%2Fsettings%2Fpassword", None)));
    };
    count(context, Limit::SignIn, Some(&session.handle)).await?;
    let db = context.db()?;
    let user = sign_in::find(&db, Login::User(session.user_id)).await?;
    let user = user.ok_or(AppError::Unauthenticated)?;
    let mut state = fields.state();
    let is_known = match Password::typed(fields.get("current")) {
        Some(typed) => {
            let verdict = password::verify(&typed, Some(&user.password_hash));
            verdict.map_err(|error| AppError::internal(&error))? != Verdict::Wrong
        }
        // Too long to be anybody's.
        None => false,
    };
    if !is_known {
        state.refuse("current", "This is not your present password.");
    }
    let own = [&user.handle, &user.name, &user.email].map(String::as_str);
    let own: Vec<&str> = own.into_iter().chain([site::NAME]).collect();
    let new = match NewPassword::parse(fields.get("password"), &own) {
        Ok(new) if is_known => new,
        Ok(_) => return Ok(Err(state)),
        Err(why) => {
            state.refuse("password", why.0);
            return Ok(Err(state));
        }
    };
    let hash = password::hash(new.as_password()).map_err(|error| AppError::internal(&error))?;
    let token = Token::new().map_err(|error| AppError::internal(&error))?;
    let rotation = Rotation {
        from: &previous,
        to: &token.hash(),
    };
    let event = event(EventKind::PasswordChanged, context, &session);
    stored::set_password(&db, user.id, &hash, Some(rotation), &event).await?;
    if let Ok(email) = Email::parse(&user.email) {
        codes::tell(context, email, &letters::PASSWORD_CHANGED).await;
    }
    Ok(Ok(go_on("/settings?changed=password", cookie::set(&token))))
}
