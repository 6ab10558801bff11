//! The two declarations: a table, and a row made of columns of one or more tables.

/// Declares a table: a module of [`super::Column`]s, and a struct that is both the whole row and what is inserted.
macro_rules! table {
    (
        $(#[$doc:meta])*
        $table:ident: $row:ident {
            $($(#[$column_doc:meta])* $column:ident: $type:ty $(=> $($rule:ident($($arg:expr),*)).+)?,)+
        }
        indexes: [$([$($indexed:literal),+]),* $(,)?]
        $(search: $search:literal)?
    ) => {
        $(#[$doc])*
        #[expect(non_upper_case_globals, reason = "columns are called what they are called in SQL")]
        pub mod $table {
            use super::*;
            use crate::schema::{Column, Table};

            $(
                $(#[$column_doc])*
                pub const $column: Column =
                    Column::new::<$type>(stringify!($table), stringify!($column))$($(.$rule($($arg),*))+)?;
            )+

            /// The whole table.
            pub const TABLE: Table = Table {
                name: stringify!($table),
                columns: &[$($column),+],
                indexes: &[$(&[$($indexed),+]),*],
                search: $crate::schema::macros::first_or_none!($($search)?),
            };
        }

        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $row { $($(#[$column_doc])* pub $column: $type,)+ }

        impl $crate::FromRow for $row {
            const COLUMNS: &'static [$crate::schema::Column] = $table::TABLE.columns;

            fn from_row(cells: &mut $crate::Cells<'_>) -> Result<Self, $crate::DbError> {
                Ok(Self { $($column: cells.take(&$table::$column)?,)+ })
            }
        }

        impl $crate::queries::Insert for $row {
            const TABLE: $crate::schema::Table = $table::TABLE;

            fn values(&self) -> Vec<$crate::Value> {
                vec![$($crate::ToValue::to_value(&self.$column)),+]
            }
        }
    };
}

/// Declares a row type by the columns it takes.
macro_rules! row {
    ($(#[$doc:meta])* $row:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $column:path,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $row { $($(#[$field_doc])* pub $field: $type,)+ }

        impl $crate::FromRow for $row {
            const COLUMNS: &'static [$crate::schema::Column] = &[$($column),+];

            fn from_row(cells: &mut $crate::Cells<'_>) -> Result<Self, $crate::DbError> {
                Ok(Self { $($field: cells.take(&$column)?,)+ })
            }
        }
    };
}

macro_rules! first_or_none {
    () => {
        None
    };
    ($first:literal) => {
        Some($first)
    };
}

pub(crate) use {first_or_none, row, table};
