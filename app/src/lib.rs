//! Everything a reader sees: pages, components, islands, and the server functions that the islands call.
//!
//! Two builds: `ssr` (the Worker and native tools: everything) and `hydrate` (the browser: the islands alone).
//! Absent: SQL (`db`), HTTP and the Worker (`server`).

// The types of views nest deeply.
#![recursion_limit = "256"]
#![expect(unreachable_pub, reason = "Leptos writes component items as pub")]
#![expect(missing_docs, reason = "names say what a page or a component is")]

mod address;
mod components;
mod from_js;
mod html;
pub mod islands;
pub mod language;
pub mod list;
mod problem;
pub mod server_fns;
pub mod site;

#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
pub mod browser;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
mod error;
#[cfg(feature = "ssr")]
mod failure;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod invite;
#[cfg(feature = "ssr")]
pub mod mail;
#[cfg(feature = "ssr")]
mod owner_proof;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
pub mod paging;
#[cfg(feature = "ssr")]
pub mod passkeys;
#[cfg(feature = "ssr")]
mod pattern;
#[cfg(feature = "ssr")]
pub mod prerender;
#[cfg(feature = "ssr")]
pub mod redirects;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod secret;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
pub mod text;
#[cfg(feature = "ssr")]
pub mod visitor;

#[cfg(feature = "ssr")]
pub use components::with_stale_notice;
#[cfg(feature = "ssr")]
pub use error::AppError;
pub use problem::{Problem, ProblemJson};
#[cfg(feature = "ssr")]
pub use routes::{ROUTES, Route, document, page_above};
#[cfg(feature = "ssr")]
pub use shell::with_theme;
