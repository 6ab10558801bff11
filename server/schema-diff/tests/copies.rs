//! Copies of tables on D1: what public accidents lost stays, and so do views and triggers that no declaration knows.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;

use db::drivers::sqlite::Sqlite;
use db::migrate::{Migration, apply_to_file};
use db::{Dialect, Driver, Statement, Value};
use schema_diff::parse::from_ddl;
use schema_diff::{Renames, diff, introspect, render};

/// A local D1, removed at its end.
struct D1(PathBuf);

impl D1 {
    fn new(name: &str) -> Self {
        let folder = format!("site-copies-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(folder.join("miniflare-D1DatabaseObject")).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("miniflare-D1DatabaseObject/a.sqlite")
    }

    /// Makes the tables and rows of `before`, and brings them to `after` by a generated migration. Returns its SQL.
    async fn migrate(&self, before: &'static str, after: &str) -> String {
        let mut files = vec![Migration {
            name: "0001_before.sql",
            sql: before,
        }];
        apply_to_file(&self.file(), &files).await.unwrap();
        let current = introspect(&Sqlite::open(&self.file()).unwrap())
            .await
            .unwrap();
        let wanted = from_ddl(Dialect::Sqlite, after).unwrap();
        let difference = diff(&current, &wanted, &Renames::default()).unwrap();
        let sql = render(&difference);
        files.push(Migration {
            name: "0002_after.sql",
            sql: sql.clone().leak(),
        });
        apply_to_file(&self.file(), &files)
            .await
            .unwrap_or_else(|error| panic!("{error}\n{sql}"));
        let found = introspect(&Sqlite::open(&self.file()).unwrap())
            .await
            .unwrap();
        let left = diff(&found, &wanted, &Renames::default()).unwrap().changes;
        assert!(left.is_empty(), "{left:#?}");
        sql
    }

    async fn number(&self, sql: &str) -> i64 {
        let sqlite = Sqlite::open(&self.file()).unwrap();
        let rows = sqlite.read(&[Statement::plain(sql)]).await.unwrap();
        match rows[0].cells[0] {
            Value::Int(number) => number,
            ref other => panic!("{other:?}"),
        }
    }
}

impl Drop for D1 {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A parent was rebuilt by create, copy, drop and rename; DROP TABLE fired ON DELETE CASCADE and every child was gone
/// (drizzle-orm#4938, #3065).
#[tokio::test]
async fn the_children_of_a_rebuilt_parent_stay() {
    let d1 = D1::new("children");
    let sql = d1
        .migrate(
            "CREATE TABLE users (id TEXT NOT NULL PRIMARY KEY, name TEXT);
             CREATE TABLE posts (id TEXT NOT NULL PRIMARY KEY, author TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
             CREATE TABLE likes (post TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE);
             INSERT INTO users VALUES ('a', 'Ada'), ('b', 'Bob');
             INSERT INTO posts VALUES ('p', 'a'), ('q', 'b');
             INSERT INTO likes VALUES ('p'), ('p'), ('q');",
            "CREATE TABLE users (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL DEFAULT '');
CREATE TABLE posts (id TEXT NOT NULL PRIMARY KEY, author TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE likes (post TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE);",
        )
        .await;
    assert!(sql.contains("CREATE TABLE likes_new"), "{sql}");
    assert_eq!(d1.number("SELECT COUNT(*) FROM posts").await, 2);
    assert_eq!(d1.number("SELECT COUNT(*) FROM likes").await, 3);
}

/// A push changed a column of the users' table, and `accounts` went from 2 rows to 0.
#[tokio::test]
async fn accounts_stay_when_their_users_change() {
    let d1 = D1::new("accounts");
    d1.migrate(
        "CREATE TABLE user (id TEXT NOT NULL PRIMARY KEY, email TEXT NOT NULL, emailVerified INTEGER);
         CREATE TABLE account (id INTEGER PRIMARY KEY AUTOINCREMENT, userId TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE ON UPDATE CASCADE);
         INSERT INTO user VALUES ('a', 'a@example.com', 1), ('b', 'b@example.com', NULL);
         INSERT INTO account (userId) VALUES ('a'), ('b');",
        "CREATE TABLE user (id TEXT NOT NULL PRIMARY KEY, email TEXT NOT NULL, emailVerified INTEGER NOT NULL DEFAULT 0, CONSTRAINT user_email_key UNIQUE (email));
CREATE TABLE account (id INTEGER PRIMARY KEY AUTOINCREMENT, userId TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE ON UPDATE CASCADE);",
    )
    .await;
    assert_eq!(d1.number("SELECT COUNT(*) FROM account").await, 2);
    assert_eq!(
        d1.number("SELECT SUM(\"emailVerified\") FROM user").await,
        1
    );
}

/// A child that the migration itself makes, or makes a child, would be one of the old table.
#[tokio::test]
async fn new_children_of_a_rebuilt_parent_refer_to_the_copy() {
    let d1 = D1::new("new-children");
    d1.migrate(
        "CREATE TABLE users (id TEXT NOT NULL PRIMARY KEY, name TEXT);
         CREATE TABLE tags (id TEXT NOT NULL PRIMARY KEY);
         INSERT INTO users VALUES ('a', NULL);
         INSERT INTO tags VALUES ('t');",
        "CREATE TABLE users (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL DEFAULT '');
CREATE TABLE tags (id TEXT NOT NULL PRIMARY KEY, user_id TEXT, CONSTRAINT tags_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX tags_user_id_idx ON tags (user_id);
CREATE TABLE posts (id TEXT NOT NULL PRIMARY KEY, author TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX posts_author_idx ON posts (author);",
    )
    .await;
    let sqlite = Sqlite::open(&d1.file()).unwrap();
    sqlite
        .script(
            "INSERT INTO posts VALUES ('p', 'a'); UPDATE tags SET user_id = 'a'; DELETE FROM users",
        )
        .unwrap();
    assert_eq!(d1.number("SELECT COUNT(*) FROM posts").await, 0);
    assert_eq!(d1.number("SELECT COUNT(*) FROM tags").await, 0);
}

#[tokio::test]
async fn views_and_triggers_that_name_a_copied_table_stay() {
    let d1 = D1::new("triggers");
    d1.migrate(
        "CREATE TABLE posts (id TEXT NOT NULL PRIMARY KEY, title TEXT);
         CREATE TABLE log (text TEXT);
         CREATE TRIGGER posts_logged AFTER INSERT ON posts BEGIN INSERT INTO log VALUES (new.title); END;
         CREATE TRIGGER log_checked AFTER INSERT ON log BEGIN UPDATE posts SET title = upper(title); END;
         CREATE VIEW titles AS SELECT title FROM posts;
         INSERT INTO posts VALUES ('p', 'one');",
        "CREATE TABLE posts (id TEXT NOT NULL PRIMARY KEY, title TEXT NOT NULL DEFAULT '');
CREATE TABLE log (text TEXT);",
    )
    .await;
    assert_eq!(d1.number("SELECT COUNT(*) FROM titles").await, 1);
    let sqlite = Sqlite::open(&d1.file()).unwrap();
    sqlite
        .script("INSERT INTO posts VALUES ('q', 'two')")
        .unwrap();
    let logged = "SELECT COUNT(*) FROM titles WHERE title IN ('ONE', 'TWO')";
    assert_eq!(d1.number(logged).await, 2);
    assert_eq!(d1.number("SELECT COUNT(*) FROM log").await, 2);
}

#[test]
fn what_cannot_be_meant_is_refused_or_asked() {
    let read = |sql: &str| from_ddl(Dialect::Postgres, sql).unwrap();
    let before = read("CREATE TABLE users (id uuid PRIMARY KEY, bio text, seen timestamptz(3));");
    let after = read(
        "CREATE TABLE users (id uuid PRIMARY KEY, about text, seen bigint, age bigint NOT NULL);",
    );
    let difference = diff(&before, &after, &Renames::default()).unwrap();
    assert_eq!(
        difference.hints,
        [
            "users.bio is removed and users.about is new: if it is the same column, say `--rename users.bio:about`"
        ]
    );
    let refusals = difference.refusals().join("\n");
    assert!(
        refusals.contains("users.age is new, allows no NULL and has no default"),
        "{refusals}"
    );
    assert!(
        refusals.contains("users.seen: values of timestamptz(3) would mean something else"),
        "{refusals}"
    );
    for (rename, why) in [
        ("users.nick:about", "no column users.nick"),
        ("people:users", "no table people"),
        ("users.bio:seen", "exists already"),
        ("users.bio:other", "not declared"),
    ] {
        let renames = Renames::parse([rename]).unwrap();
        let error = diff(&before, &after, &renames).unwrap_err();
        assert!(error.contains(why), "{rename}: {error}");
    }
}
