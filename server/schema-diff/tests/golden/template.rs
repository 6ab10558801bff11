//! The schema and the rows of the cases, written once for every engine.

use db::Dialect;

/// The schema before the change. Every engine's own words stand in braces.
pub(crate) const SCHEMA: &str = "
CREATE TABLE users (
  id {uuid} NOT NULL PRIMARY KEY,
  handle {text30} NOT NULL,
  name {text80} NOT NULL,
  role {text16} NOT NULL,
  score {int} NOT NULL DEFAULT 0,
  bio {text80},
  is_active {bool} NOT NULL,
  created_at {time} NOT NULL,
  CONSTRAINT users_handle_key UNIQUE (handle),
  CONSTRAINT users_role_check CHECK (role IN ('reader', 'author', 'admin'))
){options};
CREATE INDEX users_created_at_id_idx ON users (created_at, id);
CREATE TABLE posts (
  {row_number}id {uuid} NOT NULL {key},
  author_id {uuid} NOT NULL,
  title {text80} NOT NULL,
  slug {text30} NOT NULL,
  words {text} NOT NULL,
  views {int} NOT NULL,
  rating {float},
  published_at {time},
  CONSTRAINT posts_slug_key UNIQUE (slug),
  CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE
){options};
CREATE INDEX posts_author_id_idx ON posts (author_id);
CREATE INDEX posts_published_at_id_idx ON posts (published_at, id);
{search posts words}
CREATE TABLE comments (
  id {uuid} NOT NULL PRIMARY KEY,
  post_id {uuid} NOT NULL,
  author_id {uuid} NOT NULL,
  body {text} NOT NULL,
  CONSTRAINT comments_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
  CONSTRAINT comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE
){options};
CREATE INDEX comments_post_id_idx ON comments (post_id);
CREATE INDEX comments_author_id_idx ON comments (author_id);
CREATE TABLE notes (
  id {uuid} NOT NULL PRIMARY KEY,
  post_id {uuid},
  body {text80} NOT NULL,
  CONSTRAINT notes_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE SET NULL
){options};
CREATE INDEX notes_post_id_idx ON notes (post_id);
CREATE TABLE tags (
  key {text30} NOT NULL PRIMARY KEY,
  hits {int} NOT NULL,
  color {text16}
){options};
";

const ROWS: &str = "
INSERT INTO users (id, handle, name, role, score, bio, is_active, created_at) VALUES
  ('{id1}', 'ada', 'Ada Ὑπατία', 'admin', 7, NULL, {true}, {time1}),
  ('{id2}', 'bob', 'Bob ''O'' 夜', 'author', -3, 'bio', {false}, {time2}),
  ('{id3}', 'cy', '', 'reader', 0, '', {true}, {time1});
INSERT INTO posts (id, author_id, title, slug, words, views, rating, published_at) VALUES
  ('{id4}', '{id1}', 'One', 'one', 'alpha beta', 1, 2.5, {time1}),
  ('{id5}', '{id1}', 'Two', 'two', 'alpha gamma', 22, NULL, NULL),
  ('{id6}', '{id2}', '三', 'three', 'delta', 333, 0, {time2});
INSERT INTO comments (id, post_id, author_id, body) VALUES
  ('{id7}', '{id4}', '{id2}', 'first'), ('{id8}', '{id4}', '{id3}', 'second'), ('{id9}', '{id6}', '{id1}', 'third');
INSERT INTO notes (id, post_id, body) VALUES
  ('{id1}', '{id4}', '10'), ('{id2}', NULL, '20'), ('{id3}', '{id6}', '30');
INSERT INTO tags ({tag}, hits, color) VALUES ('rust', 5, 'red'), ('夜', 0, NULL), ('sql', -2, 'blue');
";

/// The statements that fill the schema with rows.
pub(crate) fn rows(dialect: Dialect) -> String {
    let time = |millis: u32| match dialect {
        Dialect::Sqlite => format!("1700000000{millis}"),
        Dialect::Postgres => format!("'2023-11-14 22:13:20.{millis}+00'"),
        Dialect::MySql => format!("'2023-11-14 22:13:20.{millis}'"),
    };
    let truth = |truth: bool| match dialect {
        Dialect::Postgres => truth.to_string(),
        Dialect::Sqlite | Dialect::MySql => u8::from(truth).to_string(),
    };
    let mut text = ROWS
        .replace("{time1}", &time(123))
        .replace("{time2}", &time(456))
        .replace("{true}", &truth(true))
        .replace("{false}", &truth(false))
        .replace("{tag}", &quoted_key(dialect));
    for n in 1..=9 {
        let id = format!("0190b0c0-0000-7000-8000-00000000000{n}");
        text = text.replace(&format!("{{id{n}}}"), &id);
    }
    text
}

