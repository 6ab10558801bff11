//! Test databases on the servers that `cargo x test` starts, and the contract suite on them.

use std::sync::Arc;

use db::contract::{Clients, EngineTraits, failures};
use db::drivers::native::{DatabaseUrl, ServerConnector};
use db::drivers::server_options::ServerOptions;
use db::{Connector, Consistency, DbError, Driver, Statement, Value};

/// A server that the tests use.
#[derive(Clone, Copy)]
pub(crate) enum Brand {
    Postgres,
    MySql,
}

pub(crate) fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo x test`, or `cargo x services up` and see its output")
    })
}

/// The URL of the server, with `end` appended.
pub(crate) fn url(engine: Brand, end: &str) -> String {
    let url = setting(match engine {
        Brand::Postgres => "TEST_POSTGRES_URL",
        Brand::MySql => "TEST_MYSQL_URL",
    });
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{end}")
}

pub(crate) fn trusted() -> String {
    format!("sslrootcert={}", setting("TEST_CA_CERT"))
}

/// Creates an empty database of this name, in place of an older one.
pub(crate) async fn database(engine: Brand, name: &str) -> ServerOptions {
    let mut target = ServerOptions::parse(&url(engine, &trusted())).expect("a URL");
    let server = open(&target).await;
    let force = match engine {
        Brand::Postgres => " WITH (FORCE)",
        Brand::MySql => "",
    };
    for sql in [
        format!("DROP DATABASE IF EXISTS {name}{force}"),
        format!("CREATE DATABASE {name}"),
    ] {
        run(&*server, &sql).await;
    }
    name.clone_into(&mut target.database);
    target
}

pub(crate) async fn open(target: &ServerOptions) -> Arc<dyn Driver> {
    ServerConnector(target.clone())
        .connect(Consistency::Strong)
        .await
        .expect("a connection")
}

pub(crate) async fn run(driver: &dyn Driver, sql: &str) -> Vec<db::Rows> {
    driver
        .write(&[Statement::plain(sql)])
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The first value of a query's first row.
pub(crate) async fn cell(target: &ServerOptions, sql: &str) -> Value {
    let rows = run(&*open(target).await, sql).await.remove(0);
    rows.cells.into_iter().next().expect("a value")
}

/// Converts server options to a parsed URL.
pub(crate) fn native(target: &ServerOptions) -> DatabaseUrl {
    DatabaseUrl::parse(target.to_url().expose(), |_| None).expect("a URL")
}

/// Checks that the database cannot be used, and that the sentence about it holds `words`.
#[track_caller]
pub(crate) fn assert_says(error: &DbError, words: &str) {
    assert!(error.is_unavailable(), "{words}: {error:?}");
    assert!(error.to_string().contains(words), "{words}: {error}");
}

/// Passes every case of the contract suite.
pub(crate) async fn pass_all(source: impl Connector + 'static, traits: EngineTraits) {
    let failed = failures(&Clients::new(source, traits)).await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
