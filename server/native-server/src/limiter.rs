//! Rate limits of a server of its own: counted in memory.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::visitor::{Limit, RateLimiter};
use db::BoxFuture;
use governor::{DefaultKeyedRateLimiter, Quota};

/// The number of attempts after which keys that have not been seen lately are forgotten.
const TIDY_INTERVAL: usize = 10_000;

pub(crate) struct Limiter {
    limits: HashMap<Limit, DefaultKeyedRateLimiter<String>>,
    attempts: AtomicUsize,
}

impl Default for Limiter {
    fn default() -> Self {
        let limits = Limit::ALL.into_iter().map(|limit| {
            let number = NonZeroU32::new(limit.per_minute()).unwrap_or(NonZeroU32::MIN);
            (
                limit,
                DefaultKeyedRateLimiter::keyed(Quota::per_minute(number)),
            )
        });
        Self {
            limits: limits.collect(),
            attempts: AtomicUsize::new(0),
        }
    }
}

impl RateLimiter for Limiter {
    fn allows<'a>(&'a self, limit: Limit, key: &'a str) -> BoxFuture<'a, Result<bool, String>> {
        let limiter = self.limits.get(&limit);
        if self.attempts.fetch_add(1, Ordering::Relaxed) % TIDY_INTERVAL == TIDY_INTERVAL - 1 {
            self.limits
                .values()
                .for_each(DefaultKeyedRateLimiter::retain_recent);
        }
        let is_allowed = limiter.is_none_or(|limiter| limiter.check_key(&key.to_owned()).is_ok());
        Box::pin(async move { Ok(is_allowed) })
    }
}
