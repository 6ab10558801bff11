//! Changes of a schema, each made on a database that is filled with rows: afterwards it is the wanted schema, every row is
//! still there, and so are the rows of all tables that refer to it. On SQLite they go D1's way too.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod case;
mod columns;
mod constraints;
#[path = "../../../db/tests/support/mod.rs"]
mod support;
mod tables;
mod template;
mod types;

use std::path::PathBuf;
use std::sync::Arc;

use case::Case;
use db::drivers::server_options::ServerOptions;
use db::drivers::sqlite::Sqlite;
use db::migrate::{Migration, apply, apply_to_file, apply_to_server};
use db::{DbError, Dialect, Driver, Statement, Value};
use schema_diff::parse::from_ddl;
use schema_diff::{Difference, Renames, Schema, diff, introspect, render};
use support::Brand;

/// Every case.
const CASES: [&[Case]; 4] = [
    tables::CASES,
    columns::CASES,
    types::CASES,
    constraints::CASES,
];

/// A database of one case.
enum Database {
    Native(Arc<Sqlite>),
    D1(PathBuf),
    Server(ServerOptions),
}

impl Database {
    async fn driver(&self) -> Arc<dyn Driver> {
        match self {
            Self::Native(sqlite) => Arc::clone(sqlite) as Arc<dyn Driver>,
            Self::D1(path) => Arc::new(Sqlite::open(path).unwrap()),
            Self::Server(server) => support::open(server).await,
        }
    }

    async fn migrate(&self, files: &[Migration]) -> Result<(), DbError> {
        match self {
            Self::Native(sqlite) => apply(sqlite, files).await,
            Self::D1(path) => apply_to_file(path, files).await,
            Self::Server(server) => apply_to_server(server, files).await,
        }
        .map(|_| ())
    }
}

fn migration(name: &'static str, sql: String) -> Migration {
    Migration {
        name,
        sql: sql.leak(),
    }
}

fn wanted(dialect: Dialect, case: &Case) -> Schema {
    let mut text = template::SCHEMA.to_owned();
    for (from, to) in case.edits {
        assert!(text.contains(from), "{}: no `{from}`", case.name);
        text = text.replace(from, to);
    }
    let quoted = if dialect == Dialect::MySql {
        "`key`"
    } else {
        "key"
    };
    let text = text.replace("{quoted}", quoted);
    let text = if dialect == Dialect::Sqlite {
        // One virtual table has the words of one column.
        text.replace(
            "\n{search posts words}\n{search posts title}",
            "\n{search posts title}",
        )
    } else {
        text
    };
    from_ddl(dialect, &template::ddl(dialect, &text))
        .unwrap_or_else(|why| panic!("{}: {why}", case.name))
}

/// Every row of the columns that both schemas have, under the names of the first, in one order.
async fn rows(
    driver: &dyn Driver,
    before: &Schema,
    after: &Schema,
    names: &Renamed,
) -> Vec<String> {
    let mut all = Vec::new();
    let is_after = names.is_after;
    for table in &before.tables {
        let Some(kept) = after.table(&names.table(&table.name)) else {
            continue;
        };
        let columns = table.columns.iter().map(|column| column.name.as_str());
        let columns: Vec<&str> = columns
            .filter(|column| kept.column(&names.column(&table.name, column)).is_some())
            .collect();
        let quote = if before.dialect == Dialect::MySql {
            '`'
        } else {
            '"'
        };
        let shown = columns.iter().map(|column| {
            let column = if is_after {
                names.column(&table.name, column)
            } else {
                (*column).to_owned()
            };
            format!("{quote}{column}{quote}")
        });
        let at = if is_after {
            kept.name.as_str()
        } else {
            &table.name
        };
        let sql = format!("SELECT {} FROM {at}", shown.collect::<Vec<_>>().join(", "));
        let found = driver
            .read(&[Statement::plain(sql)])
            .await
            .unwrap()
            .remove(0);
        for row in found.cells.chunks(columns.len()) {
            let cells = columns
                .iter()
                .zip(row)
                .map(|(column, cell)| format!("{column}={}", text(cell)));
            all.push(format!(
                "{}: {}",
                table.name,
                cells.collect::<Vec<_>>().join(" ")
            ));
        }
    }
    all.sort();
    all
}

/// A value as text that does not depend on its type.
fn text(cell: &Value) -> String {
    match cell {
        Value::Null => "NULL".to_owned(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(n) => n.to_string(),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => format!("{bytes:?}"),
        Value::Uuid(id) => id.to_string(),
        Value::Time(time) => time.as_millis().to_string(),
    }
}

/// The names after the renames.
struct Renamed {
    renames: &'static [&'static str],
    is_after: bool,
}

impl Renamed {
    fn find(&self, old: &str) -> Option<String> {
        let mut all = self.renames.iter().filter_map(|one| one.split_once(':'));
        all.find(|(from, _)| *from == old)
            .map(|(_, to)| to.to_owned())
    }

    fn table(&self, old: &str) -> String {
        self.find(old).unwrap_or_else(|| old.to_owned())
    }

    fn column(&self, table: &str, old: &str) -> String {
        self.find(&format!("{table}.{old}"))
            .unwrap_or_else(|| old.to_owned())
    }
}

