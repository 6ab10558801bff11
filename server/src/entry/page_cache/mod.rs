//! Pages that were rendered already: deployed as files, or rendered by a Worker since and put into a cache; and the last good
//! one when the database does not answer.
//!
//! A page costs one statement, which gives its version; memory, files and cache are asked by version, so that nothing
//! outdated can be found. Holds only what everyone sees alike: a reader who is signed in is answered by the router.

mod assets;
mod cache;
mod memory;

use std::cell::Cell;
use std::collections::HashMap;

use app::assets::BUILD;
use app::context::{RequestContext, SESSION_COOKIE, Theme, cookie};
use app::prerender::{BUILD_FILE, DeclaredPage, Version, manifest_file, page_file};
use app::{with_stale_notice, with_theme};
use axum::body::{Body, Bytes};
use db::Db;
use http::header::IF_NONE_MATCH;
use http::{HeaderValue, Method, Request};
use js_sys::{Object, Reflect, Uint8Array};
use worker::Env;

use self::assets::Assets;
use self::cache::{CachedPage, PageCache};
use super::request::cookies;
use super::{isolate, js};
use crate::accept::accepts_gzip;
use crate::answer::{Validator, names_etag};
use crate::headers::Delivery;

/// Readers ask each time; a cache in between may show what it has when the site cannot be reached.
const CACHE_CONTROL: &str = "public, max-age=0, stale-if-error=86400";

/// The file of a page that depends on no row, where one is deployed. The Worker runs before these files only because the
/// platform would answer other methods than GET and HEAD without saying what is allowed.
pub(super) async fn fixed_page(
    request: &Request<Body>,
    js_request: &web_sys::Request,
    env: &Env,
) -> Option<web_sys::Response> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let page = DeclaredPage::find(request.uri().path()).filter(|_| is_read)?;
    match page.declaration().is_fixed() {
        true => Assets::new(env).page(js_request).await,
        false => None,
    }
}

thread_local! {
    /// Tells whether pages of this build were deployed; set once the file that says so has been looked for.
    static IS_DEPLOYED: Cell<Option<bool>> = const { Cell::new(None) };
}

/// A request for a page that may have been rendered already.
pub(super) struct Lookup {
    page: DeclaredPage,
    path: String,
    theme: Option<Theme>,
    if_none_match: Option<HeaderValue>,
    delivery: Delivery,
    is_head: bool,
    origin: String,
    assets: Assets,
    cache: PageCache,
}

/// The outcome of a lookup.
pub(super) enum Outcome {
    /// The page was there.
    Hit(web_sys::Response),
    /// The router must render the page, which is of this version.
    Miss(Version),
    /// The router must answer, as if there were no rendered pages.
    Bypass,
}

impl Lookup {
    /// The lookup for a request; none where no rendered page can answer it.
    pub(super) fn new(request: &Request<Body>, origin: &str, env: &Env) -> Option<Self> {
        let is_head = *request.method() == Method::HEAD;
        let is_get = *request.method() == Method::GET;
        if !(is_head || is_get) || request.uri().query().is_some() {
            return None;
        }
        let path = request.uri().path();
        let page = DeclaredPage::find(path).filter(|page| !page.declaration().is_fixed())?;
        let cookies = cookies(request);
        if cookie(&cookies, SESSION_COOKIE).is_some() {
            return None;
        }
        Some(Self {
            theme: cookie(&cookies, "theme")
                .and_then(Theme::parse)
                .filter(|_| page.declaration().is_html()),
            delivery: Delivery::of(
                Some(&HeaderValue::from_static(page.declaration().media_type)),
                accepts_gzip(request.headers()),
            ),
            page,
            path: path.to_owned(),
            if_none_match: request.headers().get(IF_NONE_MATCH).cloned(),
            is_head,
            origin: origin.to_owned(),
            assets: Assets::new(env),
            cache: PageCache::new(env, origin),
        })
    }

    /// Looks for the page as it is now.
    pub(super) async fn run(&self, context: &RequestContext, env: &Env) -> Outcome {
        let Some(db) = context.resolved_db() else {
            return Outcome::Bypass;
        };
        if !self.is_deployed().await {
            return Outcome::Bypass;
        }
        // An answer from a replica or a cache may be old, and what is rendered by it would be kept.
        db.require_strong_reads();
        match self.page.version(&db, &self.origin).await {
            Ok(Some(version)) => match self.find(version, env).await {
                Some(response) => Outcome::Hit(response),
                None => Outcome::Miss(version),
            },
            Err(error) if error.is_unavailable() => {
                log::error!("{error}");
                match self.last_good(env).await {
                    Some(response) => Outcome::Hit(response),
                    None => Outcome::Bypass,
                }
            }
            // The router meets the same error, and reports it.
            Ok(None) | Err(_) => Outcome::Bypass,
        }
    }

    /// The validator of the page in this version, as this reader sees it.
    pub(super) fn validator(&self, version: Version) -> Validator {
        let etag = HeaderValue::try_from(version.etag(self.theme));
        Validator {
            etag: etag.unwrap_or(HeaderValue::from_static("\"\"")),
            cache_control: HeaderValue::from_static(CACHE_CONTROL),
        }
    }

    /// Tells whether there are pages of this build. Those of another one are never shown: their assets may be gone.
    async fn is_deployed(&self) -> bool {
        if let Some(known) = IS_DEPLOYED.get() {
            return known;
        }
        let is_deployed = match self.assets.fetch(BUILD_FILE).await {
            Some(file) if file.ok() => js::text(&file).await.is_some_and(|build| build == BUILD),
            Some(file) if file.status() == 404 => false,
            // The assets are in trouble: the next request asks again.
            _ => return false,
        };
        IS_DEPLOYED.set(Some(is_deployed));
        is_deployed
    }

