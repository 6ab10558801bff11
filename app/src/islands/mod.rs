//! The interactive parts. Each works as plain HTML before its script, and without it.

mod call;
mod history;
mod search;

#[cfg(feature = "ssr")]
#[path = "first_page/server.rs"]
mod first_page;
#[cfg(not(feature = "ssr"))]
#[path = "first_page/browser.rs"]
mod first_page;

pub use search::SearchIsland;
