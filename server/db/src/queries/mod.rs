//! Every SQL statement of the site, built with sea-query. A query is one function that takes a [`crate::Db`] and gives rows.
//!
//! Absent: authorisation, which happens in the caller.

pub mod accounts;
pub mod admin;
pub mod api_tokens;
pub mod clean_up;
pub mod codes;
pub mod comments;
#[cfg(feature = "contract")]
pub(crate) mod contract;
mod count;
pub mod derived;
pub mod drafts;
pub mod dump;
pub mod erasure;
pub mod events;
pub mod fingerprints;
pub mod handles;
pub mod health;
mod helpers;
mod insert;
pub mod invites;
pub mod passkeys;
pub mod passwords;
pub mod people;
pub mod personal_data;
pub mod posts;
mod prepared;
pub mod profile_links;
pub mod public_copy;
pub mod publishing;
mod query;
mod render;
pub mod revisions;
pub mod sessions;
pub mod sign_in;
pub mod sitemap;
pub mod users;
mod writes;

pub use insert::{Insert, insert};
pub use query::{Query, Runnable};

#[cfg(all(test, feature = "sqlite"))]
mod snapshots;
