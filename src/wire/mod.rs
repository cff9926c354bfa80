//! Request shapes: options as JavaScript and HTTP send them become a [`Request`].

mod document;
#[cfg(feature = "catalog")]
mod resource;

pub use document::{DocumentExporter, DocumentHead, Head};

use crate::builtin::{Preset, SystemTemplate};
use crate::error::{Error, ErrorKind, Result};
use crate::export::Request;
use crate::read::{CellTypes, KnownHeader, LateColumns, Limits, Source};
use crate::settings::{Fields, Setting, Surface};
use crate::table::Column;
use crate::template::Template;
use crate::text::date::offset;
use crate::write::{FALLBACKS, FORMATS, Format, HTTP_FALLBACK};
use crate::zone::{Zone, nearest};

impl Request {
    /// Checks options and makes a request of them. An option beats the template, the template
    /// beats the preset.
    ///
    /// # Errors
    ///
    /// `unknown_format`, `format_not_built`, `unknown_preset`, `unknown_template`,
    /// `unknown_option`, `invalid_option`, `contradictory_options`, `unknown_template_field`,
    /// `template_format_mismatch`; of a resource `unknown_resource`, `invalid_definition` and
    /// `format_not_offered`, and `not_built` where the build has none.
    pub fn new(options: &Setting, surface: Surface) -> Result<Self> {
        let fallback = match surface {
            Surface::Query => HTTP_FALLBACK,
            Surface::JavaScript | Surface::Http => None,
        };
        Self::checked(options, surface, fallback)
    }

