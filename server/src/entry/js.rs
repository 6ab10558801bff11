//! Helpers for JavaScript values.

use http::HeaderName;
use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// A property of an object; none when it is undefined or null.
pub(super) fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// Texts that nearly every request hands to JavaScript. They are converted once, because each conversion costs a call.
const FREQUENT: [&str; 12] = [
    "DB",
    "prepare",
    "first-unconstrained",
    "content-type",
    "text/html; charset=utf-8",
    "application/json",
    "cache-control",
    "public, max-age=0, must-revalidate",
    "vary",
    "Cookie",
    "etag",
    "content-encoding",
];

/// Has what is often handed over converted once for this isolate.
pub(super) fn intern_frequent(header_names: &[HeaderName]) {
    let names = header_names.iter().map(HeaderName::as_str);
    for text in FREQUENT.into_iter().chain(names) {
        wasm_bindgen::intern(text);
    }
}

/// Sets a property of a plain object, which takes any.
pub(super) fn set(object: &Object, name: &str, value: &str) {
    let _ = Reflect::set(object, &JsValue::from_str(name), &JsValue::from_str(value));
}

/// The value of the promise that a call returned.
pub(super) async fn settled(call: Result<Promise, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(call?).await
}

/// The whole body of a response.
pub(super) async fn bytes(response: &web_sys::Response) -> Option<Uint8Array> {
    let buffer = settled(response.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer))
}

/// The whole body of a response, as text.
pub(super) async fn text(response: &web_sys::Response) -> Option<String> {
    settled(response.text()).await.ok()?.as_string()
}
