//! Requests that are rejected, redirected, unchanged or fail: status, form, headers.

use std::sync::Arc;

use axum::body::Body;
use db::drivers::sqlite::Sqlite;
use db::migrate;
use http::{Method, Request};

use crate::listed::{self, Address};
use crate::support::{Answer, World, site};

/// A form, as browsers send it.
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A method, an address, headers, and the status they get.
type Case<'a> = (Method, &'a str, &'a [(&'a str, &'a str)], u16);

#[tokio::test]
async fn every_problem_has_its_status_and_its_form() {
    let world = World::example();
    let long = format!("/posts?q={}", "x".repeat(2_000));
    let long_api = long.replace("/posts", "/api/v1/posts");
    let cases: Vec<Case> = vec![
        (Method::GET, "/nowhere", &[], 404),
        (Method::GET, "/posts/no-such-post", &[], 404),
        (Method::GET, "/posts/NOT_A_SLUG", &[], 404),
        (Method::GET, "/users/nobody-here", &[], 404),
        (Method::GET, "/posts?cursor=nonsense", &[], 400),
        (Method::GET, "/posts/%FF", &[], 400),
        (Method::GET, "/posts?q=%zz", &[], 400),
        (Method::GET, "/posts?q=%00", &[], 400),
        (Method::GET, &long, &[], 414),
        (Method::POST, "/posts", &[], 405),
        (Method::DELETE, "/", &[], 405),
        (
            Method::POST,
            "/theme",
            &[
                ("origin", "https://evil.example"),
                ("host", "site.example"),
                FORM,
            ],
            403,
        ),
        (
            Method::POST,
            "/theme",
            &[("sec-fetch-site", "cross-site"), FORM],
            403,
        ),
        (
            Method::POST,
            "/theme",
            &[("content-type", "application/json")],
            415,
        ),
        (
            Method::POST,
            "/theme",
            &[("content-length", "2000000"), FORM],
            413,
        ),
        (Method::POST, "/theme", &[FORM], 400),
        (Method::GET, "/api/v1/nowhere", &[], 404),
        (Method::GET, "/api/v1/posts/no-such-post", &[], 404),
        (Method::GET, "/api/v1/users/nobody-here", &[], 404),
        (Method::GET, "/api/v1/posts/no-such-post/comments", &[], 404),
        (Method::GET, "/api/v1/posts?limit=0", &[], 400),
        (Method::GET, "/api/v1/posts?limit=101", &[], 400),
        (Method::GET, "/api/v1/posts?limit=ten", &[], 400),
        (Method::GET, "/api/v1/users?cursor=nonsense", &[], 400),
        (Method::GET, "/api/v1/users?cursor=a&cursor=b", &[], 400),
        (
            Method::GET,
            "/api/v1/users",
            &[("accept", "text/html")],
            406,
        ),
        (Method::PUT, "/api/v1/users", &[], 405),
        (Method::GET, "/api/v1/users?q=%zz", &[], 400),
        (Method::GET, &long_api, &[], 414),
        (
            Method::POST,
            "/api/v1/users",
            &[("sec-fetch-site", "cross-site")],
            403,
        ),
        (
            Method::PUT,
            "/api/v1/users",
            &[("content-length", "2000000")],
            405,
        ),
        (
            Method::GET,
            "/api/v1/users",
            &[("content-length", "2000000")],
            413,
        ),
        (
            Method::GET,
            "/fn/list_posts?query=&cursor=nonsense",
            &[],
            400,
        ),
        (Method::GET, "/fn/list_posts?query=a", &[], 400),
        (Method::GET, "/fn/list_users?cursor=", &[], 400),
        (Method::POST, "/fn/list_posts", &[], 405),
        (Method::GET, "/fn/nowhere", &[], 404),
        (Method::GET, "/test/error", &[], 500),
    ];
    let document = world.get("/api/openapi.json").await.json();
    let codes = &document["components"]["schemas"]["Problem"]["properties"]["code"];
    let codes = codes["description"].as_str().unwrap();
    for (method, address, headers, status) in cases {
        let answer = world.ask(method.clone(), address, headers, "").await;
        let shown = &address[..address.len().min(60)];
        assert_eq!(answer.status, status, "{method} {shown}: {}", answer.body);
        assert_eq!(
            answer.header("cache-control"),
            "no-store",
            "{method} {shown}"
        );
        if status == 405 {
            assert!(
                answer.header("allow").contains("GET"),
                "{method} {shown}: Allow is {:?}",
                answer.header("allow")
            );
        }
        if address.starts_with("/api/") || address.starts_with("/fn/") {
            is_problem(&answer);
            let code = answer.json()["code"].as_str().unwrap().to_owned();
            assert!(
                codes.contains(&format!("`{code}`")),
                "{code} is not documented"
            );
        } else {
            assert!(
                answer.header("content-type").starts_with("text/html"),
                "{method} {shown}"
            );
            assert!(
                answer.body.contains("<h1>") && answer.body.contains("class=\"signpost\""),
                "{method} {shown}: no helpful page"
            );
            assert!(answer.body.contains("noindex"), "{method} {shown}");
        }
    }
}

