//! Lists of ids: any number of them in one batch, within an engine's limit of parameters.

use domain::{PostId, UserId};

use super::Clients;
use super::support::{CaseResult, equal, message};
use super::written::{post, user};
use crate::queries::{contract, insert, posts};
use crate::schema::tables::Post;
use crate::{Db, DbError};

/// Public posts to look up among unknown ids. They are older than all others, so that they change no list that is shown
/// meanwhile.
pub struct PostSample {
    db: Db,
    author: UserId,
    known: Vec<PostId>,
}

impl PostSample {
    /// Writes `length` posts.
    ///
    /// # Errors
    /// The sentence that says what was wrong.
    pub async fn fill(db: &Db, length: usize) -> Result<Self, String> {
        let author = UserId::new();
        let known: Vec<PostId> = (0..length).map(|_| PostId::new()).collect();
        let written = known.iter().map(|id| Post {
            id: *id,
            author_id: author,
            slug: format!("case-{}", id.0.simple()),
            ..post("A case")
        });
        let written: Vec<Post> = written.collect();
        let mut statements = insert(db.dialect(), &[user(author)]);
        statements.extend(insert(db.dialect(), &written));
        db.write(&statements).await.map_err(message)?;
        Ok(Self {
            db: db.clone(),
            author,
            known,
        })
    }

    /// Looks the posts up, with `unknown` unknown ids among theirs, and `repeated` of theirs twice.
    ///
    /// # Errors
    /// The sentence that says what was wrong: each post is found, once, and no other.
    pub async fn check_lookup(&self, unknown: usize, repeated: usize) -> Result<(), String> {
        let mut ids: Vec<PostId> = (0..unknown).map(|_| PostId::new()).collect();
        for (n, id) in self.known.iter().enumerate() {
            let place = (n * 7919) % (ids.len() + 1);
            ids.insert(place, *id);
        }
        ids.extend(self.known.iter().take(repeated));
        let before = self.db.stats().round_trips;
        let mut found: Vec<PostId> = posts::by_ids(&self.db, &ids)
            .await
            .map_err(message)?
            .iter()
            .map(|post| post.id)
            .collect();
        found.sort();
        found.dedup();
        let mut expected = self.known.clone();
        expected.sort();
        if found != expected {
            return Err(format!(
                "{unknown} unknown ids and {repeated} repeated: found {} of {}",
                found.len(),
                expected.len()
            ));
        }
        let trips = self.db.stats().round_trips - before;
        equal(&trips, &u64::from(!ids.is_empty()))
    }

    /// Deletes the posts.
    ///
    /// # Errors
    /// The sentence that says what was wrong.
    pub async fn clear(self) -> Result<(), String> {
        let gone = contract::delete_user(self.db.dialect(), self.author);
        self.db.run(&gone).await.map(drop).map_err(message)
    }
}

pub(super) async fn any_number_of_ids_can_be_looked_up(db: &Db, _: &Clients) -> CaseResult {
    equal(
        &posts::by_ids(db, &[]).await.map(|found| found.len()),
        &Ok::<usize, DbError>(0),
    )?;
    let sample = PostSample::fill(db, 40).await?;
    let mut checked = Ok(());
    for (unknown, repeated) in [
        (0, 0),
        (0, 40),
        (1, 0),
        (59, 0),
        (60, 0),
        (61, 1),
        (960, 0),
        (961, 40),
        (4_960, 0),
        (5_000, 40),
    ] {
        checked = sample.check_lookup(unknown, repeated).await;
        if checked.is_err() {
            break;
        }
    }
    sample.clear().await?;
    checked
}
