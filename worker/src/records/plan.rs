//! What is read of the database for an export: the statements for each array of records, and how they hang together.
//!
//! Most records are read a page at a time, each as one text of JSON that the database writes, with the records that
//! belong to it inside. A record that is too large for that, or whose texts lie in the bucket, is read in parts: its own
//! columns first, then each of its arrays by pages of its own.

use super::columns::{ALIAS, Columns, Part, column_of};
use super::conditions;
use super::object::{self, Kept};
use super::statement::{Slot, Slots, Statement, name};
use crate::moment::Moment;
use tablecast::{
    Condition, Content, FieldType, FilterTest, Operand, Parent, Record, RecordId, Resource,
    Selection,
};

/// All that is read for an export.
pub(crate) struct Plan {
    nodes: Vec<Node>,
    pub(super) root: usize,
    /// Whether the export is a table of records, and not an object that holds some.
    pub(super) is_table: bool,
    /// Finds the object that is exported.
    pub(super) object: Option<Statement>,
}

/// The records that stand at one place of an export.
pub(super) struct Node {
    /// Where that is, for messages.
    pub(super) path: String,
    /// How an array of them is read; `None` for a single record, and for the object around all.
    pub(super) pages: Option<Pages>,
    /// The columns of one record; `None` where it has none of its own.
    pub(super) own: Option<Statement>,
    /// What one record is put together of.
    pub(super) parts: Vec<Part>,
}

/// How an array of records is read.
pub(super) struct Pages {
    /// The sizes of the records behind the cursor, so that no more long texts are read than a page may have.
    pub(super) sizes: Statement,
    /// As many of the records: the id, where the record stands, and what it holds.
    pub(super) records: Statement,
    pub(super) holds: Holds,
    /// The last column tells which records have to be read in parts, whatever their size.
    pub(super) tells_long: bool,
    /// How many records the array has at most.
    pub(super) most: Option<u64>,
    /// The moment before which there are none.
    pub(super) begin: Option<String>,
}

/// What a row of a page holds behind its first columns.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// The record as one text of JSON.
    Text,
    /// The columns of the node's parts, which are its fields.
    Fields,
}

impl Plan {
    /// The plan for what was chosen of a resource.
    pub(crate) fn of(resource: &Resource, selection: &Selection) -> Self {
        let mut planner = Planner {
            resource,
            selection,
            nodes: Vec::new(),
            repeated: Vec::new(),
        };
        let object = resource.object_table.as_deref().map(|table| {
            Statement::write(|slots| {
                let (account, id) = (slots.place(Slot::Account), slots.place(Slot::Parent));
                let table = name(table);
                format!("SELECT id FROM {table} WHERE account_id = {account} AND id = {id}")
            })
        });
        let root = match resource.record {
            Some(record) => {
                let place = match resource.object_table {
                    Some(_) => planner.place_in_object(record),
                    None => Place::Table,
                };
                planner.node(&Spot::table(record), place, true)
            }
            None => planner.document(),
        };
        Self {
            nodes: planner.nodes,
            root,
            is_table: !resource.is_document(),
            object,
        }
    }

    pub(super) fn node(&self, number: usize) -> Option<&Node> {
        self.nodes.get(number)
    }
}

/// Where records are found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// They are those of a table; what belongs to another of them is inside of that one.
    Table,
    /// It is the object that is exported.
    Object,
    /// They belong to what is bound as their parent.
    Bound,
    /// They belong to the record of this name in the same statement.
    Of(&'a str),
}

/// A type of records at a place of the export.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) record: RecordId,
    /// The names that lead there. `None` inside of a type that holds itself: what was chosen by paths ends there, and
    /// the engine looks at the rest.
    pub(super) path: Option<Vec<String>>,
    /// The types around it.
    around: Vec<RecordId>,
}

impl Spot {
    fn table(record: RecordId) -> Self {
        Self {
            record,
            path: Some(Vec::new()),
            around: Vec::new(),
        }
    }

    fn member(record: RecordId, name: &str) -> Self {
        Self {
            path: Some(vec![name.to_owned()]),
            ..Self::table(record)
        }
    }

