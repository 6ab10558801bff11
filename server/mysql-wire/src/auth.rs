//! Authentication: a state machine that takes the server's packets and returns the packets to send.
//!
//! Decides in which form a password may leave: as a digest over the server's nonce, encrypted with the server's public
//! key, or in clear text within a secure stream when `caching_sha2_password` asks for it. There is no other form.

use mysql_common::auth::plugins::{
    caching_sha2_password::scramble_sha256, mysql_native_password::scramble_native,
};

use crate::reader::Reader;
use crate::{Error, err_packet, rsa};

/// Supported authentication plugins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthPlugin {
    Native,
    CachingSha2,
}

impl AuthPlugin {
    /// Finds a plugin by its name.
    ///
    /// # Errors
    /// [`Error::Refused`] for the plugin that wants the password in clear text, [`Error::Plugin`] for unknown ones.
    pub(crate) fn from_name(name: &[u8]) -> Result<Self, Error> {
        match name {
            b"mysql_native_password" => Ok(Self::Native),
            b"caching_sha2_password" => Ok(Self::CachingSha2),
            b"mysql_clear_password" => Err(Error::Refused(
                "the server asks for the password in clear text (mysql_clear_password)".to_owned(),
            )),
            other => Err(Error::Plugin(
                String::from_utf8_lossy(&other[..other.len().min(64)]).into_owned(),
            )),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "mysql_native_password",
            Self::CachingSha2 => "caching_sha2_password",
        }
    }
}

/// The random bytes that the server sends as its challenge.
pub(crate) type Nonce = [u8; 20];

/// The client's next action after a packet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Send these bytes, then read the next packet.
    Send(Vec<u8>),
    /// Send the password, encrypted with this key of the server ([`Authenticator::encrypt`]), then read the next packet.
    Encrypt(Vec<u8>),
    /// Read the next packet.
    Wait,
    /// Logged in.
    Done,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The first response was sent.
    FirstResponse,
    /// The server was asked for its public key.
    AwaitingKey,
    /// Only the server's verdict is missing.
    AwaitingVerdict,
}

/// The authentication of one login.
pub(crate) struct Authenticator<'a> {
    plugin: AuthPlugin,
    nonce: Nonce,
    password: &'a [u8],
    is_secure: bool,
    has_switched: bool,
    stage: Stage,
}

impl<'a> Authenticator<'a> {
    /// Starts with the plugin of the greeting. If that is unknown, the server may still switch to a known one.
    pub(crate) fn new(
        plugin: Option<AuthPlugin>,
        nonce: Nonce,
        password: &'a str,
        is_secure: bool,
    ) -> Self {
        Self {
            plugin: plugin.unwrap_or(AuthPlugin::Native),
            nonce,
            password: password.as_bytes(),
            is_secure,
            has_switched: false,
            stage: Stage::FirstResponse,
        }
    }

    pub(crate) fn plugin(&self) -> AuthPlugin {
        self.plugin
    }

    /// Computes the response to the nonce; empty for an empty password.
    pub(crate) fn response(&self) -> Vec<u8> {
        match self.plugin {
            AuthPlugin::Native => scramble_native(&self.nonce, self.password).map(Vec::from),
            AuthPlugin::CachingSha2 => scramble_sha256(&self.nonce, self.password).map(Vec::from),
        }
        .unwrap_or_default()
    }

    /// Encrypts the password with the server's key.
    pub(crate) async fn encrypt(&self, key: &[u8]) -> Result<Vec<u8>, Error> {
        rsa::encrypt(self.password, &self.nonce, key).await
    }

    /// Handles the server's next packet.
    pub(crate) fn step(&mut self, packet: &[u8]) -> Result<Step, Error> {
        match packet {
            [0x00, ..] => Ok(Step::Done),
            [0xff, ..] => Err(err_packet::decode(packet)),
            [0xfe, request @ ..] => self.switch_plugin(request),
            [0x01, data @ ..] if self.plugin == AuthPlugin::CachingSha2 => self.more_data(data),
            _ => Err(Error::protocol("an unexpected packet during login")),
        }
    }

    fn switch_plugin(&mut self, request: &[u8]) -> Result<Step, Error> {
        if request.is_empty() {
            return Err(Error::Refused(
                "the server asks for mysql_old_password".to_owned(),
            ));
        }
        if self.has_switched || self.stage != Stage::FirstResponse {
            return Err(Error::protocol(
                "a second switch of the authentication plugin",
            ));
        }
        let mut reader = Reader::new(request);
        self.plugin = AuthPlugin::from_name(reader.nul_terminated()?)?;
        let nonce = reader.rest();
        self.nonce = nonce
            .strip_suffix(&[0])
            .unwrap_or(nonce)
            .try_into()
            .map_err(|_| Error::protocol("a nonce of the wrong length"))?;
        self.has_switched = true;
        Ok(Step::Send(self.response()))
    }

    /// Handles an AuthMoreData packet of `caching_sha2_password`.
    fn more_data(&mut self, data: &[u8]) -> Result<Step, Error> {
        match (self.stage, data) {
            (Stage::FirstResponse, [0x03]) => {
                self.stage = Stage::AwaitingVerdict;
                Ok(Step::Wait)
            }
            (Stage::FirstResponse, [0x04]) if self.is_secure => {
                self.stage = Stage::AwaitingVerdict;
                Ok(Step::Send([self.password, &[0]].concat()))
            }
            (Stage::FirstResponse, [0x04]) => {
                self.stage = Stage::AwaitingKey;
                Ok(Step::Send(vec![0x02]))
            }
            (Stage::AwaitingKey, key) => {
                self.stage = Stage::AwaitingVerdict;
                Ok(Step::Encrypt(key.to_vec()))
            }
            (Stage::FirstResponse | Stage::AwaitingVerdict, _) => {
                Err(Error::protocol("an unexpected packet during login"))
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const NONCE: Nonce = *b"abcdefghijklmnopqrst";

    fn login(is_secure: bool) -> Authenticator<'static> {
        Authenticator::new(Some(AuthPlugin::CachingSha2), NONCE, "secret", is_secure)
    }

    #[test]
    fn an_empty_password_has_an_empty_response() {
        for plugin in [AuthPlugin::Native, AuthPlugin::CachingSha2] {
            assert!(
                Authenticator::new(Some(plugin), NONCE, "", false)
                    .response()
                    .is_empty()
            );
        }
    }

    #[test]
    fn the_clear_text_password_is_sent_only_on_request_within_a_secure_stream() {
        assert_eq!(
            login(true).step(&[1, 4]).unwrap(),
            Step::Send(b"secret\0".to_vec())
        );
        assert_eq!(login(false).step(&[1, 4]).unwrap(), Step::Send(vec![2]));
        let mut native = Authenticator::new(Some(AuthPlugin::Native), NONCE, "secret", true);
        assert!(matches!(native.step(&[1, 4]), Err(Error::Protocol(_))));
    }

    #[test]
    fn insecure_plugins_are_refused() {
        for request in [&b"\xfemysql_clear_password\0"[..], b"\xfe"] {
            assert!(matches!(login(true).step(request), Err(Error::Refused(_))));
        }
        assert!(matches!(
            login(true).step(b"\xfeauth_gssapi_client\0x"),
            Err(Error::Plugin(name)) if name == "auth_gssapi_client"
        ));
    }

    #[test]
    fn a_login_cannot_loop() {
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
