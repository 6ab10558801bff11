//! Views and triggers: `check` names what no migration makes, on every engine, and `pull` says that no declaration has it.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use db::Dialect;
use support::{Database, Folder};

/// A view, and a trigger, as the engine writes them.
const VIEW: &str = "CREATE VIEW newest AS SELECT id FROM posts";
const fn trigger(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "CREATE TRIGGER seen AFTER INSERT ON posts BEGIN UPDATE users SET bio = bio; END"
        }
        Dialect::Postgres => {
            "CREATE TRIGGER seen BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        }
        Dialect::MySql => {
            "CREATE TRIGGER seen BEFORE INSERT ON posts FOR EACH ROW SET NEW.excerpt = NEW.excerpt"
        }
    }
}

async fn is_named(dialect: Dialect) {
    let database = Database::new(dialect, "objects").await;
    assert_eq!(database.db_cli(&["migrate"]).0, 0);
    let folder = Folder::new(&format!("objects-{}", dialect.name()));
    let root = folder.0.to_str().unwrap();
    let check = || database.db_cli(&["check", "--folder", root]);
    let (code, text) = check();
    assert_eq!(code, 0, "{text}");

    database.run(VIEW).await;
    database.run(trigger(dialect)).await;
    let (code, text) = check();
    assert_eq!(code, 1, "{text}");
    for line in [
        "the view newest is in no migration → ",
        "the trigger seen of posts is in no migration → ",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let (_, json) = database.db_cli(&["check", "--folder", root, "--json"]);
    assert!(
        json.contains("{\"difference\":\"the view newest is in no migration\","),
        "{json}"
    );
    let (_, sql) = database.db_cli(&["check", "--folder", root, "--sql"]);
    assert!(sql.contains("the view newest is in no migration"), "{sql}");
    let (code, text) = database.db_cli(&["pull"]);
    assert_eq!(code, 0, "{text}");
    for line in [
        "// Not expressed: the view `newest`.",
        "// Not expressed: the trigger `seen`.",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }

    // What migrations make is known, under whichever name it is written, until one drops it.
    let write = |name: &str, sql: &str| {
        for engine in ["sqlite", "postgres", "mysql"] {
            let sql = if engine == dialect.name() {
                sql
            } else {
                "SELECT 1;\n"
            };
            std::fs::write(folder.0.join(engine).join(name), sql).unwrap();
        }
    };
    let made = format!(
        "{};\n{};\n",
        VIEW.replace("newest", "Newest"),
        trigger(dialect)
    );
    write("0900_made.sql", &made);
    let (code, text) = check();
    assert_eq!(code, 0, "{text}");
    let on = if dialect == Dialect::Postgres {
        " ON posts"
    } else {
        ""
    };
    write(
        "0901_gone.sql",
        &format!("DROP VIEW newest;\nDROP TRIGGER IF EXISTS seen{on};\n"),
    );
    let (code, text) = check();
    assert!(
        code == 1 && text.matches("is in no migration").count() == 2,
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_names_views_and_triggers() {
    is_named(Dialect::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_names_views_and_triggers() {
    is_named(Dialect::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_extension_of_postgres_brings_is_its_own() {
    let database = Database::new(Dialect::Postgres, "extension").await;
    assert_eq!(database.db_cli(&["migrate"]).0, 0);
    // As the views of pg_stat_statements and the table of PostGIS are.
    let sql = "CREATE EXTENSION citext;\nCREATE VIEW statistics AS SELECT 1 AS calls;\n\
               CREATE TABLE systems (id bigint PRIMARY KEY);\n\
               ALTER EXTENSION citext ADD VIEW statistics;\nALTER EXTENSION citext ADD TABLE systems";
    database.run(sql).await;
    let (code, text) = database.db_cli(&["check"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = database.db_cli(&["pull"]);
    assert!(
        code == 0 && !text.contains("systems") && !text.contains("statistics"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_names_views_and_triggers() {
    is_named(Dialect::MySql).await;
}
