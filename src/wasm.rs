//! The bindings for JavaScript: the only file that knows of `wasm_bindgen`.
//!
//! Bytes go in and out as whole chunks: no table value crosses the boundary alone. All else is JSON
//! text, options as well as reports: one call moves it, and what reads and writes JSON is here
//! anyway. Errors are thrown as such text, which the package makes into `ExportError`.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::UnsafeCell;
use std::ptr::{self, NonNull};

use rlsf::{FlexSource, FlexTlsf};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(feature = "catalog")]
use crate::error::DefinitionProblem;
use crate::error::{Error, ErrorKind, Location};
use crate::export::{self, FileInfo, Request};
use crate::report::{Report, Warning};
use crate::settings::{Setting, Surface};
use crate::table::Column;
use crate::text::json;
#[cfg(feature = "full")]
use crate::write::FORMATS;

/// As fast as the allocator that Rust brings along, and 2.3 KB smaller (gzip).
#[global_allocator]
static ALLOCATOR: Allocator = Allocator(UnsafeCell::new(FlexTlsf::new(Pages)));

type JsResult<T> = Result<T, JsValue>;

#[wasm_bindgen]
extern "C" {
    /// Whatever takes the pieces of a file.
    pub type Sink;

    /// Hands over bytes that lie in the engine's memory, to be copied before this returns.
    #[wasm_bindgen(method)]
    fn take(this: &Sink, piece: &[u8]) -> JsValue;
}

/// Turns input into a file, piece by piece.
#[wasm_bindgen]
pub struct Exporter {
    /// `None` once it was finished.
    exporter: Option<export::Exporter>,
    #[cfg(feature = "catalog")]
    takes_document: bool,
}

#[wasm_bindgen]
impl Exporter {
    /// An exporter for one file; takes the options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> JsResult<Self> {
        let request = request(options)?;
        Ok(Self {
            #[cfg(feature = "catalog")]
            takes_document: request.takes_document(),
            exporter: Some(export::Exporter::new(request)),
        })
    }

    /// The file's `name`, its `mediaType` as a `Content-Type` header states it, its `disposition`, the
    /// value of a `Content-Disposition` header, and whether the input is one `document` and no table,
    /// which only the build with the catalog knows of.
    pub fn file(&mut self) -> JsResult<String> {
        let FileInfo {
            name,
            content_type,
            content_disposition,
        } = self.live()?.file();
        let object = Object::new()
            .text("name", name)
            .text("mediaType", content_type)
            .text("disposition", content_disposition);
        #[cfg(feature = "catalog")]
        let object = object.flag("document", self.takes_document);
        Ok(object.end())
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

    /// Hands the next piece of the file to the sink, and gives what that made of it; nothing where all
    /// input so far was used up.
    pub fn next(&mut self, sink: &Sink) -> JsResult<JsValue> {
        let piece = self.live()?.next_output().map_err(thrown)?;
        Ok(piece.map_or(JsValue::UNDEFINED, |piece| sink.take(piece)))
    }

    /// What the export did.
    pub fn finish(&mut self) -> JsResult<String> {
        self.live()?;
        match self.exporter.take().map(export::Exporter::finish) {
            Some(report) => report.map(|report| report_text(&report)).map_err(thrown),
            None => Ok(String::new()),
        }
    }

    fn live(&mut self) -> JsResult<&mut export::Exporter> {
        self.exporter.as_mut().ok_or_else(|| {
            let reason = "The export is finished.";
            thrown(Error::new(ErrorKind::InvalidState { reason }))
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
    pub fn new(options: &str) -> JsResult<Self> {
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
    pub fn finish(&mut self) -> JsResult<String> {
        let Some(scan) = self.scan.take() else {
            return Ok(String::new());
        };
        let header = scan.finish().map_err(thrown)?;
        let mut object = Object::new().list("names", &header.names, |name, out| {
            json::write_string(name.as_bytes(), out);
        });
        if let Some(columns) = &header.declared {
            object = object.list("declared", columns, write_column);
        }
        Ok(object.end())
    }
}

/// Every format that there is, and whether this build holds it. It is asked for when the package is
/// built, of the build that holds most.
#[cfg(feature = "full")]
#[wasm_bindgen]
pub fn formats() -> String {
    let formats = Object::new().list("formats", &FORMATS, |format, out| {
        let object = Object::new()
            .text("id", format.id)
            .text("label", format.label)
            .text("extension", format.extension)
            .text("mediaType", format.media_type);
        out.extend_from_slice(object.flag("built", format.is_built()).end().as_bytes());
    });
    formats.end()
}

/// The engine's version, which must be the package's.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").into()
}

fn request(options: &str) -> JsResult<Request> {
    let options = Setting::from_json(options.as_bytes());
    let request = options.and_then(|options| Request::new(&options, Surface::JavaScript));
    request.map_err(thrown)
}

fn write_column(column: &Column, out: &mut Vec<u8>) {
    let object = Object::new()
        .text("key", &column.key)
        .text("label", &column.label);
    out.extend_from_slice(object.end().as_bytes());
}

fn write_warning(warning: &Warning, out: &mut Vec<u8>) {
    let object = Object::new()
        .text("code", warning.code)
        .text("message", &warning.message)
        .some_text("column", warning.column.as_deref())
        .number("count", Some(warning.count))
        .number("firstRow", warning.first_row);
    out.extend_from_slice(object.end().as_bytes());
}

fn report_text(report: &Report) -> String {
    Object::new()
        .text("format", report.format)
        .number("rows", Some(report.rows))
        .number("columns", Some(report.columns))
        .number("bytes", Some(report.bytes))
        .list("warnings", &report.warnings, write_warning)
        .end()
}

#[cfg(feature = "catalog")]
fn write_problem(problem: &DefinitionProblem, out: &mut Vec<u8>) {
    let object = Object::new()
        .text("path", &problem.path)
        .text("message", &problem.message);
    out.extend_from_slice(object.end().as_bytes());
}

/// What a program needs to react beside the code; nothing where that says it all.
fn details(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Strict { warnings } => Object::new()
            .list("warnings", warnings, write_warning)
            .end(),
        #[cfg(feature = "catalog")]
        ErrorKind::InvalidDefinition { name, problems } => Object::new()
            .some_text("resource", name.as_deref())
            .list("problems", problems, write_problem)
            .end(),
        _ => match error.location() {
            Location { line: None, .. } => String::new(),
            location => Object::new()
                .number("line", location.line)
                .number("column", location.column)
                .end(),
        },
    }
}

/// An error as the text that is thrown.
fn thrown(error: Error) -> JsValue {
    let location = error.location();
    let mut object = Object::new()
        .text("code", error.code())
        .text("message", &error.to_string())
        .some_text("hint", error.hint().as_deref())
        .number("row", location.row)
        .some_text("column", error.column());
    let details = details(&error);
    if !details.is_empty() {
        object = object.member("details", details.as_bytes());
    }
    JsValue::from_str(&object.end())
}

/// The JSON text of an object, member by member. What is `None` is left out.
struct Object {
    text: Vec<u8>,
}

impl Object {
    fn new() -> Self {
        Self { text: Vec::new() }
    }

    fn name(&mut self, name: &str) {
        self.text
            .push(if self.text.is_empty() { b'{' } else { b',' });
        json::write_string(name.as_bytes(), &mut self.text);
        self.text.push(b':');
    }

    fn member(mut self, name: &str, value: &[u8]) -> Self {
        self.name(name);
        self.text.extend_from_slice(value);
        self
    }

    fn text(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        json::write_string(value.as_bytes(), &mut self.text);
        self
    }

    fn some_text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Counts stay far below 2^53, where a JavaScript number is exact.
    fn number(self, name: &str, value: Option<u64>) -> Self {
        match value {
            Some(value) => self.member(name, value.to_string().as_bytes()),
            None => self,
        }
    }

    #[cfg(feature = "full")]
    fn flag(self, name: &str, value: bool) -> Self {
        self.member(name, if value { b"true" } else { b"false" })
    }

    fn list<T>(mut self, name: &str, items: &[T], write: impl Fn(&T, &mut Vec<u8>)) -> Self {
        self.name(name);
        self.text.push(b'[');
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                self.text.push(b',');
            }
            write(item, &mut self.text);
        }
        self.text.push(b']');
        self
    }

    fn end(mut self) -> String {
        self.text.push(b'}');
        // All that was written is UTF-8.
        String::from_utf8(self.text).unwrap_or_default()
    }
}

