//! Pages as the engine reads them: `worker/pack.js` makes them of the rows of the database, so that no value crosses into
//! WebAssembly alone.

use super::columns::{Part, Value};
use super::pages::damaged;
use crate::problem::Problem;
use serde::Serialize;
use worker::js_sys::{Array, Uint8Array};
use worker::wasm_bindgen;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(raw_module = "../pack.js")]
extern "C" {
    #[wasm_bindgen(js_name = Packer)]
    type JsPacker;

    #[wasm_bindgen(constructor, js_class = "Packer")]
    fn new(fields: &JsValue) -> JsPacker;

    #[wasm_bindgen(method, catch)]
    fn pack(this: &JsPacker, rows: &Array) -> Result<Uint8Array, JsValue>;

    #[wasm_bindgen(js_name = joined)]
    fn joined_in_js(rows: &Array, column: u32) -> Uint8Array;
}

/// Packs the pages of one array of records.
pub(super) struct Packer(JsPacker);

/// A field, as the JavaScript knows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Field<'a> {
    name: &'a str,
    column: u32,
    is_json: bool,
    may_lack: bool,
}

impl Packer {
    /// A packer for rows that have these parts, all of them values.
    pub(super) fn new(parts: &[Part]) -> Result<Self, Problem> {
        let fields = parts.iter().filter_map(|part| match part {
            Part::Value {
                name,
                value,
                may_lack,
            } => {
                let (column, is_json) = match *value {
                    Value::Text(column) | Value::Long { column, .. } => (column, false),
                    Value::Json(column) => (column, true),
                };
                Some(Field {
                    name,
                    column,
                    is_json,
                    may_lack: *may_lack,
                })
            }
            Part::Open { .. } | Part::Nested { .. } => None,
        });
        let fields: Vec<_> = fields.collect();
        let fields = serde_wasm_bindgen::to_value(&fields)?;
        Ok(Self(JsPacker::new(&fields)))
    }

    /// Rows as a piece of the engine's input, where a row may stand.
    pub(super) fn pack(&self, rows: &Array) -> Result<Vec<u8>, Problem> {
        let packed = self.0.pack(rows).map_err(worker::Error::from)?;
        Ok(packed.to_vec())
    }
}

/// The texts in a column of rows, with commas between them.
pub(super) fn joined(rows: &Array, column: u32) -> Result<String, Problem> {
    String::from_utf8(joined_in_js(rows, column).to_vec()).map_err(|_| damaged())
}