/// Asserts problem details (RFC 9457) that agree with the response.
fn is_problem(answer: &Answer) {
    let (problem, body) = (answer.json(), &answer.body);
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{body}"
    );
    assert_eq!(problem["status"], answer.status.as_u16(), "{body}");
    let code = problem["code"].as_str().unwrap();
    assert_eq!(problem["type"], format!("urn:problem:{code}"), "{body}");
    for member in ["title", "detail"] {
        assert!(
            problem[member].as_str().is_some_and(|text| text.len() > 3),
            "{body}"
        );
    }
    let fields = problem["fields"].as_object();
    assert_eq!(fields.is_some(), code == "invalid", "{body}");
}

#[tokio::test]
async fn a_field_that_is_not_valid_is_named() {
    let world = World::example();
    for (address, field) in [
        ("/api/v1/posts?limit=0", "limit"),
        ("/api/v1/users?cursor=nonsense", "cursor"),
        ("/api/v1/users?cursor=a&cursor=b", "query"),
        (
            "/api/v1/posts/everything-markdown-can-do-here/comments?limit=x",
            "limit",
        ),
        ("/fn/list_posts?query=&cursor=nonsense", "cursor"),
        ("/fn/list_users?cursor=", "arguments"),
    ] {
        let problem = world.get(address).await.json();
        let fields = problem["fields"].as_object().unwrap();
        assert_eq!(fields.keys().collect::<Vec<_>>(), [field], "{address}");
        assert_eq!(fields[field], problem["detail"], "{address}");
    }
}

#[tokio::test]
async fn head_and_options() {
    let world = World::example();
    for Address { path, .. } in listed::found() {
        let address = path.as_str();
        let get = world.get(address).await;
        let head = world.ask(Method::HEAD, address, &[], "").await;
        assert_eq!(
            (head.status, head.body.as_str()),
            (get.status, ""),
            "{address}"
        );
        assert_eq!(head.header("etag"), get.header("etag"), "{address}");
        assert_eq!(
            head.header("content-length"),
            get.body.len().to_string(),
            "{address}"
        );
        let options = world.ask(Method::OPTIONS, address, &[], "").await;
        assert_eq!(options.status, 204, "{address}");
        assert!(
            options.header("allow").contains("GET") && options.header("allow").contains("OPTIONS"),
            "{address}"
        );
    }
}

#[tokio::test]
async fn unchanged_answers_are_304() {
    let world = World::example();
    for Address { path, .. } in listed::found() {
        let address = path.as_str();
        let first = world.get(address).await;
        assert!(!first.header("etag").is_empty(), "{address}");
        for known in [
            first.header("etag").to_owned(),
            format!("W/{}", first.header("etag")),
            format!("\"x\", {}", first.header("etag")),
        ] {
            let again = world
                .ask(Method::GET, address, &[("if-none-match", &known)], "")
                .await;
            assert_eq!(
                (again.status.as_u16(), again.body.as_str()),
                (304, ""),
                "{address} {known}"
            );
            assert_eq!(again.header("etag"), first.header("etag"));
        }
        for method in [Method::GET, Method::HEAD] {
            let headers = [("if-none-match", first.header("etag"))];
            let again = world.ask(method.clone(), address, &headers, "").await;
            assert_eq!(again.status, 304, "{method} {address}");
            assert_eq!(again.header("content-length"), "", "{method} {address}");
        }
        let other = world
            .ask(Method::GET, address, &[("if-none-match", "\"other\"")], "")
            .await;
        assert_eq!(other.status, 200);
    }
}

