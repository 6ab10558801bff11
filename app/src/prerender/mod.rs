//! Prerendering: the one declaration of the pages that are rendered before anybody asks for them ([`PAGES`]).
//!
//! Read by the routes, the shell (is this page one file for everybody?), the sitemap, the program `prerender` (which
//! pages to render, which tables to copy) and the Worker's page cache (is a rendered page still current?). Any other page
//! is rendered for each request. Absent: rendering (`server/prerender`) and serving (`server/src/entry/page_cache`).

#![expect(missing_docs, reason = "a declaration's fields say what they are")]

mod files;
mod paths;
mod version;

use db::queries::fingerprints::{self, Fingerprint};
use db::schema::Table;
use db::schema::tables::{comments, post_slugs, posts, profile_links, users};
use db::{BoxFuture, Db, DbError};
use domain::{Handle, PageRequest, Slug};

pub use files::{BUILD_FILE, FOLDER, error_file, manifest_file, page_file};
pub use paths::{fixed_paths, paths};
pub use version::Version;

use crate::paging::{COMMENTS, ROWS};
pub use crate::pattern::Pattern;

const HTML: &str = "text/html; charset=utf-8";
const ATOM: &str = "application/atom+xml; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";

/// Every page that is rendered ahead of requests.
pub const PAGES: [&Declaration; 9] = [
    &ABOUT, &HOME, &POSTS, &POST, &USERS, &USER, &FEED, &USER_FEED, &SITEMAP,
];

pub const ABOUT: Declaration = Declaration {
    pattern: Pattern("/about"),
    media_type: HTML,
    rows: Rows::None,
    tables: &[],
};

pub const HOME: Declaration = Declaration {
    pattern: Pattern("/"),
    ..POSTS
};

/// The newest posts. What is searched for, or older, is rendered for each request.
pub const POSTS: Declaration = Declaration {
    pattern: Pattern("/posts"),
    media_type: HTML,
    rows: Rows::Site(|db| {
        Box::pin(async { fingerprints::posts(db, &PageRequest::first(ROWS)).await })
    }),
    tables: &[users::TABLE, posts::TABLE],
};

pub const POST: Declaration = Declaration {
    pattern: Pattern("/posts/{slug}"),
    media_type: HTML,
    rows: Rows::EachPost(|db, slug| {
        Box::pin(async { fingerprints::post(db, slug, &PageRequest::first(COMMENTS)).await })
    }),
    tables: &[
        users::TABLE,
        posts::TABLE,
        post_slugs::TABLE,
        comments::TABLE,
    ],
};

/// The newest authors.
pub const USERS: Declaration = Declaration {
    pattern: Pattern("/users"),
    media_type: HTML,
    rows: Rows::Site(|db| {
        Box::pin(async { fingerprints::users(db, &PageRequest::first(ROWS)).await })
    }),
    tables: &[users::TABLE, posts::TABLE],
};

pub const USER: Declaration = Declaration {
    pattern: Pattern("/users/{handle}"),
    media_type: HTML,
    rows: Rows::EachUser(|db, handle| {
        Box::pin(async { fingerprints::user(db, handle, &PageRequest::first(ROWS)).await })
    }),
    tables: &[users::TABLE, posts::TABLE, profile_links::TABLE],
};

pub const FEED: Declaration = Declaration {
    pattern: Pattern("/feed.xml"),
    media_type: ATOM,
    rows: Rows::Site(|db| Box::pin(fingerprints::feed(db, None))),
    tables: &[users::TABLE, posts::TABLE],
};

pub const USER_FEED: Declaration = Declaration {
    pattern: Pattern("/users/{handle}/feed.xml"),
    media_type: ATOM,
    rows: Rows::EachUser(|db, handle| Box::pin(fingerprints::feed(db, Some(handle)))),
    tables: &[users::TABLE, posts::TABLE],
};

pub const SITEMAP: Declaration = Declaration {
    pattern: Pattern("/sitemap.xml"),
    media_type: XML,
    rows: Rows::TooMany,
    tables: &[users::TABLE, posts::TABLE],
};

