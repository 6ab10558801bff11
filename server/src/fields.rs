//! The fields of a form that was sent.

use std::collections::BTreeMap;

use app::Problem;
use app::form::{BeforeForm, FormState, HeldForm};
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest, Request};

use crate::rejection::Rejection;

/// The fields that are never shown again.
const SECRET: [&str; 1] = ["password"];

/// The fields by their names; of those that were sent twice, the first.
pub(crate) struct Fields {
    /// The path that the form was sent to.
    path: String,
    values: BTreeMap<String, String>,
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let path = request.uri().path().to_owned();
        let pairs = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(pairs) = pairs.map_err(|rejection| match rejection {
            FormRejection::InvalidFormContentType(_) => Rejection::UnsupportedMediaType,
            _ => Rejection::Malformed,
        })?;
        let mut values = BTreeMap::new();
        for (name, value) in pairs {
            values.entry(name).or_insert(value);
        }
        Ok(Self { path, values })
    }
}

impl Fields {
    /// The text of a field; empty if it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// The form with another text in a field.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut values = self.values.clone();
        values.insert(name.to_owned(), value.to_owned());
        Self {
            path: self.path.clone(),
            values,
        }
    }

    /// The form with what is wrong with one field.
    pub(crate) fn refused(&self, field: &str, why: &str) -> FormState {
        let mut state = self.state();
        state.refuse(field, why);
        state
    }

    /// The form as it is shown again: without passwords.
    pub(crate) fn state(&self) -> FormState {
        FormState::sent(self.shown())
    }

    /// The form as it is kept until something else is done.
    pub(crate) fn held(&self, first: BeforeForm) -> HeldForm {
        HeldForm {
            action: self.path.clone(),
            values: self.shown(),
            first,
        }
    }

    fn shown(&self) -> BTreeMap<String, String> {
        let mut values = self.values.clone();
        values.retain(|name, _| !SECRET.contains(&name.as_str()));
        values
    }
}
