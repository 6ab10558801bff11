//! The dialects of SQL, and every fact in which they differ.
//!
//! Owns column types, quoting, full-text search, lists of ids, row digests, and how a script is split into statements: one
//! file for each dialect. Code elsewhere asks a [`Dialect`] for a fact and never compares it. Absent: what one server does
//! and another of the same dialect does not; that is the drivers' and the contract suite's.

mod mysql;
mod postgres;
mod sqlite;

use std::borrow::Cow;

pub use database_url::ServerDialect;
use domain::{Phrase, Search};
use sea_query::{
    MysqlQueryBuilder, PostgresQueryBuilder, QueryStatementWriter, SqliteQueryBuilder, Values,
};

use crate::schema::column::{Column, DefaultValue, Table};

/// The dialect of SQL that an engine speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite, and so D1.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
}

impl From<ServerDialect> for Dialect {
    fn from(dialect: ServerDialect) -> Self {
        match dialect {
            ServerDialect::Postgres => Self::Postgres,
            ServerDialect::MySql => Self::MySql,
        }
    }
}

/// The facts of one dialect.
trait Rules {
    /// See [`Dialect::name`].
    fn name(&self) -> &'static str;

    /// See [`Dialect::max_parameters`].
    fn max_parameters(&self) -> usize {
        65_535
    }

    /// See [`Dialect::max_value_bytes`].
    fn max_value_bytes(&self) -> usize {
        usize::MAX
    }

    /// See [`Dialect::quote`].
    fn quote(&self) -> char {
        '"'
    }

