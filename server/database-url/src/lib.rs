//! Addresses of databases: reads and checks a URL without connecting to anything.
//!
//! Owns the forms of a database's URL, its parameters, and the sentences about one that cannot be used. Every parameter is
//! honoured or refused by name. No sentence shows a part of the URL that may belong to a password: what stands before the
//! last `@`, or anything at all where there is none.
//!
//! Absent: connecting, and looking for files.

#[cfg(feature = "local-d1")]
pub mod local_d1;
mod parameters;
mod parse;
mod password;
mod server;
mod syntax;

use std::fmt;

pub use password::Password;
pub use server::{Authorities, ServerDialect, ServerOptions, Tls};

/// The forms of a database's URL, as a sentence without its full stop.
pub const URL_FORMS: &str = "A database's URL is `sqlite:<file>`, `sqlite:memory`, `sqlite:local` (the local D1), \
                             `postgres://user:password@host/database`, `mysql://user:password@host/database` or \
                             `d1:<account id>/<database id>`";

/// A database, as a URL names it. `Debug` and [`Address::describe`] show no password.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A SQLite file, by its path.
    SqliteFile(String),
    /// A SQLite database in memory.
    SqliteMemory,
    /// The local D1: the file that wrangler keeps for the Worker in this folder.
    SqliteLocal,
    /// A deployed D1, through Cloudflare's HTTP API.
    D1 {
        /// The id of the account.
        account: String,
        /// The id of the database.
        database: String,
    },
    /// A database on a server.
    Server(ServerOptions),
}

impl Address {
    /// Reads and checks a database's URL.
    ///
    /// # Errors
    /// Sentences that say what is wrong and which forms there are, without any part of a password.
    pub fn parse(url: &str) -> Result<Self, String> {
        let url = url.trim();
        let with_forms = |why: &str| format!("{}. {URL_FORMS}.", capitalised(why));
        match url.split_once(':') {
            Some(("sqlite", path)) => sqlite(path),
            Some(("d1", path)) => d1(path),
            Some((scheme, _)) if ServerDialect::from_scheme(scheme).is_some() => {
                ServerOptions::parse(url).map(Self::Server)
            }
            _ => return Err(format!("{URL_FORMS}; this is none of them.")),
        }
        .map_err(|why| with_forms(&why))
    }

    /// Describes the database, for messages.
    pub fn describe(&self) -> String {
        match self {
            Self::SqliteFile(path) => format!("SQLite in {path}"),
            Self::SqliteMemory => "SQLite in memory".to_owned(),
            Self::SqliteLocal => "the local D1".to_owned(),
            Self::D1 { account, database } => {
                format!("D1 database {database} of account {account}")
            }
            Self::Server(server) => server.describe(),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

/// The parameters of SQLite's own URIs (sqlite.org/uri.html#recognized_query_parameters). Any other text may be a password.
const SQLITE_PARAMETERS: [&str; 7] = [
    "cache",
    "immutable",
    "mode",
    "modeof",
    "nolock",
    "psow",
    "vfs",
];

fn sqlite(path: &str) -> Result<Address, String> {
    if let Some((_, query)) = path.split_once('?') {
        let name = query.split(['=', '&']).next().unwrap_or_default();
        return Err(if path.contains('@') {
            "`sqlite:` takes a path, without user, password and parameters".to_owned()
        } else if SQLITE_PARAMETERS.contains(&name) {
            format!("it has the parameter `{name}`, but `sqlite:` takes no parameters")
        } else {
            "it has a parameter, but `sqlite:` takes none".to_owned()
        });
    }
    match path {
        "memory" | ":memory:" => Ok(Address::SqliteMemory),
        "local" => Ok(Address::SqliteLocal),
        path => {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.trim_start_matches('/').is_empty() {
                return Err("it names no file".to_owned());
            }
            Ok(Address::SqliteFile(path.to_owned()))
        }
    }
}

fn d1(path: &str) -> Result<Address, String> {
    let is_id = |id: &str| {
        !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if path.contains('?') {
        return Err("it has parameters, but `d1:` takes none".to_owned());
    }
    match path.split_once('/') {
        Some((account, database)) if is_id(account) && is_id(database) => Ok(Address::D1 {
            account: account.to_owned(),
            database: database.to_owned(),
        }),
        _ => Err("it names no D1 database".to_owned()),
    }
}

fn capitalised(why: &str) -> String {
    let mut rest = why.chars();
    let first = rest.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests;
