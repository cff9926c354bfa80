//! Which revision of the protocol a request speaks, and what its headers have to say about it.
//!
//! Up to 2025-11-25 a client agrees on a revision by `initialize` and names it in a header from then on. Since 2026-07-28
//! every request carries its revision in `_meta`, and headers repeat what stands in the body. This server remembers
//! nothing between requests, so it serves both kinds, each request by itself.

use super::message::Request;
use rmcp::model::{ErrorData, ProtocolVersion, RequestMetaObject};
use serde_json::Value;
use worker::Headers;

/// The revisions that are spoken, newest first: all that know this transport.
pub(super) const SUPPORTED: [ProtocolVersion; 4] = [
    ProtocolVersion::V_2026_07_28,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_03_26,
];

/// How a request is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    /// 2025-11-25 and earlier.
    Handshake,
    /// 2026-07-28.
    Stateless,
}

/// The headers that repeat what stands in the body.
#[derive(Default)]
pub(super) struct Mirror {
    version: Option<String>,
    method: Option<String>,
    name: Option<String>,
}

impl Mirror {
    pub(super) fn of(headers: &Headers) -> worker::Result<Self> {
        Ok(Self {
            version: headers.get("MCP-Protocol-Version")?,
            method: headers.get("Mcp-Method")?,
            name: headers.get("Mcp-Name")?,
        })
    }

    /// Finds out which era a request is of.
    ///
    /// # Errors
    ///
    /// A revision that is not spoken, headers that contradict the body, and metadata that are missing.
    pub(super) fn era(&self, request: &Request) -> Result<Era, ErrorData> {
        let meta = match request.params.get("_meta") {
            Some(Value::Object(meta)) => RequestMetaObject::from(meta.clone()),
            _ => RequestMetaObject::new(),
        };
        let named = meta.protocol_version();
        // Without a header it is 2025-03-26, which did not have it yet, unless the body says something else.
        let version = match self.version.as_deref().map(known).transpose()? {
            None if named.is_none() => return Ok(Era::Handshake),
            None => return Err(mismatch("MCP-Protocol-Version", None)),
            Some(version) => version,
        };
        if named.as_ref().is_some_and(|named| *named != version) {
            return Err(mismatch("MCP-Protocol-Version", self.version.as_deref()));
        }
        // The handshake is older than 2026-07-28, whatever else a request for it says.
        let is_handshake = request.method == "initialize" && named.is_none();
        if version.has_initialize() || is_handshake {
            return Ok(Era::Handshake);
        }
        let [of_version, of_capabilities] = RequestMetaObject::DRAFT_REQUIRED_KEYS;
        let mut missing = Vec::new();
        if named.is_none() {
            missing.push(of_version);
        }
        if !meta.get(of_capabilities).is_some_and(Value::is_object) {
            missing.push(of_capabilities);
        }
        if !missing.is_empty() {
            let reason = format!("`_meta` lacks {}, or it is none.", missing.join(" and "));
            return Err(ErrorData::invalid_params(reason, None));
        }
        if self.method.as_deref() != Some(request.method.as_str()) {
            return Err(mismatch("Mcp-Method", self.method.as_deref()));
        }
        if request.method == "tools/call"
            && let Some(Value::String(name)) = request.params.get("name")
            && !self
                .name
                .as_deref()
                .is_some_and(|given| given == name || given == encoded(name))
        {
            return Err(mismatch("Mcp-Name", self.name.as_deref()));
        }
        Ok(Era::Stateless)
    }
}

/// The revision of this name.
fn known(name: &str) -> Result<ProtocolVersion, ErrorData> {
    let version = SUPPORTED
        .into_iter()
        .find(|version| version.as_str() == name);
    version.ok_or_else(|| unsupported(name))
}

/// The error about a revision that is not spoken, which names those that are.
fn unsupported(name: &str) -> ErrorData {
    let requested = serde_json::from_value(Value::String(name.to_owned())).unwrap_or_default();
    ErrorData::unsupported_protocol_version(requested, &SUPPORTED)
}

/// The revision that `initialize` agrees on: the one that the client wants, or the newest that has a handshake.
pub(super) fn agreed(wanted: &ProtocolVersion) -> ProtocolVersion {
    let spoken = SUPPORTED.into_iter().find(|version| version == wanted);
    let spoken = spoken.filter(ProtocolVersion::has_initialize);
    spoken.unwrap_or(ProtocolVersion::LATEST_WITH_INITIALIZE)
}

fn mismatch(header: &str, given: Option<&str>) -> ErrorData {
    let message = match given {
        Some(given) => {
            format!("The header {header} is `{given}`, and the body says something else.")
        }
        None => format!("The header {header} is missing."),
    };
    ErrorData::header_mismatch(message, None)
}