    /// Column names that this dialect reserves, among those that the schema has.
    fn reserved_names(&self) -> &'static [&'static str] {
        &[]
    }

    /// See [`Dialect::column_type`].
    fn column_type(&self, column: &Column) -> Cow<'static, str>;

    /// See [`Dialect::default_value`].
    fn truth_value(&self, truth: bool) -> &'static str {
        if truth { "1" } else { "0" }
    }

    /// See [`Dialect::row_number_column`].
    fn row_number_column(&self) -> Option<&'static str> {
        None
    }

    /// See [`Dialect::table_options`].
    fn table_options(&self) -> &'static str {
        ""
    }

    /// See [`Dialect::create_search`].
    fn create_search(&self, table: &Table, column: &Column) -> String;

    /// See [`Dialect::search`].
    fn search(&self, column: &Column, search: &Search) -> (String, Vec<String>);

    /// See [`Dialect::search_index`].
    fn search_index(&self, _table: &str) -> Option<SearchIndex> {
        None
    }

    /// See [`Dialect::in_json_list`].
    fn in_json_list(&self, column: &Column) -> Option<String>;

    /// See [`Dialect::placeholder`].
    fn placeholder(&self) -> &'static str {
        "?"
    }

    /// See [`Dialect::digested`].
    fn digested(&self, column: &Column) -> String {
        let Column { table, name, .. } = column;
        format!("{table}.{name}")
    }

    /// See [`Dialect::row_digest`].
    fn row_digest(&self, part: u8, values: &str) -> String;

    /// See [`Dialect::script_syntax`].
    fn script_syntax(&self) -> ScriptSyntax {
        ScriptSyntax::default()
    }
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::MySql];

    fn rules(self) -> &'static dyn Rules {
        match self {
            Self::Sqlite => &sqlite::Sqlite,
            Self::Postgres => &postgres::Postgres,
            Self::MySql => &mysql::MySql,
        }
    }

    /// The SQL of a statement that sea-query built, and its parameters.
    pub(crate) fn render(self, built: &impl QueryStatementWriter) -> (String, Values) {
        // Without its driver, nothing asks for a dialect's SQL: the Worker is smaller by what writes it.
        match self {
            Self::Postgres if cfg!(feature = "postgres") => built.build(PostgresQueryBuilder),
            Self::MySql if cfg!(feature = "mysql") => built.build(MysqlQueryBuilder),
            Self::Sqlite => built.build(SqliteQueryBuilder),
            Self::Postgres | Self::MySql => {
                unreachable!("no driver of this build speaks {self:?}")
            }
        }
    }

    /// The dialect's name, as folders and messages use it.
    pub fn name(self) -> &'static str {
        self.rules().name()
    }

    /// The most parameters that one statement may have. D1's limit stands for SQLite, wherever it runs.
    pub fn max_parameters(self) -> usize {
        self.rules().max_parameters()
    }

    /// The most bytes that one value may have. D1's limit stands for SQLite, wherever it runs.
    pub fn max_value_bytes(self) -> usize {
        self.rules().max_value_bytes()
    }

    /// The character on both sides of a quoted name.
    pub(crate) fn quote(self) -> char {
        self.rules().quote()
    }

    /// A column's name for DDL, quoted only where the dialect reserves it.
    pub(crate) fn ddl_name(self, name: &'static str) -> Cow<'static, str> {
        if self.rules().reserved_names().contains(&name) {
            let quote = self.quote();
            Cow::Owned(format!("{quote}{name}{quote}"))
        } else {
            Cow::Borrowed(name)
        }
    }

    /// The type of a column in DDL.
    pub(crate) fn column_type(self, column: &Column) -> Cow<'static, str> {
        self.rules().column_type(column)
    }

    /// A default in DDL.
    pub(crate) fn default_value(self, value: DefaultValue) -> String {
        match value {
            DefaultValue::Int(number) => number.to_string(),
            DefaultValue::Bool(truth) => self.rules().truth_value(truth).to_owned(),
            DefaultValue::Text(text) => format!("'{}'", text.replace('\'', "''")),
        }
    }

    /// The DDL of the primary key by which full-text search knows a row, where it is not the declared one.
    pub(crate) fn row_number_column(self) -> Option<&'static str> {
        self.rules().row_number_column()
    }

    /// The options after the closing parenthesis of CREATE TABLE.
    pub(crate) fn table_options(self) -> &'static str {
        self.rules().table_options()
    }

    /// The DDL of the full-text index over `column`.
    pub(crate) fn create_search(self, table: &Table, column: &Column) -> String {
        self.rules().create_search(table, column)
    }

    /// A condition that holds for rows whose `column` has every phrase of `search`, and its parameters. Where there is a
    /// [`SearchIndex`], it is about the rows of that table.
    pub(crate) fn search(self, column: &Column, search: &Search) -> (String, Vec<String>) {
        self.rules().search(column, search)
    }

    /// The full-text index of `table`, where it is a table of its own.
    pub(crate) fn search_index(self, table: &str) -> Option<SearchIndex> {
        self.rules().search_index(table)
    }

    /// A condition that holds for rows whose `column` is in a JSON list, its one parameter; `None` where there is no such
    /// condition that uses the index.
    pub(crate) fn in_json_list(self, column: &Column) -> Option<String> {
        self.rules().in_json_list(column)
    }

    /// The place of the first parameter in a text.
    pub(crate) fn placeholder(self) -> &'static str {
        self.rules().placeholder()
    }

    /// The value of a column as an element of JSON that depends on nothing but the value.
    pub(crate) fn digested(self, column: &Column) -> String {
        self.rules().digested(column)
    }

    /// An expression that gives `part` and `values`, separated by commas, as one text, or that text's hash where the engine has a
    /// hash function.
    pub(crate) fn row_digest(self, part: u8, values: &str) -> String {
        self.rules().row_digest(part, values)
    }

    /// The comments and quotes that matter when a script is split into statements.
    pub fn script_syntax(self) -> ScriptSyntax {
        self.rules().script_syntax()
    }
}

/// A full-text index that is a table of its own. It knows the rows of the searched table by number.
pub(crate) struct SearchIndex {
    /// Its name.
    pub(crate) name: String,
    /// Its column with the number of a row.
    pub(crate) number: &'static str,
    /// The column of the searched table with that number.
    pub(crate) row_number: &'static str,
}

