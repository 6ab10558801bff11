//! PostgreSQL, by tokio-postgres over the platform's stream: the Worker's own socket, Hyperdrive's, or TCP.
//!
//! Owns the log-in ([`handshake`]), which is cheap in a Worker, and uses nothing that a pooler such as Hyperdrive cannot
//! keep: every statement is the unnamed one, in one round trip, without named portals, session state or advisory locks.
//! Absent: opening the stream.

mod driver;
mod errors;
mod greeted;
mod handshake;
#[cfg(feature = "contract")]
pub mod log_in_bench;
mod scram;
mod values;

pub use driver::Postgres;
pub use handshake::request_tls;
