//! Dumps: a database's rows in one file that every engine can be filled from.
//!
//! A dump is a zip file: `manifest.json`, and for each table a file of JSON Lines, a row a line, in the order of the
//! declared columns. Its last 64 characters are the SHA-256 of everything before them. Full-text indexes are not in it; the
//! database makes them from the rows.

mod anonymise;
mod archive;
mod export;
mod line;
mod manifest;
mod progress;
mod restore;
mod session;
mod sql;
mod summary;

pub use export::{Export, Form, export, export_older};
pub use progress::Reporter;
pub use restore::{Existing, Restore, restore};
pub use summary::Summary;
