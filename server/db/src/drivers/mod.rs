//! The drivers, a file or a folder for each engine.

#[cfg(feature = "d1")]
pub mod d1;
#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(any(feature = "mysql", feature = "native"))]
mod mysql_errors;
#[cfg(feature = "native")]
pub mod native;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "server_url")]
pub mod server_options;
#[cfg(all(feature = "mysql", feature = "postgres", target_arch = "wasm32"))]
pub mod sockets;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(any(feature = "d1", feature = "sqlite"))]
mod sqlite_errors;
