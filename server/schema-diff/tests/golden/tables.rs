//! Tables, and several changes at once.

use crate::case::{Case, case, renames};

const HANDLE_KEY: &str = "  CONSTRAINT users_handle_key UNIQUE (handle),\n";
const TAGS: &str = "\nCREATE TABLE tags (\n  key {text30} NOT NULL PRIMARY KEY,\n  hits {int} NOT NULL,\n  color {text16}\n){options};";

pub(crate) const CASES: &[Case] = &[
    case(
        "a table is new",
        &[(
            TAGS,
            "\nCREATE TABLE tags (\n  key {text30} NOT NULL PRIMARY KEY,\n  hits {int} NOT NULL,\n  color {text16}\n){options};\nCREATE TABLE links (\n  id {uuid} NOT NULL PRIMARY KEY,\n  url {text80} NOT NULL\n){options};",
        )],
    ),
    case(
        "a table with a parent and an index is new",
        &[(
            TAGS,
            "\nCREATE TABLE tags (\n  key {text30} NOT NULL PRIMARY KEY,\n  hits {int} NOT NULL,\n  color {text16}\n){options};\nCREATE TABLE likes (\n  id {uuid} NOT NULL PRIMARY KEY,\n  post_id {uuid} NOT NULL,\n  CONSTRAINT likes_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE\n){options};\nCREATE INDEX likes_post_id_idx ON likes (post_id);",
        )],
    ),
    case(
        "a table with a key of two columns is new",
        &[(
            TAGS,
            "\nCREATE TABLE tags (\n  key {text30} NOT NULL PRIMARY KEY,\n  hits {int} NOT NULL,\n  color {text16}\n){options};\nCREATE TABLE pairs (\n  a {uuid} NOT NULL,\n  b {int} NOT NULL DEFAULT 1,\n  PRIMARY KEY (a, b)\n){options};",
        )],
    ),
    case(
        "a table with every type is new",
        &[(
            TAGS,
            "\nCREATE TABLE tags (\n  key {text30} NOT NULL PRIMARY KEY,\n  hits {int} NOT NULL,\n  color {text16}\n){options};\nCREATE TABLE kinds (\n  id {uuid} NOT NULL PRIMARY KEY,\n  a {text},\n  b {int},\n  c {bool},\n  d {time},\n  e {float},\n  f {bytes}\n){options};",
        )],
    ),
    case("a table is dropped", &[(TAGS, "")]),
    case(
        "a table that refers to another is dropped",
        &[(
            "CREATE TABLE notes (\n  id {uuid} NOT NULL PRIMARY KEY,\n  post_id {uuid},\n  body {text80} NOT NULL,\n  CONSTRAINT notes_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE SET NULL\n){options};\nCREATE INDEX notes_post_id_idx ON notes (post_id);\n",
            "",
        )],
    ),
    renames(
        "a table is renamed",
        &[("CREATE TABLE tags", "CREATE TABLE labels")],
        &["tags:labels"],
    ),
    renames(
        "a child is renamed",
        &[
            ("CREATE TABLE notes", "CREATE TABLE remarks"),
            ("notes_post_id_fkey", "remarks_post_id_fkey"),
            (
                "CREATE INDEX notes_post_id_idx ON notes",
                "CREATE INDEX remarks_post_id_idx ON remarks",
            ),
        ],
        &["notes:remarks"],
    ),
    renames(
        "a parent is renamed",
        &[
            ("CREATE TABLE users", "CREATE TABLE people"),
            ("ON users", "ON people"),
            ("REFERENCES users", "REFERENCES people"),
            ("users_", "people_"),
        ],
        &["users:people"],
    ),
    renames(
        "a searched parent is renamed",
        &[
            ("CREATE TABLE posts", "CREATE TABLE essays"),
            ("ON posts", "ON essays"),
            ("REFERENCES posts", "REFERENCES essays"),
            ("{search posts", "{search essays"),
        ],
        &["posts:essays"],
    ),
    case(
        "a parent and a child change",
        &[
            ("  name {text80} NOT NULL", "  name {text80}"),
            ("  body {text} NOT NULL", "  body {text}"),
        ],
    ),
    case(
        "a parent changes and its child is dropped",
        &[
            ("  title {text80} NOT NULL", "  title {text80}"),
            (
                "CREATE TABLE notes (\n  id {uuid} NOT NULL PRIMARY KEY,\n  post_id {uuid},\n  body {text80} NOT NULL,\n  CONSTRAINT notes_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE SET NULL\n){options};\nCREATE INDEX notes_post_id_idx ON notes (post_id);\n",
                "",
            ),
        ],
    ),
    renames(
        "a parent is renamed and changes",
        &[
            ("CREATE TABLE users", "CREATE TABLE people"),
            ("ON users", "ON people"),
            ("REFERENCES users", "REFERENCES people"),
            ("users_", "people_"),
            ("  name {text80} NOT NULL", "  name {text80}"),
        ],
        &["users:people"],
    ),
    case(
        "the accounts of a push: a column of the parent becomes unique",
        &[(
            HANDLE_KEY,
            "  CONSTRAINT users_handle_key UNIQUE (handle),\n  CONSTRAINT users_handle_name_key UNIQUE (handle, name),\n",
        )],
    ),
];