    /// The page in this version, from wherever it is.
    async fn find(&self, version: Version, env: &Env) -> Option<web_sys::Response> {
        let validator = self.validator(version);
        let known = self.if_none_match.as_ref();
        if known.is_some_and(|known| names_etag(known, &validator.etag)) {
            let init = web_sys::ResponseInit::new();
            init.set_status(304);
            let headers = self.headers(env, &validator);
            // There is nothing to encode.
            let _ = Reflect::delete_property(&headers, &"content-encoding".into());
            init.set_headers(&headers);
            return web_sys::Response::new_with_opt_str_and_init(None, &init).ok();
        }
        let key = self.key(version);
        let page = match memory::find(&key) {
            Some(page) => page,
            None => {
                let page = js::bytes(&self.stored(version, &key).await?).await?;
                memory::remember(key, &page);
                page
            }
        };
        let headers = self.headers(env, &validator);
        js::set(&headers, "content-type", self.page.declaration().media_type);
        self.response(&page, &headers, false)
    }

    /// The page in this version, from its file or from the cache.
    async fn stored(&self, version: Version, key: &str) -> Option<web_sys::Response> {
        if let Some(file) = self.assets.file(&page_file(&self.path, version)).await {
            return Some(file);
        }
        match self.cache.get(key).await? {
            CachedPage::Page(page) => Some(page),
            CachedPage::Withdrawn => None,
        }
    }

    /// The page as it was when the database answered last, with a notice; none when it was withdrawn.
    async fn last_good(&self, env: &Env) -> Option<web_sys::Response> {
        let page = match self.cache.get(&self.last_key()).await {
            Some(CachedPage::Page(page)) => page,
            Some(CachedPage::Withdrawn) => return None,
            None => {
                let version = self.deployed_version().await?;
                self.assets.file(&page_file(&self.path, version)).await?
            }
        };
        let headers = isolate::headers(env);
        js::set(&headers, "content-type", self.page.declaration().media_type);
        js::set(&headers, "cache-control", "no-store");
        js::set(&headers, "x-stale", "the database does not answer");
        self.response(&js::bytes(&page).await?, &headers, true)
    }

    /// The version that was deployed, by the manifest.
    async fn deployed_version(&self) -> Option<String> {
        let part = self.assets.file(&manifest_file(&self.path)).await?;
        let versions: HashMap<String, String> =
            serde_json::from_str(&js::text(&part).await?).ok()?;
        versions.get(&self.path).cloned()
    }

    fn headers(&self, env: &Env, validator: &Validator) -> Object {
        let headers = isolate::headers(env);
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let etag = self.delivery.etag(validator.etag.clone());
        js::set(&headers, "etag", &text(&etag));
        js::set(&headers, "cache-control", &text(&validator.cache_control));
        if self.page.declaration().is_html() {
            js::set(&headers, "vary", "Cookie");
        }
        for (name, value) in self.delivery.headers() {
            js::set(&headers, name.as_str(), &text(&value));
        }
        headers
    }

    /// The response with a page, as this reader sees it. Its bytes are read here only when something in them must differ.
    fn response(
        &self,
        page: &Uint8Array,
        headers: &Object,
        is_stale: bool,
    ) -> Option<web_sys::Response> {
        let init = web_sys::ResponseInit::new();
        init.set_headers(headers);
        if self.is_head {
            return web_sys::Response::new_with_opt_str_and_init(None, &init).ok();
        }
        let has_notice = is_stale && self.page.declaration().is_html();
        if self.theme.is_none() && !has_notice {
            return web_sys::Response::new_with_opt_js_u8_array_and_init(Some(page), &init).ok();
        }
        let mut text = String::from_utf8(page.to_vec()).ok()?;
        if has_notice {
            text = with_stale_notice(&text)?;
        }
        if let Some(theme) = self.theme {
            text = with_theme(&text, theme)?;
        }
        web_sys::Response::new_with_opt_str_and_init(Some(&text), &init).ok()
    }

    /// Tells whether what is rendered for this reader is what everyone sees.
    pub(super) fn is_for_everyone(&self) -> bool {
        self.theme.is_none() && !self.is_head
    }

    /// Caches a rendered page, if nothing has changed since its version was read. `db` is a client of its own.
    pub(super) async fn put(self, version: Version, page: Bytes, db: Db) {
        db.require_strong_reads();
        let now = self.page.version(&db, &self.origin).await;
        db.close();
        let (Ok(Some(now)), Ok(text)) = (now, std::str::from_utf8(&page)) else {
            return;
        };
        if now == version {
            self.cache.put(&self.key(version), Some(text)).await;
            self.cache.put(&self.last_key(), Some(text)).await;
        }
    }

    /// Notes that the page is withdrawn, where one could be found.
    pub(super) async fn withdraw(self) {
        let was_there = match self.cache.get(&self.last_key()).await {
            Some(CachedPage::Withdrawn) => return,
            Some(CachedPage::Page(_)) => true,
            None => self.deployed_version().await.is_some(),
        };
        if was_there {
            self.cache.put(&self.last_key(), None).await;
        }
    }

    fn key(&self, version: Version) -> String {
        format!("kept/{version}{}", self.path)
    }

    fn last_key(&self) -> String {
        format!("last/{BUILD}{}", self.path)
    }
}
