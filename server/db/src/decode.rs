//! Strict decoding: a cell is of its declared type, or the query fails with the name of the column.
//!
//! Absent: the domain's own types, which are in `domain_types.rs`.

use uuid::Uuid;

use crate::schema::column::Column;
use crate::{DbError, Value};

/// The largest whole number that a double holds exactly, as JavaScript's `Number.MAX_SAFE_INTEGER`.
pub(crate) const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// A row type: the columns that it needs, in order, and its decoding.
pub trait FromRow: Sized {
    /// The columns that a query must select, in this order.
    const COLUMNS: &'static [Column];

    /// Decodes one row.
    ///
    /// # Errors
    /// [`DbError::Decode`] with the table and column of the first cell that is not of its declared type.
    fn from_row(cells: &mut Cells<'_>) -> Result<Self, DbError>;
}

/// The cells of one row, decoded from left to right.
pub struct Cells<'a>(std::slice::IterMut<'a, Value>);

impl<'a> Cells<'a> {
    /// Starts at the first cell of `row`. Decoding takes the values out of it.
    pub fn new(row: &'a mut [Value]) -> Self {
        Self(row.iter_mut())
    }

    /// Decodes the next cell, which is `column`.
    ///
    /// # Errors
    /// [`DbError::Decode`] when the cell is missing or not a `T`.
    pub fn take<T: FromValue>(&mut self, column: &Column) -> Result<T, DbError> {
        let value = self
            .0
            .next()
            .map_or(Value::Null, |cell| std::mem::replace(cell, Value::Null));
        T::from_value(value).map_err(|found| DbError::Decode {
            table: column.table,
            column: column.name,
            expected: T::EXPECTED,
            found,
        })
    }
}

/// A Rust type that a cell can be decoded to.
pub trait FromValue: Sized {
    /// The expected kind of value, for the message.
    const EXPECTED: &'static str;

    /// Decodes the value.
    ///
    /// # Errors
    /// The kind of value that was found instead, for the message; never the value itself, which may be private.
    fn from_value(value: Value) -> Result<Self, String>;
}

fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER as f64).then_some(number as i64)
}

impl FromValue for i64 {
    const EXPECTED: &'static str = "a whole number";

    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Int(n) => Ok(n),
            Value::Float(n) => {
                whole(n).ok_or_else(|| "a number beyond ±2^53 or with a fraction".to_owned())
            }
            other => Err(other.kind().to_owned()),
        }
    }
}

impl FromValue for bool {
    const EXPECTED: &'static str = "a truth value";

    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Bool(b) => Ok(b),
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            Value::Float(0.0) => Ok(false),
            Value::Float(1.0) => Ok(true),
            other => Err(other.kind().to_owned()),
        }
    }
}

impl FromValue for f64 {
    const EXPECTED: &'static str = "a number";

    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Float(n) => Ok(n),
            Value::Int(n) if n.abs() <= MAX_SAFE_INTEGER => Ok(n as f64),
            other => Err(other.kind().to_owned()),
        }
    }
}

impl FromValue for String {
    const EXPECTED: &'static str = "text";

    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Ok(text),
            other => Err(other.kind().to_owned()),
        }
    }
}

impl FromValue for Vec<u8> {
    const EXPECTED: &'static str = "bytes";

    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(other.kind().to_owned()),
        }
    }
}

impl FromValue for Uuid {
    const EXPECTED: &'static str = "a UUID";

    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Uuid(id) => Ok(id),
            Value::Text(text) if text.len() == 36 => {
                Self::try_parse(&text).map_err(|_| "text".to_owned())
            }
            other => Err(other.kind().to_owned()),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(None),
            some => T::from_value(some).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Role;

    use super::*;

    #[test]
    fn numbers_from_d1_are_exact_or_refused() {
        let limit = 9_007_199_254_740_991.0;
        assert_eq!(i64::from_value(Value::Float(limit)), Ok(MAX_SAFE_INTEGER));
        assert_eq!(i64::from_value(Value::Float(-limit)), Ok(-MAX_SAFE_INTEGER));
        for wrong in [limit + 1.0, 0.5, f64::NAN, f64::INFINITY] {
            assert!(i64::from_value(Value::Float(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(i64::from_value(Value::Int(i64::MIN)), Ok(i64::MIN));
        assert!(f64::from_value(Value::Int(i64::MAX)).is_err());
    }

    #[test]
    fn loose_types_are_refused() {
        assert!(bool::from_value(Value::Int(2)).is_err());
        assert!(bool::from_value(Value::Text("true".into())).is_err());
        assert!(String::from_value(Value::Int(1)).is_err());
        assert!(i64::from_value(Value::Text("1".into())).is_err());
        assert!(Uuid::from_value(Value::Text("0193b1de72f57b2c8d3e0a1b2c3d4e5f".into())).is_err());
        assert!(Role::from_value(Value::Text("owner".into())).is_err());
        assert_eq!(Option::<i64>::from_value(Value::Null), Ok(None));
        assert!(i64::from_value(Value::Null).is_err());
    }

    #[test]
    fn the_error_names_table_and_column() {
        const COLUMN: Column = Column::new::<String>("posts", "slug");
        let mut row = [Value::Int(3)];
        let error = Cells::new(&mut row)
            .take::<String>(&COLUMN)
            .expect_err("a number is not a slug");
        assert_eq!(
            error.to_string(),
            "posts.slug holds a whole number, not text"
        );
    }
}
