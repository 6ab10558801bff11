//! Every SQL statement of Waypost, one named function each, built with sea-query.
//!
//! Absent: who may do it — that is decided before anyone calls here.

pub mod comments;
#[cfg(feature = "contract")]
pub(crate) mod contract;
pub mod fingerprints;
pub mod health;
mod helpers;
mod insert;
pub mod posts;
pub mod public_copy;
pub mod sessions;
pub mod sitemap;
pub mod users;

pub use insert::{Insert, insert};

#[cfg(test)]
mod snapshots;
