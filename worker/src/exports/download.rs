//! The file of an export: whole, in ranges, under conditions (RFC 9110, sections 13 and 14).

use super::record::{self, Row, Status};
use crate::audit::Event;
use crate::call::Call;
use crate::catalog;
use crate::chosen::is_personal;
use crate::flow::HTML_POLICY;
use crate::moment::Moment;
use crate::problem::Problem;
use crate::query;
use crate::upload;
use serde_json::{Value, json};
use std::ops::Range;
use worker::{Headers, Request, Response, ResponseBuilder};

/// `GET` and `HEAD /v1/exports/:id/download`.
pub(crate) async fn download(
    id: &str,
    request: &Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    query::refuse(request)?;
    let row = record::find(id, call).await?;
    check_owner(&row, call)?;
    match row.status(call.now()) {
        Status::Pending => return Err(Problem::export_not_ready("PENDING")),
        Status::Processing => return Err(Problem::export_not_ready("PROCESSING")),
        Status::Failed => return Err(Problem::export_failed(&reason(&row))),
        Status::Expired => return Err(Problem::export_expired()),
        Status::Ready => {}
    }
    let file = File::of(&row)?;
    let is_head = request.inner().method() == "HEAD";
    let mut conditions = Conditions::of(request.headers())?;
    if is_head {
        // Ranges are for GET alone (RFC 9110, section 14.2).
        conditions.range = None;
    }
    let mut response = file.headed()?;
    let part = match conditions.outcome(&file) {
        Outcome::NotModified => return Ok(response.with_status(304).empty()),
        Outcome::Failed => return Err(Problem::precondition_failed()),
        Outcome::Unsatisfiable => return Err(Problem::range_not_satisfiable(file.size)),
        Outcome::Whole => None,
        Outcome::Part(part) => Some(part),
    };
    let length = match &part {
        None => file.size,
        Some(part) => {
            let range = format!("bytes {}-{}/{}", part.start, part.end - 1, file.size);
            response = response
                .with_status(206)
                .with_header("Content-Range", &range)?;
            part.end - part.start
        }
    };
    if is_head {
        return Ok(response
            .with_header("Content-Length", &length.to_string())?
            .empty());
    }
    let bucket = upload::bucket(call.env)?;
    let mut get = bucket.get(file.key);
    if let Some(part) = &part {
        get = get.range(worker::Range::OffsetWithLength {
            offset: part.start,
            length,
        });
    }
    let object = get.execute().await?;
    let object = object.ok_or_else(|| Problem::internal("the file of an export is missing"))?;
    let body = object
        .body()
        .ok_or_else(|| Problem::internal("the file of an export has no body"))?;
    Event::of_call(call, call.caller()?, "export.download")
        .on("export", id)
        .with(json!({"bytes": length}))
        .record_within_rate(call)
        .await?;
    Ok(response
        .with_header("Content-Length", &length.to_string())?
        .body(body.response_body()?))
}

/// The data of one user are for that user alone, whoever else of the account may see the row. Nobody knows that of a type
/// that is no longer in the catalog, so its files count as such.
fn check_owner(row: &Row, call: &Call<'_>) -> Result<(), Problem> {
    let is_personal = match &row.resource {
        None => false,
        Some(name) => catalog::of(call.env)?.find(name).map_or(true, is_personal),
    };
    match is_personal && row.created_by != call.caller()?.user_id {
        true => Err(Problem::export_not_found()),
        false => Ok(()),
    }
}

/// Why an export failed, as a sentence.
fn reason(row: &Row) -> String {
    let error: Option<Value> = row
        .error
        .as_deref()
        .and_then(|error| serde_json::from_str(error).ok());
    let message = error
        .as_ref()
        .and_then(|error| error.get("message")?.as_str());
    message.unwrap_or_default().to_owned()
}

/// A file that is there.
struct File<'a> {
    key: &'a str,
    size: u64,
    etag: String,
    modified: Moment,
    content_type: &'a str,
    content_disposition: &'a str,
}

