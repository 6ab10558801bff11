//! What engines, and the ways to them, do differently: the facts that no [`crate::Dialect`] has.

/// What a driver keeps of the engine behind it, and what that engine can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine {
    /// How exactly whole numbers travel.
    pub integers: Integers,
    /// Whether -0.0 stays negative.
    pub keeps_negative_zero: bool,
    /// The most bytes of a value; none where it is more than a test would write.
    pub largest_value: Option<usize>,
    /// The first time that can be stored, in milliseconds; earlier ones are refused.
    pub first_time: i64,
    /// Whether texts that differ in the spaces at their end alone are equal.
    pub pads_text: bool,
    /// Whether the error for a primary key that is taken tells table and column.
    pub names_taken_keys: bool,
    /// Whether rows that went with their parent are counted as changed.
    pub counts_cascades: bool,
    /// Whether there are transactions beside batches.
    pub has_transactions: bool,
    /// What another client finds while a transaction is open.
    pub others: Others,
    /// A query of one row that takes three seconds; none where the engine cannot be made to wait.
    pub slow: Option<&'static str>,
    /// What a write leaves for the visitor's next requests.
    pub marks: Marks,
}

/// How exactly an engine's wire carries whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integers {
    /// All of i64.
    I64,
    /// Within ±(2^53 - 1), as JavaScript's numbers; beyond is refused.
    Double,
}

/// What another client finds while a transaction is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// What was there before.
    See,
    /// Nothing until it has ended: they share its connection.
    Wait,
}

/// What a write leaves for the visitor's next requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// Nothing: there is but one database.
    None,
    /// A bookmark.
    Bookmark,
    /// A time.
    Until,
}

impl Engine {
    /// A SQLite file, opened by each client for itself.
    pub const SQLITE: Self = Self {
        integers: Integers::I64,
        keeps_negative_zero: false,
        largest_value: Some(2_000_000),
        first_time: i64::MIN,
        pads_text: false,
        names_taken_keys: true,
        counts_cascades: false,
        has_transactions: true,
        others: Others::See,
        slow: None,
        marks: Marks::None,
    };

    /// SQLite in memory, which clients share.
    pub const SQLITE_MEMORY: Self = Self {
        others: Others::Wait,
        ..Self::SQLITE
    };

    /// D1 through its binding.
    pub const D1: Self = Self {
        integers: Integers::Double,
        counts_cascades: true,
        has_transactions: false,
        marks: Marks::Bookmark,
        ..Self::SQLITE
    };

    /// D1 through its HTTP API.
    pub const D1_HTTP: Self = Self {
        marks: Marks::None,
        ..Self::D1
    };

    /// PostgreSQL, directly.
    pub const POSTGRES: Self = Self {
        integers: Integers::I64,
        keeps_negative_zero: true,
        largest_value: None,
        // 24 November 4714 BC, the first day of its calendar (postgresql.org/docs/current/datatype-datetime.html).
        first_time: -210_866_803_200_000,
        pads_text: false,
        names_taken_keys: true,
        counts_cascades: false,
        has_transactions: true,
        others: Others::See,
        slow: Some("SELECT 1::bigint AS n FROM pg_sleep(3)"),
        marks: Marks::None,
    };

    /// MySQL or MariaDB, directly.
    pub const MYSQL: Self = Self {
        integers: Integers::I64,
        keeps_negative_zero: false,
        largest_value: None,
        // 1 January 1000 (dev.mysql.com/doc/refman/8.0/en/datetime.html).
        first_time: -30_610_224_000_000,
        pads_text: true,
        // MariaDB says `for key 'PRIMARY'` and not of which table.
        names_taken_keys: false,
        counts_cascades: false,
        has_transactions: true,
        others: Others::See,
        slow: Some("SELECT SLEEP(3) AS n"),
        marks: Marks::None,
    };

    /// The same engine behind Hyperdrive, cached and direct.
    #[must_use]
    pub const fn through_hyperdrive(self) -> Self {
        Self {
            marks: Marks::Until,
            ..self
        }
    }
}
