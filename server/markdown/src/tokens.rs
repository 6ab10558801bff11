//! The tokenizer behind coloured code: one pass, no backtracking, the text itself never changed.
//!
//! It guesses from words and marks; it is no parser, and a wrong guess costs only a colour.

mod markup;
mod scan;
mod words;

use scan::{block_comment, first, number, run, rust_token, string_length};

use crate::languages::{Grammar, Language};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A word of the language itself.
    Keyword,
    /// A string.
    String,
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// The name of a function, a command or a tag.
    Function,
    /// A type, an attribute, a key or a variable.
    Type,
    /// An operator or the marks of a tag.
    Punctuation,
}

impl Class {
    /// The name of its CSS class.
    pub(crate) fn letter(self) -> char {
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

/// The tokens of a text, in order; joined they are the text.
pub(crate) struct Tokens<'a> {
    code: &'a str,
    language: &'static Language,
    /// Where the next token starts.
    at: usize,
    /// A token that was read, but comes after plain text.
    pending: Option<(&'a str, Class)>,
    /// The last word.
    word: &'a str,
    /// At the start of a line or of a command.
    is_head: bool,
    /// In a style sheet: the open braces, and whether a value is being read.
    braces: usize,
    is_value: bool,
    /// In markup: inside a tag, right after what opens it, right after "=".
    is_tag: bool,
    is_tag_name: bool,
    is_attribute_value: bool,
}

/// The length of a token in bytes, and its class.
pub(crate) type Token = (usize, Option<Class>);

impl<'a> Iterator for Tokens<'a> {
    type Item = (&'a str, Option<Class>);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some((text, class)) = self.pending.take() {
            return Some((text, Some(class)));
        }
        let start = self.at;
        while self.at < self.code.len() {
            let from = self.at;
            let (length, class) = self.token(&self.code[from..]);
            self.at += length;
            if let Some(class) = class {
                let text = &self.code[from..self.at];
                if from == start {
                    return Some((text, Some(class)));
                }
                self.pending = Some((text, class));
                return Some((&self.code[start..from], None));
            }
        }
        (self.at > start).then(|| (&self.code[start..], None))
    }
}

impl<'a> Tokens<'a> {
    /// Reads a text in a language.
    pub(crate) fn new(code: &'a str, language: &'static Language) -> Self {
        Self {
            code,
            language,
            at: 0,
            pending: None,
            word: "",
            is_head: true,
            braces: 0,
            is_value: false,
            is_tag: false,
            is_tag_name: false,
            is_attribute_value: false,
        }
    }

    fn token(&mut self, rest: &'a str) -> Token {
        if let Some(length) = self.comment(rest) {
            return (length, Some(Class::Comment));
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
            Grammar::Code | Grammar::Style | Grammar::Data => {}
        }
        if let Some(length) = self.string(rest) {
            return (length, Some(self.string_class(&rest[length..])));
        }
        let first = first(rest);
        let is_color = first == '#' && self.language.grammar == Grammar::Style && self.is_value;
        if first.is_ascii_digit() || is_color {
            self.is_head = false;
            return (number(rest), Some(Class::Number));
        }
        if self.starts_word(rest) {
            return self.word(rest);
        }
        let operators = run(rest, |c| OPERATORS.contains(c));
        if operators > 0 {
            self.is_head = rest[..operators].contains(['|', '&']);
            return (operators, Some(Class::Punctuation));
        }
        self.mark(first);
        (first.len_utf8(), None)
    }

    fn comment(&self, rest: &str) -> Option<usize> {
        if let Some((open, close)) = self.language.block_comment
            && rest.starts_with(open)
        {
            return Some(block_comment(
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
            && self.code[..self.at]
                .chars()
                .next_back()
                .is_some_and(|c| !c.is_whitespace());
        (!is_inside_word).then(|| rest.find('\n').unwrap_or(rest.len()).max(mark.len()))
    }

    fn string(&self, rest: &str) -> Option<usize> {
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

    /// A string is a key when a ":" or "=" follows it in data.
    fn string_class(&mut self, after: &str) -> Class {
        self.is_head = false;
        let is_key =
            self.language.grammar == Grammar::Data && after.trim_start().starts_with([':', '=']);
        if is_key { Class::Type } else { Class::String }
    }

    /// Keeps track of the marks that say what may come next.
    fn mark(&mut self, mark: char) {
        match mark {
            '{' => (self.braces, self.is_value) = (self.braces + 1, false),
            '}' => (self.braces, self.is_value) = (self.braces.saturating_sub(1), false),
            ';' => self.is_value = false,
            ':' if self.braces > 0 => self.is_value = true,
            _ => {}
        }
        self.is_head = match self.language.grammar {
            Grammar::Shell => "\n;({`".contains(mark) || (self.is_head && mark.is_whitespace()),
            Grammar::Data => mark == '\n' || (self.is_head && mark != ']'),
            Grammar::Code | Grammar::Rust | Grammar::Style | Grammar::Markup => false,
        };
    }

    fn shell_token(&mut self, rest: &str) -> Option<Token> {
        let after = rest.strip_prefix('$')?;
        if self.is_head && after.starts_with(' ') {
            return Some((1, Some(Class::Punctuation)));
        }
        let length = match first(after) {
            '{' => after.find(['}', '\n']).map_or(after.len(), |end| {
                end + usize::from(after[end..].starts_with('}'))
            }),
            c if c.is_alphanumeric() || c == '_' => run(after, |c| c.is_alphanumeric() || c == '_'),
            '?' | '@' | '#' | '*' | '!' | '$' => 1,
            _ => return None,
        };
        self.is_head = false;
        Some((1 + length, Some(Class::Type)))
    }
}