impl<'a> File<'a> {
    fn of(row: &'a Row) -> Result<Self, Problem> {
        let missing = || Problem::internal("an export is ready, but its row is not whole");
        Ok(Self {
            key: row.file_key.as_deref().ok_or_else(missing)?,
            size: row.file_size.ok_or_else(missing)?,
            etag: format!("\"{}\"", row.sha256.as_deref().ok_or_else(missing)?),
            modified: row.completed_at.ok_or_else(missing)?,
            content_type: row.content_type.as_deref().ok_or_else(missing)?,
            content_disposition: row.content_disposition.as_deref().ok_or_else(missing)?,
        })
    }

    /// What every answer about the file says of it.
    fn headed(&self) -> Result<ResponseBuilder, Problem> {
        let mut response = Response::builder()
            .with_header("Content-Type", self.content_type)?
            .with_header("Content-Disposition", self.content_disposition)?
            .with_header("ETag", &self.etag)?
            .with_header("Last-Modified", &self.modified.http_date())?
            .with_header("Accept-Ranges", "bytes")?
            .with_header("Cache-Control", "no-store")?
            .with_header("X-Content-Type-Options", "nosniff")?;
        if self.content_type.starts_with("text/html") {
            response = response.with_header("Content-Security-Policy", HTML_POLICY)?;
        }
        Ok(response)
    }

    fn is_modified_after(&self, date: &str) -> Option<bool> {
        // Headers know whole seconds.
        let seconds = self.modified.0.div_euclid(1000);
        Some(seconds > Moment::from_http_date(date)?.0.div_euclid(1000))
    }

    /// `weak`: whether a weak tag matches as well.
    fn has_tag(&self, tags: &str, weak: bool) -> bool {
        tags.split(',').map(str::trim).any(|tag| {
            let strong = if weak {
                tag.trim_start_matches("W/")
            } else {
                tag
            };
            tag == "*" || strong == self.etag
        })
    }
}

/// The conditions and the range of a request.
#[derive(Default)]
struct Conditions {
    if_match: Option<String>,
    if_unmodified_since: Option<String>,
    if_none_match: Option<String>,
    if_modified_since: Option<String>,
    if_range: Option<String>,
    range: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Whole,
    Part(Range<u64>),
    NotModified,
    Failed,
    Unsatisfiable,
}

impl Conditions {
    fn of(headers: &Headers) -> Result<Self, Problem> {
        Ok(Self {
            if_match: headers.get("If-Match")?,
            if_unmodified_since: headers.get("If-Unmodified-Since")?,
            if_none_match: headers.get("If-None-Match")?,
            if_modified_since: headers.get("If-Modified-Since")?,
            if_range: headers.get("If-Range")?,
            range: headers.get("Range")?,
        })
    }

    /// In the order of RFC 9110, section 13.2.2.
    fn outcome(&self, file: &File<'_>) -> Outcome {
        let failed = match (&self.if_match, &self.if_unmodified_since) {
            (Some(tags), _) => !file.has_tag(tags, false),
            (None, Some(date)) => file.is_modified_after(date) == Some(true),
            (None, None) => false,
        };
        if failed {
            return Outcome::Failed;
        }
        let not_modified = match (&self.if_none_match, &self.if_modified_since) {
            (Some(tags), _) => file.has_tag(tags, true),
            (None, Some(date)) => file.is_modified_after(date) == Some(false),
            (None, None) => false,
        };
        if not_modified {
            return Outcome::NotModified;
        }
        let Some(range) = &self.range else {
            return Outcome::Whole;
        };
        let is_current = match &self.if_range {
            None => true,
            Some(tag) if tag.starts_with('"') => *tag == file.etag,
            // A date has seconds only, too coarse to be strong; so is a weak tag.
            Some(_) => false,
        };
        match is_current {
            true => byte_range(range, file.size),
            false => Outcome::Whole,
        }
    }
}

