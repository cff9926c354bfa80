//! Records in the database, as their definitions in the engine's catalog describe them: the SQL of a page, and reading
//! it.

use crate::filters::Filters;
use crate::problem::Problem;
use crate::store::{Bind, Store};
use serde::{Deserialize, Serialize};
use tablecast::{FieldType, FilterTest, Record, Resource};
use worker::js_sys::{Array, JsString};
use worker::wasm_bindgen::JsCast;

/// How many rows, and about how many bytes of them, a page has at most. A row alone may have more: the database takes
/// up to 2 MB.
const PAGE_ROWS: u64 = 2000;
const PAGE_BYTES: u64 = 1 << 20;

/// The statements that read a page, and the values of its conditions, which are bound from `?6` on. Before them come
/// the account, the moment and the id of the last record that was read, the moment up to which records count, and how
/// many there may be.
///
/// The first statement gives sizes alone, so that no more long texts are read than a page may have.
pub(crate) struct Page {
    sizes: String,
    records: String,
    values: Vec<String>,
}

impl Page {
    /// The records of a resource that filters choose.
    pub(crate) fn filtered(
        resource: &Resource,
        record: &Record,
        filters: &Filters,
    ) -> Result<Self, Problem> {
        let mut values = Vec::new();
        let mut conditions = String::new();
        for (filter, given) in filters.of(resource) {
            let [path] = filter.fields.as_slice() else {
                return Err(Problem::internal("a filter on several fields"));
            };
            let [name] = path.as_slice() else {
                return Err(Problem::internal("a filter on records in records"));
            };
            let Some(field) = record.field(name) else {
                continue;
            };
            let column = &field.column;
            let mut places = Vec::new();
            for value in given {
                values.push(value);
                places.push(format!("?{}", values.len() + 5));
            }
            let places = places.join(", ");
            let condition = match filter.test {
                FilterTest::AtLeast => format!("{column} >= {places}"),
                FilterTest::LessThan => format!("{column} < {places}"),
                FilterTest::AnyOf { .. } => {
                    format!("EXISTS (SELECT 1 FROM json_each({column}) WHERE value IN ({places}))")
                }
                FilterTest::Equals => format!("{column} = {places}"),
                _ => return Err(Problem::internal("a filter with an unknown test")),
            };
            conditions.push_str(" AND ");
            conditions.push_str(&condition);
        }
        Ok(Self::of(record, &conditions, values))
    }

    /// The records that belong to a user.
    pub(crate) fn of_user(record: &Record, user_id: &str) -> Self {
        let column = record.user_column.as_deref().unwrap_or("user_id");
        let condition = format!(" AND {column} = ?6");
        Self::of(record, &condition, vec![user_id.to_owned()])
    }

    fn of(record: &Record, conditions: &str, values: Vec<String>) -> Self {
        let table = record.table.as_deref().unwrap_or_default();
        let sizes: Vec<_> = record
            .fields
            .iter()
            .map(|field| format!("coalesce(octet_length({}), 0)", field.column))
            .collect();
        let size = sizes.join(" + ");
        let object = object(record);
        let chosen = format!(
            "FROM {table} WHERE account_id = ?1 AND (created_at, id) > (?2, ?3) AND created_at <= ?4{conditions}
             ORDER BY created_at, id LIMIT ?5"
        );
        Self {
            sizes: format!(
                "SELECT json_group_array(size) AS sizes FROM (SELECT {size} AS size {chosen})"
            ),
            records: format!("SELECT {object}, created_at, id {chosen}"),
            values,
        }
    }

    /// The records behind the cursor, up to a moment.
    ///
    /// The database writes each as JSON, so that a page crosses into WebAssembly as one text.
    pub(crate) async fn read(
        &self,
        account_id: &str,
        cursor: &Cursor,
        until: &str,
        store: &Store,
    ) -> Result<Read, Problem> {
        let bound = |limit: u64| {
            let mut values: Vec<Bind<'_>> = vec![
                account_id.into(),
                (&cursor.created_at).into(),
                (&cursor.id).into(),
                until.into(),
                limit.into(),
            ];
            values.extend(self.values.iter().map(Bind::from));
            values
        };
        #[derive(Deserialize)]
        struct Sizes {
            sizes: String,
        }
        let damaged = || Problem::internal("a page of records is damaged");
        let found: Option<Sizes> = store.first(&self.sizes, &bound(PAGE_ROWS)).await?;
        let sizes: Vec<u64> = found
            .and_then(|found| serde_json::from_str(&found.sizes).ok())
            .ok_or_else(damaged)?;
        let asked = Asked::of(&sizes);
        let rows = match asked.limit {
            0 => Vec::new(),
            limit => {
                let statement = store.statement(&self.records, &bound(limit))?;
                statement.raw_js_value().await?
            }
        };
        let Some(last) = rows.last() else {
            return Ok(Read {
                text: String::new(),
                rows: 0,
                next: cursor.clone(),
                is_last: true,
            });
        };
        let last: &Array = last.unchecked_ref();
        let text_at = |column: u32| last.get(column).as_string().ok_or_else(damaged);
        let next = Cursor {
            created_at: text_at(1)?,
            id: text_at(2)?,
        };
        let count = rows.len() as u64;
        let texts: Array = rows
            .into_iter()
            .map(|row| row.unchecked_into::<Array>().get(0))
            .collect();
        let text: JsString = texts.join(",");
        Ok(Read {
            text: text.into(),
            rows: count,
            next,
            is_last: asked.is_last(count),
        })
    }
}

