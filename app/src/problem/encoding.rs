//! Problems of server functions: how they are encoded, and those that Leptos finds itself.

use std::collections::BTreeMap;

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};

use super::Problem;

/// The encoding `application/problem+json`.
#[derive(Debug)]
pub struct ProblemJson;

impl ContentType for ProblemJson {
    const CONTENT_TYPE: &'static str = "application/problem+json";
}

impl FormatType for ProblemJson {
    const FORMAT_TYPE: Format = Format::Text;
}

impl Encodes<Problem> for ProblemJson {
    type Error = serde_json::Error;

    fn encode(problem: &Problem) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(problem).map(Bytes::from)
    }
}

impl Decodes<Problem> for ProblemJson {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<Problem, Self::Error> {
        serde_json::from_slice(&bytes)
    }
}

impl FromServerFnError for Problem {
    type Encoder = ProblemJson;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(why) | ServerFnErrorErr::MissingArg(why) => bad_arguments(why),
            // On the server this is a body that cannot be read, in the browser a response that cannot be.
            ServerFnErrorErr::Deserialization(why) if cfg!(feature = "ssr") => bad_arguments(why),
            ServerFnErrorErr::Request(_) => {
                Self::unavailable("The site cannot be reached. Check the connection and try again.")
            }
            ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Response(_) => Self::unavailable(
                "The site did not answer as it should. Please try again in a moment.",
            ),
        }
    }
}

/// Arguments that do not fit the function; `why` names the one.
fn bad_arguments(why: String) -> Problem {
    Problem::invalid(BTreeMap::from([("arguments".to_owned(), why)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_round_trip() {
        let mut problem = Problem::unavailable("The database did not answer in time.");
        assert_eq!(Problem::de(problem.ser()), problem);
        problem.id = Some("0123".to_owned());
        problem
            .fields
            .insert("limit".to_owned(), "Too large.".to_owned());
        assert_eq!(Problem::de(problem.ser()), problem);
    }

    #[test]
    fn members_without_a_value_are_left_out() {
        let problem = Problem::new(404, "not_found", "Nothing here", "There is nothing here.");
        assert_eq!(
            serde_json::to_string(&problem).expect("JSON"),
            r#"{"type":"urn:problem:not_found","title":"Nothing here","status":404,"detail":"There is nothing here.","code":"not_found"}"#
        );
    }
}
