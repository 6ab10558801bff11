//! A table with a column of every kind, with and without NULL; a child table; and rows that misread them.

use domain::{PostId, Role, Timestamp, UserId};

use crate::schema::macros::{row, table};
use crate::{Db, DbError, Statement};

table! {
    /// A row with a column of every kind. It has no index by time: one would put ties in order for a query that forgot to.
    scratch: ScratchRow {
        /// The key.
        id: UserId => key(),
        /// A truth value.
        flag: bool,
        /// A whole number.
        whole: i64,
        /// A number.
        number: f64,
        /// Text that no other row has.
        label: String => unique().max(100),
        /// Text.
        text: String,
        /// Bytes.
        bytes: Vec<u8>,
        /// A time.
        at: Timestamp,
        /// A text enum.
        role: Role => max(16),
        /// A truth value or nothing.
        maybe_flag: Option<bool>,
        /// A whole number or nothing.
        maybe_whole: Option<i64>,
        /// A number or nothing.
        maybe_number: Option<f64>,
        /// Text or nothing.
        maybe_text: Option<String>,
        /// Bytes or nothing.
        maybe_bytes: Option<Vec<u8>>,
        /// A UUID or nothing.
        maybe_id: Option<PostId>,
        /// A time or nothing.
        maybe_at: Option<Timestamp>,
    }
    indexes: []
}

table! {
    /// A row that refers to another.
    scratch_child: ScratchChild {
        /// The key.
        id: PostId => key(),
        /// The parent.
        parent_id: UserId => cascades(scratch::id),
    }
    indexes: [[parent_id]]
}

row! {
    /// A column that may be NULL.
    Maybe {
        maybe_text = scratch::maybe_text,
    }
}

row! {
    /// A column that may be NULL, as if it could not.
    NeverNull {
        maybe_text: String = scratch::maybe_text,
    }
}

row! {
    /// A column as a type that it is not, after one that is right.
    Misread {
        id = scratch::id,
        text: i64 = scratch::text,
    }
}

/// Drops both tables and creates them.
///
/// # Errors
/// Any [`DbError`].
pub async fn create(db: &Db) -> Result<(), DbError> {
    let mut sql =
        String::from("DROP TABLE IF EXISTS scratch_child; DROP TABLE IF EXISTS scratch; ");
    for table in [scratch::TABLE, scratch_child::TABLE] {
        sql.push_str(&crate::schema::ddl::create(db.dialect(), &table));
    }
    for statement in sql
        .split(';')
        .map(str::trim)
        .filter(|statement| !statement.is_empty())
    {
        db.run(&Statement::plain(statement)).await?;
    }
    Ok(())
}
