//! Every SQL statement of the site, built with sea-query. A query is one function that takes a [`crate::Db`] and gives rows.
//!
//! Absent: authorisation, which happens in the caller.

pub mod comments;
#[cfg(feature = "contract")]
pub(crate) mod contract;
mod count;
pub mod derived;
pub mod dump;
pub mod fingerprints;
pub mod health;
mod helpers;
mod insert;
pub mod posts;
mod prepared;
pub mod public_copy;
mod query;
mod render;
pub mod sessions;
pub mod sitemap;
pub mod users;

pub use insert::{Insert, insert};
pub use query::{Query, Runnable};

#[cfg(all(test, feature = "sqlite"))]
mod snapshots;
