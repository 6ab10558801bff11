//! The site as an ordinary program: what a Worker's platform does for it, done here.
//!
//! The way of a request: [`listen`] → the file, if there is one ([`assets`]) → `server::answer`, with what every response
//! has ([`site`]). Absent: TLS and compression, which whatever stands in front does.

pub mod assets;
pub mod health;
pub mod listen;
pub mod settings;
pub mod site;
