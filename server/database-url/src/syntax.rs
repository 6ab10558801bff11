//! The grammar of a server's URL: where its parts begin and end.
//!
//! A character that must be percent-encoded and is not moves the borders between the parts, so nothing of such a URL can
//! be shown. What stands after the last `@` cannot belong to the user or the password; it alone may be shown.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

use percent_encoding::percent_decode_str;

/// The parts of a URL, decoded.
pub(crate) struct Parts {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) database: Option<String>,
    pub(crate) parameters: Vec<(String, String)>,
    /// True if the names and values of parameters may be shown.
    pub(crate) may_be_shown: bool,
}

impl Parts {
    /// Splits what follows the scheme and its colon.
    pub(crate) fn split(rest: &str) -> Result<Self, String> {
        let rest = rest
            .strip_prefix("//")
            .ok_or("`//` is missing after its scheme and colon")?;
        let (log_in, place) = match rest.rsplit_once('@') {
            Some((log_in, place)) => (Some(log_in), place),
            None => (None, rest),
        };
        if let Some(log_in) = log_in {
            let wrong = unencoded(log_in, &['/', '?', '#', '@', ' ']);
            if !wrong.is_empty() {
                return Err(format!(
                    "before its last `@`, where the user and the password stand, percent-encode {wrong}. An `@` in another \
                     part is written %40"
                ));
            }
        }
        let (place, query) = place.split_once('?').unwrap_or((place, ""));
        for (part, reserved) in [(place, &['#', ' '][..]), (query, &['#'])] {
            let wrong = unencoded(part, reserved);
            if !wrong.is_empty() {
                return Err(format!("percent-encode {wrong}"));
            }
        }
        let (host, path) = place.split_once('/').unwrap_or((place, ""));
        if path.contains('/') {
            return Err("the name of its database holds `/`: percent-encode `/` as %2F".to_owned());
        }
        let (user, password) = match log_in.map(|log_in| log_in.split_once(':').ok_or(log_in)) {
            Some(Ok((user, password))) => (Some(user), Some(password)),
            Some(Err(user)) => (Some(user), None),
            None => (None, None),
        };
        let (host, port) = host_and_port(host)?;
        Ok(Self {
            user: user
                .map(decoded)
                .transpose()?
                .filter(|user| !user.is_empty()),
            password: password.map(decoded).transpose()?,
            host,
            port,
            database: Some(decoded(path)?).filter(|database| !database.is_empty()),
            parameters: parameters(query)?,
            may_be_shown: log_in.is_some(),
        })
    }
}

/// Lists the characters of `text` that must be percent-encoded, with their codes; empty if there are none.
fn unencoded(text: &str, reserved: &[char]) -> String {
    let mut found: Vec<char> = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        let is_code = || {
            let digits = rest.as_bytes().first_chunk::<2>();
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        let is_wrong = reserved.contains(&character)
            || (character != ' ' && (character.is_whitespace() || character.is_control()))
            || (character == '%' && !is_code());
        if is_wrong && !found.contains(&character) {
            found.push(character);
        }
    }
    let mut list = String::new();
    for (at, character) in found.iter().enumerate() {
        list.push_str(match at {
            0 => "",
            at if at + 1 == found.len() => " and ",
            _ => ", ",
        });
        let shown = match character {
            ' ' => "a space".to_owned(),
            other if other.is_whitespace() || other.is_control() => {
                "a control character".to_owned()
            }
            other => format!("`{other}`"),
        };
        list.push_str(&shown);
        list.push_str(" as ");
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            // Writing to a String cannot fail.
            let _ = write!(list, "%{byte:02X}");
        }
    }
    list
}

fn decoded(text: &str) -> Result<String, String> {
    let text = percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| "a part of it is not UTF-8 when decoded")?;
    if text.contains('\0') {
        return Err("a part of it holds %00, which no server takes".to_owned());
    }
    Ok(text.into_owned())
}

/// Splits `host`, `host:port`, `[::1]` or `[::1]:port`.
fn host_and_port(text: &str) -> Result<(Option<String>, Option<u16>), String> {
    if text.contains(',') {
        return Err(several_hosts());
    }
    let (name, rest) = match text.strip_prefix('[') {
        Some(inner) => {
            let (name, rest) = inner
                .split_once(']')
                .ok_or("the bracket before its host is never closed")?;
            (checked_ipv6(name)?, rest)
        }
        None => {
            let end = text.find(':').unwrap_or(text.len());
            (decoded(&text[..end])?, &text[end..])
        }
    };
    let port = match rest.strip_prefix(':') {
        Some(port) => port,
        None if rest.is_empty() => "",
        None => return Err("something stands between its host and its port".to_owned()),
    };
    if port.contains(':') {
        return Err("an IPv6 address stands in brackets: [::1]".to_owned());
    }
    let host = Some(name).filter(|name| !name.is_empty());
    Ok((
        host.map(|host| checked_host(&host)).transpose()?,
        Some(port)
            .filter(|port| !port.is_empty())
            .map(checked_port)
            .transpose()?,
    ))
}

fn several_hosts() -> String {
    "it names several hosts, and one is taken: name the one that accepts writes".to_owned()
}

fn checked_ipv6(name: &str) -> Result<String, String> {
    match name.parse::<Ipv6Addr>() {
        Ok(_) => Ok(name.to_owned()),
        Err(_) => Err("what stands in brackets is not an IPv6 address".to_owned()),
    }
}

/// Checks a host: a name or an IP address.
pub(crate) fn checked_host(name: &str) -> Result<String, String> {
    if name.starts_with(['/', '@']) {
        return Err(
            "its host is the path of a Unix socket; only TCP is taken: name a host".to_owned(),
        );
    }
    if name.contains(',') {
        return Err(several_hosts());
    }
    if name.parse::<Ipv6Addr>().is_ok() {
        return Ok(name.to_owned());
    }
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if !is_name {
        return Err("its host has a character that no host's name has".to_owned());
    }
    Ok(name.to_owned())
}

/// Checks a port.
pub(crate) fn checked_port(text: &str) -> Result<u16, String> {
    text.parse()
        .ok()
        .filter(|port| *port != 0 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| {
            "its port is not a number from 1 to 65535. If that is a part of the password, the `@` after the password is \
             missing, or a character in it must be percent-encoded"
                .to_owned()
        })
}

fn parameters(query: &str) -> Result<Vec<(String, String)>, String> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').ok_or(
                "a parameter after its `?` has no `=`. If that is a part of the password, percent-encode `?` as %3F",
            )?;
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}
