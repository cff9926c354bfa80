//! Mistakes in definitions: all of them are found, each with a path that leads to it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tablecast::{DefinitionProblem, ErrorKind, Resource, Setting};

use crate::run::Random;

/// A file of `tests/definitions`, which the JSON Schema is tested with, too.
pub fn file(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/definitions");
    let text = fs::read(folder.join(name).with_extension("json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

pub fn read(definition: &Value) -> Result<Resource, Vec<DefinitionProblem>> {
    read_text(&definition.to_string())
}

fn read_text(definition: &str) -> Result<Resource, Vec<DefinitionProblem>> {
    let definition = Setting::from_json(definition.as_bytes()).unwrap();
    Resource::from_definition(&definition).map_err(|error| {
        assert_eq!(error.code(), "invalid_definition");
        match error.kind() {
            ErrorKind::InvalidDefinition { problems, .. } => problems.clone(),
            other => panic!("{other:?}"),
        }
    })
}

/// Puts a value at a JSON pointer, or takes away what is there.
fn change(definition: &mut Value, at: &str, value: Option<&Value>) {
    let Some((parent, name)) = at.rsplit_once('/') else {
        *definition = value.unwrap().clone();
        return;
    };
    match (definition.pointer_mut(parent).unwrap(), value) {
        (Value::Object(members), Some(value)) => {
            members.insert(name.into(), value.clone());
        }
        (Value::Object(members), None) => {
            members.shift_remove(name).unwrap();
        }
        (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value.clone(),
        (other, _) => panic!("{at}: {other}"),
    }
}

/// What a JSON path of RFC 9535 leads to, for the forms that problems use.
fn at<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    let mut at = document;
    let mut rest = path.strip_prefix('$')?;
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('.') {
            let end = behind.find(['.', '[']).unwrap_or(behind.len());
            at = at.get(&behind[..end])?;
            rest = &behind[end..];
        } else if let Some(behind) = rest.strip_prefix("['") {
            let mut name = String::new();
            let mut letters = behind.char_indices();
            loop {
                match letters.next()? {
                    (place, '\'') => {
                        rest = behind[place..].strip_prefix("']")?;
                        break;
                    }
                    (_, '\\') => match letters.next()?.1 {
                        'u' => {
                            let digits: String =
                                letters.by_ref().take(4).map(|(_, digit)| digit).collect();
                            name.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                        }
                        other => name.push(other),
                    },
                    (_, other) => name.push(other),
                }
            }
            at = at.get(&name)?;
        } else {
            let (number, behind) = rest.strip_prefix('[')?.split_once(']')?;
            at = at.get(number.parse::<usize>().ok()?)?;
            rest = behind;
        }
    }
    Some(at)
}

#[test]
fn the_whole_definitions_are_taken() {
    for name in ["table", "document"] {
        let definition = file(name);
        let resource = read(&definition).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(resource.is_document(), name == "document");
        assert_eq!(resource.name, definition["name"]);
    }
}

#[test]
fn each_mistake_is_named_with_its_path() {
    let mistakes = file("mistakes");
    let mistakes = mistakes.as_array().unwrap();
    assert!(mistakes.len() > 150);
    for mistake in mistakes {
        let mut definition = file(mistake["in"].as_str().unwrap());
        change(
            &mut definition,
            mistake["at"].as_str().unwrap(),
            mistake.get("value"),
        );
        let problems = read(&definition).expect_err(&mistake.to_string());
        let path = mistake["path"].as_str().unwrap();
        let message = mistake["message"].as_str().unwrap();
        let found = problems
            .iter()
            .find(|problem| problem.path == path && problem.message.contains(message));
        assert!(found.is_some(), "{mistake}\n{problems:#?}");
        for problem in &problems {
            assert!(at(&definition, &problem.path).is_some(), "{problem:?}");
        }
    }
}

#[test]
fn all_mistakes_are_found_at_once_and_none_is_blamed_twice() {
    let mut definition = file("table");
    for (at, value) in [
        ("/label", json!(7)),
        ("/formats/1", json!("cvs")),
        // The types of two fields that filters, a switch and a count look at.
        ("/record/fields/1/type", json!("text")),
        ("/record/fields/13/type", json!("rows")),
        ("/record/fields/2/nulable", json!(true)),
        ("/filters/13/test", json!("most")),
        ("/switches/0/fields/0", json!("note")),
    ] {
        change(&mut definition, at, Some(&value));
    }
    let problems = read(&definition).unwrap_err();
    let paths: Vec<_> = problems.iter().map(|problem| &*problem.path).collect();
    let expected = [
        "$.label",
        "$.formats[1]",
        "$.record.fields[1].type",
        "$.record.fields[2].nulable",
        "$.record.fields[13].type",
        "$.filters[13].test",
        // Without a test that takes none it lacks a field.
        "$.filters[13]",
        "$.switches[0].fields[0]",
    ];
    assert_eq!(paths, expected, "{problems:#?}");
}

#[test]
fn the_message_shows_the_first_problems_and_the_hint_where_all_is_described() {
    let definition = Setting::from_json(br#"{"name": "notes", "x": 1}"#).unwrap();
    let error = Resource::from_definition(&definition).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The definition `notes` has 6 problems. At $: `label` is missing. At $: `description` is missing. \
         At $: `formats` is missing. And 3 more."
    );
    assert_eq!(
        error.hint().unwrap(),
        "The schema of definitions is `tablecast/resource.schema.json`."
    );
}

/// In requests the names of filters stand beside the options, those of the service among them.
#[test]
fn a_filter_has_no_name_of_an_option() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("pkg/resource.schema.json");
    let schema: Value = serde_json::from_slice(&fs::read(schema).unwrap()).unwrap();
    let names = schema["$defs"]["choice_name"]["not"]["enum"].as_array();
    let names = names.unwrap();
    for option in [
        "format",
        "filters",
        "resource_id",
        "template",
        "template_id",
    ] {
        assert!(names.contains(&Value::from(option)), "{option}");
    }
    for name in names {
        let mut definition = file("table");
        definition["filters"][0]["name"] = name.clone();
        let problems = read(&definition).unwrap_err();
        assert_eq!(problems[0].path, "$.filters[0].name", "{name}");
    }
}

#[test]
fn a_member_that_stands_there_twice_is_refused() {
    let definition = file("table").to_string();
    let twice = definition.replacen("{\"name\":\"id\"", "{\"name\":\"id\",\"name\":\"id\"", 1);
    let problems = read_text(&twice).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0].path, "$.record.fields[0].name");
    assert_eq!(problems[0].message, "The member `name` stands there twice.");
}

