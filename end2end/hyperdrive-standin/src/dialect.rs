//! The database systems that the stand-in supports.

/// A database system, with its SQL and its wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Postgres,
    Mysql,
}
