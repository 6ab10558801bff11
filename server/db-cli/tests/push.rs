//! `push`: a database of this machine becomes as declared, and its rows stay.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use db::{Dialect, Statement};
use support::{Database, declared_but};

const FILLED: [&str; 4] = ["users", "posts", "post_slugs", "comments"];

async fn becomes_as_declared(dialect: Dialect, excerpt: &str, index: &str) {
    let database = Database::new(dialect, "push").await;
    let nullable = excerpt.replace(" NOT NULL", "");
    let old = declared_but(dialect, &[(excerpt, &nullable), (index, "")]);
    database.run(&old).await;
    let rows = db_cli::example_rows();
    let driver = database.driver().await;
    driver.write(&rows.inserts(dialect)).await.unwrap();
    database
        .run("ALTER TABLE users ADD COLUMN nick VARCHAR(20);\nUPDATE users SET nick = 'me'")
        .await;
    if dialect == Dialect::Sqlite {
        database
            .run(
                "CREATE TRIGGER posts_counted AFTER INSERT ON posts BEGIN \
                 UPDATE users SET post_count = post_count + 1 WHERE id = new.author_id; END;",
            )
            .await;
    }
    let before = database.rows(&FILLED).await;
    assert!(before.iter().all(|rows| !rows.is_empty()), "{before:?}");

    let (code, text) = database.db_cli(&["push"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("nothing was changed\n"), "{text}");
    assert!(
        text.contains("this would lose every value of users.nick ("),
        "{text}"
    );
    assert!(text.contains("say `--allow-destructive`"), "{text}");
    let (code, text) = database.db_cli(&["push", "--dry-run"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("-- posts.excerpt: NULL is no longer allowed."),
        "{text}"
    );
    assert!(text.contains(&index.replace(";\n", ";")), "{text}");
    assert!(
        text.ends_with("-- dry run: nothing was changed\n"),
        "{text}"
    );
    assert_eq!(database.db_cli(&["check"]).0, 1);

    let (code, text) = database.db_cli(&["push", "--allow-destructive", "--json"]);
    assert_eq!(code, 0, "{text}");
    let said: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(said["applied"], true, "{text}");
    let (code, text) = database.db_cli(&["check", "--json"]);
    let said: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let left: Vec<&str> = said["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["difference"].as_str())
        .collect();
    // What no declaration makes stays, and is named.
    let expected: &[&str] = match dialect {
        Dialect::Sqlite => &["the trigger posts_counted of posts is in no migration"],
        Dialect::Postgres | Dialect::MySql => &[],
    };
    assert_eq!(
        (code, left.as_slice()),
        (i32::from(!expected.is_empty()), expected),
        "{text}"
    );
    assert!(database.rows(&FILLED).await == before, "rows were changed");
    if dialect == Dialect::Sqlite {
        let sql = "SELECT count(*) FROM sqlite_master WHERE name = 'posts_counted'";
        let rows = database.driver().await.read(&[Statement::plain(sql)]).await;
        assert_eq!(rows.unwrap()[0].cells, [db::Value::Int(1)]);
    }
    let (code, text) = database.db_cli(&["push"]);
    assert!(code == 0 && text.ends_with(": nothing to do\n"), "{text}");
}

const INDEX: &str = "CREATE INDEX sessions_user_id_idx ON sessions (user_id);\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_local_d1_is_pushed() {
    becomes_as_declared(Dialect::Sqlite, "  excerpt TEXT NOT NULL", INDEX).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_pushed() {
    becomes_as_declared(Dialect::Postgres, "  excerpt text NOT NULL", INDEX).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_is_pushed() {
    let index =
        "CREATE INDEX comments_post_id_created_at_id_idx ON comments (post_id, created_at, id);\n";
    becomes_as_declared(Dialect::MySql, "  excerpt VARCHAR(300) NOT NULL", index).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_gets_all_and_a_rename_is_asked_for() {
    let database = Database::new(Dialect::Sqlite, "push_all").await;
    let (code, text) = database.db_cli(&["push"]);
    assert!(code == 0 && text.contains("cargo x db baseline"), "{text}");
    assert_eq!(database.db_cli(&["check"]).0, 0);
    database
        .run(
            "ALTER TABLE sessions RENAME COLUMN user_agent TO agent; \
             INSERT INTO users (id, handle, email, name, bio, role, password_hash, post_count, search_text, created_at, updated_at) \
             VALUES ('u', 'h', 'e', 'n', '', 'reader', '', 0, '', 0, 0); \
             INSERT INTO sessions (id, user_id, created_at, expires_at, agent) VALUES ('s', 'u', 0, 0, 'firefox')",
        )
        .await;
    let (code, text) = database.db_cli(&["push"]);
    assert!(
        code == 1 && text.contains("sessions.user_agent is new, allows no NULL"),
        "{text}"
    );
    let before = "SELECT agent FROM sessions";
    let after = "SELECT user_agent FROM sessions";
    let driver = database.driver().await;
    assert!(driver.read(&[Statement::plain(before)]).await.is_ok());
    let (code, text) = database.db_cli(&["push", "--rename", "sessions.agent:user_agent"]);
    assert_eq!(code, 0, "{text}");
    let rows = driver.read(&[Statement::plain(after)]).await.unwrap();
    assert_eq!(rows[0].cells, [db::Value::Text("firefox".to_owned())]);
    assert_eq!(database.db_cli(&["check"]).0, 0);
}
