//! The input of an export, piece by piece, which another invocation may go on with.
//!
//! What is open stands on a stack, outermost first: an array of records, a record that is read in parts, an array inside
//! of that, and so on. Between two records of the innermost array the stack can be written down, and gone on with.

use super::Cursor;
use super::long_text::LongText;
use super::open::{Open, OpenArray, OpenRecord, Written};
use super::packer::Packer;
use super::pages::{Next, Records, text_at};
use super::plan::{Holds, Node, Plan};
use super::statement::Values;
use crate::flow::Input;
use crate::problem::Problem;
use crate::store::{self, Store};
use crate::upload;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use worker::js_sys::Array;
use worker::wasm_bindgen::JsCast;
use worker::{Bucket, Env};

/// Pieces end at about so many bytes. A page is one piece, whatever it has.
const PIECE: usize = 256 << 10;

/// Whose data are exported, and up to when.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) account_id: String,
    pub(crate) user_id: String,
    /// The object that is exported; empty for a type that is exported as a whole.
    pub(crate) object_id: String,
    /// The moment up to which records count.
    pub(crate) until: String,
}

/// Where a source is, between two records.
#[derive(Deserialize, Serialize)]
pub(crate) struct State {
    stack: Vec<Open>,
    records: u64,
}

/// A page that was packed, which is a piece of its own.
struct Packed {
    rows: Vec<u8>,
    /// The input may be cut behind it.
    is_between: bool,
}

/// The records of a resource as the engine takes them: JSON, or packed.
pub(crate) struct Source {
    plan: Rc<Plan>,
    scope: Scope,
    store: Store,
    bucket: Bucket,
    stack: Vec<Open>,
    /// The text of the bucket that is being written.
    text: Option<LongText>,
    piece: String,
    /// The piece was given to whoever asked.
    is_taken: bool,
    /// Rows that come behind the piece.
    packed: Option<Packed>,
    packer: Option<Packer>,
    /// The packed rows that were given last.
    given: Vec<u8>,
    is_between: bool,
    records: u64,
    queries: u64,
}

impl Source {
    /// What the engine takes the input for: JSON, and between it rows that are packed.
    pub(crate) const KIND: tablecast::Source = tablecast::Source::Values;

    /// The input from its begin.
    pub(crate) fn new(plan: Plan, scope: Scope, env: &Env) -> Result<Self, Problem> {
        let root = plan.root;
        let parent = scope.object_id.clone();
        let mut source = Self::of(plan, scope, env)?;
        source.begin(root, parent);
        Ok(source)
    }

    /// The input from where another source was written down.
    pub(crate) fn resume(
        plan: Plan,
        scope: Scope,
        state: State,
        env: &Env,
    ) -> Result<Self, Problem> {
        let mut source = Self::of(plan, scope, env)?;
        source.stack = state.stack;
        source.records = state.records;
        // The input of a table is an array of its own in each part.
        if let (true, Some(Open::Array(array))) = (source.plan.is_table, source.stack.first_mut()) {
            array.is_empty = true;
            source.piece.push('[');
        }
        Ok(source)
    }

    fn of(plan: Plan, scope: Scope, env: &Env) -> Result<Self, Problem> {
        Ok(Self {
            plan: Rc::new(plan),
            scope,
            store: Store::open(env)?,
            bucket: upload::bucket(env)?,
            stack: Vec::new(),
            text: None,
            piece: String::new(),
            is_taken: false,
            packed: None,
            packer: None,
            given: Vec::new(),
            is_between: false,
            records: 0,
            queries: 0,
        })
    }

    /// Checks that the object is there which is exported.
    ///
    /// # Errors
    ///
    /// `RESOURCE_NOT_FOUND`, for an object of another account too.
    pub(crate) async fn check_object(&mut self) -> Result<(), Problem> {
        let Some(statement) = &self.plan.object else {
            return Ok(());
        };
        let nowhere = Cursor::default();
        let values = self.values(&self.scope.object_id, &nowhere, 1);
        let found = store::raw(&statement.bind(&self.store, &values)?).await?;
        self.queries += 1;
        match found.length() {
            0 => Err(Problem::resource_not_found()),
            _ => Ok(()),
        }
    }

    /// How many records were read so far. Those that came inside of another one's text do not count.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// How many queries to the database, and reads of the bucket, there were since this was asked last.
    pub(crate) fn take_queries(&mut self) -> u64 {
        std::mem::take(&mut self.queries)
    }

