//! One turn of work at a job: rows through the engine into the bucket, in bounded memory.

use super::lease::{self, Claim, Claimed, Lease};
use super::{Verdict, outcome};
use crate::access::hex;
use crate::call;
use crate::catalog;
use crate::chosen::Chosen;
use crate::flow::Input;
use crate::hooks::{Hooks, Stop};
use crate::moment::{Moment, SECOND};
use crate::object::Object;
use crate::problem::{Problem, report_document};
use crate::records::{Source, State};
use crate::store::Store;
use crate::upload::{self, Paused, Upload};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use sha2::digest::Digest;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use std::cell::RefCell;
use tablecast::{Exporter, HeaderScan, KnownHeader, Limits, Report, Request, Setting};
use worker::{Bucket, Env};

/// A file that is in the bucket.
pub(super) struct File {
    pub(super) rows: u64,
    pub(super) size: u64,
    pub(super) sha256: String,
    pub(super) report: Value,
}

/// Somebody at work at a job.
pub(super) struct Attempt<'a> {
    pub(super) job: &'a Claimed,
    pub(super) env: &'a Env,
    pub(super) store: &'a Store,
    pub(super) hooks: &'a Hooks,
    /// The multipart upload that was begun last.
    upload_id: RefCell<Option<String>>,
}

impl Attempt<'_> {
    /// The upload that has to be ended if the file is not wanted.
    pub(super) fn upload_id(&self) -> Option<String> {
        self.upload_id.borrow().clone()
    }
}

/// A job that goes on in another invocation.
pub(super) struct Pause {
    pub(super) checkpoint: String,
    pub(super) upload_id: Option<String>,
}

/// How a turn ends that nothing disturbs.
enum End {
    Done(File),
    Paused(Pause),
}

/// What can end a turn early.
pub(super) enum Trouble {
    /// Somebody else has the job now, or it was deleted.
    Lost,
    /// As if the machine had gone away.
    Killed,
    /// It will fail again, however often it is tried.
    Hopeless(Problem),
    /// A column came after the header was written: it goes well where the input can be read once more.
    Narrow(Problem),
    /// It may go well the next time.
    Passing(Problem),
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        match (problem.status(), problem.code()) {
            // What is not there does not come back.
            (_, "TEXT_MISSING") => Self::Hopeless(problem),
            // What is not built will not be the next time. But memory is shared with other jobs.
            (500, _) | (_, "OUT_OF_MEMORY") => Self::Passing(problem),
            _ => Self::Hopeless(problem),
        }
    }
}

impl From<tablecast::Error> for Trouble {
    fn from(error: tablecast::Error) -> Self {
        let is_narrow = error.needs_header();
        let problem = Problem::from(error);
        match is_narrow {
            true => Self::Narrow(problem),
            false => problem.into(),
        }
    }
}

impl From<worker::Error> for Trouble {
    fn from(error: worker::Error) -> Self {
        Problem::from(error).into()
    }
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Killed => Self::Killed,
            Stop::Failed => Self::Passing(stop.into()),
        }
    }
}

/// Works at a job as long as this invocation may.
pub(super) async fn work(
    id: &str,
    env: &Env,
    store: &Store,
    hooks: &Hooks,
) -> Result<Verdict, Problem> {
    let job = match lease::claim(id, store, hooks).await? {
        Claim::Mine(job) => job,
        Claim::NotMine => return Ok(Verdict::Done),
        Claim::Waits(until) => {
            let seconds = until.seconds_after(hooks.now());
            return Ok(Verdict::Again(u32::try_from(seconds).unwrap_or(1)));
        }
    };
    let attempt = Attempt {
        job: &job,
        env,
        store,
        hooks,
        upload_id: RefCell::new(None),
    };
    match turn(&attempt).await {
        Ok(End::Done(file)) => outcome::complete(&attempt, &file).await,
        Ok(End::Paused(pause)) => outcome::pause(&attempt, &pause).await,
        Err(Trouble::Killed) => Ok(Verdict::Done),
        Err(Trouble::Lost) => outcome::let_go(&attempt).await,
        Err(Trouble::Hopeless(problem) | Trouble::Narrow(problem)) => {
            outcome::fail(&attempt, &problem).await
        }
        Err(Trouble::Passing(problem)) => {
            let cause = problem.cause().unwrap_or_default();
            worker::console_error!(
                "{}",
                json!({"job_id": job.id, "error": "ATTEMPT_FAILED", "cause": cause})
            );
            outcome::retry(&attempt, &problem).await
        }
    }
}

