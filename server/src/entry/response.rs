//! The platform's response, made in one call.

use app::context::RequestContext;
use axum::body::Bytes;
use futures::StreamExt;
use http::HeaderMap;
use http::header::SET_COOKIE;
use js_sys::{Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::js;
use crate::answer::{Answer, SERVER_TIMING, server_timing};

/// The response for an answer; `headers` are those of every response.
pub(super) fn respond(answer: Answer, headers: Object) -> worker::Result<web_sys::Response> {
    let init = web_sys::ResponseInit::new();
    let begin = |parts: &http::response::Parts| {
        init.set_status(parts.status.as_u16());
        init.set_headers(&with_headers(headers, &parts.headers));
    };
    let (parts, response) = match answer {
        Answer::Whole(response) => {
            let (parts, bytes) = response.into_parts();
            begin(&parts);
            (parts, whole(&bytes, &init))
        }
        Answer::Stream(response) => {
            let (parts, body) = response.into_parts();
            begin(&parts);
            let chunks = body.into_data_stream().map(|chunk| match chunk {
                Ok(bytes) => Ok(Uint8Array::from(bytes.as_ref()).into()),
                Err(error) => Err(JsValue::from_str(&error.to_string())),
            });
            let stream = wasm_streams::ReadableStream::from_stream(chunks).into_raw();
            let stream = Some(stream.unchecked_ref());
            let response = web_sys::Response::new_with_opt_readable_stream_and_init(stream, &init);
            (parts, response)
        }
    };
    let response = response?;
    // The one header that may occur twice, which an object of headers cannot express.
    for cookie in parts.headers.get_all(SET_COOKIE) {
        if let Ok(cookie) = cookie.to_str() {
            response.headers().append(SET_COOKIE.as_str(), cookie)?;
        }
    }
    Ok(response)
}

/// The response with `Server-Timing`, where the site shows it.
pub(super) fn with_timing(
    response: web_sys::Response,
    context: &RequestContext,
) -> worker::Result<web_sys::Response> {
    if context.site().shows_timing
        && let Some(timing) = server_timing(context)
        && let Ok(timing) = timing.to_str()
    {
        response.headers().set(SERVER_TIMING.as_str(), timing)?;
    }
    Ok(response)
}

fn whole(bytes: &Bytes, init: &web_sys::ResponseInit) -> Result<web_sys::Response, JsValue> {
    if bytes.is_empty() {
        return web_sys::Response::new_with_opt_str_and_init(None, init);
    }
    let bytes = Uint8Array::from(bytes.as_ref());
    web_sys::Response::new_with_opt_js_u8_array_and_init(Some(&bytes), init)
}

/// Adds the headers that an object can hold.
fn with_headers(all: Object, headers: &HeaderMap) -> Object {
    for (name, value) in headers.iter().filter(|(name, _)| *name != SET_COOKIE) {
        if let Ok(value) = value.to_str() {
            js::set(&all, name.as_str(), value);
        }
    }
    all
}
