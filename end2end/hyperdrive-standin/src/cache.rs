//! The cache of reads. Entries expire after a fixed time; writes do not invalidate them.
//! Absent: the decision which statements are cacheable; see `sql`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

struct Entry {
    stored_at: Duration,
    response: Vec<u8>,
}

/// Responses by the bytes of their request.
pub(crate) struct Cache {
    ttl: Duration,
    started: Instant,
    /// How far the clock was moved forward.
    advanced: Duration,
    entries: HashMap<Vec<u8>, Entry>,
}

impl Cache {
    pub(crate) fn new(ttl: Duration) -> Self {
        Self {
            ttl,
            started: Instant::now(),
            advanced: Duration::ZERO,
            entries: HashMap::new(),
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed() + self.advanced
    }

    /// Moves the clock forward.
    pub(crate) fn advance_clock(&mut self, by: Duration) {
        self.advanced = self.advanced.saturating_add(by);
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// Returns the cached response to the same request, unless it has expired.
    pub(crate) fn get(&mut self, request: &[u8]) -> Option<Vec<u8>> {
        let now = self.now();
        let entry = self.entries.get(request)?;
        if now.saturating_sub(entry.stored_at) < self.ttl {
            return Some(entry.response.clone());
        }
        self.entries.remove(request);
        None
    }

    pub(crate) fn put(&mut self, request: Vec<u8>, response: &[u8]) {
        let entry = Entry {
            stored_at: self.now(),
            response: response.to_vec(),
        };
        self.entries.insert(request, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_expire_after_their_ttl() {
        let mut cache = Cache::new(Duration::from_secs(60));
        assert_eq!(cache.get(b"q"), None);
        cache.put(b"q".to_vec(), b"a");
        cache.advance_clock(Duration::from_secs(59));
        assert_eq!(cache.get(b"q"), Some(b"a".to_vec()));
        cache.advance_clock(Duration::from_secs(1));
        assert_eq!(cache.get(b"q"), None);
    }
}
