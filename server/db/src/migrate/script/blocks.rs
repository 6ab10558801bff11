//! Delimiters that end no statement, because something encloses them: parentheses and bodies.

use super::token::{Kind, Token};
use crate::dialect::Bodies;

/// Follows the tokens of one statement.
#[derive(Default)]
pub(super) struct Blocks {
    parentheses: usize,
    /// BEGIN and CASE that have no END yet.
    open: usize,
    /// The first words.
    head: Vec<String>,
    trigger: Trigger,
}

/// The place in a trigger of SQLite, whose end is `;`, END, `;`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Trigger {
    #[default]
    Outside,
    Inside,
    AfterDelimiter,
    AfterEnd,
}

impl Blocks {
    /// Takes the next token. Returns whether the statement ends with it.
    pub(super) fn ends(&mut self, bodies: Bodies, token: &Token<'_>) -> bool {
        match token.kind {
            Kind::Blank | Kind::Enclosure => false,
            Kind::Delimiter => self.delimiter(bodies),
            Kind::Word | Kind::Text | Kind::Name | Kind::Sign => {
                self.part(bodies, token);
                false
            }
        }
    }

    fn delimiter(&mut self, bodies: Bodies) -> bool {
        match bodies {
            Bodies::None => true,
            Bodies::Atomic => self.parentheses == 0 && self.open == 0,
            Bodies::Triggers => match self.trigger {
                Trigger::Outside | Trigger::AfterEnd => true,
                Trigger::Inside | Trigger::AfterDelimiter => {
                    self.trigger = Trigger::AfterDelimiter;
                    false
                }
            },
        }
    }

    fn part(&mut self, bodies: Bodies, token: &Token<'_>) {
        if self.head.len() < 4 && token.kind == Kind::Word {
            self.head.push(token.text.to_ascii_uppercase());
        }
        match bodies {
            Bodies::None => {}
            Bodies::Atomic => self.atomic(token),
            Bodies::Triggers => self.in_trigger(token),
        }
    }

    /// As psql counts: CASE has an END too, and only in a body does it matter.
    fn atomic(&mut self, token: &Token<'_>) {
        if token.is_sign("(") {
            self.parentheses += 1;
        } else if token.is_sign(")") {
            self.parentheses = self.parentheses.saturating_sub(1);
        } else if self.parentheses == 0 && self.creates_routine() {
            if token.is("begin") || (token.is("case") && self.open > 0) {
                self.open += 1;
            } else if token.is("end") {
                self.open = self.open.saturating_sub(1);
            }
        }
    }

    fn creates_routine(&self) -> bool {
        let head: Vec<&str> = self.head.iter().map(String::as_str).collect();
        matches!(
            head.as_slice(),
            ["CREATE", "FUNCTION" | "PROCEDURE", ..]
                | ["CREATE", "OR", "REPLACE", "FUNCTION" | "PROCEDURE"]
        )
    }

    /// As `sqlite3_complete` does.
    fn in_trigger(&mut self, token: &Token<'_>) {
        let head: Vec<&str> = self.head.iter().map(String::as_str).collect();
        let begins = matches!(
            head.as_slice(),
            ["CREATE", "TRIGGER"]
                | ["CREATE", "TEMP" | "TEMPORARY", "TRIGGER"]
                | ["EXPLAIN", "CREATE", "TRIGGER"]
                | ["EXPLAIN", "CREATE", "TEMP" | "TEMPORARY", "TRIGGER"]
        ) && token.is("trigger");
        self.trigger = match self.trigger {
            Trigger::Outside if begins => Trigger::Inside,
            Trigger::Outside => Trigger::Outside,
            Trigger::AfterDelimiter if token.is("end") => Trigger::AfterEnd,
            Trigger::Inside | Trigger::AfterDelimiter | Trigger::AfterEnd => Trigger::Inside,
        };
    }
}