/// The last record that was read; all others come behind it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Cursor {
    created_at: String,
    id: String,
}

/// A page that was read.
pub(crate) struct Read {
    /// The records as JSON, with commas between them.
    pub(crate) text: String,
    pub(crate) rows: u64,
    /// Where the next page begins.
    pub(crate) next: Cursor,
    /// Whether there are no more records behind it.
    pub(crate) is_last: bool,
}

/// SQL that makes the JSON of a record.
pub(crate) fn object(record: &Record) -> String {
    let members: Vec<_> = record
        .fields
        .iter()
        .map(|field| {
            let column = &field.column;
            let value = match field.field_type {
                FieldType::Boolean => {
                    format!("CASE {column} WHEN 1 THEN json('true') WHEN 0 THEN json('false') END")
                }
                FieldType::Array(_) | FieldType::Object => format!("json({column})"),
                _ => column.clone(),
            };
            format!("'{}', {value}", field.name)
        })
        .collect();
    format!("json_object({})", members.join(", "))
}

/// How many records a page asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    limit: u64,
    /// All that were found fit, so there may be no more.
    all: bool,
}

impl Asked {
    /// Of records of these sizes: a page ends with the one that reaches its bytes.
    ///
    /// Where all fit, one more is asked for. A record that was stored since the sizes were read would else push the
    /// last one out of the last page, and out of the file.
    fn of(sizes: &[u64]) -> Self {
        let mut bytes = 0;
        let before_last = sizes.iter().take_while(|size| {
            bytes += **size;
            bytes < PAGE_BYTES
        });
        let found = sizes.len() as u64;
        let fitting = (before_last.count() as u64 + 1).min(found);
        let all = fitting == found && found < PAGE_ROWS;
        Self {
            limit: fitting + u64::from(all && found > 0),
            all,
        }
    }

    /// Whether there is nothing behind a page that has so many records.
    fn is_last(&self, count: u64) -> bool {
        self.all && count < self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_a_bound_value() {
        let resource = Resource::find("memories").unwrap();
        let given = serde_json::json!({
            "user_id": "' OR 1=1 --", "agent_id": "' OR 1=1 --", "session_id": "'", "priority": "LOW",
            "categories": ["'", "b"], "created_after": "2026-01-01T02:00:00+02:00", "created_before": "2026-02-01",
        });
        let filters = Filters::from_json(&given, &resource).unwrap();
        let page = Page::filtered(
            &resource,
            resource.record_type(resource.record.unwrap()),
            &filters,
        )
        .unwrap();
        assert!(!page.records.contains("OR 1=1"));
        assert_eq!(page.values.len(), 8);
        assert!(page.values.contains(&"2026-01-01T00:00:00.000Z".to_owned()));
        assert!(page.values.contains(&"2026-02-01T00:00:00.000Z".to_owned()));
        for sql in [&page.sizes, &page.records] {
            for number in 1..=13 {
                assert!(sql.contains(&format!("?{number}")), "{number}");
            }
            assert!(!sql.contains("?14"));
        }
    }

    #[test]
    fn a_page_ends_with_the_record_that_reaches_its_bytes() {
        let limit = |sizes: &[u64]| Asked::of(sizes).limit;
        assert_eq!(limit(&[]), 0);
        assert_eq!(limit(&[PAGE_BYTES, 5]), 1);
        assert_eq!(limit(&[PAGE_BYTES - 1, 1, 5]), 2);
        assert_eq!(limit(&[1; PAGE_ROWS as usize]), PAGE_ROWS);
    }

    #[test]
    fn a_record_that_is_stored_meanwhile_pushes_none_out_of_the_file() {
        let asked = Asked::of(&[5, 5, 5]);
        assert_eq!(asked.limit, 4);
        assert!(asked.is_last(3) && asked.is_last(2));
        assert!(!asked.is_last(4));
        assert!(!Asked::of(&[PAGE_BYTES, 5]).is_last(1));
        assert!(!Asked::of(&[1; PAGE_ROWS as usize]).is_last(PAGE_ROWS));
    }
}
