//! Values that mean the same everywhere: in the browser, in the Worker, in a native tool.
//!
//! Owns the types whose validity is decided once, at the door: inside, a [`Slug`] cannot be wrong.
//! Absent: where values are stored (`db`) and how they look (`app`).

mod bio;
mod display_name;
mod email;
mod enums;
mod handle;
mod id;
pub mod lifetimes;
mod names;
mod page;
mod password;
mod rule;
mod search;
mod time;

/// The most characters of the reason of a suspension, as the person is told it.
pub const MAX_SUSPENSION_REASON: usize = 500;

pub use bio::Bio;
pub use display_name::DisplayName;
pub use email::Email;
pub use enums::{CodePurpose, EventKind, PostStatus, RevisionKind, Role, Scope};
pub use id::*;
pub use names::{Handle, InvalidName, Slug};
pub use page::{Cursor, Direction, InvalidPageRequest, Page, PageRequest};
pub use password::{NewPassword, Password, WeakPassword};
pub use rule::FieldRule;
pub use search::{Phrase, Piece, Search, highlight, snippet};
pub use time::Timestamp;
