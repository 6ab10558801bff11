//! The two declarations: `table!` for a table, and `row!` for a row made of columns of one or more tables.
//!
//! Both give a struct. A column's name is a constant and a type: `posts::title` is its [`super::Column`] where a value is
//! expected, and its Rust type where a type is, so that a row says neither type nor meaning again.

/// Declares a table: a module with its columns, and a struct that is both the whole row and what is inserted.
macro_rules! table {
    (
        $(#[$doc:meta])*
        $table:ident: $row:ident {
            $($(#[$column_doc:meta])* $column:ident: $type:ty $(=> $($rule:ident($($arg:expr),*)).+)?,)+
        }
        indexes: [$([$($indexed:ident),+]),* $(,)?]
        $(search: $search:ident)?
    ) => {
        $(#[$doc])*
        #[expect(non_upper_case_globals, non_camel_case_types, reason = "columns are called what they are called in SQL")]
        pub mod $table {
            use super::*;
            use $crate::schema::{Column, Table};

            $(
                $(#[$column_doc])*
                pub const $column: Column =
                    Column::new::<$type>(stringify!($table), stringify!($column))$($(.$rule($($arg),*))+)?;

                $(#[$column_doc])*
                pub type $column = $type;
            )+

            /// The whole table.
            pub const TABLE: Table =
                Table::new(stringify!($table), &[$($column),+], &[$(&[$($indexed),+]),*])$(.search($search))?;
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

        impl $crate::schema::Insert for $row {
            const TABLE: $crate::schema::Table = $table::TABLE;

            fn values(&self) -> Vec<$crate::Value> {
                vec![$($crate::ToValue::to_value(&self.$column)),+]
            }
        }
    };
}

/// Declares a row by the columns that it takes: `title = posts::title`. A field is named freely and has its column's type,
/// unless it names one that is stricter: `published_at: Timestamp = posts::published_at`. Fields after `later` come from no
/// column; a query may fill them.
macro_rules! row {
    ($(#[$doc:meta])* $row:ident {
        $($(#[$field_doc:meta])* $field:ident $(: $type:ty)? = $table:ident::$column:ident,)+
    } $(later { $($(#[$later_doc:meta])* $later:ident: $later_type:ty,)+ })?) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $row {
            $(
                $(#[$field_doc])*
                #[doc = concat!("The column [`", stringify!($table), "::", stringify!($column), "`](const@", stringify!($table), "::", stringify!($column), ").")]
                pub $field: $crate::schema::macros::field_type!($($type)?, $table::$column),
            )+
            $($($(#[$later_doc])* pub $later: $later_type,)+)?
        }

        impl $crate::FromRow for $row {
            const COLUMNS: &'static [$crate::schema::Column] = &[$($table::$column),+];

            fn from_row(cells: &mut $crate::Cells<'_>) -> Result<Self, $crate::DbError> {
                Ok(Self {
                    $($field: cells.take(&$table::$column)?,)+
                    $($($later: Default::default(),)+)?
                })
            }
        }
    };
}

/// The type that a field names, else its column's.
macro_rules! field_type {
    (, $column:ty) => {
        $column
    };
    ($named:ty, $column:ty) => {
        $named
    };
}

pub(crate) use {field_type, row, table};
