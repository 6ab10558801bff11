//! What a declaration says about a column and a table.

use crate::value::{Kind, Stored};

/// A column as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How it is stored.
    pub kind: Kind,
    /// Whether NULL is allowed.
    pub nullable: bool,
    /// Whether it is (part of) the primary key.
    pub is_key: bool,
    /// Whether no two rows may share a value.
    pub is_unique: bool,
    /// The column it refers to, deleted with it.
    pub references: Option<(&'static str, &'static str)>,
    /// The most characters of a text; engines that index text need it.
    pub max: Option<u16>,
    /// The only words allowed.
    pub words: Option<&'static [&'static str]>,
}

impl Column {
    /// A column of the Rust type `T`.
    pub const fn new<T: Stored>(table: &'static str, name: &'static str) -> Self {
        Self {
            table,
            name,
            kind: T::KIND,
            nullable: T::NULLABLE,
            is_key: false,
            is_unique: false,
            references: None,
            max: None,
            words: T::WORDS,
        }
    }

    /// The primary key.
    pub const fn key(mut self) -> Self {
        self.is_key = true;
        self
    }

    /// No two rows share a value.
    pub const fn unique(mut self) -> Self {
        self.is_unique = true;
        self
    }

    /// Refers to `column` of `table`; when that row is deleted, this one goes too.
    pub const fn cascades(mut self, table: &'static str, column: &'static str) -> Self {
        self.references = Some((table, column));
        self
    }

    /// At most `characters` characters.
    pub const fn max(mut self, characters: u16) -> Self {
        self.max = Some(characters);
        self
    }
}

/// A table as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
    /// Its indexes, each the columns in order.
    pub indexes: &'static [&'static [&'static str]],
    /// The column whose words the engine's full-text search finds.
    pub search: Option<&'static str>,
}