/// A name as a header holds it where it may not stand as it is: `=?base64?…?=` around its Base64 (RFC 4648, section 4).
fn encoded(name: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("=?base64?");
    for group in name.as_bytes().chunks(3) {
        let byte = |place: usize| u32::from(group.get(place).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS.get((bits >> (18 - 6 * place)) as usize % 64);
            let digit = digit.filter(|_| place <= group.len());
            text.push(digit.copied().map_or('=', char::from));
        }
    }
    text.push_str("?=");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use rmcp::model::RequestId;
    use serde_json::json;

    fn request(method: &str, params: Value) -> Request {
        let Value::Object(params) = params else {
            panic!("no object");
        };
        Request {
            id: RequestId::Number(1),
            method: method.to_owned(),
            params,
            arguments: None,
        }
    }

    fn meta(version: &str) -> Value {
        json!({
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientCapabilities": {},
        })
    }

    /// Headers: version, method, name.
    #[track_caller]
    fn check(headers: [Option<&str>; 3], request: &Request, expected: Result<Era, i32>) {
        let [version, method, name] = headers.map(|header| header.map(str::to_owned));
        let mirror = Mirror {
            version,
            method,
            name,
        };
        let era = mirror.era(request).map_err(|error| error.code.0);
        assert_eq!(era, expected);
    }

    #[test]
    fn a_request_without_metadata_is_of_the_handshake() {
        let list = request("tools/list", json!({}));
        check([None; 3], &list, Ok(Era::Handshake));
        for version in ["2025-03-26", "2025-06-18", "2025-11-25"] {
            check([Some(version), None, None], &list, Ok(Era::Handshake));
        }
        let initialize = request("initialize", json!({"protocolVersion": "2026-07-28"}));
        check(
            [Some("2026-07-28"), None, None],
            &initialize,
            Ok(Era::Handshake),
        );
    }

    #[test]
    fn a_revision_that_is_not_spoken_is_refused() {
        for version in ["2024-11-05", "2099-01-01", "latest", ""] {
            let list = request("tools/list", json!({"_meta": meta(version)}));
            check([Some(version), None, None], &list, Err(-32022));
        }
        let error = unsupported("2099-01-01");
        let data = error.data.unwrap();
        assert_eq!(data["requested"], "2099-01-01");
        assert_eq!(data["supported"][0], "2026-07-28");
    }

    #[test]
    fn headers_repeat_what_stands_in_the_body() {
        let new = Some("2026-07-28");
        let list = request("tools/list", json!({"_meta": meta("2026-07-28")}));
        let right = Ok(Era::Stateless);
        check([new, Some("tools/list"), None], &list, right);
        check([new, None, None], &list, Err(-32020));
        check([new, Some("tools/call"), None], &list, Err(-32020));
        check([None, Some("tools/list"), None], &list, Err(-32020));
        let old = Some("2025-11-25");
        check([old, Some("tools/list"), None], &list, Err(-32020));

        let params = json!({"name": "get_export", "_meta": meta("2026-07-28")});
        let call = request("tools/call", params);
        let name = |name| [new, Some("tools/call"), name];
        check(name(Some("get_export")), &call, right);
        check(name(Some("=?base64?Z2V0X2V4cG9ydA==?=")), &call, right);
        check(name(Some("list_exports")), &call, Err(-32020));
        check(name(None), &call, Err(-32020));
    }

    #[test]
    fn metadata_that_are_required_are_missed() {
        for params in [
            json!({}),
            json!({"_meta": 1}),
            json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}),
            json!({"_meta": {"io.modelcontextprotocol/clientCapabilities": {}}}),
        ] {
            let list = request("tools/list", params);
            let headers = [Some("2026-07-28"), Some("tools/list"), None];
            check(headers, &list, Err(-32602));
        }
    }

    #[test]
    fn a_handshake_agrees_on_a_revision_that_has_one() {
        let agreed = |text: &str| {
            let wanted = serde_json::from_value(json!(text)).unwrap();
            super::agreed(&wanted).to_string()
        };
        assert_eq!(agreed("2025-06-18"), "2025-06-18");
        assert_eq!(agreed("2025-03-26"), "2025-03-26");
        for other in ["2024-11-05", "2026-07-28", "2099-01-01", "x"] {
            assert_eq!(agreed(other), "2025-11-25", "{other}");
        }
    }

    #[test]
    fn a_name_is_written_in_base64() {
        for (name, text) in [
            ("", ""),
            ("a", "YQ=="),
            ("ab", "YWI="),
            ("Hello, 世界", "SGVsbG8sIOS4lueVjA=="),
        ] {
            assert_eq!(encoded(name), format!("=?base64?{text}?="));
        }
    }
}
