//! Addresses of lists: written and read the same way by the server and by the islands.

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

/// The value of `name` in the address's query, decoded.
pub(crate) fn parameter(query: &str, name: &str) -> String {
    let raw = query.trim_start_matches('?').split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then_some(value)
    });
    raw.map(decode).unwrap_or_default()
}

/// Percent-decoding; what is not UTF-8 afterwards is replaced.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                let pair = (ahead.next().and_then(hex), ahead.next().and_then(hex));
                if let (Some(high), Some(low)) = pair {
                    bytes.push(high * 16 + low);
                    rest = ahead;
                } else {
                    bytes.push(byte);
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
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
    fn addresses_round_trip() {
        for text in ["", "night train", "夜の列車", "a&b=c%d+e", "100%"] {
            let address = with_query("", &[("q", text)]);
            assert_eq!(parameter(&address, "q"), text);
        }
        assert_eq!(
            parameter("?a=1&q=night+tr%C3%A4in&cursor=", "q"),
            "night träin"
        );
        assert_eq!(parameter("?a=1", "q"), "");
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(parameter("q=%2541%25", "q"), "%41%");
        assert_eq!(list("/posts", "", "cursor", ""), "/posts");
        assert_eq!(
            list("/posts", "a&b ü", "cursor", "o1"),
            "/posts?q=a%26b%20%C3%BC&cursor=o1"
        );
    }
}
