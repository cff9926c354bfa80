//! The SQL of a page of records.

use crate::exports::Filters;
use crate::moment::Moment;
use crate::problem::Problem;
use tablecast::Setting;

/// A resource whose records are exported.
#[derive(Debug)]
pub(crate) struct Resource {
    name: &'static str,
    table: &'static str,
    fields: &'static [(&'static str, Kind)],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Json,
}

const RESOURCES: [Resource; 1] = [Resource {
    name: "memories",
    table: "memories",
    fields: &[
        ("id", Kind::Plain),
        ("content", Kind::Plain),
        ("user_id", Kind::Plain),
        ("agent_id", Kind::Plain),
        ("session_id", Kind::Plain),
        ("priority", Kind::Plain),
        ("categories", Kind::Json),
        ("metadata", Kind::Json),
        ("created_at", Kind::Plain),
        ("updated_at", Kind::Plain),
    ],
}];

impl Resource {
    /// The resource of this name.
    pub(crate) fn find(name: &str) -> Result<&'static Self, Problem> {
        let known = RESOURCES.each_ref().map(|resource| resource.name);
        let found = RESOURCES.iter().find(|resource| resource.name == name);
        found.ok_or_else(|| Problem::unknown_resource(name, &known))
    }

    /// Adds to options what the resource decides where they do not: its columns, so that a file without records has a
    /// header too, and the file's name.
    pub(crate) fn complete(&self, options: &mut Setting, now: &str) {
        let of_template = options
            .get("template")
            .and_then(|template| template.get("column_mapping"));
        if of_template.is_none() && options.get("columns").is_none() {
            let names = self
                .fields
                .iter()
                .map(|(name, _)| Setting::Text((*name).into()));
            options.insert("columns", Setting::List(names.collect()));
        }
        if options.get("filename").is_none() {
            let day = now.split('T').next().unwrap_or_default();
            options.insert("filename", Setting::Text(format!("{}-{day}", self.name)));
        }
    }
}

/// The statement that reads a page, and the values of its filters, which are bound from `?5` on. Before them come the
/// account, the moment and the id of the last record that was read, and the moment up to which records count.
pub(crate) struct Page {
    sql: String,
    values: Vec<String>,
}

impl Page {
    /// A page of at most so many rows, which ends with the row that reaches so many bytes.
    pub(crate) fn of(resource: &Resource, filters: &Filters, rows: u32, bytes: u32) -> Self {
        let mut values = Vec::new();
        let mut conditions = String::new();
        let mut add = |sql: &str, value: &str| {
            values.push(value.to_owned());
            let number = values.len() + 4;
            conditions.push_str(&format!(" AND {sql} ?{number}"));
        };
        let equal = [
            ("user_id =", &filters.user_id),
            ("agent_id =", &filters.agent_id),
            ("session_id =", &filters.session_id),
            ("priority =", &filters.priority),
        ];
        for (sql, value) in equal {
            if let Some(value) = value {
                add(sql, value);
            }
        }
        for (sql, value) in [
            ("created_at >=", &filters.created_after),
            ("created_at <", &filters.created_before),
        ] {
            if let Some(moment) = value.as_deref().and_then(Moment::from_iso) {
                add(sql, &moment.iso());
            }
        }
        if let Some(categories) = &filters.categories {
            let first = values.len() + 5;
            let places: Vec<_> = (first..first + categories.len())
                .map(|number| format!("?{number}"))
                .collect();
            values.extend_from_slice(categories);
            conditions.push_str(&format!(
                " AND EXISTS (SELECT 1 FROM json_each(categories) WHERE value IN ({}))",
                places.join(", ")
            ));
        }
        let Resource { table, fields, .. } = resource;
        let size: Vec<_> = fields
            .iter()
            .map(|(name, _)| format!("coalesce(octet_length({name}), 0)"))
            .collect();
        let size = size.join(" + ");
        let members: Vec<_> = fields
            .iter()
            .map(|(name, kind)| match kind {
                Kind::Plain => format!("'{name}', {table}.{name}"),
                Kind::Json => format!("'{name}', json({table}.{name})"),
            })
            .collect();
        let members = members.join(", ");
        // Sizes are added up before any long text is read.
        let sql = format!(
            "WITH page AS (
               SELECT rowid AS place, created_at AS moment, id AS record, {size} AS size FROM {table}
               WHERE account_id = ?1 AND (created_at, id) > (?2, ?3) AND created_at <= ?4{conditions}
               ORDER BY created_at, id LIMIT {rows}
             ), summed AS (
               SELECT *, sum(size) OVER (ORDER BY moment, record ROWS UNBOUNDED PRECEDING) AS total FROM page
             )
             SELECT json_object({members}), moment, record
             FROM summed JOIN {table} ON {table}.rowid = place
             WHERE total - size < {bytes} ORDER BY moment, record"
        );
        Self { sql, values }
    }

    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_a_bound_value() {
        let evil = || Some("' OR 1=1 --".to_owned());
        let filters = Filters {
            user_id: evil(),
            agent_id: evil(),
            session_id: evil(),
            priority: evil(),
            categories: Some(vec!["'".into(), "b".into()]),
            created_after: Some("2026-01-01T02:00:00+02:00".into()),
            created_before: Some("2026-02-01".into()),
        };
        let page = Page::of(Resource::find("memories").unwrap(), &filters, 10, 1000);
        assert!(!page.sql().contains("OR 1=1"));
        let values: Vec<_> = page.values().collect();
        assert_eq!(values.len(), 8);
        assert_eq!(
            values[4..],
            [
                "2026-01-01T00:00:00.000Z",
                "2026-02-01T00:00:00.000Z",
                "'",
                "b"
            ]
        );
        for number in 1..=12 {
            assert!(page.sql().contains(&format!("?{number}")), "{number}");
        }
        assert!(!page.sql().contains("?13"));
    }

    #[test]
    fn an_unknown_resource_is_told_what_there_is() {
        let problem = Resource::find("memory").unwrap_err();
        assert_eq!(problem.code(), "UNKNOWN_RESOURCE");
    }
}
