//! What a request for an export asks for, checked before anything is stored.

use crate::call::Call;
use crate::filters::Filters;
use crate::problem::Problem;
use crate::query::Query;
use crate::templates;
use tablecast::{ErrorKind, FORMATS, FileInfo, Limits, Resource, Setting};

/// The longest text about a source.
const MAX_TEXT: usize = 255;

/// The format where nothing says one.
const DEFAULT_FORMAT: &str = "json";

/// Where data may come from.
pub(crate) const SOURCE_TYPES: [&str; 4] = ["conversation", "data_table", "analysis", "resource"];

/// An export that was asked for.
pub(super) struct Wanted {
    /// The resource whose records are exported; `None` where the request brings its data.
    pub(super) resource: Option<String>,
    pub(super) filters: Filters,
    pub(super) source: Option<Setting>,
    pub(super) template_id: Option<String>,
    /// The engine's options, with a snapshot of the template in them.
    pub(super) options: Setting,
    /// The checked form of the options.
    pub(super) request: tablecast::Request,
    pub(super) format: &'static str,
    pub(super) file: FileInfo,
}

impl Wanted {
    /// What stands in a query: a format, and filters on memories.
    pub(super) fn from_query(mut query: Query, now: &str) -> Result<Self, Problem> {
        let formats: Vec<_> = FORMATS.iter().map(|format| format.id).collect();
        let format = query.choice("format", &formats)?.unwrap_or(DEFAULT_FORMAT);
        let resource = Resource::find("memories")?;
        let filters = Filters::from_query(&mut query, &resource)?;
        query.finish()?;
        let mut options = Setting::Map(Vec::new());
        options.insert("format", Setting::Text(format.into()));
        Self::of_resource(&resource, filters, options, None, now)
    }

    /// What stands at the start of a body: options, and which records, or where the data behind them, in `member`,
    /// come from.
    pub(super) async fn from_head(
        mut options: Setting,
        member: Option<&str>,
        call: &Call<'_>,
        now: &str,
    ) -> Result<Self, Problem> {
        let resource = take_text(&mut options, "resource")?;
        let filters = options.remove("filters");
        let source = options.remove("source").map(source).transpose()?;
        let template_id = templates::resolve(&mut options, call).await?;
        match (resource, member) {
            (Some(_), Some(member)) => {
                let reason = "an export is of a resource, or of data that the request brings";
                Err(Problem::contradictory("resource", member, reason))
            }
            (Some(resource), None) => {
                if source.is_some() {
                    let reason = "a source says where data of the request come from";
                    return Err(Problem::contradictory("resource", "source", reason));
                }
                let resource = Resource::find(&resource)?;
                let filters = match filters {
                    Some(filters) => {
                        let filters = serde_json::from_str(&filters.to_json()).unwrap_or_default();
                        Filters::from_json(&filters, &resource)?
                    }
                    None => Filters::default(),
                };
                Self::of_resource(&resource, filters, options, template_id, now)
            }
            (None, Some(_)) if filters.is_some() => {
                let reason = "filters are for the records of a resource";
                Err(Problem::contradictory("filters", "data", reason))
            }
            (None, Some(member)) => Self::of_data(member, source, options, template_id, now),
            (None, None) => Err(Problem::invalid_parameter(
                "resource",
                "is missing, and so is `data`: say which of the two to export",
            )),
        }
    }

    fn of_resource(
        resource: &Resource,
        filters: Filters,
        mut options: Setting,
        template_id: Option<String>,
        now: &str,
    ) -> Result<Self, Problem> {
        let Some(record) = resource.record.map(|record| resource.record_type(record)) else {
            let reason = "is no table of records, so there are no jobs for it";
            return Err(Problem::invalid_parameter("resource", reason));
        };
        let has_mapping = options
            .get("template")
            .is_some_and(|template| template.get("column_mapping").is_some());
        if !has_mapping && options.get("columns").is_none() {
            // A file without records has a header too.
            let names = record
                .fields
                .iter()
                .map(|field| Setting::Text(field.name.clone()));
            options.insert("columns", Setting::List(names.collect()));
        }
        if options.get("filename").is_none() {
            let day = now.split('T').next().unwrap_or_default();
            options.insert("filename", Setting::Text(resource.file_name(day, "", "")));
        }
        let request = checked(&mut options, |options| {
            tablecast::Request::for_http(options, &Limits::default(), now)
        })?;
        if !resource
            .formats
            .iter()
            .any(|format| format.id == request.format().id)
        {
            let offered: Vec<_> = resource.formats.iter().map(|format| format.id).collect();
            let reason = format!("is one of {} for {}", offered.join(", "), resource.name);
            return Err(Problem::invalid_parameter("format", &reason));
        }
        Ok(Self {
            resource: Some(resource.name.clone()),
            filters,
            source: None,
            template_id,
            format: request.format().id,
            file: request.file(),
            request,
            options,
        })
    }

    fn of_data(
        member: &str,
        source: Option<Setting>,
        mut options: Setting,
        template_id: Option<String>,
        now: &str,
    ) -> Result<Self, Problem> {
        let title = source.as_ref().and_then(|source| source.get("title"));
        if let Some(title) = title.and_then(Setting::as_text)
            && options.get("filename").is_none()
        {
            // A title is no path, of which only the last part would be kept.
            options.insert("filename", Setting::Text(title.replace(['/', '\\'], "-")));
        }
        let request = checked(&mut options, |options| {
            tablecast::Request::for_document(options, member, &Limits::default(), now)
        })?;
        Ok(Self {
            resource: None,
            filters: Filters::default(),
            source,
            template_id,
            format: request.format().id,
            file: request.file(),
            request,
            options,
        })
    }
}

