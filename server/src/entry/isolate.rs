//! State that an isolate keeps between requests: nothing of any request.

use std::cell::OnceCell;

use axum::Router;
use js_sys::Object;
use worker::Env;

use super::settings::Settings;
use super::{js, request};
use crate::{constant_headers, router};

thread_local! {
    static ISOLATE: OnceCell<Isolate> = const { OnceCell::new() };
}

pub(super) struct Isolate {
    pub(super) router: Router,
    pub(super) settings: Settings,
    headers: Object,
}

impl Isolate {
    // Kept apart from the code of each request, which is compiled when it is first run.
    #[inline(never)]
    fn new(env: &Env) -> Self {
        js::intern_frequent(&request::HEADERS);
        let settings = Settings::from_env(env);
        let headers = Object::new();
        for (name, value) in constant_headers(&settings.site("")) {
            js::set(&headers, name, &value);
        }
        Self {
            router: router(),
            settings,
            headers,
        }
    }
}

/// Calls `f` with the isolate's state.
pub(super) fn with<T>(env: &Env, f: impl FnOnce(&Isolate) -> T) -> T {
    ISOLATE.with(|isolate| f(isolate.get_or_init(|| Isolate::new(env))))
}

/// The headers that every response has, in an object of the caller's own.
pub(super) fn headers(env: &Env) -> Object {
    with(env, |isolate| {
        Object::assign(&Object::new(), &isolate.headers)
    })
}
