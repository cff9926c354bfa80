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
const PAGE_ROWS: u32 = 2000;
const PAGE_BYTES: u32 = 1 << 20;

/// The statement that reads a page, and the values of its conditions, which are bound from `?5` on. Before them come
/// the account, the moment and the id of the last record that was read, and the moment up to which records count.
pub(crate) struct Page {
    sql: String,
    values: Vec<String>,
}

impl Page {
    /// The records of a resource that filters choose.
    pub(crate) fn filtered(resource: &Resource, record: &Record, filters: &Filters) -> Self {
        let mut values = Vec::new();
        let mut conditions = String::new();
        for (filter, given) in filters.of(resource) {
            let Some(field) = record.field(&filter.field) else {
                continue;
            };
            let column = &field.column;
            let mut places = Vec::new();
            for value in given {
                values.push(value);
                places.push(format!("?{}", values.len() + 4));
            }
            let places = places.join(", ");
            let condition = match filter.test {
                FilterTest::AtLeast => format!("{column} >= {places}"),
                FilterTest::LessThan => format!("{column} < {places}"),
                FilterTest::AnyOf { .. } => {
                    format!("EXISTS (SELECT 1 FROM json_each({column}) WHERE value IN ({places}))")
                }
                _ => format!("{column} = {places}"),
            };
            conditions.push_str(" AND ");
            conditions.push_str(&condition);
        }
        Self {
            sql: page(record, &conditions, PAGE_ROWS, PAGE_BYTES),
            values,
        }
    }

    /// The records that belong to a user.
    pub(crate) fn of_user(record: &Record, user_id: &str) -> Self {
        let column = record.user_column.as_deref().unwrap_or("user_id");
        Self {
            sql: page(
                record,
                &format!(" AND {column} = ?5"),
                PAGE_ROWS,
                PAGE_BYTES,
            ),
            values: vec![user_id.to_owned()],
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
        let mut values: Vec<Bind<'_>> = vec![
            account_id.into(),
            (&cursor.created_at).into(),
            (&cursor.id).into(),
            until.into(),
        ];
        values.extend(self.values.iter().map(Bind::from));
        let rows = store.statement(&self.sql, &values)?.raw_js_value().await?;
        let Some(last) = rows.last() else {
            return Ok(Read {
                text: String::new(),
                rows: 0,
                next: cursor.clone(),
                is_last: true,
            });
        };
        let last: &Array = last.unchecked_ref();
        let damaged = || Problem::internal("a page of records is damaged");
        let text_at = |column: u32| last.get(column).as_string().ok_or_else(damaged);
        let next = Cursor {
            created_at: text_at(1)?,
            id: text_at(2)?,
        };
        let count = rows.len() as u64;
        let found = last.get(3).as_f64().ok_or_else(damaged)? as u64;
        let texts: Array = rows
            .into_iter()
            .map(|row| row.unchecked_into::<Array>().get(0))
            .collect();
        let text: JsString = texts.join(",");
        Ok(Read {
            text: text.into(),
            rows: count,
            next,
            is_last: count == found && found < u64::from(PAGE_ROWS),
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
    let table = &record.table;
    let members: Vec<_> = record
        .fields
        .iter()
        .map(|field| {
            let column = format!("{table}.{}", field.column);
            let value = match field.field_type {
                FieldType::Boolean => {
                    format!("CASE {column} WHEN 1 THEN json('true') WHEN 0 THEN json('false') END")
                }
                FieldType::Strings | FieldType::Object => format!("json({column})"),
                _ => column,
            };
            format!("'{}', {value}", field.name)
        })
        .collect();
    format!("json_object({})", members.join(", "))
}

/// A page of at most so many rows, which ends with the row that reaches so many bytes. Sizes are added up before any
/// long text is read.
fn page(record: &Record, conditions: &str, rows: u32, bytes: u32) -> String {
    let table = &record.table;
    let sizes: Vec<_> = record
        .fields
        .iter()
        .map(|field| format!("coalesce(octet_length({}), 0)", field.column))
        .collect();
    let size = sizes.join(" + ");
    let object = object(record);
    format!(
        "WITH page AS (
           SELECT rowid AS place, created_at AS moment, id AS record, {size} AS size FROM {table}
           WHERE account_id = ?1 AND (created_at, id) > (?2, ?3) AND created_at <= ?4{conditions}
           ORDER BY created_at, id LIMIT {rows}
         ), summed AS (
           SELECT *, sum(size) OVER (ORDER BY moment, record ROWS UNBOUNDED PRECEDING) AS total,
             count(*) OVER () AS found FROM page
         )
         SELECT {object}, moment, record, found
         FROM summed JOIN {table} ON {table}.rowid = place
         WHERE total - size < {bytes} ORDER BY moment, record"
    )
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
        let page = Page::filtered(&resource, resource.record.as_ref().unwrap(), &filters);
        assert!(!page.sql.contains("OR 1=1"));
        assert_eq!(page.values.len(), 8);
        assert!(page.values.contains(&"2026-01-01T00:00:00.000Z".to_owned()));
        assert!(page.values.contains(&"2026-02-01T00:00:00.000Z".to_owned()));
        for number in 1..=12 {
            assert!(page.sql.contains(&format!("?{number}")), "{number}");
        }
        assert!(!page.sql.contains("?13"));
    }
}
