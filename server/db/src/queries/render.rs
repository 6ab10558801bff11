//! Rendering what sea-query built, and the conversion between its values and ours.

use domain::Timestamp;
use sea_query::QueryStatementWriter;

use crate::{Dialect, Statement, Value};

/// Renders a statement in `dialect`.
pub(super) fn render(dialect: Dialect, built: &impl QueryStatementWriter) -> Statement {
    let (sql, values) = dialect.render(built);
    Statement {
        sql,
        values: values.into_iter().map(Value::from).collect(),
    }
}

impl From<sea_query::Value> for Value {
    fn from(value: sea_query::Value) -> Self {
        use sea_query::Value as Built;
        fn or_null<T>(value: Option<T>, make: impl FnOnce(T) -> Value) -> Value {
            value.map_or(Value::Null, make)
        }
        match value {
            Built::Bool(v) => or_null(v, Value::Bool),
            Built::TinyInt(v) => or_null(v, |n| Value::Int(n.into())),
            Built::SmallInt(v) => or_null(v, |n| Value::Int(n.into())),
            Built::Int(v) => or_null(v, |n| Value::Int(n.into())),
            Built::BigInt(v) => or_null(v, Value::Int),
            Built::TinyUnsigned(v) => or_null(v, |n| Value::Int(n.into())),
            Built::SmallUnsigned(v) => or_null(v, |n| Value::Int(n.into())),
            Built::Unsigned(v) => or_null(v, |n| Value::Int(n.into())),
            // LIMIT and OFFSET; both are far below i64's end.
            Built::BigUnsigned(v) => {
                or_null(v, |n| Value::Int(i64::try_from(n).unwrap_or(i64::MAX)))
            }
            Built::Float(v) => or_null(v, |n| Value::Float(n.into())),
            Built::Double(v) => or_null(v, Value::Float),
            Built::String(v) => or_null(v, Value::Text),
            Built::Char(v) => or_null(v, |c| Value::Text(c.to_string())),
            Built::Bytes(v) => or_null(v, Value::Bytes),
            Built::Uuid(v) => or_null(v, Value::Uuid),
            Built::JiffTimestamp(v) => or_null(v, |t| {
                Value::Time(Timestamp::from_millis(t.as_millisecond()))
            }),
            other => unreachable!("no query uses a parameter such as {other:?}"),
        }
    }
}

impl From<Value> for sea_query::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::String(None),
            Value::Bool(b) => b.into(),
            Value::Int(n) => n.into(),
            Value::Float(n) => n.into(),
            Value::Text(text) => text.into(),
            Value::Bytes(bytes) => bytes.into(),
            Value::Uuid(id) => id.into(),
            Value::Time(time) => Self::JiffTimestamp(
                jiff::Timestamp::from_millisecond(time.as_millis())
                    .ok()
                    .map(Box::new),
            ),
        }
    }
}
