//! What all connections of one stand-in share: plan, cache, counts, the way to the database.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::cache::Cache;
use crate::mysql::auth::Caching;
use crate::plan::{FaultKind, Moment, Plan, Plans};
use crate::postgres::auth::Secrets;
use crate::sql::{Effect, Engine, effect, without_literals};
use crate::stats::Stats;
use crate::upstream::Upstream;
use crate::{Auth, Session};

/// Shared by all connections.
pub(crate) struct Shared {
    pub(crate) upstream: Upstream,
    pub(crate) auth: Auth,
    pub(crate) session: Session,
    /// What the database says of itself, which clients are told too.
    pub(crate) greeting: OnceLock<Vec<u8>>,
    pub(crate) scram: Secrets,
    pub(crate) caching: Caching,
    cache: Option<Mutex<Cache>>,
    plans: Mutex<Plans>,
    stats: Mutex<Stats>,
    turn: AtomicUsize,
}

/// A panic elsewhere must not end a test that only reads counts.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(
        upstream: Upstream,
        auth: Auth,
        session: Session,
        cache: Option<Cache>,
    ) -> Self {
        Self {
            upstream,
            auth,
            session,
            greeting: OnceLock::new(),
            scram: Secrets::default(),
            caching: Caching::default(),
            cache: cache.map(Mutex::new),
            plans: Mutex::default(),
            stats: Mutex::default(),
            turn: AtomicUsize::new(0),
        }
    }

    pub(crate) fn stats(&self) -> MutexGuard<'_, Stats> {
        lock(&self.stats)
    }

    pub(crate) fn cache(&self) -> Option<MutexGuard<'_, Cache>> {
        self.cache.as_ref().map(lock)
    }

    pub(crate) fn plan(&self) -> Plan {
        lock(&self.plans).plan().clone()
    }

    pub(crate) fn set_plan(&self, plan: Plan) {
        lock(&self.plans).set(plan);
    }

    /// A number that is another each time.
    pub(crate) fn turn(&self) -> usize {
        self.turn.fetch_add(1, Ordering::Relaxed)
    }

    /// A moment has come: says what goes wrong now, and counts it.
    pub(crate) fn arrive(&self, moment: Moment, statement: &str) -> Option<FaultKind> {
        let kind = lock(&self.plans).arrive(moment, statement)?;
        let name = serde_json::to_value(kind).ok()?.as_str()?.to_owned();
        *self.stats().faults.entry(name).or_default() += 1;
        Some(kind)
    }

    /// Counts a statement that came.
    pub(crate) fn came(&self, engine: Engine, text: &str) {
        self.stats().statement(without_literals(engine, text));
    }

    /// Counts a statement that goes to the database.
    pub(crate) fn passed(&self, engine: Engine, text: &str) {
        if effect(engine, text) == Effect::Write {
            self.stats().writes += 1;
        }
    }

    /// What the cache has for a question that it may answer; counts hit or miss.
    pub(crate) fn cached(&self, question: &[u8]) -> Option<Vec<u8>> {
        let found = self.cache()?.find(question);
        let mut stats = self.stats();
        match &found {
            Some(_) => stats.cache_hits += 1,
            None => stats.cache_misses += 1,
        }
        found
    }

    /// Forgets plan, cache and counts, and who has entered.
    pub(crate) fn reset(&self) {
        self.set_plan(Plan::default());
        if let Some(mut cache) = self.cache() {
            cache.clear();
        }
        self.caching.cool();
        self.stats().reset();
    }
}
