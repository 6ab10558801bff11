//! The theme, where no script takes care of it: the form that keeps it in a cookie, and a style for pages that are files.

use app::context::{RequestContext, Theme};
use axum::Extension;
use axum::body::Bytes;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, REFERER, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, Uri};

use crate::refusal::{Failure, Refusal};

/// `GET /theme.css`: what the reader chose, as a style over the site's own. Empty for who follows the system.
pub(crate) async fn style(Extension(context): Extension<RequestContext>) -> Response {
    let style = context.theme().map(|theme| {
        let theme = theme.as_str();
        format!(
            "@media screen{{:root{{color-scheme:{theme}}}\
             :root:not([data-theme]) .theme [value=system]{{color:var(--muted);text-decoration:none}}\
             :root:not([data-theme]) .theme [value={theme}]{{color:var(--ink);\
             text-decoration:underline 3px var(--blaze);text-underline-offset:.45em}}}}"
        )
    });
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "private, no-cache"),
        (VARY, "Cookie"),
    ];
    (headers, style.unwrap_or_default()).into_response()
}

/// `POST /theme`: takes the form, answers 303 back to where it was.
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
