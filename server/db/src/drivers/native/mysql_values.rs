//! Values between Waypost and mysql_async: what a prepared statement takes and gives.

use domain::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use mysql_async::consts::ColumnType;
use mysql_async::{Column, Value as Wire};

use crate::{DbError, Value};

/// The character set of bytes that are no text.
const BINARY: u16 = 63;

/// A parameter as MySQL has it: a UUID is text, a time is DATETIME in UTC, a truth value a number.
pub(super) fn parameter(value: &Value) -> Result<Wire, DbError> {
    Ok(match value {
        Value::Null => Wire::NULL,
        Value::Bool(b) => Wire::Int(i64::from(*b)),
        Value::Int(n) => Wire::Int(*n),
        Value::Float(n) if n.is_finite() => Wire::Double(*n),
        Value::Float(_) => {
            return Err(DbError::Unsupported(
                "a number that is not finite on MySQL".to_owned(),
            ));
        }
        Value::Text(text) => Wire::Bytes(text.clone().into_bytes()),
        Value::Bytes(bytes) => Wire::Bytes(bytes.clone()),
        Value::Uuid(id) => Wire::Bytes(
            id.hyphenated()
                .encode_lower(&mut [0; 36])
                .as_bytes()
                .to_vec(),
        ),
        Value::Time(time) => date(*time)?,
    })
}

/// DATETIME holds the years 1000 to 9999 (dev.mysql.com/doc/refman/8.0/en/datetime.html).
fn date(time: Timestamp) -> Result<Wire, DbError> {
    let parts = jiff::Timestamp::from_millisecond(time.as_millis())
        .map(|instant| Offset::UTC.to_datetime(instant));
    match parts {
        Ok(parts) if parts.year() >= 1000 => Ok(Wire::Date(
            parts.year().unsigned_abs(),
            parts.month().unsigned_abs(),
            parts.day().unsigned_abs(),
            parts.hour().unsigned_abs(),
            parts.minute().unsigned_abs(),
            parts.second().unsigned_abs(),
            u32::from(parts.millisecond().unsigned_abs()) * 1000,
        )),
        Ok(_) | Err(_) => Err(DbError::Unsupported(
            "a time before the year 1000 on MySQL".to_owned(),
        )),
    }
}

/// A cell of a row; what it is follows from its column's type.
pub(super) fn cell(value: Option<Wire>, column: &Column) -> Result<Value, DbError> {
    let odd = |what: &str| {
        Err(DbError::Driver(format!(
            "the column {} holds {what}",
            column.name_str()
        )))
    };
    match value {
        None | Some(Wire::NULL) => Ok(Value::Null),
        Some(Wire::Int(n)) => Ok(Value::Int(n)),
        Some(Wire::UInt(n)) => match i64::try_from(n) {
            Ok(n) => Ok(Value::Int(n)),
            Err(_) => odd("a number beyond 2^63"),
        },
        Some(Wire::Float(n)) => Ok(Value::Float(n.into())),
        Some(Wire::Double(n)) => Ok(Value::Float(n)),
        Some(Wire::Bytes(bytes)) => match column.column_type() {
            // The sum of whole numbers, for one.
            ColumnType::MYSQL_TYPE_DECIMAL | ColumnType::MYSQL_TYPE_NEWDECIMAL => {
                decimal(&bytes).map_or_else(|| odd("a number of an unknown form"), Ok)
            }
            _ if column.character_set() == BINARY => Ok(Value::Bytes(bytes)),
            _ => match String::from_utf8(bytes) {
                Ok(text) => Ok(Value::Text(text)),
                Err(_) => odd("text that is not UTF-8"),
            },
        },
        Some(Wire::Date(year, month, day, hour, minute, second, micros)) => {
            let small = |n: u8| i8::try_from(n).unwrap_or(-1);
            let nanos = i32::try_from(micros).map_or(-1, |micros| micros * 1000);
            let parts = i16::try_from(year).ok().and_then(|year| {
                DateTime::new(
                    year,
                    small(month),
                    small(day),
                    small(hour),
                    small(minute),
                    small(second),
                    nanos,
                )
                .ok()
            });
            match parts.map(|parts| Offset::UTC.to_timestamp(parts)) {
                Some(Ok(instant)) => Ok(Value::Time(Timestamp::from_millis(
                    instant.as_millisecond(),
                ))),
                Some(Err(_)) | None => odd("a date that does not exist"),
            }
        }
        Some(Wire::Time(..)) => odd("a time of day"),
    }
}

fn decimal(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    match text.parse() {
        Ok(n) => Some(Value::Int(n)),
        Err(_) => text.parse().ok().map(Value::Float),
    }
}
