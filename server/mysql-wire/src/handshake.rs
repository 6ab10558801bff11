//! The server's greeting and the client's answer to it. Owns which capabilities are asked for.

use mysql_common::constants::{CapabilityFlags, UTF8MB4_GENERAL_CI};

use crate::auth::{Nonce, Plugin};
use crate::packet::LONGEST_PACKET;
use crate::reader::Reader;
use crate::{Config, Error};

/// What the server says first.
#[derive(Debug)]
pub(crate) struct Greeting {
    /// Such as `8.4.3` or `5.5.5-10.11.14-MariaDB`.
    pub(crate) version: String,
    pub(crate) capabilities: CapabilityFlags,
    pub(crate) nonce: Nonce,
    /// `None` when it is not known here.
    pub(crate) plugin: Option<Plugin>,
}

/// What the protocol cannot do without.
const NEEDED: CapabilityFlags = CapabilityFlags::CLIENT_PROTOCOL_41
    .union(CapabilityFlags::CLIENT_SECURE_CONNECTION)
    .union(CapabilityFlags::CLIENT_PLUGIN_AUTH);

/// What is taken where it is offered. Never among them: several statements in one, and files of the client's.
const WELCOME: CapabilityFlags = CapabilityFlags::CLIENT_LONG_PASSWORD
    .union(CapabilityFlags::CLIENT_LONG_FLAG)
    .union(CapabilityFlags::CLIENT_TRANSACTIONS)
    .union(CapabilityFlags::CLIENT_FOUND_ROWS)
    .union(CapabilityFlags::CLIENT_DEPRECATE_EOF);

impl Greeting {
    /// Reads the first packet of a connection.
    pub(crate) fn read(packet: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(packet);
        match reader.u8()? {
            10 => {}
            0xff => return Err(Error::of_packet(packet)),
            other => return Err(Error::protocol(format!("version {other} of the handshake"))),
        }
        let version = reader.until_nul()?;
        let version = String::from_utf8_lossy(&version[..version.len().min(128)]).into_owned();
        let _connection = reader.u32()?;
        let first = reader.take(8)?;
        let _filler = reader.u8()?;
        let low = u32::from(reader.u16()?);
        let _collation = reader.u8()?;
        let _status = reader.u16()?;
        let high = u32::from(reader.u16()?);
        let capabilities = CapabilityFlags::from_bits_retain(high << 16 | low);
        if !capabilities.contains(NEEDED) {
            return Err(Error::protocol(
                "the server is older than 5.5.7: it cannot do what a login needs",
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
        let plugin = match Plugin::named(name.strip_suffix(&[0]).unwrap_or(name)) {
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

    /// What to ask this server for.
    pub(crate) fn wanted(
        &self,
        config: &Config<'_>,
        with_tls: bool,
    ) -> Result<CapabilityFlags, Error> {
        let mut wanted = NEEDED | (WELCOME & self.capabilities);
        for (asked, capability, what) in [
            (
                with_tls,
                CapabilityFlags::CLIENT_SSL,
                "TLS, which is required",
            ),
            (
                config.database.is_some(),
                CapabilityFlags::CLIENT_CONNECT_WITH_DB,
                "choosing a database at login",
            ),
        ] {
            if asked && !self.capabilities.contains(capability) {
                return Err(Error::Refused(format!("the server does not offer {what}")));
            }
            wanted.set(capability, asked);
        }
        Ok(wanted)
    }
}

/// Appends what the request for TLS and the login begin with.
pub(crate) fn write_head(out: &mut Vec<u8>, wanted: CapabilityFlags) {
    out.extend_from_slice(&wanted.bits().to_le_bytes());
    out.extend_from_slice(&(LONGEST_PACKET as u32).to_le_bytes());
    // The number of a collation; those of utf8mb4 that every server knows are below 256.
    out.push(UTF8MB4_GENERAL_CI as u8);
    out.extend_from_slice(&[0; 23]);
}

/// Appends the login.
pub(crate) fn write_login(
    out: &mut Vec<u8>,
    wanted: CapabilityFlags,
    config: &Config<'_>,
    plugin: Plugin,
    proof: &[u8],
) -> Result<(), Error> {
    let proof_length =
        u8::try_from(proof.len()).map_err(|_| Error::protocol("a proof of more than 255 bytes"))?;
    write_head(out, wanted);
    write_name(out, config.user)?;
    out.push(proof_length);
    out.extend_from_slice(proof);
    if let Some(database) = config.database {
        write_name(out, database)?;
    }
    write_name(out, plugin.name())
}

fn write_name(out: &mut Vec<u8>, name: &str) -> Result<(), Error> {
    if name.contains('\0') {
        return Err(Error::Refused(
            "a user or database with NUL in its name".to_owned(),
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
    fn packet() -> Vec<u8> {
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
        let greeting = Greeting::read(&packet()).unwrap();
        assert_eq!(greeting.version, "5.5.5-10.11.14-MariaDB");
        assert_eq!(&greeting.nonce, b"12345678abcdefghijkl");
        assert_eq!(greeting.plugin, Some(Plugin::Native));
        let config = Config::new("user", "", Some("base"));
        let wanted = greeting.wanted(&config, false).unwrap();
        assert!(wanted.contains(
            CapabilityFlags::CLIENT_DEPRECATE_EOF | CapabilityFlags::CLIENT_CONNECT_WITH_DB
        ));
        assert!(!wanted.intersects(
            CapabilityFlags::CLIENT_SSL
                | CapabilityFlags::CLIENT_LOCAL_FILES
                | CapabilityFlags::CLIENT_MULTI_STATEMENTS
                | CapabilityFlags::CLIENT_MULTI_RESULTS
                | CapabilityFlags::CLIENT_COMPRESS
        ));
    }

    #[test]
    fn a_greeting_that_is_cut_short_is_an_error() {
        let packet = packet();
        let name = packet.len() - "mysql_native_password\0".len();
        for length in 0..name {
            assert!(Greeting::read(&packet[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn names_with_nul_are_refused() {
        for config in [
            Config::new("a\0b", "", None),
            Config::new("a", "", Some("b\0")),
        ] {
            let written = write_login(&mut Vec::new(), NEEDED, &config, Plugin::Native, &[]);
            assert!(matches!(written, Err(Error::Refused(_))));
        }
    }
}
