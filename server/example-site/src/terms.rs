//! Which comments fit which post: the rare words that both contain.

use std::collections::{HashMap, HashSet};

use crate::handwritten::Piece;

/// A word is rare when at most this many posts contain it.
const RARE: usize = 24;

/// The words of all posts.
pub(crate) struct Terms {
    posts: Vec<HashSet<String>>,
    uses: HashMap<String, usize>,
}

impl Terms {
    /// Reads every post once.
    pub(crate) fn of(pieces: &[Piece]) -> Self {
        let posts: Vec<_> = pieces
            .iter()
            .map(|piece| terms(&piece.post.content))
            .collect();
        let mut uses = HashMap::new();
        for term in posts.iter().flatten() {
            *uses.entry(term.clone()).or_default() += 1;
        }
        Self { posts, uses }
    }

    /// Whether a text takes up something that is said in the given post and in few others.
    pub(crate) fn fit(&self, post: usize, text: &str) -> bool {
        terms(text)
            .iter()
            .any(|term| self.posts[post].contains(term) && self.uses[term] <= RARE)
    }
}

/// The words of a text that carry meaning, cut to their first letters so that endings do not matter. Scripts that put
/// no space between words give every three signs in a row instead.
fn terms(text: &str) -> HashSet<String> {
    let mut terms = HashSet::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let word: Vec<char> = word.to_lowercase().chars().collect();
        if word.iter().any(|c| *c >= '\u{1100}') {
            terms.extend(
                word.windows(3)
                    .map(|signs| signs.iter().collect::<String>()),
            );
        } else if word.len() >= 4 {
            terms.insert(word.iter().take(5).collect());
        }
    }
    terms
}
