//! A form that was sent and not taken: shown again with what was typed, and what is wrong with it.

use std::collections::BTreeMap;

use crate::Problem;

/// The state of a form. Empty for one that was not sent yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormState {
    values: BTreeMap<String, String>,
    /// Fields with the sentence about each, in the order of the form.
    errors: Vec<(String, String)>,
    /// A sentence about the whole form.
    message: Option<String>,
    /// The problem whose status the response gets.
    problem: Option<Box<Problem>>,
    /// The text that a form which was taken has made, to be shown this once.
    made: Option<String>,
}

impl FormState {
    /// A form that was sent with these values; none of them is a password's.
    pub fn sent(values: BTreeMap<String, String>) -> Self {
        Self {
            values,
            ..Self::default()
        }
    }

    /// Adds what is wrong with a field.
    pub fn refuse(&mut self, field: &str, why: impl Into<String>) {
        self.errors.push((field.to_owned(), why.into()));
        self.problem.get_or_insert_with(|| Box::new(not_taken()));
    }

    /// Puts another text into a field.
    pub fn set(&mut self, field: &str, value: &str) {
        self.values.insert(field.to_owned(), value.to_owned());
    }

    /// Says why the form as a whole is not right.
    #[must_use]
    pub fn refused(self, why: impl Into<String>) -> Self {
        Self {
            message: Some(why.into()),
            problem: Some(Box::new(not_taken())),
            ..self
        }
    }

    /// Says why the form could not be taken now.
    #[must_use]
    pub fn failed(self, problem: Problem) -> Self {
        Self {
            message: Some(problem.detail.clone()),
            problem: Some(Box::new(problem)),
            ..self
        }
    }

    /// The state of a form that was taken, and has made something that is shown this once.
    pub fn done(made: &str) -> Self {
        Self {
            made: Some(made.to_owned()),
            ..Self::default()
        }
    }

    /// The text that the form has made, to be shown this once.
    pub(crate) fn made(&self) -> Option<String> {
        self.made.clone()
    }

    /// The problem whose status the response gets.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        self.problem.as_deref()
    }

    /// True if the form was sent, and is shown again.
    pub(crate) fn is_sent(&self) -> bool {
        *self != Self::default()
    }

    /// True if the form was sent with this field.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.values.contains_key(field)
    }

    /// The text that was typed into a field.
    pub(crate) fn value(&self, field: &str) -> String {
        self.values.get(field).cloned().unwrap_or_default()
    }

    /// The sentence about a field.
    pub(crate) fn error(&self, field: &str) -> Option<String> {
        let found = self.errors.iter().find(|(name, _)| name == field)?;
        Some(found.1.clone())
    }

    /// The sentences to begin with, each with the field that it is about, if it is about one.
    pub(crate) fn sentences(&self) -> Vec<(Option<String>, String)> {
        let whole = self.message.iter().map(|why| (None, why.clone()));
        let fields = self
            .errors
            .iter()
            .map(|(field, why)| (Some(field.clone()), why.clone()));
        whole.chain(fields).collect()
    }
}

/// A form that was sent by somebody who has to sign in, or to confirm who they are, before it can be taken. It is kept in a page of its
/// own, from which it is sent again.
#[derive(Clone, Debug)]
pub struct HeldForm {
    /// The path that it was sent to.
    pub action: String,
    /// The fields; none of them is a password's.
    pub values: BTreeMap<String, String>,
    /// The step before it.
    pub first: BeforeForm,
}

/// A step that somebody has to take before their form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeforeForm {
    /// The session is over, or there was none.
    SignIn,
    /// The last proof of who it is was too long ago.
    Confirm,
}

/// The problem of a form in which something is wrong.
fn not_taken() -> Problem {
    Problem::new(
        422,
        "invalid",
        "That did not work",
        "Something in the form is not right.",
    )
}
