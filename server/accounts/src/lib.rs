//! Accounts, as far as they are neither SQL nor HTTP: passwords, tokens, one-time codes, and the policy that says who may do what.
//!
//! Everything here is computed: no clock, no database, no request. Absent: the rules for what somebody may type, which the browser
//! shares (`domain`), and cookies and their signatures (`app`).

mod code;
pub mod password;
pub mod policy;
mod random;
mod token;

pub use code::Code;
pub use random::NoRandomness;
pub use token::{ApiToken, Token};
