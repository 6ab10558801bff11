//! The other end of a request, as far as accounts need to know it: where it came from, and how often it may still try.

use std::sync::Arc;

use db::BoxFuture;

/// Attempts that are limited, each by a key of its own: an address, or the account that is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Signing in.
    SignIn,
    /// Making an account.
    SignUp,
    /// Having a code sent by mail.
    Code,
    /// Using the API by a token that is not good.
    Token,
    /// Changing something while signed in, or by a token; the key is the account.
    Write,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 5] = [
        Self::SignIn,
        Self::SignUp,
        Self::Code,
        Self::Token,
        Self::Write,
    ];

    /// The attempts that are allowed within a minute. The Worker's bindings in wrangler.jsonc say the same.
    pub const fn per_minute(self) -> u32 {
        match self {
            Self::SignIn | Self::Token => 10,
            Self::SignUp | Self::Code => 5,
            Self::Write => 60,
        }
    }
}

/// Counts attempts.
pub trait RateLimiter: Send + Sync {
    /// Counts one more attempt by `key`, and tells whether it is allowed.
    ///
    /// # Errors
    /// A sentence for operators, where attempts cannot be counted: nothing is allowed then.
    fn allows<'a>(&'a self, limit: Limit, key: &'a str) -> BoxFuture<'a, Result<bool, String>>;
}

/// The other end of a request.
#[derive(Clone)]
pub struct Visitor {
    /// The address of the network, where the server knows it.
    pub address: Option<String>,
    /// The browser's name, as it says it.
    pub user_agent: String,
    /// The counter of attempts.
    pub limiter: Arc<dyn RateLimiter>,
}
