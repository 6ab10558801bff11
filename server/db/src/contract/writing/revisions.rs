//! Earlier states: enough of them to find every text again, and not without end.

use domain::{PageRequest, PostId, RevisionId, RevisionKind};

use super::{Authors, MINUTE, known, now, publish, save, slug};
use crate::Db;
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::drafts::REVISION_SPACING;
use crate::queries::insert;
use crate::queries::publishing::{self, Change};
use crate::queries::revisions::{self, MAX_REVISIONS, RevisionRow};
use crate::schema::tables::Revision;

async fn all(db: &Db, post: PostId) -> Result<Vec<RevisionRow>, String> {
    let (mut rows, mut page) = (Vec::new(), PageRequest::first(60));
    loop {
        let found = revisions::of_post(db, post, &page).await.map_err(message)?;
        rows.extend(found.rows);
        match found.older {
            Some(cursor) => page.cursor = Some(cursor),
            None => return Ok(rows),
        }
    }
}

/// The texts of the revisions of a post, the oldest first.
async fn texts(db: &Db, post: PostId) -> Result<Vec<String>, String> {
    let mut texts = Vec::new();
    for row in all(db, post).await?.iter().rev() {
        let found = revisions::find(db, post, row.id).await.map_err(message)?;
        texts.extend(found.map(|revision| revision.content));
    }
    Ok(texts)
}

/// Of texts saved in a row, one is kept now and then; what somebody else had saved, and what readers saw, always.
pub(in crate::contract) async fn texts_are_kept_now_and_then(db: &Db, _: &Clients) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        let (ada, bob) = (&authors.ada, &authors.bob);
        let id = authors.begin("0").await?;
        let mut version = 0;
        let mut save = async |by, text: &str, at| {
            let saved = save(db, (id, version), by, text, at).await;
            version += 1;
            equal(&saved, &Ok(true))
        };
        for n in 1..=4u32 {
            save(ada, &n.to_string(), now() + MINUTE * n).await?;
        }
        equal(&texts(db, id).await?, &vec!["0".to_owned()])?;
        let later = now() + REVISION_SPACING + MINUTE;
        save(ada, "5", later).await?;
        save(ada, "6", later + MINUTE).await?;
        equal(
            &texts(db, id).await?,
            &["0", "4"].map(str::to_owned).to_vec(),
        )?;
        save(bob, "his", later + MINUTE * 2).await?;
        save(ada, "hers", later + MINUTE * 3).await?;
        let before = ["0", "4", "6", "his"].map(str::to_owned).to_vec();
        equal(&texts(db, id).await?, &before)?;

        let address = slug(id, "kept");
        let state = known(db, id, bob).await?;
        let published = publish(db, state, &address, "shown", now()).await;
        equal(&published, &Ok(Change::Done))?;
        let rows = all(db, id).await?;
        let shown = rows.iter().find(|row| row.kind == RevisionKind::Published);
        let shown = shown.ok_or("what readers see is no revision")?;
        equal(&shown.handle.as_deref(), &Some(bob.handle.as_str()))?;
        let kept = texts(db, id).await?;
        for text in ["0", "4", "6", "his", "hers", "shown"] {
            equal(&(text, kept.iter().any(|kept| kept == text)), &(text, true))?;
        }
        // A revision is one of its own post.
        let other = authors.begin("other").await?;
        equal(&revisions::find(db, other, shown.id).await, &Ok(None))?;
        let gone = known(db, id, ada).await?;
        equal(&publishing::bin(db, gone, now()).await, &Ok(Change::Done))?;
        let gone = known(db, id, ada).await?;
        equal(&publishing::erase(db, gone).await, &Ok(Change::Done))?;
        equal(&all(db, id).await?.len(), &0)
    }
    .await;
    authors.delete().await?;
    checked
}

/// Beyond the limit the oldest goes of those that readers never saw; what they saw has a limit of its own.
pub(in crate::contract) async fn revisions_are_limited(db: &Db, _: &Clients) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        let id = authors.begin("begun").await?;
        let rows: Vec<Revision> = (0..MAX_REVISIONS as u32 + 3)
            .map(|n| Revision {
                id: RevisionId::new(),
                post_id: id,
                kind: if n < 3 {
                    RevisionKind::Published
                } else {
                    RevisionKind::Saved
                },
                title: String::new(),
                excerpt: String::new(),
                content: n.to_string(),
                saved_by: authors.ada.id,
                saved_at: now() - REVISION_SPACING * (200 - n),
            })
            .collect();
        db.write(&insert(db.dialect(), &rows))
            .await
            .map_err(message)?;
        let at = now() + REVISION_SPACING;
        for (version, first) in [(0, "4"), (1, "5")] {
            let at = at + REVISION_SPACING * u32::try_from(version).unwrap_or(0);
            let saved = save(db, (id, version), &authors.ada, "next", at).await;
            equal(&saved, &Ok(true))?;
            let kept = texts(db, id).await?;
            equal(&kept.len(), &(MAX_REVISIONS as usize + 3))?;
            let expected = ["0", "1", "2", first].map(str::to_owned).to_vec();
            equal(&kept.into_iter().take(4).collect::<Vec<_>>(), &expected)?;
        }
        Ok(())
    }
    .await;
    authors.delete().await?;
    checked
}
