//! One page: rendered by the same router that answers requests, in a context without a request.

use std::sync::Arc;

use app::AppError;
use app::context::{DatabaseProvider, RequestContext, SiteConfig};
use axum::Router;
use axum::body::{Body, Bytes};
use http::Request;
use http_body_util::BodyExt;
use server::prerendered::{Prerendered, Version};
use server::{answer, answer_failure, constant_headers, router};

/// How often a page is rendered again because it changed meanwhile.
const TRIES: usize = 5;

/// Renders pages.
pub struct Renderer {
    router: Router,
    site: Arc<SiteConfig>,
    platform: Arc<dyn DatabaseProvider>,
}

/// A rendered page.
pub struct RenderedPage {
    /// Its bytes.
    pub bytes: Bytes,
    /// Of what it was made; none for a page that depends on no row.
    pub version: Option<Version>,
}

impl Renderer {
    /// One for the site, with its database.
    pub fn new(site: Arc<SiteConfig>, platform: Arc<dyn DatabaseProvider>) -> Self {
        Self {
            router: router(),
            site,
            platform,
        }
    }

    /// A context for one page.
    pub fn context(&self) -> RequestContext {
        RequestContext::from_provider(Arc::clone(&self.site), Arc::clone(&self.platform))
    }

    /// The headers of every response.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        constant_headers(&self.site)
    }

    /// The page at `path`.
    ///
    /// # Errors
    /// Why there is none: a status that is not 200, a database that does not answer, a page that never stands still.
    pub async fn render(&self, path: &str) -> Result<RenderedPage, String> {
        let Some(page) = Prerendered::at(path) else {
            let bytes = self.bytes(path).await?;
            return Ok(RenderedPage {
                bytes,
                version: None,
            });
        };
        for _ in 0..TRIES {
            let before = self.version(&page).await?;
            let bytes = self.bytes(path).await?;
            // What was read in between is of this version only if nothing has changed.
            if before == self.version(&page).await? {
                let version = before.unwrap_or_else(|| Version::of_bytes(&bytes));
                return Ok(RenderedPage {
                    bytes,
                    version: Some(version),
                });
            }
        }
        Err(format!("it changed {TRIES} times while it was rendered"))
    }

    async fn version(&self, page: &Prerendered) -> Result<Option<Version>, String> {
        let context = self.context();
        let version = async {
            let db = context.db_async().await?;
            Ok::<_, AppError>(page.version(&db, &self.site.origin).await?)
        };
        let version = version.await.map_err(|error| error.to_string());
        context.close();
        version
    }

    async fn bytes(&self, path: &str) -> Result<Bytes, String> {
        let request = request(path)?;
        let response = answer(&self.router, request, self.context()).await;
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|error| error.to_string())?;
        if status.is_success() {
            Ok(body.to_bytes())
        } else {
            Err(format!("status {status}: {}", heading(&body.to_bytes())))
        }
    }

    /// The pages of failures, by status, for when nothing can be rendered any more.
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
            if let Ok(body) = response.into_body().collect().await {
                pages.push((status, body.to_bytes()));
            }
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

/// What a page that failed says.
fn heading(page: &[u8]) -> String {
    let text = String::from_utf8_lossy(page);
    let lead = text
        .split_once("<p class=\"lead\">")
        .and_then(|(_, rest)| rest.split_once('<'));
    lead.map_or_else(
        || text.chars().take(200).collect(),
        |(lead, _)| lead.to_owned(),
    )
}
