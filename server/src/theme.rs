//! The theme without script: the form that stores it in a cookie, and a style for pages that are files.

use app::context::{RequestContext, Theme};
use app::redirects::of_this_site;
use app::{AppError, Problem};
use axum::Extension;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, REFERER, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderName, Uri};

use crate::fields::Fields;

/// `GET /theme.css`: the chosen theme as a style over the site's own. Empty for readers who follow the system.
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

/// `POST /theme`: stores the chosen theme, and redirects (303) to the page that the form was on.
pub(crate) async fn choose(
    headers: HeaderMap,
    fields: Fields,
) -> Result<([(HeaderName, String); 1], Redirect), Problem> {
    let theme = fields.get("theme");
    let cookie = if theme == "system" {
        "theme=; Path=/; Max-Age=0; SameSite=Lax".to_owned()
    } else if let Some(theme) = Theme::parse(theme).map(Theme::as_str) {
        format!("theme={theme}; Path=/; Max-Age=31536000; SameSite=Lax")
    } else {
        return Err(AppError::invalid("theme", "Choose system, light or dark.").into());
    };
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&back(&headers))))
}

/// The page that the form was on; only its path, so that it can be on this site alone.
fn back(headers: &HeaderMap) -> String {
    let referer = headers.get(REFERER).and_then(|value| value.to_str().ok());
    let page = referer.and_then(|text| text.parse::<Uri>().ok());
    let path = page
        .as_ref()
        .and_then(Uri::path_and_query)
        .map(|path| path.as_str());
    path.and_then(of_this_site).unwrap_or("/").to_owned()
}