    /// `fallback` is what takes the place of a format that is not built, unless the options say.
    fn checked(
        options: &Setting,
        surface: Surface,
        fallback: Option<&'static str>,
    ) -> Result<Self> {
        let mut fields = Fields::new(options, surface)?;
        let (shipped, values);
        let id = template_id(&mut fields)?;
        let mut of_template = match id {
            None => fields.template("template")?,
            Some(id) => {
                let template = SystemTemplate::find(id)?.template;
                shipped = Setting::from_json(template.as_bytes())?;
                Fields::named(&shipped, "template", id)?
            }
        };
        let mut template = Template::from_fields(&mut of_template)?;
        let preset = of_template.text("preset")?;
        let mut of_preset = match fields.text("preset")?.or(preset) {
            None => Fields::named(&Setting::Null, "preset", "")?,
            Some(name) => {
                values = Setting::from_json(Preset::find(name)?.options.as_bytes())?;
                Fields::named(&values, "preset", name)?
            }
        };
        #[cfg(feature = "catalog")]
        let chosen = resource::chosen(&mut fields, surface)?;
        #[cfg(feature = "catalog")]
        let first = chosen
            .as_ref()
            .and_then(|chosen| chosen.resource.formats.first());
        #[cfg(not(feature = "catalog"))]
        let first: Option<&&Format> = {
            check_no_resource(&mut fields)?;
            None
        };
        let format = format(
            &mut fields,
            template.format.as_deref(),
            &mut of_preset,
            first.copied(),
        );
        // The blocks of all formats are checked, so that a mistake in them is not found only when
        // their turn comes.
        let mut writers = Vec::new();
        for format in FORMATS.iter().filter(|format| format.is_built()) {
            let weaker = of_template
                .block(format.id)?
                .over(of_preset.block(format.id)?);
            let block = fields.block(format.id)?.over(weaker);
            writers.push((format.id, format.writer(block)?));
        }
        check_members_of_templates(&mut fields)?;
        let late_columns = [("error", LateColumns::Error), ("drop", LateColumns::Drop)];
        let columns = match fields.get("columns") {
            Some(columns) => Some(Column::list(&fields, "columns", columns)?),
            None => None,
        };
        if columns.is_some() && template.column_mapping.is_some() {
            return Err(Error::contradiction(
                fields.path("columns"),
                of_template.path("column_mapping"),
                "each says which columns to write",
            ));
        }
        let wanted = columns.as_ref().or(template.column_mapping.as_ref());
        if cfg!(not(feature = "full")) && wanted.is_some_and(|columns| has_path(columns)) {
            return Err(Error::not_built(fields.path("columns")));
        }
        of_template.finish()?;
        let strict = fields.bool("strict", false)?;
        let fallback = fields.choice("fallback", &FALLBACKS, fallback)?;
        let late_columns = fields.choice("late_columns", &late_columns, LateColumns::Error)?;
        let flatten = fields.bool("flatten", false)?;
        #[cfg(feature = "catalog")]
        if let Some(chosen) = &chosen {
            let has_columns = columns.is_some();
            resource::check_columns(chosen, &fields, &template, has_columns, flatten)?;
        }
        let mut input = fields.block("input")?;
        let path = input.text("path")?.unwrap_or_default();
        let path = path.split('.').filter(|step| !step.is_empty());
        let path: Vec<String> = path.map(Into::into).collect();
        let formats = [
            ("auto", None),
            ("json", Some(Source::Json)),
            ("jsonl", Some(Source::JsonLines)),
            ("csv", Some(Source::Csv)),
        ];
        let input_format = input.choice("format", &formats, None)?;
        let delimiter = match input.get("delimiter") {
            Some(_) => Some(input.ascii("delimiter", b',')?),
            None => None,
        };
        if delimiter == Some(b'"') {
            let reason = "cannot be the quote, which is `\"`";
            return Err(input.invalid("delimiter", reason));
        }
        let types = [("text", CellTypes::Text), ("infer", CellTypes::Infer)];
        let types = types.map(|(word, types)| (word, Some(types)));
        let types = input.choice("types", &types, None)?;
        if surface == Surface::JavaScript {
            // The package decompresses; here the word is only checked.
            let words = ["auto", "none", "gzip"].map(|word| (word, ()));
            input.choice("compression", &words, ())?;
        }
        input.finish()?;
        let filename: Option<String> = fields.text("filename")?.map(Into::into);
        if id.is_some() && filename.is_some() {
            // A template that ships is named for what it does, the file for what is in it.
            template.name = None;
        }
        let limits = Limits::from_fields(fields.block("limits")?)?;
        let zone = zone(&mut fields, surface)?;
        let date = date(&mut fields, &zone)?;
        let (mut source, mut known) = (Source::default(), None);
        if surface == Surface::JavaScript {
            let sources = [
                ("json", Source::Json),
                ("jsonl", Source::JsonLines),
                ("csv", Source::Csv),
                ("tsv", Source::Tsv),
                ("values", Source::Values),
            ];
            fields.internal(|fields| {
                source = fields.choice("source", &sources, Source::Json)?;
                known = known_header(fields)?;
                Ok(())
            })?;
        }
        // A misspelt `format` is told before the lack of one.
        fields.finish()?;
        let asked = format?;
        #[cfg(feature = "catalog")]
        if let Some(chosen) = &chosen {
            resource::check_format(chosen, asked)?;
        }
        let format = asked.or_fallback(fallback)?;
        let writer = writers.into_iter().find(|(id, _)| *id == format.id);
        let mut request = Self {
            format,
            writer: match writer {
                Some((_, writer)) => writer,
                None => return Err(Error::new(ErrorKind::FormatNotBuilt { id: format.id })),
            },
            template,
            columns,
            filename,
            date,
            zone,
            source,
            source_said: input_format,
            delimiter,
            types,
            path,
            document: false,
            late_columns,
            flatten,
            limits,
            known,
            strict,
            asked,
            #[cfg(feature = "catalog")]
            chosen,
        };
        // What stands in a query goes with a body, whose media type is told later.
        if surface != Surface::Query || input_format.is_some() {
            request.set_default_source(source)?;
        }
        Ok(request)
    }

    /// Sets what the bytes of the input are, from their media type, unless the options did.
    ///
    /// # Errors
    ///
    /// `contradictory_options` where the options say how to read input of another kind: a path in
    /// what is no JSON document, a delimiter or types in what is no CSV.
    pub fn set_default_source(&mut self, source: Source) -> Result<()> {
        self.source = match (self.source_said, source) {
            // Values are what they are, and the media type knows the delimiter of CSV.
            (_, Source::Values) | (Some(Source::Csv), Source::Tsv) | (None, _) => source,
            (Some(said), _) => said,
        };
        self.check_input()
    }

    fn check_input(&self) -> Result<()> {
        #[cfg(feature = "catalog")]
        self.check_resource()?;
        if cfg!(not(feature = "full")) && self.source.is_delimited() {
            return Err(Error::not_built("input.format"));
        }
        let is_json = matches!(self.source, Source::Json | Source::JsonLines);
        let (option, reason) = if is_json && self.delimiter.is_some() {
            ("input.delimiter", "only CSV has delimiters")
        } else if is_json && self.types.is_some() {
            ("input.types", "only the cells of CSV come without types")
        } else if self.path.is_empty() || matches!(self.source, Source::Json | Source::Values) {
            return Ok(());
        } else {
            ("input.path", "a path leads into one JSON document")
        };
        Err(Error::contradiction("input.format", option, reason))
    }

