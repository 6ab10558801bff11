//! Columns and cells: decoding of the text protocol.
//!
//! The type of a column decides how its values are decoded. A value that does not match its type is an error; nothing
//! is guessed.

use mysql_common::constants::ColumnType;

use crate::reader::Reader;
use crate::{Error, datetime};

/// The collation of binary strings.
const BINARY_COLLATION: u16 = 63;

/// The kind of [`Cell`] that a column's values are decoded to, unless they are NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// [`Cell::Int`]: the integer types, YEAR, and DECIMAL without decimal places, such as a SUM.
    Int,
    /// [`Cell::Float`]: FLOAT and DOUBLE.
    Float,
    /// [`Cell::Time`]: DATETIME and TIMESTAMP.
    Time,
    /// [`Cell::Decimal`]: DECIMAL with decimal places.
    Decimal,
    /// [`Cell::Text`]: text, JSON, ENUM, SET, and also DATE and TIME, which are no points in time.
    Text,
    /// [`Cell::Bytes`]: BLOB, BINARY, BIT, GEOMETRY and VECTOR.
    Bytes,
}

/// A column of a result set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnInfo {
    /// The name or alias.
    pub name: String,
    /// The kind of its values.
    pub kind: ColumnKind,
    /// MySQL's id of its collation; 63 is binary.
    pub charset: u16,
    /// The number of decimal places.
    pub decimals: u8,
}

/// A value in a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// SQL's NULL.
    Null,
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A decimal number as text, because a [`Cell::Float`] would lose digits.
    Decimal(String),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Milliseconds since 1970, UTC.
    Time(i64),
}

/// Decodes a column definition packet.
pub(crate) fn decode_column(packet: &[u8]) -> Result<ColumnInfo, Error> {
    let mut reader = Reader::new(packet);
    // Catalogue, schema, table alias and table name.
    for _ in 0..4 {
        reader.length_encoded_bytes()?;
    }
    let name = reader.length_encoded_bytes()?;
    let _original_name = reader.length_encoded_bytes()?;
    if reader.length_encoded_int()? != 12 {
        return Err(Error::protocol("a column definition of the wrong length"));
    }
    let charset = reader.u16()?;
    let _length = reader.u32()?;
    let column_type = reader.u8()?;
    let _flags = reader.u16()?;
    let decimals = reader.u8()?;
    Ok(ColumnInfo {
        name: String::from_utf8_lossy(name).into_owned(),
        kind: ColumnKind::from_column_type(column_type, charset, decimals)?,
        charset,
        decimals,
    })
}

impl ColumnKind {
    /// Determines the kind from the id of the column's type, the id of its collation and its number of decimal places.
    ///
    /// # Errors
    /// [`Error::Protocol`] for a type that cannot occur in a result set.
    pub fn from_column_type(column_type: u8, charset: u16, decimals: u8) -> Result<Self, Error> {
        use ColumnType as Type;
        let column_type = Type::try_from(column_type)
            .map_err(|_| Error::protocol(format!("a column of the unknown type {column_type}")))?;
        Ok(match column_type {
            Type::MYSQL_TYPE_TINY
            | Type::MYSQL_TYPE_SHORT
            | Type::MYSQL_TYPE_INT24
            | Type::MYSQL_TYPE_LONG
            | Type::MYSQL_TYPE_LONGLONG
            | Type::MYSQL_TYPE_YEAR => Self::Int,
            Type::MYSQL_TYPE_DECIMAL | Type::MYSQL_TYPE_NEWDECIMAL if decimals == 0 => Self::Int,
            Type::MYSQL_TYPE_FLOAT | Type::MYSQL_TYPE_DOUBLE => Self::Float,
            Type::MYSQL_TYPE_TIMESTAMP
            | Type::MYSQL_TYPE_TIMESTAMP2
            | Type::MYSQL_TYPE_DATETIME
            | Type::MYSQL_TYPE_DATETIME2 => Self::Time,
            Type::MYSQL_TYPE_DECIMAL | Type::MYSQL_TYPE_NEWDECIMAL => Self::Decimal,
            // These have the binary collation although they are text.
            Type::MYSQL_TYPE_DATE
            | Type::MYSQL_TYPE_NEWDATE
            | Type::MYSQL_TYPE_TIME
            | Type::MYSQL_TYPE_TIME2
            | Type::MYSQL_TYPE_JSON => Self::Text,
            Type::MYSQL_TYPE_BIT | Type::MYSQL_TYPE_GEOMETRY | Type::MYSQL_TYPE_VECTOR => {
                Self::Bytes
            }
            Type::MYSQL_TYPE_NULL
            | Type::MYSQL_TYPE_VARCHAR
            | Type::MYSQL_TYPE_VAR_STRING
            | Type::MYSQL_TYPE_STRING
            | Type::MYSQL_TYPE_ENUM
            | Type::MYSQL_TYPE_SET
            | Type::MYSQL_TYPE_TINY_BLOB
            | Type::MYSQL_TYPE_MEDIUM_BLOB
            | Type::MYSQL_TYPE_LONG_BLOB
            | Type::MYSQL_TYPE_BLOB => {
                if charset == BINARY_COLLATION {
                    Self::Bytes
                } else {
                    Self::Text
                }
            }
            Type::MYSQL_TYPE_TYPED_ARRAY | Type::MYSQL_TYPE_UNKNOWN => {
                return Err(Error::protocol(
                    "a column of a type that cannot occur in a result set",
                ));
            }
        })
    }