/// Comments and quotes beyond those that every dialect has (`--`, `/* */`, `'…'`, `"…"`), and what else decides where the
/// engine's own client cuts a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScriptSyntax {
    /// `#` begins a comment.
    pub has_hash_comments: bool,
    /// `--` begins a comment only before a space.
    pub has_spaced_dash_comments: bool,
    /// `/* /* */ */` is one comment.
    pub has_nested_comments: bool,
    /// The server runs what stands in `/*! … */`.
    pub has_executable_comments: bool,
    /// A backslash in a string escapes the character after it.
    pub has_backslash_escapes: bool,
    /// A backslash in a string that begins with `E'` escapes the character after it.
    pub has_escape_strings: bool,
    /// `$$…$$` and `$name$…$name$` are strings.
    pub has_dollar_quotes: bool,
    /// `` `…` `` is a name.
    pub has_backtick_names: bool,
    /// `[…]` is a name.
    pub has_bracket_names: bool,
    /// A backslash outside quotes begins a command of the engine's client.
    pub has_client_commands: bool,
    /// The client takes `\r\n` for `\n`, in strings too.
    pub has_unix_line_ends: bool,
    /// `DELIMITER //` ends statements by something else than a semicolon.
    pub has_delimiter_command: bool,
    /// The bodies in which a semicolon ends nothing.
    pub bodies: Bodies,
}

/// The bodies in which a semicolon does not end a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bodies {
    /// None: another delimiter is set around them.
    #[default]
    None,
    /// Functions and procedures with `BEGIN ATOMIC … END`, and everything in parentheses.
    Atomic,
    /// Triggers, which end with `; END;`.
    Triggers,
}

/// The text that a column's tokens hold, between spaces, where it has `phrase`. An index knows only which tokens a row has, not
/// that they are next to each other: PostgreSQL keeps 256 places of a token, and MySQL's phrases have no prefix.
fn adjacent(phrase: &Phrase) -> String {
    let end = if phrase.is_prefix() { "" } else { " " };
    format!(" {}{end}", phrase.tokens().join(" "))
}

/// The phrases of which a row must be searched itself, because they have several tokens.
fn long_phrases(search: &Search) -> impl Iterator<Item = &Phrase> {
    let phrases = search.phrases().iter();
    phrases.filter(|phrase| phrase.tokens().len() > 1)
}

/// The tokens of a search, each with whether it may go on.
fn tokens(search: &Search) -> impl Iterator<Item = (&str, bool)> {
    search.phrases().iter().flat_map(|phrase| {
        let last = phrase.tokens().len() - 1;
        let tokens = phrase.tokens().iter().enumerate();
        tokens.map(move |(n, token)| (token.as_str(), phrase.is_prefix() && n == last))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tables::posts;

    #[test]
    fn searches_in_each_dialect() {
        let search = Search::parse("夜の列 \"or -not* 車 tra");
        for (dialect, parameters) in [
            (
                Dialect::Sqlite,
                vec![r#""zetoz6se z6sezdfr" "or" "not" "zpfe"* "tra"*"#],
            ),
            (
                Dialect::Postgres,
                vec![
                    "'zetoz6se' & 'z6sezdfr' & 'or' & 'not' & 'zpfe':* & 'tra':*",
                    " zetoz6se z6sezdfr ",
                ],
            ),
            (
                Dialect::MySql,
                vec![
                    "+zetoz6se +z6sezdfr +or +not +zpfe* +tra*",
                    " zetoz6se z6sezdfr ",
                ],
            ),
        ] {
            let (condition, found) = dialect.search(&posts::search_text, &search);
            assert_eq!(found, parameters);
            let places = condition.matches(['?', '$']).count();
            assert_eq!(places, parameters.len(), "{condition}");
        }
    }
}
