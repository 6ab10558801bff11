//! Expand and contract: what the served version reads is kept until the version without it is served.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::process::Command;

use serde_json::Value;
use support::{Folder, run};

const ENGINES: [&str; 3] = ["sqlite", "postgres", "mysql"];

/// Notes what the served version reads: what is declared, and perhaps more.
fn release(folder: &Folder, more: &[(&str, &str)]) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_db-cli"));
    let (code, text) = run(program.args(["released", "--folder"]).arg(&folder.0));
    assert_eq!(code, 0, "{text}");
    let path = folder.0.join("released.json");
    let mut served: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(served["tables"]["users"].as_array().unwrap().len() > 5);
    for (table, column) in more {
        let columns = &mut served["tables"][table];
        if columns.is_null() {
            *columns = Value::Array(Vec::new());
        }
        columns.as_array_mut().unwrap().push(Value::from(*column));
    }
    std::fs::write(&path, served.to_string()).unwrap();
}

#[test]
fn a_removal_takes_two_releases() {
    let folder = Folder::new("released");
    let text = "ALTER TABLE users ADD COLUMN nick VARCHAR(20);\nALTER TABLE users ADD COLUMN age VARCHAR(20);\n\
                CREATE TABLE strays (id BIGINT NOT NULL PRIMARY KEY);\n";
    for engine in ENGINES {
        std::fs::write(folder.0.join(engine).join("0900_more.sql"), text).unwrap();
    }
    release(&folder, &[("users", "nick"), ("strays", "id")]);

    // The served version does not read `age`: only that goes now.
    let (code, text) = folder.generate(&["first", "--allow-destructive"]);
    assert_eq!(code, 0, "{text}");
    for kept in ["users.nick", "strays"] {
        let line = format!(
            "{kept} is kept, because the version that is served reads it. It goes in two steps: 1. release"
        );
        assert!(text.contains(&line), "{text}");
    }
    for engine in ENGINES {
        let sql = std::fs::read_to_string(folder.0.join(engine).join("0901_first.sql")).unwrap();
        assert!(
            sql.contains("DROP COLUMN age") && !sql.contains("nick") && !sql.contains("strays"),
            "{sql}"
        );
    }
    let (code, text) = folder.generate(&["--check", "--engine", "sqlite", "--json"]);
    let said: Value = serde_json::from_str(&text).unwrap();
    assert!(
        code == 0 && said["kept"] == serde_json::json!(["strays", "users.nick"]),
        "{text}"
    );
    let (code, text) = folder.generate(&["--contract", "--allow-destructive"]);
    assert!(
        code == 1 && text.contains("cannot be removed yet"),
        "{text}"
    );
    let (code, text) = folder.generate(&["--rename", "users.nick:alias"]);
    assert!(
        code == 1 && text.contains("users.nick cannot be renamed to alias at once"),
        "{text}"
    );

    // The version without them is served.
    release(&folder, &[]);
    let (code, text) = folder.generate(&["second", "--contract"]);
    assert!(
        code == 1 && text.contains("this would lose every value of users.nick"),
        "{text}"
    );
    let (code, text) = folder.generate(&["second", "--contract", "--allow-destructive"]);
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("kept"), "{text}");
    assert_eq!(folder.generate(&["--check", "--engine", "sqlite"]).0, 0);
}

#[test]
fn a_database_that_keeps_something_is_as_declared() {
    let folder = Folder::new("released-check");
    let file = folder.0.join("site.sqlite");
    let db_cli = |arguments: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_db-cli"));
        run(program.args(arguments).arg("--database").arg(&file))
    };
    assert_eq!(db_cli(&["migrate"]).0, 0);
    let sqlite = db::drivers::sqlite::Sqlite::open(&file).unwrap();
    sqlite
        .script("ALTER TABLE users ADD COLUMN nick TEXT")
        .unwrap();
    let check = ["check", "--folder", folder.0.to_str().unwrap()];
    assert_eq!(db_cli(&check).0, 1);
    release(&folder, &[("users", "nick")]);
    let (code, text) = db_cli(&check);
    assert!(
        code == 0 && text.contains(": as declared\nusers.nick is kept"),
        "{text}"
    );
    std::fs::write(folder.0.join("released.json"), "{").unwrap();
    let (code, text) = db_cli(&check);
    assert!(
        code == 1 && text.contains("is not what a deployment writes"),
        "{text}"
    );
}
