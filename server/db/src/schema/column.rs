//! Columns and tables as the schema declares them.

use super::personal::Personal;
use crate::Value;
use crate::value::{Kind, Stored};

/// A column as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name of its table.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its kind of storage.
    pub kind: Kind,
    /// True if NULL is allowed.
    pub is_nullable: bool,
    /// True if it is (part of) the primary key.
    pub is_key: bool,
    /// True if no two rows may have the same value.
    pub is_unique: bool,
    /// The table and the column it refers to; deleting that row deletes this one.
    pub references: Option<(&'static str, &'static str)>,
    /// The most characters of a text; MySQL needs it for text that it indexes.
    pub max: Option<u16>,
    /// The only values allowed, if the type is a closed set.
    pub words: Option<&'static [&'static str]>,
    /// The value of rows that existed before the column did, and of inserts that name none.
    pub default: Option<DefaultValue>,
    /// The characters that a query takes from the beginning of a text; `None` for all.
    pub first: Option<u32>,
    /// The decision about an anonymised export.
    pub personal: Option<Personal>,
}

impl Column {
    /// A column that holds values of the Rust type `T`.
    pub const fn new<T: Stored>(table: &'static str, name: &'static str) -> Self {
        Self {
            table,
            name,
            kind: T::KIND,
            is_nullable: T::NULLABLE,
            is_key: false,
            is_unique: false,
            references: None,
            max: None,
            words: T::WORDS,
            default: None,
            first: None,
            personal: None,
        }
    }

    /// The beginning of a text, of `characters` characters.
    pub(crate) const fn first(mut self, characters: u32) -> Self {
        self.first = Some(characters);
        self
    }

    /// Makes it the primary key, or a part of it where another column is one too.
    pub const fn key(mut self) -> Self {
        self.is_key = true;
        self
    }

    /// Allows each value once.
    pub const fn unique(mut self) -> Self {
        self.is_unique = true;
        self
    }

    /// Makes it a foreign key to `parent`; deleting the parent row deletes this one.
    pub const fn cascades(mut self, parent: Self) -> Self {
        self.references = Some((parent.table, parent.name));
        self
    }

    /// Gives it a default: a column that allows no NULL needs one when it is added to a table that has rows.
    pub const fn default(mut self, value: DefaultValue) -> Self {
        self.default = Some(value);
        self
    }

    /// Decides what becomes of its values in an anonymised export.
    pub const fn personal(mut self, personal: Personal) -> Self {
        self.personal = Some(personal);
        self
    }

    /// Allows at most `characters` characters.
    pub const fn max(mut self, characters: u16) -> Self {
        self.max = Some(characters);
        self
    }
}

/// The default of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// A whole number.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// A text.
    Text(&'static str),
}

/// A table as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
    /// Its indexes, each a list of columns in order.
    pub indexes: &'static [&'static [Column]],
    /// The column with the words that full-text search finds.
    pub search: Option<Column>,
}

impl Table {
    /// A table without full-text search.
    pub const fn new(
        name: &'static str,
        columns: &'static [Column],
        indexes: &'static [&'static [Column]],
    ) -> Self {
        Self {
            name,
            columns,
            indexes,
            search: None,
        }
    }

    /// Adds full-text search over `column`.
    pub const fn search(mut self, column: Column) -> Self {
        self.search = Some(column);
        self
    }
}

/// A struct that is a whole row of a declared table.
pub trait Insert {
    /// Its table.
    const TABLE: Table;

    /// Its values, in the order of the table's columns.
    fn values(&self) -> Vec<Value>;
}
