//! The request context: everything that belongs to one request.
//!
//! Owns the only way to a database client inside a request ([`db`], [`db_async`]). One context a request; pages, server
//! functions and API handlers of the request share it, and so its one client. Absent: where it comes from — the Worker's
//! entry, a native server or the prerenderer builds it and gives it to the router.

use std::sync::Arc;

use async_lock::OnceCell;
use db::queries::sessions::{self, SessionRow};
use db::{BoxFuture, Db, DbError};
use domain::Timestamp;
use http::request::Parts;
use leptos::prelude::{provide_context, use_context, with_context};
use leptos_axum::ResponseOptions;
use sha2::{Digest, Sha256};

use crate::form::{FormState, HeldForm};
use crate::mail::Mailer;
pub use crate::secret::{OWNER_COOKIE, Secret};
use crate::visitor::Visitor;
use crate::{AppError, Problem};

/// The site as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteConfig {
    /// Scheme and host of canonical addresses: `https://example.com`, without a slash at the end.
    pub origin: String,
    /// Address of the events by which `cargo x dev` reloads pages; only in development.
    pub dev_events: Option<String>,
    /// Show what operators want to know: figures of the database in `Server-Timing`, and how to mend a problem.
    pub shows_timing: bool,
    /// Signs cookies; without it nothing that needs a signature is done.
    pub secret: Option<Secret>,
    /// The people who may make an account.
    pub registration: Registration,
}

/// The people who may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// Everybody.
    Open,
    /// Those who were invited.
    Invite,
    /// Nobody.
    #[default]
    Closed,
}

impl Registration {
    /// Reads the setting's word (`REGISTRATION`); nobody may sign up where it is another.
    pub fn parse(word: &str) -> Self {
        match word {
            "open" => Self::Open,
            "invite" => Self::Invite,
            _ => Self::Closed,
        }
    }
}

/// The theme that the reader chose; without one it follows the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on light.
    Light,
    /// Light text on dark.
    Dark,
}

impl Theme {
    /// The word in the cookie and in `data-theme`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the cookie's word; any other word is no choice.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }
}

/// Finds the database where no request has brought a client: at build time, in a tool, in a test.
pub trait DatabaseProvider: Send + Sync {
    /// Finds the database.
    fn database(&self) -> BoxFuture<'_, Result<Db, DbError>>;
}

/// Everything a request has. Cheap to clone; every clone is the same context.
#[derive(Clone)]
pub struct RequestContext(Arc<Inner>);

struct Inner {
    site: Arc<SiteConfig>,
    theme: Option<Theme>,
    session_token: Option<String>,
    code_token: Option<String>,
    known_signature: Option<String>,
    owner_proof: Option<String>,
    visitor: Option<Visitor>,
    mailer: Option<Arc<dyn Mailer>>,
    provider: Option<Arc<dyn DatabaseProvider>>,
    db: OnceCell<Db>,
    session: OnceCell<Option<SessionRow>>,
}

impl RequestContext {
    /// The context of a request that has a client already; it connects when it is first used.
    pub fn from_request(site: Arc<SiteConfig>, db: Db, cookies: &str) -> Self {
        Self(Arc::new(Inner {
            site,
            theme: cookie(cookies, "theme").and_then(Theme::parse),
            session_token: cookie(cookies, SESSION_COOKIE).map(str::to_owned),
            code_token: cookie(cookies, CODE_COOKIE).map(str::to_owned),
            known_signature: cookie(cookies, KNOWN_COOKIE).map(str::to_owned),
            owner_proof: cookie(cookies, OWNER_COOKIE).map(str::to_owned),
            visitor: None,
            mailer: None,
            provider: None,
            db: OnceCell::from(db),
            session: OnceCell::new(),
        }))
    }

