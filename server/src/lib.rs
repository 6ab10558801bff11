//! What never reaches a browser: the Worker's entry, the router, the JSON API, feeds, and what every response has.
//!
//! The way of a request: `entry` (Worker) → [`answer`] → [`router`] → a page, a server function or an API handler, which
//! takes its [`app::context::RequestContext`] and asks `db`.

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod entry;

mod answer;
mod api;
mod consistency;
mod extract;
mod feeds;
mod headers;
pub mod prerendered;
mod rejection;
mod request_info;
mod router;
mod scope;
#[cfg(feature = "test_routes")]
mod test_routes;
mod theme;

pub use answer::{LARGEST_BODY, answer, answer_failure};
pub use consistency::mark_of;
pub use headers::constant_headers;
pub use router::router;
