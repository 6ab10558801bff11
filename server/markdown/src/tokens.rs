//! Tokenizer for syntax highlighting: one pass, no backtracking, and tokens concatenate to the source.
//!
//! It is a heuristic, not a parser: a wrong guess costs only a colour.

mod identifiers;
mod markup;
mod scan;

use scan::{
    block_comment_length, first_char, number_length, run_length, rust_token, string_length,
};

use crate::languages::{Grammar, Language};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Keyword,
    String,
    Number,
    Comment,
    /// A function, command or tag name.
    Function,
    /// A type, an attribute, a key or a variable.
    Type,
    /// An operator or a tag delimiter.
    Punctuation,
}

impl TokenKind {
    pub(crate) fn css_class(self) -> char {
        match self {
            Self::Keyword => 'k',
            Self::String => 's',
            Self::Number => 'n',
            Self::Comment => 'c',
            Self::Function => 'f',
            Self::Type => 't',
            Self::Punctuation => 'p',
        }
    }
}

const OPERATORS: &str = "=+-*/%<>!&|^~?";

/// Iterator over the tokens of a source text. Concatenated, they are the text.
pub(crate) struct Tokens<'a> {
    code: &'a str,
    language: &'static Language,
    /// Byte offset of the next token.
    position: usize,
    /// A token that follows plain text and was read with it.
    pending: Option<(&'a str, TokenKind)>,
    last_word: &'a str,
    /// True position the start of a line or command.
    is_line_start: bool,
    /// CSS: the number of open braces, and whether a value is being read.
    braces: usize,
    is_value: bool,
    /// Markup: inside a tag, right after "<", right after "=".
    is_tag: bool,
    is_tag_name: bool,
    is_attribute_value: bool,
}

/// A token's length in bytes, and its kind.
pub(crate) type Token = (usize, Option<TokenKind>);

impl<'a> Iterator for Tokens<'a> {
    type Item = (&'a str, Option<TokenKind>);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some((text, kind)) = self.pending.take() {
            return Some((text, Some(kind)));
        }
        let start = self.position;
        while self.position < self.code.len() {
            let from = self.position;
            let (length, kind) = self.token(&self.code[from..]);
            self.position += length;
            if let Some(kind) = kind {
                let text = &self.code[from..self.position];
                if from == start {
                    return Some((text, Some(kind)));
                }
                self.pending = Some((text, kind));
                return Some((&self.code[start..from], None));
            }
        }
        (self.position > start).then(|| (&self.code[start..], None))
    }
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(code: &'a str, language: &'static Language) -> Self {
        Self {
            code,
            language,
            position: 0,
            pending: None,
            last_word: "",
            is_line_start: true,
            braces: 0,
            is_value: false,
            is_tag: false,
            is_tag_name: false,
            is_attribute_value: false,
        }
    }

    fn token(&mut self, rest: &'a str) -> Token {
        if let Some(length) = self.comment_length(rest) {
            return (length, Some(TokenKind::Comment));
        }
        match self.language.grammar {
            Grammar::Markup => return self.markup(rest),
            Grammar::Rust => {
                if let Some(token) = rust_token(rest) {
                    return token;
                }
            }
            Grammar::Shell => {
                if let Some(token) = self.shell_token(rest) {
                    return token;
                }
            }
            Grammar::Code | Grammar::Css | Grammar::Data => {}
        }
        if let Some(length) = self.string_literal_length(rest) {
            return (length, Some(self.string_kind(&rest[length..])));
        }
        let first = first_char(rest);
        let is_color = first == '#' && self.language.grammar == Grammar::Css && self.is_value;
        if first.is_ascii_digit() || is_color {
            self.is_line_start = false;
            return (number_length(rest), Some(TokenKind::Number));
        }
        if self.starts_identifier(rest) {
            return self.identifier(rest);
        }
        let operators = run_length(rest, |c| OPERATORS.contains(c));
        if operators > 0 {
            self.is_line_start = rest[..operators].contains(['|', '&']);
            return (operators, Some(TokenKind::Punctuation));
        }
        self.track_punctuation(first);
        (first.len_utf8(), None)
    }

    fn comment_length(&self, rest: &str) -> Option<usize> {
        if let Some((open, close)) = self.language.block_comment
            && rest.starts_with(open)
        {
            return Some(block_comment_length(
                rest,
                open,
                close,
                self.language.grammar == Grammar::Rust,
            ));
        }
        let mark = self
            .language
            .line_comment
            .filter(|mark| rest.starts_with(mark))?;
        let is_inside_word = mark == "#"
            && self.language.grammar == Grammar::Shell
            && self.code[..self.position]
                .chars()
                .next_back()
                .is_some_and(|c| !c.is_whitespace());
        (!is_inside_word).then(|| rest.find('\n').unwrap_or(rest.len()).max(mark.len()))
    }

    fn string_literal_length(&self, rest: &str) -> Option<usize> {
        let prefixes = self.language.quote_prefixes;
        let prefix = rest
            .bytes()
            .take(2)
            .take_while(|byte| prefixes.contains(*byte as char))
            .count();
        let rest = &rest[prefix..];
        let quote = self
            .language
            .quotes
            .iter()
            .find(|quote| rest.starts_with(quote.open))?;
        Some(prefix + string_length(rest, quote))
    }

    /// In data formats, a string followed by ":" or "=" is a key.
    fn string_kind(&mut self, after: &str) -> TokenKind {
        self.is_line_start = false;
        let is_key =
            self.language.grammar == Grammar::Data && after.trim_start().starts_with([':', '=']);
        if is_key {
            TokenKind::Type
        } else {
            TokenKind::String
        }
    }

    /// Updates the state after a punctuation character.
    fn track_punctuation(&mut self, mark: char) {
        match mark {
            '{' => (self.braces, self.is_value) = (self.braces + 1, false),
            '}' => (self.braces, self.is_value) = (self.braces.saturating_sub(1), false),
            ';' => self.is_value = false,
            ':' if self.braces > 0 => self.is_value = true,
            _ => {}
        }
        self.is_line_start = match self.language.grammar {
            Grammar::Shell => {
                "\n;({`".contains(mark) || (self.is_line_start && mark.is_whitespace())
            }
            Grammar::Data => mark == '\n' || (self.is_line_start && mark != ']'),
            Grammar::Code | Grammar::Rust | Grammar::Css | Grammar::Markup => false,
        };
    }

    fn shell_token(&mut self, rest: &str) -> Option<Token> {
        let after = rest.strip_prefix('$')?;
        if self.is_line_start && after.starts_with(' ') {
            return Some((1, Some(TokenKind::Punctuation)));
        }
        let length = match first_char(after) {
            '{' => after.find(['}', '\n']).map_or(after.len(), |end| {
                end + usize::from(after[end..].starts_with('}'))
            }),
            c if c.is_alphanumeric() || c == '_' => {
                run_length(after, |c| c.is_alphanumeric() || c == '_')
            }
            '?' | '@' | '#' | '*' | '!' | '$' => 1,
            _ => return None,
        };
        self.is_line_start = false;
        Some((1 + length, Some(TokenKind::Type)))
    }
}
