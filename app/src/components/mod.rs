//! The parts of pages. They take data and return a view; they do not fetch. The parts of lists are in the browser, too.

mod pager;
mod post_item;
mod search;
mod user_item;

#[cfg(feature = "ssr")]
mod comments;
#[cfg(feature = "ssr")]
mod event_list;
#[cfg(feature = "ssr")]
mod form;
#[cfg(feature = "ssr")]
mod format;
#[cfg(feature = "ssr")]
mod head;
#[cfg(feature = "ssr")]
mod json_ld;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod post_list;
#[cfg(feature = "ssr")]
mod profile;

pub(crate) use pager::Pager;
pub(crate) use post_item::PostListItem;
pub(crate) use search::{NothingFound, SearchForm, search_status};
pub(crate) use user_item::UserListItem;

#[cfg(feature = "ssr")]
pub(crate) use comments::Comments;
#[cfg(feature = "ssr")]
pub(crate) use event_list::{EventItem, EventList, event_words};
#[cfg(feature = "ssr")]
pub(crate) use form::{
    FieldError, FieldKind, Fields, FormErrors, Select, TextArea, TextInput, max_units,
};
#[cfg(feature = "ssr")]
pub(crate) use format::{Day, Moment, PostCount, ROLES, role_name};
#[cfg(feature = "ssr")]
pub(crate) use head::{Article, Head, HeadSlot};
#[cfg(feature = "ssr")]
pub(crate) use json_ld::{image, in_html as json_in_html, of_site};
#[cfg(feature = "ssr")]
pub use layout::with_stale_notice;
#[cfg(feature = "ssr")]
pub(crate) use layout::{Layout, footer_with_theme};
#[cfg(feature = "ssr")]
pub(crate) use post_list::PostList;
#[cfg(feature = "ssr")]
pub(crate) use profile::ProfileText;
