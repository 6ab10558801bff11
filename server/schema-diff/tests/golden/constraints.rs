//! Constraints and indexes.

use crate::case::{Case, case};

const HANDLE_KEY: &str = "  CONSTRAINT users_handle_key UNIQUE (handle),\n";
const ROLE_CHECK: &str = "CHECK (role IN ('reader', 'author', 'admin'))";
const TAGS: &str = "\nCREATE TABLE tags (\n  key {text30} NOT NULL PRIMARY KEY,\n  hits {int} NOT NULL,\n  color {text16}\n){options};";
const NOTES_KEY: &str = ",\n  CONSTRAINT notes_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE SET NULL";
const NOTES_INDEX: &str = "\nCREATE INDEX notes_post_id_idx ON notes (post_id);";
const SEARCH: &str = "\n{search posts words}";
const COMMENTS_KEY: &str = ",\n  CONSTRAINT comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE";

pub(crate) const CASES: &[Case] = &[
    case(
        "a unique constraint is new",
        &[(
            "  CONSTRAINT users_role_check",
            "  CONSTRAINT users_name_key UNIQUE (name),\n  CONSTRAINT users_role_check",
        )],
    ),
    case(
        "a unique constraint of two columns is new",
        &[(
            NOTES_KEY,
            ",\n  CONSTRAINT notes_post_id_body_key UNIQUE (post_id, body),\n  CONSTRAINT notes_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE SET NULL",
        )],
    ),
    case("a unique constraint is dropped", &[(HANDLE_KEY, "")]),
    case(
        "a unique constraint gets another column",
        &[("UNIQUE (slug)", "UNIQUE (slug, author_id)")],
    ),
    case(
        "a closed set grows",
        &[(
            ROLE_CHECK,
            "CHECK (role IN ('reader', 'author', 'editor', 'admin'))",
        )],
    ),
    case(
        "a CHECK is new",
        &[(
            "  hits {int} NOT NULL,\n  color {text16}",
            "  hits {int} NOT NULL,\n  color {text16},\n  CONSTRAINT tags_hits_check CHECK (hits > -10 AND (hits < 100 OR color IS NULL))",
        )],
    ),
    case(
        "a CHECK with BETWEEN and LIKE is new",
        &[(
            "  hits {int} NOT NULL,\n  color {text16}",
            "  hits {int} NOT NULL,\n  color {text16},\n  CONSTRAINT tags_color_check CHECK (color NOT LIKE '%!' AND hits BETWEEN -5 AND 500)",
        )],
    ),
    case(
        "a CHECK is dropped",
        &[(
            ",\n  CONSTRAINT users_role_check CHECK (role IN ('reader', 'author', 'admin'))",
            "",
        )],
    ),
    case(
        "a CHECK gets another name",
        &[("users_role_check", "users_role_known")],
    ),
    case(
        "a unique constraint gets another name",
        &[("users_handle_key", "users_handle_once")],
    ),
    case(
        "a foreign key gets another name",
        &[("notes_post_id_fkey", "notes_post")],
    ),
    case(
        "a foreign key is new",
        &[
            (
                "  body {text} NOT NULL,\n  CONSTRAINT comments_post",
                "  body {text} NOT NULL,\n  note_id {uuid},\n  CONSTRAINT comments_note_id_fkey FOREIGN KEY (note_id) REFERENCES notes (id),\n  CONSTRAINT comments_post",
            ),
            (
                "CREATE INDEX comments_author_id_idx",
                "CREATE INDEX comments_note_id_idx ON comments (note_id);\nCREATE INDEX comments_author_id_idx",
            ),
        ],
    ),
    case("a foreign key is dropped", &[(NOTES_KEY, "")]),
    case(
        "a foreign key and its index are dropped",
        &[(NOTES_KEY, ""), (NOTES_INDEX, "")],
    ),
    case(
        "a foreign key gets another action",
        &[("ON DELETE SET NULL", "ON DELETE CASCADE")],
    ),
    case(
        "a foreign key gets an action on update",
        &[(
            COMMENTS_KEY,
            ",\n  CONSTRAINT comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE",
        )],
    ),
    case(
        "a primary key gets another column",
        &[(
            "  key {text30} NOT NULL PRIMARY KEY,\n  hits {int} NOT NULL,\n  color {text16}",
            "  key {text30} NOT NULL,\n  hits {int} NOT NULL,\n  color {text16},\n  PRIMARY KEY ({quoted}, hits)",
        )],
    ),
    case(
        "an index is new",
        &[(
            TAGS,
            "\nCREATE TABLE tags (\n  key {text30} NOT NULL PRIMARY KEY,\n  hits {int} NOT NULL,\n  color {text16}\n){options};\nCREATE INDEX tags_hits_idx ON tags (hits);",
        )],
    ),
    case(
        "an index that runs down is new",
        &[(
            "CREATE TABLE posts",
            "CREATE INDEX users_score_idx ON users (score DESC, id);\nCREATE TABLE posts",
        )],
    ),
    case(
        "a unique index is new",
        &[(
            "CREATE TABLE posts",
            "CREATE UNIQUE INDEX users_name_idx ON users (name);\nCREATE TABLE posts",
        )],
    ),
    case(
        "an index is dropped",
        &[(
            "CREATE INDEX users_created_at_id_idx ON users (created_at, id);\n",
            "",
        )],
    ),
    case(
        "an index under a foreign key is dropped",
        &[(NOTES_INDEX, "")],
    ),
    case(
        "an index gets another column",
        &[(
            "ON posts (published_at, id)",
            "ON posts (published_at, slug)",
        )],
    ),
    case(
        "an index gets another name",
        &[("posts_published_at_id_idx", "posts_newest_idx")],
    ),
    case("full-text search is dropped", &[(SEARCH, "")]),
    case(
        "full-text search is new",
        &[(SEARCH, "\n{search posts words}\n{search posts title}")],
    ),
    case(
        "an index on an expression is new",
        &[(
            "CREATE TABLE posts",
            "CREATE INDEX users_name_lower_idx ON users ({lower name}, id);\nCREATE TABLE posts",
        )],
    ),
    case(
        "an index of some rows is new",
        &[(
            "CREATE TABLE posts",
            "CREATE INDEX users_bio_idx ON users (bio){where bio IS NOT NULL AND score > 0};\nCREATE TABLE posts",
        )],
    ),
    case(
        "a unique index of some rows is new",
        &[(
            "CREATE TABLE comments",
            "CREATE UNIQUE INDEX posts_newest_idx ON posts (published_at, id){where published_at IS NOT NULL};\nCREATE TABLE comments",
        )],
    ),
];
