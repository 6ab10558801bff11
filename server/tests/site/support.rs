//! The whole site on an in-memory SQLite with the real migrations and the example content, asked through `answer`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use app::context::{Registration, RequestContext, Secret, SiteConfig};
use app::mail::Mailer;
use app::visitor::Visitor;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{
    BoxFuture, Connector, Consistency, ConsistencyToken, Db, DbError, Dialect, Driver, Rows,
    Statement, Timeouts, migrate,
};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;

/// The example site's database, shared by all tests of a file: nobody writes to it.
static EXAMPLE: LazyLock<Arc<Sqlite>> = LazyLock::new(|| {
    futures::executor::block_on(async {
        let sqlite = Arc::new(Sqlite::in_memory().expect("memory"));
        migrate::apply(&sqlite, migrate::SQLITE)
            .await
            .expect("the migrations apply");
        let db = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
        db_cli::insert_example(&db).await.expect("the example fits");
        sqlite
    })
});

/// How often databases were opened and closed.
#[derive(Clone, Default)]
pub(crate) struct Doors {
    pub(crate) opened: Arc<AtomicUsize>,
    pub(crate) closed: Arc<AtomicUsize>,
}

/// The real way to a database, with its doors counted.
struct Counted {
    source: Arc<dyn Connector>,
    doors: Doors,
}

impl Connector for Counted {
    fn dialect(&self) -> Dialect {
        self.source.dialect()
    }

    fn connect(&self, need: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        Box::pin(async move {
            let driver = self.source.connect(need).await?;
            self.doors.opened.fetch_add(1, Ordering::SeqCst);
            Ok(Arc::new(Opened {
                driver,
                doors: self.doors.clone(),
            }) as Arc<dyn Driver>)
        })
    }

    fn is_split(&self) -> bool {
        self.source.is_split()
    }

    fn token_after_write(&self, driver: &dyn Driver) -> Option<ConsistencyToken> {
        self.source.token_after_write(driver)
    }

    fn timeouts(&self) -> Option<Timeouts> {
        self.source.timeouts()
    }
}

struct Opened {
    driver: Arc<dyn Driver>,
    doors: Doors,
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.doors.closed.fetch_add(1, Ordering::SeqCst);
    }
}

impl Driver for Opened {
    fn dialect(&self) -> Dialect {
        self.driver.dialect()
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            on_the_way().await;
            self.driver.read(statements).await
        })
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            on_the_way().await;
            self.driver.write(statements).await
        })
    }
}

/// Delays a query as a network does: others run meanwhile, and results arrive in another order than they were requested.
async fn on_the_way() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let turns = 1 + ASKED.fetch_add(1, Ordering::SeqCst) * 7 % 5;
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

/// The site.
pub(crate) struct World {
    pub(crate) router: Router,
    source: Arc<dyn Connector>,
    pub(crate) doors: Doors,
    is_development: bool,
    registration: Registration,
    visitor: Option<Visitor>,
    mailer: Option<Arc<dyn Mailer>>,
    secret: Option<Secret>,
}

/// A response, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.body))
    }
}

pub(crate) fn site() -> Arc<SiteConfig> {
    Arc::new(SiteConfig {
        origin: "https://site.example".to_owned(),
        dev_events: None,
        shows_timing: false,
        secret: None,
        registration: Registration::Closed,
    })
}

impl World {
    /// The example site.
    pub(crate) fn example() -> Self {
        Self::on(Arc::clone(&EXAMPLE))
    }

    /// The site on another SQLite.
    pub(crate) fn on(sqlite: Arc<Sqlite>) -> Self {
        Self::over(Arc::new(SqliteConnector::Open(sqlite)))
    }

    /// The site on any database.
    pub(crate) fn over(source: Arc<dyn Connector>) -> Self {
        Self {
            router: server::router(),
            source,
            doors: Doors::default(),
            is_development: false,
            registration: Registration::Closed,
            visitor: None,
            mailer: None,
            secret: None,
        }
    }

    /// The site on the same database, with the same settings.
    fn again(&self) -> Self {
        Self {
            is_development: self.is_development,
            registration: self.registration,
            visitor: self.visitor.clone(),
            mailer: self.mailer.clone(),
            secret: self.secret.clone(),
            ..Self::over(Arc::clone(&self.source))
        }
    }

    /// The site where everybody can sign up.
    pub(crate) fn open(&self) -> Self {
        Self {
            registration: Registration::Open,
            ..self.again()
        }
    }

    /// The site where these people can sign up.
    pub(crate) fn with_registration(&self, registration: Registration) -> Self {
        Self {
            registration,
            ..self.again()
        }
    }

    /// The site as it is asked by this visitor.
    pub(crate) fn with_visitor(&self, visitor: Visitor) -> Self {
        Self {
            visitor: Some(visitor),
            ..self.again()
        }
    }

    /// The site that sends its mail this way.
    pub(crate) fn with_mailer(&self, mailer: Arc<dyn Mailer>) -> Self {
        Self {
            mailer: Some(mailer),
            ..self.again()
        }
    }

    /// The site that signs cookies.
    pub(crate) fn with_secret(&self) -> Self {
        Self {
            secret: Secret::new("x".repeat(32)),
            ..self.again()
        }
    }

    /// The site as its engineers see it.
    pub(crate) fn in_development(&self) -> Self {
        Self {
            is_development: true,
            ..self.again()
        }
    }

    pub(crate) fn db(&self) -> Db {
        Db::new(Counted {
            source: Arc::clone(&self.source),
            doors: self.doors.clone(),
        })
    }

    pub(crate) fn context(&self, cookies: &str) -> RequestContext {
        let site = SiteConfig {
            shows_timing: self.is_development,
            registration: self.registration,
            secret: self.secret.clone(),
            ..SiteConfig::clone(&site())
        };
        let context = RequestContext::from_request(Arc::new(site), self.db(), cookies)
            .with_mailer(self.mailer.clone());
        match &self.visitor {
            Some(visitor) => context.with_visitor(visitor.clone()),
            None => context,
        }
    }

    /// The response as it leaves the site, body unread.
    pub(crate) async fn respond(&self, request: Request<Body>) -> (Response, RequestContext) {
        let cookies = request
            .headers()
            .get("cookie")
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
            .to_owned();
        let context = self.context(&cookies);
        (
            server::answer(&self.router, request, context.clone()).await,
            context,
        )
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (response, _) = self.respond(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body
            .collect()
            .await
            .expect("the body can be read")
            .to_bytes();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.send(
            Request::get(address)
                .body(Body::empty())
                .expect("a request"),
        )
        .await
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(
            request
                .body(Body::from(body.to_owned()))
                .expect("a request"),
        )
        .await
    }
}
