//! Waiting: timeouts, and delays before retries.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};

use crate::DbError;

/// Waits for `future` up to `timeout`; `what` names it in the error.
pub(crate) async fn within<T>(
    timeout: Option<Duration>,
    what: &str,
    future: impl Future<Output = Result<T, DbError>>,
) -> Result<T, DbError> {
    let Some(timeout) = timeout else {
        return future.await;
    };
    match select(pin!(future), pin!(sleep(timeout))).await {
        Either::Left((output, _)) => output,
        Either::Right(_) => Err(DbError::Timeout(format!(
            "{what} took longer than {} s",
            timeout.as_secs_f32()
        ))),
    }
}

/// The delay before retry number `retry` (from 1): 25 to 75 ms, then twice that; random, so that requests which were refused
/// together do not return together.
pub(crate) fn retry_delay(retry: u32) -> Duration {
    let random = u64::from(uuid::Uuid::now_v7().as_bytes()[15]);
    Duration::from_millis(25 + random * 50 / 255) * (1 << retry.saturating_sub(1).min(4))
}

/// Waits.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) async fn sleep(duration: Duration) {
    futures_timer::Delay::new(duration).await;
}

#[cfg(target_arch = "wasm32")]
pub(crate) use browser::sleep;

#[cfg(target_arch = "wasm32")]
mod browser {
    use std::time::Duration;

    use worker::js_sys::{Function, Promise};
    use worker::send::SendFuture;
    use worker::wasm_bindgen::{self, prelude::wasm_bindgen};
    use worker::wasm_bindgen_futures::JsFuture;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = setTimeout)]
        fn set_timeout(then: &Function, milliseconds: f64) -> f64;

        #[wasm_bindgen(js_name = clearTimeout)]
        fn clear_timeout(timer: f64);
    }

    /// A timer that is cleared when nobody waits for it any more.
    struct Timer(f64);

    impl Drop for Timer {
        fn drop(&mut self) {
            clear_timeout(self.0);
        }
    }

    /// Waits.
    pub(crate) fn sleep(duration: Duration) -> impl Future<Output = ()> + Send {
        SendFuture::new(async move {
            let mut timer = None;
            let promise = Promise::new(&mut |then, _| {
                timer = Some(Timer(set_timeout(&then, duration.as_secs_f64() * 1000.0)));
            });
            // A timer's promise is never rejected.
            let _ = JsFuture::from(promise).await;
            drop(timer);
        })
    }
}
