//! Pages that are there before they are asked for: from the deployed files while they are what the database says, from a
//! store where the Worker keeps what it rendered since, and the last good one when the database does not answer.
//!
//! A page costs one statement; memory, files and store are asked by version, so that nothing old can be found. Only what
//! everybody sees alike is here: a reader who is signed in is answered by the router.

mod memory;
mod store;

use std::cell::Cell;
use std::collections::HashMap;

use app::assets::BUILD;
use app::context::{RequestContext, SESSION_COOKIE, Theme, cookie};
use axum::body::{Body, Bytes};
use db::{Db, DbError};
use http::header::{COOKIE, IF_NONE_MATCH};
use http::{HeaderValue, Method, Request};
use js_sys::{Object, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use self::store::{Kept, Store};
use super::set;
use crate::answer::names_tag;
use crate::prerendered::{
    BUILD_FILE, Prerendered, Version, file_of, manifest_of, marked_stale, with_theme,
};

/// Readers ask each time; a cache in between may show what it has when the site cannot be reached.
const CACHE_CONTROL: &str = "public, max-age=0, stale-if-error=86400";

thread_local! {
    /// Whether pages of this very build were deployed; known once the file that says so has been looked for.
    static IS_DEPLOYED: Cell<Option<bool>> = const { Cell::new(None) };
}

/// A page that was asked for and may be there.
pub(super) struct Wanted {
    page: Prerendered,
    path: String,
    theme: Option<Theme>,
    known: Option<HeaderValue>,
    is_head: bool,
    origin: String,
    store: Store,
}

/// What became of it.
pub(super) enum Outcome {
    /// The response.
    Ready(web_sys::Response),
    /// The router must render it; what it gives is of this version.
    Render(Version),
    /// The router must answer, as if there were no pages.
    Pass,
}

impl Wanted {
    /// The page that a request asks for, when it may be there.
    pub(super) fn by(asked: &Request<Body>, origin: &str, env: &JsValue) -> Option<Self> {
        let is_head = *asked.method() == Method::HEAD;
        if !(is_head || *asked.method() == Method::GET) || asked.uri().query().is_some() {
            return None;
        }
        let path = asked.uri().path();
        let page = Prerendered::at(path)?;
        let cookies = asked.headers().get(COOKIE);
        let cookies = cookies
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if cookie(cookies, SESSION_COOKIE).is_some() {
            return None;
        }
        Some(Self {
            theme: cookie(cookies, "theme")
                .and_then(Theme::parse)
                .filter(|_| page.is_page()),
            page,
            path: path.to_owned(),
            known: asked.headers().get(IF_NONE_MATCH).cloned(),
            is_head,
            origin: origin.to_owned(),
            store: Store::new(env, origin),
        })
    }

    /// Looks for the page as it is now. `headers` are those of every response.
    pub(super) async fn find(&self, context: &RequestContext, headers: &Object) -> Outcome {
        let Some(db) = context.resolved_db() else {
            return Outcome::Pass;
        };
        if !self.is_deployed().await {
            return Outcome::Pass;
        }
        // A replica's or a cache's answer may be old, and what is rendered by it would be kept.
        db.require_strong_reads();
        match self.page.version(&db, &self.origin).await {
            Ok(Some(version)) => match self.at(version, headers).await {
                Some(response) => Outcome::Ready(response),
                None => Outcome::Render(version),
            },
            Err(DbError::Unavailable(why) | DbError::Lost(why) | DbError::Timeout(why)) => {
                log::error!("{why}");
                match self.last_good(headers).await {
                    Some(response) => Outcome::Ready(response),
                    None => Outcome::Pass,
                }
            }
            // The router meets the same error, and says it.
            Ok(None) | Err(_) => Outcome::Pass,
        }
    }

    /// Whether there are pages of this build. Those of another one are never shown: their assets may be gone.
    async fn is_deployed(&self) -> bool {
        if let Some(known) = IS_DEPLOYED.get() {
            return known;
        }
        let is_deployed = match self.store.asset(BUILD_FILE).await {
            Some(file) if file.ok() => text_of(&file).await.is_some_and(|build| build == BUILD),
            Some(file) if file.status() == 404 => false,
            // The assets are in trouble: whoever comes next asks again.
            _ => return false,
        };
        IS_DEPLOYED.set(Some(is_deployed));
        is_deployed
    }

    /// The page in this version, if it is anywhere.
    async fn at(&self, version: Version, headers: &Object) -> Option<web_sys::Response> {
        let tag = version.tag(self.theme);
        if self
            .known
            .as_ref()
            .is_some_and(|known| names_tag(known, &tag))
        {
            let init = web_sys::ResponseInit::new();
            init.set_status(304);
            init.set_headers(&self.headers(headers, &tag));
            return web_sys::Response::new_with_opt_str_and_init(None, &init).ok();
        }
        let key = self.key(version);
        let page = match memory::find(&key) {
            Some(page) => page,
            None => {
                let page = bytes_of(&self.stored(version, &key).await?).await?;
                memory::remember(key, &page);
                page
            }
        };
        let headers = self.headers(headers, &tag);
        set(&headers, "content-type", self.page.media_type());
        self.shown(&page, &headers, false)
    }

    /// The page in this version, from its file or as it was kept.
    async fn stored(&self, version: Version, key: &str) -> Option<web_sys::Response> {
        if let Some(file) = self.store.file(&file_of(&self.path, version)).await {
            return Some(file);
        }
        match self.store.kept(key).await? {
            Kept::PageRequest(page) => Some(page),
            Kept::Gone => None,
        }
    }

    /// The page as it was when the database answered last, saying so; none when it was withdrawn.
    async fn last_good(&self, headers: &Object) -> Option<web_sys::Response> {
        let found = match self.store.kept(&self.last_key()).await {
            Some(Kept::PageRequest(page)) => page,
            Some(Kept::Gone) => return None,
            None => {
                let version = self.deployed_version().await?;
                self.store.file(&file_of(&self.path, version)).await?
            }
        };
        let headers = Object::assign(&Object::new(), headers);
        set(&headers, "content-type", self.page.media_type());
        set(&headers, "cache-control", "no-store");
        set(&headers, "x-stale", "the database does not answer");
        self.shown(&bytes_of(&found).await?, &headers, true)
    }

    /// The version that was deployed, by the manifest.
    async fn deployed_version(&self) -> Option<String> {
        let part = self.store.file(&manifest_of(&self.path)).await?;
        let versions: HashMap<String, String> =
            serde_json::from_str(&text_of(&part).await?).ok()?;
        versions.get(&self.path).cloned()
    }

    fn headers(&self, headers: &Object, tag: &str) -> Object {
        let headers = Object::assign(&Object::new(), headers);
        set(&headers, "etag", tag);
        set(&headers, "cache-control", CACHE_CONTROL);
        if self.page.is_page() {
            set(&headers, "vary", "Cookie");
        }
        headers
    }

    /// What was found, as this reader sees it. Read here only when something in it must differ.
    fn shown(
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
        let is_marked = is_stale && self.page.is_page();
        if self.theme.is_none() && !is_marked {
            return web_sys::Response::new_with_opt_js_u8_array_and_init(Some(page), &init).ok();
        }
        let mut text = String::from_utf8(page.to_vec()).ok()?;
        if is_marked {
            text = marked_stale(&text);
        }
        if let Some(theme) = self.theme {
            text = with_theme(&text, theme);
        }
        web_sys::Response::new_with_opt_str_and_init(Some(&text), &init).ok()
    }

    /// What a rendered page's headers say once it is known to be of `version`.
    pub(super) fn tell(&self, version: Version, headers: &mut http::HeaderMap) {
        if let Ok(tag) = HeaderValue::from_str(&version.tag(self.theme)) {
            headers.insert(http::header::ETAG, tag);
        }
        headers.insert(
            http::header::CACHE_CONTROL,
            HeaderValue::from_static(CACHE_CONTROL),
        );
    }

    /// Whether what was rendered for this reader is what everybody sees.
    pub(super) fn is_for_all(&self) -> bool {
        self.theme.is_none() && !self.is_head
    }

    /// Keeps what was rendered for the next reader, if nothing has changed since `version` was asked for; `db` is a client of its own.
    pub(super) async fn keep(self, version: Version, page: Bytes, db: Db) {
        db.require_strong_reads();
        let now = self.page.version(&db, &self.origin).await;
        db.close();
        let (Ok(Some(now)), Ok(text)) = (now, std::str::from_utf8(&page)) else {
            return;
        };
        if now == version {
            self.store.keep(&self.key(version), Some(text)).await;
            self.store.keep(&self.last_key(), Some(text)).await;
        }
    }

    /// Notes that there is no page any more, where there was one to be found.
    pub(super) async fn withdraw(self) {
        let was_there = match self.store.kept(&self.last_key()).await {
            Some(Kept::Gone) => return,
            Some(Kept::PageRequest(_)) => true,
            None => self.deployed_version().await.is_some(),
        };
        if was_there {
            self.store.keep(&self.last_key(), None).await;
        }
    }

    fn key(&self, version: Version) -> String {
        format!("kept/{version}{}", self.path)
    }

    fn last_key(&self) -> String {
        format!("last/{BUILD}{}", self.path)
    }
}

async fn bytes_of(response: &web_sys::Response) -> Option<Uint8Array> {
    let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Some(Uint8Array::new(&buffer))
}

async fn text_of(response: &web_sys::Response) -> Option<String> {
    JsFuture::from(response.text().ok()?)
        .await
        .ok()?
        .as_string()
}
