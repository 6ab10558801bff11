//! Values that mean the same everywhere: in the browser, in the Worker, in a native tool.
//!
//! Owns the types whose validity is decided once, at the door: inside, a [`Slug`] cannot be wrong.
//! Absent: where values are stored (`db`) and how they look (`app`).

mod enums;
mod id;
mod names;
mod page;
mod search;
mod time;

pub use enums::{PostStatus, Role};
pub use id::*;
pub use names::{Email, Handle, InvalidName, Slug};
pub use page::{Cursor, Direction, InvalidPageRequest, Page, PageRequest};
pub use search::{Piece, Search, highlight};
pub use time::Timestamp;
