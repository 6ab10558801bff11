//! The contract suite: cases that every driver passes, natively in `cargo test` and inside workerd through the routes of a
//! test build. Not part of the product.
//!
//! A difference between engines is a fact of [`crate::Dialect`], of the [`Connector`] or of [`EngineTraits`], which a case
//! asserts and never skips. Lost and hostile connections are tested elsewhere. Cases share scratch tables that each one
//! recreates: on one database they run one after the other.

mod accounts;
mod atomicity;
mod constraints;
mod engine;
pub mod lists;
mod numbers;
mod paging;
#[cfg(not(target_arch = "wasm32"))]
mod panics;
mod posts;
mod requests;
mod search;
mod support;
mod tables;
mod text;
mod transactions;
mod values;
mod waiting;
mod writing;
mod written;

use std::sync::Arc;
use std::time::Duration;

use accounts::{
    admin, api_tokens, at_once, changes, clean_up, codes, creation, erasure, events, handles,
    invites, passkeys, people, personal_data, sessions,
};
pub use engine::{ConcurrentReads, EngineTraits, IntegerRange, TokenKind};
pub use tables::{
    Maybe, Misread, NeverNull, ScratchChild, ScratchRow, create, scratch, scratch_child,
};
use writing::{leaving, publishing, revisions, saving, sequences};

use crate::{
    BoxFuture, Connector, Consistency, ConsistencyToken, Db, DbError, Dialect, Driver, Timeouts,
};

/// Makes the clients of a case, and knows the traits of their engine.
///
/// A case has at most four connections at a time. The database has the site's own tables too, empty or not.
#[derive(Clone)]
pub struct Clients {
    connector: Arc<dyn Connector>,
    traits: EngineTraits,
}

impl Clients {
    /// Makes clients that connect by `connector`, each for itself.
    pub fn new(connector: impl Connector + 'static, traits: EngineTraits) -> Self {
        Self {
            connector: Arc::new(connector),
            traits,
        }
    }

    /// A new client that has written nothing yet: its reads may be stale.
    fn eventual(&self) -> Db {
        Db::new(SharedConnector(Arc::clone(&self.connector)))
    }

    /// A new client that sees everything that was written before.
    fn strong(&self) -> Db {
        let db = self.eventual();
        db.require_strong_reads();
        db
    }
}

/// A connector that several clients share.
struct SharedConnector(Arc<dyn Connector>);

impl Connector for SharedConnector {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    fn connect(&self, consistency: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        self.0.connect(consistency)
    }

    fn is_split(&self) -> bool {
        self.0.is_split()
    }

