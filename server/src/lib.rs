//! The server side of the site: the Worker's entry, the router, the JSON API, feeds, and what every response has.
//!
//! The way of a request: `entry` (Worker) → [`answer`] → [`router`] → a page, a server function or an API handler, which
//! takes its [`app::context::RequestContext`] and queries `db`.

#![expect(
    missing_docs,
    reason = "nobody uses this crate as a library but our own programs"
)]

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod entry;

mod accept;
mod accounts;
mod answer;
mod api;
mod body;
mod checks;
pub mod consistency;
mod extract;
mod feeds;
mod fields;
mod headers;
mod limits;
mod origin;
mod outbox;
mod placeholders;
mod query;
mod rejection;
mod render;
mod request_info;
mod route;
mod router;
mod scope;
#[cfg(feature = "test_routes")]
mod test_routes;
mod theme;
mod zip;

pub use accept::accepts_json;
pub use answer::{Answer, Validator, answer, answer_failure, answer_with};
pub use api::description as api_description;
pub use headers::constant_headers;
pub use origin::origin_at;
pub use rejection::Rejection;
pub use router::{paths, router};