/// Makes one change. Returns its SQL.
async fn run(database: &Database, case: &Case) -> Result<String, String> {
    let driver = database.driver().await;
    let dialect = driver.dialect();
    let base = template::ddl(dialect, template::SCHEMA) + &template::rows(dialect);
    let base = migration("0001_base.sql", base);
    database
        .migrate(&[base])
        .await
        .map_err(|error| error.to_string())?;
    let current = introspect(&*driver)
        .await
        .map_err(|error| error.to_string())?;
    let declared = from_ddl(dialect, &template::ddl(dialect, template::SCHEMA))?;
    is_clean(&current, &declared).map_err(|why| format!("before the change: {why}"))?;

    let wanted = wanted(dialect, case);
    let renames = Renames::parse(case.renames.iter().copied())?;
    let difference = diff(&current, &wanted, &renames)?;
    let refusals = difference.refusals();
    if !refusals.is_empty() {
        return Err(refusals.join("\n"));
    }
    let mut names = Renamed {
        renames: case.renames,
        is_after: false,
    };
    let mut expected = rows(&*driver, &current, &wanted, &names).await;
    if let Some((column, value)) = case.filled {
        for row in &mut expected {
            *row = row.replace(&format!("{column}=NULL"), &format!("{column}={value}"));
        }
        expected.sort();
    }
    let sql = render(&difference);
    let change = migration("0002_change.sql", sql.clone());
    database
        .migrate(&[base, change])
        .await
        .map_err(|error| format!("{error}\n{sql}"))?;
    let after = introspect(&*driver)
        .await
        .map_err(|error| error.to_string())?;
    is_clean(&after, &wanted).map_err(|why| format!("{why}\n{sql}"))?;
    names.is_after = true;
    let found = rows(&*driver, &current, &wanted, &names).await;
    if found != expected {
        return Err(format!("rows\n{found:#?}\nare not\n{expected:#?}\n{sql}"));
    }
    works(&*driver, &after)
        .await
        .map_err(|why| format!("{why}\n{sql}"))?;
    Ok(sql)
}

/// Words are found, new rows are indexed, and a parent's end is its children's.
async fn works(driver: &dyn Driver, schema: &Schema) -> Result<(), String> {
    for search in schema
        .tables
        .iter()
        .filter_map(|table| table.search.as_ref())
    {
        let table = &search.table.name;
        let check = format!("INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)");
        driver
            .write(&[Statement::plain(check)])
            .await
            .map_err(|error| format!("search: {error}"))?;
        if search.triggers.len() != 2 {
            return Err(format!("{} triggers", search.triggers.len()));
        }
    }
    let Some(users) = ["users", "people"]
        .iter()
        .find(|name| schema.table(name).is_some())
    else {
        return Err("no users".to_owned());
    };
    let delete = format!("DELETE FROM {users}");
    driver
        .write(&[Statement::plain(delete)])
        .await
        .map_err(|error| error.to_string())?;
    let count = driver
        .read(&[Statement::plain("SELECT COUNT(*) FROM comments")])
        .await;
    let count = count
        .map_err(|error| error.to_string())?
        .remove(0)
        .cells
        .remove(0);
    if count != Value::Int(0) {
        return Err("the children of a deleted parent are still there".to_owned());
    }
    Ok(())
}

fn is_clean(found: &Schema, wanted: &Schema) -> Result<(), String> {
    let left: Difference = diff(found, wanted, &Renames::default())?;
    if left.changes.is_empty() {
        return Ok(());
    }
    let left: Vec<String> = left
        .changes
        .iter()
        .map(|change| format!("{}\n{change:#?}", change.describe()))
        .collect();
    Err(format!("still different: {}", left.join("\n")))
}

/// Runs every case in a database that `make` makes, and compares the SQL with its snapshot.
async fn run_all(name: &str, make: impl AsyncFn() -> Database) {
    let (mut failed, mut all) = (Vec::new(), String::new());
    for case in CASES.iter().copied().flatten() {
        let database = make().await;
        match run(&database, case).await {
            Ok(sql) => all.push_str(&format!("== {}\n{sql}\n", case.name)),
            Err(why) => failed.push(format!("== {}: {why}", case.name)),
        }
    }
    assert!(
        failed.is_empty(),
        "{} failed
{}",
        failed.len(),
        failed.join("\n")
    );
    insta::assert_snapshot!(name, all);
}

#[tokio::test]
async fn sqlite_keeps_every_row() {
    run_all("sqlite", async || {
        Database::Native(Arc::new(Sqlite::in_memory().unwrap()))
    })
    .await;
}

#[tokio::test]
async fn d1_keeps_every_row() {
    let folder = std::env::temp_dir().join(format!(
        "site-golden-{}/miniflare-D1DatabaseObject",
        std::process::id()
    ));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("golden.sqlite");
    // The same SQL as SQLite's, by the rules of D1.
    run_all("sqlite", async || {
        let _ = std::fs::remove_file(&file);
        Database::D1(file.clone())
    })
    .await;
    let _ = std::fs::remove_dir_all(folder.parent().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_every_row() {
    let server = support::database(Brand::Postgres, "site_test_golden").await;
    run_all("postgres", async || {
        // Quicker than another database.
        let driver = support::open(&server).await;
        for sql in ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"] {
            support::run(&*driver, sql).await;
        }
        Database::Server(server.clone())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_keeps_every_row() {
    run_all("mysql", async || {
        Database::Server(support::database(Brand::MySql, "site_test_golden").await)
    })
    .await;
}
