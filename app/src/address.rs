//! Addresses of lists: written and read the same way by the server and by the islands.

/// The address of a page of a list: `path` with what is searched for, and where the page begins under the name
/// `parameter`; what is empty is left out.
pub(crate) fn list(path: &str, query: &str, parameter: &str, cursor: &str) -> String {
    let mut address = path.to_owned();
    let mut separator = '?';
    for (name, value) in [("q", query), (parameter, cursor)] {
        if !value.is_empty() {
            address.push(separator);
            address.push_str(name);
            address.push('=');
            address.push_str(&encode(value));
            separator = '&';
        }
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
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_round_trip() {
        for text in ["", "night train", "夜の列車", "a&b=c%d+e", "100%"] {
            assert_eq!(decode(&encode(text)), text);
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
