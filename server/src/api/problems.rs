//! How the API documents its problems.

use app::{Problem, ProblemJson};
use leptos::server_fn::ContentType;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OpenApi, Ref, Response, ResponseBuilder, Type,
};
use utoipa::{PartialSchema, ToSchema};

/// The media type of a problem.
pub(super) const PROBLEM_JSON: &str = ProblemJson::CONTENT_TYPE;

/// Adds the problems that every operation can answer with.
pub(super) fn add_common(document: &mut OpenApi) {
    let retry_after = HeaderBuilder::new()
        .description(Some("Seconds to wait before trying again."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::Integer)));
    let allow = HeaderBuilder::new()
        .description(Some("The methods that the address accepts."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    let common = [
        (
            "400",
            problem("The address is not valid: a parameter that is read is not UTF-8 text.")
                .build(),
        ),
        (
            "405",
            problem("The address does not accept this method.")
                .header("Allow", allow.build())
                .build(),
        ),
        ("406", problem("The request accepts no JSON.").build()),
        (
            "413",
            problem("The body of the request is too large.").build(),
        ),
        ("414", problem("The address is too long.").build()),
        (
            "500",
            problem("The server failed; `id` names the entry in its log.").build(),
        ),
        (
            "503",
            problem("The site cannot answer now, for example because its database is away.")
                .header("Retry-After", retry_after.build())
                .build(),
        ),
    ];
    let items = document.paths.paths.values_mut();
    for operation in items.filter_map(|item| item.get.as_mut()) {
        for (status, response) in &common {
            let responses = &mut operation.responses.responses;
            responses
                .entry((*status).to_owned())
                .or_insert_with(|| Response::clone(response).into());
        }
    }
    let components = document.components.get_or_insert_default();
    components
        .schemas
        .insert(Problem::name().into_owned(), Problem::schema());
}

fn problem(description: &str) -> ResponseBuilder {
    let schema = Ref::from_schema_name(Problem::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, content)
}
