//! What can go wrong for somebody who uses the site, the same for pages, server functions and the JSON API.

use std::collections::BTreeMap;
use std::fmt;

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};

/// A failure, with what may be said about it. The cause stays in the log, under the id that [`AppError::Internal`] shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// There is nothing here.
    NotFound,
    /// There was something here, and it is withdrawn.
    Gone,
    /// What was sent is not valid: a sentence a field.
    Invalid {
        /// The fields, by name.
        fields: BTreeMap<String, String>,
    },
    /// Something of this kind exists already.
    Conflict {
        /// The field that must be unique.
        field: String,
    },
    /// Nobody is signed in.
    Unauthenticated,
    /// Whoever is signed in may not do this.
    Forbidden,
    /// Too many requests; try again after so many seconds.
    TooMany {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// The site cannot answer now; the sentence says why and, to the operator, what to do.
    Unavailable {
        /// What is the matter.
        reason: String,
    },
    /// Something failed inside.
    Internal {
        /// Under which the log has the cause.
        id: String,
    },
}

impl AppError {
    /// One field is not valid.
    pub fn invalid(field: &str, why: impl fmt::Display) -> Self {
        Self::Invalid {
            fields: BTreeMap::from([(field.to_owned(), why.to_string())]),
        }
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Invalid { .. } => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict { .. } => 409,
            Self::Gone => 410,
            Self::TooMany { .. } => 429,
            Self::Internal { .. } => 500,
            Self::Unavailable { .. } => 503,
        }
    }

    /// A word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Gone => "gone",
            Self::TooMany { .. } => "too_many",
            Self::Internal { .. } => "internal",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    /// A sentence for people.
    pub fn message(&self) -> String {
        match self {
            Self::Invalid { fields } => fields
                .values()
                .next()
                .cloned()
                .unwrap_or_else(|| "What was sent is not valid.".to_owned()),
            Self::Unauthenticated => "Sign in first.".to_owned(),
            Self::Forbidden => "You may not do this.".to_owned(),
            Self::NotFound => "There is nothing at this address.".to_owned(),
            Self::Conflict { field } => format!("{field} is taken already."),
            Self::Gone => "This was withdrawn.".to_owned(),
            Self::TooMany { retry_after } => {
                format!("Too many requests. Try again in {retry_after} seconds.")
            }
            Self::Internal { id } => format!("Something failed. It is in the log as {id}."),
            Self::Unavailable { reason } => reason.clone(),
        }
    }

    /// After how many seconds another try makes sense, for `Retry-After`.
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooMany { retry_after } => Some(*retry_after),
            Self::Unavailable { .. } => Some(5),
            Self::Invalid { .. }
            | Self::Unauthenticated
            | Self::Forbidden
            | Self::NotFound
            | Self::Conflict { .. }
            | Self::Gone
            | Self::Internal { .. } => None,
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for AppError {}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(why)
            | ServerFnErrorErr::MissingArg(why)
            | ServerFnErrorErr::Deserialization(why) => Self::invalid("request", why),
            ServerFnErrorErr::Request(why) => Self::Unavailable { reason: why },
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Response(_) => Self::Unavailable {
                reason: "The site did not answer as it should.".to_owned(),
            },
        }
    }
}
