//! `POST /api/export`: data in the body → the file, streamed through.

use crate::audit::Event;
use crate::body::{Body, max_body_bytes};
use crate::call::Call;
use crate::catalog;
use crate::flow::{Flow, Input};
use crate::problem::Problem;
use crate::templates;
use serde_json::json;
use tablecast::{DocumentHead, Exporter, Limits, Setting, Source, Surface};
use worker::{Request, Response};

/// Answers the route.
pub(crate) async fn export(request: &mut Request, call: &Call<'_>) -> Result<Response, Problem> {
    let mut body = Body::open(request, max_body_bytes(call.env))?;
    let query: Vec<_> = request.url()?.query_pairs().into_owned().collect();
    let begun = match query.is_empty() && body.source() == Source::Json {
        true => document(&mut body, call).await,
        false => data(query, body.source(), call).await,
    };
    let exporter = match begun {
        Ok(exporter) => exporter,
        Err(problem) => {
            body.drain().await;
            return Err(problem);
        }
    };
    let mut flow = Flow::new(body, exporter);
    if let Err(problem) = begin(&mut flow, call).await {
        flow.input.drain().await;
        return Err(problem);
    }
    flow.answer(call)
}

/// Makes the first piece, and writes down that somebody asked for a file, once it is sure that there is one.
async fn begin(flow: &mut Flow<Body>, call: &Call<'_>) -> Result<(), Problem> {
    flow.advance().await?;
    match call.anyone() {
        Some(caller) => {
            Event::of_call(call, caller, "export.stream")
                .with(json!({"content_type": flow.file().content_type}))
                .record_within_rate(call)
                .await
        }
        None => Ok(()),
    }
}

impl Input for Body {
    async fn next(&mut self) -> Result<Option<&[u8]>, Problem> {
        Body::next(self).await
    }
}

/// The body is data, and the options stand in the query.
async fn data(
    mut query: Vec<(String, String)>,
    source: Source,
    call: &Call<'_>,
) -> Result<Exporter, Problem> {
    let place = query.iter().position(|(name, _)| name == "template_id");
    if let Some((_, id)) = place.map(|place| query.remove(place)) {
        if query
            .iter()
            .any(|(name, _)| name == "template" || name.starts_with("template."))
        {
            return Err(templates::two_templates());
        }
        let template = match templates::snapshot(&id, call).await? {
            Setting::Text(id) => id,
            document => document.to_json(),
        };
        query.push(("template".to_owned(), template));
    }
    let mut options = Setting::from_query(query)?;
    catalog::of(call.env)?.resolve(&mut options)?;
    let mut request = tablecast::Request::new(&options, Surface::Query)?;
    *request.limits_mut() = request.limits_mut().within(&Limits::default());
    request.set_default_source(source)?;
    request.set_default_now(&call.now().iso());
    Ok(Exporter::new(request))
}

/// The body is a document with the options and, behind them, the data.
async fn document(body: &mut Body, call: &Call<'_>) -> Result<Exporter, Problem> {
    let limits = Limits::default();
    let now = call.now().iso();
    let mut head = DocumentHead::new(&limits);
    loop {
        let Some(found) = head.read()? else {
            match body.next().await? {
                Some(piece) => head.push_bytes(piece)?,
                None => head.end_input(),
            }
            continue;
        };
        let mut options = found.options;
        templates::resolve(&mut options, call).await?;
        catalog::of(call.env)?.resolve(&mut options)?;
        let member = found.member.unwrap_or_default();
        match tablecast::Request::for_document(&options, &member, &limits, &now) {
            Ok(request) => {
                let mut exporter = Exporter::new(request);
                exporter.push_bytes(head.bytes())?;
                return Ok(exporter);
            }
            // What is missing may come too late, which is another mistake: the document is read on.
            Err(error) => head.refuse(error)?,
        }
    }
}
