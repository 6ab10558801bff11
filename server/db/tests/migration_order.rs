//! The order of migrations on each engine: what is missing or late stops everything, with file names; planning changes nothing.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use db::drivers::server_options::ServerOptions;
use db::drivers::sqlite::Sqlite;
use db::migrate::{Migration, Pending, apply, apply_to_server, plan};
use db::{DbError, Driver, Statement};
use support::{Brand, database, open};

const FIRST: Migration = file("0001_first.sql", "CREATE TABLE first_one (a INT)");
const SECOND: Migration = file("0002_second.sql", "CREATE TABLE second_one (a INT)");
const OTHER: Migration = file("0002_other.sql", "CREATE TABLE other_one (a INT)");
const THIRD: Migration = file("0003_third.sql", "CREATE TABLE third_one (a INT)");

const fn file(name: &'static str, sql: &'static str) -> Migration {
    Migration { name, sql }
}

/// An empty database of a test's own.
enum Own {
    Sqlite(Box<Sqlite>),
    Server(ServerOptions),
}

impl Own {
    async fn all(name: &str) -> Vec<Self> {
        vec![
            Self::Sqlite(Box::new(Sqlite::in_memory().unwrap())),
            Self::Server(database(Brand::Postgres, name).await),
            Self::Server(database(Brand::MySql, name).await),
        ]
    }

    async fn apply(&self, files: &[Migration]) -> Result<Vec<&'static str>, DbError> {
        match self {
            Self::Sqlite(sqlite) => apply(sqlite, files).await,
            Self::Server(server) => apply_to_server(server, files).await,
        }
    }

    async fn plan(&self, files: &[Migration]) -> Result<Vec<Pending>, DbError> {
        match self {
            Self::Sqlite(sqlite) => plan(&**sqlite, files).await,
            Self::Server(server) => plan(&*open(server).await, files).await,
        }
    }

    async fn has(&self, table: &str) -> bool {
        let sql = [Statement::plain(format!("SELECT 1 FROM {table}"))];
        match self {
            Self::Sqlite(sqlite) => sqlite.read(&sql).await.is_ok(),
            Self::Server(server) => open(server).await.read(&sql).await.is_ok(),
        }
    }

    /// Both ways say the same, and apply nothing.
    async fn refuses(&self, files: &[Migration], parts: &[&str]) {
        let applied = self.apply(files).await.unwrap_err();
        let planned = self.plan(files).await.unwrap_err();
        assert_eq!(applied.to_string(), planned.to_string());
        for part in parts {
            assert!(applied.to_string().contains(part), "{part}: {applied}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_missing_or_late_stops_everything() {
    for own in Own::all("site_test_migrate_order").await {
        own.apply(&[FIRST, THIRD]).await.unwrap();
        // Even where nothing is pending.
        own.refuses(&[FIRST], &["not among the files here: 0003_third.sql."])
            .await;
        own.refuses(
            &[FIRST, SECOND, THIRD],
            &[
                "0002_second.sql is not applied",
                "the later 0003_third.sql is",
                "renumber 0002_second`",
            ],
        )
        .await;
        own.refuses(
            &[FIRST, OTHER, SECOND, THIRD],
            &[
                "0002_other.sql and 0002_second.sql have one number",
                "`cargo x db renumber`",
            ],
        )
        .await;
        assert!(!own.has("second_one").await && !own.has("other_one").await);
        assert!(own.apply(&[FIRST, THIRD]).await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_names_what_is_pending_and_makes_nothing() {
    for own in Own::all("site_test_migrate_plan").await {
        let names = |all: Vec<Pending>| -> Vec<&str> {
            all.iter().map(|pending| pending.migration.name).collect()
        };
        let planned = own.plan(&[FIRST, SECOND]).await.unwrap();
        assert_eq!(names(planned), [FIRST.name, SECOND.name]);
        assert!(!own.has("first_one").await);
        assert!(!own.has("schema_migrations").await);
        own.apply(&[FIRST]).await.unwrap();
        let planned = own.plan(&[FIRST, SECOND]).await.unwrap();
        assert_eq!(names(planned), [SECOND.name]);
        assert!(own.plan(&[FIRST]).await.unwrap().is_empty());
        let changed = [file(FIRST.name, "CREATE TABLE first_one (b INT)")];
        own.refuses(
            &changed,
            &["0001_first.sql was changed after it had been applied"],
        )
        .await;
        own.refuses(
            &[FIRST, file(SECOND.name, "COMMIT")],
            &[SECOND.name, "COMMIT"],
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_how_much_of_a_begun_file_is_done() {
    let own = Own::Server(database(Brand::MySql, "site_test_migrate_begun").await);
    let broken = file(
        FIRST.name,
        "CREATE TABLE a (a INT); CREATE TABLE b (a INT); CREATE TABLE b (a INT)",
    );
    own.apply(&[broken]).await.unwrap_err();
    let planned = own.plan(&[broken]).await.unwrap();
    assert_eq!(
        planned,
        [Pending {
            migration: broken,
            done: 2
        }]
    );
}

#[tokio::test]
async fn what_wrangler_applied_is_not_planned() {
    let own = Own::Sqlite(Box::new(Sqlite::in_memory().unwrap()));
    let Own::Sqlite(sqlite) = &own else {
        unreachable!()
    };
    sqlite
        .script(
            "CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE); \
             INSERT INTO d1_migrations (name) VALUES ('0001_first.sql')",
        )
        .unwrap();
    let planned = own.plan(&[FIRST, SECOND]).await.unwrap();
    assert_eq!(
        planned,
        [Pending {
            migration: SECOND,
            done: 0
        }]
    );
}
