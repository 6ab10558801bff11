//! The drivers, a file or a folder for each engine.

#[cfg(feature = "d1")]
pub mod d1;
#[cfg(any(feature = "d1", test))]
mod d1_rows;
#[cfg(target_arch = "wasm32")]
mod left_out;
#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(any(feature = "mysql", feature = "native"))]
mod mysql_errors;
#[cfg(feature = "native")]
pub mod native;
#[cfg(any(
    feature = "native",
    all(any(feature = "mysql", feature = "postgres"), target_arch = "wasm32")
))]
mod opening;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(
    feature = "d1",
    feature = "mysql",
    feature = "postgres",
    feature = "sqlite"
))]
#[cfg_attr(
    not(any(feature = "mysql", feature = "postgres")),
    expect(dead_code, reason = "some sentences are about servers alone")
)]
pub(crate) mod sentences;
#[cfg(all(any(feature = "mysql", feature = "postgres"), target_arch = "wasm32"))]
pub mod sockets;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(any(feature = "d1", feature = "sqlite"))]
mod sqlite_errors;

pub use database_url as server_options;
#[cfg(target_arch = "wasm32")]
pub use left_out::left_out;
