//! The Worker's entry: from the browser's own request object to the router and back.
//!
//! Reads only the headers that something looks at, and makes the response in one call: converting every header through
//! the `http` crate, and bodies through streams, costs more than the page itself. Nothing of a request stays in the
//! statics here: they hold the router, the site's settings and constant headers.

mod needs_secret;
mod pages;
mod settings;

use std::cell::OnceCell;

use app::AppError;
use app::context::RequestContext;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use db::{ConsistencyToken, Db};
use futures::StreamExt;
use http::header::{
    ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderName, IF_NONE_MATCH, ORIGIN, REFERER,
    SET_COOKIE,
};
use http::{HeaderValue, Method, Request};
use http_body_util::BodyExt;
use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{Env, event};

use pages::{Outcome, Wanted};
use settings::Settings;

use crate::answer::{LARGEST_BODY, SERVER_TIMING, Streams, answer, answer_failure, server_timing};
use crate::consistency::mark_of;
use crate::refusal::{Failure, Refusal};
use crate::{constant_headers, router};

/// The headers that something in Waypost reads.
const HEADERS: [HeaderName; 8] = [
    COOKIE,
    ACCEPT,
    CONTENT_TYPE,
    CONTENT_LENGTH,
    IF_NONE_MATCH,
    ORIGIN,
    REFERER,
    HeaderName::from_static("sec-fetch-site"),
];

/// Every page is made of many small strings, and a profile showed the default allocator among the first costs of a page;
/// this one is made for wasm.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

thread_local! {
    static ISOLATE: OnceCell<Isolate> = const { OnceCell::new() };
}

/// What an isolate keeps between requests.
struct Isolate {
    router: Router,
    settings: Settings,
    headers: Object,
}

impl Isolate {
    // Kept apart from the code of each request, which is compiled when it is first run.
    #[inline(never)]
    fn new(env: &Env) -> Self {
        let settings = Settings::of(env);
        let headers = Object::new();
        for (name, value) in constant_headers(&settings.site("")) {
            set(&headers, name, &value);
        }
        Self {
            router: router(),
            settings,
            headers,
        }
    }
}

#[event(start)]
fn start() {
    // A second start is a fresh instance after a panic; its logger is set up anew.
    let _ = console_log::init_with_level(log::Level::Info);
    std::panic::set_hook(Box::new(|panic| {
        log::error!("{panic}");
        panics::report();
    }));
    constructors::run();
}

/// Which request panicked, for `entry.js`.
mod panics {
    use std::cell::Cell;
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use wasm_bindgen::JsValue;
    use wasm_bindgen::prelude::wasm_bindgen;

    thread_local! {
        static POLLED: Cell<f64> = const { Cell::new(0.0) };
    }

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(catch, js_name = reportPanic)]
        fn panicked(number: f64) -> Result<(), JsValue>;
    }

    /// Names the request that is being polled. Without `entry.js` nobody listens, and nothing is lost.
    pub(super) fn report() {
        let _ = panicked(POLLED.get());
    }

    /// A request's future, with the number that `entry.js` gave the request.
    pub(super) struct Numbered<F> {
        number: f64,
        future: Pin<Box<F>>,
    }

    impl<F> Numbered<F> {
        pub(super) fn new(number: f64, future: F) -> Self {
            Self {
                number,
                future: Box::pin(future),
            }
        }
    }

    impl<F: Future> Future for Numbered<F> {
        type Output = F::Output;

        fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
            POLLED.set(self.number);
            self.future.as_mut().poll(task)
        }
    }
}

/// What a loader does natively: runs the constructors by which server functions register themselves.
#[expect(unsafe_code, reason = "the linker's own function")]
mod constructors {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }

    pub(super) fn run() {
        // SAFETY: called once for each instance, before anything else runs in it.
        unsafe { __wasm_call_ctors() }
    }
}

#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    worker: worker::Context,
) -> worker::Result<web_sys::Response> {
    let number = property(&request, "number")
        .and_then(|number| number.as_f64())
        .unwrap_or(0.0);
    panics::Numbered::new(number, respond_to(request, env, worker)).await
}

/// What `entry.js` noted on the request.
fn property(request: &web_sys::Request, name: &str) -> Option<JsValue> {
    Reflect::get(request, &JsValue::from_str(name))
        .ok()
        .filter(|value| !value.is_undefined())
}

async fn respond_to(
    request: web_sys::Request,
    env: Env,
    worker: worker::Context,
) -> worker::Result<web_sys::Response> {
    let headers = request.headers();
    let cookies = headers.get("cookie").ok().flatten().unwrap_or_default();
    let env_object: JsValue = env.clone().into();
    let (router, context) = ISOLATE.with(|isolate| {
        let Isolate {
            router, settings, ..
        } = isolate.get_or_init(|| Isolate::new(&env));
        let site = settings.site(origin(&request.url()));
        let db = settings.db(&env_object, mark_of(&cookies, site.secret.as_ref()));
        let context = RequestContext::from_request(site, db, &cookies);
        (router.clone(), context)
    });
    let mut asked = match convert(&request, &headers).await {
        Ok(asked) => asked,
        Err(refusal) => return respond(Failure::from(refusal).as_json()).await,
    };
    #[cfg(feature = "test_routes")]
    ISOLATE.with(|isolate| {
        if let Some(isolate) = isolate.get() {
            let clients = isolate.settings.clients(&env_object);
            asked.extensions_mut().insert(clients);
        }
    });
    if let Some(id) = property(&request, "failure").and_then(|id| id.as_string()) {
        return respond(answer_failure(&asked, AppError::Internal { id }, &context).await).await;
    }
    let origin = context.site().origin.clone();
    let Some(wanted) = Wanted::by(&asked, &origin, &env_object) else {
        return respond(answer(&router, asked, context).await).await;
    };
    match wanted.find(&context, &constant()).await {
        Outcome::Ready(response) => {
            context.close();
            if context.site().shows_timing
                && let Some(timing) = server_timing(&context)
                && let Ok(timing) = timing.to_str()
            {
                response.headers().set(SERVER_TIMING.as_str(), timing)?;
            }
            Ok(response)
        }
        Outcome::Pass => respond(answer(&router, asked, context).await).await,
        Outcome::Render(version) => {
            // The version was compared already; what is rendered is the whole page, to be kept.
            asked.headers_mut().remove(IF_NONE_MATCH);
            let response = answer(&router, asked, context).await;
            let (mut parts, body) = response.into_parts();
            let page = body
                .collect()
                .await
                .map(http_body_util::Collected::to_bytes);
            let page = page.unwrap_or_default();
            if parts.status.is_success() {
                wanted.tell(version, &mut parts.headers);
                if wanted.is_for_all() {
                    let db = client(&env, None);
                    worker.wait_until(wanted.keep(version, page.clone(), db));
                }
            } else if !parts.status.is_server_error() {
                worker.wait_until(wanted.withdraw());
            }
            respond(Response::from_parts(parts, Body::from(page))).await
        }
    }
}

