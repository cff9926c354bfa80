//! JSON that is looked at where it stands in its text, so that a tree of a million values is never made, digits stay as
//! they are written, and it matters to nobody how deep it is.

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A text without its quotes and escapes.
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The text that a value is; `None`: it is none.
pub(crate) fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    let text: Option<Text<'_>> = serde_json::from_str(value.get()).ok();
    text.map(|text| text.0)
}

/// Looks at the items of an array; gives whether it is one.
pub(crate) fn items<'a>(value: &'a RawValue, look: &mut dyn FnMut(&'a RawValue)) -> bool {
    value.get().starts_with('[') && each(value, Look::Items(look))
}

/// Looks at the members of an object; gives whether it is one.
pub(crate) fn members<'a>(
    value: &'a RawValue,
    look: &mut dyn FnMut(Cow<'a, str>, &'a RawValue),
) -> bool {
    value.get().starts_with('{') && each(value, Look::Members(look))
}

/// The member of this name.
pub(crate) fn member<'a>(value: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    let mut found = None;
    members(value, &mut |other, value| {
        if other == name {
            found = Some(value);
        }
    });
    found
}

fn each<'a>(value: &'a RawValue, look: Look<'a, '_>) -> bool {
    let mut reader = serde_json::Deserializer::from_str(value.get());
    reader.deserialize_any(look).is_ok()
}

enum Look<'a, 'l> {
    Items(&'l mut dyn FnMut(&'a RawValue)),
    Members(&'l mut dyn FnMut(Cow<'a, str>, &'a RawValue)),
}

impl<'a> Visitor<'a> for Look<'a, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array or an object")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<(), A::Error> {
        let Self::Items(look) = self else {
            return Err(de::Error::custom("no array was asked for"));
        };
        while let Some(item) = items.next_element()? {
            look(item);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<(), A::Error> {
        let Self::Members(look) = self else {
            return Err(de::Error::custom("no object was asked for"));
        };
        while let Some((Text(name), value)) = members.next_entry()? {
            look(name, value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn members_and_items_are_looked_at_where_they_stand() {
        let deep = format!("{}1e999{}", "[".repeat(500), "]".repeat(500));
        let document = format!(r#"{{"a": 1.50, "\u0062": [7, {deep}, "x\n"], "c": null}}"#);
        let document = raw(&document);
        assert_eq!(member(document, "a").unwrap().get(), "1.50");
        let mut found = Vec::new();
        let list = member(document, "b").unwrap();
        assert!(items(list, &mut |item| found.push(item)));
        assert_eq!(found[1].get(), deep);
        assert_eq!(text(found[2]).unwrap(), "x\n");
        assert_eq!(text(found[0]), None);
        assert!(member(document, "d").is_none() && member(list, "a").is_none());
        assert!(!items(document, &mut |_| {}) && !members(list, &mut |_, _| {}));
        assert!(matches!(
            text(raw(r#""plain""#)),
            Some(Cow::Borrowed("plain"))
        ));
    }
}
