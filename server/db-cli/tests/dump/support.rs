//! Databases of their own for each test, filled with the example site and with values that some engine could lose.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use db::drivers::native::{DatabaseUrl, PoolSize};
use db::queries::{dump, users};
use db::schema::tables::{
    ApiToken, Code, Comment, Event, IdempotencyKey, Invite, Passkey, Post, PostSlug, ProfileLink,
    Session, User, UserHandle, api_tokens, codes, comments, events, idempotency_keys, invites,
    passkeys, post_slugs, posts, profile_links, sessions, user_handles,
};
use db::schema::{Column, Personal, TABLES, Table, ddl};
use db::{Db, Dialect, FromRow, FromValue, Statement, Value, migrate};
use db_cli::dump::{Existing, Export, Form, Reporter, Restore, Summary, export, restore};
use db_cli::{Rows, example_rows};
use domain::{PageRequest, Search, Timestamp, UserId};

use super::account_rows;

const HOSTILE_COLUMNS: [Column; 8] = [
    Column::new::<i64>("hostile", "number").key(),
    Column::new::<UserId>("hostile", "owner").cascades(db::schema::tables::users::id),
    Column::new::<String>("hostile", "text").personal(Personal::Text),
    Column::new::<Option<String>>("hostile", "maybe_text").personal(Personal::Text),
    Column::new::<f64>("hostile", "size"),
    Column::new::<Vec<u8>>("hostile", "bytes").personal(Personal::Text),
    Column::new::<Option<bool>>("hostile", "truth"),
    Column::new::<Option<Timestamp>>("hostile", "at"),
];

/// A table with a column of every kind.
const HOSTILE: Table = Table::new("hostile", &HOSTILE_COLUMNS, &[&[HOSTILE_COLUMNS[1]]]);

/// Every table, and one with a column of every kind.
pub(crate) fn tables() -> &'static [Table] {
    static ALL: LazyLock<Vec<Table>> = LazyLock::new(|| [TABLES, &[HOSTILE]].concat());
    &ALL
}

pub(crate) const SILENT: Reporter<'_> = Reporter {
    interval: Duration::MAX,
    line: &|_| {},
};

/// A folder, removed at its end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("site-dump-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo x test`, or `cargo x services up` and see its output")
    })
}

pub(crate) fn native(url: &str) -> DatabaseUrl {
    DatabaseUrl::parse(url, |_| None).unwrap()
}

pub(crate) fn client(url: &str) -> Db {
    Db::new(native(url).connector(PoolSize::default()).unwrap())
}

/// The URL of an empty, migrated database of this name.
pub(crate) async fn database(dialect: Dialect, folder: &Folder, name: &str) -> String {
    let variable = match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres => "TEST_POSTGRES_URL",
        Dialect::MySql => "TEST_MYSQL_URL",
    };
    let url = if variable.is_empty() {
        format!("sqlite:{}", folder.path(name).display())
    } else {
        let server = format!(
            "{}?sslrootcert={}",
            setting(variable),
            setting("TEST_CA_CERT")
        );
        let own = format!("site_dump_{name}_{}", std::process::id());
        let admin = client(&server);
        for sql in [
            format!("DROP DATABASE IF EXISTS {own}"),
            format!("CREATE DATABASE {own}"),
        ] {
            admin.run(&Statement::plain(sql)).await.unwrap();
        }
        let (front, options) = server.split_once('?').unwrap();
        let (front, _) = front.rsplit_once('/').unwrap();
        format!("{front}/{own}?{options}")
    };
    migrate::apply_to(&native(&url)).await.unwrap();
    let hostile = ddl::create(dialect, &HOSTILE);
    let statements = hostile.split(";\n").filter(|sql| !sql.trim().is_empty());
    for sql in statements {
        client(&url).run(&Statement::plain(sql)).await.unwrap();
    }
    url
}

/// Texts that some engine, or some step on the way, could lose.
pub(crate) fn texts() -> Vec<String> {
    let long = "long 夜 ".repeat(8_000);
    let texts = [
        "",
        " ",
        "NULL",
        "it's \"quoted\" `so` \\ and \\n \\0 $1 ? %s :name",
        "line\r\nline\rline\n\ttab",
        "שלום \u{202e}עולם مرحبا",
        "🏴‍☠️ e\u{301} \u{feff} \u{2028} \u{fffd} \u{10ffff}",
        "BEGIN TRANSACTION; COMMIT; -- /* ",
        "\u{1}\u{1a}\u{1b}[0m\u{7f}",
        &long,
    ];
    texts.map(str::to_owned).into()
}

/// The example site, with a few values that some engine could lose.
pub(crate) fn site() -> Rows {
    let mut rows = example_rows();
    rows.users[1].bio = "it's 🏴‍☠️ \r\n \\ \u{202e}שלום".to_owned();
    rows.posts[0].comment_count = i64::MIN;
    rows.posts[1].comment_count = 9_007_199_254_740_993;
    rows
}