#[test]
fn a_record_type_can_refer_to_itself_and_to_one_that_comes_later() {
    let definition = json!({
        "name": "tree", "label": "Tree", "description": "A tree.", "formats": ["json"], "file_name": "tree",
        "records": {
            "branch": {"fields": [
                {"name": "branches", "type": "records", "record": "branch", "description": "Branches."},
                {"name": "leaf", "type": "record", "record": "leaf", "nullable": true, "description": "A leaf."},
            ]},
            "leaf": {"fields": [{"name": "green", "type": "boolean", "description": "Whether it is green."}]},
        },
        "record": "branch",
        "filters": [
            {"name": "limit", "field": "branches.branches.branches", "test": "limit", "description": "So many."},
        ],
    });
    let tree = read(&definition).unwrap();
    let path = ["branches", "branches", "leaf", "green"].map(String::from);
    let (leaf, field) = tree.field_at(&path).unwrap();
    assert_eq!(leaf.fields.len(), 1);
    assert_eq!(field.name, "green");
    assert_eq!(tree.record_name(tree.record.unwrap()), Some("branch"));
    assert!(tree.field_at(&[]).is_none());
    assert!(
        tree.field_at(&["leaf".into(), "green".into(), "x".into()])
            .is_none()
    );
}

#[test]
fn an_id_of_another_resource_leads_to_a_record_without_fields() {
    let traces = Resource::find("solution").unwrap();
    let memories = Resource::find("memories").unwrap();
    let Some(tablecast::Content::Records { record, .. }) =
        traces.envelope.last().map(|member| &member.content)
    else {
        panic!("a solution ends with memory banks");
    };
    assert!(memories.record_type(*record).fields.is_empty());
}

