//! D1's rows as JSON text: one value crosses from JavaScript, instead of two calls for each cell.

use std::fmt;

use serde::Deserializer;
use serde::de::{Deserialize, DeserializeSeed, SeqAccess, Visitor};

use crate::{DbError, Rows, Value};

/// Reads rows from an array of arrays of cells.
///
/// # Errors
/// [`DbError::Driver`] for anything else, and for a cell that is an object.
pub(super) fn rows(json: &str) -> Result<Rows, DbError> {
    let mut rows = Rows::default();
    let mut reader = serde_json::Deserializer::from_str(json);
    Table(&mut rows)
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|error| DbError::Driver(format!("D1 gave rows of an unknown form: {error}")))?;
    Ok(rows)
}

struct Table<'a>(&'a mut Rows);

struct Row<'a>(&'a mut Rows);

struct Cell(Value);

macro_rules! expecting {
    ($text:literal) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str($text)
        }
    };
}

impl<'de> DeserializeSeed<'de> for Table<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Table<'_> {
    type Value = ();

    expecting!("rows");

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while rows.next_element_seed(Row(self.0))?.is_some() {}
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    expecting!("a row");

    fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<(), A::Error> {
        let before = self.0.cells.len();
        while let Some(Cell(value)) = cells.next_element()? {
            self.0.cells.push(value);
        }
        self.0.width = self.0.cells.len() - before;
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Self(Value::Null))
    }
}

impl<'de> Visitor<'de> for Cell {
    type Value = Self;

    expecting!("a text, a number, null, or an array of bytes");

    fn visit_str<E>(self, text: &str) -> Result<Self, E> {
        Ok(Self(Value::Text(text.to_owned())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self, E> {
        Ok(Self(Value::Float(number)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self, E> {
        Ok(Self(Value::Float(number as f64)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self, E> {
        Ok(Self(Value::Float(number as f64)))
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<Self, A::Error> {
        let mut all = Vec::new();
        while let Some(byte) = bytes.next_element()? {
            all.push(byte);
        }
        Ok(Self(Value::Bytes(all)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_their_values() {
        let found =
            rows("[[\"a\\u0000“😀\",1,-0.5,null,[0,255]],[\"\",9007199254740991,1e+21,0.1,[]]]");
        let cells = [
            Value::Text("a\0“😀".to_owned()),
            Value::Float(1.0),
            Value::Float(-0.5),
            Value::Null,
            Value::Bytes(vec![0, 255]),
            Value::Text(String::new()),
            Value::Float(9_007_199_254_740_991.0),
            Value::Float(1e21),
            Value::Float(0.1),
            Value::Bytes(Vec::new()),
        ];
        let expected = Rows {
            width: 5,
            cells: cells.into(),
            affected: 0,
        };
        assert_eq!(found.expect("rows"), expected);
        assert_eq!(rows("[]").expect("no rows"), Rows::default());
    }

    #[test]
    fn other_values_are_errors() {
        for wrong in ["", "{}", "[1]", "[[{}]]", "[[[256]]]", "[[1]] x", "[[1]"] {
            assert!(matches!(rows(wrong), Err(DbError::Driver(_))), "{wrong}");
        }
    }
}
