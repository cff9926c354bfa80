//! Filters on the records of a resource: checked against its definition, and kept as they were given.

use crate::moment::Moment;
use crate::problem::Problem;
use crate::query::{self, Query};
use serde_json::{Map, Value, json};
use tablecast::{Field, FieldType, Filter, FilterTest, Resource};

/// The longest value.
pub(crate) const MAX_VALUE: usize = 255;

/// What a request gives: by the name of a filter a text, or a list of texts for one that takes several.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filters(Map<String, Value>);

impl Filters {
    /// Takes the filters of a resource out of a query; several values are separated by commas.
    pub(crate) fn from_query(query: &mut Query, resource: &Resource) -> Result<Self, Problem> {
        let mut given = Map::new();
        for filter in &resource.filters {
            let Some(text) = query.text(&filter.name) else {
                continue;
            };
            let value = match filter.test {
                FilterTest::AnyOf { .. } => {
                    let values = text.split(',').map(|value| json!(value.trim()));
                    Value::Array(values.collect())
                }
                _ => json!(text),
            };
            given.insert(filter.name.clone(), value);
        }
        Self::checked(given, resource)
    }

    /// Reads the filters of a body.
    pub(crate) fn from_json(given: &Value, resource: &Resource) -> Result<Self, Problem> {
        let Value::Object(members) = given else {
            return Err(Problem::invalid_parameter(
                "filters",
                "is an object of filters by their names",
            ));
        };
        let mut members = members.clone();
        members.retain(|_, value| !value.is_null());
        if let Some(name) = members.keys().find(|name| resource.filter(name).is_none()) {
            let known: Vec<_> = resource
                .filters
                .iter()
                .map(|filter| filter.name.as_str())
                .collect();
            return Err(Problem::unknown_parameter(name, &known));
        }
        Self::checked(members, resource)
    }

    /// Filters that were checked before.
    pub(crate) fn stored(text: &str) -> Result<Self, Problem> {
        let members = serde_json::from_str(text);
        members
            .map(Self)
            .map_err(|_| Problem::internal("the filters of an export are damaged"))
    }

    /// As they are stored and shown.
    pub(crate) fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    /// What a filter was given; null where it was not.
    pub(crate) fn get(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// The filters that were given, with their values as the database compares them: a moment in its one form.
    pub(crate) fn of<'a>(
        &'a self,
        resource: &'a Resource,
    ) -> impl Iterator<Item = (&'a Filter, Vec<String>)> {
        resource.filters.iter().filter_map(|filter| {
            let texts = texts(self.0.get(&filter.name)?)?;
            let is_moment = resource
                .field_of(filter)
                .is_some_and(|field| field.field_type == FieldType::Timestamp);
            let texts = texts.into_iter().map(|text| match Moment::from_iso(text) {
                Some(moment) if is_moment => moment.iso(),
                _ => text.to_owned(),
            });
            Some((filter, texts.collect()))
        })
    }

    fn checked(given: Map<String, Value>, resource: &Resource) -> Result<Self, Problem> {
        for filter in &resource.filters {
            if let (Some(value), Some(field)) = (given.get(&filter.name), resource.field_of(filter))
            {
                check(filter, field, value)?;
            }
        }
        let filters = Self(given);
        filters.check_ranges(resource)?;
        Ok(filters)
    }

    /// A range that nothing lies in is a mistake.
    fn check_ranges(&self, resource: &Resource) -> Result<(), Problem> {
        let bound = |test: FilterTest| {
            self.of(resource)
                .filter(move |(filter, _)| filter.test == test)
                .filter_map(|(filter, values)| Some((filter, values.into_iter().next()?)))
        };
        for (first, begin) in bound(FilterTest::AtLeast) {
            for (second, end) in bound(FilterTest::LessThan) {
                if first.fields == second.fields && begin >= end {
                    let reason = "nothing lies at or behind the one and before the other";
                    return Err(Problem::contradictory(&first.name, &second.name, reason));
                }
            }
        }
        Ok(())
    }
}

/// The values of a filter.
fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(values) => values.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn check(filter: &Filter, field: &Field, value: &Value) -> Result<(), Problem> {
    let invalid = |reason: &str| Err(Problem::invalid_parameter(&filter.name, reason));
    let takes_several = matches!(filter.test, FilterTest::AnyOf { .. });
    if takes_several != value.is_array() {
        return invalid(if takes_several {
            "is a list of texts"
        } else {
            "is a text"
        });
    }
    let Some(texts) = texts(value) else {
        return invalid(if takes_several {
            "is a list of texts"
        } else {
            "is a text"
        });
    };
    if let FilterTest::AnyOf { most } = filter.test
        && !(1..=most).contains(&(texts.len() as u64))
    {
        return invalid(&format!("has 1 to {most} values"));
    }
    for text in texts {
        if field.field_type == FieldType::Timestamp {
            query::moment(&filter.name, text)?;
        } else if !field.values.is_empty() && !field.values.iter().any(|value| value == text) {
            return invalid(&format!("is one of {}", field.values.join(", ")));
        } else if text.is_empty() || text.chars().count() > MAX_VALUE {
            return invalid(&format!("has values of 1 to {MAX_VALUE} characters"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: Value) -> Result<Filters, Problem> {
        Filters::from_json(&given, &Resource::find("memories").unwrap())
    }

    #[test]
    fn filters_are_kept_as_they_were_given() {
        let given =
            json!({"created_after": "2026-01-01", "categories": ["a", "b"], "user_id": null});
        let filters = check(given).unwrap();
        assert_eq!(
            filters.to_json(),
            r#"{"created_after":"2026-01-01","categories":["a","b"]}"#
        );
        assert_eq!(Filters::stored(&filters.to_json()).unwrap(), filters);
        assert_eq!(filters.get("user_id"), Value::Null);
    }

    #[test]
    fn what_a_filter_does_not_take_is_refused_by_name() {
        for (given, code) in [
            (json!([]), "INVALID_PARAMETER"),
            (json!({"tenant": "x"}), "UNKNOWN_PARAMETER"),
            (json!({"user_id": 7}), "INVALID_PARAMETER"),
            (json!({"user_id": ""}), "INVALID_PARAMETER"),
            (json!({"user_id": ["u"]}), "INVALID_PARAMETER"),
            (json!({"user_id": "x".repeat(256)}), "INVALID_PARAMETER"),
            (json!({"priority": "high"}), "INVALID_PARAMETER"),
            (json!({"categories": "a"}), "INVALID_PARAMETER"),
            (json!({"categories": []}), "INVALID_PARAMETER"),
            (json!({"categories": vec!["c"; 21]}), "INVALID_PARAMETER"),
            (json!({"created_after": "soon"}), "INVALID_PARAMETER"),
            (
                json!({"created_after": "2026-02-01", "created_before": "2026-02-01T00:00:00Z"}),
                "CONTRADICTORY_PARAMETERS",
            ),
        ] {
            assert_eq!(check(given.clone()).unwrap_err().code(), code, "{given}");
        }
    }
}
