//! The formula guard of CSV, undone.

use serde_json::json;
use tablecast::export_bytes;

use crate::run::options;

/// Undoes the formula guard as its rule says: one apostrophe goes where the rest would be guarded.
pub fn unguarded(text: &str, decimal: &str) -> String {
    let Some(rest) = text.strip_prefix('\'') else {
        return text.into();
    };
    let form = json!({ "csv": { "delimiter": ";", "decimal": decimal } }).to_string();
    let cell = json!([{ "x": rest }]).to_string();
    let (_, report) = export_bytes(&options(&form, Some("csv")), cell.as_bytes()).unwrap();
    let dangerous = report
        .warnings
        .iter()
        .any(|warning| warning.code == "formula_guarded");
    if dangerous { rest.into() } else { text.into() }
}
