//! Every SQL statement of Waypost, one named function each, built with sea-query.
//!
//! Absent: who may do it — that is decided before anyone calls here.

pub mod comments;
#[cfg(feature = "contract")]
pub(crate) mod contract;
pub mod copy;
pub mod health;
mod insert;
mod parts;
pub mod posts;
pub mod sessions;
pub mod shown;
pub mod sitemap;
pub mod users;

pub use insert::{Insert, insert};

#[cfg(test)]
mod snapshots;
