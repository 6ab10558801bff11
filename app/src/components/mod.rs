//! The parts of pages. They take data and return a view; they do not fetch.

mod comments;
mod format;
mod head;
mod layout;
mod pager;
mod post_list;
mod search;
mod user_list;

pub(crate) use comments::Comments;
pub(crate) use format::{Day, Marked, PostCount, counted};
pub(crate) use head::Head;
pub use layout::with_stale_notice;
pub(crate) use layout::{Layout, footer_with_theme};
pub(crate) use pager::Pager;
pub(crate) use post_list::PostList;
pub(crate) use search::{Results, SearchForm};
pub(crate) use user_list::UserList;
