//! The hourly job: what is due is erased, what is of no more use is deleted. Several servers may run it at the same time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::service::SiteService;

/// The time before the first run: a database that is started with the server is there by then.
const DELAY: Duration = Duration::from_secs(60);
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Runs the job for as long as it is polled. What is left, or failed, is for the next run.
pub async fn every_hour(service: Arc<SiteService>) {
    sleep(DELAY).await;
    loop {
        match service.clean_up().await {
            Ok(done) => log::info!("{done}"),
            Err(error) => log::error!("the hourly job failed: {error}"),
        }
        sleep(INTERVAL).await;
    }
}
