//! The paths to render.

use anyhow::{Context, Result};
use app::prerender;

use crate::render::Renderer;

/// The paths of all pages, for at most `limit` posts and as many users.
///
/// # Errors
/// When the database cannot be asked.
pub async fn paths(renderer: &Renderer, limit: usize) -> Result<Vec<String>> {
    let context = renderer.context();
    let listed = async {
        let db = context
            .db_async()
            .await
            .map_err(|error| error.to_string())?;
        let paths = prerender::paths(&db, limit).await;
        paths.map_err(|error| error.to_string())
    };
    let paths = listed.await.map_err(anyhow::Error::msg);
    context.close();
    paths.context("the pages cannot be listed")
}