    /// Decodes a value of the text protocol that is not NULL.
    ///
    /// # Errors
    /// The reason, without the value.
    pub fn decode(self, bytes: &[u8]) -> Result<Cell, &'static str> {
        match self {
            Self::Int => utf8(bytes)
                .filter(|digits| !digits.starts_with('+'))
                .and_then(|digits| digits.parse().ok())
                .map(Cell::Int)
                .ok_or("not an integer of 64 bits, within \u{b1}2^63"),
            Self::Float => utf8(bytes)
                .and_then(|digits| digits.parse().ok())
                .filter(|number: &f64| number.is_finite())
                .map(Cell::Float)
                .ok_or("not a number"),
            Self::Time => datetime::parse(bytes)
                .map(Cell::Time)
                .ok_or("not a date and time"),
            Self::Decimal => utf8(bytes)
                .filter(|digits| digits.parse().is_ok_and(f64::is_finite))
                .map(|digits| Cell::Decimal(digits.to_owned()))
                .ok_or("not a number"),
            Self::Text => utf8(bytes)
                .map(|text| Cell::Text(text.to_owned()))
                .ok_or("not UTF-8"),
            Self::Bytes => Ok(Cell::Bytes(bytes.to_vec())),
        }
    }
}

fn utf8(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ColumnKind, bytes: &str, expected: Option<Cell>) {
        assert_eq!(kind.decode(bytes.as_bytes()).ok(), expected, "{bytes}");
    }

    #[test]
    fn values_are_decoded_by_their_column_kind() {
        check(
            ColumnKind::Int,
            "-9223372036854775808",
            Some(Cell::Int(i64::MIN)),
        );
        check(
            ColumnKind::Int,
            "9223372036854775807",
            Some(Cell::Int(i64::MAX)),
        );
        check(ColumnKind::Int, "00042", Some(Cell::Int(42)));
        for wrong in [
            "9223372036854775808",
            "18446744073709551615",
            "",
            "+1",
            " 1",
            "1.0",
            "1e3",
            "x",
        ] {
            check(ColumnKind::Int, wrong, None);
        }
        check(
            ColumnKind::Float,
            "1.7976931348623157e308",
            Some(Cell::Float(f64::MAX)),
        );
        check(ColumnKind::Float, "-0.1", Some(Cell::Float(-0.1)));
        for wrong in ["", "nan", "inf", "1e999", "1,5"] {
            check(ColumnKind::Float, wrong, None);
        }
        check(
            ColumnKind::Decimal,
            "-1.50",
            Some(Cell::Decimal("-1.50".to_owned())),
        );
        check(ColumnKind::Decimal, "1.5.0", None);
        check(
            ColumnKind::Time,
            "1970-01-01 00:00:01",
            Some(Cell::Time(1000)),
        );
        check(ColumnKind::Time, "0000-00-00 00:00:00", None);
        check(
            ColumnKind::Text,
            "\u{fc}",
            Some(Cell::Text("\u{fc}".to_owned())),
        );
        assert!(ColumnKind::Text.decode(&[0xff]).is_err());
        assert_eq!(
            ColumnKind::Bytes.decode(&[0xff, 0]),
            Ok(Cell::Bytes(vec![0xff, 0]))
        );
    }

    #[test]
    fn types_that_cannot_occur_in_a_result_set_are_refused() {
        for number in [20, 243, 100] {
            assert!(ColumnKind::from_column_type(number, 45, 0).is_err());
        }
        assert_eq!(
            ColumnKind::from_column_type(246, 63, 2).ok(),
            Some(ColumnKind::Decimal)
        );
        assert_eq!(
            ColumnKind::from_column_type(245, 63, 0).ok(),
            Some(ColumnKind::Text)
        );
    }
}
