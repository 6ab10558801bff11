//! One suite of cases that every driver passes, wherever it runs: natively in `cargo test`, and inside workerd through
//! the routes of a test build. Not part of the product.
//!
//! A difference between engines is a fact of [`crate::Dialect`], of the [`Connector`] or of [`Engine`], asserted here, never
//! a silent skip. A lost or hostile connection is tested elsewhere. Cases share scratch tables, which each makes anew: on
//! one database they run one after the other.

mod atomicity;
mod constraints;
mod engine;
pub mod lists;
mod numbers;
mod paging;
#[cfg(not(target_arch = "wasm32"))]
mod panics;
mod requests;
mod support;
mod tables;
mod text;
mod transactions;
mod values;
mod waiting;

use std::sync::Arc;

pub use engine::{Engine, Integers, Marks, Others};
pub use tables::{
    Maybe, Misread, NeverNull, ScratchChild, ScratchRow, create, scratch, scratch_child,
};

use crate::{
    BoxFuture, Connector, Consistency, ConsistencyToken, Db, DbError, Dialect, Driver, Timeouts,
};

/// Where a case gets its clients, and what their engine can.
///
/// A case has at most four connections at a time. The database has Waypost's own tables too, empty or not.
#[derive(Clone)]
pub struct Clients {
    source: Arc<dyn Connector>,
    engine: Engine,
}

impl Clients {
    /// Clients that connect by `source`, each for itself.
    pub fn new(source: impl Connector + 'static, engine: Engine) -> Self {
        Self {
            source: Arc::new(source),
            engine,
        }
    }

    /// A client that has written nothing yet: its reads may be stale.
    fn stale(&self) -> Db {
        Db::new(Shared(Arc::clone(&self.source)))
    }

    /// Another client, which sees everything that was written before.
    fn another(&self) -> Db {
        let db = self.stale();
        db.require_strong_reads();
        db
    }
}

/// A source that several clients connect by.
struct Shared(Arc<dyn Connector>);

impl Connector for Shared {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    fn connect(&self, need: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        self.0.connect(need)
    }

    fn is_split(&self) -> bool {
        self.0.is_split()
    }

    fn token_after_write(&self, driver: &dyn Driver) -> Option<ConsistencyToken> {
        self.0.token_after_write(driver)
    }

    fn timeouts(&self) -> Option<Timeouts> {
        self.0.timeouts()
    }
}

/// One case.
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// Runs it; the error says what was wrong.
    pub run: fn(Clients) -> BoxFuture<'static, Result<(), String>>,
}

/// Runs every case; gives what was wrong, a line for each case that failed.
pub async fn failures(clients: &Clients) -> Vec<String> {
    let mut failed = Vec::new();
    for case in CASES {
        if let Err(why) = (case.run)(clients.clone()).await {
            failed.push(format!("{}: {why}", case.name));
        }
    }
    failed
}

/// The cases: each gets a client, for which the scratch tables were made anew, and the way to further ones.
macro_rules! cases {
    ($($(#[$when:meta])* $room:ident::$name:ident,)+) => {
        /// Every case.
        pub const CASES: &[Case] = &[$($(#[$when])* Case {
            name: stringify!($name),
            run: |clients| Box::pin(async move {
                let db = clients.another();
                create(&db).await.map_err(|error| error.to_string())?;
                $room::$name(&db, &clients).await
            }),
        }),+];
    };
}

cases! {
    values::plain_values_survive,
    values::bytes_survive,
    values::null_survives_in_every_place,
    values::a_row_of_null_alone_is_a_row,
    values::times_survive_to_the_millisecond,
    values::early_times_survive_or_are_refused,
    values::a_cell_of_another_type_names_table_and_column,
    numbers::whole_numbers_are_exact_or_refused,
    numbers::a_whole_number_that_came_otherwise_is_exact_or_refused,
    numbers::numbers_survive_to_the_last_bit,
    numbers::what_is_no_number_is_refused,
    text::text_of_every_plane_survives,
    text::long_text_survives,
    text::what_is_too_large_is_refused,
    text::nul_is_refused,
    text::letters_are_told_apart,
    text::spaces_at_the_end_are_told_apart_where_the_engine_can,
    constraints::unique_violations_name_table_and_column,
    constraints::a_taken_key_is_a_unique_violation,
    constraints::foreign_keys_hold,
    constraints::children_go_with_their_parent,
    constraints::a_word_that_is_none_is_refused_by_name,
    constraints::null_where_none_may_be_is_refused_by_name,
    constraints::a_missing_table_says_what_to_do,
    atomicity::a_batch_is_all_or_nothing,
    atomicity::what_is_refused_before_it_is_sent_leaves_nothing,
    atomicity::inserts_are_cut_to_the_limit_and_still_one,
    atomicity::a_batch_sees_what_it_wrote,
    atomicity::changed_rows_are_counted,
    atomicity::nothing_to_do_is_done_without_a_connection,
    atomicity::a_failure_leaves_the_client_well,
    transactions::a_transaction_is_there_or_unsupported,
    transactions::what_is_committed_has_happened,
    transactions::an_error_rolls_back,
    transactions::a_violation_rolls_back,
    transactions::what_has_failed_cannot_be_committed,
    transactions::dropped_is_rolled_back,
    transactions::given_up_half_way_is_rolled_back,
    #[cfg(not(target_arch = "wasm32"))]
    panics::a_panic_rolls_back,
    transactions::others_do_not_see_what_is_not_committed,
    transactions::the_client_waits_for_its_transaction,
    transactions::transactions_at_the_same_time_lose_nothing,
    lists::any_number_of_ids_can_be_asked_for,
    paging::paging_back_has_no_gap_and_no_repeat,
    paging::paging_forward_has_no_gap_and_no_repeat,
    requests::queries_at_the_same_time_share_one_connection,
    requests::writers_at_the_same_time_lose_nothing,
    requests::together_is_one_round_trip,
    requests::own_writes_are_seen_at_once,
    requests::stale_reads_and_fresh_ones_have_their_own_connection_where_there_are_two,
    requests::a_write_leaves_its_mark,
    requests::an_answer_that_nobody_waited_for_is_nobody_elses,
    requests::a_closed_client_does_nothing,
    waiting::a_late_answer_is_a_timeout_and_the_client_goes_on,
    waiting::a_slow_statement_is_a_timeout_and_the_client_goes_on,
    waiting::a_slow_statement_ends_its_transaction,
}
