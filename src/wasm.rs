//! The bindings for JavaScript: the only file that knows of `wasm_bindgen`.
//!
//! Bytes go in and out as whole chunks: no table value crosses the boundary alone. Options are few
//! and are walked member by member; doing that with serde-wasm-bindgen made the build 16 KB larger
//! (gzip). Errors are thrown as plain objects, which the package makes into `ExportError`.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Error, ErrorKind};
use crate::export::{self, FileInfo, Request};
use crate::report::{Report, Warning};
use crate::settings::{Setting, Surface};
use crate::table::Column;
#[cfg(feature = "full")]
use crate::write::FORMATS;

type JsResult<T> = Result<T, JsValue>;

/// Turns input into a file, piece by piece.
#[wasm_bindgen]
pub struct Exporter {
    /// `None` once it was finished.
    exporter: Option<export::Exporter>,
    file: FileInfo,
}

#[wasm_bindgen]
impl Exporter {
    /// An exporter for one file; takes the options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> JsResult<Self> {
        let exporter = export::Exporter::new(request(options)?);
        Ok(Self {
            file: exporter.file().clone(),
            exporter: Some(exporter),
        })
    }

    /// The file's name.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.file.name.clone()
    }

    /// The file's type, as a `Content-Type` header states it.
    #[wasm_bindgen(getter, js_name = mediaType)]
    pub fn media_type(&self) -> String {
        self.file.content_type.clone()
    }

    /// The value of a `Content-Disposition` header.
    #[wasm_bindgen(getter)]
    pub fn disposition(&self) -> String {
        self.file.content_disposition.clone()
    }

    /// Takes the next bytes of the input.
    pub fn push(&mut self, chunk: &[u8]) -> JsResult<()> {
        self.live()?.push_bytes(chunk).map_err(thrown)
    }

    /// Tells that the input is complete.
    pub fn end(&mut self) -> JsResult<()> {
        self.live()?.end_input();
        Ok(())
    }

    /// A copy of the next piece of the file; nothing where all input so far was used up.
    pub fn next(&mut self) -> JsResult<Option<Uint8Array>> {
        let piece = self.live()?.next_output().map_err(thrown)?;
        Ok(piece.map(Uint8Array::from))
    }

    /// What the export did.
    pub fn finish(&mut self) -> JsResult<JsValue> {
        self.live()?;
        let report = self.exporter.take().map(export::Exporter::finish);
        report.map_or(Ok(JsValue::UNDEFINED), |report| {
            report.map(|report| report_object(&report)).map_err(thrown)
        })
    }

    fn live(&mut self) -> JsResult<&mut export::Exporter> {
        self.exporter.as_mut().ok_or_else(|| {
            object(&[
                ("code", "invalid_state".into()),
                ("message", "The export is finished.".into()),
            ])
        })
    }
}

/// A pass over the whole input that collects its header and writes nothing.
#[wasm_bindgen]
pub struct HeaderScan {
    scan: Option<export::HeaderScan>,
}

#[wasm_bindgen]
impl HeaderScan {
    /// A scan of the input that the options describe.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> JsResult<Self> {
        let scan = export::HeaderScan::new(&request(options)?);
        Ok(Self { scan: Some(scan) })
    }

    /// Takes the next bytes of the input.
    pub fn push(&mut self, chunk: &[u8]) -> JsResult<()> {
        match &mut self.scan {
            Some(scan) => scan.push_bytes(chunk).map_err(thrown),
            None => Ok(()),
        }
    }

    /// The header, to be handed to the next exporter as its option `header`.
    pub fn finish(&mut self) -> JsResult<JsValue> {
        let Some(scan) = self.scan.take() else {
            return Ok(JsValue::UNDEFINED);
        };
        let header = scan.finish().map_err(thrown)?;
        let names: Array = header.names.iter().map(JsValue::from).collect();
        let declared = header.declared.map(|columns| {
            let columns: Array = columns.iter().map(column_object).collect();
            columns.into()
        });
        Ok(object(&[
            ("names", names.into()),
            ("declared", declared.unwrap_or(JsValue::UNDEFINED)),
        ]))
    }
}

