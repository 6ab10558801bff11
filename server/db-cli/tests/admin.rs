//! `db-cli admin` as people run it, and `sqlite-cli admin` as `cargo x dev` does.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::Command;

use db::Db;
use db::drivers::sqlite::Sqlite;
use db::drivers::sqlite::SqliteConnector;
use db::queries::{admin, insert};
use db::schema::tables::User;
use db::{Statement, Value};
use db_cli::example_rows;
use domain::{Role, UserId};
use futures::executor::block_on;

const DB_CLI: &str = env!("CARGO_BIN_EXE_db-cli");
const SQLITE_CLI: &str = env!("CARGO_BIN_EXE_sqlite-cli");

/// A migrated file with the example site, and with Ada, who can sign in.
fn site(name: &str) -> (PathBuf, Db) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.sqlite"));
    let _ = std::fs::remove_file(&file);
    for command in ["migrate", "seed"] {
        let done = Command::new(SQLITE_CLI).arg(command).arg(&file).output();
        assert!(done.unwrap().status.success());
    }
    let db = Db::new(SqliteConnector::Open(Sqlite::open(&file).unwrap().into()));
    let ada = User {
        id: UserId::new(),
        handle: "ada".to_owned(),
        email: "ada@example.org".to_owned(),
        name: "Ada Lovelace".to_owned(),
        role: Role::Reader,
        password_hash: "a hash".to_owned(),
        deleted_at: None,
        ..example_rows().users.remove(0)
    };
    block_on(db.write(&insert(db.dialect(), &[ada]))).unwrap();
    (file, db)
}

/// Runs a program; returns whether it succeeded, and what it printed.
fn run(program: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(program);
    command.args(arguments).env("RUST_LIB_BACKTRACE", "0");
    let output = command.env_remove("DATABASE_URL").output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(printed).unwrap())
}

fn cell(db: &Db, sql: &str) -> Value {
    let rows = block_on(db.read(&[Statement::plain(sql.to_owned())]));
    rows.unwrap()[0].cells[0].clone()
}

/// The links that are stored as hashes, by their purpose.
fn links(db: &Db) -> Value {
    let sql = "SELECT GROUP_CONCAT(purpose || ' ' || email || ' ' || LENGTH(code_hash) || ' ' || (user_id IS NULL), ', ') FROM codes";
    cell(db, sql)
}

#[test]
fn somebody_becomes_an_administrator_and_gets_a_link() {
    let (file, db) = site("admin");
    let shown = file.display().to_string();
    let admin = |more: &[&str]| {
        let arguments = [&["admin", "--database", &shown], more].concat();
        let (is_done, printed) = run(DB_CLI, &arguments);
        (is_done, printed.replace(&shown, "FILE"))
    };
    let (is_done, printed) = admin(&["eve@example.org"]);
    assert!(!is_done);
    assert!(
        printed.contains("SQLite in FILE: nothing was changed")
            && printed.contains("nobody has an account with eve@example.org; with --link, "),
        "{printed}"
    );
    for wrong in ["eve", ""] {
        let (is_done, printed) = admin(&[wrong, "--link"]);
        assert!(
            !is_done && printed.contains("nothing was changed"),
            "{printed}"
        );
    }
    assert_eq!(links(&db), Value::Null);
    assert_eq!(block_on(admin::has_admin(&db)), Ok(false));

    let (is_done, printed) = admin(&["Ada@example.org"]);
    assert_eq!(
        (is_done, printed.as_str()),
        (
            true,
            "SQLite in FILE: ada (Ada Lovelace, ada@example.org) was reader and is an administrator now; nobody has confirmed \
             this address: make sure that the account is theirs\n"
        )
    );
    assert_eq!(block_on(admin::has_admin(&db)), Ok(true));
    let event = "SELECT kind || ' ' || detail || ' ' || (actor_id IS NULL) FROM events";
    assert_eq!(
        cell(&db, event),
        Value::Text("role_changed admin 1".to_owned())
    );
    assert_eq!(links(&db), Value::Null);

    let (is_done, printed) = admin(&[
        "ada@example.org",
        "--link",
        "--json",
        "--site-url",
        "https://site.example/",
    ]);
    let json: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let link = json["link"].as_str().unwrap();
    let token = link
        .strip_prefix("https://site.example/link?token=")
        .unwrap();
    assert!(
        is_done && accounts::Token::parse(token).is_some(),
        "{printed}"
    );
    let done = json["done"].as_str().unwrap();
    assert!(done.contains("is an administrator already"), "{done}");
    let (is_done, printed) = admin(&["eve@example.org", "--link"]);
    assert!(
        is_done && printed.contains("\nlink, good once within 24 hours: /link?token="),
        "{printed}"
    );
    assert_eq!(
        links(&db),
        Value::Text("link ada@example.org 64 0, link eve@example.org 64 1".to_owned())
    );
    let events = "SELECT COUNT(*) FROM events";
    assert_eq!(cell(&db, events), Value::Int(1));
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn while_there_is_no_administrator_a_link_to_the_first_is_printed() {
    let (file, db) = site("first-admin");
    let shown = file.display().to_string();
    for (program, arguments) in [
        (DB_CLI, ["admin", "--database", &shown].as_slice()),
        (SQLITE_CLI, &["admin", &shown]),
    ] {
        let (is_done, printed) = run(program, arguments);
        assert!(
            is_done
                && printed.contains(": /setup?token=")
                && printed.contains("no administrator yet"),
            "{printed}"
        );
    }
    assert_eq!(
        links(&db),
        Value::Text("set_up  64 1, set_up  64 1".to_owned())
    );
    run(DB_CLI, &["admin", "--database", &shown, "ada@example.org"]);
    let arguments = ["admin", "--database", &shown, "--json"];
    let (is_done, printed) = run(DB_CLI, &arguments);
    let json: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert!(is_done && json["link"].is_null(), "{printed}");
    let (is_done, printed) = run(SQLITE_CLI, &["admin", &shown]);
    assert!(
        is_done && printed.contains("there is an administrator; nothing was changed"),
        "{printed}"
    );
    let (is_done, printed) = run(SQLITE_CLI, &["admin", "/nowhere.sqlite"]);
    assert!(
        !is_done && printed.contains("migrate it first"),
        "{printed}"
    );
    std::fs::remove_file(&file).unwrap();
}
