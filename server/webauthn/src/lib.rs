//! Passkeys: verifies what an authenticator answers, by the steps of W3C's Web Authentication, Level 3: 7.1 for a new credential
//! ([`verify_registration`]), 7.2 for the use of one ([`verify_assertion`]). Each step is a function, in the order of the specification.
//!
//! Everything here is computed from bytes. Absent: where a challenge comes from and that it is used once, where credentials are
//! stored, and attestation: the site asks for none (`"none"`), and looks at no statement that comes all the same.

mod assertion;
#[cfg(feature = "authenticator")]
pub mod authenticator;
mod authenticator_data;
mod client_data;
mod failed_step;
mod key;
mod registration;
mod rs256;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

pub use assertion::{Assertion, Credential, Use, verify_assertion};
pub use failed_step::FailedStep;
pub use key::ALGORITHMS;
pub use registration::{NewCredential, Registration, verify_registration};

/// The site's part in a ceremony.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Scheme, host and port, as browsers write them: `https://example.com`.
    pub origin: &'a str,
    /// The relying party's id: the host of the origin.
    pub rp_id: &'a str,
    /// The challenge that was given to the browser.
    pub challenge: &'a [u8],
}

/// The text of bytes in messages of Web Authentication: base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of such a text.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// SHA-256 of bytes, in hex: the name of a credential's id, which may be longer than a key of a table.
pub fn hash(bytes: &[u8]) -> String {
    sha256(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
