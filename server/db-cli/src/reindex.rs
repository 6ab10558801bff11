//! Making anew what is derived from the texts of rows, after its rules have changed: the words of searches, and the HTML of
//! posts and comments.

use anyhow::Result;
use db::queries::derived::{self, CommentText, PostText, ROWS, UserText};
use db::{Db, DbError, Statement};
use uuid::Uuid;

use crate::rows::{post_words, user_words};

/// The number of rows between two lines of progress.
const REPORT_INTERVAL: usize = 1_000;

/// Writes every row whose derived columns are not what they would be today; a second run writes none, and one after an
/// interruption goes on. Texts, times and everything else that people wrote stay. Returns a summary.
///
/// # Errors
/// Fails if the database does not respond, has no tables or rejects a row. What was written until then stays.
pub async fn reindex(db: &Db, progress: impl Fn(&str)) -> Result<String> {
    let dialect = db.dialect();
    let users = renew(db, "users", &progress, derived::users, |row| {
        let renewed = renewed_user(row).map(|row| derived::write_user(dialect, &row));
        (row.id.0, renewed)
    });
    let users = users.await?;
    let posts = renew(db, "posts", &progress, derived::posts, |row| {
        let renewed = renewed_post(row).map(|row| derived::write_post(dialect, &row));
        (row.id.0, renewed)
    });
    let posts = posts.await?;
    let comments = renew(db, "comments", &progress, derived::comments, |row| {
        let renewed = renewed_comment(row).map(|row| derived::write_comment(dialect, &row));
        (row.id.0, renewed)
    });
    let comments = comments.await?;
    Ok(format!("renewed {users}, {posts}, {comments}"))
}

/// Goes through a table in the order of its ids. `each` gives a row's id, and the statement that writes what has to change.
async fn renew<T>(
    db: &Db,
    name: &str,
    progress: &impl Fn(&str),
    next: impl AsyncFn(&Db, Uuid) -> Result<Vec<T>, DbError>,
    each: impl Fn(&T) -> (Uuid, Option<Statement>),
) -> Result<String> {
    let (mut last, mut seen, mut written) = (Uuid::nil(), 0, 0);
    loop {
        let rows = next(db, last).await?;
        let mut changes = Vec::new();
        for (id, change) in rows.iter().map(&each) {
            last = id;
            changes.extend(change);
        }
        db.write(&changes).await?;
        written += changes.len();
        let before = seen;
        seen += rows.len();
        if seen / REPORT_INTERVAL > before / REPORT_INTERVAL {
            progress(&format!("{seen} {name}, {written} of them renewed"));
        }
        if rows.len() < ROWS {
            return Ok(format!("{written} of {seen} {name}"));
        }
    }
}

/// The row as it would be written today, if that is another one.
fn renewed_user(row: &UserText) -> Option<UserText> {
    let renewed = UserText {
        search_text: user_words(&row.handle, &row.name, &row.bio),
        ..row.clone()
    };
    (renewed != *row).then_some(renewed)
}

/// The row as it would be written today, if that is another one. An excerpt may be the author's own, and stays.
fn renewed_post(row: &PostText) -> Option<PostText> {
    let rendered = markdown::render_post(&row.content);
    let renewed = PostText {
        search_text: post_words(&row.title, &row.excerpt, &rendered.text),
        content_html: rendered.html,
        renderer_version: markdown::RENDERER_VERSION,
        reading_minutes: rendered.reading_minutes,
        ..row.clone()
    };
    (renewed != *row).then_some(renewed)
}

/// The row as it would be written today, if that is another one.
fn renewed_comment(row: &CommentText) -> Option<CommentText> {
    let renewed = CommentText {
        body_html: markdown::render_comment(&row.body),
        ..row.clone()
    };
    (renewed != *row).then_some(renewed)
}
