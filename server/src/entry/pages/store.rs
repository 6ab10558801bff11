//! What a Worker has of pages: the deployed files (binding `ASSETS`), and a store for what it rendered itself, which is the
//! KV namespace `PAGES` where one is bound, else the data centre's cache.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::super::set;

/// For how long a page is kept, in seconds. It is asked for by its version: only space is lost by keeping it.
const LASTS: u32 = 30 * 24 * 60 * 60;

/// The header of what is kept instead of a page that was withdrawn.
const GONE: &str = "x-gone";

#[wasm_bindgen]
extern "C" {
    type Assets;
    #[wasm_bindgen(method, catch)]
    fn fetch(this: &Assets, url: &str) -> Result<Promise, JsValue>;

    type Cache;
    #[wasm_bindgen(method, catch, js_name = match)]
    fn find(this: &Cache, url: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &Cache, url: &str, response: &web_sys::Response) -> Result<Promise, JsValue>;

    type Kv;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Kv, key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = put)]
    fn put_until(this: &Kv, key: &str, value: &str, options: &Object) -> Result<Promise, JsValue>;
}

/// The stores of one request.
pub(super) struct Store {
    assets: Option<Assets>,
    keeper: Option<Keeper>,
}

enum Keeper {
    Kv(Kv),
    /// With the origin that keys need to be addresses.
    Cache(Cache, String),
}

/// What is kept.
pub(super) enum Kept {
    /// A page.
    PageRequest(web_sys::Response),
    /// That there is none any more.
    Gone,
}

impl Store {
    /// Those that the Worker has; `origin` is the site's own.
    pub(super) fn new(env: &JsValue, origin: &str) -> Self {
        let keeper = match property(env, "PAGES") {
            Some(kv) => Some(Keeper::Kv(kv.unchecked_into())),
            None => property(&js_sys::global(), "caches")
                .and_then(|caches| property(&caches, "default"))
                .map(|cache| Keeper::Cache(cache.unchecked_into(), origin.to_owned())),
        };
        Self {
            assets: property(env, "ASSETS").map(JsCast::unchecked_into),
            keeper,
        }
    }

    /// A deployed file, by its path.
    pub(super) async fn file(&self, path: &str) -> Option<web_sys::Response> {
        self.asset(path).await.filter(web_sys::Response::ok)
    }

    /// What the assets answer for a path: 404 where there is no such file; nothing when they do not answer.
    pub(super) async fn asset(&self, path: &str) -> Option<web_sys::Response> {
        let called = self
            .assets
            .as_ref()?
            .fetch(&format!("https://assets{path}"));
        answer(called).await.map(JsCast::unchecked_into)
    }

    /// What is kept under `key`.
    pub(super) async fn kept(&self, key: &str) -> Option<Kept> {
        match self.keeper.as_ref()? {
            Keeper::Kv(kv) => {
                let text = answer(kv.get(key)).await?.as_string()?;
                if text.is_empty() {
                    return Some(Kept::Gone);
                }
                web_sys::Response::new_with_opt_str(Some(&text))
                    .ok()
                    .map(Kept::PageRequest)
            }
            Keeper::Cache(cache, origin) => {
                let found = answer(cache.find(&address(origin, key))).await?;
                let found: web_sys::Response = found.dyn_into().ok()?;
                let is_gone = found.headers().has(GONE).unwrap_or_default();
                Some(if is_gone {
                    Kept::Gone
                } else {
                    Kept::PageRequest(found)
                })
            }
        }
    }

    /// Keeps a page under `key`, or that there is none.
    pub(super) async fn keep(&self, key: &str, page: Option<&str>) {
        let stored = match &self.keeper {
            None => return,
            Some(Keeper::Kv(kv)) => {
                let options = Object::new();
                let _ = Reflect::set(&options, &"expirationTtl".into(), &LASTS.into());
                kv.put_until(key, page.unwrap_or_default(), &options)
            }
            Some(Keeper::Cache(cache, origin)) => {
                let headers = Object::new();
                set(
                    &headers,
                    "cache-control",
                    &format!("public, max-age={LASTS}"),
                );
                if page.is_none() {
                    set(&headers, GONE, "1");
                }
                let init = web_sys::ResponseInit::new();
                init.set_headers(&headers);
                web_sys::Response::new_with_opt_str_and_init(Some(page.unwrap_or("gone")), &init)
                    .and_then(|response| cache.put(&address(origin, key), &response))
            }
        };
        let result = match stored {
            Ok(promise) => JsFuture::from(promise).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            // The next reader's page is rendered again: nothing is lost but time.
            log::warn!("a page could not be kept: {error:?}");
        }
    }
}

/// A key as an address of the site that nobody can ask for: the Worker answers none below `/_pages`.
fn address(origin: &str, key: &str) -> String {
    format!("{origin}{}/{key}", crate::prerendered::FOLDER)
}

/// What a call promised; nothing when it failed, which is as if there were nothing.
async fn answer(called: Result<Promise, JsValue>) -> Option<JsValue> {
    let value = match called {
        Ok(promise) => JsFuture::from(promise).await,
        Err(error) => Err(error),
    };
    match value {
        Ok(value) => Some(value).filter(|value| !value.is_null() && !value.is_undefined()),
        Err(error) => {
            log::warn!("a store of pages does not answer: {error:?}");
            None
        }
    }
}

fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}
