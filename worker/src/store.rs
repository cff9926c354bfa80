//! The database: statements with bound values, and batches that hold as a whole or not at all.

use crate::problem::Problem;
use crate::query::{List, Page};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use worker::js_sys::Array;
use worker::wasm_bindgen::JsCast;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{D1Database, D1PreparedStatement, D1Result, D1Type, Env};

/// A value that a statement binds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bind<'a> {
    Null,
    Text(&'a str),
    /// Integers too, up to 2^53: the column makes integers of them.
    Number(f64),
}

impl<'a> From<&'a str> for Bind<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Bind<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<Option<&'a str>> for Bind<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl<'a> From<&'a Option<String>> for Bind<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().into()
    }
}

impl From<crate::moment::Moment> for Bind<'_> {
    fn from(moment: crate::moment::Moment) -> Self {
        Self::Number(moment.number())
    }
}

impl From<Option<crate::moment::Moment>> for Bind<'_> {
    fn from(moment: Option<crate::moment::Moment>) -> Self {
        moment.map_or(Self::Null, Self::from)
    }
}

impl From<u64> for Bind<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number as f64)
    }
}

impl From<u32> for Bind<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

/// The database of the service.
pub(crate) struct Store(D1Database);

impl Store {
    /// The binding `DB`.
    pub(crate) fn open(env: &Env) -> Result<Self, Problem> {
        Ok(Self(env.d1("DB")?))
    }

    /// A statement with its values, as `?1`, `?2` and so on. Only constants of this program become SQL.
    pub(crate) fn statement(
        &self,
        sql: &str,
        values: &[Bind<'_>],
    ) -> Result<D1PreparedStatement, Problem> {
        let values: Vec<D1Type<'_>> = values
            .iter()
            .map(|value| match value {
                Bind::Null => D1Type::Null,
                Bind::Text(text) => D1Type::Text(text),
                Bind::Number(number) => D1Type::Real(*number),
            })
            .collect();
        Ok(self.0.prepare(sql).bind_refs(&values)?)
    }

    /// The first row.
    pub(crate) async fn first<T: DeserializeOwned>(
        &self,
        sql: &str,
        values: &[Bind<'_>],
    ) -> Result<Option<T>, Problem> {
        Ok(self.statement(sql, values)?.first(None).await?)
    }

    /// All rows.
    pub(crate) async fn all<T: DeserializeOwned>(
        &self,
        sql: &str,
        values: &[Bind<'_>],
    ) -> Result<Vec<T>, Problem> {
        Ok(self.statement(sql, values)?.all().await?.results()?)
    }

    /// Runs a statement; gives how many rows it changed.
    pub(crate) async fn run(&self, sql: &str, values: &[Bind<'_>]) -> Result<usize, Problem> {
        changes(&self.statement(sql, values)?.run().await?)
    }

    /// A part of a list, and how many items there are in all.
    ///
    /// `filter` is the SQL from `FROM` on, and binds all of the values; `order` is the order of the items.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        columns: &str,
        filter: &str,
        order: &str,
        values: &[Bind<'_>],
        page: Page,
    ) -> Result<List<T>, Problem> {
        #[derive(Deserialize)]
        struct Count {
            total: u64,
        }
        let (limit, offset) = (values.len() + 1, values.len() + 2);
        let select =
            format!("SELECT {columns} {filter} ORDER BY {order} LIMIT ?{limit} OFFSET ?{offset}");
        let count = format!("SELECT count(*) AS total {filter}");
        let mut of_page = values.to_vec();
        of_page.extend::<[Bind<'_>; 2]>([page.page_size.into(), page.offset().into()]);
        let results = self
            .batch(vec![
                self.statement(&select, &of_page)?,
                self.statement(&count, values)?,
            ])
            .await?;
        let total: Vec<Count> = rows(&results, 1)?;
        let total = total.first().map_or(0, |count| count.total);
        Ok(List::new(rows(&results, 0)?, page, total))
    }

    /// Runs statements in one transaction.
    pub(crate) async fn batch(
        &self,
        statements: Vec<D1PreparedStatement>,
    ) -> Result<Vec<D1Result>, Problem> {
        Ok(self.0.batch(statements).await?)
    }
}

/// The rows of a statement, each an array of its columns.
pub(crate) async fn raw(statement: &D1PreparedStatement) -> Result<Array, Problem> {
    let rows = statement.inner().raw().map_err(worker::Error::from)?;
    let rows = JsFuture::from(rows).await.map_err(worker::Error::from)?;
    Ok(rows.unchecked_into())
}

/// How many rows a statement changed.
pub(crate) fn changes(result: &D1Result) -> Result<usize, Problem> {
    Ok(result.meta()?.and_then(|meta| meta.changes).unwrap_or(0))
}

/// The rows of one statement of a batch.
pub(crate) fn rows<T: DeserializeOwned>(
    results: &[D1Result],
    number: usize,
) -> Result<Vec<T>, Problem> {
    match results.get(number) {
        Some(result) => Ok(result.results()?),
        None => Ok(Vec::new()),
    }
}