#[tokio::test]
async fn an_unmigrated_or_failing_database_is_a_503_or_500_and_never_tells() {
    let world = World::on(Arc::new(Sqlite::in_memory().unwrap()));
    let with_rows = |one: &Address| one.statements > 0;
    for Address { path, .. } in listed::all().into_iter().filter(with_rows) {
        let address = path.as_str();
        let answer = world.get(address).await;
        assert_eq!(answer.status, 503, "{address}");
        assert_eq!(answer.header("retry-after"), "5", "{address}");
        assert_eq!(
            answer.body.contains("cargo x db migrate"),
            address == "/api/health",
            "{address}: {}",
            answer.body
        );
        let in_development = world.in_development().get(address).await;
        assert_eq!(in_development.status, 503, "{address}");
        assert_eq!(
            in_development.body.contains("cargo x db migrate"),
            !address.starts_with("/fn/"),
            "{address}: {}",
            in_development.body
        );
        if answer.header("content-type") == "application/problem+json" {
            is_problem(&answer);
            assert_eq!(answer.json()["retry_after"], 5, "{address}");
        }
    }
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    sqlite.script("PRAGMA writable_schema = ON; INSERT INTO users (id, handle, email, name, bio, role, password_hash, post_count, search_text, created_at, updated_at) VALUES ('not-a-uuid', 'ada', 'a@example.com', 'Ada', '', 'author', '!', 0, '', 1, 1);").unwrap();
    let broken = World::on(sqlite).get("/api/v1/users/ada").await;
    assert_eq!(broken.status, 500);
    assert!(
        broken.json()["id"]
            .as_str()
            .is_some_and(|id| id.len() == 32)
            && !broken.body.contains("not-a-uuid"),
        "{}",
        broken.body
    );
}

#[tokio::test]
async fn a_cursor_that_is_not_valid_leads_to_the_list() {
    let world = World::example();
    for (address, list) in [
        ("/posts?cursor=nonsense", "/posts"),
        (
            "/posts?q=night%20train&cursor=nonsense",
            "/posts?q=night%20train",
        ),
        ("/users?cursor=nonsense&q=a", "/users?q=a"),
        ("/users/tomasz-wrona?cursor=n", "/users/tomasz-wrona"),
        (
            "/posts/one-hundred-loaves?comments=n",
            "/posts/one-hundred-loaves",
        ),
    ] {
        let answer = world.get(address).await;
        assert_eq!(answer.status, 400, "{address}");
        let ways_on = answer.body.split("class=\"signpost\"").nth(1).unwrap();
        let first = ways_on.split("href=\"").nth(1).unwrap();
        assert_eq!(first.split('"').next(), Some(list), "{address}");
    }
    let other = world.get("/posts/no-such-post?comments=").await.body;
    assert!(!other.contains("The beginning of this list"));
}

#[tokio::test]
async fn the_internal_cause_is_never_shown() {
    let world = World::example();
    let (response, _) = world
        .respond(Request::get("/test/error").body(Body::empty()).unwrap())
        .await;
    assert_eq!(response.status(), 500);
    assert!(!world.get("/test/error").await.body.contains("secret"));
}

#[test]
fn constant_headers_allow_nothing_inline() {
    let headers = server::constant_headers(&site());
    let csp = &headers
        .iter()
        .find(|(name, _)| *name == "content-security-policy")
        .unwrap()
        .1;
    assert!(
        !csp.contains("unsafe-inline")
            && !csp.contains("'unsafe-eval'")
            && csp.contains("default-src 'none'"),
        "{csp}"
    );
}

/// Every route, with the headers by which a browser tells of another site, or of a sister domain: nothing is done, whatever there is.
#[tokio::test]
async fn no_route_takes_a_form_from_another_site() {
    let world = World::example();
    let foreign: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site"), FORM],
        &[("sec-fetch-site", "same-site"), FORM],
        &[("origin", "https://evil.example"), FORM],
        &[("origin", "null"), FORM],
    ];
    for route in server::paths() {
        for headers in foreign {
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                let answer = world.ask(method.clone(), &route, headers, "a=b").await;
                assert_eq!(answer.status.as_u16(), 403, "{method} {route} {headers:?}");
                assert_eq!(answer.header("set-cookie"), "", "{method} {route}");
            }
        }
    }
}