/// One range of bytes (RFC 9110, section 14.1.2). What is no such range, or several, is as if it were not there.
fn byte_range(header: &str, size: u64) -> Outcome {
    let part = || -> Option<(Option<u64>, Option<u64>)> {
        let (unit, range) = header.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        let number = |text: &str| match text {
            "" => Some(None),
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(Some(digits.parse().unwrap_or(u64::MAX)))
            }
            _ => None,
        };
        let range = (number(first)?, number(last)?);
        let is_range = match range {
            (None, None) => false,
            (Some(first), Some(last)) => first <= last,
            _ => true,
        };
        (unit.trim().eq_ignore_ascii_case("bytes") && is_range).then_some(range)
    };
    let range = match part() {
        None => return Outcome::Whole,
        Some((Some(first), last)) => first..last.unwrap_or(u64::MAX).saturating_add(1).min(size),
        Some((None, last)) => size.saturating_sub(last.unwrap_or(0))..size,
    };
    if range.is_empty() {
        Outcome::Unsatisfiable
    } else {
        Outcome::Part(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_rfc_9110_says() {
        for (header, expected) in [
            ("bytes=0-499", Outcome::Part(0..500)),
            ("bytes=500-", Outcome::Part(500..1000)),
            ("bytes=-200", Outcome::Part(800..1000)),
            ("bytes=-5000", Outcome::Part(0..1000)),
            (
                "bytes=900-99999999999999999999999",
                Outcome::Part(900..1000),
            ),
            ("BYTES=0-0", Outcome::Part(0..1)),
            ("bytes=1000-", Outcome::Unsatisfiable),
            ("bytes=-0", Outcome::Unsatisfiable),
            ("bytes=5-1", Outcome::Whole),
            ("bytes=0-1,5-6", Outcome::Whole),
            ("bytes=", Outcome::Whole),
            ("bytes=-", Outcome::Whole),
            ("rows=0-1", Outcome::Whole),
            ("bytes=a-b", Outcome::Whole),
        ] {
            assert_eq!(byte_range(header, 1000), expected, "{header}");
        }
        assert_eq!(byte_range("bytes=0-", 0), Outcome::Unsatisfiable);
    }

    #[test]
    fn conditions_are_looked_at_in_their_order() {
        let file = File {
            key: "",
            size: 10,
            etag: "\"x\"".into(),
            modified: Moment(784_111_777_500),
            content_type: "",
            content_disposition: "",
        };
        let then = || Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned());
        let before = || Some("Sun, 06 Nov 1994 08:49:36 GMT".to_owned());
        let tag = |tag: &str| Some(tag.to_owned());
        let check = |conditions: Conditions, expected: Outcome| {
            assert_eq!(conditions.outcome(&file), expected);
        };
        let none = Conditions::default;
        check(none(), Outcome::Whole);
        check(
            Conditions {
                if_none_match: tag("\"x\""),
                ..none()
            },
            Outcome::NotModified,
        );
        check(
            Conditions {
                if_none_match: tag("\"a\", W/\"x\""),
                ..none()
            },
            Outcome::NotModified,
        );
        check(
            Conditions {
                if_none_match: tag("*"),
                ..none()
            },
            Outcome::NotModified,
        );
        check(
            Conditions {
                if_none_match: tag("\"a\""),
                if_modified_since: then(),
                ..none()
            },
            Outcome::Whole,
        );
        check(
            Conditions {
                if_modified_since: then(),
                ..none()
            },
            Outcome::NotModified,
        );
        check(
            Conditions {
                if_modified_since: before(),
                ..none()
            },
            Outcome::Whole,
        );
        check(
            Conditions {
                if_match: tag("W/\"x\""),
                ..none()
            },
            Outcome::Failed,
        );
        check(
            Conditions {
                if_match: tag("\"x\""),
                if_unmodified_since: before(),
                ..none()
            },
            Outcome::Whole,
        );
        check(
            Conditions {
                if_unmodified_since: before(),
                ..none()
            },
            Outcome::Failed,
        );
        let range = || tag("bytes=0-0");
        check(
            Conditions {
                range: range(),
                if_range: tag("\"x\""),
                ..none()
            },
            Outcome::Part(0..1),
        );
        check(
            Conditions {
                range: range(),
                if_range: tag("\"y\""),
                ..none()
            },
            Outcome::Whole,
        );
        check(
            Conditions {
                range: range(),
                if_range: then(),
                ..none()
            },
            Outcome::Whole,
        );
        check(
            Conditions {
                range: range(),
                if_none_match: tag("\"x\""),
                ..none()
            },
            Outcome::NotModified,
        );
    }
}
