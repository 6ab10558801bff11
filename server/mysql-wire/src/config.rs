//! Login settings and limits.

/// Credentials and limits of a connection.
#[derive(Clone, Copy)]
pub struct Config<'a> {
    /// The user name.
    pub user: &'a str,
    /// The password; may be empty.
    pub password: &'a str,
    /// The default database.
    pub database: Option<&'a str>,
    /// Limit for the results of one call: their bytes on the wire in total, and each result in memory. 64 MiB by default.
    pub max_result_bytes: usize,
}

impl<'a> Config<'a> {
    /// Creates a configuration with the default limits.
    #[must_use]
    pub fn new(user: &'a str, password: &'a str, database: Option<&'a str>) -> Self {
        Self {
            user,
            password,
            database,
            max_result_bytes: 64 << 20,
        }
    }
}

impl std::fmt::Debug for Config<'_> {
    /// Leaves the password out.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Config")
            .field("user", &self.user)
            .field("database", &self.database)
            .field("max_result_bytes", &self.max_result_bytes)
            .finish_non_exhaustive()
    }
}

/// Protection of the stream that is passed to [`crate::Client::connect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// None. A password that the server asks for in full is encrypted with the public key that the server sends. An
    /// attacker between client and server could replace that key with their own.
    Off,
    /// Provided outside of this client: by a connection pool's own socket, or by TLS that was set up earlier.
    External,
}
