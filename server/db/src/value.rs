//! Values as they travel between queries and drivers, and the types that a column can have.
//!
//! Absent: the domain's own types, which are in `domain_types.rs`.

use domain::Timestamp;
use uuid::Uuid;

/// One value of a parameter or a cell, in the richest form that its driver knows.
///
/// SQLite and D1 give text for a UUID and numbers for a time; [`crate::FromValue`] accepts both forms, and nothing else.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL's NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number that may have a fraction; D1 gives every number as one.
    Float(f64),
    /// Text in any script, without NUL.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID.
    Uuid(Uuid),
    /// A moment.
    Time(Timestamp),
}

impl Value {
    /// The kind of value, for a message; never the value itself, which may be private.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Bool(_) => "a truth value",
            Self::Int(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Uuid(_) => "a UUID",
            Self::Time(_) => "a time",
        }
    }

    /// The bytes of a value whose length varies.
    pub(crate) fn size(&self) -> Option<usize> {
        match self {
            Self::Text(text) => Some(text.len()),
            Self::Bytes(bytes) => Some(bytes.len()),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Uuid(_)
            | Self::Time(_) => None,
        }
    }
}

/// The storage of a column; each dialect has its own type for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A truth value.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A double.
    Float,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// A UUID.
    Uuid,
    /// Milliseconds, UTC.
    Time,
}

/// A Rust type that a column can hold.
pub trait Stored {
    /// Its kind of storage.
    const KIND: Kind;
    /// True if NULL is allowed.
    const NULLABLE: bool = false;
    /// The only values allowed, if the type is a closed set.
    const WORDS: Option<&'static [&'static str]> = None;
}

/// A Rust value that can be a parameter.
pub trait ToValue {
    /// Converts it to a parameter.
    fn to_value(&self) -> Value;
}

macro_rules! stored {
    ($($type:ty, $kind:ident, |$value:ident| $to:expr;)+) => {$(
        impl Stored for $type {
            const KIND: Kind = Kind::$kind;
        }
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                let $value = self;
                $to
            }
        }
    )+};
}

stored! {
    bool, Bool, |v| Value::Bool(*v);
    i64, Int, |v| Value::Int(*v);
    f64, Float, |v| Value::Float(*v);
    String, Text, |v| Value::Text(v.clone());
    Vec<u8>, Bytes, |v| Value::Bytes(v.clone());
}

impl<T: Stored> Stored for Option<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;
    const WORDS: Option<&'static [&'static str]> = T::WORDS;
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}
