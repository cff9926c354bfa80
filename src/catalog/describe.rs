//! A type of resource as JSON, for those who ask what there is: its definition without what is only for the
//! database.

use super::{
    Content, Field, FieldType, Filter, FilterTest, Member, Record, RecordId, Resource, Switch,
};
use crate::settings::Setting;

impl Resource {
    /// The definition as JSON, without tables and columns, and with every member of the standard envelope. Record
    /// types with a name stay in `records`. `by_id` tells whether one object is exported at a time, by its id,
    /// and filters have the `type`, and the `enum`, of what they look at.
    pub fn describe(&self) -> Setting {
        let mut object = Object::new();
        object.text("name", &self.name);
        object.text("label", &self.label);
        object.text("description", &self.description);
        let formats = self
            .formats
            .iter()
            .map(|format| Setting::Text(format.id.into()));
        object.put("formats", Setting::List(formats.collect()));
        object.text("file_name", &self.file_name);
        object.put("by_id", Setting::Bool(self.object_table.is_some()));
        let named = self.record_names.iter().zip(&self.records);
        let named: Vec<_> = named
            .map(|(name, record)| (name.clone(), self.record(record)))
            .collect();
        if !named.is_empty() {
            object.put("records", Setting::Map(named));
        }
        if let Some(record) = self.record {
            object.put("record", self.record_or_name(record));
        }
        let members = self.envelope.iter().map(|member| self.member(member));
        object.list("envelope", members.collect());
        object.flag("open", self.open);
        object.list(
            "filters",
            self.filters
                .iter()
                .map(|filter| self.filter_described(filter))
                .collect(),
        );
        object.list("switches", self.switches.iter().map(switch).collect());
        object.end()
    }

    fn record_or_name(&self, id: RecordId) -> Setting {
        match self.record_name(id) {
            Some(name) => Setting::Text(name.into()),
            None => self.record(self.record_type(id)),
        }
    }

    fn record(&self, record: &Record) -> Setting {
        let mut object = Object::new();
        let fields = record.fields.iter().map(|field| {
            let mut object = Object::new();
            object.text("name", &field.name);
            self.value(field, &mut object);
            object.text("description", &field.description);
            object.end()
        });
        object.put("fields", Setting::List(fields.collect()));
        object.flag("open", record.open);
        object.end()
    }

    /// What a field is, without its name and its description.
    fn value(&self, field: &Field, object: &mut Object) {
        object.text("type", field.field_type.name());
        match &field.field_type {
            FieldType::Array(items) => object.text("items", items.name()),
            FieldType::Record(record) | FieldType::Records(record) => {
                object.put("record", self.record_or_name(*record));
            }
            FieldType::Count(of) => object.text("of", &of.join(".")),
            _ => {}
        }
        object.flag("nullable", field.nullable);
        object.flag("optional", field.optional);
        object.texts("enum", &field.values);
    }

    fn member(&self, member: &Member) -> Setting {
        let mut object = Object::new();
        object.text("name", &member.name);
        object.text("holds", member.content.name());
        match &member.content {
            Content::Text(text) => object.text("text", text),
            Content::Record { record, nullable } | Content::Records { record, nullable } => {
                object.put("record", self.record_or_name(*record));
                object.flag("nullable", *nullable);
            }
            Content::Count(of) => object.text("of", &of.join(".")),
            Content::Value(field) => self.value(field, &mut object),
            _ => {}
        }
        object.text("description", &member.description);
        object.end()
    }

    fn filter_described(&self, filter: &Filter) -> Setting {
        let mut object = Object::new();
        object.text("name", &filter.name);
        object.text("test", filter.test.name());
        match filter.fields.as_slice() {
            [] => {}
            [field] => object.text("field", &field.join(".")),
            fields => {
                let paths: Vec<_> = fields.iter().map(|field| field.join(".")).collect();
                object.texts("fields", &paths);
            }
        }
        if let FilterTest::OneOf { most } | FilterTest::AnyOf { most } = filter.test {
            object.put("most", Setting::count(most));
        }
        match (filter.test, self.field_of(filter)) {
            (FilterTest::IsNull, _) => object.text("type", FieldType::Boolean.name()),
            (FilterTest::Limit, _) | (_, None) => object.text("type", FieldType::Integer.name()),
            (_, Some(field)) => {
                object.text("type", field.field_type.name());
                object.texts("enum", &field.values);
            }
        }
        object.text("description", &filter.description);
        object.end()
    }
}

fn switch(switch: &Switch) -> Setting {
    let mut object = Object::new();
    object.text("name", &switch.name);
    let paths: Vec<_> = switch.fields.iter().map(|field| field.join(".")).collect();
    object.texts("fields", &paths);
    object.put("default", Setting::Bool(switch.default));
    object.text("description", &switch.description);
    object.end()
}

/// An object, member by member.
struct Object(Vec<(String, Setting)>);

impl Object {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn put(&mut self, name: &str, value: Setting) {
        self.0.push((name.into(), value));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.put(name, Setting::Text(text.into()));
    }

    /// A member that is there only where it is true, which is not the default.
    fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.put(name, Setting::Bool(true));
        }
    }

    /// A list, unless it is empty.
    fn list(&mut self, name: &str, items: Vec<Setting>) {
        if !items.is_empty() {
            self.put(name, Setting::List(items));
        }
    }

    fn texts(&mut self, name: &str, texts: &[String]) {
        let texts = texts.iter().cloned().map(Setting::Text);
        self.list(name, texts.collect());
    }

    fn end(self) -> Setting {
        Setting::Map(self.0)
    }
}
