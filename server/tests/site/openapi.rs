//! The API against its own description.

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
    let mut checked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let address = path
            .replace("{handle}", handle)
            .replace("{slug}", &post.slug);
        let missing = path
            .replace("{handle}", "nobody-here")
            .replace("{slug}", "no-such-post");
        let responses = &methods["get"]["responses"];
        for (address, status) in [
            (address.clone(), "200"),
            (missing, "404"),
            (format!("{address}?limit=0"), "400"),
        ] {
            let schema = &responses[status]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            let answer = world.get(&address).await;
            assert_eq!(answer.status.as_str(), status, "{address}");
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
    assert!(checked >= 12, "only {checked} answers were checked");
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
