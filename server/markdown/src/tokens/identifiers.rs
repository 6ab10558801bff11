//! Identifiers: keywords, types, function names, keys and selectors.

use super::scan::{first_char, run_length};
use super::{Token, TokenKind, Tokens};
use crate::languages::Grammar;

impl<'a> Tokens<'a> {
    pub(super) fn starts_identifier(&self, rest: &str) -> bool {
        let is_letter = |c: char| c.is_alphabetic() || c == '_';
        let mut letters = rest.chars();
        let Some(first) = letters.next() else {
            return false;
        };
        if is_letter(first) {
            return true;
        }
        let is_start_mark = |c: char| self.language.identifier_start.contains(c);
        let second = letters.next().unwrap_or(' ');
        let is_name =
            is_letter(second) || (is_start_mark(second) && letters.next().is_some_and(is_letter));
        is_start_mark(first) && (is_name || self.language.grammar == Grammar::Shell)
    }

    pub(super) fn identifier(&mut self, rest: &'a str) -> Token {
        let inside = self.language.identifier_inside;
        let start = first_char(rest).len_utf8();
        let end = start
            + run_length(&rest[start..], |c| {
                c.is_alphanumeric() || c == '_' || inside.contains(c)
            });
        let (word, after) = rest.split_at(end);
        let is_macro = self.language.grammar == Grammar::Rust
            && after.starts_with('!')
            && !after.starts_with("!=");
        let kind = self.identifier_kind(word, after, is_macro);
        self.last_word = word;
        (if is_macro { end + 1 } else { end }, kind)
    }

    fn identifier_kind(&mut self, word: &str, after: &str, is_macro: bool) -> Option<TokenKind> {
        let language = self.language;
        let is_listed = |list: &str| {
            list.split(' ').any(|listed| {
                listed == word || (language.ignores_case && listed.eq_ignore_ascii_case(word))
            })
        };
        let is_line_start = std::mem::replace(&mut self.is_line_start, false);
        match language.grammar {
            Grammar::Css if word.starts_with('@') => {
                self.is_value = true;
                return Some(TokenKind::Keyword);
            }
            Grammar::Css if word.starts_with("--") => return Some(TokenKind::Type),
            Grammar::Css if after.starts_with('(') => return Some(TokenKind::Function),
            Grammar::Css if self.is_value => {
                return is_listed(language.keywords).then_some(TokenKind::Keyword);
            }
            Grammar::Css if self.braces > 0 && after.starts_with(':') => {
                return Some(TokenKind::Type);
            }
            Grammar::Css => return Some(TokenKind::Function),
            Grammar::Shell if is_listed(language.keywords) => {
                self.is_line_start =
                    is_line_start && !["for", "case", "in", "export", "local"].contains(&word);
                return is_line_start.then_some(TokenKind::Keyword);
            }
            Grammar::Shell if is_line_start && after.starts_with('=') => {
                return Some(TokenKind::Type);
            }
            Grammar::Shell => return is_line_start.then_some(TokenKind::Function),
            Grammar::Data if is_listed(language.keywords) => return Some(TokenKind::Keyword),
            Grammar::Data => {
                self.is_line_start = is_line_start;
                let is_key = is_line_start || after.trim_start_matches(' ').starts_with('=');
                return is_key.then_some(TokenKind::Type);
            }
            Grammar::Code | Grammar::Rust | Grammar::Markup => {}
        }
        let is_defined = ["fn", "def", "function"].contains(&self.last_word);
        let is_capital = !language.ignores_case
            && word.starts_with(char::is_uppercase)
            && (word.chars().nth(1).is_none() || word.contains(char::is_lowercase));
        if is_macro {
            Some(TokenKind::Function)
        } else if is_listed(language.keywords) {
            Some(TokenKind::Keyword)
        } else if is_listed(language.types) || word.starts_with('@') || is_capital {
            Some(TokenKind::Type)
        } else if after.starts_with('(') || is_defined {
            Some(TokenKind::Function)
        } else {
            None
        }
    }
}
