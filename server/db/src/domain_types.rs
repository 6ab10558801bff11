//! The domain's own types as values of columns: ids, times, and texts of a closed set.

use domain::{CodePurpose, PostStatus, RevisionKind, Role, Timestamp};
use uuid::Uuid;

use crate::decode::FromValue;
use crate::value::{Kind, Stored, ToValue, Value};

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident)+) => {$(
        impl Stored for domain::$id {
            const KIND: Kind = Kind::Uuid;
        }

        impl ToValue for domain::$id {
            fn to_value(&self) -> Value {
                Value::Uuid(self.0)
            }
        }

        impl FromValue for domain::$id {
            const EXPECTED: &'static str = Uuid::EXPECTED;

            fn from_value(value: Value) -> Result<Self, String> {
                Uuid::from_value(value).map(domain::$id)
            }
        }
    )+};
}

domain::for_each_id!(ids);

macro_rules! text_enums {
    ($($type:ident: $expected:literal),+ $(,)?) => {$(
        impl Stored for $type {
            const KIND: Kind = Kind::Text;
            const WORDS: Option<&'static [&'static str]> = Some(<$type>::WORDS);
        }

        impl ToValue for $type {
            fn to_value(&self) -> Value {
                Value::Text(self.as_str().to_owned())
            }
        }

        impl FromValue for $type {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: Value) -> Result<Self, String> {
                String::from_value(value)?.parse().map_err(|()| "another word".to_owned())
            }
        }
    )+};
}

text_enums!(
    CodePurpose: "a purpose",
    PostStatus: "a status",
    RevisionKind: "a reason",
    Role: "a role",
);

impl Stored for Timestamp {
    const KIND: Kind = Kind::Time;
}

impl ToValue for Timestamp {
    fn to_value(&self) -> Value {
        Value::Time(*self)
    }
}

impl FromValue for Timestamp {
    const EXPECTED: &'static str = "a time in milliseconds";

    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Time(time) => Ok(time),
            other => i64::from_value(other).map(Self::from_millis),
        }
    }
}
