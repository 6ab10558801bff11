//! Test routes' own needs of the platform: waiting, its memory, and the cost of a log-in to PostgreSQL for `cargo x bench drivers`.

use std::time::Duration;

use app::AppError;
use db::drivers::postgres::log_in_bench::{Implementation, log_in};

/// The most log-ins of one request.
const MAX_LOG_INS: u32 = 100_000;

pub(super) async fn wait(duration: Duration) {
    worker::send::SendFuture::new(async move { worker::Delay::from(duration).await }).await;
}

/// Ends the instance as a fault of wasm does.
pub(super) fn trap() {
    core::arch::wasm32::unreachable();
}

/// The memory of the instance, in bytes. It grows and never shrinks.
pub(super) fn memory() -> usize {
    const PAGE: usize = 65_536;
    core::arch::wasm32::memory_size(0) * PAGE
}

/// Computes the client's side of a log-in this many times, by the implementation of this name.
pub(super) async fn log_in_often(implementation: &str, times: u32) -> Result<(), AppError> {
    let implementation = Implementation::named(implementation).ok_or(AppError::NotFound)?;
    let done = log_in(implementation, times.min(MAX_LOG_INS)).await;
    done.map_err(|error| AppError::internal(&error))
}
