//! Client requests: a simple query, or the messages of the extended protocol up to Sync. Decides which messages are
//! rejected and which is never answered.

use super::messages::{message_length, nul_terminated};
use crate::dialect::Dialect;
use crate::sql::{Effect, Rejection, effect, is_cacheable, rejection};

/// A complete request.
#[derive(Default)]
pub(crate) struct Request {
    /// The number of bytes of its messages.
    pub(crate) length: usize,
    /// The SQL of each statement.
    pub(crate) statements: Vec<String>,
    pub(crate) is_simple: bool,
    /// The client ends the session.
    pub(crate) is_terminate: bool,
    /// The first message that is not forwarded, if any.
    pub(crate) violation: Option<Violation>,
    binds: usize,
}

/// The reason why a message is not forwarded.
pub(crate) enum Violation {
    Rejected(Rejection),
    /// Hyperdrive never answers such a message.
    Unanswered(&'static str),
}

impl Request {
    /// Parses the request at the start of these bytes, if it is complete.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut request = Self::default();
        loop {
            let rest = &bytes[request.length..];
            let length = message_length(rest)?;
            let body = rest.get(5..length)?;
            request.length += length;
            match rest[0] {
                // Terminate.
                b'X' => {
                    request.is_terminate = true;
                    return Some(request);
                }
                // Query.
                b'Q' => {
                    request.is_simple = true;
                    let sql = nul_terminated(body).map_or_else(String::new, |(sql, _)| sql);
                    if !request.statements.is_empty() {
                        request.reject("mixed", "a simple query before Sync");
                    }
                    request.statements.push(sql);
                    return Some(request);
                }
                // Sync.
                b'S' => return Some(request),
                tag => request.extended_message(tag, body).unwrap_or_else(|| {
                    request.reject("malformed", "a malformed message");
                }),
            }
        }
    }

    fn reject(&mut self, kind: &'static str, feature: &str) {
        self.violation
            .get_or_insert_with(|| Violation::Rejected(Rejection::unsupported(kind, feature)));
    }

    /// Checks a message of the extended protocol; `None` if it is malformed.
    fn extended_message(&mut self, tag: u8, body: &[u8]) -> Option<()> {
        match tag {
            // Parse.
            b'P' => {
                let (name, rest) = nul_terminated(body)?;
                self.check_statement_name(&name);
                self.statements.push(nul_terminated(rest)?.0);
            }
            // Bind.
            b'B' => {
                let (portal, rest) = nul_terminated(body)?;
                self.check_portal_name(&portal);
                self.check_statement_name(&nul_terminated(rest)?.0);
                self.binds += 1;
            }
            // Execute.
            b'E' => self.check_portal_name(&nul_terminated(body)?.0),
            // Describe and Close, of a statement or of a portal.
            b'D' | b'C' => {
                let (kind, rest) = body.split_first()?;
                let name = nul_terminated(rest)?.0;
                match kind {
                    b'S' => self.check_statement_name(&name),
                    _ if tag == b'C' && !name.is_empty() => {
                        self.violation
                            .get_or_insert(Violation::Unanswered("close_portal"));
                    }
                    _ => self.check_portal_name(&name),
                }
            }
            b'H' => self.reject("flush", "Flush"),
            // CopyData, CopyDone, CopyFail.
            b'd' | b'c' | b'f' => self.reject("copy", "COPY"),
            b'F' => self.reject("function_call", "FunctionCall"),
            _ => self.reject("unknown_packet", "this message"),
        }
        Some(())
    }

    fn check_statement_name(&mut self, name: &str) {
        if !name.is_empty() {
            self.reject("named_statement", "a named prepared statement");
        }
    }

    fn check_portal_name(&mut self, name: &str) {
        if !name.is_empty() {
            self.reject("named_portal", "a named portal");
        }
    }

    /// Returns the reason if Hyperdrive rejects one of the statements.
    pub(crate) fn rejection(&self, in_transaction: bool) -> Option<Rejection> {
        let mut in_transaction = in_transaction;
        self.statements.iter().find_map(|sql| {
            let found = rejection(Dialect::Postgres, sql, in_transaction);
            in_transaction |= effect(Dialect::Postgres, sql) == Effect::Begin;
            found
        })
    }

    /// Returns true for a single read that is prepared, bound and executed once.
    pub(crate) fn is_cacheable(&self) -> bool {
        let runs_once = self.is_simple || self.binds == 1;
        let [sql] = self.statements.as_slice() else {
            return false;
        };
        runs_once && is_cacheable(Dialect::Postgres, sql)
    }

    pub(crate) fn has(&self, wanted: Effect) -> bool {
        self.statements
            .iter()
            .any(|sql| effect(Dialect::Postgres, sql) == wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::super::messages::encode;
    use super::*;

    fn violation_kind(messages: &[Vec<u8>]) -> Option<&'static str> {
        let bytes = [messages.concat(), encode(b'S', b"")].concat();
        for length in 0..bytes.len() {
            assert!(Request::parse(&bytes[..length]).is_none(), "{length}");
        }
        match Request::parse(&bytes)?.violation? {
            Violation::Rejected(rejection) => Some(rejection.kind),
            Violation::Unanswered(kind) => Some(kind),
        }
    }

    #[test]
    fn unsupported_messages_are_rejected() {
        let parse = encode(b'P', b"\0SELECT 1\0\0\0");
        assert_eq!(
            violation_kind(&[parse.clone(), encode(b'C', b"S\0"), encode(b'C', b"P\0")]),
            None
        );
        assert_eq!(
            violation_kind(&[encode(b'P', b"s0\0SELECT 1\0\0\0")]),
            Some("named_statement")
        );
        assert_eq!(
            violation_kind(&[parse.clone(), encode(b'B', b"p0\0\0")]),
            Some("named_portal")
        );
        assert_eq!(
            violation_kind(&[parse.clone(), encode(b'D', b"Ss0\0")]),
            Some("named_statement")
        );
        assert_eq!(
            violation_kind(&[encode(b'C', b"Pp0\0")]),
            Some("close_portal")
        );
        assert_eq!(violation_kind(&[parse, encode(b'H', b"")]), Some("flush"));
        assert_eq!(
            violation_kind(&[encode(b'P', b"no end")]),
            Some("malformed")
        );
    }

    #[test]
    fn several_statements_may_share_a_sync() {
        let bytes = [
            encode(b'P', b"\0BEGIN\0\0\0"),
            encode(b'P', b"\0SET a = 1\0\0\0"),
            encode(b'S', b""),
            encode(b'X', b""),
        ]
        .concat();
        let request = Request::parse(&bytes);
        assert!(request.is_some_and(|request| {
            request.statements == ["BEGIN", "SET a = 1"]
                && request.length == bytes.len() - 5
                && request.rejection(false).is_none()
                && request.has(Effect::Begin)
                && !request.is_cacheable()
        }));
    }
}
