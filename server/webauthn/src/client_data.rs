//! The client data: what the browser says about the ceremony (5.8.1).

use serde::Deserialize;

use crate::{Expected, FailedStep, encode};

/// The ceremony that an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ceremony {
    Create,
    Get,
}

impl Ceremony {
    const fn word(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// The members that are looked at; browsers may add others.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<String>,
}

/// Verifies the client data, and with them that the browser has asked for this ceremony, on this site, now.
pub(crate) fn verify(
    json: &[u8],
    ceremony: Ceremony,
    expected: &Expected<'_>,
) -> Result<(), FailedStep> {
    let data = parse(json)?;
    require(data.r#type == ceremony.word(), FailedStep::Type)?;
    require(
        data.challenge == encode(expected.challenge),
        FailedStep::Challenge,
    )?;
    require(data.origin == expected.origin, FailedStep::Origin)?;
    require(
        !data.cross_origin && data.top_origin.is_none(),
        FailedStep::CrossOrigin,
    )
}

/// "Let JSONtext be the result of running UTF-8 decode on the value of cData", and parse it.
fn parse(json: &[u8]) -> Result<ClientData, FailedStep> {
    // UTF-8 decode leaves a mark of the byte order out.
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    serde_json::from_slice(json).map_err(|_| FailedStep::ClientData)
}

pub(crate) fn require(holds: bool, step: FailedStep) -> Result<(), FailedStep> {
    if holds { Ok(()) } else { Err(step) }
}
