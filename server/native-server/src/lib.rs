//! The site as an ordinary program, which does what a Worker's platform does.
//!
//! The way of a request: [`listen`] → [`service`] → the file, if there is one ([`assets`]), else `server::answer`. Absent:
//! TLS, and compression of all but feeds: these belong to the proxy in front.

#![expect(missing_docs, reason = "a program's own modules")]

pub mod assets;
mod bodies;
pub mod clean_up;
pub mod config;
mod encoding;
pub mod health;
mod limiter;
pub mod listen;
pub mod service;
mod smtp;
