//! Certificates for the servers: an authority and one certificate, made once. The authority's key is not kept.
//! Absent: anything that is trusted outside this checkout.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

use crate::files;

/// The files, in PEM.
pub(super) struct Certificates {
    pub(super) ca: PathBuf,
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl Certificates {
    /// The paths in `folder`, where the files may not exist yet.
    pub(super) fn inside(folder: &Path) -> Self {
        Self {
            ca: folder.join("ca.pem"),
            certificate: folder.join("server.pem"),
            key: folder.join("server.key"),
        }
    }

    /// Makes the files unless they exist; returns whether it did.
    pub(super) fn ensure(&self) -> Result<bool> {
        if [&self.ca, &self.certificate, &self.key]
            .iter()
            .all(|file| file.is_file())
        {
            return Ok(false);
        }
        let (ca, certificate, key) = make().context("cannot make a certificate")?;
        files::write_private(&self.key, key.as_bytes())?;
        files::write(&self.certificate, certificate.as_bytes())?;
        files::write(&self.ca, ca.as_bytes())?;
        Ok(true)
    }
}

/// The authority's certificate, and the server's with its key.
fn make() -> Result<(String, String, String), rcgen::Error> {
    let mut authority = named("A private authority for tests", &[])?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate()?;
    let ca = authority.self_signed(&authority_key)?;

    let mut server = named("Private servers for tests", &["localhost", "127.0.0.1"])?;
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &Issuer::new(authority, authority_key))?;
    Ok((ca.pem(), certificate.pem(), key.serialize_pem()))
}

fn named(name: &str, hosts: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
    let mut params = CertificateParams::new(hosts)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2120, 1, 1);
    Ok(params)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;

    #[test]
    fn certificates_are_made_once_and_again_when_one_is_gone() {
        let folder = scratch("tls");
        let certificates = Certificates::inside(&folder);
        assert!(certificates.ensure().unwrap());
        let first = std::fs::read(&certificates.ca).unwrap();
        assert!(first.starts_with(b"-----BEGIN CERTIFICATE-----"));
        assert!(!certificates.ensure().unwrap());
        std::fs::remove_file(&certificates.key).unwrap();
        assert!(certificates.ensure().unwrap());
        // Both belong together: a new key needs a new certificate, and that a new authority.
        assert_ne!(std::fs::read(&certificates.ca).unwrap(), first);
    }
}
