//! Mail from a Worker: by Cloudflare's binding for sending mail, or by a service that takes it over HTTP.

use std::sync::Arc;

use app::mail::{Mail, MailError, Mailer, from_header, outbox, parse_from};
use app::site;
use db::BoxFuture;
use domain::Email;
use js_sys::{JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;
use worker::send::{SendFuture, SendWrapper};

use super::js;

/// The name of the binding (developers.cloudflare.com/email-service/api/send-emails/workers-api).
const BINDING: &str = "MAIL";

#[wasm_bindgen]
extern "C" {
    /// The binding. Its method must be called as one: taken out of it, it would be a call to another machine.
    type SendEmail;

    #[wasm_bindgen(method, catch)]
    fn send(this: &SendEmail, message: &Object) -> Result<Promise, JsValue>;
}

/// A way to send mail.
pub(super) enum MailSettings {
    /// None.
    Off,
    /// Into the outbox of development.
    Outbox,
    /// By the binding.
    Binding { from: Email },
    /// By a service, which takes a mail as JSON.
    Http {
        url: String,
        token: Option<String>,
        from: Email,
    },
}

impl MailSettings {
    /// Reads `MAIL_FROM`, `MAIL_API_URL` and `MAIL_API_TOKEN`; the binding comes first.
    pub(super) fn from_env(
        env: &Env,
        from: Option<&str>,
        url: Option<String>,
        token: Option<String>,
        is_development: bool,
    ) -> Self {
        let has_binding = js::property(env, BINDING).is_some();
        if !has_binding && url.is_none() {
            return match is_development && outbox::IS_BUILT {
                true => Self::Outbox,
                false => Self::Off,
            };
        }
        let is_secret =
            |url: &String| url.starts_with("https://") || url.starts_with("http://127.0.0.1:");
        if !has_binding && !url.as_ref().is_some_and(is_secret) {
            log::error!("No mail can be sent. MAIL_API_URL does not begin with https://.");
            return Self::Off;
        }
        match (parse_from(from), url) {
            (Ok(from), _) if has_binding => Self::Binding { from },
            (Ok(from), Some(url)) => Self::Http { url, token, from },
            (Ok(_), None) => Self::Off,
            (Err(why), _) => {
                log::error!("No mail can be sent. {why}");
                Self::Off
            }
        }
    }

    /// The sender for a request.
    pub(super) fn mailer(&self, env: &Env) -> Option<Arc<dyn Mailer>> {
        let (way, from) = match self {
            Self::Off => return None,
            Self::Outbox => return outbox::mailer(),
            Self::Binding { from } => (Way::Binding(env.clone()), from),
            Self::Http { url, token, from } => (
                Way::Http {
                    url: url.clone(),
                    token: token.clone(),
                },
                from,
            ),
        };
        Some(Arc::new(Sender {
            way: SendWrapper::new(way),
            from: from.clone(),
        }))
    }
}

enum Way {
    Binding(Env),
    Http { url: String, token: Option<String> },
}

struct Sender {
    way: SendWrapper<Way>,
    from: Email,
}

impl Mailer for Sender {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(SendFuture::new(async move {
            let sent = match &*self.way {
                Way::Binding(env) => by_binding(env, &self.from, mail).await,
                Way::Http { url, token } => by_http(url, token.as_deref(), &self.from, mail).await,
            };
            // Services repeat the recipient, whose address is nothing for the log.
            sent.map_err(|why| MailError(why.replace(mail.to.as_str(), "(recipient)")))
        }))
    }
}

async fn by_binding(env: &Env, from: &Email, mail: &Mail) -> Result<(), String> {
    let failed = |error: JsValue| {
        let message = js::property(&error, "message").and_then(|text| text.as_string());
        let message = message.unwrap_or_else(|| format!("{error:?}"));
        format!("The binding {BINDING} did not take a mail: {message}")
    };
    let sender = Object::new();
    js::set(&sender, "email", from.as_str());
    js::set(&sender, "name", site::NAME);
    let message = message(mail);
    let _ = Reflect::set(&message, &JsValue::from_str("from"), &sender);
    let binding = js::property(env, BINDING).unwrap_or(JsValue::UNDEFINED);
    let sent = binding.unchecked_ref::<SendEmail>().send(&message);
    js::settled(sent).await.map(drop).map_err(failed)
}

async fn by_http(url: &str, token: Option<&str>, from: &Email, mail: &Mail) -> Result<(), String> {
    let failed = |error: worker::Error| {
        format!("The mail service at MAIL_API_URL cannot be reached: {error}")
    };
    let message = message(mail);
    js::set(&message, "from", &from_header(from));
    let body = JSON::stringify(&message).map_err(|error| format!("{error:?}"))?;
    let headers = worker::Headers::new();
    headers
        .set("content-type", "application/json")
        .map_err(failed)?;
    if let Some(token) = token {
        let value = format!("Bearer {token}");
        headers.set("authorization", &value).map_err(failed)?;
    }
    let mut init = worker::RequestInit::new();
    init.with_method(worker::Method::Post)
        .with_headers(headers)
        .with_body(Some(body.into()));
    let request = worker::Request::new_with_init(url, &init).map_err(failed)?;
    let response = worker::Fetch::Request(request).send().await;
    // Its body may repeat the mail, which is nothing for a log.
    match response.map_err(failed)?.status_code() {
        200..300 => Ok(()),
        status => Err(format!(
            "The mail service at MAIL_API_URL answered {status}: it has not taken a mail."
        )),
    }
}

/// The parts of a mail that both take by the same names.
fn message(mail: &Mail) -> Object {
    let message = Object::new();
    for (name, value) in [
        ("to", mail.to.as_str()),
        ("subject", mail.subject),
        ("text", &mail.text),
        ("html", &mail.html),
    ] {
        js::set(&message, name, value);
    }
    message
}
