//! Calls a server function without its generated stub: the browser's own `fetch` and JSON parser do what would
//! otherwise be 25 KB of wasm (measured with brotli).

use leptos::server_fn::ServerFn;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::dom::window;
use crate::address::encode;
use crate::server_fns::{Find, ListKind};

/// The HTML that [`crate::server_fns::find`] renders.
///
/// # Errors
/// A sentence for the reader.
pub(super) async fn find(subject: ListKind, query: &str, cursor: &str) -> Result<String, String> {
    let address = [
        Find::PATH,
        "?subject=",
        subject.name(),
        "&query=",
        &encode(query),
        "&cursor=",
        &encode(cursor),
    ]
    .concat();
    get(&address).await.map_err(|status| match status {
        Some(400) => "This search is not understood. Try other words.".to_owned(),
        Some(status) => [
            "The site cannot search now (",
            &status.to_string(),
            "). Please try again in a moment.",
        ]
        .concat(),
        None => "The site cannot be reached. Check the connection and try again.".to_owned(),
    })
}

/// The fragment's HTML, or the status of the answer, if there was one.
async fn get(address: &str) -> Result<String, Option<u16>> {
    let window = window().ok_or(None)?;
    let response: Response = JsFuture::from(window.fetch_with_str(address))
        .await
        .map_err(|_| None)?
        .unchecked_into();
    let status = Some(response.status());
    if !response.ok() {
        return Err(status);
    }
    let json = response.json().map_err(|_| status)?;
    let fragment = JsFuture::from(json).await.map_err(|_| status)?;
    let html = js_sys::Reflect::get(&fragment, &JsValue::from_str("html")).map_err(|_| status)?;
    html.as_string().ok_or(status)
}
