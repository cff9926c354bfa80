use super::*;
use tablecast::{Setting, Surface};

fn plan_of(resource: &Resource, filters: &str) -> Plan {
    let filters = Setting::from_json(filters.as_bytes()).unwrap();
    Plan::of(resource, &resource.select(&filters, Surface::Http).unwrap())
}

fn plan(name: &str, filters: &str) -> Plan {
    plan_of(&Resource::find(name).unwrap(), filters)
}

fn statements(plan: &Plan) -> Vec<&Statement> {
    let nodes = plan.nodes.iter().flat_map(|node| {
        let pages = node.pages.iter();
        let pages = pages.flat_map(|pages| [&pages.sizes, &pages.records]);
        node.own.iter().chain(pages)
    });
    plan.object.iter().chain(nodes).collect()
}

/// The records of a node, in one line.
fn records(plan: &Plan, path: &str) -> String {
    let node = plan.nodes.iter().find(|node| node.path == path);
    let sql = &node.unwrap().pages.as_ref().unwrap().records.sql;
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The most arguments of a call in a statement.
fn most_arguments(sql: &str) -> usize {
    let mut open = Vec::new();
    let mut most = 0;
    let mut is_text = false;
    for c in sql.chars() {
        match c {
            '\'' => is_text = !is_text,
            _ if is_text => {}
            '(' => open.push(1),
            ',' => open.last_mut().into_iter().for_each(|count| *count += 1),
            ')' => most = most.max(open.pop().unwrap()),
            _ => {}
        }
    }
    assert!(open.is_empty() && !is_text);
    most
}

#[test]
fn every_table_of_every_statement_is_bound_to_the_account() {
    for name in Resource::names() {
        let plan = plan(name, "{}");
        for statement in statements(&plan) {
            let sql = &statement.sql;
            let tables = sql.matches("FROM \"").count();
            let bound = sql.matches("account_id = ?1").count();
            assert!(tables > 0 && tables == bound, "{name}: {sql}");
            assert!(!sql.contains("\"\""), "{name}: {sql}");
        }
    }
}

#[test]
fn statements_keep_to_the_limits_of_the_database() {
    for name in Resource::names() {
        let plan = plan(name, "{}");
        for statement in statements(&plan) {
            let sql = &statement.sql;
            assert!(sql.len() < 50_000, "{name}: {}", sql.len());
            // The columns of a record that is read in parts are no arguments.
            assert!(most_arguments(sql) <= 32, "{name}: {sql}");
        }
    }
}

#[test]
fn a_page_is_that_of_the_definition() {
    let plan = plan("memories", "{}");
    assert!(plan.is_table && plan.object.is_none());
    assert_eq!(
        records(&plan, ""),
        "SELECT t0.\"id\", t0.\"created_at\", t0.\"content\", t0.\"user_id\", t0.\"agent_id\", t0.\"session_id\", \
         t0.\"priority\", CASE WHEN json_valid(t0.\"categories\") THEN json(t0.\"categories\") \
         WHEN t0.\"categories\" IS NOT NULL THEN json_quote(t0.\"categories\") END, \
         CASE WHEN json_valid(t0.\"metadata\") THEN json(t0.\"metadata\") \
         WHEN t0.\"metadata\" IS NOT NULL THEN json_quote(t0.\"metadata\") END, t0.\"updated_at\" \
         FROM \"memories\" AS t0 WHERE t0.account_id = ?1 AND (t0.created_at, t0.id) > (?2, ?3) AND t0.created_at <= ?4 \
         ORDER BY t0.created_at, t0.id LIMIT ?5"
    );
}

#[test]
fn records_of_a_table_without_others_inside_are_read_as_fields() {
    let holds = |name: &str| {
        let plan = plan(name, "{}");
        let nodes = plan.nodes.iter();
        let pages = nodes.filter_map(|node| Some((node.path.clone(), node.pages.as_ref()?)));
        pages
            .map(|(path, pages)| (path, pages.holds == Holds::Fields))
            .collect::<Vec<_>>()
    };
    for name in ["memories", "governance_policies", "governance_evaluations"] {
        assert_eq!(holds(name), [(String::new(), true)], "{name}");
    }
    for name in ["agent_traces", "data_table", "knowledge_base", "solution"] {
        assert!(
            holds(name).iter().all(|(_, as_fields)| !as_fields),
            "{name}"
        );
    }
}

#[test]
fn every_filter_is_a_bound_value() {
    let filters = r#"{
        "user_id": "' OR 1=1 --", "agent_id": "' OR 1=1 --", "session_id": "'", "priority": "LOW",
        "categories": ["'", "b"], "created_after": "2026-01-01T02:00:00+02:00", "created_before": "2026-02-01"
    }"#;
    let sql = records(&plan("memories", filters), "");
    let (_, condition) = sql.split_once("created_at <= ?4 AND ").unwrap();
    assert!(!sql.contains("OR 1=1"));
    assert!(condition.starts_with(
        "t0.\"user_id\" = ?5 AND t0.\"agent_id\" = ?5 AND t0.\"session_id\" = ?6 AND t0.\"priority\" = ?7 AND \
         EXISTS (SELECT 1 FROM json_each(iif(json_valid(t0.\"categories\"), t0.\"categories\", '[]')) AS item \
         WHERE item.value IN (SELECT value FROM json_each(?8))) AND t0.\"created_at\" >= ?9 AND t0.\"created_at\" < ?10"
    ));
    let plan = plan("memories", filters);
    let node = plan.nodes.first().unwrap();
    let begin = &node.pages.as_ref().unwrap().begin;
    assert_eq!(begin.as_deref(), Some("2026-01-01T00:00:00.000Z"));
    for statement in [
        &node.pages.as_ref().unwrap().sizes,
        node.own.as_ref().unwrap(),
    ] {
        assert!(
            statement
                .slots()
                .contains(&Slot::Text("2026-01-01T00:00:00.000Z".into()))
        );
        assert!(
            statement
                .slots()
                .contains(&Slot::Text("[\"'\",\"b\"]".into()))
        );
    }
}

