//! The guard of forms: asks the policy whether somebody may do what they ask for, and holds the form where something has to come first.

use accounts::policy::{self, Action, Actor, Relation};
use app::AppError;
use app::context::RequestContext;
use app::form::{BeforeForm, HeldForm};
use axum::body::Body;
use axum::response::Response;
use db::queries::sessions::SessionRow;
use domain::Timestamp;
use http::Request;

use super::visit::count_write;
use crate::fields::Fields;
use crate::render::render;

/// The session of somebody who may make this change, which is counted. Of anybody else, the response of [`permitted`].
///
/// # Errors
/// [`AppError::TooMany`] to an account that changes too much. Those of [`permitted`].
pub(super) async fn allowed(
    context: &RequestContext,
    action: Action,
    relation: Relation,
    fields: &Fields,
) -> Result<Result<SessionRow, Response>, AppError> {
    let outcome = permitted(context, action, relation, fields).await?;
    if let Ok(session) = &outcome {
        count_write(context, session.user_id).await?;
    }
    Ok(outcome)
}

/// The session of somebody who may do `action` to a thing of this relation, and has lately proved who they are, if the policy wants
/// it. Of anybody else, the response: a page that holds the form, and leads to what has to be done before. For forms that change
/// nothing, or that ask the policy again before they do.
///
/// # Errors
/// [`AppError::Forbidden`] to a role that may not do it. Any error of the database.
pub(super) async fn permitted(
    context: &RequestContext,
    action: Action,
    relation: Relation,
    fields: &Fields,
) -> Result<Result<SessionRow, Response>, AppError> {
    if policy::needs_confirmation(action) {
        from_the_primary(context)?;
    }
    let Some(session) = context.session().await? else {
        return Ok(Err(hold(context, fields.held(BeforeForm::SignIn)).await));
    };
    if !policy::may(Actor::Member(session.role), action, relation) {
        return Err(AppError::Forbidden);
    }
    if policy::needs_confirmation(action) && !session.is_confirmed(Timestamp::now()) {
        return Ok(Err(hold(context, fields.held(BeforeForm::Confirm)).await));
    }
    Ok(Ok(session))
}

/// Has the session looked up in the primary: in a copy that lags, one that was ended would still do what protects an account.
///
/// # Errors
/// Those of the request's database.
pub(super) fn from_the_primary(context: &RequestContext) -> Result<(), AppError> {
    context.db()?.require_strong_reads();
    Ok(())
}

/// The page that holds a form.
pub(super) async fn hold(context: &RequestContext, form: HeldForm) -> Response {
    let mut request = Request::new(Body::empty());
    request.extensions_mut().insert(context.clone());
    request.extensions_mut().insert(form);
    render(request).await
}
