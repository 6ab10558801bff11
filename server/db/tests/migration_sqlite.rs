//! Migrations of SQLite, of a local D1 and of a deployed one: rebuilds keep rows or are refused, and a file that was applied
//! is not edited.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

#[path = "support/d1.rs"]
mod d1;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use db::drivers::native::{DatabaseUrl, PoolSize};
use db::drivers::sqlite::Sqlite;
use db::migrate::{Migration, SQLITE, apply, apply_to_d1, apply_to_file, note};
use db::{Connector, Consistency, DbError, Driver, Statement, Value};

const fn file(name: &'static str, sql: &'static str) -> Migration {
    Migration { name, sql }
}

/// A folder for one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("site-rules-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// A file as wrangler keeps a local D1.
    fn d1(&self) -> PathBuf {
        let folder = self.0.join("v3/d1/miniflare-D1DatabaseObject");
        std::fs::create_dir_all(&folder).unwrap();
        folder.join("0a1b.sqlite")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn number(driver: &dyn Driver, sql: &str) -> i64 {
    match driver.read(&[Statement::plain(sql)]).await.unwrap()[0].cells[0] {
        Value::Int(n) => n,
        Value::Float(n) => n as i64,
        ref other => panic!("{other:?}"),
    }
}

const PARENTS: Migration = file(
    "0001_parents.sql",
    "CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT);
     CREATE TABLE posts (id TEXT PRIMARY KEY, author TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
     CREATE TABLE notes (id TEXT PRIMARY KEY, post TEXT REFERENCES posts (id) ON DELETE SET NULL);
     INSERT INTO users VALUES ('ada', 'Ada'); INSERT INTO posts VALUES ('p', 'ada'); INSERT INTO notes VALUES ('n', 'p');",
);
const REBUILDS: [&str; 3] = [
    "PRAGMA foreign_keys=OFF; CREATE TABLE users_new (id TEXT PRIMARY KEY, name TEXT NOT NULL); INSERT INTO users_new SELECT * FROM users; DROP TABLE users; ALTER TABLE users_new RENAME TO users;",
    "PRAGMA defer_foreign_keys=ON; CREATE TABLE users_new (id TEXT PRIMARY KEY, name TEXT NOT NULL); INSERT INTO users_new SELECT * FROM users; DROP TABLE users; ALTER TABLE users_new RENAME TO users;",
    "CREATE TABLE posts_new (id TEXT PRIMARY KEY, author TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, extra TEXT); INSERT INTO posts_new SELECT *, '' FROM posts; DROP TABLE posts; ALTER TABLE posts_new RENAME TO posts;",
];
const KEPT: &str = "SELECT (SELECT COUNT(*) FROM users) * 100 + (SELECT COUNT(*) FROM posts) * 10 + (SELECT COUNT(*) FROM notes WHERE post IS NOT NULL)";

#[tokio::test]
async fn a_rebuild_keeps_the_rows_of_other_tables_on_sqlite() {
    for rebuild in REBUILDS {
        let sqlite = Sqlite::in_memory().unwrap();
        apply(&sqlite, &[PARENTS, file("0002_rebuild.sql", rebuild)])
            .await
            .unwrap();
        assert_eq!(number(&sqlite, KEPT).await, 111, "{rebuild}");
        // Foreign keys are on again.
        assert!(
            sqlite
                .script("INSERT INTO posts VALUES ('q', 'nobody')")
                .is_err()
                || rebuild.contains("extra")
        );
        assert_eq!(number(&sqlite, "PRAGMA foreign_keys").await, 1);
        sqlite.script("DELETE FROM users").unwrap();
        assert_eq!(
            number(&sqlite, "SELECT COUNT(*) FROM posts").await,
            0,
            "{rebuild}"
        );
    }
}

#[tokio::test]
async fn a_rebuild_that_loses_rows_is_rolled_back_on_sqlite() {
    for (rebuild, why) in [
        // No key is left that the other table could refer to.
        (
            "PRAGMA foreign_keys=OFF; CREATE TABLE users_new AS SELECT * FROM users; DROP TABLE users; ALTER TABLE users_new RENAME TO users;",
            "foreign key mismatch",
        ),
        (
            "DROP TABLE users; CREATE TABLE users (id TEXT PRIMARY KEY);",
            "posts refers to a row of users",
        ),
        ("DELETE FROM users;", "posts refers to a row of users"),
        (
            "PRAGMA foreign_keys = 0; DELETE FROM posts WHERE id = 'p';",
            "notes refers to a row of posts",
        ),
    ] {
        let sqlite = Sqlite::in_memory().unwrap();
        let files = [PARENTS, file("0002_rebuild.sql", rebuild)];
        let error = apply(&sqlite, &files).await.unwrap_err().to_string();
        assert!(
            error.contains("0002_rebuild.sql") && error.contains(why),
            "{rebuild}: {error}"
        );
        assert!(error.ends_with("nothing of it was applied"), "{error}");
        assert_eq!(number(&sqlite, KEPT).await, 111, "{rebuild}");
        assert_eq!(number(&sqlite, "PRAGMA foreign_keys").await, 1);
    }
}

fn is_refused(error: &DbError, rebuild: &str) {
    let (table, children) = if rebuild.contains("posts_new") {
        ("posts", "notes")
    } else {
        ("users", "posts")
    };
    let error = error.to_string();
    for part in [
        "migration 0002_rebuild.sql, statement ",
        &format!("DROP TABLE {table} would delete or detach the rows of {children}"),
        "children first",
        "Nothing of this file was run.",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[tokio::test]
async fn a_rebuild_is_refused_on_a_local_d1() {
    let folder = Folder::new("local");
    let d1 = folder.d1();
    apply_to_file(&d1, &[PARENTS]).await.unwrap();
    for rebuild in REBUILDS {
        let error = apply_to_file(&d1, &[PARENTS, file("0002_rebuild.sql", rebuild)])
            .await
            .unwrap_err();
        is_refused(&error, rebuild);
    }
    let temporary = file("0002_temp.sql", "SELECT 1;\nCREATE TEMP TABLE x (a);");
    let error = apply_to_file(&d1, &[PARENTS, temporary])
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("statement 2 (line 2): CREATE TEMP TABLE: D1 has no temporary tables"),
        "{error}"
    );
    assert_eq!(number(&Sqlite::open(&d1).unwrap(), KEPT).await, 111);
}

fn d1_url(address: std::net::SocketAddr) -> DatabaseUrl {
    DatabaseUrl::parse(d1::URL, |name| match name {
        "CLOUDFLARE_API_TOKEN" => Some(d1::TOKEN.to_owned()),
        "CLOUDFLARE_API_BASE_URL" => Some(format!("http://{address}/client/v4/")),
        _ => None,
    })
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployed_d1_is_migrated_by_batches_and_refuses_rebuilds() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    let (address, requests) = d1::serve(d1::Answers::Runs(Arc::clone(&sqlite))).await;
    let url = d1_url(address);
    let names: Vec<&str> = SQLITE.iter().map(|migration| migration.name).collect();
    assert_eq!(apply_to_d1(&url, SQLITE).await.unwrap(), names);
    let length = |request: &serde_json::Value| Some(request["batch"].as_array()?.len());
    let batches: Vec<usize> = requests.lock().unwrap().iter().filter_map(length).collect();
    assert!(
        batches.iter().any(|statements| *statements > 20),
        "{batches:?}"
    );
    assert!(apply_to_d1(&url, SQLITE).await.unwrap().is_empty());
    let parents = Migration {
        sql: PARENTS
            .sql
            .replace("users", "people")
            .replace("posts", "essays")
            .leak(),
        name: "0101_parents.sql",
    };
    let and = |more: &[Migration]| [SQLITE, more].concat();
    assert_eq!(apply_to_d1(&url, &and(&[parents])).await.unwrap().len(), 1);
    let broken = file(
        "0103_broken.sql",
        "CREATE TABLE half (a); CREATE TABLE half (a)",
    );
    let error = apply_to_d1(&url, &and(&[parents, broken]))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("0103_broken.sql, one of its statements 1 to 2")
            && error.ends_with("nothing of it was applied"),
        "{error}"
    );
    assert_eq!(
        number(
            &*sqlite,
            "SELECT COUNT(*) FROM sqlite_master WHERE name = 'half'"
        )
        .await,
        0
    );
    let rebuild = file(
        "0103_rebuild.sql",
        "PRAGMA foreign_keys=OFF; DROP TABLE people;",
    );
    let error = apply_to_d1(&url, &and(&[parents, rebuild]))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("0103_rebuild.sql, statement 2 (line 1): DROP TABLE people would delete or detach the rows of essays"), "{error}");
    assert_eq!(number(&*sqlite, "SELECT COUNT(*) FROM essays").await, 1);
    let mut changed = and(&[parents]);
    changed[0].sql = "SELECT 1";
    let error = apply_to_d1(&url, &changed).await.unwrap_err().to_string();
    assert!(
        error.contains("0001_initial.sql was changed after"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployed_d1_that_was_made_by_hand_gets_a_ledger_and_goes_on() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    sqlite.script(SQLITE[0].sql).unwrap();
    let (address, _) = d1::serve(d1::Answers::Runs(Arc::clone(&sqlite))).await;
    let url = d1_url(address);
    let connector = url.connector(PoolSize::default()).unwrap();
    let driver = connector.connect(Consistency::Strong).await.unwrap();
    note(&*driver, &SQLITE[..1]).await.unwrap();
    let rest: Vec<&str> = SQLITE[1..].iter().map(|migration| migration.name).collect();
    assert_eq!(apply_to_d1(&url, SQLITE).await.unwrap(), rest);
    // A name is noted once.
    assert!(note(&*driver, &SQLITE[..1]).await.is_err());
}

async fn edits_are_refused(path: &Path) {
    let more = file("0002_more.sql", "CREATE TABLE more (x INTEGER)");
    assert_eq!(
        apply_to_file(path, &[PARENTS, more]).await.unwrap().len(),
        2
    );
    let edited = Migration {
        sql: PARENTS
            .sql
            .replace("name TEXT", "name TEXT, age INTEGER")
            .leak(),
        ..PARENTS
    };
    let error = apply_to_file(path, &[edited, more])
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("0001_parents.sql was changed after it had been applied"),
        "{error}"
    );
    let same = [
        Migration {
            sql: PARENTS.sql.replace('\n', "\r\n").leak(),
            ..PARENTS
        },
        more,
    ];
    assert!(apply_to_file(path, &same).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_applied_file_that_was_edited_is_refused_on_sqlite_and_a_local_d1() {
    let folder = Folder::new("edited");
    edits_are_refused(&folder.0.join("own.sqlite")).await;
    edits_are_refused(&folder.d1()).await;
}

#[tokio::test]
async fn a_file_that_wrangler_applied_is_accepted_as_it_is_then() {
    let folder = Folder::new("wrangler");
    let d1 = folder.d1();
    let sqlite = Sqlite::open(&d1).unwrap();
    // As wrangler leaves it.
    sqlite
        .script(&format!(
            "CREATE TABLE d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, \
             applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL); {} INSERT INTO d1_migrations (name) VALUES ('{}');",
            PARENTS.sql, PARENTS.name
        ))
        .unwrap();
    assert!(apply_to_file(&d1, &[PARENTS]).await.unwrap().is_empty());
    let edited = Migration {
        sql: "SELECT 2",
        ..PARENTS
    };
    let error = apply_to_file(&d1, &[edited]).await.unwrap_err().to_string();
    assert!(error.contains("0001_parents.sql was changed"), "{error}");
    // wrangler applies the next file, and ours the one after.
    sqlite
        .script("CREATE TABLE two (a); INSERT INTO d1_migrations (name) VALUES ('0002_two.sql');")
        .unwrap();
    let files = [
        PARENTS,
        file("0002_two.sql", "CREATE TABLE two (a);"),
        file("0003_three.sql", "CREATE TABLE three (a)"),
    ];
    assert_eq!(
        apply_to_file(&d1, &files).await.unwrap(),
        ["0003_three.sql"]
    );
    assert_eq!(
        number(&sqlite, "SELECT COUNT(*) FROM d1_migrations").await,
        3
    );
}

#[tokio::test]
async fn settings_of_a_file_end_with_it_on_sqlite() {
    let sqlite = Sqlite::in_memory().unwrap();
    let settings = file(
        "0002_settings.sql",
        "PRAGMA recursive_triggers = ON; PRAGMA ignore_check_constraints = ON; PRAGMA case_sensitive_like = ON; CREATE TABLE c (a CHECK (a > 5));",
    );
    apply(&sqlite, &[settings]).await.unwrap();
    assert!(sqlite.script("INSERT INTO c VALUES (1)").is_err());
    assert_eq!(number(&sqlite, "PRAGMA recursive_triggers").await, 0);
    assert_eq!(number(&sqlite, "SELECT 'A' LIKE 'a'").await, 1);
}
