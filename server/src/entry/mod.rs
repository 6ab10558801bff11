//! The Worker's entry: from the platform's request object to the router and back.
//!
//! Reads only the headers that something looks at, and makes the response in one call: converting every header through
//! the `http` crate, and bodies through streams, costs more than the page itself. Nothing of a request stays in the
//! statics here.

mod abandoned;
mod isolate;
mod js;
mod limiter;
mod mailer;
mod page_cache;
mod panics;
mod read_only;
mod request;
mod response;
mod scheduled;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod servers;
#[cfg(not(any(feature = "mysql", feature = "postgres")))]
#[path = "no_servers.rs"]
mod servers;
mod settings;
mod start;
#[cfg(feature = "test_routes")]
mod test_clients;
#[cfg(not(feature = "test_routes"))]
mod test_clients {
    pub(super) fn provide<B>(_: &mut http::Request<B>, _: &worker::Env) {}
}

use app::AppError;
use app::context::RequestContext;
use axum::Router;
use axum::body::Body;
use http::Request;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Env, event};

use self::page_cache::{Lookup, Outcome};
use self::panics::Numbered;
use self::response::{respond, with_timing};
use crate::answer::{Answer, answer_failure, answer_with};
use crate::consistency;

#[wasm_bindgen]
extern "C" {
    /// A request with what `entry.js` has noted on it.
    type Noted;

    #[wasm_bindgen(method, getter)]
    fn number(this: &Noted) -> Option<u32>;

    /// The id of the failure that ended this request before.
    #[wasm_bindgen(method, getter)]
    fn failure(this: &Noted) -> Option<String>;
}

/// Answers one request.
#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    worker: worker::Context,
) -> worker::Result<web_sys::Response> {
    let number = request.unchecked_ref::<Noted>().number().unwrap_or(0);
    let response = Numbered::new(number, respond_to(request, env, worker));
    match abandoned::unless_abandoned(number, response).await {
        Some(response) => response,
        // Nobody receives it.
        None => Ok(web_sys::Response::error()),
    }
}

async fn respond_to(
    js_request: web_sys::Request,
    env: Env,
    worker: worker::Context,
) -> worker::Result<web_sys::Response> {
    let (mut request, origin) = request::convert(&js_request);
    let (router, context) = begin(&request, &origin, &env);
    test_clients::provide(&mut request, &env);
    if let Some(id) = js_request.unchecked_ref::<Noted>().failure() {
        let error = AppError::Internal { id };
        let answer = Answer::Whole(answer_failure(&request, error, &context).await);
        return respond(answer, isolate::headers(&env));
    }
    if let Some(file) = page_cache::fixed_page(&request, &js_request, &env).await {
        return Ok(file);
    }
    match Lookup::new(&request, &context.site().origin, &env) {
        Some(lookup) => respond_with_page(lookup, &router, request, context, &env, &worker).await,
        None => {
            let answer = answer_with(&router, request, context, None).await;
            respond(answer, isolate::headers(&env))
        }
    }
}

/// The router, and the context of a new request to the site at `origin`.
fn begin(request: &Request<Body>, origin: &str, env: &Env) -> (Router, RequestContext) {
    let cookies = request::cookies(request);
    isolate::with(env, |isolate| {
        let site = isolate.settings.site(origin);
        let token = consistency::from_cookies(&cookies, site.secret.as_ref());
        let db = isolate.settings.db(env, token);
        let context = RequestContext::from_request(site, db, &cookies)
            .with_visitor(limiter::visitor(request, env))
            .with_mailer(isolate.settings.mailer(env));
        (isolate.router.clone(), context)
    })
}

/// Answers a request for a page that may have been rendered already. What has to be rendered for everyone is put into the
/// cache after the response.
async fn respond_with_page(
    lookup: Lookup,
    router: &Router,
    request: Request<Body>,
    context: RequestContext,
    env: &Env,
    worker: &worker::Context,
) -> worker::Result<web_sys::Response> {
    let version = match lookup.run(&context, env).await {
        Outcome::Hit(response) => {
            context.close();
            return with_timing(response, &context);
        }
        Outcome::Bypass => {
            let answer = answer_with(router, request, context, None).await;
            return respond(answer, isolate::headers(env));
        }
        Outcome::Miss(version) => version,
    };
    let validator = Some(lookup.validator(version));
    let answer = answer_with(router, request, context, validator).await;
    if let Answer::Whole(page) = &answer {
        if page.status().is_success() && lookup.is_for_everyone() {
            let db = isolate::with(env, |isolate| isolate.settings.db(env, None));
            worker.wait_until(lookup.put(version, page.body().clone(), db));
        } else if !page.status().is_success() && !page.status().is_server_error() {
            worker.wait_until(lookup.withdraw());
        }
    }
    respond(answer, isolate::headers(env))
}
