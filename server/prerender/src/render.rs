//! One page: rendered by the router that answers requests, in a context without a request.

use std::sync::Arc;

use app::AppError;
use app::context::{DatabaseProvider, RequestContext, SiteConfig};
use app::prerender::{DeclaredPage, Version};
use axum::Router;
use axum::body::{Body, Bytes};
use http::Request;
use http_body_util::BodyExt;
use server::{answer, answer_failure, constant_headers};

/// The attempts to render a page that changes meanwhile.
const MAX_ATTEMPTS: usize = 5;

/// Renders pages.
pub struct Renderer {
    router: Router,
    site: Arc<SiteConfig>,
    provider: Arc<dyn DatabaseProvider>,
}

pub struct RenderedPage {
    pub bytes: Bytes,
    /// None for a page that is one file for everybody.
    pub version: Option<Version>,
}

impl Renderer {
    pub fn new(router: Router, site: Arc<SiteConfig>, provider: Arc<dyn DatabaseProvider>) -> Self {
        Self {
            router,
            site,
            provider,
        }
    }

    /// A context for one page.
    pub fn context(&self) -> RequestContext {
        RequestContext::from_provider(Arc::clone(&self.site), Arc::clone(&self.provider))
    }

    /// The headers of every response.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        constant_headers(&self.site)
    }

    /// Renders the page at `path`.
    ///
    /// # Errors
    /// With the reason: the page is not declared, its status is not 200, the database does not answer, or the page changes
    /// faster than it is rendered.
    pub async fn render(&self, path: &str) -> Result<RenderedPage, String> {
        let page =
            DeclaredPage::find(path).ok_or("app/src/prerender does not declare this page")?;
        if page.declaration().is_fixed() {
            return self.fixed(path).await;
        }
        for _ in 0..MAX_ATTEMPTS {
            let before = self.version(&page).await?;
            let bytes = self.bytes(path, &self.context()).await?;
            // What was read in between is of this version only if nothing has changed.
            if before == self.version(&page).await? {
                let version = before.unwrap_or_else(|| Version::of_bytes(&bytes));
                return Ok(RenderedPage {
                    bytes,
                    version: Some(version),
                });
            }
        }
        Err(format!(
            "it changed {MAX_ATTEMPTS} times while it was rendered"
        ))
    }

    /// A page that is one file for everybody. No Worker looks at its file again, so it must not depend on rows.
    async fn fixed(&self, path: &str) -> Result<RenderedPage, String> {
        let context = self.context();
        let bytes = self.bytes(path, &context).await?;
        let db = context.resolved_db();
        if db.is_some_and(|db| db.stats().statements > 0) {
            return Err(
                "app/src/prerender declares that it shows no rows (`Rows::None`), but it queried the database: its file \
                 would be served without a check whether it is still current"
                    .to_owned(),
            );
        }
        Ok(RenderedPage {
            bytes,
            version: None,
        })
    }

    async fn version(&self, page: &DeclaredPage) -> Result<Option<Version>, String> {
        let context = self.context();
        let version = async {
            let db = context.db_async().await?;
            Ok::<_, AppError>(page.version(&db, &self.site.origin).await?)
        };
        let version = version.await.map_err(|error| error.to_string());
        context.close();
        version
    }

    async fn bytes(&self, path: &str, context: &RequestContext) -> Result<Bytes, String> {
        let request = request(path)?;
        let response = answer(&self.router, request, context.clone()).await;
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|error| error.to_string())?;
        if status.is_success() {
            Ok(body.to_bytes())
        } else {
            Err(format!("status {status}: {}", lead(&body.to_bytes())))
        }
    }

    /// The error pages by status, for when nothing can be rendered any more.
    pub async fn errors(&self) -> Vec<(u16, Bytes)> {
        let mut pages = Vec::new();
        for error in [
            AppError::Forbidden,
            AppError::NotFound,
            AppError::Gone,
            AppError::Internal { id: String::new() },
            AppError::Unavailable {
                reason: "The site cannot reach its database. Please try again in a moment."
                    .to_owned(),
            },
        ] {
            let status = error.problem().status;
            // No page has this address.
            let Ok(request) = request("/errors") else {
                continue;
            };
            let response = answer_failure(&request, error, &self.context()).await;
            pages.push((status, response.into_body()));
        }
        pages
    }
}

fn request(path: &str) -> Result<Request<Body>, String> {
    Request::builder()
        .uri(path)
        .body(Body::empty())
        .map_err(|error| error.to_string())
}

/// The sentence on an error page.
fn lead(page: &[u8]) -> String {
    let text = String::from_utf8_lossy(page);
    let lead = text
        .split_once("<p class=\"lead\">")
        .and_then(|(_, rest)| rest.split_once('<'));
    lead.map_or_else(
        || text.chars().take(200).collect(),
        |(lead, _)| lead.to_owned(),
    )
}
