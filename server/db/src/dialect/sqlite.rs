//! SQLite, and so D1, whose limits hold wherever SQLite runs.

use std::borrow::Cow;

use domain::Search;

use super::{Bodies, Rules, ScriptSyntax, SearchIndex};
use crate::schema::column::{Column, Table};
use crate::value::Kind;

pub(super) struct Sqlite;

impl Rules for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn max_parameters(&self) -> usize {
        100
    }

    fn max_value_bytes(&self) -> usize {
        2_000_000
    }

    fn column_type(&self, column: &Column) -> Cow<'static, str> {
        Cow::Borrowed(match column.kind {
            Kind::Text | Kind::Uuid => "TEXT",
            Kind::Bool | Kind::Int | Kind::Time => "INTEGER",
            Kind::Float => "REAL",
            Kind::Bytes => "BLOB",
        })
    }

    /// FTS5 knows rows by number. A declared number survives VACUUM, the hidden one does not.
    fn row_number_column(&self) -> Option<&'static str> {
        Some("search_id INTEGER PRIMARY KEY")
    }

    fn create_search(&self, table: &Table, column: &Column) -> String {
        let (table, column) = (table.name, column.name);
        format!(
            "CREATE VIRTUAL TABLE {table}_fts USING fts5({column}, content='{table}', content_rowid='search_id', \
             tokenize='unicode61 remove_diacritics 2', prefix='2 3');\n\
             CREATE TRIGGER {table}_fts_insert AFTER INSERT ON {table} BEGIN\n  \
             INSERT INTO {table}_fts (rowid, {column}) VALUES (new.search_id, new.{column});\nEND;\n\
             CREATE TRIGGER {table}_fts_delete AFTER DELETE ON {table} BEGIN\n  \
             INSERT INTO {table}_fts ({table}_fts, rowid, {column}) VALUES ('delete', old.search_id, old.{column});\nEND;\n\
             CREATE TRIGGER {table}_fts_update AFTER UPDATE OF {column} ON {table} BEGIN\n  \
             INSERT INTO {table}_fts ({table}_fts, rowid, {column}) VALUES ('delete', old.search_id, old.{column});\n  \
             INSERT INTO {table}_fts (rowid, {column}) VALUES (new.search_id, new.{column});\nEND;\n"
        )
    }

    fn search(&self, column: &Column, search: &Search) -> (String, Vec<String>) {
        let table = column.table;
        let condition = format!("{table}_fts MATCH ?");
        let phrases = search.phrases().iter().map(|phrase| {
            let star = if phrase.is_prefix() { "*" } else { "" };
            format!("\"{}\"{star}", phrase.tokens().join(" "))
        });
        (condition, vec![phrases.collect::<Vec<_>>().join(" ")])
    }

    fn search_index(&self, table: &str) -> Option<SearchIndex> {
        Some(SearchIndex {
            name: format!("{table}_fts"),
            number: "rowid",
            row_number: "search_id",
        })
    }

    fn in_json_list(&self, column: &Column) -> Option<String> {
        let Column { table, name, .. } = column;
        Some(format!(
            "{table}.{name} IN (SELECT value FROM json_each(?))"
        ))
    }

    /// SQLite has no hash function: the values travel.
    fn row_digest(&self, part: u8, values: &str) -> String {
        format!("json_array({part}, {values})")
    }

    fn script_syntax(&self) -> ScriptSyntax {
        ScriptSyntax {
            has_backtick_names: true,
            has_unix_line_ends: true,
            has_bracket_names: true,
            bodies: Bodies::Triggers,
            ..ScriptSyntax::default()
        }
    }
}
