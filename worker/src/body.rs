//! What a request's body may be, and reading it piece by piece.

use crate::problem::Problem;
use futures_util::StreamExt;
use worker::{ByteStream, Headers, Request};

/// A request's body, counted while it comes in.
pub(crate) struct Body {
    /// `None`: the request has no body at all, which reads as an empty one.
    stream: Option<ByteStream>,
    received: u64,
    max: u64,
}

impl Body {
    /// Refuses a body of another type than JSON, and one that says itself that it is too large, before anything is read.
    pub(crate) fn open(request: &mut Request, max: u64) -> Result<Self, Problem> {
        check_type(request.headers())?;
        let declared = request.headers().get("Content-Length")?;
        if declared
            .and_then(|length| length.parse::<u64>().ok())
            .is_some_and(|length| length > max)
        {
            return Err(Problem::body_too_large(max));
        }
        let stream = match request.inner().body() {
            Some(_) => Some(request.stream()?),
            None => None,
        };
        Ok(Self {
            stream,
            received: 0,
            max,
        })
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let Some(stream) = &mut self.stream else {
            return Ok(None);
        };
        match stream.next().await {
            None => Ok(None),
            Some(Err(_)) => Err(Problem::incomplete_body()),
            Some(Ok(piece)) => {
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

fn check_type(headers: &Headers) -> Result<(), Problem> {
    let content_type = headers.get("Content-Type")?;
    if !content_type.as_deref().is_some_and(is_json) {
        return Err(Problem::unsupported_media_type(
            "The body has to be application/json.",
        ));
    }
    match headers.get("Content-Encoding")?.as_deref() {
        None | Some("identity") => Ok(()),
        Some(_) => Err(Problem::unsupported_media_type(
            "The body has to come without a content encoding.",
        )),
    }
}

/// `application/json` or a type with the suffix `+json` (RFC 6839), with or without parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.strip_prefix("application/") {
        Some(subtype) => {
            subtype == "json" || (subtype.ends_with("+json") && subtype.len() > "+json".len())
        }
        None => false,
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
            assert!(is_json(content_type), "{content_type}");
        }
    }

    #[test]
    fn other_types_are_not_json() {
        for content_type in [
            "",
            "text/plain",
            "text/json",
            "application/jsonp",
            "application/+json",
            "multipart/form-data",
        ] {
            assert!(!is_json(content_type), "{content_type}");
        }
    }
}
