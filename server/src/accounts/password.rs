//! `POST /settings/password`: another password, for who has lately proved who they are. Every other session ends, and this one gets
//! another token.

use accounts::password;
use accounts::policy::{Action, Relation};
use app::context::RequestContext;
use app::form::BeforeForm;
use app::{AppError, site};
use axum::Extension;
use axum::response::Response;
use db::queries::passwords;
use db::queries::sessions::Rotation;
use db::queries::sign_in::{self, Login};
use domain::{EventKind, NewPassword};

use super::visit::{Taken, answered, event, go_on};
use super::{codes, cookie, guard, letters, rotation};
use crate::fields::Fields;

const PATH: &str = "/settings/password";
const DONE: &str = "/settings?changed=password";

pub(crate) async fn change(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_change(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_change(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    guard::from_the_primary(context)?;
    if context.session().await?.is_none()
        && let Some(token) = rotation::done_before(context, fields).await?
    {
        return Ok(Ok(go_on(DONE, cookie::set(&token))));
    }
    let session = guard::allowed(context, Action::ChangePassword, Relation::Own, fields).await?;
    let (session, previous) = match (session, context.session_hash()) {
        (Ok(session), Some(previous)) => (session, previous),
        (Ok(_), None) => return Err(AppError::Unauthenticated),
        (Err(response), _) => return Ok(Ok(response)),
    };
    let db = context.db()?;
    let user = sign_in::find(&db, Login::User(session.user_id)).await?;
    let user = user.ok_or(AppError::Unauthenticated)?;
    let own = [&user.handle, &user.name, &user.email].map(String::as_str);
    let own: Vec<&str> = own.into_iter().chain([site::NAME]).collect();
    let new = match NewPassword::parse(fields.get("password"), &own) {
        Ok(new) => new,
        Err(why) => return Ok(Err(fields.refused("password", why.0))),
    };
    let hash = password::hash(new.as_password()).map_err(|error| AppError::internal(&error))?;
    let token = rotation::next_token(context, fields)?;
    let rotation = Rotation {
        from: &previous,
        to: &token.hash(),
    };
    let event = event(EventKind::PasswordChanged, context, &session);
    if !passwords::set_password(&db, user.id, &hash, Some(rotation), &event).await? {
        // The session was ended meanwhile, or by the first of two clicks.
        return Ok(Ok(match rotation::done_before(context, fields).await? {
            Some(token) => go_on(DONE, cookie::set(&token)),
            None => guard::hold(context, fields.held(BeforeForm::SignIn)).await,
        }));
    }
    let is_proved = user.email_verified_at.is_some();
    codes::tell_owner(context, &user.email, is_proved, &letters::PASSWORD_CHANGED).await;
    Ok(Ok(go_on(DONE, cookie::set(&token))))
}
