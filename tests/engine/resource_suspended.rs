//! Exports of a resource that are suspended and resumed: the file and its report are those of one that was not.

use serde_json::{Value, json};
use tablecast::{Error, Exporter, Report, Request, Setting, Surface, export_bytes};

use crate::resource_random::{Writer, definition, setting};
use crate::run::Random;

fn request(options: &Setting) -> Request {
    Request::new(options, Surface::Http).unwrap()
}

/// What the input of one part gives, which may be cut where it cannot be.
fn part(mut exporter: Exporter, input: &str, file: &mut Vec<u8>) -> Result<Exporter, Error> {
    exporter.push_bytes(input.as_bytes())?;
    exporter.pause();
    while let Some(piece) = exporter.next_output()? {
        file.extend_from_slice(piece);
    }
    Ok(exporter)
}

fn last(mut exporter: Exporter, input: &str, file: &mut Vec<u8>) -> Result<Report, Error> {
    exporter.push_bytes(input.as_bytes())?;
    exporter.end_input();
    while let Some(piece) = exporter.next_output()? {
        file.extend_from_slice(piece);
    }
    exporter.finish()
}

fn document_options(filters: &Value, pretty: bool) -> Setting {
    setting(&json!({
        "resource": definition(true), "filters": filters, "now": "2026-01-31T12:00:00Z", "json": {"pretty": pretty},
        "envelope": {"software_version": "4", "account_id": "a"},
    }))
}

#[test]
fn a_document_goes_on_wherever_it_was_cut_between_two_records() {
    let mut cuts = 0;
    for seed in 1..=5 {
        let mut random = Random(seed * 31_337);
        let mut writer = Writer {
            random: &mut random,
            twice: true,
        };
        let filters = writer.filters();
        let input = writer.document();
        let options = document_options(&filters, seed % 2 == 0);
        let whole = export_bytes(&options, input.as_bytes()).unwrap();
        // One file that is cut at each place where it can be, and one for each such place.
        let (mut chain, mut chained) = (Exporter::new(request(&options)), Vec::new());
        let mut from = 0;
        let ends = input.match_indices(['{', '[', ',', '}', ']']);
        let ends: Vec<_> = ends.map(|(at, _)| at + 1).collect();
        for at in ends {
            let mut file = Vec::new();
            let exporter = Exporter::new(request(&options));
            let exporter = match part(exporter, &input[..at], &mut file) {
                Ok(exporter) => exporter,
                Err(error) => {
                    assert_eq!(error.code(), "invalid_state", "{at}");
                    continue;
                }
            };
            cuts += 1;
            let state = exporter.suspend().unwrap();
            let exporter = Exporter::resume(request(&options), &state).unwrap();
            let report = last(exporter, &input[at..], &mut file).unwrap();
            assert_eq!((file, report), whole, "{seed} at {at}: {input}");

            chain = part(chain, &input[from..at], &mut chained).unwrap();
            let state = chain.suspend().unwrap();
            chain = Exporter::resume(request(&options), &state).unwrap();
            from = at;
        }
        let report = last(chain, &input[from..], &mut chained).unwrap();
        assert_eq!((chained, report), whole, "{seed}: {input}");
    }
    assert!(cuts > 100, "{cuts}");
}

#[test]
fn a_table_of_a_resource_goes_on_between_two_rows() {
    for seed in 1..=12 {
        let mut random = Random(seed * 7);
        let mut writer = Writer {
            random: &mut random,
            twice: false,
        };
        let filters = writer.filters();
        let rows: Vec<_> = (0..5).map(|_| writer.shelf(0, true)).collect();
        let mut definition = definition(false);
        definition["records"]["shelf"]["open"] = json!(false);
        definition["envelope"] = json!("standard");
        definition["formats"] = json!(["json", "csv", "html"]);
        let format = ["json", "csv", "html"][seed as usize % 3];
        let options = setting(&json!({
            "format": format, "resource": definition, "filters": filters, "now": "2026-01-31T12:00:00Z",
            "envelope": {"software_version": "4", "account_id": "a"},
        }));
        let input = |from: usize, to: usize| format!("[{}]", rows[from..to].join(","));
        let whole = export_bytes(&options, input(0, 5).as_bytes()).unwrap();
        let mut file = Vec::new();
        let mut exporter = Exporter::new(request(&options));
        for at in 0..5 {
            exporter = part(exporter, &input(at, at + 1), &mut file).unwrap();
            let state = exporter.suspend().unwrap();
            exporter = Exporter::resume(request(&options), &state).unwrap();
        }
        let report = last(exporter, "[]", &mut file).unwrap();
        assert_eq!(
            String::from_utf8(file),
            String::from_utf8(whole.0),
            "{seed}: {filters}"
        );
        assert_eq!(report, whole.1, "{seed}: {filters}");
    }
}

/// Which of the columns are there is known from the rows of the first part.
#[test]
fn what_stands_in_place_of_a_flattened_record_goes_on() {
    let definition = json!({
        "name": "things", "label": "x", "description": "x", "formats": ["csv"], "file_name": "x",
        "record": {"fields": [
            {"name": "owner", "type": "record", "description": "x", "record": {"fields": [
                {"name": "name", "type": "string", "optional": true, "description": "x"},
            ]}},
        ]},
    });
    let options = setting(&json!({"resource": definition, "flatten": true}));
    let mut file = Vec::new();
    let rows = r#"[{"owner":"Bob"}]"#;
    let exporter = part(Exporter::new(request(&options)), rows, &mut file).unwrap();
    let state = exporter.suspend().unwrap();
    let exporter = Exporter::resume(request(&options), &state).unwrap();
    let rows = r#"[{"owner":{"name":"A"}},{"owner":7}]"#;
    let report = last(exporter, rows, &mut file).unwrap();
    let file = String::from_utf8(file).unwrap();
    assert_eq!(file, "owner,owner.name\r\nBob,\r\n,A\r\n7,\r\n");
    let found: Vec<_> = report
        .warnings
        .iter()
        .map(|warning| (warning.code, warning.count))
        .collect();
    assert_eq!(found, [("field_type", 2)]);
}

#[test]
fn an_export_of_other_filters_does_not_go_on() {
    let input = r#"{"rooms": [{"label": "A", "books": []}"#;
    let mut file = Vec::new();
    let options = document_options(&json!({}), true);
    let exporter = part(Exporter::new(request(&options)), input, &mut file).unwrap();
    let state = exporter.suspend().unwrap();
    assert!(Exporter::resume(request(&options), &state).is_ok());
    let other = document_options(&json!({"label": "A"}), true);
    let Err(error) = Exporter::resume(request(&other), &state) else {
        panic!("it went on");
    };
    assert_eq!(error.code(), "invalid_state");
    // A damaged state is none.
    for at in (0..state.len()).step_by(7) {
        let damaged = format!("{}9{}", &state[..at], &state[at + 1..]);
        let _ = Exporter::resume(request(&options), &damaged);
        assert!(Exporter::resume(request(&options), &state[..at]).is_err());
    }
}