/// The facts about the pages at one address.
pub struct Declaration {
    pub pattern: Pattern,
    pub media_type: &'static str,
    pub rows: Rows,
    /// The tables whose rows the pages show or are found by.
    pub tables: &'static [Table],
}

/// The rows that a page depends on, with the statement that gives their fingerprint.
#[derive(Clone, Copy)]
pub enum Rows {
    /// None. The page is one file for everybody, which the Worker passes on.
    None,
    /// One page, made of rows of the whole site.
    Site(OfSite),
    /// A page for each public post; the parameter is the post's slug.
    EachPost(OfOne<Slug>),
    /// A page for each user; the parameter is the user's handle.
    EachUser(OfOne<Handle>),
    /// More than one statement can compare. The page is rendered anew as long as the database answers.
    TooMany,
}

type OfSite = for<'a> fn(&'a Db) -> Fingerprinting<'a>;
type OfOne<T> = for<'a> fn(&'a Db, &'a T) -> Fingerprinting<'a>;
type Fingerprinting<'a> = BoxFuture<'a, Result<Fingerprint, DbError>>;

impl Declaration {
    /// Tells whether the page is one file for everybody.
    pub fn is_fixed(&self) -> bool {
        matches!(self.rows, Rows::None)
    }

    /// Tells whether the page is for people; such a page has a theme.
    pub fn is_html(&self) -> bool {
        self.media_type == HTML
    }
}

/// One page that is declared in [`PAGES`].
#[derive(Clone)]
pub struct DeclaredPage {
    declaration: &'static Declaration,
    source: Source,
}

/// The rows of one page: [`Rows`], with the parameter's value.
#[derive(Clone)]
enum Source {
    None,
    Site(OfSite),
    Post(OfOne<Slug>, Slug),
    User(OfOne<Handle>, Handle),
    TooMany,
}

impl DeclaredPage {
    /// The page at `path`, if it is one of these.
    pub fn find(path: &str) -> Option<Self> {
        PAGES.into_iter().find_map(|declaration| {
            let name = declaration.pattern.parameter_in(path)?;
            let source = match declaration.rows {
                Rows::None => Source::None,
                Rows::Site(query) => Source::Site(query),
                Rows::EachPost(query) => Source::Post(query, Slug::parse(name).ok()?),
                Rows::EachUser(query) => Source::User(query, Handle::parse(name).ok()?),
                Rows::TooMany => Source::TooMany,
            };
            Some(Self {
                declaration,
                source,
            })
        })
    }

    pub fn declaration(&self) -> &'static Declaration {
        self.declaration
    }

    /// The version that the page at `origin` has now; none where only rendering it would tell. One statement.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn version(&self, db: &Db, origin: &str) -> Result<Option<Version>, DbError> {
        let fingerprint = match &self.source {
            Source::None | Source::TooMany => return Ok(None),
            Source::Site(query) => query(db).await?,
            Source::Post(query, slug) => query(db, slug).await?,
            Source::User(query, handle) => query(db, handle).await?,
        };
        Ok(Some(Version::of(origin, &fingerprint)))
    }
}

/// Tells whether the page at `path` is one file for everybody, which cannot know its reader's theme.
pub(crate) fn is_fixed(path: &str) -> bool {
    let mut fixed = PAGES.into_iter().filter(|page| page.is_fixed());
    fixed.any(|page| page.pattern.0 == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_by_their_path() {
        for (path, expected) in [
            ("/posts/a-post", Some(&POST)),
            ("/users/ada", Some(&USER)),
            ("/users/ada/feed.xml", Some(&USER_FEED)),
            ("/feed.xml", Some(&FEED)),
            ("/sitemap.xml", Some(&SITEMAP)),
            ("/about", Some(&ABOUT)),
            ("/posts/", None),
            ("/posts/a/b", None),
            ("/posts/..", None),
            ("/posts/%61", None),
            ("/users/ada/feed.xml/", None),
            ("/about/", None),
            ("/", Some(&HOME)),
            ("/posts", Some(&POSTS)),
            ("/users", Some(&USERS)),
            ("", None),
        ] {
            let found = DeclaredPage::find(path).map(|page| page.declaration().pattern);
            assert_eq!(found, expected.map(|page| page.pattern), "{path}");
        }
    }
}
