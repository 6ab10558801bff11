//! `baseline`: a database that was made without a ledger goes on with `migrate`.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use db::migrate::{MYSQL, Migration, POSTGRES, SQLITE};
use db::{Dialect, Statement, Value};
use support::Database;

async fn made_by_hand(dialect: Dialect, name: &str, migrations: &[Migration]) -> Database {
    let database = Database::new(dialect, name).await;
    for migration in migrations {
        database.run(migration.sql).await;
    }
    database
}

/// The files as they are: the first two change tables, the third changes rows only.
async fn goes_on(dialect: Dialect, migrations: &[Migration], ledger: &str) {
    let [first, second, third, ..] = migrations else {
        panic!("three migrations");
    };
    let database = made_by_hand(dialect, "baseline", &[*first, *second, *third]).await;
    // Later ones would be seen.
    let (code, text) = database.db_cli(&["baseline"]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains(&format!(
            "say `--to {}` if it has, or `--to {}`",
            third.name, second.name
        )),
        "{text}"
    );
    let (code, text) = database.db_cli(&["baseline", "--to", "3", "--dry-run"]);
    assert!(code == 0 && text.contains("would note"), "{text}");
    let (code, text) = database.db_cli(&["baseline", "--to", "3"]);
    assert_eq!(code, 0, "{text}");
    let driver = database.driver().await;
    let rows = driver.read(&[Statement::plain(ledger)]).await.unwrap();
    let names = [first, second, third].map(|one| Value::Text(one.name.to_owned()));
    assert_eq!(rows[0].cells, names);
    let (code, text) = database.db_cli(&["migrate"]);
    let left = migrations.len() - 3;
    assert!(
        code == 0 && text.contains(&format!("applied {left} migrations")),
        "{text}"
    );
    assert_eq!(database.db_cli(&["check"]).0, 0);
    let (code, text) = database.db_cli(&["baseline", "--to", "3"]);
    assert!(
        left > 0 || code == 0 && text.contains("nothing to do"),
        "{text}"
    );

    let half = made_by_hand(dialect, "baseline_half", &[*first]).await;
    let (code, text) = half.db_cli(&["baseline"]);
    assert!(
        code == 0 && text.ends_with(&format!("noted {}\n", first.name)),
        "{text}"
    );
    assert_eq!(half.db_cli(&["migrate"]).0, 0);
    assert_eq!(half.db_cli(&["check"]).0, 0);

    let other = made_by_hand(dialect, "baseline_other", &[*first, *second]).await;
    other
        .run("ALTER TABLE users ADD COLUMN nick VARCHAR(9)")
        .await;
    for arguments in [vec!["baseline"], vec!["baseline", "--to", second.name]] {
        let (code, text) = other.db_cli(&arguments);
        assert_eq!(code, 1, "{text}");
        let why = format!(
            "that the migrations up to {} lead to, and nothing was noted:\n  the column users.nick is not declared\n",
            second.name
        );
        assert!(text.contains(&why), "{text}");
    }
    let ledger = other.driver().await.read(&[Statement::plain(ledger)]).await;
    assert!(ledger.is_err(), "there is no ledger");
    if dialect == Dialect::MySql {
        let begun = "INSERT INTO schema_migrations (name, checksum, statements_done) VALUES ('0900_new.sql', '', 1)";
        database.run(begun).await;
        let (code, text) = database.db_cli(&["baseline"]);
        assert!(
            code == 1 && text.contains("0900_new.sql was begun here and is not done"),
            "{text}"
        );
    }
    let empty = Database::new(dialect, "baseline_empty").await;
    let (code, text) = empty.db_cli(&["baseline"]);
    assert!(
        code == 1 && text.contains("the database is empty"),
        "{text}"
    );
    let (code, text) = empty.db_cli(&["baseline", "--to", "0999"]);
    assert!(
        code == 1 && text.contains("there is no migration 0999"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_d1_goes_on_by_wranglers_ledger() {
    goes_on(
        Dialect::Sqlite,
        SQLITE,
        "SELECT name FROM d1_migrations ORDER BY id",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_goes_on() {
    goes_on(
        Dialect::Postgres,
        POSTGRES,
        "SELECT name FROM schema_migrations ORDER BY name",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_goes_on() {
    goes_on(
        Dialect::MySql,
        MYSQL,
        "SELECT name FROM schema_migrations ORDER BY name",
    )
    .await;
}
