//! Which pages there are: what Leptos's static routes say, and the feeds and the sitemap that belong to them.

use anyhow::{Result, bail};
use app::App;
use app::prerender::Plan;
use leptos::prelude::{Owner, provide_context};
use leptos::reactive::computed::ScopedFuture;
use leptos_router::RouteList;
use leptos_router::location::RequestUrl;

use crate::render::Renderer;

/// The paths, at most `most` of each static route; with `has_rows`, also those of files made of rows.
///
/// # Errors
/// When the database cannot be asked.
pub async fn paths(renderer: &Renderer, most: usize, has_rows: bool) -> Result<Vec<String>> {
    let owner = Owner::new();
    let (plan, context) = (Plan::new(most), renderer.context());
    let routes = owner.with(|| {
        provide_context(RequestUrl::new(""));
        provide_context(context.clone());
        provide_context(plan.clone());
        RouteList::generate(App).unwrap_or_default()
    });
    let paths = owner
        .with(|| ScopedFuture::new(routes.into_static_paths()))
        .await;
    context.close();
    if let Some(error) = plan.failure() {
        bail!("the pages cannot be listed: {error}");
    }
    let mut paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
    if has_rows {
        let feeds: Vec<String> = paths
            .iter()
            .filter(|path| path.starts_with("/users/"))
            .map(|path| format!("{path}/feed.xml"))
            .collect();
        paths.extend(feeds);
        paths.extend(["/feed.xml", "/sitemap.xml"].map(str::to_owned));
    }
    Ok(paths)
}
