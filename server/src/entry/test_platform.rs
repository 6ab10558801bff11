//! Test routes' own needs of the platform: waiting, and the cost of a log-in to PostgreSQL for `cargo x bench drivers`.

use std::time::Duration;

use app::AppError;
use db::drivers::postgres::log_in_bench::{Way, log_in};

/// The most log-ins of one request.
const MAX_LOG_INS: u32 = 100_000;

pub(super) async fn wait(duration: Duration) {
    worker::send::SendFuture::new(async move { worker::Delay::from(duration).await }).await;
}

/// Computes the client's side of a log-in this many times, in the way of this name.
pub(super) async fn log_in_often(way: &str, times: u32) -> Result<(), AppError> {
    let way = Way::named(way).ok_or(AppError::NotFound)?;
    let done = log_in(way, times.min(MAX_LOG_INS)).await;
    done.map_err(|error| AppError::internal(&error))
}
