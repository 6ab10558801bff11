//! Encodes the bodies of responses that say how they are encoded, as a Worker's platform does.

use std::io::{self, Write};

use axum::body::Bytes;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::CONTENT_ENCODING;

/// The response as its `Content-Encoding` says.
pub(crate) fn encoded(response: Response<Bytes>) -> io::Result<Response<Bytes>> {
    let is_gzip = response
        .headers()
        .get(CONTENT_ENCODING)
        .is_some_and(|coding| coding == "gzip");
    if !is_gzip || response.body().is_empty() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::default());
    encoder.write_all(&body)?;
    Ok(Response::from_parts(parts, encoder.finish()?.into()))
}
