//! Columns and their cells. Owns the decoding of the text protocol.
//!
//! A column's type decides what its cells are; text that is not what the type promises is an error, and never a guess.

use mysql_common::constants::ColumnType;

use crate::reader::Reader;
use crate::{Error, temporal};

/// The collation of what is bytes and not text.
const BINARY: u16 = 63;

/// What a column's cells are decoded to, if they are not NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`Cell::Int`]: the whole numbers, YEAR, and DECIMAL without places, such as a SUM.
    Int,
    /// [`Cell::Float`]: FLOAT and DOUBLE.
    Float,
    /// [`Cell::Time`]: DATETIME and TIMESTAMP.
    Time,
    /// [`Cell::Decimal`]: DECIMAL with places.
    Decimal,
    /// [`Cell::Text`]: text, JSON, ENUM and SET, and what would lose something as a moment: DATE, TIME.
    Text,
    /// [`Cell::Bytes`]: BLOB, BINARY, BIT, GEOMETRY and VECTOR.
    Bytes,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name, or its alias.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
    /// MySQL's number of its collation; 63 is binary.
    pub charset: u16,
    /// Places after the point.
    pub decimals: u8,
}

/// A cell of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// SQL's NULL.
    Null,
    /// A whole number.
    Int(i64),
    /// A number that may have a fraction.
    Float(f64),
    /// A number of so many decimal places, in digits: as a [`Cell::Float`] it would lose some.
    Decimal(String),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Milliseconds since 1970, UTC.
    Time(i64),
}

/// Reads the description of a column.
pub(crate) fn column(packet: &[u8]) -> Result<ColumnInfo, Error> {
    let mut reader = Reader::new(packet);
    // Catalogue, schema, table and the table's own name.
    for _ in 0..4 {
        reader.bytes()?;
    }
    let name = reader.bytes()?;
    reader.bytes()?;
    if reader.length_encoded()? != 12 {
        return Err(Error::protocol("a column described at a wrong length"));
    }
    let charset = reader.u16()?;
    let _length = reader.u32()?;
    let number = reader.u8()?;
    let _flags = reader.u16()?;
    let decimals = reader.u8()?;
    Ok(ColumnInfo {
        name: String::from_utf8_lossy(name).into_owned(),
        kind: Kind::of(number, charset, decimals)?,
        charset,
        decimals,
    })
}

impl Kind {
    /// What the cells of a column are: by the number of its type, that of its collation and its places after the point.
    ///
    /// # Errors
    /// [`Error::Protocol`] for a type that no result has.
    pub fn of(number: u8, charset: u16, decimals: u8) -> Result<Self, Error> {
        use ColumnType as Type;
        let known = Type::try_from(number)
            .map_err(|_| Error::protocol(format!("a column of the unknown type {number}")))?;
        Ok(match known {
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
            // These bear the binary collation, and are text.
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
                if charset == BINARY {
                    Self::Bytes
                } else {
                    Self::Text
                }
            }
            Type::MYSQL_TYPE_TYPED_ARRAY | Type::MYSQL_TYPE_UNKNOWN => {
                return Err(Error::protocol("a column of a type that no result has"));
            }
        })
    }

    /// Reads a cell of the text protocol that is not NULL.
    ///
    /// # Errors
    /// What is wrong with it, without the cell.
    pub fn decode(self, bytes: &[u8]) -> Result<Cell, &'static str> {
        match self {
            Self::Int => text(bytes)
                .filter(|digits| !digits.starts_with('+'))
                .and_then(|digits| digits.parse().ok())
                .map(Cell::Int)
                .ok_or("not a whole number of 64 bits, within \u{b1}2^63"),
            Self::Float => text(bytes)
                .and_then(|digits| digits.parse().ok())
                .filter(|number: &f64| number.is_finite())
                .map(Cell::Float)
                .ok_or("not a number"),
            Self::Time => temporal::read(bytes).map(Cell::Time).ok_or("not a moment"),
            Self::Decimal => text(bytes)
                .filter(|digits| digits.parse().is_ok_and(f64::is_finite))
                .map(|digits| Cell::Decimal(digits.to_owned()))
                .ok_or("not a number"),
            Self::Text => text(bytes)
                .map(|text| Cell::Text(text.to_owned()))
                .ok_or("not UTF-8"),
            Self::Bytes => Ok(Cell::Bytes(bytes.to_vec())),
        }
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, bytes: &str, expected: Option<Cell>) {
        assert_eq!(kind.decode(bytes.as_bytes()).ok(), expected, "{bytes}");
    }

    #[test]
    fn cells_are_what_their_column_promises() {
        check(Kind::Int, "-9223372036854775808", Some(Cell::Int(i64::MIN)));
        check(Kind::Int, "9223372036854775807", Some(Cell::Int(i64::MAX)));
        check(Kind::Int, "00042", Some(Cell::Int(42)));
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
            check(Kind::Int, wrong, None);
        }
        check(
            Kind::Float,
            "1.7976931348623157e308",
            Some(Cell::Float(f64::MAX)),
        );
        check(Kind::Float, "-0.1", Some(Cell::Float(-0.1)));
        for wrong in ["", "nan", "inf", "1e999", "1,5"] {
            check(Kind::Float, wrong, None);
        }
        check(
            Kind::Decimal,
            "-1.50",
            Some(Cell::Decimal("-1.50".to_owned())),
        );
        check(Kind::Decimal, "1.5.0", None);
        check(Kind::Time, "1970-01-01 00:00:01", Some(Cell::Time(1000)));
        check(Kind::Time, "0000-00-00 00:00:00", None);
        check(Kind::Text, "\u{fc}", Some(Cell::Text("\u{fc}".to_owned())));
        assert!(Kind::Text.decode(&[0xff]).is_err());
        assert_eq!(
            Kind::Bytes.decode(&[0xff, 0]),
            Ok(Cell::Bytes(vec![0xff, 0]))
        );
    }

    #[test]
    fn types_without_a_result_are_refused() {
        for number in [20, 243, 100] {
            assert!(Kind::of(number, 45, 0).is_err());
        }
        assert_eq!(Kind::of(246, 63, 2).ok(), Some(Kind::Decimal));
        assert_eq!(Kind::of(245, 63, 0).ok(), Some(Kind::Text));
    }
}