/// A client of its own, for what is done after the response.
fn client(env: &Env, mark: Option<ConsistencyToken>) -> Db {
    ISOLATE.with(|isolate| {
        let isolate = isolate.get_or_init(|| Isolate::new(env));
        isolate.settings.db(&JsValue::from(env.clone()), mark)
    })
}

/// The headers that every response has.
fn constant() -> Object {
    ISOLATE.with(|isolate| match isolate.get() {
        Some(isolate) => Object::assign(&Object::new(), &isolate.headers),
        None => Object::new(),
    })
}

/// Scheme and host of an absolute address.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url
        .get(host..)
        .and_then(|rest| rest.find('/'))
        .map_or(url.len(), |at| host + at);
    &url[..end]
}

async fn convert(
    request: &web_sys::Request,
    headers: &web_sys::Headers,
) -> Result<Request<Body>, Refusal> {
    let url = request.url();
    let origin = origin(&url);
    let address = url
        .get(origin.len()..)
        .filter(|rest| !rest.is_empty())
        .unwrap_or("/");
    let method = request.method();
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| Refusal::Method)?;
    let mut asked = Request::new(Body::empty());
    *asked.uri_mut() = address
        .split('#')
        .next()
        .unwrap_or("/")
        .parse()
        .map_err(|_| Refusal::Malformed)?;
    for name in HEADERS {
        if let Some(value) = headers.get(name.as_str()).ok().flatten()
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            asked.headers_mut().insert(name, value);
        }
    }
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    if let Ok(host) = HeaderValue::from_str(host) {
        asked.headers_mut().insert(HOST, host);
    }
    if !method.is_safe() {
        *asked.body_mut() = body(request, asked.headers().get(CONTENT_LENGTH)).await?;
    }
    *asked.method_mut() = method;
    Ok(asked)
}

/// The whole body, when it is not too large.
async fn body(request: &web_sys::Request, length: Option<&HeaderValue>) -> Result<Body, Refusal> {
    let told = length.and_then(|text| text.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|length| length > LARGEST_BODY) {
        return Err(Refusal::TooLarge);
    }
    let promise = request.array_buffer().map_err(|_| Refusal::Malformed)?;
    let bytes = Uint8Array::new(
        &JsFuture::from(promise)
            .await
            .map_err(|_| Refusal::Malformed)?,
    );
    if bytes.length() as usize > LARGEST_BODY {
        return Err(Refusal::TooLarge);
    }
    Ok(Body::from(bytes.to_vec()))
}

fn set(object: &Object, name: &str, value: &str) {
    // A plain object takes any property.
    let _ = Reflect::set(object, &JsValue::from_str(name), &JsValue::from_str(value));
}

/// The browser's own response, made in one call.
async fn respond(response: Response) -> worker::Result<web_sys::Response> {
    let (parts, body) = response.into_parts();
    let headers = constant();
    let mut cookies = Vec::new();
    for (name, value) in &parts.headers {
        if let Ok(value) = value.to_str() {
            if *name == SET_COOKIE {
                cookies.push(value);
            } else {
                set(&headers, name.as_str(), value);
            }
        }
    }
    let init = web_sys::ResponseInit::new();
    init.set_status(parts.status.as_u16());
    init.set_headers(&headers);
    let made = if parts.extensions.get::<Streams>().is_some() {
        let chunks = body.into_data_stream().map(|chunk| match chunk {
            Ok(bytes) => Ok(Uint8Array::from(bytes.as_ref()).into()),
            Err(error) => Err(JsValue::from_str(&error.to_string())),
        });
        let stream = wasm_streams::ReadableStream::from_stream(chunks).into_raw();
        web_sys::Response::new_with_opt_readable_stream_and_init(
            Some(stream.unchecked_ref()),
            &init,
        )
    } else {
        let bytes = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        if bytes.is_empty() {
            web_sys::Response::new_with_opt_str_and_init(None, &init)
        } else {
            web_sys::Response::new_with_opt_js_u8_array_and_init(
                Some(&Uint8Array::from(bytes.as_ref())),
                &init,
            )
        }
    };
    let made = made?;
    // The one header that may stand there twice, which an object of headers cannot say.
    for cookie in cookies {
        made.headers().append(SET_COOKIE.as_str(), cookie)?;
    }
    Ok(made)
}

/// Waits, for a test route.
#[cfg(feature = "test_routes")]
pub(crate) async fn wait(duration: std::time::Duration) {
    worker::send::SendFuture::new(async move { worker::Delay::from(duration).await }).await;
}
