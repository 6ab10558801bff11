//! `generate` and `check`, as a person runs them: the program, a folder of migrations, and real servers.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::process::Command;

use db::{Dialect, Statement, Value};
use support::{Database, Folder, declared_but, open, run, server, with_servers};

#[test]
fn the_next_migration_is_written_for_each_engine() {
    let folder = Folder::new("next");
    let newest = folder.files("sqlite").pop().unwrap();
    assert_eq!(
        folder.generate(&["--check"]),
        (
            0,
            "nothing to do: the migrations lead to the declared schema\n".to_owned()
        )
    );
    assert_eq!(folder.files("mysql").last(), Some(&newest));

    let without_servers = || run(&mut folder.program(&["--check", "--engine", "sqlite"]));
    assert_eq!(without_servers().0, 0);

    folder.remove("0002_public_by_date.sql");
    let (code, text) = without_servers();
    assert!(
        code == 1 && text.contains("posts_published_at_id_idx"),
        "{text}"
    );
    let before = folder.files("postgres");
    let (code, text) = folder.generate(&["--check"]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("posts: the index posts_published_at_id_idx (published_at, id) is new\n"),
        "{text}"
    );
    assert!(text.contains("run `cargo x db generate`"), "{text}");
    let (code, text) = folder.generate(&["--explain"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("DROP INDEX posts_status_published_at_id_idx ON posts")
            || text.contains("ALTER TABLE posts DROP INDEX posts_status_published_at_id_idx"),
        "{text}"
    );
    assert_eq!(folder.files("postgres"), before);

    let (code, text) = folder.generate(&["by_date", "--json"]);
    assert_eq!(code, 0, "{text}");
    let said: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(said["files"].as_array().unwrap().len(), 3, "{text}");
    for engine in ["sqlite", "postgres", "mysql"] {
        let files = folder.files(engine);
        let new: Vec<&String> = files.iter().filter(|name| !before.contains(name)).collect();
        assert_eq!(new.len(), 1, "{files:?}");
        assert!(new[0].ends_with("_by_date.sql"), "{files:?}");
    }
    // New indexes of a table that has rows: whoever knows the table says that it may be.
    let lints = said["lints"].as_array().unwrap();
    let about = |line: &serde_json::Value| line.as_str().unwrap().contains(": write-lock: ");
    assert!(lints.len() == 2 && lints.iter().all(about), "{text}");
    assert_eq!(folder.generate(&["--check"]).0, 1);
    let file = said["files"][1].as_str().unwrap();
    let sql = std::fs::read_to_string(file).unwrap();
    let allowed = sql.replace(
        "CREATE INDEX",
        "-- lint: allow write-lock: few rows\nCREATE INDEX",
    );
    std::fs::write(file, allowed).unwrap();
    let (code, text) = folder.generate(&["--check"]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn the_newest_migration_is_undone_by_a_new_one() {
    let folder = Folder::new("undo");
    while folder.files("sqlite").len() > 2 {
        folder.remove(&folder.files("sqlite").pop().unwrap());
    }
    let (code, text) = folder.generate(&["--undo"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(
        folder.files("mysql").last().unwrap(),
        "0003_undo_public_by_date.sql"
    );
    let sql =
        std::fs::read_to_string(folder.0.join("sqlite/0003_undo_public_by_date.sql")).unwrap();
    assert!(
        sql.contains("DROP INDEX posts_published_at_id_idx;"),
        "{sql}"
    );
}

#[test]
fn what_would_lose_rows_is_refused_with_what_it_would_lose() {
    let folder = Folder::new("lose");
    let table = "CREATE TABLE strays (id INTEGER NOT NULL PRIMARY KEY);\n";
    for engine in ["sqlite", "postgres", "mysql"] {
        std::fs::write(folder.0.join(engine).join("0900_strays.sql"), table).unwrap();
    }
    let (code, text) = folder.generate(&[]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains(
            "this would lose every row of strays\nif it may go, say `--allow-destructive`"
        ),
        "{text}"
    );
    let (code, text) = folder.generate(&["--allow-destructive"]);
    assert_eq!(code, 0, "{text}");
    let sql =
        std::fs::read_to_string(folder.0.join("mysql/0901_strays_is_removed_with.sql")).unwrap();
    assert_eq!(
        sql,
        "-- strays is removed with its rows.\n-- DESTRUCTIVE: this loses every row of strays.\nDROP TABLE strays;\n"
    );
}

#[test]
fn files_of_your_own_and_mistakes() {
    let folder = Folder::new("custom");
    let (code, text) = folder.generate(&["--custom", "fill_names"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        folder
            .files("postgres")
            .last()
            .unwrap()
            .ends_with("_fill_names.sql")
    );
    for (arguments, why) in [
        (["Bad Name", "--explain"], "use small letters"),
        (["--rename", "users:people"], "which is not declared"),
        (["--rename", "users"], "`users` is no rename"),
        (["--check", "--undo"], "cannot be used with"),
        (["--check", "--engine=oracle"], "sqlite, postgres and mysql"),
    ] {
        let (code, text) = folder.generate(&arguments);
        assert!(code != 0 && text.contains(why), "{arguments:?}: {text}");
    }
    let newest = folder.files("mysql").pop().unwrap();
    std::fs::remove_file(folder.0.join("mysql").join(&newest)).unwrap();
    let (code, text) = folder.generate(&[]);
    assert!(
        code == 1 && text.contains(&format!("mysql has no {newest}")),
        "{text}"
    );
}

#[test]
fn a_database_is_checked_and_each_difference_is_a_line() {
    let folder = Folder::new("check");
    let file = folder.0.join("site.sqlite");
    let db_cli = |arguments: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_db-cli"));
        run(program
            .args(arguments)
            .arg("--database")
            .arg(&file)
            .env("RUST_LIB_BACKTRACE", "0"))
    };
    let (code, text) = db_cli(&["check"]);
    assert!(code == 1 && text.contains("does not exist"), "{text}");
    assert_eq!(db_cli(&["migrate"]).0, 0);
    let (code, text) = db_cli(&["check"]);
    assert!(code == 0 && text.ends_with(": as declared\n"), "{text}");

    db::drivers::sqlite::Sqlite::open(&file)
        .unwrap()
        .script(
            "DROP INDEX sessions_user_id_idx; DELETE FROM d1_migrations WHERE name LIKE '0002%'",
        )
        .unwrap();
    let (code, text) = db_cli(&["check"]);
    assert_eq!(code, 1, "{text}");
    let line = "sessions: the index sessions_user_id_idx is missing → `cargo x db migrate` (0002_public_by_date.sql pending)";
    assert_eq!(text.lines().next(), Some(line));
    let (_, text) = db_cli(&["check", "--sql"]);
    assert!(
        text.contains("CREATE INDEX sessions_user_id_idx ON sessions (user_id);"),
        "{text}"
    );
    let (code, text) = db_cli(&["check", "--json"]);
    assert!(
        code == 1 && text.contains("\"differences\":[{\"difference\":"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn constraints_of_another_name_are_named() {
    const NAMES: [(&str, &str); 3] = [
        ("users_role_check", "users_role_known"),
        ("users_handle_key", "users_handle_once"),
        ("sessions_user_id_fkey", "sessions_user"),
    ];
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
        let database = Database::new(dialect, "names").await;
        database.run(&declared_but(dialect, &NAMES)).await;
        // No engine copies a table for a name.
        let is_sqlite = dialect == Dialect::Sqlite;
        let (code, text) = database.db_cli(&["check"]);
        assert_eq!(code, i32::from(!is_sqlite), "{dialect:?}: {text}");
        let (_, json) = database.db_cli(&["check", "--json"]);
        let (_, pulled) = database.db_cli(&["pull"]);
        for (declared, there) in NAMES {
            for text in [&text, &json] {
                assert!(
                    text.contains(there) && text.contains(declared),
                    "{dialect:?}: {there}: {text}"
                );
            }
            let mut left_out = pulled
                .lines()
                .filter(|line| line.starts_with("// Not expressed: "));
            assert!(
                left_out.any(|line| line.contains(there)),
                "{dialect:?}: {there}: {pulled}"
            );
        }
        assert_eq!(database.db_cli(&["push"]).0, 0);
        let (code, text) = database.db_cli(&["check"]);
        assert_eq!(
            (code, text.contains("users_role_known")),
            (0, is_sqlite),
            "{dialect:?}: {text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_command_leaves_no_scratch_database() {
    let folder = Folder::new("interrupted");
    let mut program = folder.program(&["--check"]);
    let mut child = with_servers(&mut program)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let driver = open(&server(Dialect::Postgres).unwrap()).await;
    let sql = format!(
        "SELECT count(*) FROM pg_database WHERE datname = 'scratch_{}'",
        child.id()
    );
    let count = async || {
        let rows = driver.read(&[Statement::plain(&sql)]).await.unwrap();
        rows[0].cells[0].clone()
    };
    while count().await == Value::Int(0) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("interrupted; nothing was written"), "{text}");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(count().await, Value::Int(0));
}
