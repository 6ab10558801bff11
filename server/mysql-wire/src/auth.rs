//! Proving who we are: a machine that is fed the server's packets and says what to send.
//!
//! Owns what a password may be turned into. It leaves as a digest bound to the server's challenge, encrypted for the
//! server's key, or in clear within a secure stream when `caching_sha2_password` asks for it; in no other way.

use mysql_common::auth::plugins::{
    caching_sha2_password::scramble_sha256, mysql_native_password::scramble_native,
};

use crate::{Error, reader::Reader, rsa};

/// The ways to log in that are known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plugin {
    Native,
    CachingSha2,
}

impl Plugin {
    /// The plugin of this name.
    ///
    /// # Errors
    /// [`Error::Refused`] for the one that wants the password in clear, [`Error::Auth`] for those that are not known.
    pub(crate) fn named(name: &[u8]) -> Result<Self, Error> {
        match name {
            b"mysql_native_password" => Ok(Self::Native),
            b"caching_sha2_password" => Ok(Self::CachingSha2),
            b"mysql_clear_password" => Err(Error::Refused(
                "the server asks for the password in clear (mysql_clear_password)".to_owned(),
            )),
            other => Err(Error::Auth(format!(
                "the server asks for {}; mysql_native_password and caching_sha2_password are supported",
                String::from_utf8_lossy(&other[..other.len().min(64)])
            ))),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "mysql_native_password",
            Self::CachingSha2 => "caching_sha2_password",
        }
    }
}

/// The server's challenge.
pub(crate) type Nonce = [u8; 20];

/// What to do after a packet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Send this and read on.
    Send(Vec<u8>),
    /// Read on.
    Wait,
    /// Logged in.
    Done,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The first proof is under way.
    Proving,
    /// The server has been asked for its key.
    AwaitingKey,
    /// Nothing is left to say.
    Proven,
}

/// One login.
pub(crate) struct Auth<'a> {
    plugin: Plugin,
    nonce: Nonce,
    password: &'a [u8],
    is_secure: bool,
    has_switched: bool,
    stage: Stage,
}

impl<'a> Auth<'a> {
    /// A login with what the greeting says. A plugin that is not known may yet be switched away from.
    pub(crate) fn new(
        plugin: Option<Plugin>,
        nonce: Nonce,
        password: &'a str,
        is_secure: bool,
    ) -> Self {
        Self {
            plugin: plugin.unwrap_or(Plugin::Native),
            nonce,
            password: password.as_bytes(),
            is_secure,
            has_switched: false,
            stage: Stage::Proving,
        }
    }

    pub(crate) fn plugin(&self) -> Plugin {
        self.plugin
    }

    /// The proof; empty for an empty password.
    pub(crate) fn proof(&self) -> Vec<u8> {
        match self.plugin {
            Plugin::Native => scramble_native(&self.nonce, self.password).map(Vec::from),
            Plugin::CachingSha2 => scramble_sha256(&self.nonce, self.password).map(Vec::from),
        }
        .unwrap_or_default()
    }

    /// Takes the server's next packet.
    pub(crate) fn step(&mut self, packet: &[u8]) -> Result<Step, Error> {
        match packet {
            [0x00, ..] => Ok(Step::Done),
            [0xff, ..] => Err(Error::of_packet(packet)),
            [0xfe, request @ ..] => self.switch(request),
            [0x01, more @ ..] if self.plugin == Plugin::CachingSha2 => self.more(more),
            _ => Err(Error::protocol("an unknown packet in the login")),
        }
    }

    fn switch(&mut self, request: &[u8]) -> Result<Step, Error> {
        if request.is_empty() {
            return Err(Error::Refused(
                "the server asks for mysql_old_password".to_owned(),
            ));
        }
        if self.has_switched || self.stage != Stage::Proving {
            return Err(Error::protocol("the way to log in is changed twice"));
        }
        let mut reader = Reader::new(request);
        self.plugin = Plugin::named(reader.until_nul()?)?;
        let challenge = reader.rest();
        let challenge = challenge.strip_suffix(&[0]).unwrap_or(challenge);
        self.nonce = challenge
            .try_into()
            .map_err(|_| Error::protocol("a challenge of a wrong length"))?;
        self.has_switched = true;
        Ok(Step::Send(self.proof()))
    }

    /// What `caching_sha2_password` says beyond the first proof.
    fn more(&mut self, more: &[u8]) -> Result<Step, Error> {
        match (self.stage, more) {
            (Stage::Proving, [0x03]) => {
                self.stage = Stage::Proven;
                Ok(Step::Wait)
            }
            (Stage::Proving, [0x04]) if self.is_secure => {
                self.stage = Stage::Proven;
                Ok(Step::Send([self.password, &[0]].concat()))
            }
            (Stage::Proving, [0x04]) => {
                self.stage = Stage::AwaitingKey;
                Ok(Step::Send(vec![0x02]))
            }
            (Stage::AwaitingKey, key) => {
                self.stage = Stage::Proven;
                rsa::encrypt(self.password, &self.nonce, key).map(Step::Send)
            }
            (Stage::Proving | Stage::Proven, _) => {
                Err(Error::protocol("an unknown packet in the login"))
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const NONCE: Nonce = *b"abcdefghijklmnopqrst";

    fn login(is_secure: bool) -> Auth<'static> {
        Auth::new(Some(Plugin::CachingSha2), NONCE, "secret", is_secure)
    }

    #[test]
    fn an_empty_password_is_an_empty_proof() {
        for plugin in [Plugin::Native, Plugin::CachingSha2] {
            assert!(Auth::new(Some(plugin), NONCE, "", false).proof().is_empty());
        }
    }

    #[test]
    fn the_password_goes_in_clear_only_within_a_secure_stream_and_when_asked() {
        assert_eq!(
            login(true).step(&[1, 4]).unwrap(),
            Step::Send(b"secret\0".to_vec())
        );
        assert_eq!(login(false).step(&[1, 4]).unwrap(), Step::Send(vec![2]));
        let mut native = Auth::new(Some(Plugin::Native), NONCE, "secret", true);
        assert!(matches!(native.step(&[1, 4]), Err(Error::Protocol(_))));
    }

    #[test]
    fn the_clear_and_the_old_plugin_are_refused() {
        for request in [&b"\xfemysql_clear_password\0"[..], b"\xfe"] {
            assert!(matches!(login(true).step(request), Err(Error::Refused(_))));
        }
        assert!(matches!(
            login(true).step(b"\xfeauth_gssapi_client\0x"),
            Err(Error::Auth(why)) if why.contains("auth_gssapi_client")
        ));
    }

    #[test]
    fn a_login_cannot_go_round_in_circles() {
        let switch = [&b"\xfecaching_sha2_password\0"[..], &NONCE, &[0]].concat();
        let mut auth = login(true);
        assert!(matches!(auth.step(&switch), Ok(Step::Send(_))));
        assert!(matches!(auth.step(&switch), Err(Error::Protocol(_))));
        let mut auth = login(true);
        assert_eq!(auth.step(&[1, 3]).unwrap(), Step::Wait);
        for again in [&[1, 3][..], &[1, 4], &switch, &[1], &[]] {
            assert!(matches!(auth.step(again), Err(Error::Protocol(_))));
        }
    }
}
