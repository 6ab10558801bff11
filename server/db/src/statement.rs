//! Statements: SQL in one dialect with its parameters, made by `queries` and run by a driver.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use domain::{Direction, Timestamp};
use sea_query::{
    MysqlQueryBuilder, PostgresQueryBuilder, QueryStatementWriter, SqliteQueryBuilder,
};

use crate::{DbError, Value};

/// The language an engine speaks, and the facts that differ between engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite, and so D1.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::MySql];

    /// The most parameters that one statement may have (D1's limit stands for SQLite, wherever it runs).
    pub const fn max_parameters(self) -> usize {
        match self {
            Self::Sqlite => 100,
            Self::Postgres | Self::MySql => 65_535,
        }
    }

    /// The most bytes that a value may have, where there is such a limit (D1's stands for SQLite, wherever it runs).
    pub const fn max_value(self) -> usize {
        match self {
            Self::Sqlite => 2_000_000,
            Self::Postgres | Self::MySql => usize::MAX,
        }
    }

    /// The dialect's name, as it is used in folders and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }
}

/// SQL and its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The text, with the dialect's own placeholders.
    pub sql: String,
    /// The parameters, in order.
    pub values: Vec<Value>,
}

impl Statement {
    /// A text without parameters.
    pub fn plain(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            values: Vec::new(),
        }
    }

    /// Renders what sea-query built.
    pub(crate) fn render(dialect: Dialect, built: &impl QueryStatementWriter) -> Self {
        let (sql, values) = match dialect {
            Dialect::Sqlite => built.build(SqliteQueryBuilder),
            Dialect::Postgres => built.build(PostgresQueryBuilder),
            Dialect::MySql => built.build(MysqlQueryBuilder),
        };
        Self {
            sql,
            values: values.into_iter().map(Value::from).collect(),
        }
    }

    /// The same for a statement whose text depends on its `shape` alone: the text is rendered once for each isolate, and
    /// kept. `values` are its parameters, in order; in debug builds every use is compared with what `build` gives.
    pub(crate) fn shaped<B: QueryStatementWriter>(
        dialect: Dialect,
        shape: Shape,
        values: Vec<Value>,
        build: impl FnOnce() -> B,
    ) -> Self {
        let key = (dialect, shape);
        if cfg!(not(debug_assertions))
            && let Some(sql) = texts().get(&key)
        {
            return Self {
                sql: sql.clone(),
                values,
            };
        }
        let built = Self::render(dialect, &build());
        debug_assert_eq!(built.values, values, "the parameters of {shape:?}");
        let mut texts = texts();
        let kept = texts.entry(key).or_insert_with(|| built.sql.clone());
        debug_assert_eq!(*kept, built.sql, "the text of {shape:?}");
        built
    }

    /// Refuses what some engine would cut short or misread.
    ///
    /// # Errors
    /// [`DbError::Unsupported`] for NUL in text and for numbers that are not finite, [`DbError::TooLarge`] for too many parameters.
    pub(crate) fn check(&self, dialect: Dialect) -> Result<(), DbError> {
        if self.values.len() > dialect.max_parameters() {
            return Err(DbError::TooLarge(format!(
                "{} parameters in one statement; {} takes {}",
                self.values.len(),
                dialect.name(),
                dialect.max_parameters()
            )));
        }
        for value in &self.values {
            let size = match value {
                Value::Text(text) => text.len(),
                Value::Bytes(bytes) => bytes.len(),
                _ => 0,
            };
            if size > dialect.max_value() {
                return Err(DbError::TooLarge(format!(
                    "a value of {size} bytes; {} takes {}",
                    dialect.name(),
                    dialect.max_value()
                )));
            }
            match value {
                Value::Text(text) if text.as_bytes().contains(&0) => {
                    return Err(DbError::Unsupported("text with a NUL character".to_owned()));
                }
                Value::Float(number) if !number.is_finite() => {
                    return Err(DbError::Unsupported(
                        "a number that is infinite or none".to_owned(),
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What the text of a statement depends on: which query it is, and on which side of which cursor it begins.
pub(crate) type Shape = (&'static str, Option<Direction>);

/// The texts that were rendered: SQL alone, nothing of a request.
static TEXTS: LazyLock<Mutex<HashMap<(Dialect, Shape), String>>> = LazyLock::new(Mutex::default);

fn texts() -> MutexGuard<'static, HashMap<(Dialect, Shape), String>> {
    TEXTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A statement whose rows are `T`s.
pub struct Query<T> {
    pub(crate) statement: Statement,
    rows: PhantomData<fn() -> T>,
}

impl<T> Query<T> {
    pub(crate) fn new(statement: Statement) -> Self {
        Self {
            statement,
            rows: PhantomData,
        }
    }

    /// What will be run.
    pub fn statement(&self) -> &Statement {
        &self.statement
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
