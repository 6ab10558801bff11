//! Where a database server is and how to log in: what a `postgres:` or `mysql:` URL says.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::Dialect;

/// A database server. Its password is never shown: neither by `Debug` nor by [`Target::describe`].
#[derive(Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// What the server speaks.
    pub dialect: Dialect,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// With what.
    pub password: String,
    /// Which database.
    pub database: String,
    /// Whether the connection is encrypted and the server proves who it is.
    pub tls: Tls,
}

/// Whether a connection is encrypted. There is no half way: an unproved server could be anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// No (`sslmode=disable`).
    Off,
    /// No need: the way is private already (inside Hyperdrive).
    Inside,
    /// Yes, and the server's certificate must be good for its name.
    Verified {
        /// A file of certificates to trust instead of the usual ones (`sslrootcert=`); natively only.
        root: Option<String>,
    },
}

impl ServerOptions {
    /// Reads `postgres://user:password@host:port/database?sslmode=…` or the same with `mysql://`.
    ///
    /// # Errors
    /// A sentence that says what is wrong, without the URL: it holds a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| format!("it is no URL ({error})"))?;
        let (dialect, port) = match url.scheme() {
            "postgres" | "postgresql" => (Dialect::Postgres, 5432),
            "mysql" | "mariadb" => (Dialect::MySql, 3306),
            other => {
                return Err(format!(
                    "it begins with `{other}:`, not with `postgres:` or `mysql:`"
                ));
            }
        };
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or("it names no host")?;
        let user = decoded(url.username())?;
        if user.is_empty() {
            return Err("it names no user".to_owned());
        }
        let database = decoded(url.path().trim_start_matches('/'))?;
        if database.is_empty() {
            return Err("it names no database".to_owned());
        }
        Ok(Self {
            dialect,
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(port),
            user,
            password: decoded(url.password().unwrap_or(""))?,
            database,
            tls: tls(&url)?,
        })
    }

    /// The server in words, for messages.
    pub fn describe(&self) -> String {
        let engine = match self.dialect {
            Dialect::Postgres => "PostgreSQL",
            Dialect::MySql => "MySQL",
            Dialect::Sqlite => "SQLite",
        };
        format!(
            "{engine} at {}:{}, database {}, as {}",
            self.host, self.port, self.database, self.user
        )
    }
}

fn tls(url: &Url) -> Result<Tls, String> {
    let mut mode = None;
    let mut root = None;
    for (name, value) in url.query_pairs() {
        match &*name {
            "sslmode" | "ssl-mode" => mode = Some(value.to_ascii_lowercase()),
            "sslrootcert" | "ssl-ca" => root = Some(value.into_owned()),
            // What other clients read; nothing here depends on it.
            _ => {}
        }
    }
    match mode.as_deref() {
        Some("disable" | "disabled") => Ok(Tls::Off),
        None
        | Some(
            "require" | "required" | "verify-ca" | "verify_ca" | "verify-full" | "verify_identity",
        ) => Ok(Tls::Verified { root }),
        Some(other) => Err(format!(
            "its sslmode is `{other}`; it can be `verify-full` (also without saying so) or `disable`"
        )),
    }
}

fn decoded(text: &str) -> Result<String, String> {
    percent_decode_str(text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| "a part of it is not UTF-8 when decoded".to_owned())
}

impl fmt::Debug for ServerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_whole() {
        let target = ServerOptions::parse(
            "postgres://me:p%40ss%2Fw%3Ard@db.example:6543/site?sslmode=disable",
        )
        .expect("a URL");
        assert_eq!(target.password, "p@ss/w:rd");
        assert_eq!((target.host.as_str(), target.port), ("db.example", 6543));
        assert_eq!(target.tls, Tls::Off);
        let target =
            ServerOptions::parse("mysql://me:x@[::1]/site?sslrootcert=/ca.pem").expect("a URL");
        assert_eq!((target.host.as_str(), target.port), ("::1", 3306));
        let root = Some("/ca.pem".to_owned());
        assert_eq!(target.tls, Tls::Verified { root });
        assert!(!format!("{target:?}").contains('x'), "{target:?}");
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (url, why) in [
            ("", "no URL"),
            ("http://a:secret@b/c", "`http:`"),
            ("postgres://a:secret@b", "no database"),
            ("postgres://b/c", "no user"),
            ("mysql://a:secret@b/c?sslmode=prefer", "`prefer`"),
        ] {
            let error = ServerOptions::parse(url).expect_err(url);
            assert!(error.contains(why), "{url}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
