//! The traits of engines, and of the ways to them, that no [`crate::Dialect`] has.

/// Traits of an engine that is reached by one driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineTraits {
    /// The whole numbers that travel exactly.
    pub integers: IntegerRange,
    /// True if -0.0 stays negative.
    pub keeps_negative_zero: bool,
    /// The most bytes of a value; `None` where it is more than a test would write.
    pub max_value_bytes: Option<usize>,
    /// The earliest time that can be stored, in milliseconds; earlier ones are refused.
    pub min_time_millis: i64,
    /// True if texts that differ only in their trailing spaces are equal.
    pub ignores_trailing_spaces: bool,
    /// True if the error for a duplicate primary key names table and column.
    pub names_duplicate_keys: bool,
    /// True if rows that were deleted with their parent are counted as changed.
    pub counts_cascades: bool,
    /// True if there are transactions beside batches.
    pub has_transactions: bool,
    /// Reads by another client while a transaction is open.
    pub concurrent_reads: ConcurrentReads,
    /// A query of one row that takes three seconds; `None` where the engine cannot be made to wait.
    pub slow_query: Option<&'static str>,
    /// The consistency token that a write leaves for the visitor's next requests.
    pub token: TokenKind,
}

/// The whole numbers that an engine's protocol carries exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegerRange {
    /// All of i64.
    I64,
    /// Within ±(2^53 - 1), as JavaScript's numbers; others are refused.
    Double,
}

/// Reads by another client while a transaction is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcurrentReads {
    /// They see the rows from before the transaction.
    SeeCommitted,
    /// They wait until the transaction has ended: the clients share its connection.
    Wait,
}

/// The kind of [`crate::ConsistencyToken`] that a write leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// None: there is only one database.
    None,
    /// A bookmark.
    Bookmark,
    /// A time.
    Until,
}

impl EngineTraits {
    /// A SQLite file, opened by each client for itself.
    pub const SQLITE: Self = Self {
        integers: IntegerRange::I64,
        keeps_negative_zero: false,
        max_value_bytes: Some(2_000_000),
        min_time_millis: i64::MIN,
        ignores_trailing_spaces: false,
        names_duplicate_keys: true,
        counts_cascades: false,
        has_transactions: true,
        concurrent_reads: ConcurrentReads::SeeCommitted,
        slow_query: None,
        token: TokenKind::None,
    };

    /// SQLite in memory, which clients share.
    pub const SQLITE_MEMORY: Self = Self {
        concurrent_reads: ConcurrentReads::Wait,
        ..Self::SQLITE
    };

    /// D1 through its binding.
    pub const D1: Self = Self {
        integers: IntegerRange::Double,
        counts_cascades: true,
        has_transactions: false,
        token: TokenKind::Bookmark,
        ..Self::SQLITE
    };

    /// D1 through its HTTP API.
    pub const D1_HTTP: Self = Self {
        token: TokenKind::None,
        ..Self::D1
    };

    /// PostgreSQL, directly.
    pub const POSTGRES: Self = Self {
        integers: IntegerRange::I64,
        keeps_negative_zero: true,
        max_value_bytes: None,
        // 24 November 4714 BC, the first day of its calendar (postgresql.org/docs/current/datatype-datetime.html).
        min_time_millis: -210_866_803_200_000,
        ignores_trailing_spaces: false,
        names_duplicate_keys: true,
        counts_cascades: false,
        has_transactions: true,
        concurrent_reads: ConcurrentReads::SeeCommitted,
        slow_query: Some("SELECT 1::bigint AS n FROM pg_sleep(3)"),
        token: TokenKind::None,
    };

    /// MySQL or MariaDB, directly.
    pub const MYSQL: Self = Self {
        integers: IntegerRange::I64,
        keeps_negative_zero: false,
        max_value_bytes: None,
        // 1 January 1000 (dev.mysql.com/doc/refman/8.0/en/datetime.html).
        min_time_millis: -30_610_224_000_000,
        ignores_trailing_spaces: true,
        // MariaDB's message has `for key 'PRIMARY'` without the table.
        names_duplicate_keys: false,
        counts_cascades: false,
        has_transactions: true,
        concurrent_reads: ConcurrentReads::SeeCommitted,
        slow_query: Some("SELECT SLEEP(3) AS n"),
        token: TokenKind::None,
    };

    /// Changes what Hyperdrive changes, with a cached and a direct binding.
    #[must_use]
    pub const fn through_hyperdrive(self) -> Self {
        Self {
            token: TokenKind::Until,
            ..self
        }
    }
}
