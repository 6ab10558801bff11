//! The page that shows a problem, and the response to an address that has moved.

use http::{HeaderName, HeaderValue, StatusCode};
use leptos::prelude::*;
use leptos::tachys::html::InertElement;

use crate::address::ListKind;
use crate::components::{Head, SearchForm};
use crate::{Problem, address, context, site};

/// The page's view as HTML, or the page of its problem with the right status.
pub(crate) fn html_or_failure<V: IntoView>(result: Result<V, impl Into<Problem>>) -> String {
    match result {
        Ok(view) => html(view),
        Err(problem) => html(view! { <ProblemPage problem=problem.into()/> }),
    }
}

/// A view as HTML. Only islands are hydrated, and they find themselves in it.
pub(crate) fn html(view: impl IntoView) -> String {
    view.into_view().to_html()
}

/// A view that is HTML from here on, of one type.
pub(crate) fn inert(view: impl IntoView) -> InertElement {
    InertElement::new(html(view))
}

/// Gives the response the problem's status.
pub(crate) fn set_status(problem: &Problem) {
    let Some(response) = context::response() else {
        return;
    };
    if let Ok(status) = StatusCode::from_u16(problem.status) {
        response.set_status(status);
    }
    if let Some(seconds) = problem.retry_after {
        response.insert_header(
            HeaderName::from_static("retry-after"),
            HeaderValue::from(seconds),
        );
    }
}

/// Leads to `path` for good (301).
pub(crate) fn moved(path: &str) -> impl IntoView + use<> {
    redirect(StatusCode::MOVED_PERMANENTLY, path)
}

/// Leads to `path` this time (302).
pub(crate) fn found(path: &str) -> impl IntoView + use<> {
    redirect(StatusCode::FOUND, path)
}

/// Leads to `path` with GET, whatever the method was (303).
pub(crate) fn see_other(path: &str) -> impl IntoView + use<> {
    redirect(StatusCode::SEE_OTHER, path)
}

/// Browsers that do not follow by themselves show a link.
fn redirect(status: StatusCode, path: &str) -> impl IntoView + use<> {
    if let (Some(response), Ok(location)) = (context::response(), HeaderValue::from_str(path)) {
        response.set_status(status);
        response.insert_header(http::header::LOCATION, location);
    }
    let path = path.to_owned();
    view! { <p class="lead">"This page is at "<a href=path.clone()>{path.clone()}</a></p> }
}

/// The address of the list's first page, where the problem is the cursor of a later one.
fn first_page(problem: &Problem) -> Option<String> {
    let has_cursor = ["cursor", "comments"]
        .iter()
        .any(|name| problem.fields.contains_key(*name));
    has_cursor.then(|| address::list(&context::path(), &context::query("q"), "", ""))
}

/// The address of the sign-in that comes back here, where nobody is signed in.
fn sign_in(problem: &Problem) -> Option<String> {
    (problem.status == 401).then(|| address::with_values("/login", &[("next", &context::path())]))
}

/// A problem as a page: what happened, and ways on. The response gets the problem's status.
#[component]
fn ProblemPage(problem: Problem) -> impl IntoView {
    set_status(&problem);
    let is_development = context::current().is_some_and(|context| context.site().shows_timing);
    let problem = match is_development {
        true => problem.for_operators(),
        false => problem,
    };
    let (first_page, sign_in) = (first_page(&problem), sign_in(&problem));
    let Problem {
        status,
        title,
        detail,
        id,
        ..
    } = problem;
    view! {
        <Head title=title.clone() description=detail.clone() is_indexed=false/>
        <p class="meta">{status}</p>
        <h1>{title}</h1>
        <p class="lead">{detail}</p>
        {id.map(|id| view! {
            <p class="error-id">"If you write to us about it, give this number: "<code>{id}</code></p>
        })}
        <nav class="signpost" aria-label="Ways on">
            {sign_in.map(|address| view! { <a class="sign" href=address>"Sign in"</a> })}
            {first_page.map(|address| view! { <a class="sign" href=address>"The beginning of this list"</a> })}
            <a class="sign" href="/">"Newest posts"</a>
            <a class="sign back" href="/users">"Authors"</a>
            <a class="sign" href="/about">{format!("About {}", site::NAME)}</a>
        </nav>
        <SearchForm kind=ListKind::Posts query=String::new()/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AppError;

    #[test]
    fn a_page_that_needs_an_account_leads_to_the_sign_in_and_back() {
        let page = |error: AppError| {
            Owner::new().with(|| {
                let request = http::Request::get("/settings/events").body(());
                let (parts, ()) = request.unwrap_or_default().into_parts();
                provide_context(parts);
                html(view! { <ProblemPage problem=error.problem()/> })
            })
        };
        let link = "<a href=\"/login?next=%2Fsettings%2Fevents\" class=\"sign\">Sign in</a>";
        assert!(page(AppError::Unauthenticated).contains(link));
        assert!(!page(AppError::Forbidden).contains("Sign in"));
    }
}
