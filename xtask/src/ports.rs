//! Ports of this machine.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result, bail};

/// Fails where something else listens on the port.
pub(crate) fn ensure_free(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!(
                "port {port} is in use: end the program that listens there, or choose another with `--port {}`",
                port.wrapping_add(1)
            )
        }
        Err(error) => Err(error)
            .with_context(|| format!("cannot listen on port {port}; choose another with `--port`")),
    }
}

/// A listener on a free port, and that port.
pub(crate) fn listen() -> Result<(TcpListener, u16)> {
    let listen = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        Ok::<_, std::io::Error>((listener, port))
    };
    listen().context("cannot listen on a port of 127.0.0.1")
}

/// A port that nothing listens on.
pub(crate) fn free() -> Result<u16> {
    listen().map(|(_, port)| port)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_the_way_out() {
        let (taken, port) = listen().unwrap();
        let message = ensure_free(port).unwrap_err().to_string();
        assert!(
            message.contains(&format!("port {port} is in use")),
            "{message}"
        );
        assert!(message.contains("--port"), "{message}");
        drop(taken);
        ensure_free(port).unwrap();
    }
}
