//! Random pairs of schemas, by the rules of D1: one becomes the other, and what both have loses no value.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;
use std::path::PathBuf;

use db::drivers::sqlite::Sqlite;
use db::migrate::{Migration, apply_to_file};
use db::{Dialect, Driver, Statement};
use proptest::prelude::*;
use schema_diff::parse::from_ddl;
use schema_diff::{Renames, Schema, diff, introspect, render};

const TYPES: [&str; 4] = ["TEXT", "INTEGER", "REAL", "TEXT"];
const ACTIONS: [&str; 4] = [
    " ON DELETE CASCADE",
    " ON DELETE SET NULL",
    "",
    " ON DELETE RESTRICT",
];
const TABLES: usize = 4;
const ROWS: usize = 3;

/// A column; a unique one has NULL in rows that existed before it.
#[derive(Clone, Copy, Debug)]
enum Column {
    Nullable,
    Default,
    NullableDefault,
    Unique,
}

#[derive(Clone, Debug)]
struct Table {
    columns: Vec<Option<Column>>,
    /// References to the tables before it: a column, and perhaps a foreign key with an action.
    parents: Vec<Option<Option<usize>>>,
    indexes: Vec<bool>,
    has_check: bool,
    has_search: bool,
}

fn column() -> impl Strategy<Value = Option<Column>> {
    prop_oneof![
        Just(None),
        Just(Some(Column::Nullable)),
        Just(Some(Column::Default)),
        Just(Some(Column::NullableDefault)),
        Just(Some(Column::Unique)),
    ]
}

fn table() -> impl Strategy<Value = Option<Table>> {
    let parents = prop::option::of(prop::option::weighted(0.8, 0..ACTIONS.len()));
    let all = (
        prop::collection::vec(column(), TYPES.len()),
        prop::collection::vec(parents, TABLES),
        prop::collection::vec(any::<bool>(), TYPES.len()),
        any::<bool>(),
        prop::bool::weighted(0.3),
    );
    prop::option::weighted(
        0.85,
        all.prop_map(|(columns, parents, indexes, has_check, has_search)| Table {
            columns,
            parents,
            indexes,
            has_check,
            has_search,
        }),
    )
}

type Tables = Vec<Option<Table>>;

fn ddl(tables: &Tables) -> String {
    let mut sql = String::new();
    for (n, table) in tables.iter().enumerate() {
        let Some(table) = table else { continue };
        let search = table.has_search && table.columns[0].is_some();
        let key = if search {
            "search_id INTEGER PRIMARY KEY,\n  id TEXT NOT NULL UNIQUE"
        } else {
            "id TEXT NOT NULL PRIMARY KEY"
        };
        let mut parts = vec![key.to_owned()];
        let mut rules: Vec<String> = Vec::new();
        for (c, column) in table.columns.iter().enumerate() {
            let value = ["'none'", "7", "1.5", "''"][c];
            let end = match column {
                None => continue,
                Some(Column::Nullable) => String::new(),
                Some(Column::Default) => format!(" NOT NULL DEFAULT {value}"),
                Some(Column::NullableDefault) => format!(" DEFAULT {value}"),
                Some(Column::Unique) => {
                    rules.push(format!("CONSTRAINT t{n}_c{c}_key UNIQUE (c{c})"));
                    String::new()
                }
            };
            parts.push(format!("c{c} {}{end}", TYPES[c]));
        }
        for (p, parent) in table.parents.iter().enumerate().take(n) {
            let Some(action) = parent else { continue };
            parts.push(format!("p{p} TEXT"));
            if let (Some(action), Some(_)) = (action, &tables[p]) {
                rules.push(format!(
                    "CONSTRAINT t{n}_p{p}_fkey FOREIGN KEY (p{p}) REFERENCES t{p} (id){}",
                    ACTIONS[*action]
                ));
            }
        }
        if table.has_check && table.columns[1].is_some() {
            rules.push(format!(
                "CONSTRAINT t{n}_c1_check CHECK (c1 IS NULL OR c1 > -100)"
            ));
        }
        parts.extend(rules);
        let _ = writeln!(sql, "CREATE TABLE t{n} (\n  {}\n);", parts.join(",\n  "));
        for (c, is_indexed) in table.indexes.iter().enumerate() {
            if *is_indexed && table.columns[c].is_some() {
                let _ = writeln!(sql, "CREATE INDEX t{n}_c{c}_idx ON t{n} (c{c}, id);");
            }
        }
        if search {
            let _ = writeln!(
                sql,
                "CREATE VIRTUAL TABLE t{n}_fts USING fts5(c0, content='t{n}', content_rowid='search_id');\n\
                 CREATE TRIGGER t{n}_fts_insert AFTER INSERT ON t{n} BEGIN\n  \
                 INSERT INTO t{n}_fts (rowid, c0) VALUES (new.search_id, new.c0);\nEND;"
            );
        }
    }
    sql
}

