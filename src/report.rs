//! What an export did: rows, bytes, warnings.

/// What an export did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The format's id.
    pub format: &'static str,
    /// How many data rows were written; a header does not count.
    pub rows: u64,
    /// How many columns were written.
    pub columns: u64,
    /// How many bytes the file has.
    pub bytes: u64,
    /// What a reader of the file should know.
    pub warnings: Vec<Warning>,
}

/// One thing that a reader of the file should know, summed up over the whole export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The stable code, in `snake_case`.
    pub code: &'static str,
    /// A sentence that a page can show.
    pub message: String,
    /// The column, where the warning concerns one.
    pub column: Option<String>,
    /// How often it happened.
    pub count: u64,
    /// The first data row where it happened, counted from 1.
    pub first_row: Option<u64>,
}

/// Defines the kinds of [`Warning`] with their codes.
macro_rules! notices {
    ($($(#[$built:meta])* $notice:ident = $code:literal,)*) => {
        /// The kinds of [`Warning`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Notice {
            $($(#[$built])* $notice,)*
        }

        impl Notice {
            pub(crate) fn code(self) -> &'static str {
                match self {
                    $($(#[$built])* Self::$notice => $code,)*
                }
            }

            /// Finds a kind by its code.
            pub(crate) fn find(code: &str) -> Option<Self> {
                match code {
                    $($(#[$built])* $code => Some(Self::$notice),)*
                    _ => None,
                }
            }
        }
    };
}

notices! {
    MissingColumn = "missing_column",
    UnmappedColumn = "unmapped_column",
    LateColumn = "late_column",
    DuplicateLabel = "duplicate_label",
    DuplicateKey = "duplicate_key",
    RaggedRow = "ragged_row",
    ExtraCell = "extra_cell",
    LoneSurrogate = "lone_surrogate",
    NonFinite = "non_finite",
    Unrepresentable = "unrepresentable",
    FormulaGuarded = "formula_guarded",
    NullRow = "null_row",
    NoColumns = "no_columns",
    ControlCharacter = "control_character",
    EnvelopeMember = "envelope_member",
    TypeMismatch = "type_mismatch",
    InexactTotal = "inexact_total",
    LinkRefused = "link_refused",
    BlankLine = "blank_line",
    PdfFallback = "pdf_fallback",
    #[cfg(feature = "catalog")]
    FilterMismatch = "filter_mismatch",
    #[cfg(feature = "catalog")]
    MissingField = "missing_field",
    #[cfg(feature = "catalog")]
    UnknownField = "unknown_field",
    #[cfg(feature = "catalog")]
    FieldType = "field_type",
    #[cfg(feature = "catalog")]
    NullNotAllowed = "null_not_allowed",
    #[cfg(feature = "catalog")]
    OutsideEnum = "outside_enum",
}

impl Notice {
    fn sentence(self, count: u64, column: Option<&str>, detail: &str) -> String {
        let [one, many, text] = self.words(count, column.is_some());
        let mut sentence = String::new();
        let mut rest = text;
        while let Some((plain, behind)) = rest.split_once('{') {
            let (name, behind) = behind.split_once('}').unwrap_or_default();
            sentence.push_str(plain);
            match name {
                "times" => {
                    sentence.push_str(&count.to_string());
                    sentence.push(' ');
                    sentence.push_str(if count == 1 { one } else { many });
                }
                "column" => sentence.push_str(column.unwrap_or_default()),
                _ => sentence.push_str(detail),
            }
            rest = behind;
        }
        sentence + rest
    }

    /// What happened once, what happened several times, and the sentence around either.
    #[rustfmt::skip]
    fn words(self, count: u64, has_column: bool) -> [&'static str; 3] {
        match self {
            // A build without types and CSV as input never comes to these.
            Self::TypeMismatch | Self::InexactTotal | Self::LinkRefused | Self::BlankLine
                if cfg!(not(feature = "full")) => [""; 3],
            Self::MissingColumn => ["", "", "The data has no column “{column}”. It has: {detail}."],
            Self::UnmappedColumn => ["", "", "Left out, as not asked for: {detail}."],
            Self::LateColumn => [
                "value was", "values were",
                "Column “{column}” appeared only after the header was written; {times} left out.",
            ],
            Self::DuplicateLabel => [
                "more column is", "more columns are",
                "{times} labelled “{column}”.",
            ],
            Self::DuplicateKey => [
                "key stands", "keys stand",
                "{times} twice in column “{column}”; the last value was kept.",
            ],
            Self::RaggedRow => [
                "row is", "rows are",
                "{times} shorter than the header; the cells that they lack are empty.",
            ],
            Self::ExtraCell => [
                "row has", "rows have",
                "{times} more cells than the header has columns; “{column}” was added.",
            ],
            // Names of columns belong to none.
            Self::LoneSurrogate if !has_column => [
                "declared column held", "declared columns held",
                "{times} half a surrogate pair, which became U+FFFD.",
            ],
            Self::LoneSurrogate => [
                "text", "texts",
                "{times} of column “{column}” held half a surrogate pair, which became U+FFFD.",
            ],
            Self::NonFinite => [
                "number", "numbers",
                "{times} of column “{column}” is NaN or infinite and was written as null is.",
            ],
            Self::Unrepresentable => [
                "value", "values",
                "{times} of column “{column}” has no form in a file, as a promise or a Blob, and was written as null is.",
            ],
            Self::FormulaGuarded => [
                "text", "texts",
                "{times} of column “{column}” would start a formula in a spreadsheet and got a leading apostrophe.",
            ],
            Self::NullRow => [
                "row consists", "rows consist",
                "{times} of one empty cell, written as \"\" so that it is not lost.",
            ],
            Self::NoColumns => ["", "", "There are no columns to write."],
            Self::ControlCharacter => [
                "text", "texts",
                "{times} of column “{column}” held a control character that the format cannot carry and that became U+FFFD.",
            ],
            Self::TypeMismatch if count == 1 => [
                "value", "",
                "{times} of column “{column}” is not of its type and was left as it is.",
            ],
            Self::TypeMismatch => [
                "", "values",
                "{times} of column “{column}” are not of its type and were left as they are.",
            ],
            Self::InexactTotal => [
                "", "",
                "The total of column “{column}” has too many digits and was left out.",
            ],
            Self::LinkRefused => [
                "value", "values",
                "{times} of column “{column}” without an address of https, http or mailto became no link.",
            ],
            Self::EnvelopeMember => [
                "", "",
                "Members beside the rows that were not written: {detail}.",
            ],
            Self::BlankLine => [
                "blank line was", "blank lines were",
                "{times} passed over, since a line that holds nothing is no row.",
            ],
            Self::PdfFallback => [
                "", "",
                "This build cannot write PDF; the file is an HTML page, which prints.",
            ],
            #[cfg(feature = "catalog")]
            Self::FilterMismatch => [
                "record was", "records were",
                "{times} left out, since “{column}” holds what the filter on it cannot judge.",
            ],
            #[cfg(feature = "catalog")]
            Self::MissingField => [
                "record has", "records have",
                "{times} no “{column}”; null was written.",
            ],
            #[cfg(feature = "catalog")]
            Self::UnknownField => [
                "value was", "values were",
                "No field “{column}” is described{detail}; {times} left out.",
            ],
            #[cfg(feature = "catalog")]
            Self::FieldType => [
                "value is not of the type that is described and was",
                "values are not of the type that is described and were",
                "In “{column}” {times} left as found.",
            ],
            #[cfg(feature = "catalog")]
            Self::NullNotAllowed => [
                "record has", "records have",
                "{times} null as “{column}”, which is described as never null.",
            ],
            #[cfg(feature = "catalog")]
            Self::OutsideEnum => [
                "value is none of those that are described and was",
                "values are none of those that are described and were",
                "In “{column}” {times} left as found.",
            ],
        }
    }
}

/// Counts notices, by kind and column, while an export runs.
#[derive(Default)]
pub(crate) struct Notes {
    /// In the order of kind and column.
    tallies: Vec<Tally>,
}

struct Tally {
    notice: Notice,
    column: Option<u32>,
    count: u64,
    first_row: Option<u64>,
}

impl Notes {
    /// Counts one notice for a cell.
    pub(crate) fn cell(&mut self, notice: Notice, column: u32, row: u64) {
        self.count(notice, Some(column), Some(row), 1);
    }

    /// Counts one notice for a row.
    pub(crate) fn row(&mut self, notice: Notice, row: u64) {
        self.count(notice, None, Some(row), 1);
    }

    pub(crate) fn count(
        &mut self,
        notice: Notice,
        column: Option<u32>,
        row: Option<u64>,
        count: u64,
    ) {
        let key = (notice, column);
        let place = self
            .tallies
            .partition_point(|tally| (tally.notice, tally.column) < key);
        match self.tallies.get_mut(place) {
            Some(tally) if (tally.notice, tally.column) == key => {
                tally.count += count;
                tally.first_row = tally.first_row.or(row);
            }
            _ => self.tallies.insert(
                place,
                Tally {
                    notice,
                    column,
                    count,
                    first_row: row,
                },
            ),
        }
    }

    /// All that was counted: kind, column, how often, first row.
    pub(crate) fn counts(
        &self,
    ) -> impl Iterator<Item = (Notice, Option<u32>, u64, Option<u64>)> + '_ {
        let tallies = self.tallies.iter();
        tallies.map(|tally| (tally.notice, tally.column, tally.count, tally.first_row))
    }

    /// Drops all that was counted.
    pub(crate) fn clear(&mut self) {
        self.tallies.clear();
    }

    /// The warnings, with the columns' names looked up in `names`.
    pub(crate) fn warnings<'a>(
        &'a self,
        names: impl Fn(u32) -> Option<&'a str> + 'a,
    ) -> impl Iterator<Item = Warning> + 'a {
        self.tallies.iter().map(move |tally| {
            let column = tally.column.and_then(&names);
            warning(tally.notice, column, tally.count, tally.first_row, "")
        })
    }
}

/// A warning whose sentence holds a detail, such as a list of names.
pub(crate) fn warning(
    notice: Notice,
    column: Option<&str>,
    count: u64,
    first_row: Option<u64>,
    detail: &str,
) -> Warning {
    Warning {
        code: notice.code(),
        message: notice.sentence(count, column, detail),
        column: column.map(Into::into),
        count,
        first_row,
    }
}
