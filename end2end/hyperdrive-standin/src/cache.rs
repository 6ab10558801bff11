//! The cache of reads: kept for an age, never told of a write.
//! Absent: which statement may be kept; see `sql`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// What is remembered of one read.
struct Kept {
    since: Duration,
    reply: Vec<u8>,
}

/// Replies by the bytes of their question.
pub(crate) struct Cache {
    age: Duration,
    started: Instant,
    /// How far the clock was put forward.
    advanced: Duration,
    kept: HashMap<Vec<u8>, Kept>,
}

impl Cache {
    pub(crate) fn new(age: Duration) -> Self {
        Self {
            age,
            started: Instant::now(),
            advanced: Duration::ZERO,
            kept: HashMap::new(),
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed() + self.advanced
    }

    /// Puts the clock forward.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.advanced = self.advanced.saturating_add(by);
    }

    pub(crate) fn clear(&mut self) {
        self.kept.clear();
    }

    /// What was answered to the same question, unless that is too long ago.
    pub(crate) fn find(&mut self, question: &[u8]) -> Option<Vec<u8>> {
        let now = self.now();
        let kept = self.kept.get(question)?;
        if now.saturating_sub(kept.since) < self.age {
            return Some(kept.reply.clone());
        }
        self.kept.remove(question);
        None
    }

    /// Keeps a reply; it stands for as long as it is young, whatever is written meanwhile.
    pub(crate) fn keep(&mut self, question: Vec<u8>, reply: &[u8]) {
        let since = self.now();
        let reply = reply.to_vec();
        self.kept.insert(question, Kept { since, reply });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_stands_for_its_age_and_no_longer() {
        let mut cache = Cache::new(Duration::from_secs(60));
        assert_eq!(cache.find(b"q"), None);
        cache.keep(b"q".to_vec(), b"a");
        cache.advance(Duration::from_secs(59));
        assert_eq!(cache.find(b"q"), Some(b"a".to_vec()));
        cache.advance(Duration::from_secs(1));
        assert_eq!(cache.find(b"q"), None);
    }
}
