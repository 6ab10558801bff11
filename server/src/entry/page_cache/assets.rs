//! The deployed files (binding `ASSETS`).

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::cache::value_of;
use super::js;

#[wasm_bindgen]
extern "C" {
    type Binding;
    #[wasm_bindgen(method, catch)]
    fn fetch(this: &Binding, url: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = fetch)]
    fn answer(this: &Binding, request: &web_sys::Request) -> Result<Promise, JsValue>;
}

pub(super) struct Assets(Option<Binding>);

impl Assets {
    pub(super) fn new(env: &Env) -> Self {
        Self(js::property(env, "ASSETS").map(JsCast::unchecked_into))
    }

    /// The file at `path`, if there is one.
    pub(super) async fn file(&self, path: &str) -> Option<web_sys::Response> {
        self.fetch(path).await.filter(web_sys::Response::ok)
    }

    /// The whole answer to a request for a page that is a file: with the headers of its rules, or 304. None where there is
    /// no such page.
    pub(super) async fn page(&self, request: &web_sys::Request) -> Option<web_sys::Response> {
        let call = self.0.as_ref()?.answer(request);
        let response: web_sys::Response = value_of(call).await.map(JsCast::unchecked_into)?;
        let kind = response.headers().get("content-type").ok().flatten();
        let is_page = response.ok() && kind.is_some_and(|kind| kind.starts_with("text/html"));
        (is_page || response.status() == 304).then_some(response)
    }

    /// The answer for `path`: 404 where there is no such file; none when the assets do not answer.
    pub(super) async fn fetch(&self, path: &str) -> Option<web_sys::Response> {
        let call = self.0.as_ref()?.fetch(&format!("https://assets{path}"));
        value_of(call).await.map(JsCast::unchecked_into)
    }
}
