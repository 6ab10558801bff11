//! The API's problems, and how it documents them.

use std::collections::BTreeMap;

use app::{AppError, Problem, ProblemJson};
use leptos::server_fn::ContentType;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OpenApi, PathItem, Ref, Response, ResponseBuilder, Type,
};
use utoipa::{PartialSchema, ToSchema};

/// The media type of a problem.
pub(super) const PROBLEM_JSON: &str = ProblemJson::CONTENT_TYPE;

/// The beginning of the addresses where tokens are read.
pub(super) const TOKENS_ARE_READ_BELOW: &str = "/api/v1/";

/// The problem of a body whose members are not valid, with a sentence for each.
pub(super) fn not_taken<F: Into<String>, W: Into<String>>(
    fields: impl IntoIterator<Item = (F, W)>,
) -> Problem {
    let fields = fields.into_iter();
    let fields: BTreeMap<String, String> = fields
        .map(|(field, why)| (field.into(), why.into()))
        .collect();
    Problem {
        status: 422,
        title: "That did not work".to_owned(),
        ..Problem::invalid(fields)
    }
}

/// The problem of somebody who may not do this; `detail` says why.
pub(super) fn forbidden(detail: &str) -> Problem {
    Problem {
        detail: detail.to_owned(),
        ..AppError::Forbidden.into()
    }
}

/// Adds the problems that every operation can answer with.
pub(super) fn add_common(document: &mut OpenApi) {
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
                .header("Retry-After", retry_after())
                .build(),
        ),
    ];
    let of_tokens = [
        ("401", unauthorized()),
        (
            "429",
            problem("Too many requests of this kind came from this network, or too many changes from this account, within a minute.")
                .header("Retry-After", retry_after())
                .build(),
        ),
    ];
    for (path, item) in &mut document.paths.paths {
        let reads_tokens = path.starts_with(TOKENS_ARE_READ_BELOW);
        let of_tokens = of_tokens.iter().filter(|_| reads_tokens);
        let responses: Vec<_> = common.iter().chain(of_tokens).collect();
        for operation in operations_of(item) {
            for (status, response) in &responses {
                let documented = &mut operation.responses.responses;
                documented
                    .entry((*status).to_owned())
                    .or_insert_with(|| Response::clone(response).into());
            }
        }
    }
    let components = document.components.get_or_insert_default();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("wpt_…")
        .description(Some(
            "A token that somebody has made in the settings of their account. Each scope includes the ones before it: `read`, `write`, \
             `admin`.",
        ));
    components.add_security_scheme("token", SecurityScheme::Http(scheme.build()));
    components
        .schemas
        .insert(Problem::name().into_owned(), Problem::schema());
}

/// The operations of a path, whatever their methods.
fn operations_of(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let methods = [
        &mut item.get,
        &mut item.post,
        &mut item.patch,
        &mut item.delete,
    ];
    methods.into_iter().flatten()
}

fn retry_after() -> Header {
    HeaderBuilder::new()
        .description(Some("Seconds to wait before trying again."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::Integer)))
        .build()
}

fn unauthorized() -> Response {
    let challenge = HeaderBuilder::new()
        .description(Some("The way to authenticate (RFC 6750)."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    problem("The token is missing where one is needed, is wrong, was revoked or has expired.")
        .header("WWW-Authenticate", challenge.build())
        .build()
}

fn problem(description: &str) -> ResponseBuilder {
    let schema = Ref::from_schema_name(Problem::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, content)
}