    /// Makes a request of the parameters of a query string, as [`Setting::from_query`] reads them.
    /// In place of a format that is not built, one that is may be written, as `fallback` says.
    /// [`set_default_source`](Self::set_default_source) is to follow.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and `invalid_json` for a template that is no JSON.
    pub fn from_query(parameters: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        Self::new(&Setting::from_query(parameters)?, Surface::Query)
    }
}

impl Setting {
    /// The options in a query string, for [`Request::new`] with [`Surface::Query`]. Members of blocks are
    /// written with dots (`csv.delimiter=;`), a template is JSON text or an id, columns are separated by
    /// commas.
    ///
    /// ```
    /// use tablecast::Setting;
    ///
    /// let parameters = [("format", "csv"), ("csv.delimiter", ";"), ("columns", "a,b")];
    /// let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    /// let options = Setting::from_query(parameters)?;
    /// assert_eq!(
    ///     options.to_json(),
    ///     r#"{"format":"csv","csv":{"delimiter":";"},"columns":["a","b"]}"#
    /// );
    /// # Ok::<_, tablecast::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `invalid_json` for a template that is no JSON; `invalid_option` and `contradictory_options` for what
    /// stands there twice.
    pub fn from_query(parameters: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut options: Vec<(String, Self)> = Vec::new();
        let mut whole_template = false;
        for (name, value) in parameters {
            let setting = match name.as_str() {
                "template" | "resource" if value.trim_start().starts_with(['{', '[']) => {
                    Self::from_json(value.as_bytes())?
                }
                "columns" => {
                    Self::List(value.split(',').map(|key| Self::Text(key.into())).collect())
                }
                // In a query that was written by hand, a `+` arrives as a space.
                "time_zone" => Self::Text(value.replacen(' ', "+", 1)),
                _ => Self::Text(value),
            };
            let (block, member) = match name.split_once('.') {
                Some((block, member)) => (block.to_owned(), Some(member.to_owned())),
                None => (name, None),
            };
            let twice = |name: &str| match block == "template" {
                true => Error::contradiction("template", name, "an export has one template"),
                false => Error::invalid_option(name, "stands twice in the query"),
            };
            let adds_to_whole = whole_template && block == "template";
            whole_template |= member.is_none() && block == "template";
            let known = options.iter_mut().find(|(name, _)| *name == block);
            match (known, member) {
                (None, None) => options.push((block, setting)),
                (None, Some(member)) => {
                    options.push((block, Self::Map(vec![(member, setting)])));
                }
                (Some((_, Self::Map(members))), Some(member))
                    if !adds_to_whole && members.iter().all(|(name, _)| *name != member) =>
                {
                    members.push((member, setting));
                }
                (Some(_), None) => return Err(twice(&block)),
                (Some(_), Some(member)) => return Err(twice(&format!("{block}.{member}"))),
            }
        }
        Ok(Self::Map(options))
    }
}

/// The options of resources are told apart from those that nobody knows.
#[cfg(not(feature = "catalog"))]
fn check_no_resource(fields: &mut Fields<'_>) -> Result<()> {
    // A build without `full` says the same of all that it does not know.
    if cfg!(feature = "full") {
        for name in ["resource", "filters", "envelope"] {
            if fields.get(name).is_some() {
                return Err(Error::not_built(fields.path(name)));
            }
        }
    }
    Ok(())
}

/// The id of a template that ships with the engine, where the template is given so.
fn template_id<'a>(fields: &mut Fields<'a>) -> Result<Option<&'a str>> {
    match fields.get("template") {
        None | Some(Setting::Map(_)) => Ok(None),
        Some(Setting::Text(id)) => Ok(Some(id)),
        Some(other) => {
            let wanted = "a template, or the id of one that ships with the engine";
            Err(fields.mistyped("template", wanted, other))
        }
    }
}