async fn turn(attempt: &Attempt<'_>) -> Result<End, Trouble> {
    let Attempt {
        job,
        env,
        store,
        hooks,
        ..
    } = *attempt;
    let now = hooks.now();
    hooks.reach("job.claimed").await?;
    let mut turn = Turn {
        attempt,
        job,
        bucket: upload::bucket(env)?,
        store,
        hooks,
        lease: Lease::new(&job.id, job.fence, now),
        budget: Budget::of(env, now),
    };
    let options = Setting::from_json(job.options.as_bytes())?;
    match &job.resource {
        Some(name) => turn.records(name, &options).await,
        None => turn.data(&options).await,
    }
}

/// What is left of this invocation's queries and time. The platform ends an invocation that takes more.
struct Budget {
    /// How many queries are left, of so many.
    queries: u64,
    most_queries: u64,
    until: Moment,
    most_rows: u64,
}

impl Budget {
    fn of(env: &Env, now: Moment) -> Self {
        let seconds = call::number(env, "JOB_SECONDS_PER_INVOCATION", 600);
        let seconds = i64::try_from(seconds).unwrap_or(600);
        let most_queries = call::number(env, "JOB_QUERIES_PER_INVOCATION", 800);
        Self {
            queries: most_queries,
            most_queries,
            until: Moment(now.0.saturating_add(seconds.saturating_mul(SECOND))),
            most_rows: call::number(env, "MAX_JOB_ROWS", 100_000_000),
        }
    }

    /// Counts queries to the database and reads of the bucket.
    fn count(&mut self, queries: u64) {
        self.queries = self.queries.saturating_sub(queries);
    }

    /// Whether another invocation has to go on. A large record takes many queries, and is read by one invocation, so
    /// that at least half of them are kept for it.
    fn is_used_up(&self, before_large: bool, now: Moment) -> bool {
        let kept = match before_large {
            true => self.most_queries / 2,
            false => 0,
        };
        self.queries < kept.max(2) || now >= self.until
    }
}

/// What a paused job goes on from.
#[derive(Deserialize, Serialize)]
struct Checkpoint {
    source: State,
    /// The engine's own state.
    exporter: String,
    upload: Paused,
    /// The state of the file's hash.
    hash: Vec<u8>,
}

struct Turn<'a> {
    attempt: &'a Attempt<'a>,
    job: &'a Claimed,
    bucket: Bucket,
    store: &'a Store,
    hooks: &'a Hooks,
    lease: Lease<'a>,
    budget: Budget,
}

/// A file that is being made.
struct Making {
    exporter: Exporter,
    upload: Upload,
    hash: Sha256,
}

impl Making {
    fn new(exporter: Exporter, bucket: &Bucket, job: &Claimed) -> Self {
        Self {
            exporter,
            upload: Upload::new(bucket.clone(), &*job.file_key, &job.content_type),
            hash: Sha256::new(),
        }
    }

    /// Passes on what the engine has ready.
    async fn flow(&mut self) -> Result<(), Trouble> {
        while let Some(piece) = self.exporter.next_output()? {
            self.hash.update(piece);
            self.upload.write(piece).await?;
        }
        Ok(())
    }

    /// The file, once all input was pushed and all output has flowed.
    async fn finish(mut self) -> Result<File, Trouble> {
        let report = self.exporter.finish()?;
        let size = self.upload.finish().await?;
        Ok(File {
            rows: report.rows,
            size,
            sha256: hex(&self.hash.finalize()),
            report: reported(&report),
        })
    }
}

