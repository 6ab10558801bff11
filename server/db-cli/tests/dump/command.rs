//! The program as a person runs it: what it prints, and its exit codes.

use std::process::Command;

use db::Dialect;
use db_cli::example_rows;
use serde_json::Value as Json;

use super::support::{Folder, client};

/// Runs the program in a folder. Returns its exit code, its output, and what it says beside it.
fn run(folder: &Folder, line: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_db-cli"))
        .args(line.split(' '))
        .current_dir(folder.path(""))
        .env_remove("DATABASE_URL")
        .env("RUST_LIB_BACKTRACE", "0")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_exported_and_restored() {
    let folder = Folder::new("command");
    for file in ["a.sqlite", "b.sqlite"] {
        assert_eq!(run(&folder, &format!("migrate --database {file}")).0, 0);
    }
    let db = client(&format!("sqlite:{}", folder.path("a.sqlite").display()));
    db.write(&example_rows().inserts(Dialect::Sqlite))
        .await
        .unwrap();

    let (code, said, _) = run(&folder, "export --database a.sqlite site.zip");
    assert_eq!(code, 0, "{said}");
    assert!(
        said.starts_with("SQLite in a.sqlite: exported 31 users, 420 posts, ")
            && said.ends_with(" into site.zip\n"),
        "{said}"
    );
    let (code, said, _) = run(&folder, "restore --database b.sqlite site.zip --json");
    let json: Json = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (code, &json["tables"][1]["rows"]),
        (0, &Json::from(420)),
        "{said}"
    );
    assert_eq!(json["database"], "SQLite in b.sqlite");

    let (code, said, why) = run(&folder, "restore --database b.sqlite site.zip");
    assert_eq!((code, said.as_str()), (1, ""));
    assert!(
        why.contains("the database is not empty: users has rows"),
        "{why}"
    );
    let (code, _, why) = run(&folder, "export --database a.sqlite site.zip");
    assert!(code == 1 && why.contains("site.zip exists"), "{why}");
    assert_eq!(
        run(
            &folder,
            "restore --database b.sqlite site.zip --replace --resume"
        )
        .0,
        2
    );
    assert_eq!(run(&folder, "restore --database b.sqlite").0, 2);
    let (code, _, why) = run(&folder, "export --database none.sqlite");
    assert!(
        code == 1 && why.contains("none.sqlite does not exist"),
        "{why}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_name_gets_one() {
    let folder = Folder::new("names");
    assert_eq!(run(&folder, "migrate --database a.sqlite").0, 0);
    for (line, ending) in [
        ("export --database a.sqlite", "Z.dump.zip"),
        (
            "export --database a.sqlite . --anonymise",
            "Z-anonymous.dump.zip",
        ),
        ("export --database a.sqlite --sql", "Z.sql"),
    ] {
        let (code, said, _) = run(&folder, line);
        assert!(code == 0 && said.contains("exported no rows"), "{said}");
        let files = std::fs::read_dir(folder.path("")).unwrap();
        let mut names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        assert!(
            names.any(|name| name.starts_with("site-2") && name.ends_with(ending)),
            "{line}"
        );
    }
}
