//! Reads values that `JSON.parse` made. The browser's parser and these few lines do the work of serde_json, whose
//! smallest use adds 12 KB to what the browser loads (measured with brotli).

use domain::{Cursor, Page};
use wasm_bindgen::{JsCast, JsValue};

/// A type that a JavaScript value can be read as.
pub(crate) trait FromJs: Sized {
    /// The value, or none for one of another form.
    fn from_js(value: &JsValue) -> Option<Self>;
}

/// Implements [`FromJs`] for a struct by its fields, which have the same names in JavaScript.
macro_rules! from_js {
    ($type:ident $(<$parameter:ident>)? { $($field:ident),+ $(,)? }) => {
        impl $(<$parameter: $crate::from_js::FromJs>)? $crate::from_js::FromJs for $type $(<$parameter>)? {
            fn from_js(value: &wasm_bindgen::JsValue) -> Option<Self> {
                Some(Self { $($field: $crate::from_js::field(value, stringify!($field))?,)+ })
            }
        }
    };
}

pub(crate) use from_js;

from_js!(Page<T> {
    rows,
    newer,
    older,
    total
});

/// Reads the field `name` of an object.
pub(crate) fn field<T: FromJs>(object: &JsValue, name: &str) -> Option<T> {
    T::from_js(&js_sys::Reflect::get(object, &JsValue::from_str(name)).ok()?)
}

impl FromJs for String {
    fn from_js(value: &JsValue) -> Option<Self> {
        value.as_string()
    }
}

impl FromJs for u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was a u32"
    )]
    fn from_js(value: &JsValue) -> Option<Self> {
        value.as_f64().map(|number| number as Self)
    }
}

impl FromJs for Cursor {
    fn from_js(value: &JsValue) -> Option<Self> {
        Self::parse(&value.as_string()?).ok()
    }
}

impl<T: FromJs> FromJs for Option<T> {
    fn from_js(value: &JsValue) -> Option<Self> {
        if value.is_null() || value.is_undefined() {
            return Some(None);
        }
        T::from_js(value).map(Some)
    }
}

impl<T: FromJs> FromJs for Vec<T> {
    fn from_js(value: &JsValue) -> Option<Self> {
        let array: &js_sys::Array = value.dyn_ref()?;
        array.iter().map(|item| T::from_js(&item)).collect()
    }
}
