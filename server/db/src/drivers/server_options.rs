//! A database server's address and log-in, read from a `postgres:` or `mysql:` URL.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::ServerDialect;

/// A database server's address and log-in. Neither `Debug` nor [`ServerOptions::describe`] shows the password.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// Its dialect.
    pub dialect: ServerDialect,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user to log in as.
    pub user: String,
    /// The user's password.
    pub password: String,
    /// The database's name.
    pub database: String,
    /// True if the connection is encrypted and the server proves its identity.
    pub tls: Tls,
}

/// True if a connection is encrypted. Encryption without a verified certificate is not offered: the server could be anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not encrypted (`sslmode=disable`).
    Off,
    /// Not encrypted here, because the way is private already (inside Hyperdrive).
    Inside,
    /// Encrypted; the server's certificate must be valid for its host.
    Verified {
        /// A file of certificates to trust instead of the usual ones (`sslrootcert=`); native programs only.
        root: Option<String>,
    },
}

impl ServerOptions {
    /// Parses `postgres://user:password@host:port/database?sslmode=…`, or `mysql://…` alike.
    ///
    /// # Errors
    /// A sentence that says what is wrong, without the URL, which holds a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| format!("it is not a URL ({error})"))?;
        let (dialect, port) = ServerDialect::from_scheme(url.scheme()).ok_or_else(|| {
            format!(
                "it begins with `{}:`, not with `postgres:` or `mysql:`",
                url.scheme()
            )
        })?;
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

    /// Describes the server, for messages.
    pub fn describe(&self) -> String {
        format!(
            "{} at {}:{}, database {}, as {}",
            self.dialect.product(),
            self.host,
            self.port,
            self.database,
            self.user
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
            // Options of other clients; nothing here depends on them.
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
            "its sslmode is `{other}`; it can be `verify-full` (the default) or `disable`"
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
        let server = ServerOptions::parse(
            "postgres://me:p%40ss%2Fw%3Ard@db.example:6543/site?sslmode=disable",
        )
        .expect("a URL");
        assert_eq!(server.password, "p@ss/w:rd");
        assert_eq!((server.host.as_str(), server.port), ("db.example", 6543));
        assert_eq!(server.tls, Tls::Off);
        let server =
            ServerOptions::parse("mysql://me:x@[::1]/site?sslrootcert=/ca.pem").expect("a URL");
        assert_eq!((server.host.as_str(), server.port), ("::1", 3306));
        let root = Some("/ca.pem".to_owned());
        assert_eq!(server.tls, Tls::Verified { root });
        assert!(!format!("{server:?}").contains('x'), "{server:?}");
    }

    #[test]
    fn errors_do_not_show_the_password() {
        for (url, why) in [
            ("", "not a URL"),
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
