//! `migrate` as a person runs it: what a dry run prints, waiting for a server that is still starting, and the way back.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

#[path = "../../db/tests/support/d1.rs"]
mod d1;
mod support;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use db::drivers::native::DatabaseUrl;
use db::drivers::sqlite::Sqlite;
use db::migrate::apply_to_server;
use db::{Dialect, Statement, Value};
use db_cli::ledger::{applied, migrations};
use support::Database;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql];

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_prints_the_sql_and_changes_nothing() {
    for dialect in ALL {
        let database = Database::new(dialect, "dry_run").await;
        let all = migrations(dialect);
        let (code, text) = database.db_cli(&["migrate", "--dry-run"]);
        assert_eq!(code, 0, "{text}");
        assert!(
            text.contains(&format!(": would apply {} migrations\n", all.len())),
            "{text}"
        );
        for migration in all {
            let sql = format!("-- {}\n{}", migration.name, migration.sql.trim());
            assert!(text.contains(&sql), "{text}");
        }
        assert!(applied(&*database.driver().await).await.is_empty());
        let (code, text) = database.db_cli(&["migrate"]);
        assert_eq!(code, 0, "{text}");
        assert!(
            text.ends_with(&format!(": applied {} migrations\n", all.len())),
            "{text}"
        );
        let (code, text) = database.db_cli(&["migrate", "--dry-run"]);
        assert_eq!(code, 0, "{text}");
        assert!(text.ends_with(": has every migration already\n"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_and_the_statement_are_shown_meanwhile() {
    for dialect in ALL {
        let database = Database::new(dialect, "migrate_progress").await;
        let (code, shown) = database.db_cli_whole(&["migrate"]);
        assert_eq!(code, 0, "{shown}");
        let all = migrations(dialect);
        for (migration, at) in all.iter().zip(1..) {
            let line = format!(
                "   Migrating {} ({at} of {}), statement 1 of ",
                migration.name,
                all.len()
            );
            assert!(shown.contains(&line), "{shown}");
        }
    }
}

#[test]
fn a_dry_run_makes_no_file() {
    let file = std::env::temp_dir().join(format!("site-dry-run-{}.sqlite", std::process::id()));
    let output = Command::new(env!("CARGO_BIN_EXE_db-cli"))
        .args(["migrate", "--dry-run", "--database"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("would apply"));
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_still_starting_is_waited_for() {
    let database = Database::new(Dialect::Postgres, "wait").await;
    let (front, back) = database.url.split_once('@').unwrap();
    let (host, path) = back.split_once('/').unwrap();
    // Nobody listens there yet.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("{front}@{address}/{path}");
    let migrate = |wait: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_db-cli"));
        program
            .arg("migrate")
            .args(wait)
            .env("DATABASE_URL", &url)
            .env("RUST_LIB_BACKTRACE", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        program
    };
    let output = migrate(&["--wait", "1"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("did not answer within 1 s"), "{error}");
    assert!(
        error.starts_with("waiting for PostgreSQL at 127.0.0.1:"),
        "{error}"
    );

    let mut child = migrate(&["--wait", "600"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains(", 0 s of 600 s: "), "{first}");
    // The server has started.
    let listener = TcpListener::bind(address).await.unwrap();
    let host = host.to_owned();
    let forwarding = tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = TcpStream::connect(&host).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut near, &mut far).await.map(drop) });
        }
    });
    let output = tokio::task::spawn_blocking(move || child.wait_with_output())
        .await
        .unwrap();
    assert!(output.unwrap().status.success());
    forwarding.abort();
    let names = applied(&*database.driver().await).await;
    assert_eq!(names.len(), migrations(Dialect::Postgres).len());
}

/// A folder for exports, removed at the end.
struct Backups(PathBuf);

impl Backups {
    fn new(name: &str) -> Self {
        let own = format!("site-backups-{name}-{}", std::process::id());
        Self(std::env::temp_dir().join(own))
    }

    fn migrate(&self, database: &Database) -> (i32, String) {
        database.db_cli(&["migrate", "--restore-point", self.0.to_str().unwrap()])
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(&self.0).into_iter().flatten();
        files.map(|file| file.unwrap().path()).collect()
    }
}

impl Drop for Backups {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A database of the version before the newest, with a table that no version declares.
async fn older(dialect: Dialect, name: &str) -> Database {
    let database = Database::new(dialect, name).await;
    let all = migrations(dialect);
    let url = DatabaseUrl::parse(&database.url, |_| None).unwrap();
    let server = url.server().unwrap();
    apply_to_server(server, &all[..all.len() - 1])
        .await
        .unwrap();
    database
        .run("CREATE TABLE leftover (id bigint PRIMARY KEY, note varchar(99) NOT NULL)")
        .await;
    database
}

async fn cells(database: &Database, sql: &str) -> Vec<Value> {
    let rows = database.driver().await.read(&[Statement::plain(sql)]).await;
    rows.unwrap()
        .into_iter()
        .flat_map(|rows| rows.cells)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_migration_may_lose_can_be_brought_back() {
    for dialect in [Dialect::Postgres, Dialect::MySql] {
        let backups = Backups::new(dialect.name());
        let database = older(dialect, "way_back").await;
        let at = "'2026-01-01 00:00:00'";
        database
            .run(&format!(
                "INSERT INTO leftover VALUES (9007199254740993, 'it''s here');\n\
                 INSERT INTO users (id, handle, email, name, bio, role, password_hash, post_count, search_text, created_at, \
                 updated_at) VALUES ('00000000-0000-7000-8000-000000000001', 'ada', 'a@example.com', 'Ada', '', 'author', '!', 0, \
                 '', {at}, {at})"
            ))
            .await;
        let (code, text) = backups.migrate(&database);
        assert_eq!(code, 0, "{text}");
        let files = backups.files();
        let [file] = files.as_slice() else {
            panic!("{files:?}")
        };
        let shown = file.display().to_string();
        assert!(
            text.contains(&format!(" into {shown}\nway back: ")),
            "{text}"
        );
        let all = migrations(dialect).len();
        assert_eq!(applied(&*database.driver().await).await.len(), all);

        // The way back, with the version before.
        let back = older(dialect, "way_back_to").await;
        let sql = std::fs::read_to_string(file).unwrap();
        for rest in sql.split("\nINSERT ").skip(1) {
            let statement = rest
                .trim_end_matches("COMMIT;\n")
                .trim_end()
                .trim_end_matches(';');
            back.run(&format!("INSERT {statement}")).await;
        }
        let users = "SELECT id, handle, email, name, bio, role, password_hash, post_count, search_text, created_at, updated_at, \
                     deleted_at FROM users";
        for sql in ["SELECT * FROM leftover", users] {
            let found = cells(&back, sql).await;
            assert!(!found.is_empty());
            assert_eq!(found, cells(&database, sql).await, "{sql}");
        }

        // Nothing is pending: there is nothing to come back from.
        let (code, text) = backups.migrate(&database);
        assert_eq!(code, 0, "{text}");
        assert_eq!(backups.files().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_way_back_nothing_is_applied() {
    let backups = Backups::new("none");
    std::fs::write(&backups.0, "no folder").unwrap();
    let database = older(Dialect::Postgres, "no_way_back").await;
    let (code, text) = backups.migrate(&database);
    std::fs::remove_file(&backups.0).unwrap();
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("nothing was applied; `cargo x db migrate --no-export` goes on without one"),
        "{text}"
    );
    let all = migrations(Dialect::Postgres).len();
    assert_eq!(applied(&*database.driver().await).await.len(), all - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_of_a_d1_is_its_bookmark() {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    let (address, _) = d1::serve(d1::Answers::Runs(Arc::clone(&sqlite))).await;
    let migrate = move || {
        Command::new(env!("CARGO_BIN_EXE_db-cli"))
            .args(["migrate", "--restore-point", "/nowhere"])
            .env("DATABASE_URL", d1::URL)
            .env("CLOUDFLARE_API_TOKEN", d1::TOKEN)
            .env(
                "CLOUDFLARE_API_BASE_URL",
                format!("http://{address}/client/v4/"),
            )
            .output()
            .unwrap()
    };
    for is_first in [true, false] {
        let output = tokio::task::spawn_blocking(migrate).await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        let way = format!(
            "wrangler d1 time-travel restore DB --env production --bookmark={}`",
            d1::BOOKMARK
        );
        assert_eq!(said.contains(&way), is_first, "{said}");
    }
    assert_eq!(
        applied(&*sqlite).await.len(),
        migrations(Dialect::Sqlite).len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_print_json_alone() {
    for dialect in ALL {
        let database = Database::new(dialect, "migrate_json").await;
        let names: Vec<_> = migrations(dialect).iter().map(|one| one.name).collect();
        let json = |arguments: &[&str]| {
            let (code, text) = database.db_cli(arguments);
            assert_eq!(code, 0, "{text}");
            serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|_| panic!("{text}"))
        };
        let planned = json(&["migrate", "--dry-run", "--json"]);
        let pending = planned["pending"].as_array().unwrap();
        let found: Vec<_> = pending
            .iter()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        assert_eq!(found, names);
        assert_eq!(pending[0]["sql"], migrations(dialect)[0].sql);
        assert_eq!(pending[0]["statements_done"], 0);
        let done = json(&["migrate", "--json"]);
        assert_eq!(done["applied"], serde_json::json!(names));
        assert_eq!(done["restore_point"], serde_json::Value::Null);
        assert_eq!(done["resumed"], serde_json::json!([]));
        assert_eq!(
            json(&["migrate", "--json"])["applied"],
            serde_json::json!([])
        );
        assert_eq!(
            json(&["renumber", "--folder", "../../migrations", "--json"]),
            serde_json::json!({ "renamed": [] })
        );
        let seeded = json(&["seed", "--json"]);
        assert_eq!(seeded["database"], done["database"]);
        assert!(seeded["done"].as_str().unwrap().contains(" users, "));
        let renewed = json(&["reindex", "--json"]);
        assert!(renewed["done"].as_str().unwrap().starts_with("renewed 0 "));
    }
}
