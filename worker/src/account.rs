//! `GET /api/export`: all data of the calling user as one JSON file, in the shape that `src/catalog/account.json` of
//! the engine describes.

use crate::audit::Event;
use crate::call::Call;
use crate::problem::Problem;
use crate::query;
use crate::records::{self, Cursor, Page};
use crate::store::{Bind, Store};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use std::vec::IntoIter;
use tablecast::{Content, FileInfo, Member, Record, Resource};
use worker::{Request, Response};

/// Answers the route.
pub(crate) async fn export(request: &Request, call: &Call<'_>) -> Result<Response, Problem> {
    query::refuse(request)?;
    let caller = call.caller()?;
    let now = call.now().iso();
    let resource = Resource::find("account")?;
    let day = now.split('T').next().unwrap_or_default();
    let format = resource.formats.first();
    let format = format.ok_or_else(|| Problem::internal("a resource without formats"))?;
    let file = FileInfo::new(&resource.file_name(day, &caller.user_id, ""), format);
    let mut document = Document {
        store: Store::open(call.env)?,
        account_id: caller.account_id.clone(),
        user_id: caller.user_id.clone(),
        now,
        members: resource.envelope.clone().into_iter(),
        resource,
        array: None,
        stage: Stage::Begin,
    };
    // The user's own record comes with the first piece: what is wrong with the database shows in the status.
    let first = document.next().await?;
    Event::of_call(call, caller, "account.export")
        .on("user", &caller.user_id)
        .record_within_rate(call)
        .await?;
    let rest = stream::try_unfold((first, document), |(ready, mut document)| async {
        let piece = match ready {
            Some(piece) => Some(piece),
            None => document.next().await.map_err(|problem| {
                let cause = problem.cause().unwrap_or_default();
                worker::console_error!(
                    "{}",
                    json!({"error": "ACCOUNT_EXPORT_BROKE_OFF", "cause": cause})
                );
                worker::Error::RustError(problem.code().to_owned())
            })?,
        };
        Ok::<_, worker::Error>(piece.map(|piece| (piece.into_bytes(), (None, document))))
    });
    Ok(Response::builder()
        .with_header("Content-Type", &file.content_type)?
        .with_header("Content-Disposition", &file.content_disposition)?
        .with_header("Cache-Control", "no-store")?
        .with_header("X-Content-Type-Options", "nosniff")?
        .from_stream(rest)?)
}

/// The file, as far as it was written. Arrays are read page by page.
struct Document {
    store: Store,
    account_id: String,
    user_id: String,
    now: String,
    resource: Resource,
    members: IntoIter<Member>,
    /// The array that is being written.
    array: Option<Rows>,
    stage: Stage,
}

#[derive(PartialEq)]
enum Stage {
    Begin,
    Members,
    Done,
}

struct Rows {
    page: Page,
    cursor: Cursor,
    is_empty: bool,
}

impl Document {
    /// The next piece: members up to the next array, or a page of it; `None` when the file is whole.
    async fn next(&mut self) -> Result<Option<String>, Problem> {
        if self.stage == Stage::Done {
            return Ok(None);
        }
        let mut piece = String::new();
        if let Some(array) = &mut self.array {
            let read = array
                .page
                .read(&self.account_id, &array.cursor, &self.now, &self.store)
                .await?;
            for record in values(&format!("[{}]", read.text))? {
                piece.push_str(if array.is_empty { "\n    " } else { ",\n    " });
                piece.push_str(&pretty(&record, "    ")?);
                array.is_empty = false;
            }
            if !read.is_last {
                array.cursor = read.next;
                return Ok(Some(piece));
            }
            piece.push_str(if array.is_empty { "]" } else { "\n  ]" });
            self.array = None;
        }
        loop {
            let Some(member) = self.members.next() else {
                piece.push_str("\n}\n");
                self.stage = Stage::Done;
                return Ok(Some(piece));
            };
            piece.push_str(if self.stage == Stage::Begin {
                "{\n  "
            } else {
                ",\n  "
            });
            self.stage = Stage::Members;
            piece.push_str(&json!(member.name).to_string());
            piece.push_str(": ");
            match &member.content {
                Content::Moment => piece.push_str(&json!(self.now).to_string()),
                Content::Text(text) => piece.push_str(&json!(text).to_string()),
                Content::Record { record, .. } => {
                    let value = self.record(self.resource.record_type(*record)).await?;
                    piece.push_str(&pretty(&value, "  ")?);
                }
                Content::Records { record, .. } => {
                    let record = self.resource.record_type(*record);
                    piece.push('[');
                    self.array = Some(Rows {
                        page: Page::of_user(record, &self.user_id),
                        cursor: Cursor::default(),
                        is_empty: true,
                    });
                    return Ok(Some(piece));
                }
                _ => return Err(Problem::internal("a member of an unknown kind")),
            }
        }
    }

    /// The one record that belongs to the user.
    async fn record(&self, record: &Record) -> Result<Value, Problem> {
        #[derive(Deserialize)]
        struct Row {
            object: String,
        }
        let column = record.user_column.as_deref().unwrap_or("user_id");
        let sql = format!(
            "SELECT {} AS object FROM {} WHERE account_id = ?1 AND {column} = ?2",
            records::object(record),
            record.table.as_deref().unwrap_or_default()
        );
        let values: [Bind<'_>; 2] = [(&self.account_id).into(), (&self.user_id).into()];
        let row: Option<Row> = self.store.first(&sql, &values).await?;
        let missing = || Problem::internal("the record of a user is missing");
        serde_json::from_str(&row.ok_or_else(missing)?.object).map_err(|_| missing())
    }
}

fn values(text: &str) -> Result<Vec<Value>, Problem> {
    serde_json::from_str(text).map_err(|error| Problem::internal(&error.to_string()))
}

/// A value with two spaces of indentation, of which all lines but the first are moved in further.
fn pretty(value: &Value, indentation: &str) -> Result<String, Problem> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|error| Problem::internal(&error.to_string()))?;
    Ok(text.replace('\n', &format!("\n{indentation}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_moved_in_as_a_whole() {
        let text = pretty(&json!({"a": "x\ny", "b": 1}), "  ").unwrap();
        assert_eq!(text, "{\n    \"a\": \"x\\ny\",\n    \"b\": 1\n  }");
    }
}
