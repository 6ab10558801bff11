//! The files of the assets folder, with the headers that its `_headers` file gives them: what Cloudflare does before a
//! Worker runs (developers.cloudflare.com/workers/static-assets/headers).

use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use app::prerender::FOLDER;
use axum::body::Body;
use axum::response::Response;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use percent_encoding::percent_decode_str;
use tower::ServiceExt;
use tower_http::services::ServeDir;

/// The file of rules, which Cloudflare reads and does not serve.
const RULES: &str = "_headers";
/// `Cache-Control` of files that no rule names.
const REVALIDATE: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");

/// The folder of assets.
pub struct Assets {
    files: ServeDir,
    rules: Vec<Rule>,
}

/// Headers for the paths that match.
struct Rule {
    /// The path up to the `*`, or the whole path.
    before: String,
    /// The path after the `*`.
    after: Option<String>,
    headers: HeaderMap,
}

impl Assets {
    /// Takes the files below `folder`.
    ///
    /// # Errors
    /// When there is no such folder, or its `_headers` cannot be read.
    pub fn new(folder: &Path) -> Result<Self> {
        anyhow::ensure!(
            folder.is_dir(),
            "there is no folder {}: `cargo x build` makes target/site, and SITE_DIR names another",
            folder.display()
        );
        let path = folder.join(RULES);
        let rules = match std::fs::read_to_string(&path) {
            Ok(text) => rules(&text).with_context(|| path.display().to_string())?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).context(path.display().to_string()),
        };
        let files = ServeDir::new(folder)
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip();
        Ok(Self { files, rules })
    }

    /// The response with the requested file, if there is one.
    pub async fn find<B>(&self, request: &Request<B>) -> Option<Response> {
        if *request.method() != Method::GET && *request.method() != Method::HEAD {
            return None;
        }
        let path = percent_decode_str(request.uri().path())
            .decode_utf8()
            .ok()?;
        if !is_file_name(&path) {
            return None;
        }
        let mut head = Request::new(Body::empty());
        request.method().clone_into(head.method_mut());
        request.uri().clone_into(head.uri_mut());
        request.headers().clone_into(head.headers_mut());
        let response = self.files.clone().oneshot(head).await.ok()?;
        let status = response.status();
        let is_file = status.is_success() || matches!(status.as_u16(), 304 | 412 | 416);
        if !is_file {
            return None;
        }
        let mut response = response.map(Body::new);
        for rule in self.rules.iter().filter(|rule| rule.matches(&path)) {
            for (name, value) in &rule.headers {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
            .headers_mut()
            .entry(CACHE_CONTROL)
            .or_insert(REVALIDATE);
        Some(response)
    }
}

/// Tells whether a path may name a file. However they are spelled, the rules are none, and neither are rendered pages, which only
/// the Worker reads, because it knows whether they are current.
fn is_file_name(path: &str) -> bool {
    let plain: PathBuf = Path::new(path)
        .components()
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect();
    let rendered = FOLDER.trim_start_matches('/');
    plain != Path::new(RULES) && plain != Path::new("") && !plain.starts_with(rendered)
}

impl Rule {
    fn matches(&self, path: &str) -> bool {
        match &self.after {
            None => path == self.before,
            Some(after) => path
                .strip_prefix(&self.before)
                .is_some_and(|rest| rest.ends_with(after.as_str())),
        }
    }
}

/// Reads `_headers`: a path on a line of its own, its headers on indented lines below.
fn rules(text: &str) -> Result<Vec<Rule>> {
    let mut rules: Vec<Rule> = Vec::new();
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if !line.starts_with([' ', '\u{9}']) {
            let (before, after) = match content.split_once('*') {
                Some((before, after)) => (before, Some(after.to_owned())),
                None => (content, None),
            };
            rules.push(Rule {
                before: before.to_owned(),
                after,
                headers: HeaderMap::new(),
            });
            continue;
        }
        let (name, value) = content
            .split_once(':')
            .with_context(|| format!("`{content}` is no header"))?;
        let rule = rules
            .last_mut()
            .with_context(|| format!("`{content}` belongs to no path"))?;
        rule.headers.append(
            HeaderName::try_from(name.trim())?,
            HeaderValue::try_from(value.trim())?,
        );
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn rules_match_their_paths() {
        let rules =
            rules("# all\n/*\n  A: 1\n\n/assets/*.json\n  B: 2\n  C: 3:4\n/exact\n  D: 5\n")
                .unwrap();
        for (path, expected) in [
            ("/", &["a"][..]),
            ("/assets/x.json", &["a", "b", "c"]),
            ("/assets/x.js", &["a"]),
            ("/exact", &["a", "d"]),
            ("/exactly", &["a"]),
        ] {
            let found: Vec<&str> = rules
                .iter()
                .filter(|rule| rule.matches(path))
                .flat_map(|rule| rule.headers.keys().map(HeaderName::as_str))
                .collect();
            assert_eq!(found, expected, "{path}");
        }
        assert!(super::rules("  A: 1").is_err());
        assert!(super::rules("/\n  no header").is_err());
    }

    #[test]
    fn rules_and_rendered_pages_are_not_served() {
        for (path, is_file) in [
            ("/_headers", false),
            ("//_headers", false),
            ("/./_headers", false),
            ("/", false),
            ("/assets/_headers", true),
            ("/favicon.svg", true),
            ("/_pages/posts/a.0123", false),
            ("/./_pages/build", false),
        ] {
            assert_eq!(is_file_name(path), is_file, "{path}");
        }
    }
}
