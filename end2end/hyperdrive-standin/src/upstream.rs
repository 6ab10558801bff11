//! The database's address and credentials.

use anyhow::{Context, Result, bail};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::dialect::Dialect;

/// The database's address and credentials.
pub(crate) struct Upstream {
    pub(crate) dialect: Dialect,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) database: String,
}

impl Upstream {
    /// Parses `postgres://user:password@host:port/database` or `mysql://…`, and ignores a query string.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let url = Url::parse(text).context("the upstream URL is invalid")?;
        let (dialect, port) = match url.scheme() {
            "postgres" | "postgresql" => (Dialect::Postgres, 5432),
            "mysql" | "mariadb" => (Dialect::Mysql, 3306),
            other => bail!("the upstream URL begins with {other}:, not with postgres: or mysql:"),
        };
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let database = decode(url.path().trim_start_matches('/'));
        if database.is_empty() || url.username().is_empty() {
            bail!("the upstream URL has no user or no database");
        }
        Ok(Self {
            dialect,
            host: url.host_str().unwrap_or("127.0.0.1").to_owned(),
            port: url.port().unwrap_or(port),
            user: decode(url.username()),
            password: decode(url.password().unwrap_or("")),
            database,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn upstream_urls_are_parsed() {
        let upstream =
            Upstream::parse("postgres://me:p%40ss@db.example:6000/site?sslmode=disable").unwrap();
        assert_eq!(
            (upstream.dialect, upstream.host.as_str(), upstream.port),
            (Dialect::Postgres, "db.example", 6000)
        );
        assert_eq!(
            (upstream.user.as_str(), upstream.password.as_str()),
            ("me", "p@ss")
        );
        assert_eq!(upstream.database, "site");
        assert_eq!(Upstream::parse("mysql://me@db/site").unwrap().port, 3306);
        assert!(Upstream::parse("sqlite://a/b").is_err());
        assert!(Upstream::parse("mysql://db/site").is_err());
    }
}
