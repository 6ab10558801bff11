//! The database's address and credentials.

use anyhow::{Result, anyhow};
use database_url::{ServerDialect, ServerOptions};

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
    /// Parses `postgres://user:password@host:port/database` or `mysql://…`. The way to the database is never encrypted,
    /// whatever its parameters say.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let server = ServerOptions::parse(text)
            .map_err(|why| anyhow!("the upstream URL cannot be used: {why}"))?;
        Ok(Self {
            dialect: match server.dialect {
                ServerDialect::Postgres => Dialect::Postgres,
                ServerDialect::MySql => Dialect::Mysql,
            },
            host: server.host,
            port: server.port,
            user: server.user,
            password: server.password.expose().to_owned(),
            database: server.database,
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