    /// Adds what is known of the other end to a context that is not shared yet.
    #[must_use]
    pub fn with_visitor(mut self, visitor: Visitor) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.visitor = Some(visitor);
        }
        self
    }

    /// The other end of the request, where the server knows it.
    pub fn visitor(&self) -> Option<&Visitor> {
        self.0.visitor.as_ref()
    }

    /// Adds the sender of mail to a context that is not shared yet.
    #[must_use]
    pub fn with_mailer(mut self, mailer: Option<Arc<dyn Mailer>>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.mailer = mailer;
        }
        self
    }

    /// The sender of mail, if one is configured.
    pub fn mailer(&self) -> Option<&dyn Mailer> {
        self.0.mailer.as_deref()
    }

    /// The secret by which codes know the browser, as it was sent.
    pub fn code_token(&self) -> Option<&str> {
        self.0.code_token.as_deref()
    }

    /// The signature that says who has signed in in this browser before, as it was sent.
    pub fn known_signature(&self) -> Option<&str> {
        self.0.known_signature.as_deref()
    }

    /// The proof of who owns an account that waits to be erased, as it was sent.
    pub(crate) fn owner_proof(&self) -> Option<&str> {
        self.0.owner_proof.as_deref()
    }

    /// SHA-256 of the session's token, in hex, if the browser sent one.
    pub fn session_hash(&self) -> Option<String> {
        self.0.session_token.as_deref().map(token_hash)
    }

    /// The context of a page that is rendered without a request; the client is found when it is first asked for.
    pub fn from_provider(site: Arc<SiteConfig>, provider: Arc<dyn DatabaseProvider>) -> Self {
        Self(Arc::new(Inner {
            site,
            theme: None,
            session_token: None,
            code_token: None,
            known_signature: None,
            owner_proof: None,
            visitor: None,
            mailer: None,
            provider: Some(provider),
            db: OnceCell::new(),
            session: OnceCell::new(),
        }))
    }

    /// The site as configured.
    pub fn site(&self) -> &SiteConfig {
        &self.0.site
    }

    /// The theme that the reader chose.
    pub fn theme(&self) -> Option<Theme> {
        self.0.theme
    }

    /// The request's client.
    ///
    /// # Errors
    /// [`AppError::Internal`] without a request, as long as [`Self::db_async`] has not found a client.
    pub fn db(&self) -> Result<Db, AppError> {
        self.0.db.get().cloned().ok_or_else(|| {
            AppError::internal(&"db() outside a request; db_async() finds the database first")
        })
    }

    /// The client, if it is known already.
    pub fn resolved_db(&self) -> Option<Db> {
        self.0.db.get().cloned()
    }

    /// The request's client. Without a request, finds one by the [`DatabaseProvider`] and keeps it.
    ///
    /// # Errors
    /// When the provider cannot find the database.
    pub async fn db_async(&self) -> Result<Db, AppError> {
        let find = async || match &self.0.provider {
            Some(provider) => provider.database().await,
            None => Err(DbError::Unavailable(
                "This context has no database.".to_owned(),
            )),
        };
        Ok(self.0.db.get_or_try_init(find).await?.clone())
    }

    /// The session of the signed-in user. Looked up once a request, and only when there is a cookie. Its use is noted now and then,
    /// so that it does not end.
    ///
    /// # Errors
    /// Any error of the database.
    pub async fn session(&self) -> Result<Option<SessionRow>, AppError> {
        let look = async || match self.session_hash() {
            None => Ok(None),
            Some(hash) => {
                let (db, now) = (self.db()?, Timestamp::now());
                let found = sessions::find(&db, &hash, now).await?;
                if found
                    .as_ref()
                    .is_some_and(|session| session.is_note_due(now))
                    && let Err(error) = sessions::note_seen(&db, &hash, now).await
                {
                    // The next request notes it.
                    log::warn!("the use of a session was not noted: {error}");
                }
                Ok(found)
            }
        };
        self.0.session.get_or_try_init(look).await.cloned()
    }

    /// Closes the connection. Clones of the client that outlive the request fail from now on.
    pub fn close(&self) {
        if let Some(db) = self.0.db.get() {
            db.close();
        }
    }
}

