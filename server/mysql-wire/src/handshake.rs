//! The handshake: the server's greeting and the client's response. Decides which capabilities are requested.

use mysql_common::constants::{CapabilityFlags, UTF8MB4_GENERAL_CI};

use crate::auth::{AuthPlugin, Nonce};
use crate::packet_stream::MAX_PACKET_BYTES;
use crate::reader::Reader;
use crate::{Config, Error, err_packet};

/// The first packet of a server.
#[derive(Debug)]
pub(crate) struct Greeting {
    /// For example `8.4.3` or `5.5.5-10.11.14-MariaDB`.
    pub(crate) version: String,
    pub(crate) capabilities: CapabilityFlags,
    pub(crate) nonce: Nonce,
    /// `None` if the plugin is not supported.
    pub(crate) plugin: Option<AuthPlugin>,
}

/// Capabilities that this client cannot work without.
const REQUIRED_CAPABILITIES: CapabilityFlags = CapabilityFlags::CLIENT_PROTOCOL_41
    .union(CapabilityFlags::CLIENT_SECURE_CONNECTION)
    .union(CapabilityFlags::CLIENT_PLUGIN_AUTH);

/// Capabilities that are used if the server offers them. Multiple statements and local files must never be among them.
const OPTIONAL_CAPABILITIES: CapabilityFlags = CapabilityFlags::CLIENT_LONG_PASSWORD
    .union(CapabilityFlags::CLIENT_LONG_FLAG)
    .union(CapabilityFlags::CLIENT_TRANSACTIONS)
    .union(CapabilityFlags::CLIENT_FOUND_ROWS)
    .union(CapabilityFlags::CLIENT_DEPRECATE_EOF);

impl Greeting {
    pub(crate) fn read(packet: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(packet);
        match reader.u8()? {
            10 => {}
            0xff => return Err(err_packet::decode(packet)),
            other => return Err(Error::protocol(format!("handshake version {other}"))),
        }
        let version = reader.nul_terminated()?;
        let version = String::from_utf8_lossy(&version[..version.len().min(128)]).into_owned();
        let _connection = reader.u32()?;
        let first = reader.take(8)?;
        let _filler = reader.u8()?;
        let low = u32::from(reader.u16()?);
        let _collation = reader.u8()?;
        let _status = reader.u16()?;
        let high = u32::from(reader.u16()?);
        let capabilities = CapabilityFlags::from_bits_retain(high << 16 | low);
        if !capabilities.contains(REQUIRED_CAPABILITIES) {
            return Err(Error::protocol(
                "a server older than 5.5.7, without the capabilities that a login needs",
            ));
        }
        let length = usize::from(reader.u8()?);
        let _reserved = reader.take(10)?;
        let second = reader.take(length.saturating_sub(8).max(13))?;
        let mut nonce = Nonce::default();
        nonce[..8].copy_from_slice(first);
        nonce[8..].copy_from_slice(&second[..12]);
        // Some servers leave out the NUL after the last name.
        let name = reader.rest();
        let plugin = match AuthPlugin::from_name(name.strip_suffix(&[0]).unwrap_or(name)) {
            Ok(plugin) => Some(plugin),
            Err(refusal @ Error::Refused(_)) => return Err(refusal),
            Err(_) => None,
        };
        Ok(Self {
            version,
            capabilities,
            nonce,
            plugin,
        })
    }

    /// Chooses the capabilities to request from this server.
    pub(crate) fn negotiate(
        &self,
        config: &Config<'_>,
        with_tls: bool,
    ) -> Result<CapabilityFlags, Error> {
        let mut chosen = REQUIRED_CAPABILITIES | (OPTIONAL_CAPABILITIES & self.capabilities);
        for (is_required, capability, feature) in [
            (
                with_tls,
                CapabilityFlags::CLIENT_SSL,
                "TLS, which is required",
            ),
            (
                config.database.is_some(),
                CapabilityFlags::CLIENT_CONNECT_WITH_DB,
                "the choice of a database at login",
            ),
        ] {
            if is_required && !self.capabilities.contains(capability) {
                return Err(Error::Refused(format!(
                    "the server does not offer {feature}"
                )));
            }
            chosen.set(capability, is_required);
        }
        Ok(chosen)
    }
}

