//! Every statement, as SQL in each dialect, and the plans by which SQLite would run them.
//!
//! The queries themselves are run, on a driver that records statements and gives no rows.

use std::sync::{Arc, Mutex};

use domain::{Cursor, Direction, Handle, PageRequest, PostId, Search, Slug, Timestamp};
use futures::executor::block_on;
use uuid::Uuid;

use super::{
    comments, derived, fingerprints, health, posts, public_copy, sessions, sitemap, users,
};
use crate::schema::{TABLES, Table};
use crate::{BoxFuture, Connector, Consistency, Db, DbError, Dialect, Driver, Rows, Statement};

/// Records the statements of each round trip.
#[derive(Clone)]
struct Recorder {
    dialect: Dialect,
    round_trips: Arc<Mutex<Vec<Vec<Statement>>>>,
}

impl Recorder {
    fn record(&self, statements: &[Statement]) -> BoxFuture<'_, Result<Vec<Rows>, DbError>> {
        let rows = vec![Rows::default(); statements.len()];
        let mut round_trips = self
            .round_trips
            .lock()
            .expect("no test panics while it records");
        round_trips.push(statements.to_vec());
        Box::pin(std::future::ready(Ok(rows)))
    }
}

impl Connector for Recorder {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn connect(&self, _: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        let driver: Arc<dyn Driver> = Arc::new(self.clone());
        Box::pin(std::future::ready(Ok(driver)))
    }
}

impl Driver for Recorder {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        self.record(statements)
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        self.record(statements)
    }
}

fn public_tables() -> impl Iterator<Item = &'static Table> {
    const PUBLIC: [&str; 4] = ["users", "posts", "post_slugs", "comments"];
    TABLES.iter().filter(|table| PUBLIC.contains(&table.name))
}

/// The statements of every query, by its name; those of a batch are numbered.
fn statements(dialect: Dialect) -> Vec<(String, Statement)> {
    let recorder = Recorder {
        dialect,
        round_trips: Arc::default(),
    };
    let db = Db::new(recorder.clone());
    db.set_now(Timestamp::from_millis(1_800_000_000_000));
    let slug = Slug::parse("a-post").expect("a slug");
    let handle = Handle::parse("ada").expect("a handle");
    let ids = [PostId(Uuid::from_u128(1)), PostId(Uuid::from_u128(2))];
    let first = PageRequest::first(10);
    let beyond = |direction| PageRequest {
        limit: 10,
        cursor: Some(Cursor {
            direction,
            at: Timestamp::from_millis(1_700_000_000_000),
            id: Uuid::from_u128(7),
        }),
    };
    let (older, newer) = (beyond(Direction::Older), beyond(Direction::Newer));
    let (none, words) = (Search::default(), Search::parse("night tra"));

    let mut all = Vec::new();
    let mut names = Vec::new();
    macro_rules! record {
        ($($name:literal: $query:expr;)+) => {$(
            block_on($query).expect("the recorder answers");
            let round_trips = std::mem::take(&mut *recorder.round_trips.lock().expect("nothing panicked"));
            let statements: Vec<Statement> = round_trips.into_iter().flatten().collect();
            assert!(!statements.is_empty(), "{} sent nothing", $name);
            let count = statements.len();
            for (n, statement) in statements.into_iter().enumerate() {
                let name = match count {
                    1 => $name.to_owned(),
                    _ => format!("{}, {} of {count}", $name, n + 1),
                };
                all.push((name, statement));
            }
            names.push($name);
        )+};
    }
    record! {
        "posts::list": posts::list(&db, &none, &first);
        "posts::list older": posts::list(&db, &none, &older);
        "posts::list newer": posts::list(&db, &none, &newer);
        "posts::list search": posts::list(&db, &words, &first);
        "posts::by_author": posts::by_author(&db, &handle, &first);
        "posts::by_author older": posts::by_author(&db, &handle, &older);
        "posts::feed": posts::feed(&db);
        "posts::feed_of": posts::feed_of(&db, &handle);
        "posts::read": posts::read(&db, &slug, &first);
        "posts::by_ids": posts::by_ids(&db, &ids);
        "users::list": users::list(&db, &none, &first);
        "users::list older": users::list(&db, &none, &older);
        "users::list search": users::list(&db, &words, &first);
        "users::find": users::find(&db, &handle);
        "comments::of_post": comments::of_post(&db, &slug, &first);
        "comments::of_post older": comments::of_post(&db, &slug, &older);
        "health::check": health::check(&db);
        "sessions::find": sessions::find(&db, "hash", Timestamp::from_millis(0));
        "fingerprints::post": fingerprints::post(&db, &slug, &first);
        "fingerprints::user": fingerprints::user(&db, &handle, &first);
        "fingerprints::feed": fingerprints::feed(&db, None);
        "fingerprints::feed of one": fingerprints::feed(&db, Some(&handle));
        "sitemap::posts": sitemap::posts(&db, &first);
        "sitemap::posts older": sitemap::posts(&db, &older);
        "sitemap::users": sitemap::users(&db, &first);
        "derived::users": derived::users(&db, Uuid::nil());
        "derived::posts": derived::posts(&db, Uuid::nil());
        "derived::comments": derived::comments(&db, Uuid::nil());
        "public_copy::run": public_copy::run(&db, &db, public_tables());
    }
    assert_every_query_is_in(&names);
    all
}