struct Allocator(UnsafeCell<FlexTlsf<Pages, u32, u32, 32, 32>>);

// SAFETY: WebAssembly without threads has one.
#[allow(unsafe_code)]
unsafe impl Sync for Allocator {}

// SAFETY: the calls are passed on as they come. No reference to the cell's content lives longer than a
// call, and none of these calls comes back here.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = unsafe { &mut *self.0.get() }.allocate(layout);
        block.map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(block) = NonNull::new(block) {
            unsafe { (*self.0.get()).deallocate(block, layout.align()) };
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let (Some(block), Ok(layout)) = (
            NonNull::new(block),
            Layout::from_size_align(size, layout.align()),
        ) else {
            return ptr::null_mut();
        };
        let block = unsafe { (*self.0.get()).reallocate(block, layout) };
        block.map_or(ptr::null_mut(), NonNull::as_ptr)
    }
}

/// The memory's pages behind those that it begins with.
struct Pages;

const PAGE: usize = 64 << 10;

// SAFETY: pages that were grown belong to nobody else, lie behind all others and stay for good.
#[allow(unsafe_code)]
unsafe impl FlexSource for Pages {
    unsafe fn alloc(&mut self, least: usize) -> Option<NonNull<[u8]>> {
        let count = least.div_ceil(PAGE);
        let before = memory_grow::<0>(count);
        if before == usize::MAX {
            return None;
        }
        let start = NonNull::new(ptr::with_exposed_provenance_mut(before * PAGE))?;
        Some(NonNull::slice_from_raw_parts(start, count * PAGE))
    }

    /// Without this a buffer that grows would leave behind pages of which no larger one can be made.
    unsafe fn realloc_inplace_grow(&mut self, pool: NonNull<[u8]>, least: usize) -> Option<usize> {
        let end = pool.cast::<u8>().addr().get() + pool.len();
        let more = least.checked_sub(pool.len())?.div_ceil(PAGE);
        // Something else may have grown the memory in between.
        let grown = end == memory_size::<0>() * PAGE && memory_grow::<0>(more) != usize::MAX;
        grown.then_some(pool.len() + more * PAGE)
    }

    fn supports_realloc_inplace_grow(&self) -> bool {
        true
    }

    fn min_align(&self) -> usize {
        PAGE
    }
}
