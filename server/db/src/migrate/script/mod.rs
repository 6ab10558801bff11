//! Scripts: a text cut into its statements, at the places where the engine's own client cuts it.
//!
//! Absent: what a statement means to the runner; see the checks.

mod blocks;
mod lexer;
mod quotes;
mod token;

use self::blocks::Blocks;
use self::lexer::Lexer;
pub(super) use self::lexer::ScriptError;
pub(super) use self::token::{Kind, Token};
use crate::dialect::ScriptSyntax;

/// The comment before a statement that cannot run in a transaction.
pub(super) const ALONE: &str = "-- migrate: alone";

/// One statement of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    /// Its place among the statements, from 1.
    pub(super) number: usize,
    /// The line on which it begins, from 1.
    pub(super) line: usize,
    /// Its text, without the comments before it and the delimiter after it.
    pub(super) text: &'a str,
    /// Its tokens, without blanks.
    pub(super) tokens: Vec<Token<'a>>,
    /// True if a comment before it says that it is to be run outside a transaction.
    pub(super) is_alone: bool,
}

impl Statement<'_> {
    /// True if it begins with these keywords.
    pub(super) fn begins(&self, words: &[&str]) -> bool {
        self.begins_at(0, words)
    }

    /// True if these keywords are the tokens from `start` on.
    pub(super) fn begins_at(&self, start: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(at, word)| {
            self.tokens
                .get(start + at)
                .is_some_and(|token| token.is(word))
        })
    }

    /// True if this keyword stands anywhere in it.
    pub(super) fn has(&self, word: &str) -> bool {
        self.tokens.iter().any(|token| token.is(word))
    }
}

/// A statement with everything around it: the pieces of a text, put together, are the text.
struct Piece<'a> {
    whole: &'a str,
    tokens: Vec<Token<'a>>,
}

impl<'a> Piece<'a> {
    /// The statement in it, unless there are only blanks.
    fn statement(&self, number: usize) -> Option<Statement<'a>> {
        let is_part = |token: &&Token<'_>| !matches!(token.kind, Kind::Blank | Kind::Delimiter);
        let inside = match self.tokens.last() {
            Some(last) if last.kind == Kind::Delimiter => &self.tokens[..self.tokens.len() - 1],
            _ => &self.tokens[..],
        };
        let before = inside.iter().position(|token| is_part(&token))?;
        let skipped: usize = inside[..before].iter().map(|token| token.text.len()).sum();
        let length: usize = inside[before..].iter().map(|token| token.text.len()).sum();
        Some(Statement {
            number,
            line: inside[before].line,
            text: self.whole[skipped..skipped + length].trim_end_matches(quotes::is_space),
            tokens: inside
                .iter()
                .filter(|token| !matches!(token.kind, Kind::Blank | Kind::Enclosure))
                .copied()
                .collect(),
            is_alone: inside[..before]
                .iter()
                .any(|token| token.text.trim() == ALONE),
        })
    }
}

/// The pieces of a text.
struct Pieces<'a> {
    syntax: ScriptSyntax,
    lexer: Lexer<'a>,
    rest: &'a str,
}

impl<'a> Pieces<'a> {
    fn new(syntax: ScriptSyntax, text: &'a str) -> Self {
        Self {
            syntax,
            lexer: Lexer::new(syntax, text),
            rest: text,
        }
    }

    fn next(&mut self) -> Result<Option<Piece<'a>>, ScriptError> {
        let mut blocks = Blocks::default();
        let mut tokens = Vec::new();
        let mut length = 0;
        while let Some(token) = self.lexer.next()? {
            length += token.text.len();
            let ends = blocks.ends(self.syntax.bodies, &token);
            tokens.push(token);
            if ends {
                self.lexer.begin_statement();
                break;
            }
        }
        let (whole, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok((length > 0).then_some(Piece { whole, tokens }))
    }
}

/// Cuts a text into its statements. Each is checked before the next is looked for: what follows one that is refused need
/// not be SQL. A byte order mark before the first is not a part of it.
///
/// # Errors
/// The first refusal, with the number of its statement.
pub(super) fn parse<'a>(
    syntax: ScriptSyntax,
    text: &'a str,
    check: impl Fn(&Statement<'a>) -> Result<(), String>,
) -> Result<Vec<Statement<'a>>, (usize, ScriptError)> {
    let mut pieces = Pieces::new(syntax, text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut all: Vec<Statement<'a>> = Vec::new();
    loop {
        let number = all.len() + 1;
        match pieces.next() {
            Ok(None) => return Ok(all),
            Err(refusal) => return Err((number, refusal)),
            Ok(Some(piece)) => {
                let Some(statement) = piece.statement(number) else {
                    continue;
                };
                let line = statement.line;
                check(&statement).map_err(|why| (number, ScriptError { line, why }))?;
                all.push(statement);
            }
        }
    }
}

#[cfg(test)]
mod generated;
#[cfg(test)]
mod tests;
