//! `sqlite-cli` as `cargo x` runs it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::Command;

/// Runs the program; returns whether it succeeded, and what it printed.
fn run(arguments: &[&str], file: &Path) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sqlite-cli"))
        .args(arguments)
        .arg(file)
        .env("RUST_LIB_BACKTRACE", "0")
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8(printed).unwrap();
    let printed = printed.replace(&file.display().to_string(), "FILE");
    (output.status.success(), printed.trim_end().to_owned())
}

#[test]
fn a_file_is_migrated_and_seeded_once() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sqlite-cli.sqlite");
    let _ = std::fs::remove_file(&file);
    let missing = run(&["seed"], &file);
    assert_eq!(
        missing,
        (
            false,
            "Error: FILE does not exist; migrate it first".to_owned()
        )
    );

    let (is_done, printed) = run(&["migrate"], &file);
    let count = db::migrate::SQLITE.len();
    let done = format!("SQLite in FILE: applied {count} migrations");
    let mut lines = printed.lines();
    assert_eq!((is_done, lines.next()), (true, Some(done.as_str())));
    let first = format!("   Migrating 0001_initial.sql (1 of {count}), statement 1 of ");
    assert!(
        lines.next().is_some_and(|line| line.starts_with(&first)),
        "{printed}"
    );
    assert!(
        lines.all(|line| line.starts_with("   Migrating 0")),
        "{printed}"
    );
    let (is_done, printed) = run(&["migrate"], &file);
    assert_eq!(
        (is_done, printed.as_str()),
        (true, "SQLite in FILE: applied 0 migrations")
    );

    let (is_done, printed) = run(&["seed", "--if-empty"], &file);
    assert!(
        is_done && printed.ends_with("31 users, 420 posts, 614 comments"),
        "{printed}"
    );
    let (is_done, printed) = run(&["seed", "--if-empty"], &file);
    assert_eq!(
        (is_done, printed.as_str()),
        (
            true,
            "SQLite in FILE: already has users; nothing was changed"
        )
    );
    let (is_done, printed) = run(&["seed"], &file);
    assert!(
        !is_done && printed.contains("already has users"),
        "{printed}"
    );
    let (is_done, printed) = run(&["sow"], &file);
    assert!(
        !is_done && printed.contains("usage: sqlite-cli migrate FILE"),
        "{printed}"
    );
    std::fs::remove_file(&file).unwrap();
}
