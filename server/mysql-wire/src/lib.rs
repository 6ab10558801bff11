//! A small MySQL client over any stream, for a Worker and natively.
//!
//! Implements as much of the wire protocol as a site needs: login, the text protocol, pipelining, and parameters that
//! are written into the statement as literals with one meaning in every SQL mode.
//!
//! Absent, because a Worker's connection pool supports none of it: prepared statements, several statements in one query,
//! changing the database or the user. Also absent: connecting, TLS itself, timeouts and retries, which belong to the
//! owner of the stream.
//!
//! Other clients can share [`interpolate_next`], which writes several statements into one query text for a session that
//! supports it, and [`ColumnKind`], which decodes values of the text protocol.
//!
//! Nothing that a server sends is trusted: lengths are bounded, garbage is an error, and after an error that leaves the
//! stream in an unknown state every call returns [`Error::Closed`].

mod auth;
mod cell;
mod client;
mod config;
mod datetime;
mod err_packet;
mod error;
mod handshake;
mod literal;
mod packet_stream;
mod query_result;
mod reader;
mod rsa;

pub use cell::{Cell, ColumnInfo, ColumnKind};
pub use client::Client;
pub use config::{Config, Tls};
pub use error::Error;
pub use literal::{Param, interpolate, interpolate_next};
pub use query_result::QueryResult;
