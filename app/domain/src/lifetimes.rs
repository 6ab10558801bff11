//! How long what belongs to an account lasts, and how often it may be tried. Pages say these numbers, queries keep to them.

use std::time::Duration;

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// The life of a session, however much it is used.
pub const SESSION_TTL: Duration = Duration::from_secs(180 * DAY);

/// The life of a session that is not used.
pub const SESSION_IDLE_TTL: Duration = Duration::from_secs(30 * DAY);

/// The least time between two notes that a session or a token is in use: each note is a write.
pub const SEEN_INTERVAL: Duration = Duration::from_secs(10 * MINUTE);

/// The time in which a proof of who somebody is counts for what needs one: the address, the password, tokens, an erasure.
pub const CONFIRMATION_TTL: Duration = Duration::from_secs(10 * MINUTE);

/// The life of a code by which somebody signs in or changes something.
pub const CODE_TTL: Duration = Duration::from_secs(10 * MINUTE);

/// The life of a code that proves an address.
pub const VERIFICATION_TTL: Duration = Duration::from_secs(DAY);

/// The codes that may be tried before a new one must be asked for.
pub const MAX_CODE_ATTEMPTS: i64 = 5;

/// The time in which a form that is sent again, such as by a double click, is one use of its code.
pub const CODE_REPEAT_WINDOW: Duration = Duration::from_secs(30);

/// The time in which asking for an account once more, with all that was said before, finds the one that was made: a click that is repeated
/// or an answer that was lost.
pub const ACCOUNT_REPEAT_WINDOW: Duration = Duration::from_secs(10 * MINUTE);

/// The codes that may be sent to one address within [`CODES_SENT_WINDOW`], whoever asks for them.
pub const MAX_CODES_SENT: u32 = 8;

/// See [`MAX_CODES_SENT`].
pub const CODES_SENT_WINDOW: Duration = Duration::from_secs(60 * MINUTE);

/// The time for which a browser is known where somebody has signed in.
pub const KNOWN_BROWSER_TTL: Duration = Duration::from_secs(365 * DAY);

/// The time after which a code that was sent is forgotten.
pub const CODES_KEPT: Duration = Duration::from_secs(7 * DAY);

/// The life of a link that an operator had printed.
pub const LINK_TTL: Duration = Duration::from_secs(DAY);
/// The time in which a passkey answers a challenge.
pub const CHALLENGE_TTL: Duration = Duration::from_secs(5 * MINUTE);
/// The longest life of a token for the API.
pub const MAX_TOKEN_TTL: Duration = Duration::from_secs(365 * DAY);

/// The tokens for the API that one person may have.
pub const MAX_TOKENS: i64 = 50;

/// The passkeys that one person may have.
pub const MAX_PASSKEYS: i64 = 50;

/// The life of an invite.
pub const INVITE_TTL: Duration = Duration::from_secs(14 * DAY);

/// The invites that one person may make within [`INVITES_WINDOW`].
pub const MAX_INVITES: i64 = 10;

/// See [`MAX_INVITES`].
pub const INVITES_WINDOW: Duration = Duration::from_secs(30 * DAY);

/// The time after which an invite is forgotten, used or not.
pub const INVITES_KEPT: Duration = Duration::from_secs(90 * DAY);

/// The time for which the response to a write is kept for a client that sends the write again.
pub const IDEMPOTENCY_KEYS_KEPT: Duration = Duration::from_secs(DAY);
/// The time for which the page of invites shows the link of a new one.
pub const INVITE_SHOWN: Duration = Duration::from_secs(10 * MINUTE);

/// The time for which a handle that was given up leads to its user, and nobody else may take it.
pub const HANDLE_KEPT: Duration = Duration::from_secs(90 * DAY);

/// The time after which an account is erased, and until which its user may change their mind.
pub const ERASURE_DELAY: Duration = Duration::from_secs(14 * DAY);

/// The time after which an event no longer holds the address that it came from.
pub const EVENT_ADDRESS_TTL: Duration = Duration::from_secs(90 * DAY);