/// Every format that there is, and whether this build holds it. It is asked for when the package is
/// built, of the build that holds most.
#[cfg(feature = "full")]
#[wasm_bindgen]
pub fn formats() -> Array {
    FORMATS
        .iter()
        .map(|format| {
            object(&[
                ("id", format.id.into()),
                ("label", format.label.into()),
                ("extension", format.extension.into()),
                ("mediaType", format.media_type.into()),
                ("built", format.is_built().into()),
            ])
        })
        .collect()
}

/// The engine's version, which must be the package's.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").into()
}

fn request(options: JsValue) -> JsResult<Request> {
    Request::new(&setting(&options, 0)?, Surface::JavaScript).map_err(thrown)
}

fn column_object(column: &Column) -> JsValue {
    object(&[
        ("key", column.key.as_str().into()),
        ("label", column.label.as_str().into()),
    ])
}

fn warning_list(warnings: &[Warning]) -> JsValue {
    let warnings: Array = warnings
        .iter()
        .map(|warning| {
            object(&[
                ("code", warning.code.into()),
                ("message", warning.message.as_str().into()),
                ("column", optional(warning.column.as_deref())),
                ("count", number(warning.count)),
                ("firstRow", optional(warning.first_row.map(number))),
            ])
        })
        .collect();
    warnings.into()
}

fn report_object(report: &Report) -> JsValue {
    object(&[
        ("format", report.format.into()),
        ("rows", number(report.rows)),
        ("columns", number(report.columns)),
        ("bytes", number(report.bytes)),
        ("warnings", warning_list(&report.warnings)),
    ])
}

/// An error as the object that is thrown.
fn thrown(error: Error) -> JsValue {
    let location = error.location();
    let details = match error.kind() {
        ErrorKind::Strict { warnings } => object(&[("warnings", warning_list(warnings))]),
        _ if location.line.is_some() => object(&[
            ("line", optional(location.line.map(number))),
            ("column", optional(location.column.map(number))),
        ]),
        _ => JsValue::UNDEFINED,
    };
    object(&[
        ("code", error.code().into()),
        ("message", error.to_string().into()),
        ("hint", optional(error.hint())),
        ("row", optional(location.row.map(number))),
        ("column", optional(error.column())),
        ("details", details),
    ])
}

/// A plain object; members that are undefined are left out.
fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        if !value.is_undefined() {
            // Setting a member of a fresh plain object cannot fail.
            let _ = Reflect::set(&object, &(*name).into(), value);
        }
    }
    object.into()
}

fn optional(value: Option<impl Into<JsValue>>) -> JsValue {
    value.map_or(JsValue::UNDEFINED, Into::into)
}

/// Counts stay far below 2^53, where a JavaScript number is exact.
fn number(count: u64) -> JsValue {
    JsValue::from_f64(count as f64)
}

/// How deep options may be nested; what lies deeper is taken for a cycle.
const MAX_DEPTH: usize = 32;

/// Options as the tree that every surface fills. What is no value of JSON, such as a function, is
/// passed over as `undefined` is.
fn setting(value: &JsValue, depth: usize) -> JsResult<Setting> {
    if depth > MAX_DEPTH {
        let reason = "are nested too deep, or hold themselves";
        return Err(thrown(Error::invalid_option("options", reason)));
    }
    Ok(if let Some(text) = value.as_string() {
        Setting::Text(text)
    } else if let Some(number) = value.as_f64() {
        Setting::Number(number)
    } else if let Some(value) = value.as_bool() {
        Setting::Bool(value)
    } else if let Some(items) = value.dyn_ref::<Array>() {
        let items = items.iter().map(|item| setting(&item, depth + 1));
        Setting::List(items.collect::<Result<_, _>>()?)
    } else if let Some(object) = value.dyn_ref::<Object>() {
        let keys = Object::keys(object);
        let members = keys.iter().map(|key| {
            let member = setting(&Reflect::get(value, &key)?, depth + 1)?;
            Ok((key.as_string().unwrap_or_default(), member))
        });
        Setting::Map(members.collect::<JsResult<_>>()?)
    } else {
        Setting::Null
    })
}
