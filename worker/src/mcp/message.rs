//! One message of JSON-RPC 2.0, as the Model Context Protocol narrows it down: an object, never a batch, and a request has
//! an id.
//!
//! The envelope is read by itself, since a method that does not exist, parameters that do not fit and what is no message
//! at all are three different errors. A type for all messages at once could tell only that something is wrong.

use crate::raw;
use rmcp::model::{ErrorCode, ErrorData, JsonObject, RequestId};
use serde::Deserialize;
use serde_json::Value;

/// What a body holds.
#[derive(Debug)]
pub(super) enum Message {
    Request(Request),
    /// It wants no answer.
    Notification,
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: RequestId,
    pub(super) method: String,
    pub(super) params: JsonObject,
    /// Of the parameters `arguments` as it stands in the body, since values do not keep all digits.
    pub(super) arguments: Option<String>,
}

/// A message that is none. The id is that of the message, as far as it could be read.
#[derive(Debug)]
pub(super) struct Malformed {
    pub(super) id: Option<RequestId>,
    pub(super) error: ErrorData,
}

/// Reads a body.
pub(super) fn read(body: &[u8]) -> Result<Message, Malformed> {
    let value = serde_json::from_slice(body).map_err(|error| {
        let message = format!("The body is not valid JSON: {error}.");
        malformed(None, ErrorCode::PARSE_ERROR, message)
    })?;
    let invalid = |id: &Option<RequestId>, reason: &str| {
        malformed(id.clone(), ErrorCode::INVALID_REQUEST, reason.to_owned())
    };
    let mut members = match value {
        Value::Object(members) => members,
        Value::Array(_) => return Err(invalid(&None, "Batches are not taken: send one message.")),
        _ => return Err(invalid(&None, "A message is an object.")),
    };
    let id = members.remove("id").map(RequestId::deserialize).transpose();
    let id = id.map_err(|_| invalid(&None, "`id` is a text or a whole number."))?;
    if members
        .get("jsonrpc")
        .is_none_or(|version| version != "2.0")
    {
        return Err(invalid(&id, "`jsonrpc` is \"2.0\"."));
    }
    // This server asks its clients nothing, so there is nothing that they could answer.
    let Some(Value::String(method)) = members.remove("method") else {
        return Err(invalid(&id, "`method` is missing, or no text."));
    };
    let params = match members.remove("params") {
        None => JsonObject::new(),
        Some(Value::Object(params)) => params,
        Some(_) => {
            let reason = "`params` is an object.".to_owned();
            return Err(malformed(id, ErrorCode::INVALID_PARAMS, reason));
        }
    };
    Ok(match id {
        Some(id) => Message::Request(Request {
            id,
            method,
            params,
            arguments: arguments(body),
        }),
        None => Message::Notification,
    })
}

fn arguments(body: &[u8]) -> Option<String> {
    let body = serde_json::from_slice(body).ok()?;
    let arguments = raw::member(raw::member(body, "params")?, "arguments")?;
    Some(arguments.get().to_owned())
}

fn malformed(id: Option<RequestId>, code: ErrorCode, message: String) -> Malformed {
    let error = ErrorData::new(code, message, None);
    Malformed { id, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_an_id_and_a_notification_has_none() {
        let text = r#"{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{"cursor":"x"}}"#;
        let Message::Request(request) = read(text.as_bytes()).unwrap() else {
            panic!("no request");
        };
        assert_eq!(request.id, RequestId::String("a".into()));
        assert_eq!(request.method, "tools/list");
        assert_eq!(request.params["cursor"], "x");
        assert_eq!(request.arguments, None);
        let text = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        assert!(matches!(
            read(text.as_bytes()).unwrap(),
            Message::Notification
        ));
    }

    #[test]
    fn arguments_keep_their_digits() {
        let text = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"a": 0.30000000000000001}}}"#;
        let Message::Request(request) = read(text.as_bytes()).unwrap() else {
            panic!("no request");
        };
        assert_eq!(request.arguments.unwrap(), r#"{"a": 0.30000000000000001}"#);
        assert_eq!(request.params["arguments"]["a"], 0.3);
    }

    #[test]
    fn what_is_no_message_is_refused_with_the_id_that_it_has() {
        for (text, code, id) in [
            ("", -32700, None),
            ("{", -32700, None),
            ("[]", -32600, None),
            (
                r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
                -32600,
                None,
            ),
            ("null", -32600, None),
            (
                r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
                -32600,
                None,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
                -32600,
                None,
            ),
            (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600, None),
            (
                r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
                -32600,
                Some(1),
            ),
            (r#"{"id":1,"method":"ping"}"#, -32600, Some(1)),
            (r#"{"jsonrpc":"2.0","id":1}"#, -32600, Some(1)),
            (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32600, Some(1)),
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, -32600, Some(1)),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#,
                -32602,
                Some(1),
            ),
        ] {
            let malformed = read(text.as_bytes()).unwrap_err();
            assert_eq!(malformed.error.code.0, code, "{text}");
            assert_eq!(malformed.id, id.map(RequestId::Number), "{text}");
        }
    }
}
