//! The paths of all pages to render.

use db::queries::sitemap;
use db::{Db, DbError};
use domain::{Cursor, Page, PageRequest};

use super::{PAGES, Rows};

/// The rows of one round trip.
const ROWS: usize = 1_000;

/// The paths of the pages that need no database.
pub fn fixed_paths() -> Vec<String> {
    let fixed = PAGES.into_iter().filter(|page| page.is_fixed());
    fixed.map(|page| page.pattern.path("")).collect()
}

/// The paths of all pages, for at most `limit` posts and at most `limit` users, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn paths(db: &Db, limit: usize) -> Result<Vec<String>, DbError> {
    let slugs = names(limit, async |page| {
        Ok(names_of(sitemap::posts(db, &page).await?, |post| post.slug))
    });
    let slugs = slugs.await?;
    let handles = names(limit, async |page| {
        Ok(names_of(sitemap::users(db, &page).await?, |user| {
            user.handle
        }))
    });
    let handles = handles.await?;
    let mut paths = Vec::new();
    for page in PAGES {
        match page.rows {
            Rows::None | Rows::Site(_) | Rows::TooMany => paths.push(page.pattern.path("")),
            Rows::EachPost(_) => paths.extend(slugs.iter().map(|slug| page.pattern.path(slug))),
            Rows::EachUser(_) => {
                paths.extend(handles.iter().map(|handle| page.pattern.path(handle)))
            }
        }
    }
    Ok(paths)
}

fn names_of<T>(page: Page<T>, name: impl Fn(T) -> String) -> (Vec<String>, Option<Cursor>) {
    (page.rows.into_iter().map(name).collect(), page.older)
}

/// At most `limit` names, from as many pages of `list` as it takes.
async fn names(
    limit: usize,
    list: impl AsyncFn(PageRequest) -> Result<(Vec<String>, Option<Cursor>), DbError>,
) -> Result<Vec<String>, DbError> {
    let (mut all, mut cursor) = (Vec::new(), None);
    while all.len() < limit {
        let limit = ROWS.min(limit - all.len());
        let (names, older) = list(PageRequest { limit, cursor }).await?;
        all.extend(names);
        cursor = older;
        if cursor.is_none() {
            break;
        }
    }
    Ok(all)
}