    fn clock_step(&self) -> Duration {
        self.0.clock_step()
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
    /// Its topic: the name of its module.
    pub topic: &'static str,
    /// Its name, a claim.
    pub name: &'static str,
    /// Runs it; the error says how the claim is wrong.
    pub run: fn(Clients) -> BoxFuture<'static, Result<(), String>>,
}

/// Runs every case. Returns a line for each that failed.
pub async fn failures(clients: &Clients) -> Vec<String> {
    let mut failed = Vec::new();
    for case in CASES {
        if let Err(why) = (case.run)(clients.clone()).await {
            failed.push(format!("{}: {why}", case.name));
        }
    }
    failed
}

/// Declares the cases. Each gets a client, for which the scratch tables were recreated, and can make further ones.
macro_rules! cases {
    ($($(#[$when:meta])* $room:ident::$name:ident,)+) => {
        /// Every case.
        pub const CASES: &[Case] = &[$($(#[$when])* Case {
            topic: stringify!($room),
            name: stringify!($name),
            run: |clients| Box::pin(async move {
                let db = clients.strong();
                create(&db).await.map_err(|error| error.to_string())?;
                $room::$name(&db, &clients).await
            }),
        }),+];
    };
}

cases! {
    values::plain_values_round_trip,
    values::bytes_round_trip,
    values::null_round_trips_in_every_column,
    values::a_row_with_only_null_is_a_row,
    values::times_round_trip_to_the_millisecond,
    values::early_times_round_trip_or_are_refused,
    values::a_cell_of_the_wrong_type_names_table_and_column,
    numbers::integers_are_exact_or_refused,
    numbers::integers_computed_by_the_engine_are_exact_or_refused,
    numbers::floats_round_trip_to_the_last_bit,
    numbers::nan_and_infinity_are_refused,
    text::text_of_every_unicode_plane_round_trips,
    text::long_text_round_trips,
    text::too_large_values_are_refused,
    text::nul_is_refused,
    text::similar_letters_are_distinct,
    text::trailing_spaces_count_unless_the_engine_ignores_them,
    constraints::unique_violations_name_table_and_column,
    constraints::a_duplicate_key_is_a_unique_violation,
    constraints::foreign_keys_are_enforced,
    constraints::deleting_a_parent_deletes_its_children,
    constraints::an_unknown_enum_value_is_refused_by_name,
    constraints::null_in_a_required_column_is_refused_by_name,
    constraints::a_missing_table_says_what_to_do,
    atomicity::a_batch_is_all_or_nothing,
    atomicity::a_batch_refused_before_sending_writes_nothing,
    atomicity::inserts_are_chunked_and_still_atomic,
    atomicity::a_batch_sees_its_own_writes,
    atomicity::changed_rows_are_counted,
    atomicity::an_empty_batch_opens_no_connection,
    atomicity::a_failed_statement_leaves_the_client_usable,
    transactions::begin_works_or_is_unsupported,
    transactions::a_commit_keeps_the_changes,
    transactions::an_error_rolls_back,
    transactions::a_constraint_error_rolls_back,
    transactions::a_failed_transaction_cannot_be_committed,
    transactions::a_dropped_transaction_is_rolled_back,
    transactions::a_cancelled_statement_rolls_back,
    #[cfg(not(target_arch = "wasm32"))]
    panics::a_panic_rolls_back,
    transactions::others_do_not_see_uncommitted_changes,
    transactions::the_client_waits_for_its_own_transaction,
    transactions::concurrent_transactions_lose_no_update,
    lists::any_number_of_ids_can_be_looked_up,
    paging::paging_to_older_rows_skips_and_repeats_none,
    paging::paging_to_newer_rows_skips_and_repeats_none,
    posts::posts_from_before_1970_are_paged,
    posts::a_post_is_public_from_its_time_on,
    posts::a_page_is_stale_when_the_time_of_a_post_comes,
    posts::an_authors_count_follows_the_clock,
    saving::a_saved_text_is_its_writers_alone,
    saving::of_two_who_began_alike_the_second_changes_nothing,
    saving::of_saves_at_once_one_is_done,
    saving::posts_stand_on_shelves,
    revisions::texts_are_kept_now_and_then,
    revisions::revisions_are_limited,
    publishing::a_post_is_published_at_once_or_at_a_time,
    publishing::an_earlier_slug_leads_to_the_post,
    publishing::a_slug_is_one_posts,
    publishing::a_withdrawn_post_is_gone,
    publishing::the_bin_gives_back_what_it_got,
    publishing::of_publications_at_once_one_is_done,
    leaving::what_no_reader_saw_goes_with_the_account,
    sequences::any_sequence_loses_no_text_and_counts_right,
    search::words_of_every_script_are_told_apart,
    search::a_phrase_is_found_in_a_long_text,
    search::texts_too_large_for_an_index_are_found,
    search::a_search_of_signs_finds_nothing,
    search::a_search_is_counted_and_shows_where_it_matched,
    search::a_search_counts_what_readers_see,
    search::any_search_is_answered,
    creation::a_handle_and_an_address_make_one_account,
    creation::an_invite_makes_one_account,
    creation::who_signs_in_is_found_by_each_of_their_names,
    changes::an_address_is_verified_once,
    changes::another_address_makes_the_codes_void,
    changes::another_password_ends_the_other_sessions,
    changes::a_profile_is_written_with_its_links_in_order,
    changes::a_profile_is_not_written_over_unseen,
    changes::accounts_are_changed_at_once,
    handles::earlier_handles_lead_to_the_present_one,
    handles::a_handle_is_kept_from_others_for_a_time,
    sessions::a_password_that_was_changed_begins_no_session,
    sessions::a_session_lasts_to_the_millisecond,
    sessions::a_closed_account_has_no_session,
    sessions::signing_in_ends_what_the_browser_had,
    sessions::a_use_is_noted_once_an_interval,
    sessions::a_confirmation_rotates_the_token_once,
    sessions::a_user_ends_their_own_sessions,
    codes::a_code_is_used_once_before_it_expires,
    codes::attempts_are_limited_however_they_come,
    codes::a_new_code_makes_the_browsers_earlier_ones_void,
    codes::codes_are_counted_by_their_address,
    codes::a_browser_knows_the_code_that_it_asked_for,
    codes::codes_are_made_at_once,
    passkeys::a_passkey_belongs_to_one_account,
    passkeys::the_count_of_a_passkey_only_rises,
    invites::nobody_makes_more_invites_than_their_share,
    invites::an_invite_is_found_until_it_expires,
    invites::invites_are_paged_newest_first,
    invites::invites_are_made_at_once,
    api_tokens::nobody_has_more_tokens_than_their_share,
    api_tokens::a_token_is_valid_until_it_expires,
    api_tokens::the_use_of_a_token_is_noted_once_an_interval,
    api_tokens::owners_list_and_revoke_their_tokens,
    events::events_are_paged_newest_first,
    events::addresses_are_cleared_when_they_expire,
    admin::the_first_administrator_is_one,
    admin::an_administrator_is_left,
    admin::a_suspension_ends_sessions_and_is_lifted,
    people::people_are_found_and_paged,
    people::a_person_is_found_with_their_events,
    people::another_role_ends_sessions,
    erasure::a_closed_account_is_opened_until_it_is_due,
    erasure::accounts_are_erased_when_they_are_due,
    erasure::everything_of_an_account_goes_with_it,
    erasure::posts_stay_under_a_former_member,
    personal_data::everything_of_a_user_is_told,
    clean_up::what_is_over_is_cleared_in_its_time,
    clean_up::a_call_clears_a_part,
    at_once::of_equal_writes_at_once_one_is_done,
    at_once::the_last_invite_is_made_once,
    requests::concurrent_queries_share_one_connection,
    requests::concurrent_writers_lose_no_update,
    requests::a_batch_of_queries_is_one_round_trip,
    requests::a_client_reads_its_own_writes,
    requests::eventual_and_strong_reads_have_separate_connections,
    requests::a_write_leaves_a_consistency_token,
    requests::a_response_that_nobody_waits_for_reaches_no_other_query,
    requests::a_closed_client_does_nothing,
    waiting::a_late_response_is_a_timeout_and_the_client_stays_usable,
    waiting::a_slow_statement_is_a_timeout_and_the_client_stays_usable,
    waiting::a_slow_statement_ends_its_transaction,
}
