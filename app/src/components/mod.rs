//! The parts of pages. They take data and return a view; they do not fetch.

mod comments;
mod facts;
mod frame;
mod head;
mod pager;
mod people;
mod post_list;
mod search;

pub(crate) use comments::Comments;
pub(crate) use facts::{Day, Marked, PostCount, counted};
pub(crate) use frame::Frame;
pub(crate) use head::Head;
pub(crate) use pager::Pager;
pub(crate) use people::People;
pub(crate) use post_list::PostList;
pub(crate) use search::{Results, SearchForm};
