//! A database server's address and log-in.

use std::fmt;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Password;

/// The dialect of a database server: what a URL with a host can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServerDialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
}

impl ServerDialect {
    /// The dialect of a URL with this scheme, and the port that its servers listen on.
    pub fn from_scheme(scheme: &str) -> Option<(Self, u16)> {
        match scheme {
            "postgres" | "postgresql" => Some((Self::Postgres, 5432)),
            "mysql" | "mariadb" => Some((Self::MySql, 3306)),
            _ => None,
        }
    }

    /// The dialect's name, as folders and settings use it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }

    /// The product's name, for messages.
    pub const fn product(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
        }
    }
}

/// A database server's address and log-in. Neither `Debug` nor [`ServerOptions::describe`] shows the password.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// Its dialect.
    pub dialect: ServerDialect,
    /// Its host: a name, or an IP address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user to log in as.
    pub user: String,
    /// The user's password.
    pub password: Password,
    /// The database's name.
    pub database: String,
    /// True if the connection is encrypted and the server proves its identity.
    pub tls: Tls,
    /// The longest that opening a connection may take, where the URL limits it (`connect_timeout=`).
    pub connect_timeout: Option<Duration>,
    /// Settings that PostgreSQL takes at log-in, by the names of the URL's parameters: `application_name`, `options`, and
    /// `schema`, which is the schema that unqualified names mean.
    pub session: Vec<(&'static str, String)>,
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
        /// The authorities to trust.
        root: Authorities,
    },
}

/// The certificate authorities to trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorities {
    /// Those of the web.
    Public,
    /// Those of the operating system (`sslrootcert=system`); in a Worker, its platform's.
    System,
    /// Those in a file (`sslrootcert=`); native programs only.
    File(String),
}

impl ServerOptions {
    /// Describes the server, for messages.
    pub fn describe(&self) -> String {
        format!(
            "{} at {}, database {}, as {}",
            self.dialect.product(),
            self.address(),
            self.database,
            self.user
        )
    }

    /// Its host and port, for messages.
    pub fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Writes the URL, from which [`ServerOptions::parse`] reads equal options. It holds the password.
    pub fn to_url(&self) -> Password {
        let mut url = format!(
            "{}://{}:{}@{}/{}",
            self.dialect.name(),
            encoded(&self.user),
            encoded(self.password.expose()),
            self.address(),
            encoded(&self.database)
        );
        let seconds = self
            .connect_timeout
            .map(|timeout| timeout.as_secs().to_string());
        let root = match &self.tls {
            Tls::Verified {
                root: Authorities::System,
            } => Some("system"),
            Tls::Verified {
                root: Authorities::File(path),
            } => Some(path.as_str()),
            Tls::Verified {
                root: Authorities::Public,
            }
            | Tls::Off
            | Tls::Inside => None,
        };
        let mode = match self.tls {
            Tls::Off | Tls::Inside => Some("disable"),
            Tls::Verified { .. } => None,
        };
        let own = [
            ("sslmode", mode),
            ("sslrootcert", root),
            ("connect_timeout", seconds.as_deref()),
        ];
        let session = self
            .session
            .iter()
            .map(|(name, value)| (*name, Some(value.as_str())));
        let mut separator = '?';
        for (name, value) in own.into_iter().chain(session) {
            if let Some(value) = value {
                url.push(separator);
                url.push_str(name);
                url.push('=');
                url.push_str(&encoded(value));
                separator = '&';
            }
        }
        url.into()
    }
}

/// Everything but the characters that no part of a URL gives a meaning (RFC 3986, 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

impl fmt::Debug for ServerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}
