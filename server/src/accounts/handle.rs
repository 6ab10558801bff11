//! `POST /settings/handle`: another handle. The old one leads to it, and is kept from others for a time.

use accounts::policy::{Action, Relation};
use app::context::RequestContext;
use app::visitor::Limit;
use app::{AppError, site};
use axum::Extension;
use axum::response::Response;
use db::DbError;
use db::queries::accounts as stored;
use db::queries::handles::{self, HandleChange};
use domain::{EventKind, Handle};

use super::guard::allowed;
use super::visit::{Taken, answered, count_key, event, go_on, search_words};
use crate::fields::Fields;

const PATH: &str = "/settings/handle";
const DONE: &str = "/settings?changed=handle";
/// The sentence about a handle that is somebody else's, or kept for them.
const TAKEN: &str =
    "Somebody else has this handle, or had it within the last 90 days. Please choose another.";

pub(crate) async fn change(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_change(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_change(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let session = match allowed(context, Action::ChangeHandle, Relation::Own, fields).await? {
        Ok(session) => session,
        Err(response) => return Ok(Ok(response)),
    };
    let handle = match Handle::claim(fields.get("handle"), site::NAME) {
        Ok(handle) => handle,
        Err(why) => return Ok(Err(fields.refused("handle", why.0))),
    };
    let (db, id) = (context.db()?, session.user_id);
    // What is searched for is made of the profile as it is now.
    db.require_strong_reads();
    let account = stored::find(&db, id).await?;
    let account = account.ok_or(AppError::Unauthenticated)?;
    if account.handle == handle.as_str() {
        return Ok(Ok(go_on(DONE, None)));
    }
    // Each change keeps one more handle from everybody else.
    count_key(context, Limit::SignUp, &format!("user {id}")).await?;
    let words = search_words(handle.as_str(), &account.name, &account.bio);
    let event = event(EventKind::HandleChanged, context, &session);
    match handles::change(&db, id, &handle, &words, &event).await {
        Ok(HandleChange::Done) => Ok(Ok(go_on(DONE, None))),
        Ok(HandleChange::Refused) => {
            // A form that is sent twice has done what it was sent for.
            let account = stored::find(&db, id).await?;
            let is_done = account.is_some_and(|account| account.handle == handle.as_str());
            Ok(match is_done {
                true => Ok(go_on(DONE, None)),
                false => Err(fields.refused("handle", TAKEN)),
            })
        }
        Err(DbError::Unique { .. }) => Ok(Err(fields.refused("handle", TAKEN))),
        Err(error) => Err(error.into()),
    }
}