/// Members of templates are no options. Beside a template they would be a second one.
fn check_members_of_templates(fields: &mut Fields<'_>) -> Result<()> {
    for name in [
        "column_mapping",
        "header_text",
        "footer_text",
        "total_label",
    ] {
        let given = fields.internal(|fields| Ok(fields.get(name).is_some()))?;
        let path = fields.path(name);
        if given && fields.get("template").is_some() {
            let reason = "an export has one template, and this is a part of it";
            return Err(Error::contradiction(fields.path("template"), &path, reason));
        }
        if given {
            return Err(Error::new(ErrorKind::UnknownOption {
                path,
                nearest: Some(format!("template.{name}")),
                known: Vec::new(),
            }));
        }
    }
    Ok(())
}

/// The format of the request, which must be the template's where both name one. A preset's holds
/// where neither does.
fn format(
    fields: &mut Fields<'_>,
    template: Option<&str>,
    preset: &mut Fields<'_>,
    of_resource: Option<&'static Format>,
) -> Result<&'static Format> {
    let template = template.map(Format::find).transpose()?;
    let requested = fields.text("format")?.map(Format::find).transpose()?;
    let preset = preset.text("format")?.map(Format::find).transpose()?;
    match (
        requested,
        template.or(preset.filter(|_| requested.is_none())),
    ) {
        (Some(requested), Some(template)) if requested.id != template.id => {
            Err(Error::new(ErrorKind::TemplateFormatMismatch {
                template: template.id.into(),
                requested: requested.id.into(),
            }))
        }
        (Some(format), _) | (None, Some(format)) => Ok(format),
        (None, None) => of_resource.ok_or_else(|| no_format(fields)),
    }
}

fn no_format(fields: &Fields<'_>) -> Error {
    if cfg!(not(feature = "full")) {
        return Error::not_built("format");
    }
    let ids: Vec<_> = FORMATS.iter().map(|format| format.id).collect();
    let ids = ids.join(", ");
    fields.invalid("format", format_args!("is missing; there are {ids}"))
}

/// Whether a key may be a path into a nested record.
fn has_path(columns: &[Column]) -> bool {
    columns.iter().any(|column| column.key.contains('.'))
}

/// The date of `now` in the zone; empty where it is not given.
fn date(fields: &mut Fields<'_>, zone: &Zone) -> Result<String> {
    let Some(now) = fields.text("now")? else {
        return Ok(String::new());
    };
    zone.date_at(now).ok_or_else(|| {
        let reason = "takes a moment in RFC 3339, as 2026-01-31T12:00:00Z";
        fields.invalid("now", reason)
    })
}

/// The time zone: UTC, a fixed offset, or a name.
fn zone(fields: &mut Fields<'_>, surface: Surface) -> Result<Zone> {
    let name = fields.text("time_zone")?.unwrap_or("UTC");
    if name == "UTC" {
        Ok(Zone::default())
    } else if let Some(seconds) = offset(name.as_bytes()) {
        Ok(Zone::fixed(seconds))
    } else if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        let reason = "takes UTC, an offset as +02:00, or a name as Europe/Berlin";
        Err(fields.invalid("time_zone", reason))
    } else if cfg!(not(feature = "full")) {
        Err(Error::not_built(fields.path("time_zone")))
    } else if surface == Surface::JavaScript {
        fields.internal(|fields| zone_of_package(fields, name))
    } else {
        Zone::named(name)
    }
}

/// A named zone: the package looks it up in the table, and passes on its line, or all names where
/// there is none.
fn zone_of_package(fields: &mut Fields<'_>, name: &str) -> Result<Zone> {
    let Some(found) = fields.text("zone_found")? else {
        return Zone::named(name);
    };
    Zone::from_compact(found).ok_or_else(|| {
        Error::new(ErrorKind::UnknownTimeZone {
            name: name.into(),
            nearest: nearest(name, found),
        })
    })
}

/// The header that the package passes on from a scan to the export that follows.
fn known_header(fields: &mut Fields<'_>) -> Result<Option<KnownHeader>> {
    if fields.get("header").is_none() {
        return Ok(None);
    }
    let mut header = fields.block("header")?;
    let names = header.get("names").unwrap_or(&Setting::Null);
    let names = Column::list(&header, "names", names)?;
    let declared = match header.get("declared") {
        Some(columns) => Some(Column::list(&header, "declared", columns)?),
        None => None,
    };
    header.finish()?;
    Ok(Some(KnownHeader {
        names: names.into_iter().map(|column| column.key).collect(),
        declared,
    }))
}
