//! What a request for an export asks for, checked before anything is stored.

use super::record::Filters;
use crate::call::Call;
use crate::jobs::Resource;
use crate::problem::Problem;
use crate::query::{self, Query};
use crate::templates;
use tablecast::{ErrorKind, FORMATS, FileInfo, Limits, Setting};

/// The most categories of a filter, and the longest value of one.
const MAX_CATEGORIES: usize = 20;
const MAX_VALUE: usize = 255;

/// The format where nothing says one.
const DEFAULT_FORMAT: &str = "json";

/// Where data may come from.
const SOURCE_TYPES: [&str; 4] = ["conversation", "data_table", "analysis", "resource"];

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
        let categories = query.text("categories");
        let filters = Filters {
            user_id: query.text("user_id"),
            agent_id: query.text("agent_id"),
            session_id: query.text("session_id"),
            priority: query.text("priority"),
            categories: categories.map(|list| list.split(',').map(str::to_owned).collect()),
            created_after: query.text("created_after"),
            created_before: query.text("created_before"),
        };
        query.finish()?;
        let mut options = Setting::Map(Vec::new());
        options.insert("format", Setting::Text(format.into()));
        Self::of_resource("memories", check(filters)?, options, None, now)
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
        let template_id = take_text(&mut options, "template_id")?;
        if let Some(id) = &template_id {
            if options.get("template").is_some() {
                let reason = "an export has one template";
                return Err(Problem::contradictory("template", "template_id", reason));
            }
            options.insert("template", templates::snapshot(id, call).await?);
        }
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
                let filters = filters.map_or(Ok(Filters::default()), |filters| {
                    serde_json::from_str(&filters.to_json()).map_err(|error| {
                        let reason = format!("is not what it has to be: {error}");
                        Problem::invalid_parameter("filters", &reason)
                    })
                })?;
                Self::of_resource(&resource, check(filters)?, options, template_id, now)
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
        name: &str,
        filters: Filters,
        mut options: Setting,
        template_id: Option<String>,
        now: &str,
    ) -> Result<Self, Problem> {
        let resource = Resource::find(name)?;
        resource.complete(&mut options, now);
        let request = checked(&mut options, |options| {
            tablecast::Request::for_http(options, &Limits::default(), now)
        })?;
        Ok(Self {
            resource: Some(name.to_owned()),
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
        if let Some(title) = source.as_ref().and_then(|source| source.get("title"))
            && options.get("filename").is_none()
        {
            options.insert("filename", title.clone());
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
            Some(Setting::Text(text)) if text.chars().count() <= MAX_VALUE => {
                source.insert(name, Setting::Text(text));
            }
            Some(_) => {
                let reason = format!("is a text of at most {MAX_VALUE} characters");
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

/// Filters whose values are of their kind.
fn check(mut filters: Filters) -> Result<Filters, Problem> {
    let texts = [
        ("user_id", &filters.user_id),
        ("agent_id", &filters.agent_id),
        ("session_id", &filters.session_id),
    ];
    for (name, value) in texts {
        if value.as_ref().is_some_and(|value| !is_value(value)) {
            return Err(Problem::invalid_parameter(name, &value_rule()));
        }
    }
    let priorities = ["LOW", "MEDIUM", "HIGH"];
    if filters
        .priority
        .as_ref()
        .is_some_and(|priority| !priorities.contains(&priority.as_str()))
    {
        let reason = format!("is one of {}", priorities.join(", "));
        return Err(Problem::invalid_parameter("priority", &reason));
    }
    if let Some(categories) = &mut filters.categories {
        for category in categories.iter_mut() {
            *category = category.trim().to_owned();
            if !is_value(category) {
                return Err(Problem::invalid_parameter("categories", &value_rule()));
            }
        }
        if categories.is_empty() || categories.len() > MAX_CATEGORIES {
            let reason = format!("holds 1 to {MAX_CATEGORIES} categories");
            return Err(Problem::invalid_parameter("categories", &reason));
        }
    }
    let moment = |name, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => query::moment(name, text).map(Some),
    };
    let after = moment("created_after", &filters.created_after)?;
    let before = moment("created_before", &filters.created_before)?;
    if let (Some(after), Some(before)) = (after, before)
        && after >= before
    {
        let reason = "nothing is created at or after the one and before the other";
        return Err(Problem::contradictory(
            "created_after",
            "created_before",
            reason,
        ));
    }
    Ok(filters)
}

fn is_value(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= MAX_VALUE
}

fn value_rule() -> String {
    format!("has values of 1 to {MAX_VALUE} characters")
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
        assert_eq!(wanted.filters.categories.unwrap(), ["work", "home"]);
        assert_eq!(wanted.filters.created_after.unwrap(), "2026-01-01");
        assert_eq!(wanted.file.name, "memories-2026-01-31.csv");
        assert_eq!(query("").unwrap().format, "json");
    }

    #[test]
    fn what_no_filter_takes_is_refused_by_name() {
        let many = vec!["c"; 21].join(",");
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
