//! Tokens, by the rules of a dialect: the engine's own client would cut the text at the same places.

use super::quotes;
use super::token::{Kind, Token};
use crate::dialect::ScriptSyntax;

/// A reason not to run a file, and the line that it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::migrate) struct ScriptError {
    pub(in crate::migrate) line: usize,
    pub(in crate::migrate) why: String,
}

/// Reads a text token by token. The tokens, put together, are the text.
pub(super) struct Lexer<'a> {
    syntax: ScriptSyntax,
    rest: &'a str,
    line: usize,
    delimiter: &'a str,
    /// True inside a comment whose content the server runs.
    is_executable: bool,
    /// True until the first token of a statement that is not blank.
    is_fresh: bool,
    /// True until the first token of a line that is not a space.
    is_line_start: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(syntax: ScriptSyntax, text: &'a str) -> Self {
        Self {
            syntax,
            rest: text,
            line: 1,
            delimiter: ";",
            is_executable: false,
            is_fresh: true,
            is_line_start: true,
        }
    }

    /// Notes that a statement has ended.
    pub(super) fn begin_statement(&mut self) {
        self.is_fresh = true;
    }

    /// Returns the next token, if there is one.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, ScriptError> {
        if self.rest.is_empty() {
            if self.is_executable {
                return Err(self.unclosed("a comment (`/*!`)"));
            }
            return Ok(None);
        }
        let (kind, length) = self.measure()?;
        let (text, rest) = self.rest.split_at(length);
        let token = Token {
            kind,
            text,
            line: self.line,
        };
        self.rest = rest;
        self.line += text.matches('\n').count();
        self.is_fresh &= kind == Kind::Blank;
        self.is_line_start = match text.rsplit_once('\n') {
            Some((_, after)) => after.chars().all(quotes::is_space),
            None => self.is_line_start && text.chars().all(quotes::is_space),
        };
        Ok(Some(token))
    }

    fn measure(&mut self) -> Result<(Kind, usize), ScriptError> {
        let (rest, syntax) = (self.rest, self.syntax);
        let first = rest.chars().next().unwrap_or(' ');
        if rest.starts_with(self.delimiter) {
            if self.is_executable {
                return Err(self.refusal(
                    "the client cuts the statement at this delimiter, which stands inside a comment (`/*!`)",
                ));
            }
            return Ok((Kind::Delimiter, self.delimiter.len()));
        }
        match first {
            '\0' => Err(self.refusal("a NUL character ends no statement and belongs to none")),
            '-' if self.is_dash_comment() => Ok((Kind::Blank, quotes::line_comment(rest))),
            '#' if syntax.has_hash_comments => Ok((Kind::Blank, quotes::line_comment(rest))),
            '*' if self.is_executable && rest.starts_with("*/") => {
                self.is_executable = false;
                Ok((Kind::Enclosure, 2))
            }
            '/' if rest.starts_with("/*") => self.block_comment(),
            '\'' => self.quoted(
                Kind::Text,
                "a string (`'`)",
                quotes::quoted(rest, first, syntax.has_backslash_escapes),
            ),
            '"' => self.quoted(
                Kind::Name,
                "a quoted name (`\"`)",
                quotes::quoted(rest, first, syntax.has_backslash_escapes),
            ),
            '`' if syntax.has_backtick_names => self.quoted(
                Kind::Name,
                "a quoted name (`` ` ``)",
                quotes::quoted(rest, first, false),
            ),
            '[' if syntax.has_bracket_names => self.quoted(
                Kind::Name,
                "a quoted name (`[`)",
                quotes::quoted(rest, ']', false),
            ),
            '$' if syntax.has_dollar_quotes => match quotes::dollar_tag(rest) {
                Some(tag) => self.quoted(
                    Kind::Text,
                    &format!("a string (`{tag}`)"),
                    quotes::dollar_quoted(rest, tag),
                ),
                None => Ok((Kind::Sign, 1)),
            },
            '\\' if syntax.has_client_commands => self.client_command(),
            space if quotes::is_space(space) => {
                let end = rest.find(|next: char| !quotes::is_space(next));
                Ok((
                    Kind::Blank,
                    self.before_delimiter(end.unwrap_or(rest.len())),
                ))
            }
            letter if quotes::is_word(letter) => self.word(),
            other => Ok((Kind::Sign, other.len_utf8())),
        }
    }

    /// `length`, or less: a delimiter may look like a word or a space.
    fn before_delimiter(&self, length: usize) -> usize {
        self.rest[..length].find(self.delimiter).unwrap_or(length)
    }

    fn word(&mut self) -> Result<(Kind, usize), ScriptError> {
        let rest = self.rest;
        let length = self.before_delimiter(quotes::word(rest));
        let word = &rest[..length];
        if self.syntax.has_escape_strings
            && word.eq_ignore_ascii_case("e")
            && rest[1..].starts_with('\'')
        {
            let length = quotes::escape_string(&rest[1..]).map(|length| length + 1);
            return self.quoted(Kind::Text, "a string (`E'`)", length);
        }
        if self.syntax.has_delimiter_command
            && self.is_fresh
            && word.eq_ignore_ascii_case("delimiter")
        {
            return self.set_delimiter(length);
        }
        Ok((Kind::Word, length))
    }

    /// `DELIMITER //` to the end of its line.
    fn set_delimiter(&mut self, word: usize) -> Result<(Kind, usize), ScriptError> {
        let length = quotes::line_comment(self.rest);
        let delimiter = self.rest[word..length].split_ascii_whitespace().next();
        match delimiter.map(|given| given.trim_matches(['\'', '"', '`'])) {
            None | Some("") => Err(self.refusal("DELIMITER names no delimiter")),
            Some(given) if given.contains('\\') => {
                Err(self.refusal("a delimiter cannot hold a backslash"))
            }
            Some(given) => {
                self.delimiter = given;
                Ok((Kind::Blank, length))
            }
        }
    }

    /// `--`, which MySQL takes for two minus signs unless a space follows, or it begins the line of a new statement.
    fn is_dash_comment(&self) -> bool {
        self.rest.starts_with("--")
            && (!self.syntax.has_spaced_dash_comments
                || (self.is_fresh && self.is_line_start)
                || self.rest[2..]
                    .chars()
                    .next()
                    .is_none_or(|next| next == ' ' || next.is_control()))
    }

    fn block_comment(&mut self) -> Result<(Kind, usize), ScriptError> {
        let rest = self.rest;
        if self.syntax.has_executable_comments
            && (rest.starts_with("/*!") || rest.starts_with("/*M!"))
        {
            self.is_executable = true;
            let head = if rest.starts_with("/*!") { 3 } else { 4 };
            let digits = rest[head..].bytes().take_while(u8::is_ascii_digit).count();
            return Ok((Kind::Enclosure, head + digits));
        }
        self.quoted(
            Kind::Blank,
            "a comment (`/*`)",
            quotes::block_comment(rest, self.syntax.has_nested_comments),
        )
    }

    /// A backslash outside quotes speaks to the engine's client. pg_dump's `\restrict` and mariadb-dump's `\-` only forbid
    /// the client other commands.
    fn client_command(&self) -> Result<(Kind, usize), ScriptError> {
        let rest = self.rest;
        let end = rest.find(quotes::is_space).unwrap_or(rest.len());
        let is_single = self.syntax.has_delimiter_command;
        match &rest[..end] {
            r"\restrict" | r"\unrestrict" if !is_single => {
                Ok((Kind::Blank, quotes::line_comment(rest)))
            }
            _ if is_single && (self.is_executable || rest.starts_with(r"\N")) => {
                Ok((Kind::Sign, 1))
            }
            command => {
                let shown: String = command
                    .chars()
                    .take(if is_single { 2 } else { 30 })
                    .collect();
                Err(self.refusal(&format!(
                    "`{shown}` is a command of the engine's command-line client, which does not run here: leave it out"
                )))
            }
        }
    }

    fn quoted(
        &self,
        kind: Kind,
        what: &str,
        length: Option<usize>,
    ) -> Result<(Kind, usize), ScriptError> {
        length
            .map(|length| (kind, length))
            .ok_or_else(|| self.unclosed(what))
    }

    fn unclosed(&self, what: &str) -> ScriptError {
        self.refusal(&format!("{what} is never closed"))
    }

    fn refusal(&self, why: &str) -> ScriptError {
        ScriptError {
            line: self.line,
            why: why.to_owned(),
        }
    }
}
