//! Content negotiation: what a client says that it accepts (RFC 9110, 12.5).
//!
//! Lenient towards clients that break the grammar: an element that cannot be read says nothing.

use http::header::{ACCEPT, ACCEPT_ENCODING};
use http::{HeaderMap, HeaderName};
use mediatype::{MediaType, MediaTypeList, ReadParams, names};

/// Tells whether `Accept` allows `application/json`. The most specific range that matches decides (12.5.1).
pub fn accepts_json(headers: &HeaderMap) -> bool {
    let accept = joined(headers, &ACCEPT);
    if accept.trim().is_empty() {
        return true;
    }
    let ranges = MediaTypeList::new(&accept).filter_map(Result::ok);
    let matching = ranges.filter_map(|range| Some((specificity(&range)?, weight(&range)?)));
    let best = matching.reduce(|one, other| if other > one { other } else { one });
    best.is_some_and(|(_, weight)| weight > 0.0)
}

/// How closely a range names `application/json`; none when it does not, or takes only one kind of it away.
fn specificity(range: &MediaType<'_>) -> Option<u8> {
    let is = |(kind, subtype): (&str, &str)| {
        range.ty.as_str().eq_ignore_ascii_case(kind)
            && range.subty.as_str().eq_ignore_ascii_case(subtype)
            && range.suffix.is_none()
    };
    let ranges = [("*", "*"), ("application", "*"), ("application", "json")];
    let found = ranges.into_iter().position(is)?;
    let is_narrower = range
        .params()
        .any(|(name, _)| name != names::Q && name != names::CHARSET);
    if is_narrower && weight(range) == Some(0.0) {
        return None;
    }
    u8::try_from(found).ok()
}

fn weight(range: &MediaType<'_>) -> Option<f32> {
    match range.get_param(names::Q) {
        None => Some(1.0),
        Some(value) => quality(value.as_str()),
    }
}

/// A weight between 0 and 1. More digits than the grammar has, or none before the point, are understood as well.
fn quality(text: &str) -> Option<f32> {
    let value: f32 = text.parse().ok()?;
    (0.0..=1.0).contains(&value).then_some(value)
}

/// Tells whether `Accept-Encoding` names gzip (12.5.3).
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = joined(headers, &ACCEPT_ENCODING);
    let weight_of = |wanted: &str| {
        accepted.split(',').find_map(|element| {
            let (coding, parameter) = element.split_once(';').unwrap_or((element, ""));
            if !coding.trim().eq_ignore_ascii_case(wanted) {
                return None;
            }
            match parameter.trim().split_once('=') {
                Some((_, value)) => quality(value.trim()),
                None => Some(1.0),
            }
        })
    };
    let weight = weight_of("gzip").or_else(|| weight_of("*"));
    weight.is_some_and(|weight| weight > 0.0)
}

/// The elements of a list that may stand in several fields (5.3). A field that is no text says nothing.
fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    let fields = headers.get_all(name).iter();
    let texts: Vec<&str> = fields.filter_map(|value| value.to_str().ok()).collect();
    texts.join(",")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: HeaderName, values: &[&'static str]) -> HeaderMap {
        let value = |value: &&'static str| (name.clone(), HeaderValue::from_static(value));
        values.iter().map(value).collect()
    }

    #[test]
    fn the_most_specific_range_decides_whether_json_is_accepted() {
        for (accept, accepted) in [
            ("application/json", true),
            ("Application/JSON", true),
            ("APPLICATION/*", true),
            ("application/json;charset=utf-8", true),
            ("application/json ; q=0.5", true),
            ("application/json;version=2", true),
            ("application/json;profile=\"a,b;q=0\"", true),
            ("text/html, */*;q=0.1", true),
            ("application/*", true),
            ("application/*;q=0, application/json", true),
            ("*/*;q=0, application/json;q=0.001", true),
            ("application/json;version=2;q=0, */*", true),
            ("", true),
            (" ,, application/json", true),
            ("text/html, image/gif, *; q=.2, */*; q=.2", true),
            ("application/json;q=0", false),
            ("application/json;q=0, */*", false),
            ("*/*, application/json;q=0.000", false),
            ("application/json;Q=0, application/*;q=1", false),
            ("application/*;q=0, */*", false),
            ("text/html", false),
            ("text/*", false),
            ("*/json", false),
            ("application/jsonp", false),
            ("application/problem+json", false),
            ("text/html;note=\"application/json\"", false),
            ("application/json;q=2", false),
            ("garbage", false),
            ("application/", false),
        ] {
            assert_eq!(
                accepts_json(&headers(ACCEPT, &[accept])),
                accepted,
                "{accept}"
            );
        }
        assert!(accepts_json(&HeaderMap::new()));
        let several = headers(ACCEPT, &["text/html", "application/json"]);
        assert!(accepts_json(&several));
    }

    #[test]
    fn gzip_is_used_where_it_is_accepted() {
        for (accept, accepted) in [
            ("gzip", true),
            ("GZip, deflate, br", true),
            ("br;q=1.0, gzip;q=0.8", true),
            ("*", true),
            ("identity, *;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("*;q=0", false),
            ("x-gzip-like", false),
            ("br", false),
            ("", false),
        ] {
            let headers = headers(ACCEPT_ENCODING, &[accept]);
            assert_eq!(accepts_gzip(&headers), accepted, "{accept}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