fn quoted_key(dialect: Dialect) -> String {
    if dialect == Dialect::MySql {
        "`key`"
    } else {
        "key"
    }
    .to_owned()
}

/// A schema in the words of one engine.
pub(crate) fn ddl(dialect: Dialect, template: &str) -> String {
    let words: [(&str, [&str; 3]); 14] = [
        ("{uuid}", ["TEXT", "uuid", "CHAR(36) CHARACTER SET ascii"]),
        ("{text}", ["TEXT", "text", "LONGTEXT"]),
        ("{text16}", ["TEXT", "text", "VARCHAR(16)"]),
        ("{text30}", ["TEXT", "text", "VARCHAR(30)"]),
        ("{text80}", ["TEXT", "text", "VARCHAR(80)"]),
        ("{int}", ["INTEGER", "bigint", "BIGINT"]),
        ("{bool}", ["INTEGER", "boolean", "TINYINT(1)"]),
        ("{false}", ["0", "false", "0"]),
        ("{time}", ["INTEGER", "timestamptz(3)", "DATETIME(3)"]),
        ("{float}", ["REAL", "double precision", "DOUBLE"]),
        ("{bytes}", ["BLOB", "bytea", "LONGBLOB"]),
        ("{key}", ["UNIQUE", "PRIMARY KEY", "PRIMARY KEY"]),
        (
            "{row_number}",
            ["search_id INTEGER PRIMARY KEY,\n  ", "", ""],
        ),
        (
            "{options}",
            [
                "",
                "",
                " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            ],
        ),
    ];
    let at = match dialect {
        Dialect::Sqlite => 0,
        Dialect::Postgres => 1,
        Dialect::MySql => 2,
    };
    let mut text = template.to_owned();
    for (word, engines) in words {
        text = text.replace(word, engines[at]);
    }
    text = inner(&text, "{search ", |names| {
        let (table, column) = names.split_once(' ').expect("a table and a column");
        search(dialect, table, column)
    });
    // MariaDB has neither.
    let is_mysql = dialect == Dialect::MySql;
    text = inner(&text, "{lower ", |column| {
        if is_mysql {
            column.to_owned()
        } else {
            format!("lower({column})")
        }
    });
    text = inner(&text, "{where ", |condition| {
        if is_mysql {
            String::new()
        } else {
            format!(" WHERE {condition}")
        }
    });
    let key = quoted_key(dialect);
    text.replace("\n  key ", &format!("\n  {key} "))
}

/// Replaces everything from `begin` to a closing brace.
fn inner(text: &str, begin: &str, replace: impl Fn(&str) -> String) -> String {
    let mut text = text.to_owned();
    while let Some((before, rest)) = text.split_once(begin) {
        let (word, after) = rest.split_once('}').expect("a closing brace");
        text = format!("{before}{}{after}", replace(word));
    }
    text
}

fn search(dialect: Dialect, table: &str, column: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!(
            "CREATE VIRTUAL TABLE {table}_fts USING fts5({column}, content='{table}', content_rowid='search_id');\n\
             CREATE TRIGGER {table}_fts_insert AFTER INSERT ON {table} BEGIN\n  \
             INSERT INTO {table}_fts (rowid, {column}) VALUES (new.search_id, new.{column});\nEND;\n\
             CREATE TRIGGER {table}_fts_delete AFTER DELETE ON {table} BEGIN\n  \
             INSERT INTO {table}_fts ({table}_fts, rowid, {column}) VALUES ('delete', old.search_id, old.{column});\nEND;"
        ),
        Dialect::Postgres => format!(
            "CREATE INDEX {table}_{column}_idx ON {table} USING gin (to_tsvector('simple', {column}));"
        ),
        Dialect::MySql => {
            format!("CREATE FULLTEXT INDEX {table}_{column}_idx ON {table} ({column});")
        }
    }
}