    /// The records in a field of these.
    pub(super) fn inside(&self, record: RecordId, field: &str) -> Self {
        let mut around = self.around.clone();
        around.push(self.record);
        let path = match around.contains(&record) {
            true => None,
            false => self.path_of(field),
        };
        Self {
            record,
            path,
            around,
        }
    }

    /// Whether its records are in no others.
    fn is_outermost(&self) -> bool {
        self.path.as_ref().is_some_and(Vec::is_empty)
    }

    /// Whether the type stands around itself, so that no statement holds all of it.
    pub(super) fn is_repeated(&self) -> bool {
        self.around.contains(&self.record)
    }

    /// The path of a field.
    pub(super) fn path_of(&self, field: &str) -> Option<Vec<String>> {
        let mut path = self.path.clone()?;
        path.push(field.to_owned());
        Some(path)
    }
}

pub(super) struct Planner<'a> {
    pub(super) resource: &'a Resource,
    pub(super) selection: &'a Selection,
    nodes: Vec<Node>,
    /// The nodes of types that hold themselves.
    repeated: Vec<(RecordId, bool, usize)>,
}

impl Planner<'_> {
    /// The object around all records.
    fn document(&mut self) -> usize {
        let number = self.reserve(String::new());
        let mut columns = Columns::new(false);
        let mut parts = Vec::new();
        for member in &self.resource.envelope {
            let name = member.name.clone();
            let (record, many) = match &member.content {
                Content::Record { record, .. } => (*record, false),
                Content::Records { record, .. } => (*record, true),
                Content::Value(field) if self.resource.object_table.is_some() => {
                    if !self.is_left_out(Some(std::slice::from_ref(&name))) {
                        parts.extend(columns.part(field, &name));
                    }
                    continue;
                }
                _ => continue,
            };
            if self.is_left_out(Some(std::slice::from_ref(&name))) {
                continue;
            }
            let place = self.place_in_object(record);
            let node = self.node(&Spot::member(record, &member.name), place, many);
            parts.push(Part::Nested { name, node });
        }
        let own = match &self.resource.object_table {
            Some(table) if parts.iter().any(Part::is_value) => Some(Statement::write(|slots| {
                let columns = columns.sql();
                let table = self::name(table);
                let (account, id) = (slots.place(Slot::Account), slots.place(Slot::Parent));
                format!(
                    "SELECT {columns} FROM {table} AS {ALIAS} WHERE {ALIAS}.account_id = {account} AND {ALIAS}.id = {id}"
                )
            })),
            _ => None,
        };
        self.fill(number, None, own, parts)
    }

    /// Where the records of a type are found that belong to the object which is exported, or are that object.
    fn place_in_object(&self, record: RecordId) -> Place<'static> {
        let record = self.resource.record_type(record);
        let is_object = record.parent.is_none()
            && record.table.is_some()
            && record.table == self.resource.object_table;
        match is_object {
            true => Place::Object,
            false => Place::Bound,
        }
    }

    /// The records of a type at a place.
    fn node(&mut self, spot: &Spot, place: Place<'_>, many: bool) -> usize {
        if spot.is_repeated() {
            let known = self.repeated.iter();
            let known = known
                .filter(|(record, of_many, _)| *record == spot.record && *of_many == many)
                .map(|(.., node)| *node)
                .next();
            if let Some(known) = known {
                return known;
            }
        }
        let path = spot.path.as_deref().unwrap_or_default().join(".");
        let number = self.reserve(path);
        if spot.is_repeated() {
            self.repeated.push((spot.record, many, number));
        }
        let mut columns = Columns::new(many);
        let mut parts = Vec::new();
        let record = self.resource.record_type(spot.record);
        for field in &record.fields {
            match self.kept(spot, field) {
                Kept::Nested { spot, many } => {
                    let node = self.node(&spot, Place::Bound, many);
                    let name = field.name.clone();
                    parts.push(Part::Nested { name, node });
                }
                Kept::Own => parts.extend(columns.part(field, &field.name)),
                Kept::No => {}
            }
        }
        if let Some(column) = record.open_column.as_ref().filter(|_| record.open) {
            parts.push(columns.open(column));
        }
        let is_plain = columns.fit_a_page() && parts.iter().all(Part::is_value);
        let columns = columns.sql();
        let own = Statement::write(|slots| match many {
            true => {
                let page = self.page(slots, spot, place);
                format!("SELECT {columns} {page} LIMIT 1")
            }
            false => {
                let rows = self.rows(slots, spot, place, ALIAS);
                let chosen = self.chosen(slots, spot, ALIAS);
                format!("SELECT {columns} {rows}{chosen} ORDER BY {ALIAS}.id LIMIT 1")
            }
        });
        // The engine takes fields by themselves where they are the cells of a table.
        let is_of_table = !self.resource.is_document() && spot.is_outermost();
        let fields = (is_of_table && is_plain).then_some(columns);
        let pages = many.then(|| self.pages(spot, place, fields));
        self.fill(number, pages, Some(own), parts)
    }

    /// How an array is read; as `fields`, where these columns are all that a record holds.
    fn pages(&self, spot: &Spot, place: Place<'_>, fields: Option<String>) -> Pages {
        let sizes = Statement::write(|slots| {
            let mut size = object::size(self, slots, spot, ALIAS);
            if let Some(long) = object::is_long(self, slots, spot, ALIAS) {
                size = format!("{size} + iif({long}, {}, 0)", super::LARGE);
            }
            let page = self.page(slots, spot, place);
            let limit = slots.place(Slot::Limit);
            format!(
                "SELECT json_group_array(size) AS sizes FROM (SELECT {size} AS size {page} LIMIT {limit})"
            )
        });
        let mut tells_long = false;
        let records = Statement::write(|slots| {
            let columns = fields.clone();
            let columns = columns.unwrap_or_else(|| {
                let object = object::object(self, slots, spot, ALIAS);
                format!("{}, {object}", Columns::new(true).sql())
            });
            let long = object::is_long(self, slots, spot, ALIAS);
            tells_long = long.is_some();
            let long = long.map(|long| format!(", {long}")).unwrap_or_default();
            let page = self.page(slots, spot, place);
            let limit = slots.place(Slot::Limit);
            format!("SELECT {columns}{long} {page} LIMIT {limit}")
        });
        Pages {
            sizes,
            records,
            holds: match fields {
                Some(_) => Holds::Fields,
                None => Holds::Text,
            },
            tells_long,
            most: self.most(spot),
            begin: self.begin(spot),
        }
    }

    /// The moment before which there is no record that the selection chooses.
    fn begin(&self, spot: &Spot) -> Option<String> {
        let record = self.resource.record_type(spot.record);
        let moments = self.conditions(spot).filter_map(|condition| {
            let [name] = condition.fields.as_slice() else {
                return None;
            };
            match (condition.test, condition.values.first()?) {
                (FilterTest::AtLeast, Operand::Moment(moment))
                    if record.field(name)?.column == "created_at" =>
                {
                    Some(Moment(*moment).iso())
                }
                _ => None,
            }
        });
        moments.max()
    }

    /// How many records of an array are read at most. Where only the engine can tell which of them are chosen, nobody
    /// knows before how many it has to see, and it counts by itself.
    pub(super) fn most(&self, spot: &Spot) -> Option<u64> {
        let path = spot.path.as_ref()?;
        let record = self.resource.record_type(spot.record);
        let mut conditions = self.conditions(spot);
        if !conditions.all(|condition| conditions::is_sql(record, condition)) {
            return None;
        }
        let limits = self.selection.limits.iter();
        limits
            .filter(|(of, _)| of == path)
            .map(|(_, most)| *most)
            .min()
    }

    /// What becomes of a field.
    pub(super) fn kept(&self, spot: &Spot, field: &tablecast::Field) -> Kept {
        if self.is_left_out(spot.path_of(&field.name).as_deref()) {
            return Kept::No;
        }
        let (record, many) = match &field.field_type {
            FieldType::Count(_) => return Kept::No,
            FieldType::Record(record) => (*record, false),
            FieldType::Records(record) => (*record, true),
            _ => return Kept::Own,
        };
        match &self.resource.record_type(record).table {
            // They stand in a column, as JSON.
            None => Kept::Own,
            Some(_) => Kept::Nested {
                spot: spot.inside(record, &field.name),
                many,
            },
        }
    }

    /// Whether a switch leaves a field out.
    fn is_left_out(&self, path: Option<&[String]>) -> bool {
        path.is_some_and(|path| self.selection.left_out.iter().any(|out| out == path))
    }

    /// SQL from `FROM` on for a page of records: those behind the cursor, in their order.
    fn page(&self, slots: &mut Slots, spot: &Spot, place: Place<'_>) -> String {
        let rows = self.rows(slots, spot, place, ALIAS);
        let (after, id) = (slots.place(Slot::After), slots.place(Slot::AfterId));
        let until = slots.place(Slot::Until);
        // The database begins at the first bound that it finds in an index, so the cursor stands before the filters.
        let chosen = self.chosen(slots, spot, ALIAS);
        format!(
            "{rows} AND ({ALIAS}.created_at, {ALIAS}.id) > ({after}, {id}) AND {ALIAS}.created_at <= {until}{chosen}
             ORDER BY {ALIAS}.created_at, {ALIAS}.id"
        )
    }

    /// SQL from `FROM` on: all records at a place.
    pub(super) fn rows(
        &self,
        slots: &mut Slots,
        spot: &Spot,
        place: Place<'_>,
        alias: &str,
    ) -> String {
        let record = self.resource.record_type(spot.record);
        let table = name(record.table.as_deref().unwrap_or_default());
        let account = slots.place(Slot::Account);
        let mut sql = format!("FROM {table} AS {alias} WHERE {alias}.account_id = {account}");
        if let Some(belongs) = belonging(slots, record, place, alias) {
            sql.push_str(" AND ");
            sql.push_str(&belongs);
        }
        if let Some(column) = &record.user_column {
            let user = slots.place(Slot::User);
            sql.push_str(&format!(" AND {} = {user}", column_of(alias, column)));
        }
        sql
    }

    /// SQL behind that, for those that the selection chooses.
    pub(super) fn chosen(&self, slots: &mut Slots, spot: &Spot, alias: &str) -> String {
        let record = self.resource.record_type(spot.record);
        let conditions = self.conditions(spot);
        let conditions =
            conditions.filter_map(|condition| conditions::sql(slots, record, condition, alias));
        conditions
            .map(|condition| format!(" AND {condition}"))
            .collect()
    }

    /// What the selection asks of records at a place.
    fn conditions(&self, spot: &Spot) -> impl Iterator<Item = &Condition> {
        let conditions = self.selection.conditions.iter();
        conditions.filter(move |condition| spot.path.as_ref() == Some(&condition.record_path))
    }

    fn reserve(&mut self, path: String) -> usize {
        self.nodes.push(Node {
            path,
            pages: None,
            own: None,
            parts: Vec::new(),
        });
        self.nodes.len() - 1
    }

    fn fill(
        &mut self,
        number: usize,
        pages: Option<Pages>,
        own: Option<Statement>,
        parts: Vec<Part>,
    ) -> usize {
        if let Some(node) = self.nodes.get_mut(number) {
            node.pages = pages;
            node.own = own;
            node.parts = parts;
        }
        number
    }
}

/// SQL that holds for the records of a type that belong where they are looked for.
fn belonging(slots: &mut Slots, record: &Record, place: Place<'_>, alias: &str) -> Option<String> {
    let parent = match (place, &record.parent) {
        (Place::Object, _) => {
            let id = slots.place(Slot::Parent);
            return Some(format!("{alias}.id = {id}"));
        }
        (Place::Table, Some(Parent::Column(column))) => {
            return Some(format!("{} IS NULL", column_of(alias, column)));
        }
        (Place::Table, _) | (_, None) => return None,
        (Place::Bound, _) => slots.place(Slot::Parent),
        (Place::Of(outer), _) => format!("{outer}.id"),
    };
    Some(match &record.parent {
        Some(Parent::Link {
            table,
            parent: of,
            child,
        }) => {
            let link = format!("l{alias}");
            let account = slots.place(Slot::Account);
            format!(
                "{alias}.id IN (SELECT {} FROM {} AS {link} WHERE {link}.account_id = {account} AND {} = {parent})",
                column_of(&link, child),
                name(table),
                column_of(&link, of),
            )
        }
        Some(Parent::Column(column)) => format!("{} = {parent}", column_of(alias, column)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
