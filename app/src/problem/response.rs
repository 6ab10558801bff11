//! Problems as responses.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use leptos::prelude::FromServerFnError;
use leptos::server_fn::ContentType;

use super::{Problem, ProblemJson};

impl IntoResponse for Problem {
    /// The problem as JSON. It is also among the response's extensions, for whoever shows it in another form.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.ser()));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static(ProblemJson::CONTENT_TYPE),
        );
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