    /// Whether the last piece ended between two records, so that the input may be cut there.
    pub(crate) fn is_between(&self) -> bool {
        self.is_between
    }

    /// Whether a record comes next that is read in parts.
    pub(crate) fn is_before_large(&self) -> bool {
        match self.stack.last() {
            Some(Open::Array(array)) => array.ahead.next(array.left) == Next::Large,
            _ => false,
        }
    }

    /// What ends the input of a part that is cut here.
    pub(crate) fn cut_end(&self) -> &'static str {
        if self.plan.is_table { "]" } else { "" }
    }

    /// Where it is, [between](Self::is_between) two records.
    pub(crate) fn state(self) -> State {
        State {
            stack: self.stack,
            records: self.records,
        }
    }

    fn values<'a>(&'a self, parent: &'a str, cursor: &'a Cursor, limit: u64) -> Values<'a> {
        Values {
            account_id: &self.scope.account_id,
            user_id: &self.scope.user_id,
            parent,
            cursor,
            until: &self.scope.until,
            limit,
        }
    }

    /// Opens the records of a node.
    fn begin(&mut self, node: usize, parent: String) {
        let plan = Rc::clone(&self.plan);
        let pages = plan.node(node).and_then(|node| node.pages.as_ref());
        self.stack.push(match pages {
            Some(pages) => {
                self.piece.push('[');
                Open::Array(OpenArray::new(node, parent, pages))
            }
            None => Open::Record(OpenRecord::new(node, parent, Cursor::default())),
        });
    }

    /// Ends the innermost.
    fn end(&mut self, end: &str) {
        self.piece.push_str(end);
        // The array that a record was in goes on behind it.
        let inner = self.stack.pop();
        if let (Some(Open::Record(_)), Some(Open::Array(array))) = (inner, self.stack.last()) {
            let is_between = !array.is_empty && array.ahead.next(array.left) != Next::End;
            self.is_between = is_between && self.is_cut_here();
        }
    }

    /// Whether the input may be cut in the innermost array. The engine takes the records of a table whole.
    fn is_cut_here(&self) -> bool {
        !self.plan.is_table || self.stack.len() == 1
    }

    /// Goes on with the innermost.
    async fn step(&mut self) -> Result<(), Problem> {
        // It comes back in its place as soon as it is known that it stays.
        match self.stack.pop() {
            Some(Open::Array(array)) => self.step_array(array).await,
            Some(Open::Record(record)) => self.step_record(record).await,
            None => Ok(()),
        }
    }

    async fn step_array(&mut self, mut array: OpenArray) -> Result<(), Problem> {
        let plan = Rc::clone(&self.plan);
        let node = plan.node(array.node).ok_or_else(lost)?;
        let pages = node.pages.as_ref().ok_or_else(lost)?;
        match array.ahead.next(array.left) {
            Next::End => {
                self.stack.push(Open::Array(array));
                self.end("]");
            }
            Next::Unknown => {
                let values = self.values(&array.parent, &array.cursor, 0);
                pages.look(&values, &self.store, &mut array.ahead).await?;
                self.queries += 1;
                self.stack.push(Open::Array(array));
            }
            Next::Large => {
                array.ahead.pass();
                let record =
                    OpenRecord::new(array.node, array.parent.clone(), array.cursor.clone());
                self.stack
                    .extend([Open::Array(array), Open::Record(record)]);
            }
            Next::Page(count) => {
                if pages.holds == Holds::Fields && self.packer.is_none() {
                    self.packer = Some(Packer::new(&node.parts)?);
                }
                let packer = self
                    .packer
                    .as_ref()
                    .filter(|_| pages.holds == Holds::Fields);
                let values = self.values(&array.parent, &array.cursor, count);
                let ahead = &mut array.ahead;
                let page = pages.read(&values, &self.store, ahead, packer).await?;
                self.queries += 1;
                self.records += page.rows;
                let mut packed = None;
                match page.records {
                    _ if page.rows == 0 => {}
                    Records::Text(text) => {
                        array.separate(&mut self.piece);
                        self.piece.push_str(&text);
                    }
                    // Between packed rows there are no commas.
                    Records::Packed(rows) => {
                        array.is_empty = false;
                        packed = Some(rows);
                    }
                }
                array.pass(page.rows, page.next);
                // Behind the last record there is nothing to go on with.
                let is_between = !array.is_empty && array.ahead.next(array.left) != Next::End;
                self.stack.push(Open::Array(array));
                let is_between = is_between && self.is_cut_here();
                match packed {
                    Some(rows) => self.packed = Some(Packed { rows, is_between }),
                    None => self.is_between = is_between,
                }
            }
        }
        Ok(())
    }

    async fn step_record(&mut self, mut record: OpenRecord) -> Result<(), Problem> {
        let plan = Rc::clone(&self.plan);
        let node = plan.node(record.node).ok_or_else(lost)?;
        if node.own.is_some() && record.row.is_none() {
            let row = self.read(node, &record).await?;
            let is_begun = record.id.is_some();
            match row {
                Some(row) if !is_begun || record.id == Some(text_at(&row, 0)?) => {
                    self.enter(node, &mut record, row)?;
                }
                // Another one than that of which a part is written already.
                _ if is_begun => return Err(gone()),
                _ if self.stack.is_empty() => return Err(Problem::resource_not_found()),
                _ => {
                    let is_single = node.pages.is_none();
                    self.stack.push(Open::Record(record));
                    // One of an array was deleted since its size was read.
                    self.end(if is_single { "null" } else { "" });
                    return Ok(());
                }
            }
        }
        if record.part == 0 {
            self.piece.push('{');
        }
        let part = node.parts.get(record.part);
        let written = part.map(|part| record.write(part, &mut self.piece));
        // What belongs to the object around all belongs to the object that is exported.
        let id = record.id.clone();
        let id = id.unwrap_or_else(|| self.scope.object_id.clone());
        self.stack.push(Open::Record(record));
        match written {
            None => self.end("}"),
            Some(Written::Value) => {}
            Some(Written::Nested(node)) => self.begin(node, id),
            Some(Written::Long { field, key }) => {
                let field = match node.path.as_str() {
                    "" => field,
                    path => format!("{path}.{field}"),
                };
                self.text = Some(LongText::open(&self.bucket, &key, &field).await?);
                self.queries += 1;
            }
        }
        Ok(())
    }

    /// The columns of a record.
    async fn read(&mut self, node: &Node, record: &OpenRecord) -> Result<Option<Array>, Problem> {
        let own = node.own.as_ref().ok_or_else(lost)?;
        let values = self.values(&record.parent, &record.before, 1);
        let rows = store::raw(&own.bind(&self.store, &values)?).await?;
        self.queries += 1;
        Ok((rows.length() > 0).then(|| rows.get(0).unchecked_into()))
    }

    /// A record that was read, which its array has passed now.
    fn enter(&mut self, node: &Node, record: &mut OpenRecord, row: Array) -> Result<(), Problem> {
        let id = text_at(&row, 0)?;
        let array = match self.stack.last_mut() {
            Some(Open::Array(array)) if node.pages.is_some() && record.id.is_none() => Some(array),
            _ => None,
        };
        if let Some(array) = array {
            let cursor = Cursor {
                created_at: text_at(&row, 1)?,
                id: id.clone(),
            };
            array.separate(&mut self.piece);
            array.pass(1, cursor);
            self.records += 1;
        }
        record.id = Some(id);
        record.row = Some(row);
        Ok(())
    }
}

impl Input for Source {
    async fn next(&mut self) -> Result<Option<&[u8]>, Problem> {
        if std::mem::replace(&mut self.is_taken, true) {
            self.piece.clear();
        }
        self.is_between = false;
        while self.piece.len() < PIECE && self.packed.is_none() && !self.is_between {
            if let Some(text) = &mut self.text {
                if !text.write(&mut self.piece).await? {
                    self.piece.push('"');
                    self.text = None;
                }
            } else if self.stack.is_empty() {
                break;
            } else {
                self.step().await?;
            }
        }
        if !self.piece.is_empty() {
            return Ok(Some(self.piece.as_bytes()));
        }
        let packed = self.packed.take();
        self.is_between = packed.as_ref().is_some_and(|packed| packed.is_between);
        self.given = packed.map(|packed| packed.rows).unwrap_or_default();
        Ok((!self.given.is_empty()).then_some(&self.given))
    }
}

fn lost() -> Problem {
    Problem::internal("the state of a source is damaged")
}

fn gone() -> Problem {
    Problem::internal("a record is gone of which a part was written")
}