/// Fills a database with [`site`] and a row or more of every other table.
pub(crate) async fn fill(url: &str) {
    let (db, rows) = (client(url), site());
    let user_id = rows.users[0].id;
    let dialect = db.dialect();
    let mut all = rows.inserts(dialect);
    all.extend(account_rows::inserts(dialect, user_id));
    let numbers = [
        0,
        1,
        -1,
        i64::MAX,
        i64::MIN,
        9_007_199_254_740_993,
        -9_007_199_254_740_993,
    ];
    let sizes = [
        0.1,
        -0.5,
        5e-324,
        1.797_693_134_862_315_7e308,
        123_456_789.123_456_79,
        0.0,
        1e21,
    ];
    for (n, text) in texts().into_iter().enumerate() {
        let values = vec![
            Value::Int(numbers.get(n).copied().unwrap_or(100 + n as i64)),
            Value::Uuid(user_id.0),
            Value::Text(text.clone()),
            if n == 1 {
                Value::Null
            } else {
                Value::Text(text)
            },
            Value::Float(sizes[n % sizes.len()]),
            Value::Bytes((0..=255).cycle().skip(n).take(n * 40).collect()),
            [Value::Null, Value::Bool(true), Value::Bool(false)][n % 3].clone(),
            if n == 2 {
                Value::Null
            } else {
                Value::Time(Timestamp::from_millis(n as i64 * 999 - 5))
            },
        ];
        let sql = dump::insert_sql(dialect, &HOSTILE, 1);
        all.push(Statement { sql, values });
    }
    db.write(&all).await.unwrap();
}

async fn rows<T: FromRow + std::fmt::Debug>(db: &Db, table: Table) -> Vec<String> {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let quote = if db.dialect() == Dialect::MySql {
        '`'
    } else {
        '"'
    };
    let columns = columns.join(&format!("{quote}, {quote}"));
    let sql = format!("SELECT {quote}{columns}{quote} FROM {}", table.name);
    let read = db.read(&[Statement::plain(sql)]).await.unwrap().remove(0);
    let mut rows: Vec<String> = read
        .decode::<T>()
        .unwrap()
        .iter()
        .map(|row| format!("{row:?}"))
        .collect();
    rows.sort();
    rows
}

#[derive(Debug)]
struct Hostile(#[expect(dead_code, reason = "shown by Debug")] Vec<String>);

impl FromRow for Hostile {
    const COLUMNS: &'static [Column] = &HOSTILE_COLUMNS;

    fn from_row(cells: &mut db::Cells<'_>) -> Result<Self, db::DbError> {
        fn next<T: FromValue + std::fmt::Debug>(
            cells: &mut db::Cells<'_>,
            n: usize,
        ) -> Result<String, db::DbError> {
            Ok(format!("{:?}", cells.take::<T>(&HOSTILE_COLUMNS[n])?))
        }
        Ok(Self(vec![
            next::<i64>(cells, 0)?,
            next::<UserId>(cells, 1)?,
            next::<String>(cells, 2)?,
            next::<Option<String>>(cells, 3)?,
            next::<f64>(cells, 4)?,
            next::<Vec<u8>>(cells, 5)?,
            next::<Option<bool>>(cells, 6)?,
            next::<Option<Timestamp>>(cells, 7)?,
        ]))
    }
}

/// Every value of every table, decoded by its type, and what a search finds.
pub(crate) async fn everything(url: &str) -> Vec<Vec<String>> {
    let db = client(url);
    let users = rows::<User>(&db, db::schema::tables::users::TABLE).await;
    let (search, page) = (Search::parse("tomasz"), PageRequest::first(1));
    let found = users::list(&db, &search, &page).await.unwrap().total;
    vec![
        users,
        rows::<Post>(&db, posts::TABLE).await,
        rows::<PostSlug>(&db, post_slugs::TABLE).await,
        rows::<Comment>(&db, comments::TABLE).await,
        rows::<Session>(&db, sessions::TABLE).await,
        rows::<ApiToken>(&db, api_tokens::TABLE).await,
        rows::<IdempotencyKey>(&db, idempotency_keys::TABLE).await,
        rows::<Passkey>(&db, passkeys::TABLE).await,
        rows::<Code>(&db, codes::TABLE).await,
        rows::<Invite>(&db, invites::TABLE).await,
        rows::<UserHandle>(&db, user_handles::TABLE).await,
        rows::<ProfileLink>(&db, profile_links::TABLE).await,
        rows::<Event>(&db, events::TABLE).await,
        rows::<Hostile>(&db, HOSTILE).await,
        vec![format!("{found:?}")],
    ]
}

pub(crate) async fn exported(url: &str, file: &Path, anonymise: bool) -> Result<Summary, String> {
    let wanted = Export {
        url: &native(url),
        tables: tables(),
        file,
        form: Form::Dump,
        anonymise,
    };
    export(&wanted, SILENT)
        .await
        .map_err(|error| format!("{error:#}"))
}

pub(crate) async fn restored(
    url: &str,
    file: &Path,
    existing: Existing,
) -> Result<Summary, String> {
    let wanted = Restore {
        url: &native(url),
        tables: tables(),
        file,
        existing,
    };
    restore(&wanted, SILENT)
        .await
        .map_err(|error| format!("{error:#}"))
}
