//! Matching of comments to posts by shared rare words.

use std::collections::{HashMap, HashSet};

use crate::handwritten::ThemedPost;

/// A word is rare if at most this many posts contain it.
const MAX_RARE_USES: usize = 24;

/// Index over the words of all posts.
pub(crate) struct TermIndex {
    posts: Vec<HashSet<String>>,
    counts: HashMap<String, usize>,
}

impl TermIndex {
    pub(crate) fn new(posts: &[ThemedPost]) -> Self {
        let posts: Vec<_> = posts
            .iter()
            .map(|themed| terms(&themed.post.content))
            .collect();
        let mut counts = HashMap::new();
        for term in posts.iter().flatten() {
            *counts.entry(term.clone()).or_default() += 1;
        }
        Self { posts, counts }
    }

    /// Returns true if a text shares a rare word with a post.
    pub(crate) fn matches(&self, post: usize, text: &str) -> bool {
        terms(text)
            .iter()
            .any(|term| self.posts[post].contains(term) && self.counts[term] <= MAX_RARE_USES)
    }
}

/// Splits a text into words of at least four letters, cut to five so that inflections match. Scripts without spaces
/// between words are split into overlapping trigrams instead.
fn terms(text: &str) -> HashSet<String> {
    let mut terms = HashSet::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let word: Vec<char> = word.to_lowercase().chars().collect();
        if word.iter().any(|c| *c >= '\u{1100}') {
            terms.extend(
                word.windows(3)
                    .map(|letters| letters.iter().collect::<String>()),
            );
        } else if word.len() >= 4 {
            terms.insert(word.iter().take(5).collect());
        }
    }
    terms
}