/// The cookie that carries a session's token.
pub const SESSION_COOKIE: &str = "__Host-session";

/// The cookie that carries the secret of a browser to which codes are bound.
pub const CODE_COOKIE: &str = "__Host-code";

/// The cookie that says who has signed in in this browser before.
pub const KNOWN_COOKIE: &str = "__Host-known";

/// SHA-256 in hex. Only this hash of a token is stored, so that nobody can sign in with what they read in the table.
pub fn token_hash(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The value of the cookie `name` in a `Cookie` header.
pub fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name && !value.is_empty()).then_some(value)
    })
}

/// Gives the request's context to Leptos, and what else the server has put into the request. Pages and server functions share this
/// one provider.
pub fn provide() {
    provide_if::<RequestContext>();
    provide_if::<FormState>();
    provide_if::<HeldForm>();
    provide_if::<Problem>();
}

fn provide_if<T: Clone + Send + Sync + 'static>() {
    let value = with_context(|parts: &Parts| parts.extensions.get::<T>().cloned());
    if let Some(value) = value.flatten() {
        provide_context(value);
    }
}

/// The context of the current request or of the page that is being prerendered, if there is one.
pub fn current() -> Option<RequestContext> {
    use_context::<RequestContext>()
}

/// The context of the current request or of the page that is being prerendered.
///
/// # Errors
/// [`AppError::Internal`] where there is neither.
pub fn request() -> Result<RequestContext, AppError> {
    current().ok_or_else(|| {
        AppError::internal(&"no request context: is the provider given to this route?")
    })
}

/// A value of type `T` that was given to Leptos further up, beside the request's own context.
pub(crate) fn given<T: Clone + 'static>() -> Option<T> {
    use_context::<T>()
}

/// The current response, to set its status and headers.
pub(crate) fn response() -> Option<ResponseOptions> {
    use_context::<ResponseOptions>()
}

/// The value of `name` in the current address's query; empty when it is not there.
pub(crate) fn query(name: &str) -> String {
    let value = with_context(|parts: &Parts| {
        let query = parts.uri.query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let (_, value) = pairs.find(|(key, _)| key == name)?;
        Some(value.into_owned())
    });
    value.flatten().unwrap_or_default()
}

/// The path of the page that is being rendered.
pub(crate) fn path() -> String {
    with_context(|parts: &Parts| parts.uri.path().to_owned()).unwrap_or_default()
}

/// The part of a page's path for which there is a parameter in its pattern.
#[derive(Clone)]
pub(crate) struct Parameter(pub(crate) String);

/// The parameter in the path of the page that is being rendered; empty where its pattern has none.
pub(crate) fn parameter() -> String {
    given::<Parameter>()
        .map(|found| found.0)
        .unwrap_or_default()
}

/// The request's database client. Cheap to clone; connects on first use; the same client for every caller in this request.
///
/// # Errors
/// [`AppError::Internal`] without a request.
pub fn db() -> Result<Db, AppError> {
    request()?.db()
}

/// The request's database client; without a request (build time, tools, tests), the client of the [`DatabaseProvider`].
///
/// # Errors
/// When the provider cannot find the database, or there is no context at all.
pub async fn db_async() -> Result<Db, AppError> {
    let context = request()?;
    context.db_async().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let header = "a=1; theme=dark; __Host-session=abc; xtheme=light";
        assert_eq!(cookie(header, "theme"), Some("dark"));
        assert_eq!(cookie(header, SESSION_COOKIE), Some("abc"));
        assert_eq!(cookie(header, "session"), None);
        assert_eq!(cookie("theme=", "theme"), None);
        assert_eq!(cookie("", "theme"), None);
    }

    #[test]
    fn hashes_are_sha256() {
        assert_eq!(
            token_hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