fn rows(schema: &Schema) -> String {
    let mut sql = String::new();
    for table in &schema.tables {
        for row in 0..ROWS {
            let (mut names, mut values) = (Vec::new(), Vec::new());
            for column in &table.columns {
                let value = match column.name.as_str() {
                    "search_id" => continue,
                    "id" => format!("'r{row}'"),
                    "c1" => (row * 10).to_string(),
                    "c2" => format!("{row}.25"),
                    name => match name.strip_prefix('p') {
                        Some(parent) if schema.table(&format!("t{parent}")).is_none() => {
                            "NULL".to_owned()
                        }
                        Some(_) => format!("'r{}'", (row + 1) % ROWS),
                        None => format!("'{name} of {} {row}'", table.name),
                    },
                };
                names.push(column.name.clone());
                values.push(value);
            }
            let _ = writeln!(
                sql,
                "INSERT INTO {} ({}) VALUES ({});",
                table.name,
                names.join(", "),
                values.join(", ")
            );
        }
    }
    sql
}

/// Every row of what both schemas have.
async fn shared(sqlite: &Sqlite, before: &Schema, after: &Schema) -> Vec<String> {
    let mut all = Vec::new();
    for table in &before.tables {
        let Some(kept) = after.table(&table.name) else {
            continue;
        };
        let names = table.columns.iter().map(|column| column.name.as_str());
        let names: Vec<&str> = names.filter(|name| kept.column(name).is_some()).collect();
        let sql = format!(
            "SELECT {} FROM {} ORDER BY id",
            names.join(", "),
            table.name
        );
        let found = sqlite.read(&[Statement::plain(sql)]).await.unwrap();
        all.push(format!("{} {names:?} {:?}", table.name, found[0].cells));
    }
    all
}

async fn run(file: &PathBuf, before: &Tables, after: &Tables) -> Result<(), String> {
    let _ = std::fs::remove_file(file);
    let wanted = from_ddl(Dialect::Sqlite, &ddl(after))?;
    let current = from_ddl(Dialect::Sqlite, &ddl(before))?;
    let base = Migration {
        name: "0001_before.sql",
        sql: (ddl(before) + &rows(&current) + "SELECT 1;").leak(),
    };
    apply_to_file(file, &[base])
        .await
        .map_err(|error| error.to_string())?;
    let sqlite = Sqlite::open(file).unwrap();
    let current = introspect(&sqlite)
        .await
        .map_err(|error| error.to_string())?;
    let expected = shared(&sqlite, &current, &wanted).await;
    drop(sqlite);
    let sql = render(&diff(&current, &wanted, &Renames::default())?);
    let change = Migration {
        name: "0002_after.sql",
        sql: format!("{sql}\nSELECT 1;").leak(),
    };
    let applied = apply_to_file(file, &[base, change]).await;
    applied.map_err(|error| format!("{error}\n{sql}"))?;
    let sqlite = Sqlite::open(file).unwrap();
    let reached = introspect(&sqlite)
        .await
        .map_err(|error| error.to_string())?;
    let left = diff(&reached, &wanted, &Renames::default())?.changes;
    if !left.is_empty() {
        return Err(format!("{left:#?}\n{sql}"));
    }
    let found = shared(&sqlite, &current, &wanted).await;
    if found != expected {
        return Err(format!("{found:#?}\n{expected:#?}\n{sql}"));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_two_schemas_share_keeps_its_values(
        before in prop::collection::vec(table(), TABLES),
        after in prop::collection::vec(table(), TABLES),
    ) {
        let folder = std::env::temp_dir().join(format!("site-random-{}/miniflare-D1DatabaseObject", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let outcome = runtime.block_on(run(&folder.join("random.sqlite"), &before, &after));
        let _ = std::fs::remove_dir_all(folder.parent().unwrap());
        prop_assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    }
}
