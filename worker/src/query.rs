//! Parameters of the query string: each is known and stands once.

use crate::moment::Moment;
use crate::problem::Problem;
use serde::Serialize;
use serde_json::{Map, Value};
use worker::{Request, Url};

/// The parameters of a request; what was not taken when [`finish`](Self::finish) is called is unknown.
pub(crate) struct Query {
    parameters: Vec<(String, String)>,
    known: Vec<String>,
}

impl Query {
    pub(crate) fn of(url: &Url) -> Result<Self, Problem> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in url.query_pairs() {
            if parameters.iter().any(|(other, _)| *other == name) {
                return Err(Problem::invalid_parameter(
                    &name,
                    "stands twice in the query",
                ));
            }
            parameters.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self {
            parameters,
            known: Vec::new(),
        })
    }

    /// Members of a JSON object as parameters. One that is null counts as absent.
    ///
    /// # Errors
    ///
    /// `INVALID_PARAMETER` for lists and objects.
    pub(crate) fn of_arguments(arguments: Map<String, Value>) -> Result<Self, Problem> {
        let mut parameters = Vec::new();
        for (name, value) in arguments {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text,
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                Value::Array(_) | Value::Object(_) => {
                    let reason = "is a text, a number, true or false";
                    return Err(Problem::invalid_parameter(&name, reason));
                }
            };
            parameters.push((name, text));
        }
        Ok(Self {
            parameters,
            known: Vec::new(),
        })
    }

    /// Whether there are no parameters at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// A parameter as it stands; `None` where it is absent.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.known.push(name.to_owned());
        let place = self
            .parameters
            .iter()
            .position(|(other, _)| other == name)?;
        Some(self.parameters.swap_remove(place).1)
    }

    /// A parameter that is one of these words.
    pub(crate) fn choice<'a>(
        &mut self,
        name: &str,
        words: &'a [&'a str],
    ) -> Result<Option<&'a str>, Problem> {
        let Some(given) = self.text(name) else {
            return Ok(None);
        };
        match words.iter().find(|word| **word == given) {
            Some(word) => Ok(Some(word)),
            None => {
                let reason = format!("is one of {}", words.join(", "));
                Err(Problem::invalid_parameter(name, &reason))
            }
        }
    }

    /// `page` and `page_size` of a list.
    pub(crate) fn page(&mut self) -> Result<Page, Problem> {
        self.page_of(20)
    }

    /// The same, of a list whose parts have so many items where nothing is said.
    pub(crate) fn page_of(&mut self, page_size: u32) -> Result<Page, Problem> {
        let mut whole = |name, default: u32, most: u32| match self.text(name) {
            None => Ok(default),
            Some(text) => match text.parse() {
                // A number may have a sign for `parse`, and none in a list.
                Ok(number) if (1..=most).contains(&number) && !text.starts_with('+') => Ok(number),
                _ => {
                    let reason = format!("is a whole number from 1 to {most}");
                    Err(Problem::invalid_parameter(name, &reason))
                }
            },
        };
        Ok(Page {
            page: whole("page", 1, u32::MAX)?,
            page_size: whole("page_size", page_size, 100)?,
        })
    }

    /// What was not taken, for whoever knows more parameters.
    pub(crate) fn rest(self) -> Vec<(String, String)> {
        self.parameters
    }

    /// Checks that nothing is left.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.parameters.first() {
            None => Ok(()),
            Some((name, _)) => {
                let known: Vec<_> = self.known.iter().map(String::as_str).collect();
                Err(Problem::unknown_parameter(name, &known))
            }
        }
    }
}

/// Checks that a request has no parameters, where none are taken.
pub(crate) fn refuse(request: &Request) -> Result<(), Problem> {
    Query::of(&request.url()?)?.finish()
}

/// A moment in ISO 8601, in the query or in a body.
pub(crate) fn moment(name: &str, text: &str) -> Result<Moment, Problem> {
    Moment::from_iso(text).ok_or_else(|| {
        let reason = "is a date or a moment in ISO 8601, as 2026-01-31 or 2026-01-31T12:00:00Z";
        Problem::invalid_parameter(name, reason)
    })
}

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) page: u32,
    pub(crate) page_size: u32,
}

impl Page {
    /// How many items come before it.
    pub(crate) fn offset(self) -> u64 {
        u64::from(self.page - 1) * u64::from(self.page_size)
    }
}

/// A part of a list as it is answered.
#[derive(Serialize)]
pub(crate) struct List<T> {
    items: Vec<T>,
    page: u32,
    page_size: u32,
    total: u64,
}

impl<T> List<T> {
    pub(crate) fn new(items: Vec<T>, page: Page, total: u64) -> Self {
        Self {
            items,
            page: page.page,
            page_size: page.page_size,
            total,
        }
    }

    /// The same list of other items.
    pub(crate) fn map<'a, U>(&'a self, item: impl FnMut(&'a T) -> U) -> List<U> {
        List {
            items: self.items.iter().map(item).collect(),
            page: self.page,
            page_size: self.page_size,
            total: self.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Result<Query, Problem> {
        Query::of(&Url::parse(&format!("https://x.test/?{text}")).unwrap())
    }

    #[test]
    fn pages_start_at_1_and_hold_at_most_100() {
        let page = |text: &str| query(text).unwrap().page();
        assert_eq!(
            page("").unwrap(),
            Page {
                page: 1,
                page_size: 20
            }
        );
        assert_eq!(page("page=3&page_size=100").unwrap().offset(), 200);
        for wrong in [
            "page=0",
            "page=-1",
            "page=x",
            "page=",
            "page_size=0",
            "page_size=101",
            "page=1.5",
            "page=%2B1",
        ] {
            assert_eq!(page(wrong).unwrap_err().status(), 422, "{wrong}");
        }
        assert!(
            page(&format!("page={}&page_size=100", u32::MAX))
                .unwrap()
                .offset()
                > 1 << 32
        );
    }

    #[test]
    fn a_parameter_that_nobody_asked_for_is_unknown() {
        let mut given = query("format=csv&account_id=x").unwrap();
        assert_eq!(given.text("format").unwrap(), "csv");
        assert_eq!(given.finish().unwrap_err().code(), "UNKNOWN_PARAMETER");
        assert_eq!(query("a=1&a=2").err().unwrap().code(), "INVALID_PARAMETER");
    }
}