/// The report as callers see it, with the most memory that the engine had so far in this instance.
fn reported(report: &Report) -> Value {
    let mut document = report_document(report);
    if let Value::Object(members) = &mut document {
        members.insert("peak_wasm_bytes".into(), json!(wasm_bytes()));
    }
    document
}

#[cfg(target_arch = "wasm32")]
fn wasm_bytes() -> u64 {
    // WebAssembly memory grows by pages of 64 KiB and never shrinks.
    core::arch::wasm32::memory_size::<0>() as u64 * 65_536
}

#[cfg(not(target_arch = "wasm32"))]
fn wasm_bytes() -> u64 {
    0
}

impl Turn<'_> {
    /// The records of a resource.
    async fn records(&mut self, name: &str, options: &Setting) -> Result<End, Trouble> {
        let (job, env) = (self.job, self.attempt.env);
        let catalog = catalog::of(env)?;
        let resource = catalog.find(name)?;
        let chosen = Chosen::stored(resource, job.resource_id.clone(), &job.filters)?;
        let options = chosen.request_options(options, catalog.option(resource));
        let now = job.created_at.iso();
        let mut request = Request::for_http(&options, &Limits::default(), &now)?;
        request.set_source(Source::KIND);
        let scope = chosen.scope(&job.account_id, &job.created_by, now);
        let (mut making, mut source) = match &job.checkpoint {
            None => {
                let mut source = Source::new(chosen.plan(), scope, env)?;
                source.check_object().await?;
                let making = Making::new(Exporter::new(request), &self.bucket, job);
                (making, source)
            }
            Some(checkpoint) => {
                let checkpoint = self.checkpoint(checkpoint)?;
                self.hooks.reach("job.resumed").await?;
                let (making, state) = self.resume(checkpoint, request).await?;
                (making, Source::resume(chosen.plan(), scope, state, env)?)
            }
        };
        while let Some(piece) = source.next().await? {
            making.exporter.push_bytes(piece)?;
            self.hooks.reach("job.page").await?;
            self.budget.count(source.take_queries());
            if source.records() > self.budget.most_rows {
                return Err(Problem::job_too_large(self.budget.most_rows).into());
            }
            self.flow(&mut making).await?;
            let before_large = source.is_before_large();
            let is_used_up = self.budget.is_used_up(before_large, self.hooks.now());
            let exporter = &making.exporter;
            if is_used_up && source.is_between() && exporter.has_begun() && exporter.can_pause() {
                return self.pause(making, source).await;
            }
        }
        making.exporter.end_input();
        self.flow(&mut making).await?;
        self.hooks.reach("job.made").await?;
        Ok(End::Done(making.finish().await?))
    }

    /// Data of the request, which lie in the bucket. A column that comes late widens the header, since they can be
    /// read twice.
    async fn data(&mut self, options: &Setting) -> Result<End, Trouble> {
        let missing = || Trouble::Hopeless(Problem::internal("a job has no data"));
        let member = self.job.input_member.as_deref().ok_or_else(missing)?;
        let key = self.job.input_key.as_deref().ok_or_else(missing)?;
        let now = self.job.created_at.iso();
        let request = || Request::for_document(options, member, &Limits::default(), &now);
        let exporter = Exporter::new(request()?);
        let mut making = Making::new(exporter, &self.bucket, self.job);
        match self.pour(key, &mut making).await {
            Err(Trouble::Narrow(_)) => {
                making.upload.abandon().await;
                let mut request = request()?;
                let header = self.header(key, &request).await?;
                request.set_known_header(header);
                making = Making::new(Exporter::new(request), &self.bucket, self.job);
                self.pour(key, &mut making).await?;
            }
            poured => poured?,
        }
        self.hooks.reach("job.made").await?;
        Ok(End::Done(making.finish().await?))
    }

    /// The data of the request. They do not come back, so without them there is no hope.
    async fn input(&self, key: &str) -> Result<Object, Trouble> {
        let object = Object::open(&self.bucket, key).await?;
        let missing = || Trouble::Hopeless(Problem::internal("the data of a job are missing"));
        object.ok_or_else(missing)
    }

    /// The header of all data in an object.
    async fn header(&mut self, key: &str, request: &Request) -> Result<KnownHeader, Trouble> {
        let mut scan = HeaderScan::new(request);
        let mut object = self.input(key).await?;
        while let Some(piece) = object.next().await? {
            scan.push_bytes(piece)?;
            self.hold(None, false).await?;
        }
        Ok(scan.finish()?)
    }

    /// All of an object through the engine.
    async fn pour(&mut self, key: &str, making: &mut Making) -> Result<(), Trouble> {
        let mut object = self.input(key).await?;
        while let Some(piece) = object.next().await? {
            making.exporter.push_bytes(piece)?;
            self.flow(making).await?;
        }
        making.exporter.end_input();
        self.flow(making).await
    }

    /// Passes on what is ready, and holds the job.
    async fn flow(&mut self, making: &mut Making) -> Result<(), Trouble> {
        let before = making.upload.upload_id().is_some();
        let flowed = making.flow().await;
        let upload_id = making.upload.upload_id();
        let is_begun = !before && upload_id.is_some();
        if is_begun {
            let upload_id = upload_id.map(str::to_owned);
            self.attempt.upload_id.replace(upload_id);
            self.hooks.reach("job.upload").await?;
        }
        flowed?;
        // An upload that nobody knows of could not be ended after a crash.
        self.hold(upload_id, is_begun).await
    }

    /// Holds the job.
    async fn hold(&mut self, upload_id: Option<&str>, at_once: bool) -> Result<(), Trouble> {
        let held = self.lease.hold(upload_id, self.store, self.hooks, at_once);
        match held.await? {
            true => Ok(()),
            false => Err(Trouble::Lost),
        }
    }

    /// Ends this part of the input, and keeps apart what the upload cannot send yet.
    async fn pause(&mut self, mut making: Making, source: Source) -> Result<End, Trouble> {
        making.exporter.push_bytes(source.cut_end().as_bytes())?;
        making.exporter.pause();
        self.flow(&mut making).await?;
        let (upload, pending) = making.upload.pause();
        let tail = format!("{}/tail", self.job.file_key);
        self.bucket.put(tail, pending).execute().await?;
        let upload_id = upload.upload_id.clone();
        let checkpoint = Checkpoint {
            source: source.state(),
            exporter: making.exporter.suspend()?,
            upload,
            hash: making.hash.serialize().to_vec(),
        };
        let checkpoint = json!(checkpoint).to_string();
        Ok(End::Paused(Pause {
            checkpoint,
            upload_id,
        }))
    }

    /// Reads a checkpoint. Whatever fails from here on, the upload that it names can be ended.
    fn checkpoint(&self, text: &str) -> Result<Checkpoint, Trouble> {
        let checkpoint: Checkpoint = serde_json::from_str(text).map_err(|_| damaged())?;
        let upload_id = checkpoint.upload.upload_id.clone();
        self.attempt.upload_id.replace(upload_id);
        Ok(checkpoint)
    }

    async fn resume(
        &self,
        checkpoint: Checkpoint,
        request: Request,
    ) -> Result<(Making, State), Trouble> {
        let tail = format!("{}/tail", self.job.file_key);
        let pending = Object::open(&self.bucket, &tail).await?;
        let pending = pending.ok_or_else(damaged)?.all().await?;
        let hash = SerializedState::<Sha256>::try_from(checkpoint.hash.as_slice());
        let hash = Sha256::deserialize(&hash.map_err(|_| damaged())?).map_err(|_| damaged())?;
        let making = Making {
            exporter: Exporter::resume(request, &checkpoint.exporter)?,
            upload: Upload::resume(
                self.bucket.clone(),
                &self.job.file_key,
                &self.job.content_type,
                checkpoint.upload,
                pending,
            ),
            hash,
        };
        Ok((making, checkpoint.source))
    }
}

fn damaged() -> Problem {
    Problem::internal("a checkpoint is damaged")
}
