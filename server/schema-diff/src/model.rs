//! The model: plain data, the same for every engine; types and expressions are the engine's own.

use db::Dialect;
use serde::Serialize;

/// The tables of a database, parents before the tables that refer to them.
#[derive(Clone, Debug, Serialize)]
pub struct Schema {
    /// The dialect of types and expressions.
    #[serde(skip)]
    pub dialect: Dialect,
    /// Every table but the engine's and the runner's own.
    pub tables: Vec<Table>,
    /// Views: no declaration makes one, and a rebuild keeps them.
    pub views: Vec<Stored>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns of its primary key.
    pub primary_key: Vec<String>,
    /// Its unique constraints.
    pub uniques: Vec<Unique>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its CHECK constraints.
    pub checks: Vec<Check>,
    /// Its indexes, without those that a constraint brings.
    pub indexes: Vec<Index>,
    /// The options after the closing parenthesis that matter: the character set, `STRICT`.
    pub options: String,
    /// The virtual table of its full-text search, where the engine needs one.
    pub search: Option<Search>,
    /// Other triggers: no declaration makes one, and a rebuild keeps them.
    pub triggers: Vec<Stored>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type in the engine's own words, in small letters.
    pub sql_type: String,
    /// True if NULL is allowed.
    pub is_nullable: bool,
    /// Its default.
    pub default: Option<Expression>,
    /// Its collation, where it is not the table's.
    pub collation: Option<String>,
    /// The rest of its definition: a generated column, AUTOINCREMENT.
    pub extra: Option<String>,
}

/// A unique constraint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unique {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its columns.
    pub columns: Vec<String>,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForeignKey {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table it refers to.
    pub parent: String,
    /// The columns it refers to; none means the primary key.
    pub parent_columns: Vec<String>,
    /// The action when the parent row is deleted, if it is not to refuse.
    pub on_delete: Option<String>,
    /// The action when the parent key changes, if it is not to refuse.
    pub on_update: Option<String>,
}

/// A CHECK constraint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its condition.
    pub condition: Expression,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// True if no two rows may have the same values.
    pub is_unique: bool,
    /// `gin`, `fulltext` …; `None` for the engine's ordinary one.
    pub method: Option<String>,
    /// Its columns or expressions, each with its direction.
    pub parts: Vec<Expression>,
    /// The rows that it holds, if not all.
    pub condition: Option<Expression>,
}

/// A virtual table with the words of a table, and the triggers that keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Search {
    /// The virtual table.
    pub table: Stored,
    /// Its triggers.
    pub triggers: Vec<Stored>,
}

/// An object that is known by its SQL.
#[derive(Clone, Debug, Serialize)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// The statement that makes it, without a semicolon.
    pub sql: String,
}

/// Two are equal if their SQL differs in blanks and quotes of names only: SQLite rewrites both.
impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        let plain = |sql: &str| sql.replace(['"', ' ', '\n'], "");
        self.name == other.name && plain(&self.sql) == plain(&other.sql)
    }
}

impl Eq for Stored {}

/// An expression: as it was written, and in a form in which engines' own ways of writing it are equal.
#[derive(Clone, Debug, Serialize)]
pub struct Expression {
    /// SQL that can be run.
    pub sql: String,
    /// The form that is compared.
    #[serde(skip)]
    pub(crate) canonical: String,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Expression {}

impl Schema {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

impl Table {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// True if a foreign key of this table refers to `parent`.
    pub(crate) fn refers_to(&self, parent: &str) -> bool {
        self.foreign_keys.iter().any(|key| key.parent == parent)
    }
}
