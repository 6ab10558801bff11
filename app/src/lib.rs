//! What a reader sees: pages, components, islands, and the server functions that the islands call.
//!
//! Two builds: `ssr` (the Worker and native tools: everything) and `hydrate` (the browser: the islands alone).
//! Absent: SQL (`db`), HTTP and the Worker (`server`).

#![expect(unreachable_pub, reason = "Leptos writes component items as pub")]

mod address;
pub mod islands;
mod problem;
pub mod server_fns;

#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
mod error;
#[cfg(feature = "ssr")]
mod failure;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
pub mod prerender;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod secret;
#[cfg(feature = "ssr")]
mod shell;

#[cfg(feature = "ssr")]
pub use components::with_stale_notice;
#[cfg(feature = "ssr")]
pub use error::AppError;
#[cfg(feature = "ssr")]
pub use failure::error_page;
pub use problem::{Problem, ProblemJson};
#[cfg(feature = "ssr")]
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::{shell, with_theme};
