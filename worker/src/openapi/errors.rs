//! The answers that are errors: every code with its status, and what each operation may answer.

use crate::problem::title;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The content of `errors.json`.
#[derive(Deserialize)]
pub(super) struct Errors {
    codes: BTreeMap<String, Code>,
    /// Codes, and other groups, that come together.
    groups: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Code {
    status: u16,
    description: String,
    #[serde(default)]
    headers: Vec<String>,
}

impl Errors {
    pub(super) fn read() -> Option<Self> {
        super::read(include_str!("errors.json"))
    }

    /// All codes with what they mean.
    pub(super) fn schema(&self) -> Value {
        let codes: Vec<_> = self
            .codes
            .iter()
            .map(|(code, row)| json!({"const": code, "description": row.description}))
            .collect();
        json!({"description": "The stable codes of problems and of failed exports.", "oneOf": codes})
    }

    /// The codes behind these codes and groups.
    pub(super) fn expand(&self, words: &[&str]) -> Option<Vec<&str>> {
        let mut codes = Vec::new();
        for word in words {
            if let Some(group) = self.groups.get(*word) {
                let group: Vec<_> = group.iter().map(String::as_str).collect();
                codes.extend(self.expand(&group)?);
            } else {
                let (code, _) = self.codes.get_key_value(*word)?;
                codes.push(code.as_str());
            }
        }
        Some(codes)
    }

    /// The answers with these codes, by their statuses.
    pub(super) fn responses(
        &self,
        codes: &[&str],
        headers: &Map<String, Value>,
    ) -> Option<Map<String, Value>> {
        let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        for code in codes {
            let of_status = by_status.entry(self.codes.get(*code)?.status).or_default();
            if !of_status.contains(code) {
                of_status.push(code);
            }
        }
        let responses = by_status.into_iter().map(|(status, codes)| {
            let response = self.response(status, &codes, headers)?;
            Some((status.to_string(), response))
        });
        responses.collect()
    }

    /// The answer of one status.
    pub(super) fn response(
        &self,
        status: u16,
        codes: &[&str],
        headers: &Map<String, Value>,
    ) -> Option<Value> {
        let rows: Option<Vec<_>> = codes.iter().map(|code| self.codes.get(*code)).collect();
        let rows = rows?;
        let mut names: Vec<String> = vec!["Cache-Control".into()];
        for name in rows.iter().flat_map(|row| &row.headers) {
            let is_always = rows.iter().all(|row| row.headers.contains(name));
            let name = match is_always || name.ends_with('?') {
                true => name.clone(),
                false => format!("{name}?"),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Some(json!({
            "description": format!("{}: `{}`.", title(status), codes.join("`, `")),
            "headers": self::headers(&names, headers)?,
            "content": {"application/problem+json": {"schema": {"allOf": [
                {"$ref": "#/components/schemas/Problem"},
                {"type": "object", "properties": {"status": {"const": status}, "error": {"enum": codes}}},
            ]}}},
        }))
    }
}

/// The headers of an answer: the request's id, and those of these names. One that ends with a question mark does not
/// always come.
pub(super) fn headers(names: &[String], known: &Map<String, Value>) -> Option<Value> {
    let mut headers = Map::new();
    for name in std::iter::once("X-Request-Id").chain(names.iter().map(String::as_str)) {
        let (name, header) = match name.strip_suffix('?') {
            None => {
                known.get(name)?;
                let header = json!({"$ref": format!("#/components/headers/{name}")});
                (name, header)
            }
            Some(name) => {
                let mut header = known.get(name)?.clone();
                header
                    .as_object_mut()?
                    .insert("required".into(), json!(false));
                (name, header)
            }
        };
        headers.insert(name.to_owned(), header);
    }
    Some(Value::Object(headers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::problem::status_of;
    use std::collections::BTreeSet;

    const SERVICE: &str = include_str!("../problem/service.rs");
    const ENGINE: &str = include_str!("../problem/mod.rs");

    /// Codes of the engine that never come from here, each for a reason.
    const NEVER: [&str; 1] = [
        // The Worker is built with the table of time zones.
        "time_zone_not_loaded",
    ];

    /// The problems that the service itself finds: `Self::new(status, "CODE", …)`.
    fn of_service() -> BTreeSet<(u16, String)> {
        let calls = SERVICE.split("Self::new(").skip(1);
        let codes = calls.map(|call| {
            let (status, rest) = call.split_once(',').unwrap();
            let (_, rest) = rest.split_once('"').unwrap();
            let (code, _) = rest.split_once('"').unwrap();
            (status.trim().parse().unwrap(), code.to_owned())
        });
        codes.collect()
    }

    /// The codes of the engine: the texts in the map of their statuses.
    fn of_engine() -> BTreeSet<(u16, String)> {
        let (_, map) = ENGINE.split_once("fn status_of").unwrap();
        let (map, _) = map.split_once("\n}\n").unwrap();
        let codes = map.split('"').skip(1).step_by(2);
        codes
            .filter(|code| !NEVER.contains(code))
            .map(|code| (status_of(code), code.to_ascii_uppercase()))
            .collect()
    }

    #[test]
    fn the_list_holds_the_codes_that_can_be_sent_and_no_other() {
        let errors = Errors::read().unwrap();
        let listed: BTreeSet<_> = errors
            .codes
            .iter()
            .map(|(code, row)| (row.status, code.clone()))
            .collect();
        let sent: BTreeSet<_> = of_service().union(&of_engine()).cloned().collect();
        assert!(of_service().len() > 25 && of_engine().len() > 15);
        assert_eq!(listed, sent);
    }

    #[test]
    fn every_code_stands_where_it_can_come() {
        let document = crate::openapi::assemble(&Catalog::shipped())
            .unwrap()
            .to_string();
        let errors = Errors::read().unwrap();
        for code in errors.codes.keys() {
            // Once in the list of all codes, and once more where it is an answer or the error of an export.
            assert!(
                document.matches(&format!("\"{code}\"")).count() > 1,
                "{code}"
            );
        }
    }

    #[test]
    fn a_header_that_only_some_codes_have_is_not_required() {
        let errors = Errors::read().unwrap();
        let headers =
            json!({"X-Request-Id": {}, "Cache-Control": {}, "Retry-After": {"required": true}});
        let headers = headers.as_object().unwrap();
        let both = ["EXPORT_NOT_READY", "EXPORT_FAILED"];
        let response = errors.response(409, &both, headers).unwrap();
        assert_eq!(response["headers"]["Retry-After"]["required"], false);
        let one = errors.response(409, &both[..1], headers).unwrap();
        assert!(one["headers"]["Retry-After"].get("$ref").is_some());
    }
}
