//! PostgreSQL, by tokio-postgres over whatever stream the platform has: a socket of the Worker's, Hyperdrive's, or TCP.
//!
//! Owns the log-in ([`handshake`]: the same everywhere, and cheap in a Worker), and that nothing is asked for that a
//! pooler such as Hyperdrive cannot keep: every statement is the unnamed one, in one round trip, with no named portal, no
//! session state and no advisory lock. Absent: who opens the stream.

mod driver;
mod errors;
mod greeted;
mod handshake;
#[cfg(feature = "contract")]
pub mod log_in_bench;
mod scram;
mod values;

pub use driver::Postgres;
pub use handshake::ask_for_tls;
