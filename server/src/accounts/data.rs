//! `POST /settings/data`: everything that is the person's own, as one archive.

use accounts::policy::{Action, Relation};
use app::AppError;
use app::context::RequestContext;
use axum::Extension;
use axum::body::Body;
use axum::response::Response;
use db::queries::{events, personal_data};
use domain::{EventKind, Timestamp};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};

use super::archive::archive;
use super::guard::allowed;
use super::visit::{Taken, answered, event};
use crate::fields::Fields;

const PATH: &str = "/settings/data";
const TOO_MUCH: &str = "You have written more than fits into one download. Please ask the operators of this site: they can \
                        export your data for you.";

pub(crate) async fn download(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_download(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_download(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let session = match allowed(context, Action::ExportData, Relation::Own, fields).await? {
        Ok(session) => session,
        Err(response) => return Ok(Ok(response)),
    };
    let db = context.db()?;
    if personal_data::length(&db, session.user_id).await? > personal_data::MAX_LENGTH {
        return Ok(Err(fields.state().refused(TOO_MUCH)));
    }
    events::insert(&db, &event(EventKind::DataExported, context, &session)).await?;
    let own = personal_data::of_user(&db, session.user_id).await?;
    let now = Timestamp::now();
    let bytes = archive(&context.site().origin, &own, now);
    let bytes = bytes.map_err(|error| AppError::internal(&error))?;
    let day = now.rfc3339();
    let day = day.split('T').next().unwrap_or_default();
    let attachment = format!("attachment; filename=\"{}-{day}.zip\"", session.handle);
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(attachment) = HeaderValue::try_from(attachment) {
        headers.insert(CONTENT_DISPOSITION, attachment);
    }
    Ok(Ok(response))
}
