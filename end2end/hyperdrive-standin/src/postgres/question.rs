//! What a client asks at once: one simple query, or extended packets up to Sync.
//! Owns which packets are refused, and which is never answered.

use super::wire::{packet, text};
use crate::sql::{Effect, Engine, Refusal, effect, is_cacheable, refusal, refuse};

/// A question, whole.
#[derive(Default)]
pub(crate) struct Question {
    /// How many bytes its packets are.
    pub(crate) length: usize,
    /// The text of each statement.
    pub(crate) statements: Vec<String>,
    pub(crate) is_simple: bool,
    /// The client says goodbye.
    pub(crate) is_end: bool,
    /// What is wrong with its packets, if anything: the first.
    pub(crate) objection: Option<Objection>,
    binds: usize,
}

/// Why a packet is not passed on.
pub(crate) enum Objection {
    Refused(Refusal),
    /// The real one never answers it.
    Hangs(&'static str),
}

impl Question {
    /// The first question in these bytes, once it is whole.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut question = Self::default();
        loop {
            let rest = &bytes[question.length..];
            let length = packet(rest)?;
            let body = rest.get(5..length)?;
            question.length += length;
            match rest[0] {
                b'X' => {
                    question.is_end = true;
                    return Some(question);
                }
                b'Q' => {
                    question.is_simple = true;
                    let sql = text(body).map_or_else(String::new, |(sql, _)| sql);
                    if !question.statements.is_empty() {
                        question.object(refuse("mixed", "a simple query before Sync"));
                    }
                    question.statements.push(sql);
                    return Some(question);
                }
                b'S' => return Some(question),
                tag => question.packet(tag, body).unwrap_or_else(|| {
                    question.object(refuse("malformed", "a malformed packet"));
                }),
            }
        }
    }

    fn object(&mut self, refusal: Refusal) {
        self.objection.get_or_insert(Objection::Refused(refusal));
    }

    /// One packet of the extended protocol; none when it is malformed.
    fn packet(&mut self, tag: u8, body: &[u8]) -> Option<()> {
        match tag {
            b'P' => {
                let (name, rest) = text(body)?;
                self.statement(&name);
                self.statements.push(text(rest)?.0);
            }
            b'B' => {
                let (portal, rest) = text(body)?;
                self.portal(&portal);
                self.statement(&text(rest)?.0);
                self.binds += 1;
            }
            b'E' => self.portal(&text(body)?.0),
            b'D' | b'C' => {
                let (kind, rest) = body.split_first()?;
                let name = text(rest)?.0;
                match kind {
                    b'S' => self.statement(&name),
                    _ if tag == b'C' && !name.is_empty() => {
                        self.objection
                            .get_or_insert(Objection::Hangs("close_portal"));
                    }
                    _ => self.portal(&name),
                }
            }
            b'H' => self.object(refuse("flush", "Flush")),
            b'd' | b'c' | b'f' => self.object(refuse("copy", "COPY")),
            b'F' => self.object(refuse("function_call", "FunctionCall")),
            _ => self.object(refuse("unknown_packet", "a packet of this kind")),
        }
        Some(())
    }

    fn statement(&mut self, name: &str) {
        if !name.is_empty() {
            self.object(refuse("named_statement", "a named prepared statement"));
        }
    }

    fn portal(&mut self, name: &str) {
        if !name.is_empty() {
            self.object(refuse("named_portal", "a named portal"));
        }
    }

    /// What its SQL is refused for.
    pub(crate) fn refused(&self, in_transaction: bool) -> Option<Refusal> {
        let mut inside = in_transaction;
        self.statements.iter().find_map(|sql| {
            let found = refusal(Engine::Postgres, sql, inside);
            inside |= effect(Engine::Postgres, sql) == Effect::Begin;
            found
        })
    }

    /// One read, prepared, bound and run.
    pub(crate) fn is_cacheable(&self) -> bool {
        let is_one = self.is_simple || self.binds == 1;
        let [sql] = self.statements.as_slice() else {
            return false;
        };
        is_one && is_cacheable(Engine::Postgres, sql)
    }

    pub(crate) fn has(&self, meant: Effect) -> bool {
        self.statements
            .iter()
            .any(|sql| effect(Engine::Postgres, sql) == meant)
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::make;
    use super::*;

    fn kind(packets: &[Vec<u8>]) -> Option<&'static str> {
        let bytes = [packets.concat(), make(b'S', b"")].concat();
        for length in 0..bytes.len() {
            assert!(Question::read(&bytes[..length]).is_none(), "{length}");
        }
        match Question::read(&bytes)?.objection? {
            Objection::Refused(refusal) => Some(refusal.kind),
            Objection::Hangs(kind) => Some(kind),
        }
    }

    #[test]
    fn packets_are_refused() {
        let parse = make(b'P', b"\0SELECT 1\0\0\0");
        assert_eq!(
            kind(&[parse.clone(), make(b'C', b"S\0"), make(b'C', b"P\0")]),
            None
        );
        assert_eq!(
            kind(&[make(b'P', b"s0\0SELECT 1\0\0\0")]),
            Some("named_statement")
        );
        assert_eq!(
            kind(&[parse.clone(), make(b'B', b"p0\0\0")]),
            Some("named_portal")
        );
        assert_eq!(
            kind(&[parse.clone(), make(b'D', b"Ss0\0")]),
            Some("named_statement")
        );
        assert_eq!(kind(&[make(b'C', b"Pp0\0")]), Some("close_portal"));
        assert_eq!(kind(&[parse, make(b'H', b"")]), Some("flush"));
        assert_eq!(kind(&[make(b'P', b"no end")]), Some("malformed"));
    }

    #[test]
    fn several_statements_may_share_a_sync() {
        let bytes = [
            make(b'P', b"\0BEGIN\0\0\0"),
            make(b'P', b"\0SET a = 1\0\0\0"),
            make(b'S', b""),
            make(b'X', b""),
        ]
        .concat();
        let question = Question::read(&bytes);
        assert!(question.is_some_and(|question| {
            question.statements == ["BEGIN", "SET a = 1"]
                && question.length == bytes.len() - 5
                && question.refused(false).is_none()
                && question.has(Effect::Begin)
                && !question.is_cacheable()
        }));
    }
}
