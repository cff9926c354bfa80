//! What a request's body may be, and reading it piece by piece.

use crate::call;
use crate::problem::Problem;
use crate::reader::Reader;
use futures_util::future::select;
use futures_util::pin_mut;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::time::Duration;
use tablecast::Source;
use web_sys::{ReadableStream, ReadableWritablePair};
use worker::js_sys::{self, Array, Function, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{Delay, Env, Headers, Request};

/// How long and how much is read of a body that was refused.
const GRACE: Duration = Duration::from_secs(1);
const GRACE_BYTES: usize = 1 << 20;

/// Where `MAX_BODY_BYTES` is not set.
const DEFAULT_MAX_BODY_BYTES: u64 = 100_000_000;

/// The most bytes that a body with data may have.
pub(crate) fn max_body_bytes(env: &Env) -> u64 {
    call::number(env, "MAX_BODY_BYTES", DEFAULT_MAX_BODY_BYTES)
}

/// Whether the request has a body at all; one of no bytes is none.
pub(crate) fn is_present(request: &Request) -> Result<bool, Problem> {
    let length = request.headers().get("Content-Length")?;
    Ok(request.inner().body().is_some() && length.as_deref() != Some("0"))
}

/// A request's body, decompressed and counted while it comes in.
pub(crate) struct Body {
    /// `None`: the request has no body at all, which reads as an empty one.
    stream: Option<Reader>,
    received: u64,
    max: u64,
    /// What its media type says it is.
    source: Source,
    coding: Coding,
}

/// How a body is coded on its way (RFC 9110, section 8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
}

impl Body {
    /// Refuses a body of a type that is no input, and one that says itself that it is too large, before anything is read.
    pub(crate) fn open(request: &mut Request, max: u64) -> Result<Self, Problem> {
        let source = source(request.headers())?;
        let coding = coding(request.headers())?;
        let declared = request.headers().get("Content-Length")?;
        if declared
            .and_then(|length| length.parse::<u64>().ok())
            .is_some_and(|length| length > max)
        {
            return Err(Problem::body_too_large(max));
        }
        let stream = match (request.inner().body(), coding) {
            (None, _) => None,
            (Some(body), Coding::Identity) => Some(Reader::new(&body)),
            (Some(body), Coding::Gzip) => Some(Reader::new(&decompressed(&body)?)),
        };
        Ok(Self {
            stream,
            received: 0,
            max,
            source,
            coding,
        })
    }

    /// Reads on for a while and throws away what comes.
    ///
    /// A client that is still sending when the connection closes under it loses the answer that
    /// says why, so one that is nearly done may finish first.
    pub(crate) async fn drain(&mut self) {
        let Some(mut stream) = self.stream.take() else {
            return;
        };
        let rest = async {
            let mut read = 0;
            while let Ok(Some(piece)) = stream.next().await {
                read += piece.len();
                if read > GRACE_BYTES {
                    return;
                }
            }
        };
        let grace = Delay::from(GRACE);
        pin_mut!(rest, grace);
        select(rest, grace).await;
    }

    /// All that is left of it.
    pub(crate) async fn all(&mut self) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            bytes.extend_from_slice(piece);
        }
        Ok(bytes)
    }

    /// What the body is, by its media type.
    pub(crate) fn source(&self) -> Source {
        self.source
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<&[u8]>, Problem> {
        let Some(stream) = &mut self.stream else {
            return Ok(None);
        };
        match stream.next().await {
            Ok(None) => Ok(None),
            Err(_) => Err(match self.coding {
                Coding::Identity => Problem::incomplete_body(),
                Coding::Gzip => Problem::invalid_gzip(),
            }),
            Ok(Some(piece)) => {
                self.received = self.received.saturating_add(piece.len() as u64);
                if self.received > self.max {
                    Err(Problem::body_too_large(self.max))
                } else {
                    Ok(Some(piece))
                }
            }
        }
    }
}

/// A small body that is one JSON document of a known shape.
///
/// # Errors
///
/// Those of [`json_bytes`], and `INVALID_BODY`.
pub(crate) async fn document<T: DeserializeOwned>(
    request: &mut Request,
    max: usize,
) -> Result<T, Problem> {
    // Syntax first: what is no JSON is another mistake than JSON of another shape.
    let bytes = json_bytes(request, max).await?;
    serde_json::from_slice(&bytes).map_err(|error| Problem::invalid_body(&error.to_string()))
}