/// Checks options; where neither they nor a template or preset say a format, it is JSON.
fn checked(
    options: &mut Setting,
    check: impl Fn(&Setting) -> tablecast::Result<tablecast::Request>,
) -> Result<tablecast::Request, Problem> {
    let lacks_format = options.get("format").is_none();
    match check(options) {
        Err(error)
            if lacks_format
                && matches!(error.kind(), ErrorKind::InvalidOption { path, .. } if path == "format") =>
        {
            options.insert("format", Setting::Text(DEFAULT_FORMAT.into()));
            Ok(check(options)?)
        }
        result => Ok(result?),
    }
}

fn take_text(options: &mut Setting, name: &str) -> Result<Option<String>, Problem> {
    match options.remove(name) {
        None => Ok(None),
        Some(Setting::Text(text)) => Ok(Some(text)),
        Some(_) => Err(Problem::invalid_parameter(name, "is a text")),
    }
}

/// `{type, id?, title?}`.
fn source(mut given: Setting) -> Result<Setting, Problem> {
    let mut source = Setting::Map(Vec::new());
    for name in ["type", "id", "title"] {
        let path = format!("source.{name}");
        match given.remove(name) {
            None if name == "type" => {
                let reason = format!("is missing; it is one of {}", SOURCE_TYPES.join(", "));
                return Err(Problem::invalid_parameter(&path, &reason));
            }
            None => {}
            Some(Setting::Text(text))
                if name == "type" && !SOURCE_TYPES.contains(&text.as_str()) =>
            {
                let reason = format!("is one of {}", SOURCE_TYPES.join(", "));
                return Err(Problem::invalid_parameter(&path, &reason));
            }
            Some(Setting::Text(text)) if text.chars().count() <= MAX_TEXT => {
                source.insert(name, Setting::Text(text));
            }
            Some(_) => {
                let reason = format!("is a text of at most {MAX_TEXT} characters");
                return Err(Problem::invalid_parameter(&path, &reason));
            }
        }
    }
    match given {
        Setting::Map(members) if members.is_empty() => Ok(source),
        Setting::Map(members) => {
            let name = members.first().map_or("", |(name, _)| name);
            Err(Problem::unknown_parameter(
                &format!("source.{name}"),
                &["type", "id", "title"],
            ))
        }
        _ => Err(Problem::invalid_parameter(
            "source",
            "is an object of type, id and title",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Result<Wanted, Problem> {
        let url = worker::Url::parse(&format!("https://x.test/?{text}")).unwrap();
        Wanted::from_query(Query::of(&url)?, "2026-01-31T12:00:00Z")
    }

    #[test]
    fn the_parameters_of_the_reference_are_taken() {
        let wanted = query(
            "format=csv&user_id=u1&agent_id=a1&session_id=s1&priority=HIGH&categories=work,%20home\
             &created_after=2026-01-01&created_before=2026-02-01T00:00:00Z",
        )
        .unwrap();
        assert_eq!(wanted.format, "csv");
        assert_eq!(
            wanted.filters.get("categories"),
            serde_json::json!(["work", "home"])
        );
        assert_eq!(wanted.filters.get("created_after"), "2026-01-01");
        assert_eq!(wanted.file.name, "memories-2026-01-31.csv");
        assert_eq!(query("").unwrap().format, "json");
    }

    #[test]
    fn what_no_filter_takes_is_refused_by_name() {
        let many = ["c"; 21].join(",");
        for (text, code) in [
            ("format=docx".to_owned(), "INVALID_PARAMETER"),
            ("priority=high".into(), "INVALID_PARAMETER"),
            (format!("categories={many}"), "INVALID_PARAMETER"),
            ("categories=".into(), "INVALID_PARAMETER"),
            ("categories=a,,b".into(), "INVALID_PARAMETER"),
            ("user_id=".into(), "INVALID_PARAMETER"),
            (format!("user_id={}", "x".repeat(256)), "INVALID_PARAMETER"),
            ("created_after=soon".into(), "INVALID_PARAMETER"),
            (
                "created_after=2026-02-01&created_before=2026-01-01".into(),
                "CONTRADICTORY_PARAMETERS",
            ),
            (
                "created_after=2026-02-01&created_before=2026-02-01".into(),
                "CONTRADICTORY_PARAMETERS",
            ),
            ("account_id=other".into(), "UNKNOWN_PARAMETER"),
            ("tenant=other".into(), "UNKNOWN_PARAMETER"),
        ] {
            assert_eq!(query(&text).err().unwrap().code(), code, "{text}");
        }
    }

    #[test]
    fn a_source_is_of_a_known_type() {
        let read = |text: &str| source(Setting::from_json(text.as_bytes()).unwrap());
        let whole = r#"{"type":"analysis","id":"a1","title":"Costs"}"#;
        assert_eq!(read(whole).unwrap().to_json(), whole);
        for wrong in [
            r#"{"type":"other"}"#,
            "{}",
            r#"{"type":"analysis","id":1}"#,
            r#""analysis""#,
        ] {
            assert_eq!(
                read(wrong).unwrap_err().code(),
                "INVALID_PARAMETER",
                "{wrong}"
            );
        }
        let unknown = read(r#"{"type":"analysis","tenant":"x"}"#).unwrap_err();
        assert_eq!(unknown.code(), "UNKNOWN_PARAMETER");
    }
}
