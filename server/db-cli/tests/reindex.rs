//! Reindexing: rows that were written by older rules become what they would be today, on every engine.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::sync::Arc;

use db::drivers::native::{DatabaseUrl, NativeConnector, PoolSize};
use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::queries::{derived, posts, users};
use db::{Connector, Db, Dialect, Statement, Value, migrate};
use db_cli::{insert_example, reindex};
use domain::{PageRequest, Search};
use support::Database;
use uuid::Uuid;

/// Every derived column, and what must stay.
async fn everything(db: &Db) -> Vec<Vec<Value>> {
    let statements = [
        "SELECT id, handle, bio, search_text, updated_at FROM users ORDER BY id",
        "SELECT id, excerpt, content, content_html, renderer_version, reading_minutes, search_text, updated_at FROM posts ORDER BY id",
        "SELECT id, body, body_html FROM comments ORDER BY id",
    ];
    let rows = db.read(&statements.map(Statement::plain)).await.unwrap();
    rows.into_iter().map(|rows| rows.cells).collect()
}

async fn found(db: &Db, text: &str) -> (Option<u32>, Option<u32>) {
    let (search, page) = (Search::parse(text), PageRequest::first(1));
    let users = users::list(db, &search, &page).await.unwrap();
    let posts = posts::list(db, &search, &page).await.unwrap();
    (users.total, posts.total)
}

async fn renews(connector: impl Connector + 'static) {
    let db = Db::new(connector);
    insert_example(&db).await.unwrap();
    let today = everything(&db).await;
    let summary = async || reindex(&db, |_| {}).await.unwrap();
    assert_eq!(
        summary().await,
        "renewed 0 of 31 users, 0 of 420 posts, 0 of 614 comments"
    );
    let before = found(&db, "tomasz").await;
    assert!(before.0 > Some(0), "{before:?}");

    // As older rules wrote them.
    let old = [
        "UPDATE users SET search_text = 'oldword'",
        "UPDATE posts SET search_text = 'oldword', content_html = '<p>old</p>', renderer_version = 1, reading_minutes = 99 \
         WHERE slug <> 'one-hundred-loaves'",
        "UPDATE comments SET body_html = '<p>old</p>' WHERE body LIKE 'T%'",
    ];
    db.write(&old.map(Statement::plain)).await.unwrap();
    assert_eq!(found(&db, "tomasz").await, (Some(0), Some(0)));
    let renewed = summary().await;
    assert!(
        renewed.starts_with("renewed 31 of 31 users, 419 of 420 posts, "),
        "{renewed}"
    );
    assert!(everything(&db).await == today);
    assert_eq!(found(&db, "tomasz").await, before);
    assert_eq!(found(&db, "oldword").await, (Some(0), Some(0)));

    // After an interruption, only what is left is written.
    let half = "UPDATE posts SET search_text = '' WHERE slug = 'one-hundred-loaves'";
    db.write(&[Statement::plain(half)]).await.unwrap();
    assert_eq!(
        summary().await,
        "renewed 0 of 31 users, 1 of 420 posts, 0 of 614 comments"
    );
    assert!(everything(&db).await == today);

    // What somebody writes between reading and writing stays.
    let read = derived::posts(&db, Uuid::nil()).await.unwrap().remove(0);
    let edit = format!(
        "UPDATE posts SET search_text = 'edited', updated_at = created_at WHERE id = '{}'",
        read.id
    );
    db.write(&[Statement::plain(edit)]).await.unwrap();
    let write = derived::write_post(db.dialect(), &read);
    db.write(&[write]).await.unwrap();
    let now = derived::posts(&db, Uuid::nil()).await.unwrap().remove(0);
    assert_ne!(now.updated_at, read.updated_at);
    assert_eq!(now.search_text, "edited");
}

async fn on_server(dialect: Dialect) -> NativeConnector {
    let database = Database::new(dialect, "reindex").await;
    let url = DatabaseUrl::parse(&database.url, |_| None).unwrap();
    migrate::apply_to(&url).await.unwrap();
    url.connector(PoolSize::default()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_is_renewed() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    renews(SqliteConnector::Open(sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_renewed() {
    renews(on_server(Dialect::Postgres).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_is_renewed() {
    renews(on_server(Dialect::MySql).await).await;
}
