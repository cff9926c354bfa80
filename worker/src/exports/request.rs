//! What a request for an export asks for, checked before anything is stored.

use crate::call::Call;
use crate::catalog;
use crate::chosen::Chosen;
use crate::problem::Problem;
use crate::query::Query;
use crate::records::Source;
use crate::templates;
use tablecast::{ErrorKind, FORMATS, FileInfo, Limits, Setting};

/// The longest text about a source.
const MAX_TEXT: usize = 255;

/// The format where nothing says one.
const DEFAULT_FORMAT: &str = "json";

/// The resource whose filters stand in a query, as in the reference.
pub(super) const MEMORIES: &str = "memories";

/// Where data may come from.
pub(crate) const SOURCE_TYPES: [&str; 4] = ["conversation", "data_table", "analysis", "resource"];

/// An export that was asked for.
pub(super) struct Wanted {
    /// The resource whose records are exported; `None` where the request brings its data.
    pub(super) resource: Option<String>,
    /// The object, where one is exported at a time.
    pub(super) resource_id: Option<String>,
    /// Filters and switches, as JSON.
    pub(super) filters: String,
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
    pub(super) async fn from_query(
        mut query: Query,
        now: &str,
        call: &Call<'_>,
    ) -> Result<Self, Problem> {
        let formats: Vec<_> = FORMATS.iter().map(|format| format.id).collect();
        let format = query.choice("format", &formats)?;
        let resource = catalog::of(call.env)?.find(MEMORIES)?;
        let chosen = Chosen::from_query(resource, None, &mut query)?;
        query.finish()?;
        let mut options = Setting::Map(Vec::new());
        if let Some(format) = format {
            options.insert("format", Setting::Text(format.into()));
        }
        Self::of_resource(&chosen, options, None, now, call).await
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
        let resource_id = take_text(&mut options, "resource_id")?;
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
                let resource = catalog::of(call.env)?.find(&resource)?;
                let filters = filters.unwrap_or_default();
                let chosen = Chosen::from_body(resource, resource_id, &filters)?;
                Self::of_resource(&chosen, options, template_id, now, call).await
            }
            (None, Some(_)) if filters.is_some() => {
                let reason = "filters are for the records of a resource";
                Err(Problem::contradictory("filters", "data", reason))
            }
            (None, Some(_)) if resource_id.is_some() => {
                let reason = "an id is that of an object of a resource";
                Err(Problem::contradictory("resource_id", "data", reason))
            }
            (None, Some(member)) => Self::of_data(member, source, options, template_id, now),
            (None, None) => Err(Problem::invalid_parameter(
                "resource",
                "is missing, and so is `data`: say which of the two to export",
            )),
        }
    }

    async fn of_resource(
        chosen: &Chosen<'_>,
        mut options: Setting,
        template_id: Option<String>,
        now: &str,
        call: &Call<'_>,
    ) -> Result<Self, Problem> {
        let caller = call.caller()?;
        chosen.complete(&mut options, caller, now, call.env)?;
        let option = catalog::of(call.env)?.option(chosen.resource);
        let of_engine = chosen.request_options(&options, option);
        let request = tablecast::Request::for_http(&of_engine, &Limits::default(), now)?;
        let scope = chosen.scope(&caller.account_id, &caller.user_id, now.to_owned());
        let mut source = Source::new(chosen.plan(), scope, call.env)?;
        source.check_object().await?;
        Ok(Self {
            resource: Some(chosen.resource.name.clone()),
            resource_id: chosen.id.clone(),
            filters: chosen.given(),
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
            resource_id: None,
            filters: "{}".to_owned(),
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
