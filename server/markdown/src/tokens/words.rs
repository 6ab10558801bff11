//! Words: keywords, types, names of functions, keys and selectors.

use super::scan::{first, run};
use super::{Class, Token, Tokens};
use crate::languages::Grammar;

impl<'a> Tokens<'a> {
    /// Whether a word begins here.
    pub(super) fn starts_word(&self, rest: &str) -> bool {
        let is_letter = |c: char| c.is_alphabetic() || c == '_';
        let mut letters = rest.chars();
        let Some(first) = letters.next() else {
            return false;
        };
        if is_letter(first) {
            return true;
        }
        let is_mark = |c: char| self.language.word_start.contains(c);
        let second = letters.next().unwrap_or(' ');
        let is_name =
            is_letter(second) || (is_mark(second) && letters.next().is_some_and(is_letter));
        is_mark(first) && (is_name || self.language.grammar == Grammar::Shell)
    }

    /// Reads a word.
    pub(super) fn word(&mut self, rest: &'a str) -> Token {
        let inside = self.language.word_inside;
        let start = first(rest).len_utf8();
        let end = start
            + run(&rest[start..], |c| {
                c.is_alphanumeric() || c == '_' || inside.contains(c)
            });
        let (word, after) = rest.split_at(end);
        let is_macro = self.language.grammar == Grammar::Rust
            && after.starts_with('!')
            && !after.starts_with("!=");
        let class = self.word_class(word, after, is_macro);
        self.word = word;
        (if is_macro { end + 1 } else { end }, class)
    }

    fn word_class(&mut self, word: &str, after: &str, is_macro: bool) -> Option<Class> {
        let language = self.language;
        let is_listed = |list: &str| {
            list.split(' ').any(|listed| {
                listed == word || (language.ignores_case && listed.eq_ignore_ascii_case(word))
            })
        };
        let is_head = std::mem::replace(&mut self.is_head, false);
        match language.grammar {
            Grammar::Style if word.starts_with('@') => {
                self.is_value = true;
                return Some(Class::Keyword);
            }
            Grammar::Style if word.starts_with("--") => return Some(Class::Type),
            Grammar::Style if after.starts_with('(') => return Some(Class::Function),
            Grammar::Style if self.is_value => {
                return is_listed(language.keywords).then_some(Class::Keyword);
            }
            Grammar::Style if self.braces > 0 && after.starts_with(':') => {
                return Some(Class::Type);
            }
            Grammar::Style => return Some(Class::Function),
            Grammar::Shell if is_listed(language.keywords) => {
                self.is_head = is_head && !["for", "case", "in", "export", "local"].contains(&word);
                return is_head.then_some(Class::Keyword);
            }
            Grammar::Shell if is_head && after.starts_with('=') => return Some(Class::Type),
            Grammar::Shell => return is_head.then_some(Class::Function),
            Grammar::Data if is_listed(language.keywords) => return Some(Class::Keyword),
            Grammar::Data => {
                self.is_head = is_head;
                let is_key = is_head || after.trim_start_matches(' ').starts_with('=');
                return is_key.then_some(Class::Type);
            }
            Grammar::Code | Grammar::Rust | Grammar::Markup => {}
        }
        let is_defined = ["fn", "def", "function"].contains(&self.word);
        let is_capital = !language.ignores_case
            && word.starts_with(char::is_uppercase)
            && (word.chars().nth(1).is_none() || word.contains(char::is_lowercase));
        if is_macro {
            Some(Class::Function)
        } else if is_listed(language.keywords) {
            Some(Class::Keyword)
        } else if is_listed(language.types) || word.starts_with('@') || is_capital {
            Some(Class::Type)
        } else if after.starts_with('(') || is_defined {
            Some(Class::Function)
        } else {
            None
        }
    }
}
