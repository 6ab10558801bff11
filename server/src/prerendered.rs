//! Pages that may be there before they are asked for: which they are, what tells that they are still what the database
//! says, and where they are kept.
//!
//! The Worker asks the database for a page's [`Version`] by one statement, and serves what was rendered with that version
//! if there is such a file: nothing else of the application runs. Absent: the platform's own stores; see `entry::pages`.

use std::fmt;

use app::assets::BUILD;
use app::context::Theme;
use app::prerender;
use db::queries::fingerprints;
use db::{Db, DbError};
use domain::{Handle, Slug};
use rapidhash::v3::rapidhash_v3;

/// The folder of assets that only the Worker reads.
pub const FOLDER: &str = "/_pages";

/// The file that says which build the pages in the folder were rendered by.
pub const BUILD_FILE: &str = "/_pages/build";

/// A page that may be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prerendered {
    /// `/posts/{slug}`.
    Post(Slug),
    /// `/users/{handle}`.
    Author(Handle),
    /// `/feed.xml`, or `/users/{handle}/feed.xml`.
    Feed(Option<Handle>),
    /// `/sitemap.xml`: rendered anew as long as the database answers, because no one row tells that it has changed.
    Sitemap,
}

/// Of what a page was made: two pages of one version are the same page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(u64);

impl Prerendered {
    /// The page at `path`, if it is one of these.
    pub fn at(path: &str) -> Option<Self> {
        match path {
            "/feed.xml" => return Some(Self::Feed(None)),
            "/sitemap.xml" => return Some(Self::Sitemap),
            _ => {}
        }
        if let Some(slug) = path.strip_prefix("/posts/") {
            return Slug::parse(slug).ok().map(Self::Post);
        }
        let rest = path.strip_prefix("/users/")?;
        match rest.strip_suffix("/feed.xml") {
            Some(handle) => Handle::parse(handle).ok().map(|one| Self::Feed(Some(one))),
            None => Handle::parse(rest).ok().map(Self::Author),
        }
    }

    /// What the page at `origin` would be made of now; none where that is not known without making it. One statement.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn version(&self, db: &Db, origin: &str) -> Result<Option<Version>, DbError> {
        let shown = match self {
            Self::Post(slug) => fingerprints::post(db, slug, &prerender::comments()).await?,
            Self::Author(handle) => {
                fingerprints::user(db, handle, &prerender::posts_of_author()).await?
            }
            Self::Feed(handle) => fingerprints::feed(db, handle.as_ref()).await?,
            Self::Sitemap => return Ok(None),
        };
        Ok(Some(Version::of(origin, &shown)))
    }

    /// Its media type.
    pub fn media_type(&self) -> &'static str {
        match self {
            Self::Post(_) | Self::Author(_) => "text/html; charset=utf-8",
            Self::Feed(_) => "application/atom+xml; charset=utf-8",
            Self::Sitemap => "application/xml; charset=utf-8",
        }
    }

    /// Whether it is a page for people, which has a theme.
    pub fn is_page(&self) -> bool {
        matches!(self, Self::Post(_) | Self::Author(_))
    }
}

impl Version {
    fn of(origin: &str, shown: &[String]) -> Self {
        let parts = [BUILD, origin]
            .into_iter()
            .chain(shown.iter().map(String::as_str));
        let hash = parts.fold(0u64, |hash, part| {
            let next = rapidhash_v3(part.as_bytes());
            rapidhash_v3([hash.to_le_bytes(), next.to_le_bytes()].as_flattened())
        });
        Self(hash)
    }

    /// The version of a page whose bytes alone tell what it is made of.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(rapidhash_v3(bytes))
    }

    /// The entity tag of the page, shown in `theme`.
    pub fn tag(self, theme: Option<Theme>) -> String {
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

/// The file that has the page at `path` in this version, as a path of an asset.
pub fn file_of(path: &str, version: impl fmt::Display) -> String {
    format!("{FOLDER}{path}.{version}")
}

/// The part of the manifest that has the version of the page at `path`: JSON, path → version. The manifest is cut so that
/// the one page that is looked up in it costs little.
pub fn manifest_of(path: &str) -> String {
    let part = rapidhash_v3(path.as_bytes()) & 0xff;
    format!("{FOLDER}/manifest/{part:02x}.json")
}

/// The file of the error page with this status, for when not even that can be rendered.
pub fn error_file(status: u16) -> String {
    format!("{FOLDER}/errors/{status}")
}

/// A page as a reader with this theme sees it: the one part of a page that depends on who asks.
pub fn with_theme(page: &str, theme: Theme) -> String {
    let word = theme.as_str();
    let button = |word: &str, is_pressed| format!("value=\"{word}\" aria-pressed=\"{is_pressed}\"");
    page.replacen(
        "<html lang=\"en\"",
        &format!("<html lang=\"en\" data-theme=\"{word}\""),
        1,
    )
    .replacen(&button("system", true), &button("system", false), 1)
    .replacen(&button(word, false), &button(word, true), 1)
}

/// A page that may no longer be true, saying so.
pub fn marked_stale(page: &str) -> String {
    const MAIN: &str = "<main id=\"main\">";
    const MARK: &str = "<main id=\"main\"><p class=\"stale\" role=\"status\">The site’s database does not answer at the moment. \
                        This is the page as it last was.</p>";
    page.replacen(MAIN, MARK, 1)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn pages_are_known_by_their_path() {
        for (path, expected) in [
            (
                "/posts/a-post",
                Some(Prerendered::Post(Slug::parse("a-post").unwrap())),
            ),
            (
                "/users/ada",
                Some(Prerendered::Author(Handle::parse("ada").unwrap())),
            ),
            (
                "/users/ada/feed.xml",
                Some(Prerendered::Feed(Some(Handle::parse("ada").unwrap()))),
            ),
            ("/feed.xml", Some(Prerendered::Feed(None))),
            ("/sitemap.xml", Some(Prerendered::Sitemap)),
            ("/posts/", None),
            ("/posts/a/b", None),
            ("/posts/..", None),
            ("/posts/%61", None),
            ("/users/ada/feed.xml/", None),
            ("/about", None),
            ("/", None),
        ] {
            assert_eq!(Prerendered::at(path), expected, "{path}");
        }
    }

    #[test]
    fn a_version_is_of_everything() {
        let of = |origin: &str, shown: &[&str]| {
            let shown: Vec<String> = shown.iter().map(|text| (*text).to_owned()).collect();
            Version::of(origin, &shown)
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
