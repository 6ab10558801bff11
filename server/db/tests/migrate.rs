//! Migrations of PostgreSQL and MySQL: applied once, whole or resumed, unchanged, and never twice at the same time.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

#[path = "support/migrations.rs"]
mod migrations;
mod support;

use db::drivers::native::DatabaseUrl;
use db::drivers::server_options::ServerOptions;
use db::drivers::sqlite::Sqlite;
use db::migrate::{MYSQL, Migration, POSTGRES, SQLITE, apply, apply_to, apply_to_server};
use db::{DbError, Driver, Rows, Statement, Value};
use futures::executor::block_on;
use support::{Brand, database, open, run};

fn real(engine: Brand) -> &'static [Migration] {
    match engine {
        Brand::Postgres => POSTGRES,
        Brand::MySql => MYSQL,
    }
}

async fn rows(target: &ServerOptions, sql: &str) -> Rows {
    run(&*open(target).await, sql).await.remove(0)
}

async fn exists(target: &ServerOptions, table: &str) -> bool {
    let sql = format!("SELECT 1 FROM {table}");
    open(target)
        .await
        .read(&[Statement::plain(sql)])
        .await
        .is_ok()
}

async fn once_and_unchanged(engine: Brand, name: &str) {
    let target = database(engine, name).await;
    let applied = apply_to_server(&target, real(engine)).await.unwrap();
    let folder = match engine {
        Brand::Postgres => "postgres",
        Brand::MySql => "mysql",
    };
    assert_eq!(applied, migrations::names(folder));
    assert!(exists(&target, "users").await);
    assert!(
        apply_to_server(&target, real(engine))
            .await
            .unwrap()
            .is_empty()
    );

    let mut changed = real(engine).to_vec();
    changed[0] = Migration {
        name: "0001_initial.sql",
        sql: "CREATE TABLE other (a INT)",
    };
    let error = apply_to_server(&target, &changed).await.unwrap_err();
    assert!(
        matches!(&error, DbError::Unavailable(why) if why.contains("0001_initial.sql was changed")),
        "{error:?}"
    );
    assert!(!exists(&target, "other").await);
}

/// SQL that any engine takes: a user whose stored number of posts is wrong, and a post of each kind.
fn rows_from_before() -> String {
    let at = "'2026-01-01 00:00:00'";
    let mut sql = format!(
        "INSERT INTO users (id, handle, email, name, bio, role, password_hash, post_count, search_text, created_at, updated_at) \
         VALUES ('00000000-0000-7000-8000-000000000001', 'ada', 'a@example.com', 'Ada', '', 'author', '!', 1, '', {at}, {at});"
    );
    let posts = [
        ("published", at, "NULL"),
        ("published", "'2099-01-01 00:00:00'", "NULL"),
        ("scheduled", "'2099-01-01 00:00:00'", "NULL"),
        ("scheduled", at, at),
        ("published", "NULL", "NULL"),
        ("draft", at, "NULL"),
        ("archived", at, "NULL"),
    ];
    for (n, (status, published_at, deleted_at)) in posts.into_iter().enumerate() {
        let (author, post) = (
            "00000000-0000-7000-8000-000000000001",
            format!("00000000-0000-7000-8000-00000000001{n}"),
        );
        sql.push_str(&format!(
            "INSERT INTO posts (id, author_id, title, slug, excerpt, content, content_html, renderer_version, reading_minutes, \
             search_text, comment_count, status, comments_open, published_at, created_at, updated_at, deleted_at) VALUES \
             ('{post}', '{author}', '', 'post-{n}', '', '', '', 1, 1, '', 0, '{status}', '1', {published_at}, {at}, {at}, {deleted_at});"
        ));
    }
    sql
}

async fn scheduled_posts_are_counted(engine: Brand, name: &str) {
    let target = database(engine, name).await;
    apply_to_server(&target, &real(engine)[..2]).await.unwrap();
    let rows_from_before = rows_from_before();
    for statement in rows_from_before.split_terminator(';') {
        rows(&target, statement).await;
    }
    apply_to_server(&target, real(engine)).await.unwrap();
    let count = rows(&target, "SELECT post_count FROM users").await;
    assert_eq!(count.cells, [Value::Int(3)]);
}

