//! Causes of failures, and the problem that each is outside.
//!
//! Owns the only way from an internal cause to what may be said: the cause itself goes to the log.

use std::collections::BTreeMap;
use std::fmt;

use db::DbError;
use domain::Scope;
use uuid::Uuid;

use crate::Problem;

/// A cause of a failure, for pages, server functions and the JSON API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppError {
    /// There is nothing at this address.
    NotFound,
    /// The page at this address was withdrawn.
    Gone,
    /// Some fields of the request are not valid.
    Invalid {
        /// A sentence for each field, by its name.
        fields: BTreeMap<String, String>,
    },
    /// A value that must be unique is taken already.
    Conflict {
        /// The field that must be unique.
        field: String,
    },
    /// Nobody is signed in.
    Unauthenticated,
    /// The signed-in user may not do this.
    Forbidden,
    /// The scope of a token does not allow this.
    InsufficientScope {
        /// The least scope that does.
        scope: Scope,
    },
    /// Too many requests.
    TooMany {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// The site cannot answer now.
    Unavailable {
        /// The reason, for readers.
        reason: String,
    },
    /// The database cannot answer, most often until somebody has mended something.
    DatabaseUnavailable {
        /// The reason and what to do about it, for operators.
        cause: String,
    },
    /// Something failed inside.
    Internal {
        /// The id under which the log has the cause; empty where no single request failed.
        id: String,
    },
}

impl AppError {
    /// One field that is not valid, and why.
    pub fn invalid(field: &str, why: impl fmt::Display) -> Self {
        Self::Invalid {
            fields: BTreeMap::from([(field.to_owned(), why.to_string())]),
        }
    }

    /// An internal failure: logs `cause` under a fresh id.
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        let id = Uuid::now_v7().simple().to_string();
        log::error!("error {id}: {cause}");
        Self::Internal { id }
    }

    /// A site that cannot answer now: logs `cause`, and says `reason`.
    pub fn unavailable(cause: &dyn fmt::Display, reason: &str) -> Self {
        log::error!("{cause}");
        Self::Unavailable {
            reason: reason.to_owned(),
        }
    }

    /// A database that cannot answer: logs `error`, and says `cause` to operators alone.
    fn database_unavailable(error: &dyn fmt::Display, cause: &str) -> Self {
        log::error!("{error}");
        Self::DatabaseUnavailable {
            cause: cause.to_owned(),
        }
    }

    /// The problem that this is outside.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Invalid { fields } => Problem::invalid(fields.clone()),
            Self::Unauthenticated => Problem::new(
                401,
                "unauthenticated",
                "Sign in first",
                "This needs an account. Sign in first.",
            ),
            Self::Forbidden => Problem::new(
                403,
                "forbidden",
                "This is not for you",
                "Your account is not allowed to do this.",
            ),
            Self::InsufficientScope { scope } => Problem::new(
                403,
                "insufficient_scope",
                "This token is not enough",
                format!("This needs a token with the scope `{scope}`."),
            ),
            Self::NotFound => Problem::new(
                404,
                "not_found",
                "This path leads nowhere",
                "There is nothing at this address. It may have been moved, or the address may have lost a letter on the \
                 way.",
            ),
            Self::Conflict { field } => {
                let detail = format!("This {field} is taken already.");
                Problem {
                    fields: BTreeMap::from([(field.clone(), detail.clone())]),
                    ..Problem::new(409, "conflict", "This exists already", detail)
                }
            }
            Self::Gone => Problem::new(
                410,
                "gone",
                "This page was taken down",
                "There was a page at this address. Its author has withdrawn it.",
            ),
            Self::TooMany { retry_after } => Problem {
                retry_after: Some(*retry_after),
                ..Problem::new(
                    429,
                    "too_many",
                    "Slow down, please",
                    format!(
                        "Too many requests. Try again in {}.",
                        duration(*retry_after)
                    ),
                )
            },
            Self::Internal { id } => Problem {
                id: Some(id.clone()).filter(|id| !id.is_empty()),
                ..Problem::new(
                    500,
                    "internal",
                    "Something broke on our side",
                    "It is not your doing, and it has been written down. Please try again in a moment.",
                )
            },
            Self::Unavailable { reason } => Problem::unavailable(reason.clone()),
            Self::DatabaseUnavailable { cause } => Problem {
                for_operators: Some(cause.clone()),
                ..Problem::unavailable(
                    "The site’s database cannot be used at the moment. Please try again later.",
                )
            },
        }
    }
}

/// A time to wait, in words.
fn duration(seconds: u32) -> String {
    match seconds {
        0..120 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem {
            title, detail, id, ..
        } = self.problem().for_operators();
        match id {
            Some(id) => write!(f, "{title} (error {id})"),
            None => f.write_str(&detail),
        }
    }
}

impl std::error::Error for AppError {}

impl From<DbError> for AppError {
    /// Logs the cause under an id, and says outside what is safe to say.
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(ref cause)
            | DbError::Refused {
                reason: ref cause, ..
            } => Self::database_unavailable(&error, cause),
            // What the network says may name machines: that is for the log.
            DbError::Lost(_) => Self::database_unavailable(
                &error,
                "The connection to the database was refused or lost; the log says why.",
            ),
            DbError::Timeout(_) => {
                Self::database_unavailable(&error, "The database did not answer in time.")
            }
            DbError::Conflict(_) => Self::unavailable(
                &error,
                "Something else was changed at the same moment, and so nothing was done. Please try again.",
            ),
            DbError::Unique { column, .. } => Self::Conflict { field: column },
            DbError::ForeignKey(_)
            | DbError::Check(_)
            | DbError::TooLarge(_)
            | DbError::Decode { .. }
            | DbError::Unsupported(_)
            | DbError::Closed
            | DbError::Driver(_) => Self::internal(&error),
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        error.problem()
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        AppError::from(error).problem()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_are_not_told_what_only_operators_can_mend() {
        for error in [
            DbError::Unavailable("Run `cargo x db migrate`.".to_owned()),
            DbError::Refused {
                reason: "The user lacks a right; the log says which.".to_owned(),
                detail: "permission denied".to_owned(),
            },
            DbError::Lost("reset by peer".to_owned()),
            DbError::Timeout("after 5 s".to_owned()),
        ] {
            let problem = AppError::from(error).problem();
            let readers =
                "The site’s database cannot be used at the moment. Please try again later.";
            assert_eq!((problem.status, problem.detail.as_str()), (503, readers));
            assert_ne!(problem.for_operators().detail, readers);
        }
        let conflict = DbError::Conflict("Another transaction changed the same rows.".to_owned());
        let problem = AppError::from(conflict).problem();
        assert!(
            !problem.detail.contains("transaction"),
            "{}",
            problem.detail
        );
    }
}
