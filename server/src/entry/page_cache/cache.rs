//! A cache for pages that Workers render: the KV namespace `PAGES` where one is bound, else the data centre's cache.

use app::prerender::FOLDER;
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::js;

/// The seconds that a page stays. It is found by its version: keeping it costs only space.
const TTL_SECONDS: u32 = 30 * 24 * 60 * 60;

/// The header of what stands in the cache for a withdrawn page.
const WITHDRAWN: &str = "x-gone";

#[wasm_bindgen]
extern "C" {
    pub(super) type Cache;
    #[wasm_bindgen(method, catch, js_name = match)]
    fn find(this: &Cache, url: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &Cache, url: &str, response: &web_sys::Response) -> Result<Promise, JsValue>;

    pub(super) type Kv;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Kv, key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = put)]
    fn put_until(this: &Kv, key: &str, value: &str, options: &Object) -> Result<Promise, JsValue>;
}

pub(super) enum PageCache {
    Kv(Kv),
    /// With the origin, because keys must be URLs.
    DataCentre(Cache, String),
    /// The platform has none.
    None,
}

pub(super) enum CachedPage {
    Page(web_sys::Response),
    Withdrawn,
}

impl PageCache {
    /// The cache that the Worker has; `origin` is the site's own.
    pub(super) fn new(env: &Env, origin: &str) -> Self {
        if let Some(kv) = js::property(env, "PAGES") {
            return Self::Kv(kv.unchecked_into());
        }
        let caches = js::property(&js_sys::global(), "caches");
        match caches.and_then(|caches| js::property(&caches, "default")) {
            Some(cache) => Self::DataCentre(cache.unchecked_into(), origin.to_owned()),
            None => Self::None,
        }
    }

    pub(super) async fn get(&self, key: &str) -> Option<CachedPage> {
        match self {
            Self::None => None,
            Self::Kv(kv) => {
                let text = value_of(kv.get(key)).await?.as_string()?;
                if text.is_empty() {
                    return Some(CachedPage::Withdrawn);
                }
                let page = web_sys::Response::new_with_opt_str(Some(&text));
                page.ok().map(CachedPage::Page)
            }
            Self::DataCentre(cache, origin) => {
                let found = value_of(cache.find(&url(origin, key))).await?;
                let found: web_sys::Response = found.dyn_into().ok()?;
                let is_withdrawn = found.headers().has(WITHDRAWN).unwrap_or_default();
                Some(if is_withdrawn {
                    CachedPage::Withdrawn
                } else {
                    CachedPage::Page(found)
                })
            }
        }
    }

    /// Caches a page; none says that it is withdrawn.
    pub(super) async fn put(&self, key: &str, page: Option<&str>) {
        let call = match self {
            Self::None => return,
            Self::Kv(kv) => {
                let options = Object::new();
                let _ = Reflect::set(&options, &"expirationTtl".into(), &TTL_SECONDS.into());
                kv.put_until(key, page.unwrap_or_default(), &options)
            }
            Self::DataCentre(cache, origin) => {
                let headers = Object::new();
                let max_age = format!("public, max-age={TTL_SECONDS}");
                js::set(&headers, "cache-control", &max_age);
                if page.is_none() {
                    js::set(&headers, WITHDRAWN, "1");
                }
                let init = web_sys::ResponseInit::new();
                init.set_headers(&headers);
                web_sys::Response::new_with_opt_str_and_init(Some(page.unwrap_or("gone")), &init)
                    .and_then(|response| cache.put(&url(origin, key), &response))
            }
        };
        if let Err(error) = js::settled(call).await {
            // The page is rendered again for the next reader: nothing is lost but time.
            log::warn!("a page could not be cached: {error:?}");
        }
    }
}

/// A key as a URL of the site that nobody can request: the Worker answers none below `/_pages`.
fn url(origin: &str, key: &str) -> String {
    format!("{origin}{FOLDER}/{key}")
}

/// The value of a call to assets or cache; none when it failed, which is as if there were nothing.
pub(super) async fn value_of(call: Result<Promise, JsValue>) -> Option<JsValue> {
    match js::settled(call).await {
        Ok(value) => Some(value).filter(|value| !value.is_null() && !value.is_undefined()),
        Err(error) => {
            log::warn!("assets or cache do not answer: {error:?}");
            None
        }
    }
}
