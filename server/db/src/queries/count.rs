//! The number of rows that a search finds, counted as far as it is shown.

use domain::Search;
use sea_query::{Alias, Expr, Query as Build, SelectStatement};

use super::helpers::qualified;
use super::query::Query;
use crate::schema::Column;
use crate::{Cells, DbError, FromRow};

/// A number of rows.
pub(super) struct Count(i64);

const COUNT: Column = Column::new::<i64>("found", "count");

impl FromRow for Count {
    const COLUMNS: &'static [Column] = &[COUNT];

    fn from_row(cells: &mut Cells<'_>) -> Result<Self, DbError> {
        cells.take(&COUNT).map(Self)
    }
}

/// Counts the rows of `select`, which has no columns yet, by one that is never NULL; up to one more than
/// [`Search::MAX_COUNTED`].
pub(super) fn count(select: &SelectStatement, column: Column) -> Query<Count> {
    let mut rows = select.clone();
    rows.column(qualified(column));
    rows.limit(Search::MAX_COUNTED as u64 + 1);
    let mut number = Build::select();
    number
        .expr_as(Expr::cust("COUNT(1)"), Alias::new(COUNT.name))
        .from_subquery(rows, "rows_found");
    Query::new(Build::select().from_subquery(number, COUNT.table).take())
}

/// The number in the one row of [`count`].
pub(super) fn total_of(counts: &[Count]) -> u32 {
    let count = counts.first().map_or(0, |count| count.0);
    u32::try_from(count).unwrap_or(0)
}
