//! Addresses of lists: written the same way by the server and by the islands.

/// A list that has a page of its own, and a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    Posts,
    Users,
}

impl ListKind {
    /// The path of its page.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Posts => "/posts",
            Self::Users => "/users",
        }
    }

    /// The style of its items.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Users => "people",
        }
    }
}

/// The address of a page of a list: `path` with what is searched for, and where the page begins under the name
/// `parameter`; what is empty is left out.
pub(crate) fn list(path: &str, query: &str, parameter: &str, cursor: &str) -> String {
    with_values(path, &[("q", query), (parameter, cursor)])
}

/// `path` with a query of those `pairs` that have a value.
pub(crate) fn with_values(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut pairs = pairs.to_vec();
    pairs.retain(|(_, value)| !value.is_empty());
    with_query(path, &pairs)
}

/// `path` with a query of all `pairs`.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let mut separator = '?';
    for (name, value) in pairs {
        address.push(separator);
        address.push_str(name);
        address.push('=');
        encode(value, &mut address);
        separator = '&';
    }
    address
}

/// Percent-encoding of all but unreserved characters (RFC 3986).
fn encode(text: &str, address: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            address.push('%');
            address.push(char::from(HEX[usize::from(byte >> 4)]));
            address.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_percent_encoded_and_empty_ones_left_out() {
        for (text, encoded) in [
            ("night train", "night%20train"),
            ("夜の", "%E5%A4%9C%E3%81%AE"),
            ("a&b=c%d+e", "a%26b%3Dc%25d%2Be"),
            ("-._~", "-._~"),
        ] {
            assert_eq!(with_query("", &[("q", text)]), format!("?q={encoded}"));
        }
        assert_eq!(list("/posts", "", "cursor", ""), "/posts");
        assert_eq!(
            list("/posts", "a&b ü", "cursor", "o1"),
            "/posts?q=a%26b%20%C3%BC&cursor=o1"
        );
    }
}
