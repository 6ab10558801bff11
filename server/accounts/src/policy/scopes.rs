//! Scopes of an API token.

use domain::Scope;

/// Every scope; each includes the ones before it.
pub(super) const ALL: [Scope; 3] = [Scope::Read, Scope::Write, Scope::Admin];

/// The scopes of a token, as a list of words. A higher one includes the lower ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(Option<Scope>);

impl Scopes {
    /// Takes the words that are stored with a token, separated by spaces. An unknown word allows nothing.
    pub fn parse(words: &str) -> Self {
        let known = words
            .split_whitespace()
            .filter_map(|word| word.parse().ok());
        Self(known.max())
    }

    /// Every scope that they include.
    pub fn included(self) -> impl Iterator<Item = Scope> {
        ALL.into_iter().filter(move |scope| self.allows(*scope))
    }

    /// True if they include `scope`.
    pub fn allows(self, scope: Scope) -> bool {
        self.0.is_some_and(|highest| highest >= scope)
    }
}

impl From<Scope> for Scopes {
    fn from(scope: Scope) -> Self {
        Self(Some(scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_includes_those_below_it() {
        for (words, allowed) in [
            ("", [false; 3]),
            ("root", [false; 3]),
            ("read", [true, false, false]),
            ("write", [true, true, false]),
            ("read write", [true, true, false]),
            ("admin", [true; 3]),
            ("Admin", [false; 3]),
        ] {
            let scopes = Scopes::parse(words);
            let found = [Scope::Read, Scope::Write, Scope::Admin].map(|scope| scopes.allows(scope));
            assert_eq!(found, allowed, "{words}");
            let number = allowed.into_iter().filter(|is_included| *is_included);
            assert_eq!(scopes.included().count(), number.count(), "{words}");
        }
    }
}
