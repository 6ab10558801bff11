//! The state that all connections of a stand-in share: fault plan, cache, counters and options.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::cache::Cache;
use crate::dialect::Dialect;
use crate::fault_plan::{ActivePlan, FaultKind, FaultPlan, Trigger};
use crate::mysql::auth::CachingSha2;
use crate::options::{AuthPlugin, SessionState};
use crate::postgres::scram::SaltedPasswords;
use crate::sql::{Effect, effect, normalize};
use crate::stats::Stats;
use crate::upstream::Upstream;

pub(crate) struct Shared {
    pub(crate) upstream: Upstream,
    pub(crate) auth: AuthPlugin,
    pub(crate) session: SessionState,
    /// The database's description of itself, which is sent to clients: MySQL's version or PostgreSQL's parameters.
    pub(crate) server_info: OnceLock<Vec<u8>>,
    pub(crate) salted_passwords: SaltedPasswords,
    pub(crate) caching_sha2: CachingSha2,
    cache: Option<Mutex<Cache>>,
    plan: Mutex<ActivePlan>,
    stats: Mutex<Stats>,
    split_turn: AtomicUsize,
}

/// Locks, and ignores poisoning: a panic in one connection must not fail a test that only reads the counters.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(
        upstream: Upstream,
        auth: AuthPlugin,
        session: SessionState,
        cache: Option<Cache>,
    ) -> Self {
        Self {
            upstream,
            auth,
            session,
            server_info: OnceLock::new(),
            salted_passwords: SaltedPasswords::default(),
            caching_sha2: CachingSha2::default(),
            cache: cache.map(Mutex::new),
            plan: Mutex::default(),
            stats: Mutex::default(),
            split_turn: AtomicUsize::new(0),
        }
    }

    pub(crate) fn stats(&self) -> MutexGuard<'_, Stats> {
        lock(&self.stats)
    }

    pub(crate) fn cache(&self) -> Option<MutexGuard<'_, Cache>> {
        self.cache.as_ref().map(lock)
    }

    pub(crate) fn plan(&self) -> FaultPlan {
        lock(&self.plan).plan().clone()
    }

    pub(crate) fn set_plan(&self, plan: FaultPlan) {
        lock(&self.plan).set(plan);
    }

    /// Returns a number that increases with each call.
    pub(crate) fn next_split_turn(&self) -> usize {
        self.split_turn.fetch_add(1, Ordering::Relaxed)
    }

    /// Records an occurrence of a trigger. Returns the fault to inject, if any, and counts it.
    pub(crate) fn trigger(&self, trigger: Trigger, statement: &str) -> Option<FaultKind> {
        let kind = lock(&self.plan).trigger(trigger, statement)?;
        let name = serde_json::to_value(kind).ok()?.as_str()?.to_owned();
        *self.stats().faults.entry(name).or_default() += 1;
        Some(kind)
    }

    /// Counts a statement that a client sent.
    pub(crate) fn count_received(&self, dialect: Dialect, text: &str) {
        self.stats().add_statement(normalize(dialect, text));
    }

    /// Counts a statement that is forwarded to the database.
    pub(crate) fn count_forwarded(&self, dialect: Dialect, text: &str) {
        if effect(dialect, text) == Effect::Write {
            self.stats().writes += 1;
        }
    }

    /// Looks a cacheable request up in the cache and counts the hit or miss.
    pub(crate) fn cached(&self, request: &[u8]) -> Option<Vec<u8>> {
        let response = self.cache()?.get(request);
        let mut stats = self.stats();
        match &response {
            Some(_) => stats.cache_hits += 1,
            None => stats.cache_misses += 1,
        }
        response
    }

    /// Clears the fault plan, the cache, the counters and the fast path of `caching_sha2_password`.
    pub(crate) fn reset(&self) {
        self.set_plan(FaultPlan::default());
        if let Some(mut cache) = self.cache() {
            cache.clear();
        }
        self.caching_sha2.close_fast_path();
        self.stats().reset();
    }
}
