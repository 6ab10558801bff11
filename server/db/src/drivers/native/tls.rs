//! TLS configuration: the certificate authorities of the web, of the system, or of a file.

use std::fmt::Display;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::DbError;
use crate::drivers::server_options::Authorities;

/// Configures TLS to trust these authorities.
pub(super) fn trusting(root: &Authorities) -> Result<ClientConfig, DbError> {
    let mut trusted = RootCertStore::empty();
    match root {
        Authorities::Public => trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Authorities::System => {
            // A system's store may hold certificates that rustls does not take; the others are enough.
            trusted.add_parsable_certificates(system()?);
        }
        Authorities::File(path) => {
            for certificate in CertificateDer::pem_slice_iter(&certificates(path)?) {
                let added = certificate.map_err(|error| unread(path, &error))?;
                trusted.add(added).map_err(|error| unread(path, &error))?;
            }
        }
    }
    Ok(
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| DbError::Driver(error.to_string()))?
            .with_root_certificates(trusted)
            .with_no_client_auth(),
    )
}

/// The authorities of the operating system.
pub(super) fn system() -> Result<Vec<CertificateDer<'static>>, DbError> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let why = found.errors.first().map(ToString::to_string);
        return Err(DbError::Unavailable(format!(
            "`sslrootcert=system` names this system's certificate authorities, but there are none{}. Install them, or leave \
             `sslrootcert` out to trust those of the web.",
            why.map(|why| format!(" ({why})")).unwrap_or_default()
        )));
    }
    Ok(found.certs)
}

/// Reads a file of certificates.
pub(super) fn certificates(path: &str) -> Result<Vec<u8>, DbError> {
    let text = std::fs::read(path).map_err(|error| unread(path, &error))?;
    if CertificateDer::pem_slice_iter(&text).next().is_none() {
        return Err(unread(path, &"it holds none"));
    }
    Ok(text)
}

fn unread(path: &str, why: &dyn Display) -> DbError {
    DbError::Unavailable(format!(
        "The certificates in {path}, which `sslrootcert=` names, cannot be read: {why}"
    ))
}

/// The error for a server whose certificate is not valid.
pub(super) fn untrusted(error: &dyn Display) -> DbError {
    DbError::Unavailable(format!(
        "The database server's certificate cannot be verified: {error}. Name the certificates to trust by `sslrootcert=` in its URL to \
         trust; `sslmode=disable` goes without."
    ))
}
