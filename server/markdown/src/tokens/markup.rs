//! Markup tokens: tags, attributes and text.

use super::scan::{first_char, run_length};
use super::{Token, TokenKind, Tokens};

impl Tokens<'_> {
    pub(super) fn markup(&mut self, rest: &str) -> Token {
        if self.is_tag {
            return self.inside_tag(rest);
        }
        let after = rest.strip_prefix("</").or_else(|| rest.strip_prefix('<'));
        if rest.starts_with("<!") || rest.starts_with("<?") {
            return (
                rest.find('>').map_or(rest.len(), |end| end + 1),
                Some(TokenKind::Keyword),
            );
        }
        if let Some(after) = after.filter(|after| first_char(after).is_alphabetic()) {
            (self.is_tag, self.is_tag_name) = (true, true);
            return (rest.len() - after.len(), Some(TokenKind::Punctuation));
        }
        if rest.starts_with('&') {
            let end = 1 + rest
                .bytes()
                .skip(1)
                .take(32)
                .take_while(|b| b.is_ascii_alphanumeric() || *b == b'#')
                .count();
            if end > 1 && rest[end..].starts_with(';') {
                return (end + 1, Some(TokenKind::Number));
            }
        }
        (
            rest[1.max(first_char(rest).len_utf8())..]
                .find(['<', '&'])
                .map_or(rest.len(), |end| end + first_char(rest).len_utf8()),
            None,
        )
    }

    fn inside_tag(&mut self, rest: &str) -> Token {
        if let Some(length) = self.string_literal_length(rest) {
            self.is_attribute_value = false;
            return (length, Some(TokenKind::String));
        }
        let whitespace = run_length(rest, char::is_whitespace);
        if whitespace > 0 {
            return (whitespace, None);
        }
        let delimiter = if rest.starts_with("/>") {
            2
        } else {
            usize::from(rest.starts_with(['>', '=']))
        };
        if delimiter > 0 {
            self.is_attribute_value = rest.starts_with('=');
            self.is_tag = self.is_attribute_value;
            return (delimiter, Some(TokenKind::Punctuation));
        }
        if std::mem::take(&mut self.is_attribute_value) {
            return (
                run_length(rest, |c| !c.is_whitespace() && c != '>'),
                Some(TokenKind::String),
            );
        }
        let name = run_length(rest, |c| c.is_alphanumeric() || "_-:.@".contains(c));
        let is_tag_name = std::mem::take(&mut self.is_tag_name);
        match name {
            0 => (first_char(rest).len_utf8(), None),
            _ if is_tag_name => (name, Some(TokenKind::Function)),
            _ => (name, Some(TokenKind::Type)),
        }
    }
}
