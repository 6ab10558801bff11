//! Lints of migrations: each finds its harm in a file of its own, leaves what is harmless, and can be allowed with a reason.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use support::{Folder, run};

const ENGINES: [&str; 3] = ["sqlite", "postgres", "mysql"];

/// Writes a file of migrations beside ours, and lints all. Returns the lines about it.
fn lint(folder: &Folder, engine: &str, sql: &str) -> Vec<String> {
    for one in ENGINES {
        let text = if one == engine { sql } else { "SELECT 1;\n" };
        std::fs::write(folder.0.join(one).join("0900_new.sql"), text).unwrap();
    }
    let mut program = folder.program(&["--check", "--engine", "sqlite", "--json"]);
    let (_, text) = run(&mut program);
    let json = text.lines().next().unwrap();
    let said: serde_json::Value = serde_json::from_str(json).unwrap_or_else(|_| panic!("{text}"));
    let lines = said["lints"].as_array().unwrap().iter();
    lines
        .map(|line| line.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn our_own_migrations_are_clean() {
    let folder = Folder::new("lints-own");
    let (code, text) = run(&mut folder.program(&["--check", "--engine", "sqlite"]));
    assert_eq!(code, 0, "{text}");
}

#[test]
fn harm_is_found_with_its_place_and_the_way_on() {
    let folder = Folder::new("lints-found");
    for (engine, sql, found, way) in [
        (
            "sqlite",
            "SELECT 1;\nDROP TABLE posts;",
            "2: unsafe-rebuild: DROP TABLE posts would delete or detach rows of comments, drafts, post_slugs, revisions",
            "copy those tables too",
        ),
        (
            "sqlite",
            "DELETE FROM users;",
            "1: unsafe-rebuild: DELETE FROM users",
            "empty them first",
        ),
        (
            "sqlite",
            "CREATE TABLE tags (id TEXT PRIMARY KEY, post_id TEXT REFERENCES posts (id));",
            "1: unindexed-key: tags (post_id)",
            "CREATE INDEX tags_post_id_idx ON tags (post_id)",
        ),
        (
            "postgres",
            "CREATE TABLE tags (id uuid PRIMARY KEY, post_id uuid NOT NULL, CONSTRAINT a FOREIGN KEY (post_id) REFERENCES posts (id));",
            "1: unindexed-key: tags (post_id)",
            "CREATE INDEX",
        ),
        (
            "postgres",
            "SELECT 1; DROP INDEX comments_author_id_idx;",
            "2: unindexed-key: comments (author_id)",
            "CREATE INDEX comments_author_id_idx",
        ),
        (
            "postgres",
            "PRAGMA defer_foreign_keys = ON;",
            "1: wrong-engine: PRAGMA is known to sqlite",
            "in the file of postgres",
        ),
        (
            "postgres",
            "UPDATE `users` SET name = '`';",
            "1: wrong-engine: a name in backticks",
            "in the file of postgres",
        ),
        (
            "sqlite",
            "UPDATE users SET name = id::text;",
            "1: wrong-engine: :: is known to postgres",
            "in the file of sqlite",
        ),
        (
            "mysql",
            "INSERT INTO users (id) VALUES ('a') ON CONFLICT DO NOTHING;",
            "1: wrong-engine: ON CONFLICT is known to sqlite and postgres",
            "in the file of mysql",
        ),
        (
            "postgres",
            "CREATE INDEX a ON posts (title);",
            "1: write-lock: CREATE INDEX stops writes to posts",
            "CONCURRENTLY",
        ),
        (
            "postgres",
            "ALTER TABLE posts ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();",
            "1: write-lock: ADD COLUMN with a value of its own",
            "fill it in parts",
        ),
        (
            "postgres",
            "ALTER TABLE posts ALTER COLUMN published_at SET NOT NULL;",
            "1: write-lock: SET NOT NULL",
            "NOT VALID",
        ),
        (
            "postgres",
            "ALTER TABLE posts ALTER COLUMN title TYPE varchar(9);",
            "1: write-lock: another type",
            "a column beside it",
        ),
        (
            "postgres",
            "ALTER TABLE posts ADD CONSTRAINT a CHECK (title <> '');",
            "1: write-lock: a constraint that is checked",
            "VALIDATE CONSTRAINT",
        ),
        (
            "postgres",
            "ALTER TABLE posts ADD CONSTRAINT a UNIQUE (title);",
            "1: write-lock: a constraint that makes its index",
            "USING INDEX",
        ),
        (
            "mysql",
            "ALTER TABLE posts MODIFY COLUMN title LONGTEXT;",
            "1: write-lock: another definition of a column",
            "gh-ost",
        ),
        (
            "mysql",
            "ALTER TABLE posts ADD COLUMN n BIGINT, ALGORITHM=COPY;",
            "1: write-lock: ALGORITHM=COPY",
            "gh-ost",
        ),
        (
            "mysql",
            "CREATE FULLTEXT INDEX a ON posts (title);",
            "1: write-lock: CREATE INDEX",
            "gh-ost",
        ),
    ] {
        let lines = lint(&folder, engine, sql);
        let begin = format!("{engine}/0900_new.sql:{found}");
        assert!(
            lines.len() == 1
                && lines[0].starts_with(&begin)
                && lines[0]
                    .split(" → ")
                    .nth(1)
                    .is_some_and(|after| after.contains(way)),
            "{sql}\n{lines:#?}"
        );
    }
}

#[test]
fn what_does_no_harm_is_left_alone() {
    let folder = Folder::new("lints-none");
    for (engine, sql) in [
        (
            "sqlite",
            "CREATE TABLE a (id TEXT PRIMARY KEY); CREATE INDEX a_id ON a (id); DROP TABLE a;",
        ),
        (
            "sqlite",
            "CREATE TABLE tags (post_id TEXT PRIMARY KEY REFERENCES posts (id)); UPDATE users SET name = 'PRAGMA ::';",
        ),
        (
            "postgres",
            "CREATE TABLE tags (id uuid PRIMARY KEY, post_id uuid REFERENCES posts (id)); CREATE INDEX t ON tags (post_id, id);",
        ),
        (
            "postgres",
            "CREATE INDEX IF NOT EXISTS a ON posts (title); ALTER TABLE posts ADD COLUMN n bigint NOT NULL DEFAULT 0;",
        ),
        (
            "postgres",
            "ALTER TABLE posts ADD CONSTRAINT a CHECK (title <> '') NOT VALID;",
        ),
        (
            "postgres",
            "-- CREATE INDEX a ON posts (title);\nSELECT 'CREATE INDEX';",
        ),
        (
            "mysql",
            "CREATE INDEX a ON `posts` (title); ALTER TABLE posts ADD COLUMN n BIGINT;",
        ),
        (
            "mysql",
            "CREATE TABLE tags (id CHAR(36) PRIMARY KEY, post_id CHAR(36), CONSTRAINT a FOREIGN KEY (post_id) REFERENCES posts (id)) ENGINE=InnoDB;",
        ),
    ] {
        assert_eq!(lint(&folder, engine, sql), [""; 0], "{sql}");
    }
}

#[test]
fn a_reason_allows_the_next_statement_and_nothing_else() {
    let folder = Folder::new("lints-allowed");
    let index = "CREATE INDEX a ON posts (title);";
    let second = "CREATE INDEX b ON posts (title);";
    let allow = "-- lint: allow write-lock: the table is small";
    assert_eq!(
        lint(&folder, "postgres", &format!("{allow}\n{index}\n")),
        [""; 0]
    );
    let lines = lint(
        &folder,
        "postgres",
        &format!("{allow}\n\n{index}\n{second}\n"),
    );
    assert!(
        lines.len() == 1 && lines[0].contains("sql:2: write-lock"),
        "{lines:?}"
    );
    for wrong in [
        "-- lint: allow write-lock:",
        "-- lint: allow lock: why",
        "-- lint: write-lock",
    ] {
        let lines = lint(&folder, "postgres", &format!("{wrong}\n{index}\n"));
        assert!(
            lines.len() == 2 && lines[0].contains("line 1: write `-- lint: allow NAME: reason`"),
            "{lines:?}"
        );
    }
    // A file that is too old to be changed is listed beside the folders.
    let list = folder.0.join("lints.txt");
    std::fs::write(&list, "# Before.\npostgres/0002_public_by_date.sql write-lock: then\npostgres/0900_new.sql write-lock: a reason\n").unwrap();
    assert_eq!(lint(&folder, "postgres", index), [""; 0]);
    std::fs::write(&list, "postgres/0900_new.sql write-lock\n").unwrap();
    let mut program = folder.program(&["--check", "--engine", "sqlite"]);
    let (code, text) = run(&mut program);
    assert!(code == 1 && text.contains("lints.txt, line 1"), "{text}");
}
