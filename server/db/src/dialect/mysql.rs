//! MySQL and MariaDB.

use std::borrow::Cow;

use domain::Search;

use super::{Rules, ScriptSyntax, adjacent, long_phrases, tokens};
use crate::schema::column::{Column, Table};
use crate::value::Kind;

pub(super) struct MySql;

impl Rules for MySql {
    fn name(&self) -> &'static str {
        "mysql"
    }

    fn quote(&self) -> char {
        '`'
    }

    fn reserved_names(&self) -> &'static [&'static str] {
        &["key"]
    }

    /// A text without a declared length cannot be indexed whole.
    fn column_type(&self, column: &Column) -> Cow<'static, str> {
        Cow::Borrowed(match (column.kind, column.max) {
            (Kind::Text, Some(max)) => return Cow::Owned(format!("VARCHAR({max})")),
            (Kind::Text, None) => "LONGTEXT",
            (Kind::Uuid, _) => "CHAR(36) CHARACTER SET ascii",
            (Kind::Bool, _) => "TINYINT(1)",
            (Kind::Int, _) => "BIGINT",
            (Kind::Time, _) => "DATETIME(3)",
            (Kind::Float, _) => "DOUBLE",
            (Kind::Bytes, _) => "LONGBLOB",
        })
    }

    /// By its server's own rules, MySQL takes a letter for equal to its capital and its accented form: here bytes are
    /// compared, as on the other engines.
    fn table_options(&self) -> &'static str {
        " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    }

    fn create_search(&self, table: &Table, column: &Column) -> String {
        let (table, column) = (table.name, column.name);
        format!("CREATE FULLTEXT INDEX {table}_{column}_idx ON {table} ({column});\n")
    }

    fn search(&self, column: &Column, search: &Search) -> (String, Vec<String>) {
        let Column { table, name, .. } = column;
        let words = tokens(search).map(|(token, is_prefix)| {
            let star = if is_prefix { "*" } else { "" };
            format!("+{token}{star}")
        });
        let mut parameters = vec![words.collect::<Vec<_>>().join(" ")];
        let mut condition = format!("MATCH ({table}.{name}) AGAINST (? IN BOOLEAN MODE)");
        for phrase in long_phrases(search) {
            parameters.push(adjacent(phrase));
            condition.push_str(&format!(
                " AND LOCATE(?, CONCAT(' ', {table}.{name}, ' ')) > 0"
            ));
        }
        (condition, parameters)
    }

    /// Ids are parameters, in chunks: MySQL and MariaDB have no common JSON function for it.
    fn in_json_list(&self, _: &Column) -> Option<String> {
        None
    }

    fn row_digest(&self, part: u8, values: &str) -> String {
        format!("SHA2(JSON_ARRAY({part}, {values}), 256)")
    }

    fn script_syntax(&self) -> ScriptSyntax {
        ScriptSyntax {
            has_hash_comments: true,
            has_spaced_dash_comments: true,
            has_executable_comments: true,
            has_backslash_escapes: true,
            has_backtick_names: true,
            has_unix_line_ends: true,
            has_client_commands: true,
            has_delimiter_command: true,
            ..ScriptSyntax::default()
        }
    }
}