#[test]
fn a_definition_is_bounded() {
    let mut definition = file("table");
    definition["description"] = json!("x".repeat(1 << 20));
    let problems = read(&definition).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].path, "$");

    let mut record = json!({"open": true});
    for _ in 0..40 {
        record = json!({"fields": [{"name": "x", "type": "record", "record": record, "description": "X."}]});
    }
    definition = file("table");
    definition["record"] = record;
    let problems = read(&definition).unwrap_err();
    let deep = problems
        .iter()
        .find(|problem| problem.message.contains("32 deep"));
    assert!(at(&definition, &deep.unwrap().path).is_some());

    // A list of problems that nobody reads to its end has one.
    let mut definition = file("document");
    let fields: Vec<_> = (0..1000).map(|_| json!({"x": 1, "y": 2, "z": 3})).collect();
    definition["records"]["task"]["fields"] = json!(fields);
    assert_eq!(read(&definition).unwrap_err().len(), 1000);

    let mut definition = file("table");
    let filter = definition["filters"][0].clone();
    definition["filters"] = json!(vec![filter; 101]);
    let problems = read(&definition).unwrap_err();
    assert_eq!(problems[0].path, "$.filters");
    assert_eq!(problems[0].message, "`filters` takes up to 100 items.");
}

/// Values that stand where others belong.
fn anything(random: &mut Random) -> Value {
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(""),
        json!("x"),
        json!("id"),
        json!("record"),
        json!("records"),
        json!("count"),
        json!("standard"),
        json!("task"),
        json!("lines.price"),
        json!("a.b..c."),
        json!("{date"),
        json!("é'\"\\\n\u{0}😀"),
        json!("x".repeat(300)),
        json!([]),
        json!([[]]),
        json!(["lines", "lines"]),
        json!({}),
        json!({"open": true}),
        json!({"name": {"name": {}}}),
        json!({"fields": [{"name": "x", "type": "any", "description": "X."}]}),
    ];
    values[random.below(values.len())].clone()
}

/// Damages one place, chosen by going down from the top.
fn damage(value: &mut Value, random: &mut Random) {
    let deeper = random.below(6) > 0;
    match value {
        Value::Object(members) if deeper && !members.is_empty() => {
            let name = members.keys().nth(random.below(members.len())).unwrap();
            let name = name.clone();
            match random.below(12) {
                0 => drop(members.shift_remove(&name)),
                1 => drop(members.insert("été 'x'\\\u{1}".into(), anything(random))),
                2 => {
                    let member = members.shift_remove(&name).unwrap();
                    members.insert(format!("{name}s"), member);
                }
                _ => damage(&mut members[&name], random),
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let place = random.below(items.len());
            match random.below(12) {
                0 => drop(items.remove(place)),
                1 => items.push(items[place].clone()),
                2 => items.swap(0, place),
                _ => damage(&mut items[place], random),
            }
        }
        value => *value = anything(random),
    }
}

/// However a definition is damaged, it is read to its end, and each problem has a place in it.
#[test]
fn damaged_definitions_give_paths_that_exist() {
    let mut random = Random(7);
    let whole = ["table", "document"].map(file);
    let (mut taken, mut refused) = (0, 0);
    for round in 0..1_500 {
        let mut definition = whole[round % whole.len()].clone();
        for _ in 0..=random.below(4) {
            damage(&mut definition, &mut random);
        }
        match read(&definition) {
            Ok(resource) => {
                taken += 1;
                resource.describe();
            }
            Err(problems) => {
                refused += 1;
                assert!(!problems.is_empty(), "{definition}");
                for DefinitionProblem { path, message, .. } in problems {
                    assert!(at(&definition, &path).is_some(), "{path}\n{definition}");
                    assert!(message.ends_with('.'), "{message}");
                }
            }
        }
    }
    assert!(taken > 50 && refused > 500, "{taken} {refused}");
}
