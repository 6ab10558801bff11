//! From a cause inside to what may be said outside, and the page that says it.

use db::DbError;
use http::{HeaderName, HeaderValue, StatusCode};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use uuid::Uuid;

use crate::AppError;
use crate::address::ListKind;
use crate::components::{Head, Layout, SearchForm};
use crate::context;
use crate::site;

impl From<DbError> for AppError {
    /// Logs the cause under an id, and says outside what is safe to say.
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(why) => {
                log::error!("{why}");
                Self::Unavailable { reason: why }
            }
            // What the network says may name machines: that is for the log.
            DbError::Lost(_) => Self::unavailable(
                &error,
                "The connection to the database was refused or lost; the log says why.",
            ),
            DbError::Timeout(_) => {
                Self::unavailable(&error, "The database did not answer in time.")
            }
            DbError::Unique { column, .. } => Self::Conflict { field: column },
            DbError::ForeignKey(_)
            | DbError::Check(_)
            | DbError::TooLarge(_)
            | DbError::Decode { .. }
            | DbError::Unsupported(_)
            | DbError::Closed
            | DbError::Driver(_) => Self::internal(&error),
        }
    }
}

impl AppError {
    /// Logs `cause`, and says `reason`.
    fn unavailable(cause: &dyn std::fmt::Display, reason: &str) -> Self {
        log::error!("{cause}");
        Self::Unavailable {
            reason: reason.to_owned(),
        }
    }

    /// Logs `cause` under a fresh id.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        let id = Uuid::now_v7().simple().to_string();
        log::error!("error {id}: {cause}");
        Self::Internal { id }
    }
}

/// The page's view, or the page of its failure with the right status.
pub(crate) fn view_or_failure<V: IntoView + 'static>(result: Result<V, AppError>) -> AnyView {
    match result {
        Ok(view) => view.into_any(),
        Err(error) => {
            set_failure(&error);
            view! { <FailurePage notice=Notice::from(&error)/> }.into_any()
        }
    }
}

/// Gives the response the failure's status.
pub(crate) fn set_failure(error: &AppError) {
    let Some(response) = context::response() else {
        return;
    };
    if let Ok(status) = StatusCode::from_u16(error.status()) {
        response.set_status(status);
    }
    if let Some(seconds) = error.retry_after() {
        response.insert_header(
            HeaderName::from_static("retry-after"),
            HeaderValue::from(seconds),
        );
    }
}

/// Leads to `path` for good (301); whoever does not follow by itself gets a link.
pub(crate) fn moved(path: &str) -> impl IntoView + use<> {
    if let (Some(response), Ok(location)) = (context::response(), HeaderValue::from_str(path)) {
        response.set_status(StatusCode::MOVED_PERMANENTLY);
        response.insert_header(http::header::LOCATION, location);
    }
    let path = path.to_owned();
    view! { <p class="lead">"This post has moved: "<a href=path.clone()>{path.clone()}</a></p> }
}

/// What an error page says.
pub struct Notice {
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub heading: &'static str,
    /// What it means, and what to do.
    pub text: String,
    /// Under which the log has the cause.
    pub id: Option<String>,
}

impl From<&AppError> for Notice {
    fn from(error: &AppError) -> Self {
        let (heading, text) = match error {
            AppError::NotFound => (
                "This path leads nowhere",
                "There is no page at this address. It may have been moved, or the address may have lost a letter on \
                 the way."
                    .to_owned(),
            ),
            AppError::Gone => (
                "This page was taken down",
                "There was a page at this address. Its author has withdrawn it.".to_owned(),
            ),
            AppError::Invalid { .. } => ("This address is not understood", error.message()),
            AppError::Conflict { .. } => ("This exists already", error.message()),
            AppError::Unauthenticated => ("Sign in first", error.message()),
            AppError::Forbidden => ("This is not for you", error.message()),
            AppError::TooMany { .. } => ("Slow down, please", error.message()),
            AppError::Unavailable { .. } => ("The site cannot answer now", error.message()),
            AppError::Internal { .. } => (
                "Something broke on our side",
                "It is not your doing, and it has been written down. Please try again in a moment.".to_owned(),
            ),
        };
        let id = match error {
            AppError::Internal { id } => Some(id.clone()).filter(|id| !id.is_empty()),
            AppError::NotFound
            | AppError::Gone
            | AppError::Invalid { .. }
            | AppError::Conflict { .. }
            | AppError::Unauthenticated
            | AppError::Forbidden
            | AppError::TooMany { .. }
            | AppError::Unavailable { .. } => None,
        };
        Self {
            status: error.status(),
            heading,
            text,
            id,
        }
    }
}

/// A failure as a page: what happened, and ways on.
#[component]
fn FailurePage(notice: Notice) -> impl IntoView {
    let Notice {
        status,
        heading,
        text,
        id,
    } = notice;
    view! {
        <Head title=heading description=text.clone() is_indexed=false/>
        <p class="meta">{status}</p>
        <h1>{heading}</h1>
        <p class="lead">{text}</p>
        {id.map(|id| view! {
            <p class="error-id">"If you write to us about it, give this number: "<code>{id}</code></p>
        })}
        <nav class="signpost" aria-label="Ways on">
            <a class="sign" href="/">"Newest posts"</a>
            <a class="sign back" href="/users">"Authors"</a>
            <a class="sign" href="/about">{format!("About {}", site::NAME)}</a>
        </nav>
        <SearchForm kind=ListKind::Posts query=String::new()/>
    }
}

/// The whole page of a failure that no page rendered: a bad method, a body too large, an address that is none.
pub fn error_page(notice: Notice) -> impl IntoView {
    provide_meta_context();
    view! { <Layout><FailurePage notice/></Layout> }
}
