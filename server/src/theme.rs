//! `POST /theme`: keeps the choice of theme in a cookie, and goes back to where it was made.

use app::context::Theme;
use axum::body::Bytes;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CONTENT_TYPE, REFERER, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Uri};

use crate::refusal::{Failure, Refusal};

/// Takes the form, answers 303.
pub(crate) async fn choose(headers: HeaderMap, body: Bytes) -> Result<Response, Failure> {
    let is_form = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Err(Refusal::MediaType.into());
    }
    let chosen = body
        .split(|byte| *byte == b'&')
        .find_map(|pair| pair.strip_prefix(b"theme="))
        .unwrap_or_default();
    let cookie = match std::str::from_utf8(chosen) {
        Ok("system") => "theme=; Path=/; Max-Age=0; SameSite=Lax".to_owned(),
        Ok(word) if Theme::parse(word).is_some() => {
            format!("theme={word}; Path=/; Max-Age=31536000; SameSite=Lax")
        }
        _ => return Err(app::AppError::invalid("theme", "theme is system, light or dark.").into()),
    };
    let mut response = Redirect::to(&back(&headers)).into_response();
    let cookie = HeaderValue::from_str(&cookie).map_err(|error| app::AppError::internal(&error))?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

/// The page that the form was on; only its path, so that it can be on this site alone.
fn back(headers: &HeaderMap) -> String {
    let referer = headers.get(REFERER).and_then(|value| value.to_str().ok());
    let page = referer.and_then(|text| text.parse::<Uri>().ok());
    let path = page
        .as_ref()
        .and_then(Uri::path_and_query)
        .map(|path| path.as_str());
    path.filter(|path| path.starts_with('/') && !path.starts_with("//"))
        .unwrap_or("/")
        .to_owned()
}