#[test]
fn scheduled_posts_are_counted_on_sqlite() {
    let sqlite = Sqlite::in_memory().unwrap();
    block_on(apply(&sqlite, &SQLITE[..2])).unwrap();
    sqlite.script(&rows_from_before()).unwrap();
    block_on(apply(&sqlite, SQLITE)).unwrap();
    let count = Statement::plain("SELECT post_count FROM users");
    let count = block_on(sqlite.read(&[count])).unwrap().remove(0);
    assert_eq!(count.cells, [Value::Int(3)]);
}

async fn once_by_several_at_once(engine: Brand, name: &str) {
    let target = database(engine, name).await;
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let target = target.clone();
            tokio::spawn(async move { apply_to_server(&target, real(engine)).await.unwrap().len() })
        })
        .collect();
    let mut applied = 0;
    for task in tasks {
        applied += task.await.unwrap();
    }
    assert_eq!(applied, real(engine).len());
    assert_eq!(
        rows(&target, "SELECT name FROM schema_migrations")
            .await
            .len(),
        real(engine).len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_applies_once_and_refuses_what_was_changed() {
    once_and_unchanged(Brand::Postgres, "site_test_migrate_once").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_applies_once_and_refuses_what_was_changed() {
    once_and_unchanged(Brand::MySql, "site_test_migrate_once").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_at_once_apply_once_on_postgres() {
    once_by_several_at_once(Brand::Postgres, "site_test_migrate_race").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_at_once_apply_once_on_mysql() {
    once_by_several_at_once(Brand::MySql, "site_test_migrate_race").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scheduled_posts_are_counted_on_postgres() {
    scheduled_posts_are_counted(Brand::Postgres, "site_test_migrate_counts").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scheduled_posts_are_counted_on_mysql() {
    scheduled_posts_are_counted(Brand::MySql, "site_test_migrate_counts").await;
}

const BROKEN: Migration = Migration {
    name: "0002_two.sql",
    sql: "-- Two tables.\nCREATE TABLE half (a INT);\nCREATE TABLE half (a INT);\nCREATE TABLE rest (a INT);",
};
const MENDED: Migration = Migration {
    name: "0002_two.sql",
    sql: "-- Two tables.\nCREATE TABLE half (a INT);\nCREATE TABLE other (a INT);\nCREATE TABLE rest (a INT);",
};

fn names_file_and_statement(error: &DbError) -> bool {
    let text = error.to_string();
    text.contains("0002_two.sql")
        && text.contains("statement 2")
        && text.contains("CREATE TABLE half")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_file_leaves_nothing_on_postgres() {
    let target = database(Brand::Postgres, "site_test_migrate_failed").await;
    let error = apply_to_server(&target, &[BROKEN]).await.unwrap_err();
    assert!(names_file_and_statement(&error), "{error}");
    assert!(!exists(&target, "half").await);
    assert_eq!(
        apply_to_server(&target, &[MENDED]).await.unwrap(),
        ["0002_two.sql"]
    );
    assert!(exists(&target, "rest").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_file_is_resumed_on_mysql() {
    let target = database(Brand::MySql, "site_test_migrate_failed").await;
    let error = apply_to_server(&target, &[BROKEN]).await.unwrap_err();
    assert!(names_file_and_statement(&error), "{error}");
    assert!(exists(&target, "half").await && !exists(&target, "rest").await);

    let other = Migration {
        sql: "CREATE TABLE elsewhere (a INT); CREATE TABLE rest (a INT)",
        ..BROKEN
    };
    let error = apply_to_server(&target, &[other]).await.unwrap_err();
    assert!(
        matches!(&error, DbError::Unavailable(why) if why.contains("0002_two.sql")),
        "{error}"
    );
    assert!(!exists(&target, "elsewhere").await);

    assert_eq!(
        apply_to_server(&target, &[MENDED]).await.unwrap(),
        ["0002_two.sql"]
    );
    assert!(exists(&target, "other").await && exists(&target, "rest").await);
    assert!(
        apply_to_server(&target, &[MENDED])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn migrations_refuse_hyperdrive_and_memory() {
    for (url, why) in [
        ("postgres://u:secret@0a1b.hyperdrive.local/db", "Hyperdrive"),
        (
            "mysql://u:secret@x.hyperdrive.cloudflare.com/db",
            "Hyperdrive",
        ),
        ("d1:0a/1b", "CLOUDFLARE_API_TOKEN is not set"),
        ("sqlite:memory", "in memory"),
    ] {
        let native = DatabaseUrl::parse(url, |_| None).unwrap();
        let error = apply_to(&native).await.unwrap_err();
        assert!(
            matches!(&error, DbError::Unavailable(text) if text.contains(why)),
            "{url}: {error}"
        );
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
