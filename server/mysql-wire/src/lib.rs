//! A small MySQL client over any stream, for a Worker and natively.
//!
//! Owns the wire protocol, as far as a site needs it: login, the text protocol, pipelining, and
//! parameters written into the statement as literals that mean the same in every SQL mode.
//!
//! Absent from the client, because a Worker's connection pool allows none of it: prepared statements,
//! several statements in one, changing the database or the user. Also absent: connecting, TLS itself,
//! time limits and retries, which belong to whoever owns the stream.
//!
//! What other clients may share: [`interpolate_next`], which writes several statements into one text for
//! a session that takes that, and [`Kind`], which reads what the text protocol brings.
//!
//! What a server sends is never trusted: lengths are bounded, garbage is an error, and after an
//! error that leaves the stream in doubt the client answers nothing but [`Error::Closed`].

mod answer;
mod auth;
mod cell;
mod client;
mod error;
mod handshake;
mod literal;
mod packet;
mod reader;
mod rsa;
mod temporal;

pub use answer::Answer;
pub use cell::{Cell, ColumnInfo, Kind};
pub use client::{Client, Config, Tls};
pub use error::Error;
pub use literal::{Param, interpolate, interpolate_next};
