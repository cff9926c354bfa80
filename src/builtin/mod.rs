//! What ships with the engine under a name: presets, and system templates.
//!
//! Both are data, a JSON file each, and are read as what a user writes is.
//!
//! # Presets
//!
//! Every option of CSV, as each preset has it:
//!
//! | preset | `delimiter` | `decimal` | `terminator` | `bom` | `true_text` | `false_text` | `formula_guard` |
//! |---|---|---|---|---|---|---|---|
//! | `excel` | `,` | `.` | `\r\n` | true | true | false | true |
//! | `excel-de` | `;` | `,` | `\r\n` | true | WAHR | FALSCH | true |
//! | `google-sheets` | `,` | `.` | `\r\n` | false | true | false | true |
//! | `postgres` | `,` | `.` | `\n` | false | true | false | false |
//! | `tsv` | `\t` | `.` | `\r\n` | false | true | false | true |
//! | `machine` | `,` | `.` | `\n` | false | true | false | false |
//!
//! In all of them `quote` is `"`, `quote_style` is `necessary`, `header` is true, and `null_text`
//! is nothing. `machine` also sets `json.pretty` to false.

use crate::error::{Error, ErrorKind, Result};
use crate::settings::nearest;

/// Values for many options at once, by a name. Whatever a template or the options say beats them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name, as in `preset: "excel"`.
    pub id: &'static str,
    /// The options as a JSON object, named in `snake_case`.
    pub options: &'static str,
}

/// A template that ships with the engine, and that nobody can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemTemplate {
    /// The name, as in `template: "report"`.
    pub id: &'static str,
    /// The template as a JSON object.
    pub template: &'static str,
}

/// Every preset that there is.
pub static PRESETS: [Preset; 6] = [
    // Excel takes a file without a byte order mark for text of the system's old code page.
    Preset {
        id: "excel",
        options: include_str!("presets/excel.json"),
    },
    // Where the comma is the decimal mark, Excel wants semicolons between fields, and knows
    // booleans by the words of its language only.
    Preset {
        id: "excel-de",
        options: include_str!("presets/excel-de.json"),
    },
    // Sheets reads UTF-8 by itself, and runs formulas as Excel does.
    Preset {
        id: "google-sheets",
        options: include_str!("presets/google-sheets.json"),
    },
    // `COPY … WITH (FORMAT csv, HEADER)` takes an empty field for null and `""` for empty text,
    // and would store the apostrophe of the guard.
    Preset {
        id: "postgres",
        options: include_str!("presets/postgres.json"),
    },
    Preset {
        id: "tsv",
        options: include_str!("presets/tsv.json"),
    },
    // What a program reads holds the data as they are.
    Preset {
        id: "machine",
        options: include_str!("presets/machine.json"),
    },
];

/// Every system template that there is.
pub static SYSTEM_TEMPLATES: [SystemTemplate; 5] = [
    // Made for no format: it shows wherever there is a page.
    SystemTemplate {
        id: "report",
        template: include_str!("templates/report.json"),
    },
    SystemTemplate {
        id: "spreadsheet",
        template: include_str!("templates/spreadsheet.json"),
    },
    SystemTemplate {
        id: "spreadsheet-de",
        template: include_str!("templates/spreadsheet-de.json"),
    },
    SystemTemplate {
        id: "database",
        template: include_str!("templates/database.json"),
    },
    // Reads back as a table of its own: `{items}` is a shape of the input.
    SystemTemplate {
        id: "dataset",
        template: include_str!("templates/dataset.json"),
    },
];

impl Preset {
    /// Finds a preset by its name.
    ///
    /// # Errors
    ///
    /// `unknown_preset`, with the nearest name as a hint.
    pub fn find(name: &str) -> Result<&'static Self> {
        let found = PRESETS.iter().find(|preset| preset.id == name);
        found.ok_or_else(|| {
            let known: Vec<_> = PRESETS.iter().map(|preset| preset.id).collect();
            Error::new(ErrorKind::UnknownPreset {
                name: name.into(),
                nearest: nearest(name, known.iter().copied()),
                known,
            })
        })
    }
}

impl SystemTemplate {
    /// Finds a system template by its id.
    ///
    /// # Errors
    ///
    /// `unknown_template`, with the nearest id as a hint.
    pub fn find(id: &str) -> Result<&'static Self> {
        let found = SYSTEM_TEMPLATES.iter().find(|template| template.id == id);
        found.ok_or_else(|| {
            let known: Vec<_> = SYSTEM_TEMPLATES
                .iter()
                .map(|template| template.id)
                .collect();
            Error::new(ErrorKind::UnknownTemplate {
                name: id.into(),
                nearest: nearest(id, known.iter().copied()),
                known,
            })
        })
    }
}
