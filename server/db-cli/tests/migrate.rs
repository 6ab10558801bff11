//! `migrate` as a person runs it: what a dry run prints, and waiting for a server that is still starting.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use db::Dialect;
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
