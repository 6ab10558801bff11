//! Columns: new, dropped and renamed ones.

use crate::case::{Case, case, renames};

const BIO: &str = "  bio {text80},\n";
const SCORE: &str = "  score {int} NOT NULL DEFAULT 0,\n";
const HANDLE_KEY: &str = "  CONSTRAINT users_handle_key UNIQUE (handle),\n";
const NOTES_KEY: &str = ",\n  CONSTRAINT notes_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE SET NULL";
const NOTES_INDEX: &str = "\nCREATE INDEX notes_post_id_idx ON notes (post_id);";

pub(crate) const CASES: &[Case] = &[
    case(
        "a column with NULL is new",
        &[(BIO, "  bio {text80},\n  site {text80},\n")],
    ),
    case(
        "a column with a default text is new",
        &[(
            BIO,
            "  bio {text80},\n  lang {text16} NOT NULL DEFAULT 'en',\n",
        )],
    ),
    case(
        "a column with a default number is new",
        &[(BIO, "  bio {text80},\n  level {int} NOT NULL DEFAULT -5,\n")],
    ),
    case(
        "a column with a default truth value is new",
        &[(
            BIO,
            "  bio {text80},\n  is_staff {bool} NOT NULL DEFAULT {false},\n",
        )],
    ),
    case(
        "a text with a quote is a default",
        &[(
            BIO,
            "  bio {text80},\n  motto {text80} NOT NULL DEFAULT 'it''s',\n",
        )],
    ),
    case(
        "a column of a closed set is new",
        &[
            (
                BIO,
                "  bio {text80},\n  plan {text16} NOT NULL DEFAULT 'free',\n",
            ),
            (
                HANDLE_KEY,
                "  CONSTRAINT users_handle_key UNIQUE (handle),\n  CONSTRAINT users_plan_check CHECK (plan IN ('free', 'paid')),\n",
            ),
        ],
    ),
    case(
        "a unique column with NULL is new",
        &[
            (BIO, "  bio {text80},\n  phone {text30},\n"),
            (
                HANDLE_KEY,
                "  CONSTRAINT users_handle_key UNIQUE (handle),\n  CONSTRAINT users_phone_key UNIQUE (phone),\n",
            ),
        ],
    ),
    case(
        "a reference with NULL is new",
        &[
            (
                "  body {text80} NOT NULL",
                "  body {text80} NOT NULL,\n  user_id {uuid},\n  CONSTRAINT notes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
            ),
            (
                NOTES_INDEX,
                "\nCREATE INDEX notes_post_id_idx ON notes (post_id);\nCREATE INDEX notes_user_id_idx ON notes (user_id);",
            ),
        ],
    ),
    case(
        "a reference to the table itself is new",
        &[
            (BIO, "  bio {text80},\n  boss_id {uuid},\n"),
            (
                HANDLE_KEY,
                "  CONSTRAINT users_handle_key UNIQUE (handle),\n  CONSTRAINT users_boss_id_fkey FOREIGN KEY (boss_id) REFERENCES users (id) ON DELETE SET NULL,\n",
            ),
            (
                "CREATE TABLE posts",
                "CREATE INDEX users_boss_id_idx ON users (boss_id);\nCREATE TABLE posts",
            ),
        ],
    ),
    case(
        "two columns are new in two tables",
        &[
            (BIO, "  bio {text80},\n  site {text80},\n"),
            ("  color {text16}", "  color {text16},\n  note {text}"),
        ],
    ),
    case(
        "a column of the searched table is new",
        &[(
            "  rating {float},",
            "  rating {float},\n  extra {int} NOT NULL DEFAULT 4,",
        )],
    ),
    case("a column is dropped", &[(BIO, "")]),
    case("a column with a default is dropped", &[(SCORE, "")]),
    case(
        "a column with an index is dropped",
        &[
            ("  published_at {time},\n", ""),
            (
                "CREATE INDEX posts_published_at_id_idx ON posts (published_at, id);\n",
                "",
            ),
        ],
    ),
    case(
        "a unique column is dropped",
        &[("  handle {text30} NOT NULL,\n", ""), (HANDLE_KEY, "")],
    ),
    case(
        "a column with a CHECK is dropped",
        &[
            ("  role {text16} NOT NULL,\n", ""),
            (
                ",\n  CONSTRAINT users_role_check CHECK (role IN ('reader', 'author', 'admin'))",
                "",
            ),
        ],
    ),
    case(
        "a reference is dropped",
        &[
            ("  post_id {uuid},\n  body", "  body"),
            (NOTES_KEY, ""),
            (NOTES_INDEX, ""),
        ],
    ),
    renames(
        "a column is renamed",
        &[("  bio {text80}", "  about {text80}")],
        &["users.bio:about"],
    ),
    renames(
        "a unique column is renamed",
        &[
            ("  handle {text30}", "  nick {text30}"),
            (
                "users_handle_key UNIQUE (handle)",
                "users_nick_key UNIQUE (nick)",
            ),
        ],
        &["users.handle:nick"],
    ),
    renames(
        "a column with a CHECK is renamed",
        &[
            ("  role {text16}", "  duty {text16}"),
            (
                "users_role_check CHECK (role",
                "users_duty_check CHECK (duty",
            ),
        ],
        &["users.role:duty"],
    ),
    renames(
        "an indexed column is renamed",
        &[
            ("  created_at {time}", "  joined_at {time}"),
            (
                "users_created_at_id_idx ON users (created_at",
                "users_joined_at_id_idx ON users (joined_at",
            ),
        ],
        &["users.created_at:joined_at"],
    ),
    renames(
        "a referring column is renamed",
        &[
            (
                "  author_id {uuid} NOT NULL,\n  title",
                "  writer_id {uuid} NOT NULL,\n  title",
            ),
            (
                "posts_author_id_fkey FOREIGN KEY (author_id)",
                "posts_writer_id_fkey FOREIGN KEY (writer_id)",
            ),
            (
                "posts_author_id_idx ON posts (author_id)",
                "posts_writer_id_idx ON posts (writer_id)",
            ),
        ],
        &["posts.author_id:writer_id"],
    ),
    renames(
        "a searched column is renamed",
        &[
            ("  words {text}", "  terms {text}"),
            ("{search posts words}", "{search posts terms}"),
        ],
        &["posts.words:terms"],
    ),
    renames(
        "a key is renamed",
        &[("  key {text30}", "  name {text30}")],
        &["tags.key:name"],
    ),
    renames(
        "a table and its column are renamed",
        &[
            ("CREATE TABLE tags", "CREATE TABLE labels"),
            ("  hits {int}", "  uses {int}"),
        ],
        &["tags:labels", "tags.hits:uses"],
    ),
    renames(
        "one column is renamed and another is new",
        &[(BIO, "  about {text80},\n  site {text80},\n")],
        &["users.bio:about"],
    ),
];
