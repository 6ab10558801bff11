//! Statements: SQL in one dialect with its parameters, built by `queries` and run by a driver.

use crate::{DbError, Dialect, Value};

/// SQL and its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The SQL, with the dialect's own placeholders.
    pub sql: String,
    /// The parameters, in order.
    pub values: Vec<Value>,
}

impl Statement {
    /// A statement without parameters.
    pub fn plain(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            values: Vec::new(),
        }
    }

    /// Refuses parameters that some engine would cut short or misread.
    ///
    /// # Errors
    /// [`DbError::Unsupported`] for NUL in text and for numbers that are not finite, [`DbError::TooLarge`] for too many
    /// parameters or one that is too long.
    pub(crate) fn check(&self, dialect: Dialect) -> Result<(), DbError> {
        let count = self.values.len();
        if count > dialect.max_parameters() {
            return Err(DbError::TooLarge(format!(
                "{count} parameters in one statement; {} allows {}",
                dialect.name(),
                dialect.max_parameters()
            )));
        }
        for value in &self.values {
            let size = value.size().unwrap_or(0);
            if size > dialect.max_value_bytes() {
                return Err(DbError::TooLarge(format!(
                    "a value of {size} bytes; {} allows {}",
                    dialect.name(),
                    dialect.max_value_bytes()
                )));
            }
            match value {
                Value::Text(text) if text.as_bytes().contains(&0) => {
                    return Err(DbError::Unsupported("text with a NUL character".to_owned()));
                }
                Value::Float(number) if !number.is_finite() => {
                    return Err(DbError::Unsupported(
                        "a number that is infinite or not a number".to_owned(),
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
