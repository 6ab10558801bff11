//! The hourly job (`triggers` in wrangler.jsonc): what is due is erased, what is of no more use is deleted.

use db::clean_up;
use domain::Timestamp;
use worker::{Env, ScheduleContext, ScheduledEvent, event};

use super::isolate;
use super::panics::Numbered;

/// The number of no request: a panic here is nobody's fault.
const NO_REQUEST: u32 = 0;

/// Runs the job once. What is left, or failed, is for the next hour.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    Numbered::new(NO_REQUEST, run(env)).await;
}

async fn run(env: Env) {
    let db = isolate::with(&env, |isolate| isolate.settings.db(&env, None));
    match clean_up::run(&db, Timestamp::now()).await {
        Ok(done) => log::info!("{done}"),
        Err(error) => log::error!("the hourly job failed: {error}"),
    }
    db.close();
}
