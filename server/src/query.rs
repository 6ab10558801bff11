//! Queries of addresses: what must be readable, and what nobody reads.

use http::Uri;
use http::uri::PathAndQuery;

/// The parameters that something in the site reads.
const PARAMETERS: [&str; 6] = ["q", "cursor", "comments", "limit", "query", "by"];

/// Tells whether every percent sign begins a byte, and the bytes are UTF-8 without NUL.
pub(crate) fn is_encoded_text(address: &str) -> bool {
    if !address.contains('%') {
        return true;
    }
    let mut decoded = Vec::with_capacity(address.len());
    let mut rest = address.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (digit(rest.next()), digit(rest.next())) {
            (Some(high), Some(low)) => decoded.push(u8::try_from(high * 16 + low).unwrap_or(0)),
            _ => return false,
        }
    }
    !decoded.contains(&0) && std::str::from_utf8(&decoded).is_ok()
}

/// Tells whether the parameters that the site reads can be read. Others are for somebody else, such as `utm_campaign`.
pub(crate) fn is_readable_query(query: &str) -> bool {
    query.split('&').all(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !PARAMETERS.contains(&name) || is_encoded_text(pair)
    })
}

/// The address without the parameters that cannot be read, if it has any.
pub(crate) fn without_unreadable(uri: &Uri) -> Option<Uri> {
    let query = uri.query()?;
    let (readable, others): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| is_encoded_text(pair));
    if others.is_empty() {
        return None;
    }
    let path = uri.path();
    let address = match readable.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", readable.join("&")),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(address).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_must_be_text() {
        for (address, valid) in [
            ("/posts", true),
            ("/%E5%A4%9C", true),
            ("/%FF", false),
            ("/%", false),
            ("/%4", false),
            ("/%zz", false),
            ("/%00", false),
        ] {
            assert_eq!(is_encoded_text(address), valid, "{address}");
        }
    }

    #[test]
    fn only_parameters_that_are_read_must_be_readable() {
        for (query, is_readable, rest) in [
            ("q=night", true, None),
            ("q=50%25", true, None),
            ("utm_campaign=50%off", true, Some("/posts")),
            ("utm_campaign=50%off&q=night", true, Some("/posts?q=night")),
            ("q=night&ref=%FF&%zz", true, Some("/posts?q=night")),
            ("utm=%00", true, Some("/posts")),
            ("q=%zz", false, Some("/posts")),
            ("a=1&cursor=%", false, Some("/posts?a=1")),
            ("", true, None),
        ] {
            assert_eq!(is_readable_query(query), is_readable, "{query}");
            let uri: Uri = format!("/posts?{query}").parse().expect("an address");
            let without = without_unreadable(&uri).map(|uri| uri.to_string());
            assert_eq!(without.as_deref(), rest, "{query}");
        }
    }
}