/// Fails for a public async function of this folder that has no name in `names`.
fn assert_every_query_is_in(names: &[&str]) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/queries");
    for (module, file) in [
        ("posts", "posts/mod.rs"),
        ("users", "users.rs"),
        ("comments", "comments.rs"),
        ("health", "health.rs"),
        ("sessions", "sessions.rs"),
        ("fingerprints", "fingerprints.rs"),
        ("sitemap", "sitemap.rs"),
        ("derived", "derived.rs"),
        ("public_copy", "public_copy.rs"),
    ] {
        let text = std::fs::read_to_string(format!("{folder}/{file}")).expect("a source file");
        for rest in text.split("\npub async fn ").skip(1) {
            let function = rest.split('(').next().unwrap_or_default();
            let name = format!("{module}::{function}");
            let is_named = names.iter().any(|one| one.split(' ').next() == Some(&name));
            assert!(is_named, "{name} is missing from the snapshots");
        }
    }
}
#[test]
fn sql_in_each_dialect() {
    for dialect in Dialect::ALL {
        let text: String = statements(dialect)
            .iter()
            .map(|(name, one)| format!("-- {name}\n{}\n{:?}\n\n", one.sql, one.values))
            .collect();
        insta::assert_snapshot!(dialect.name(), text);
    }
}

#[test]
fn no_statement_selects_the_password_or_everything() {
    for dialect in Dialect::ALL {
        for (name, one) in statements(dialect) {
            assert!(!one.sql.contains("password_hash"), "{name}");
            assert!(!one.sql.contains('*'), "{name}");
            // The stored number is no number that readers may see: the clock changes theirs.
            let counts = one.sql.matches("post_count").count() > 0;
            assert!(!counts || one.sql.contains("coming.status IN"), "{name}");
            assert!(one.values.len() <= 20, "{name}");
        }
    }
}

/// Lists walk along an index from where they begin; nothing is scanned or sorted. Search is an exception that its index
/// requires: matches come by row number and are sorted by time.
#[cfg(feature = "sqlite")]
mod explain {
    use super::*;
    use crate::drivers::sqlite::Sqlite;
    use crate::{Value, migrate};

    fn plan(sqlite: &Sqlite, statement: &Statement) -> Vec<String> {
        let explained = Statement {
            sql: format!("EXPLAIN QUERY PLAN {}", statement.sql),
            ..statement.clone()
        };
        let rows = block_on(sqlite.read(&[explained]))
            .expect("it can be explained")
            .remove(0);
        rows.cells
            .into_iter()
            .filter_map(|cell| match cell {
                Value::Text(text) => Some(text),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn no_full_scan_and_no_temporary_sort() {
        let sqlite = Sqlite::in_memory().expect("memory");
        block_on(migrate::apply(&sqlite, migrate::SQLITE)).expect("the migrations apply");
        let mut report = String::new();
        for (name, statement) in statements(Dialect::Sqlite) {
            let steps = plan(&sqlite, &statement);
            let is_search = name.contains(" search");
            // It reads whole tables, once for a build.
            let is_copy = name.starts_with("public_copy::run");
            for step in &steps {
                let scans = step.starts_with("SCAN")
                    && !step.contains("INDEX")
                    && !step.contains("VIRTUAL TABLE");
                // json_each is the list of ids itself; the others are results of an inner select.
                let inner = ["SCAN part", "SCAN found", "SCAN rows_found"];
                let is_found = step.contains("json_each") || inner.contains(&step.as_str());
                assert!(!scans || is_found || is_copy, "{name}: {steps:?}");
                assert!(
                    is_search || is_copy || !step.contains("TEMP B-TREE"),
                    "{name}: {steps:?}"
                );
            }
            report.push_str(&format!("-- {name}\n{}\n\n", steps.join("\n")));
        }
        insta::assert_snapshot!("plans", report);
    }
}
