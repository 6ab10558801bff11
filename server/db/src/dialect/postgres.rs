//! PostgreSQL.

use std::borrow::Cow;

use domain::Search;

use super::{Bodies, Rules, ScriptSyntax, adjacent, long_phrases, tokens};
use crate::schema::column::{Column, Table};
use crate::value::Kind;

pub(super) struct Postgres;

impl Rules for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn column_type(&self, column: &Column) -> Cow<'static, str> {
        Cow::Borrowed(match column.kind {
            Kind::Text => "text",
            Kind::Uuid => "uuid",
            Kind::Bool => "boolean",
            Kind::Int => "bigint",
            Kind::Time => "timestamptz(3)",
            Kind::Float => "double precision",
            Kind::Bytes => "bytea",
        })
    }

    fn truth_value(&self, truth: bool) -> &'static str {
        if truth { "true" } else { "false" }
    }

    fn create_search(&self, table: &Table, column: &Column) -> String {
        let (table, column) = (table.name, column.name);
        format!(
            "CREATE INDEX {table}_{column}_idx ON {table} USING gin (to_tsvector('simple', {column}));\n"
        )
    }

    fn search(&self, column: &Column, search: &Search) -> (String, Vec<String>) {
        let Column { table, name, .. } = column;
        let words = tokens(search).map(|(token, is_prefix)| {
            let prefix = if is_prefix { ":*" } else { "" };
            format!("'{token}'{prefix}")
        });
        let mut parameters = vec![words.collect::<Vec<_>>().join(" & ")];
        let mut condition =
            format!("to_tsvector('simple', {table}.{name}) @@ to_tsquery('simple', $1)");
        for phrase in long_phrases(search) {
            parameters.push(adjacent(phrase));
            let n = parameters.len();
            condition.push_str(&format!(
                " AND strpos(' ' || {table}.{name} || ' ', ${n}) > 0"
            ));
        }
        (condition, parameters)
    }

    fn in_json_list(&self, column: &Column) -> Option<String> {
        let Column { table, name, .. } = column;
        Some(format!(
            "{table}.{name} = ANY (SELECT value::uuid FROM json_array_elements_text($1::json))"
        ))
    }

    fn placeholder(&self) -> &'static str {
        "$1"
    }

    fn digested(&self, column: &Column) -> String {
        let Column {
            table, name, kind, ..
        } = column;
        match kind {
            // As text, a time would depend on the connection's time zone.
            Kind::Time => format!("{table}.{name} AT TIME ZONE 'UTC'"),
            Kind::Bool | Kind::Int | Kind::Float | Kind::Text | Kind::Bytes | Kind::Uuid => {
                format!("{table}.{name}")
            }
        }
    }

    fn row_digest(&self, part: u8, values: &str) -> String {
        format!(
            "encode(sha256(convert_to(json_build_array({part}, {values})::text, 'UTF8')), 'hex')"
        )
    }

    fn script_syntax(&self) -> ScriptSyntax {
        ScriptSyntax {
            has_nested_comments: true,
            has_escape_strings: true,
            has_dollar_quotes: true,
            has_client_commands: true,
            bodies: Bodies::Atomic,
            ..ScriptSyntax::default()
        }
    }
}
