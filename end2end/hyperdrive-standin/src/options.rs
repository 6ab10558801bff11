//! The options of a stand-in.

use std::net::SocketAddr;
use std::time::Duration;

/// The options of a stand-in.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address for clients; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The address of the HTTP control interface; port 0 picks a free one.
    pub control: SocketAddr,
    /// The database's URL, with user and password. Clients log in with the same two.
    pub upstream: String,
    /// How long reads are cached; `None` caches nothing.
    pub cache_ttl: Option<Duration>,
    /// The authentication plugin for MySQL clients.
    pub auth: AuthPlugin,
    /// The handling of session state between transactions.
    pub session: SessionState,
}

impl Options {
    /// Without a cache, on free ports of this machine.
    #[must_use]
    pub fn direct(upstream: &str) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            control: SocketAddr::from(([127, 0, 0, 1], 0)),
            upstream: upstream.to_owned(),
            cache_ttl: None,
            auth: AuthPlugin::CachingSha2,
            session: SessionState::Reset,
        }
    }

    /// With reads cached for 60 seconds, on free ports of this machine.
    #[must_use]
    pub fn cached(upstream: &str) -> Self {
        Self {
            cache_ttl: Some(Duration::from_secs(60)),
            ..Self::direct(upstream)
        }
    }
}

/// The authentication plugin for MySQL clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthPlugin {
    /// `caching_sha2_password`: full authentication at first, the fast path from then on.
    CachingSha2,
    /// `mysql_native_password`.
    Native,
}

/// The handling of session state between transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Reset, as if the pool had handed out another connection.
    Reset,
    /// Kept.
    Keep,
}
