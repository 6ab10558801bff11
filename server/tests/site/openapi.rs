//! The API against its own description.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::support::World;

#[tokio::test]
async fn answers_are_as_openapi_describes_them() {
    let world = World::example();
    let document = world.get("/api/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let rows = db_cli::example_rows();
    let post = rows
        .posts
        .iter()
        .find(|post| post.comment_count > 3)
        .unwrap();
    let handle = &rows
        .users
        .iter()
        .find(|user| user.deleted_at.is_none())
        .unwrap()
        .handle;
    let withdrawn = "the-house-style-in-nine-lines";
    let mut checked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let address = path
            .replace("{handle}", handle)
            .replace("{slug}", &post.slug);
        let missing = path
            .replace("{handle}", "nobody-here")
            .replace("{slug}", "no-such-post");
        let responses = &methods["get"]["responses"];
        // What needs a token is asked for in `api_me`.
        if !methods["get"]["security"].is_null() {
            continue;
        }
        let gone = path
            .replace("{slug}", withdrawn)
            .replace("{handle}", handle);
        let long = format!("{address}?a={}", "x".repeat(2_000));
        let has_limit = methods["get"]["parameters"].to_string().contains("limit");
        let limited = format!("{address}?limit=0");
        let (is_named, is_post) = (path.contains('{'), path.contains("{slug}"));
        for (applies, method, address, headers, status) in [
            (true, Method::GET, &address, ("accept", "*/*"), "200"),
            (is_named, Method::GET, &missing, ("accept", "*/*"), "404"),
            (is_post, Method::GET, &gone, ("accept", "*/*"), "410"),
            (has_limit, Method::GET, &limited, ("accept", "*/*"), "400"),
            (
                true,
                Method::GET,
                &format!("{address}?q=%ff"),
                ("accept", "*/*"),
                "400",
            ),
            (true, Method::PUT, &address, ("accept", "*/*"), "405"),
            (true, Method::GET, &address, ("accept", "text/html"), "406"),
            (
                true,
                Method::GET,
                &address,
                ("content-length", "1000001"),
                "413",
            ),
            (true, Method::GET, &long, ("accept", "*/*"), "414"),
        ] {
            let media_type = match status {
                "200" => "application/json",
                _ => "application/problem+json",
            };
            let schema = &responses[status]["content"][media_type]["schema"];
            if !applies {
                continue;
            }
            assert!(!schema.is_null(), "{path}: {status} is not documented");
            let answer = world.ask(method, address, &[headers], "").await;
            assert_eq!(answer.status.as_str(), status, "{address}");
            assert_eq!(answer.header("content-type"), media_type, "{address}");
            let strict = strict(
                json!({ "$ref": schema["$ref"], "components": document["components"] }),
                schema,
            );
            let validator = jsonschema::validator_for(&strict).unwrap();
            let wrong: Vec<String> = validator
                .iter_errors(&answer.json())
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{address}: {wrong:?}");
            checked += 1;
        }
    }
    assert!(checked >= 40, "only {checked} answers were checked");
}

#[test]
fn the_description_is_that_of_the_handlers() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/openapi.json");
    let built = server::api_description().to_pretty_json().unwrap() + "\n";
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        std::fs::write(file, &built).unwrap();
    }
    let kept = std::fs::read_to_string(file).unwrap();
    assert!(
        kept == built,
        "server/src/api/openapi.json is not what the handlers say. Write it by `INSTA_UPDATE=always cargo test -p server \
         --features test_routes --test site the_description`, and read the difference"
    );
}

/// The schema, with nothing allowed that it does not name.
fn strict(mut document: Value, schema: &Value) -> Value {
    if schema["$ref"].is_null() {
        let mut inline = schema.clone();
        inline["components"] = document["components"].clone();
        document = inline;
    }
    fn close(value: &mut Value) {
        if let Some(object) = value.as_object_mut() {
            if object.contains_key("properties") {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
            object.values_mut().for_each(close);
        } else if let Some(list) = value.as_array_mut() {
            list.iter_mut().for_each(close);
        }
    }
    close(&mut document["components"]);
    document
}

#[tokio::test]
async fn every_operation_and_response_is_documented() {
    const PROBLEM: &str = "#/components/schemas/Problem";
    let document = World::example().get("/api/openapi.json").await.json();
    let mut operations = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(operations.insert(id), "{path}: {id} is another's id");
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(summary.ends_with('.'), "{path}: {summary}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{path}: {parameter}");
            }
            let responses = operation["responses"].as_object().unwrap();
            for (status, response) in responses {
                let description = response["description"].as_str().unwrap_or_default();
                assert!(description.ends_with('.'), "{path} {status}: {description}");
                let content = response["content"].as_object();
                let types: Vec<_> = content.into_iter().flat_map(|types| types.keys()).collect();
                if status.as_str() >= "400" {
                    assert_eq!(types, ["application/problem+json"], "{path} {status}");
                    let schema = &response["content"]["application/problem+json"]["schema"];
                    assert_eq!(schema["$ref"], PROBLEM, "{path} {status}");
                } else if status.starts_with('2') {
                    assert_eq!(types, ["application/json"], "{path} {status}");
                }
            }
            let is_done = responses.keys().any(|status| status.starts_with('2'));
            assert!(is_done, "{path}: no success is documented");
            for status in ["400", "405", "406", "413", "414", "500", "503"] {
                assert!(
                    responses.contains_key(status),
                    "{path}: {status} is missing"
                );
            }
        }
    }
    assert!(operations.len() >= 10, "{operations:?}");
}