#[test]
fn nulls_and_booleans_are_tested_as_the_database_has_them() {
    let filters = r#"{"category": "pii", "enabled": true, "account_wide_only": true}"#;
    let plan = plan("governance_policies", filters);
    assert!(records(&plan, "").contains(
        "AND t0.\"category\" = ?5 AND t0.\"enabled\" = ?6 AND t0.\"agent_id\" IS NULL AND t0.\"agent_step_id\" IS NULL \
         AND t0.\"source_connection_id\" IS NULL ORDER BY"
    ));
    let none = super::tests::plan("governance_policies", r#"{"account_wide_only": false}"#);
    assert!(!records(&none, "").contains("IS NULL"));
}

#[test]
fn the_records_inside_of_a_record_come_in_its_text() {
    let sql = records(&plan("agent_traces", r#"{"limit": 7}"#), "");
    assert!(sql.contains(
        "FROM \"agent_step_runs\" AS t1 WHERE t1.account_id = ?1 AND t1.\"agent_run_id\" = t0.id AND t1.created_at <= ?2"
    ));
    assert!(sql.contains(
        "FROM \"agent_step_attempts\" AS t2 WHERE t2.account_id = ?1 AND t2.\"agent_step_run_id\" = t1.id"
    ));
    assert!(sql.contains("'\"steps\":' || (SELECT '[' || coalesce(group_concat(item, ',' ORDER BY created_at, id), '')"));
    // A step whose texts lie in the bucket makes its run one that is read in parts.
    assert!(sql.contains("EXISTS (SELECT 1 FROM (SELECT (t1.\"input_key\" IS NOT NULL OR t1.\"output_key\" IS NOT NULL)"));
    let plan = plan("agent_traces", r#"{"limit": 7}"#);
    assert_eq!(plan.nodes[0].pages.as_ref().unwrap().most, Some(7));
}

#[test]
fn what_a_switch_leaves_out_is_not_read() {
    for statement in statements(&plan("agent_traces", r#"{"include_step_io": false}"#)) {
        assert!(!statement.sql.contains("\"input\"") && !statement.sql.contains("output_key"));
    }
    let without = plan("solution", "{}");
    assert!(
        without
            .nodes
            .iter()
            .all(|node| !node.path.contains("content_items"))
    );
    let with = plan("solution", r#"{"include_content": true}"#);
    assert!(
        with.nodes
            .iter()
            .any(|node| node.path == "source_connections.content_items")
    );
}

#[test]
fn the_parts_of_a_document_are_found_by_their_parents() {
    let plan = plan("knowledge_base", r#"{"from_date": "2026-01-01"}"#);
    assert!(!plan.is_table);
    let object = &plan.object.as_ref().unwrap().sql;
    assert_eq!(
        object,
        "SELECT id FROM \"knowledge_bases\" WHERE account_id = ?1 AND id = ?2"
    );
    assert!(records(&plan, "sources").contains(
        "t0.id IN (SELECT lt0.\"source_connection_id\" FROM \"knowledge_base_sources\" AS lt0 \
         WHERE lt0.account_id = ?1 AND lt0.\"knowledge_base_id\" = ?"
    ));
    let items = records(&plan, "sources.content_items");
    assert!(
        items.contains("t0.\"source_connection_id\" = ?2 AND (t0.created_at, t0.id) > (?3, ?4)")
    );
    assert!(items.contains("t0.created_at <= ?5 AND t0.\"published_at\" >= ?6 ORDER BY"));
    let root = &plan.nodes[plan.root];
    let parts = root.parts.iter().map(|part| match part {
        Part::Nested { name, .. } => name.as_str(),
        _ => "",
    });
    let names: Vec<_> = parts.collect();
    assert_eq!(names, ["knowledge_base", "sources"]);
}

#[test]
fn members_of_an_object_are_columns_of_its_table() {
    let plan = plan("agent_definition", "{}");
    let root = &plan.nodes[plan.root];
    let own = &root.own.as_ref().unwrap().sql;
    assert!(own.contains("t0.\"alert_configs\"") && own.contains("FROM \"agents\" AS t0"));
    assert_eq!(root.parts.len(), 7);
}

#[test]
fn a_user_has_only_what_is_the_users() {
    let plan = plan("account", "{}");
    for statement in statements(&plan) {
        assert!(statement.slots().contains(&Slot::User), "{}", statement.sql);
    }
}

const FOLDERS: &str = r#"{
    "name": "folders", "label": "Folders", "description": "Folders.", "formats": ["json"], "file_name": "folders",
    "records": {"folder": {"table": "folders", "parent": "parent_id", "open": true, "open_column": "more", "fields": [
        {"name": "id", "type": "string", "description": "The id."},
        {"name": "icon", "type": "string", "optional": true, "description": "A picture."},
        {"name": "folders", "type": "records", "record": "folder", "description": "The folders inside."}
    ]}},
    "record": "folder"
}"#;

#[test]
fn an_object_that_tells_its_id_alone_is_read() {
    let definition = r#"{
        "name": "board", "label": "Board", "description": "A board.", "formats": ["json"], "file_name": "board",
        "object_table": "boards",
        "envelope": [{"name": "id", "holds": "value", "type": "string", "description": "The id."}]
    }"#;
    let definition = Setting::from_json(definition.as_bytes()).unwrap();
    let board = Resource::from_definition(&definition).unwrap();
    let plan = plan_of(&board, "{}");
    let node = plan.nodes.first().unwrap();
    assert_eq!(node.parts.len(), 1);
    assert!(
        node.own
            .as_ref()
            .unwrap()
            .sql
            .starts_with("SELECT t0.\"id\", '' FROM \"boards\"")
    );
}

#[test]
fn a_table_of_the_object_alone_has_one_row() {
    let definition = r#"{
        "name": "notes", "label": "Notes", "description": "Notes, one at a time.", "formats": ["csv"],
        "file_name": "note", "object_table": "notes",
        "record": {"table": "notes", "fields": [{"name": "id", "type": "string", "description": "The id."}]},
        "filters": []
    }"#;
    let definition = Setting::from_json(definition.as_bytes()).unwrap();
    let notes = Resource::from_definition(&definition).unwrap();
    let sql = records(&plan_of(&notes, "{}"), "");
    assert!(
        sql.contains("WHERE t0.account_id = ?1 AND t0.id = ?2 AND"),
        "{sql}"
    );
}

#[test]
fn a_type_that_holds_itself_is_read_level_by_level() {
    let definition = Setting::from_json(FOLDERS.as_bytes()).unwrap();
    let folders = Resource::from_definition(&definition).unwrap();
    let plan = plan_of(&folders, "{}");
    assert_eq!(plan.nodes.len(), 2);
    let sql = records(&plan, "");
    assert!(sql.contains("t0.\"parent_id\" IS NULL"));
    assert!(sql.contains("EXISTS (SELECT 1 FROM (SELECT TRUE AS long FROM \"folders\" AS t1"));
    // Inside of itself it stands in one node, which holds itself.
    let inside = plan.nodes[1]
        .parts
        .iter()
        .any(|part| matches!(part, Part::Nested { node: 1, .. }));
    assert!(inside);
    assert!(sql.contains("iif(t0.\"icon\" IS NULL, '', ',' || "));
    assert!(sql.contains("coalesce(',' || nullif("));
}

/// Lists of notes, some of which are pinned.
const LISTS: &str = r#"{
    "name": "lists", "label": "Lists", "description": "Lists.", "formats": ["json"], "file_name": "lists",
    "record": {"table": "lists", "fields": [
        {"name": "id", "type": "string", "description": "The id."},
        {"name": "tags", "type": "array", "items": "string", "nullable": true, "description": "What it is filed under."},
        {"name": "notes", "type": "records", "description": "What it says.", "record": {
            "table": "notes", "parent": "list_id", "fields": [
                {"name": "id", "type": "string", "description": "The id."},
                {"name": "pin", "type": "object", "nullable": true, "description": "Where it hangs."}
            ]
        }}
    ]},
    "filters": [
        {"name": "id", "field": "id", "test": "equals", "description": "This one."},
        {"name": "untagged", "field": "tags", "test": "is_null", "description": "Those that are filed nowhere."},
        {"name": "unpinned", "field": "notes.pin", "test": "is_null", "description": "Their notes that hang nowhere."},
        {"name": "limit", "test": "limit", "description": "So many of them."},
        {"name": "note_limit", "field": "notes", "test": "limit", "description": "So many notes, all together."}
    ]
}"#;

#[test]
fn a_limit_is_for_the_database_where_it_knows_what_is_chosen() {
    let definition = Setting::from_json(LISTS.as_bytes()).unwrap();
    let lists = Resource::from_definition(&definition).unwrap();
    let limits = |filters: &str| {
        let plan = plan_of(&lists, filters);
        let sql = records(&plan, "");
        let inner = sql.contains("ORDER BY t1.created_at, t1.id LIMIT");
        let most = |node: &Node| node.pages.as_ref().unwrap().most;
        (most(&plan.nodes[0]), most(&plan.nodes[1]), inner)
    };
    let both = r#""limit": 3, "note_limit": 7"#;
    for (filters, expected) in [
        (format!("{{{both}}}"), (Some(3), Some(7), true)),
        (
            format!(r#"{{"id": "a", {both}}}"#),
            (Some(3), Some(7), true),
        ),
        (
            format!(r#"{{"id": "a", "untagged": true, {both}}}"#),
            (None, Some(7), true),
        ),
        (
            format!(r#"{{"unpinned": true, {both}}}"#),
            (Some(3), None, false),
        ),
        (
            format!(r#"{{"untagged": false, {both}}}"#),
            (Some(3), Some(7), true),
        ),
    ] {
        assert_eq!(limits(&filters), expected, "{filters}");
    }
}
