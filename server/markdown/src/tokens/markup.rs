//! Markup: tags, their attributes, and the text between them.

use super::scan::{first, run};
use super::{Class, Token, Tokens};

impl Tokens<'_> {
    /// The next token of markup.
    pub(super) fn markup(&mut self, rest: &str) -> Token {
        if self.is_tag {
            return self.inside_tag(rest);
        }
        let after = rest.strip_prefix("</").or_else(|| rest.strip_prefix('<'));
        if rest.starts_with("<!") || rest.starts_with("<?") {
            return (
                rest.find('>').map_or(rest.len(), |end| end + 1),
                Some(Class::Keyword),
            );
        }
        if let Some(after) = after.filter(|after| first(after).is_alphabetic()) {
            (self.is_tag, self.is_tag_name) = (true, true);
            return (rest.len() - after.len(), Some(Class::Punctuation));
        }
        if rest.starts_with('&') {
            let end = 1 + rest
                .bytes()
                .skip(1)
                .take(32)
                .take_while(|b| b.is_ascii_alphanumeric() || *b == b'#')
                .count();
            if end > 1 && rest[end..].starts_with(';') {
                return (end + 1, Some(Class::Number));
            }
        }
        (
            rest[1.max(first(rest).len_utf8())..]
                .find(['<', '&'])
                .map_or(rest.len(), |end| end + first(rest).len_utf8()),
            None,
        )
    }

    fn inside_tag(&mut self, rest: &str) -> Token {
        if let Some(length) = self.string(rest) {
            self.is_attribute_value = false;
            return (length, Some(Class::String));
        }
        let space = run(rest, char::is_whitespace);
        if space > 0 {
            return (space, None);
        }
        let marks = if rest.starts_with("/>") {
            2
        } else {
            usize::from(rest.starts_with(['>', '=']))
        };
        if marks > 0 {
            self.is_attribute_value = rest.starts_with('=');
            self.is_tag = self.is_attribute_value;
            return (marks, Some(Class::Punctuation));
        }
        if std::mem::take(&mut self.is_attribute_value) {
            return (
                run(rest, |c| !c.is_whitespace() && c != '>'),
                Some(Class::String),
            );
        }
        let name = run(rest, |c| c.is_alphanumeric() || "_-:.@".contains(c));
        let is_tag_name = std::mem::take(&mut self.is_tag_name);
        match name {
            0 => (first(rest).len_utf8(), None),
            _ if is_tag_name => (name, Some(Class::Function)),
            _ => (name, Some(Class::Type)),
        }
    }
}
