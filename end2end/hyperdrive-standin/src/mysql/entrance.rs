//! How a client comes in: the greeting, its answer, the proof of its password.

use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;

use super::auth::{self, CACHING, NATIVE};
use super::wire;
use crate::Auth;
use crate::line::Line;
use crate::plan::Moment;

/// What clients may ask for.
const OFFERED: u32 = wire::BASIC
    | wire::CONNECT_WITH_DB
    | wire::FOUND_ROWS
    | wire::PLUGIN_AUTH
    | wire::LENGTH_ENCODED_AUTH
    | wire::DEPRECATE_EOF;
/// Of these, what is asked of the database in the client's name.
pub(super) const PASSED_ON: u32 = wire::FOUND_ROWS | wire::DEPRECATE_EOF;
/// `utf8mb4_general_ci`.
pub(super) const CHARSET: u8 = 45;

/// What the client has answered to the greeting.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) capabilities: u32,
    user: Vec<u8>,
    proof: Vec<u8>,
    pub(super) database: Option<String>,
    plugin: Vec<u8>,
}

impl Asked {
    fn read(body: &[u8]) -> Option<Self> {
        let capabilities = u32::from_le_bytes(body.get(..4)?.try_into().ok()?);
        let (user, rest) = wire::text(body.get(32..)?);
        let (proof, rest) = if capabilities & wire::LENGTH_ENCODED_AUTH != 0 {
            wire::counted(rest)?
        } else {
            let (length, rest) = rest.split_first()?;
            rest.split_at_checked(usize::from(*length))?
        };
        let (database, rest) = if capabilities & wire::CONNECT_WITH_DB != 0 {
            wire::text(rest)
        } else {
            (&[][..], rest)
        };
        let database = String::from_utf8_lossy(database).into_owned();
        Some(Self {
            capabilities,
            user: user.to_vec(),
            proof: proof.to_vec(),
            database: Some(database).filter(|name| !name.is_empty()),
            plugin: wire::text(rest).0.to_vec(),
        })
    }
}

async fn say(line: &mut Line, body: &[u8]) -> Result<()> {
    let packet = wire::make(line.sequence, body);
    line.sequence = line.sequence.wrapping_add(1);
    line.reply(&packet).await
}

async fn hear(line: &mut Line) -> Result<Vec<u8>> {
    let packet = line.packet().await?;
    line.sequence = packet[3].wrapping_add(1);
    Ok(packet[4..].to_vec())
}

/// Lets the client in; none when it was shown out.
pub(super) async fn enter(line: &mut Line) -> Result<Option<Asked>> {
    let shared = Arc::clone(&line.shared);
    let plugin = match shared.auth {
        Auth::CachingSha2 => CACHING,
        Auth::Native => NATIVE,
    };
    let nonce = auth::nonce();
    let version = shared.greeting.get().map_or(&b"8.0.0"[..], Vec::as_slice);
    say(line, &greeting(version, &nonce, plugin)).await?;
    let answer = hear(line).await?;
    let Some(mut asked) = Asked::read(&answer) else {
        return Err(Error::new(
            ErrorKind::InvalidData,
            "a malformed answer to the greeting",
        ));
    };
    for (capability, kind, what) in [
        (wire::SSL, "tls", "TLS, which was not offered,"),
        (
            wire::MULTI_STATEMENTS,
            "multi_statements",
            "more than one statement",
        ),
    ] {
        if asked.capabilities & capability != 0 {
            shared.stats().refused(kind);
            let message = format!("{what} is not supported by Hyperdrive");
            let packet = wire::error(line.sequence, 1235, "42000", &message);
            line.reply(&packet).await?;
            return Ok(None);
        }
    }
    asked.capabilities &= OFFERED;
    if asked.plugin != plugin.as_bytes() {
        let body = [&[0xfe], plugin.as_bytes(), &[0], &nonce, &[0]].concat();
        say(line, &body).await?;
        asked.proof = hear(line).await?;
    }
    let is_right = proves(line, plugin, &nonce, &asked.proof).await?
        && asked.user == shared.upstream.user.as_bytes();
    line.moment(Moment::Auth, "").await?;
    if is_right {
        let packet = wire::okay(line.sequence, 2);
        line.reply(&packet).await?;
        return Ok(Some(asked));
    }
    shared.stats().refused("wrong_password");
    let user = String::from_utf8_lossy(&asked.user).into_owned();
    let message = format!("Access denied for user '{user}'@'localhost' (using password: YES)");
    let packet = wire::error(line.sequence, 1045, "28000", &message);
    line.reply(&packet).await?;
    Ok(None)
}

/// Whether the client knows the password.
async fn proves(line: &mut Line, plugin: &str, nonce: &[u8], proof: &[u8]) -> Result<bool> {
    let shared = Arc::clone(&line.shared);
    let password = shared.upstream.password.as_str();
    let is_right = auth::scramble(plugin, password, nonce).is_some_and(|right| right == proof);
    if plugin == NATIVE || password.is_empty() {
        return Ok(is_right);
    }
    if is_right && shared.caching.is_warm() {
        say(line, auth::ENOUGH).await?;
        return Ok(true);
    }
    // As a server that does not know the account yet: the password itself.
    say(line, auth::IN_FULL).await?;
    let mut given = hear(line).await?;
    if given == auth::KEY_PLEASE {
        let Some(key) = shared.caching.public() else {
            return Ok(false);
        };
        say(line, &key).await?;
        let hidden = hear(line).await?;
        given = shared.caching.reveal(&hidden, nonce).unwrap_or_default();
    }
    let is_right = given.strip_suffix(&[0]) == Some(password.as_bytes());
    if is_right {
        shared.caching.warm();
    }
    Ok(is_right)
}

fn greeting(version: &[u8], nonce: &[u8; 20], plugin: &str) -> Vec<u8> {
    let [a, b, c, d] = OFFERED.to_le_bytes();
    [
        &[10],
        version,
        &[0],
        // The connection's number.
        &[1, 0, 0, 0],
        &nonce[..8],
        &[0, a, b, CHARSET, 2, 0, c, d, 21],
        &[0; 10],
        &nonce[8..],
        &[0],
        plugin.as_bytes(),
        &[0],
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_in_both_forms() {
        let head = |capabilities: u32| [&capabilities.to_le_bytes()[..], &[0; 28]].concat();
        let long =
            wire::BASIC | wire::CONNECT_WITH_DB | wire::PLUGIN_AUTH | wire::LENGTH_ENCODED_AUTH;
        let body = [head(long), b"me\0\x03abcsite\0plug\0".to_vec()].concat();
        let asked = Asked::read(&body);
        assert!(asked.is_some_and(|asked| {
            asked.user == b"me"
                && asked.proof == b"abc"
                && asked.database.as_deref() == Some("site")
                && asked.plugin == b"plug"
        }));
        let body = [head(wire::BASIC), b"me\0\x03abc".to_vec()].concat();
        let asked = Asked::read(&body);
        assert!(asked.is_some_and(|asked| asked.proof == b"abc" && asked.database.is_none()));
        assert_eq!(Asked::read(&head(wire::BASIC)), None);
        assert_eq!(Asked::read(&[]), None);
    }
}
