//! Versions of pages.

use std::fmt;

use rapidhash::v3::rapidhash_v3;

use crate::assets::BUILD;
use crate::context::Theme;

/// A hash of everything a page depends on. Equal versions mean identical pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(u64);

impl Version {
    /// The version of a page of this build at `origin` with this fingerprint.
    pub(super) fn of(origin: &str, fingerprint: &[String]) -> Self {
        let parts = [BUILD, origin]
            .into_iter()
            .chain(fingerprint.iter().map(String::as_str));
        let hash = parts.fold(0u64, |hash, part| {
            let next = rapidhash_v3(part.as_bytes());
            rapidhash_v3([hash.to_le_bytes(), next.to_le_bytes()].as_flattened())
        });
        Self(hash)
    }

    /// The version of a page that has no fingerprint: its bytes tell.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(rapidhash_v3(bytes))
    }

    /// The entity tag of the page, shown in `theme`.
    pub fn etag(self, theme: Option<Theme>) -> String {
        match theme {
            None => format!("\"{self}\""),
            Some(theme) => format!("\"{self}-{}\"", theme.as_str()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_depends_on_everything() {
        let of = |origin: &str, fingerprint: &[&str]| {
            let fingerprint: Vec<String> = fingerprint.iter().map(|&text| text.into()).collect();
            Version::of(origin, &fingerprint)
        };
        let one = of("https://a", &["x", "y"]);
        assert_eq!(one, of("https://a", &["x", "y"]));
        for other in [
            of("https://b", &["x", "y"]),
            of("https://a", &["xy"]),
            of("https://a", &["x", "y", ""]),
        ] {
            assert_ne!(one, other);
        }
    }
}
