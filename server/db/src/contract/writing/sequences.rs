//! Any sequence of what two people do to one post, against a model of it.

use domain::Timestamp;

use super::{Authors, MINUTE, at, count, known, now, open, publish, save, seen, slug};
use crate::Db;
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal};
use crate::queries::publishing::{self, Change};

/// Numbers that look random, and are the same in every run (xorshift64, Marsaglia 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// A post as it must be.
struct Model {
    version: i64,
    /// The text that its editor shows.
    text: String,
    /// The text that readers get from its time on, if it is meant for them.
    shown: Option<(String, Timestamp)>,
    /// True if readers ever saw it.
    was_public: bool,
    is_binned: bool,
}

impl Model {
    fn seen(&self, at: Timestamp) -> String {
        match &self.shown {
            Some((text, from)) if *from <= at && !self.is_binned => format!("<p>{text}</p>"),
            _ if self.was_public => "gone".to_owned(),
            _ => "nothing".to_owned(),
        }
    }

    fn count(&self, at: Timestamp) -> i64 {
        i64::from(!self.is_binned && self.shown.as_ref().is_some_and(|(_, from)| *from <= at))
    }
}

/// After each step, everybody sees what they must: the writer the last text that was saved, readers the last one published, and the
/// author's number of posts follows. Whoever knows an older version changes nothing.
pub(in crate::contract) async fn any_sequence_loses_no_text_and_counts_right(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        for seed in [0x9E37_79B9_7F4A_7C15, 0xD1B5_4A32_D192_ED03] {
            run(clients, &authors, seed).await?;
        }
        Ok(())
    }
    .await;
    authors.delete().await?;
    checked
}

async fn run(clients: &Clients, authors: &Authors, seed: u64) -> CaseResult {
    let mut random = Random(seed);
    let id = authors.begin("begun").await?;
    let address = slug(id, "sequence");
    let mut model = Model {
        version: 0,
        text: "begun".to_owned(),
        shown: None,
        was_public: false,
        is_binned: false,
    };
    let mut time = now();
    for step in 0..40 {
        time = time + MINUTE * u32::try_from(random.below(9)).unwrap_or(0);
        let (db, at) = (&at(clients, time), time);
        model.was_public |= model.shown.as_ref().is_some_and(|(_, from)| *from <= at);
        let by = if random.below(2) == 0 {
            &authors.ada
        } else {
            &authors.bob
        };
        let is_late = random.below(4) == 0;
        let mut state = known(db, id, by).await?;
        equal(&(step, state.version), &(step, model.version))?;
        state.version -= i64::from(is_late);
        let text = format!("text {step}");
        let is_meant = model.shown.is_some();
        let what = random.below(6);
        let (is_done, may) = match what {
            0 => {
                let saved = save(db, (id, state.version), by, &text, at).await;
                (saved.map_err(|error| format!("{error:?}"))?, true)
            }
            1 | 2 => {
                let from = if what == 1 { at } else { at + MINUTE * 12 };
                let change = publish(db, state, &address, &text, from).await;
                (is_done(change)?, !model.is_binned)
            }
            3 => {
                let to_archive = false;
                let change = publishing::withdraw(db, state, to_archive, at).await;
                (is_done(change)?, is_meant && !model.is_binned)
            }
            4 => (
                is_done(publishing::bin(db, state, at).await)?,
                !model.is_binned,
            ),
            _ => (
                is_done(publishing::restore(db, state, at).await)?,
                model.is_binned,
            ),
        };
        equal(&(step, what, is_done), &(step, what, may && !is_late))?;
        if is_done {
            model.version += 1;
            match what {
                0 => model.text = text,
                1 | 2 => {
                    let from = if what == 1 { at } else { at + MINUTE * 12 };
                    model.shown = Some((text.clone(), from));
                    model.text = text;
                    // One that is to be public later never was, as far as readers can tell.
                    model.was_public = from <= at;
                }
                3 => model.shown = None,
                4 => model.is_binned = true,
                _ => model.is_binned = false,
            }
        }
        let opened = open(db, id).await?;
        equal(&(step, opened.text().content), &(step, model.text.as_str()))?;
        equal(&(step, seen(db, &address).await?), &(step, model.seen(at)))?;
        equal(
            &(step, count(db, &authors.ada).await?),
            &(step, model.count(at)),
        )?;
    }
    let (db, at) = (&authors.db, time);
    let state = known(db, id, &authors.ada).await?;
    if !model.is_binned {
        equal(&publishing::bin(db, state, at).await, &Ok(Change::Done))?;
    }
    let state = known(db, id, &authors.ada).await?;
    equal(&publishing::erase(db, state).await, &Ok(Change::Done))
}

fn is_done(change: Result<Change, crate::DbError>) -> Result<bool, String> {
    match change {
        Ok(change) => Ok(change == Change::Done),
        Err(error) => Err(format!("{error:?}")),
    }
}