/// A small body that is one JSON document.
///
/// # Errors
///
/// `UNSUPPORTED_MEDIA_TYPE`, `LIMIT_EXCEEDED`, `INVALID_JSON`.
pub(crate) async fn json_bytes(request: &mut Request, max: usize) -> Result<Vec<u8>, Problem> {
    let bytes = json_text(request, max as u64).await?;
    serde_json::from_slice::<IgnoredAny>(&bytes)
        .map_err(|error| Problem::invalid_json(&error.to_string()))?;
    Ok(bytes)
}

/// A body that says that it is JSON, whatever it is.
///
/// # Errors
///
/// `UNSUPPORTED_MEDIA_TYPE`, `LIMIT_EXCEEDED`.
pub(crate) async fn json_text(request: &mut Request, max: u64) -> Result<Vec<u8>, Problem> {
    let mut body = Body::open(request, max)?;
    let read = match body.source() {
        Source::Json => body.all().await,
        _ => Err(Problem::unsupported_media_type(
            "The body has to be application/json.",
        )),
    };
    if read.is_err() {
        body.drain().await;
    }
    read
}

fn source(headers: &Headers) -> Result<Source, Problem> {
    let content_type = headers.get("Content-Type")?;
    let Some(source) = content_type.as_deref().and_then(source_of) else {
        return Err(Problem::unsupported_media_type(
            "The body has to be application/json, application/x-ndjson, text/csv or text/tab-separated-values.",
        ));
    };
    Ok(source)
}

fn coding(headers: &Headers) -> Result<Coding, Problem> {
    let coding = headers.get("Content-Encoding")?;
    coding_of(coding.as_deref()).ok_or_else(Problem::unsupported_encoding)
}

/// Codings are written in any case, and `x-gzip` is the same as `gzip` (RFC 9110, section 8.4.1.3).
fn coding_of(content_encoding: Option<&str>) -> Option<Coding> {
    let name = content_encoding.unwrap_or("identity").trim();
    match name.to_ascii_lowercase().as_str() {
        "identity" => Some(Coding::Identity),
        "gzip" | "x-gzip" => Some(Coding::Gzip),
        _ => None,
    }
}

/// What a stream of gzip data holds. It fails where they are broken or cut off.
fn decompressed(body: &ReadableStream) -> Result<ReadableStream, Problem> {
    // `web-sys` has the class only with a flag for the whole build.
    let gzip = || -> Result<ReadableWritablePair, JsValue> {
        let class: Function =
            Reflect::get(&js_sys::global(), &"DecompressionStream".into())?.dyn_into()?;
        let stream = Reflect::construct(&class, &Array::of1(&"gzip".into()))?;
        Ok(stream.unchecked_into())
    };
    let gzip = gzip().map_err(worker::Error::from)?;
    Ok(body.pipe_through(&gzip))
}

/// `application/json` or a type with the suffix `+json` (RFC 6839), one of the names in use for JSON Lines, or what is
/// delimited, with or without parameters.
fn source_of(content_type: &str) -> Option<Source> {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "text/csv" => return Some(Source::Csv),
        "text/tab-separated-values" => return Some(Source::Tsv),
        _ => {}
    }
    match essence.strip_prefix("application/")? {
        "json" => Some(Source::Json),
        "x-ndjson" | "ndjson" | "jsonl" | "x-jsonlines" => Some(Source::JsonLines),
        subtype => {
            let suffixed = subtype.ends_with("+json") && subtype.len() > "+json".len();
            suffixed.then_some(Source::Json)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_types_are_taken_with_any_parameters() {
        for content_type in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/vnd.api+json",
        ] {
            assert_eq!(
                source_of(content_type),
                Some(Source::Json),
                "{content_type}"
            );
        }
    }

    #[test]
    fn delimited_text_is_told_by_its_type() {
        assert_eq!(
            source_of("text/csv; header=present; charset=utf-8"),
            Some(Source::Csv)
        );
        assert_eq!(source_of("Text/Tab-Separated-Values"), Some(Source::Tsv));
    }

    #[test]
    fn gzip_is_the_only_coding() {
        assert_eq!(coding_of(None), Some(Coding::Identity));
        assert_eq!(coding_of(Some("Identity")), Some(Coding::Identity));
        assert_eq!(coding_of(Some("GZIP")), Some(Coding::Gzip));
        assert_eq!(coding_of(Some("x-gzip")), Some(Coding::Gzip));
        for other in ["", "br", "deflate", "gzip, gzip", "identity, gzip"] {
            assert_eq!(coding_of(Some(other)), None, "{other}");
        }
    }

    #[test]
    fn other_types_are_no_input() {
        for content_type in [
            "",
            "text/plain",
            "text/json",
            "application/jsonp",
            "application/+json",
            "multipart/form-data",
        ] {
            assert_eq!(source_of(content_type), None, "{content_type}");
        }
    }
}
