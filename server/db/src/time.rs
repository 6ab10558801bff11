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
    use std::cell::{Cell, RefCell};
    use std::collections::HashMap;
    use std::future::poll_fn;
    use std::task::{Poll, Waker};
    use std::time::Duration;

    use worker::wasm_bindgen::{
        self,
        prelude::{Closure, wasm_bindgen},
    };

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = setTimeout)]
        fn set_timeout(then: &Closure<dyn FnMut(u32)>, milliseconds: f64, number: u32) -> f64;

        #[wasm_bindgen(js_name = clearTimeout)]
        fn clear_timeout(timer: f64);
    }

    thread_local! {
        /// Who waits for which timer.
        static WAITING: RefCell<HashMap<u32, Waker>> = RefCell::default();
        static LAST: Cell<u32> = const { Cell::new(0) };
        /// Ends the wait for a timer. One function for all of them, because each costs the platform more than a timer.
        static RING: Closure<dyn FnMut(u32)> = Closure::new(|number| {
            if let Some(waker) = WAITING.with_borrow_mut(|waiting| waiting.remove(&number)) {
                waker.wake();
            }
        });
    }

    /// A timer that is cleared when nobody waits for it any more. It is no promise: one that never settles is never freed.
    struct Timer {
        id: f64,
        number: u32,
    }

    impl Timer {
        fn new(duration: Duration, waker: Waker) -> Self {
            let number = LAST.get().wrapping_add(1);
            LAST.set(number);
            WAITING.with_borrow_mut(|waiting| waiting.insert(number, waker));
            let milliseconds = duration.as_secs_f64() * 1000.0;
            Self {
                id: RING.with(|ring| set_timeout(ring, milliseconds, number)),
                number,
            }
        }

        /// Has `waker` woken when the time has come; ready when it has.
        fn poll(&self, waker: &Waker) -> Poll<()> {
            WAITING.with_borrow_mut(|waiting| match waiting.get_mut(&self.number) {
                Some(waiting) => {
                    waiting.clone_from(waker);
                    Poll::Pending
                }
                None => Poll::Ready(()),
            })
        }
    }

    impl Drop for Timer {
        fn drop(&mut self) {
            if WAITING
                .with_borrow_mut(|waiting| waiting.remove(&self.number))
                .is_some()
            {
                clear_timeout(self.id);
            }
        }
    }

    /// Waits.
    pub(crate) fn sleep(duration: Duration) -> impl Future<Output = ()> + Send {
        let mut timer = None;
        poll_fn(move |task| match &timer {
            Some(timer) => Timer::poll(timer, task.waker()),
            None => {
                timer = Some(Timer::new(duration, task.waker().clone()));
                Poll::Pending
            }
        })
    }
}