/// Appends a request for TLS. The handshake response begins with the same bytes.
pub(crate) fn write_ssl_request(out: &mut Vec<u8>, capabilities: CapabilityFlags) {
    out.extend_from_slice(&capabilities.bits().to_le_bytes());
    out.extend_from_slice(&(MAX_PACKET_BYTES as u32).to_le_bytes());
    // A collation id in one byte; the ids of the utf8mb4 collations that every server knows are below 256.
    out.push(UTF8MB4_GENERAL_CI as u8);
    out.extend_from_slice(&[0; 23]);
}

/// Appends the handshake response, which logs in.
pub(crate) fn write_response(
    out: &mut Vec<u8>,
    capabilities: CapabilityFlags,
    config: &Config<'_>,
    plugin: AuthPlugin,
    auth_response: &[u8],
) -> Result<(), Error> {
    let auth_length = u8::try_from(auth_response.len())
        .map_err(|_| Error::protocol("an authentication response of more than 255 bytes"))?;
    write_ssl_request(out, capabilities);
    write_nul_terminated(out, config.user)?;
    out.push(auth_length);
    out.extend_from_slice(auth_response);
    if let Some(database) = config.database {
        write_nul_terminated(out, database)?;
    }
    write_nul_terminated(out, plugin.name())
}

fn write_nul_terminated(out: &mut Vec<u8>, name: &str) -> Result<(), Error> {
    if name.contains('\0') {
        return Err(Error::Refused(
            "a user or database name with NUL".to_owned(),
        ));
    }
    out.extend_from_slice(name.as_bytes());
    out.push(0);
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// The greeting of a MariaDB 10.11.
    fn greeting_packet() -> Vec<u8> {
        let mut packet = b"\x0a5.5.5-10.11.14-MariaDB\0".to_vec();
        packet.extend_from_slice(&[9, 0, 0, 0]);
        packet.extend_from_slice(b"12345678\0");
        packet.extend_from_slice(&[0xfe, 0xff, 45, 2, 0, 0xff, 0x81, 21]);
        packet.extend_from_slice(&[0; 10]);
        packet.extend_from_slice(b"abcdefghijkl\0mysql_native_password\0");
        packet
    }

    #[test]
    fn a_greeting_is_read() {
        let greeting = Greeting::read(&greeting_packet()).unwrap();
        assert_eq!(greeting.version, "5.5.5-10.11.14-MariaDB");
        assert_eq!(&greeting.nonce, b"12345678abcdefghijkl");
        assert_eq!(greeting.plugin, Some(AuthPlugin::Native));
        let config = Config::new("user", "", Some("base"));
        let chosen = greeting.negotiate(&config, false).unwrap();
        assert!(chosen.contains(
            CapabilityFlags::CLIENT_DEPRECATE_EOF | CapabilityFlags::CLIENT_CONNECT_WITH_DB
        ));
        assert!(!chosen.intersects(
            CapabilityFlags::CLIENT_SSL
                | CapabilityFlags::CLIENT_LOCAL_FILES
                | CapabilityFlags::CLIENT_MULTI_STATEMENTS
                | CapabilityFlags::CLIENT_MULTI_RESULTS
                | CapabilityFlags::CLIENT_COMPRESS
        ));
    }

    #[test]
    fn a_truncated_greeting_is_an_error() {
        let packet = greeting_packet();
        let plugin_start = packet.len() - "mysql_native_password\0".len();
        for length in 0..plugin_start {
            assert!(Greeting::read(&packet[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn names_with_nul_are_refused() {
        for config in [
            Config::new("a\0b", "", None),
            Config::new("a", "", Some("b\0")),
        ] {
            let result = write_response(
                &mut Vec::new(),
                REQUIRED_CAPABILITIES,
                &config,
                AuthPlugin::Native,
                &[],
            );
            assert!(matches!(result, Err(Error::Refused(_))));
        }
    }
}
