//! Making what was asked for: the queue's consumer, and the sweep.
//!
//! A message says only which job to work at; all else stands in the job's row. Whoever works at a job holds a lease on
//! it, and every claim raises the row's fence, so that one who lost the lease can change nothing any more:
//!
//! ```text
//!            claim                    file stored
//! PENDING ───────────▶ PROCESSING ─────────────────▶ READY ──72 h──▶ EXPIRED
//!    ▲                   │  │  │
//!    └── lease lost, ────┘  │  └── cannot be made ──▶ FAILED
//!        or a retry         └─▶ paused: a further message goes on
//! ```
//!
//! | file | what |
//! |---|---|
//! | `lease.rs` | claiming a job, holding it, giving it back |
//! | `run.rs` | one turn of work at a job |
//! | `outcome.rs` | how a turn ends, in one batch each |
//! | `sweep.rs` | once a minute: what was lost starts again, what is over goes |

mod lease;
mod outcome;
mod run;
mod sweep;

pub(crate) use outcome::discarding;
pub(crate) use sweep::{empty_discarded, sweep};

use crate::hooks::Hooks;
use crate::problem::Problem;
use crate::store::Store;
use serde::Serialize;
use serde_json::{Value, json};
use worker::wasm_bindgen::JsValue;
use worker::{
    Env, MessageBatch, MessageExt, QueueRetryOptionsBuilder, RawMessage, console_error,
    console_log, js_sys,
};

/// The queue that dead messages come to.
const DEAD: &str = "tablecast-dead-jobs";

/// The version of the messages that are sent and understood. One of another version comes again, and may then find
/// the program that sent it.
const VERSION: u32 = 1;

/// What the queue carries.
#[derive(Debug, Serialize)]
struct Job {
    v: u32,
    job_id: String,
}

impl Job {
    /// Reads a message. Only what is needed is looked at, whatever else and however deep the body may be.
    fn of(body: &JsValue) -> Option<Self> {
        let member = |name: &str| js_sys::Reflect::get(body, &name.into()).ok();
        let v = member("v")?.as_f64()?;
        let job_id = member("job_id")?.as_string()?;
        let is_version = v >= 1.0 && v <= f64::from(u32::MAX) && v.fract() == 0.0;
        (is_version && job_id.len() <= MAX_ID).then_some(Self {
            v: v as u32,
            job_id,
        })
    }
}

/// The most bytes that the id of a job has; they are UUIDs.
const MAX_ID: usize = 64;

/// What becomes of a message.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It is done with.
    Done,
    /// It comes again after so many seconds.
    Again(u32),
}

/// Tells the queue of a job. Where that fails, the sweep does it.
pub(crate) async fn announce(id: &str, env: &Env) {
    let send = async {
        let job = Job {
            v: VERSION,
            job_id: id.to_owned(),
        };
        env.queue("JOBS")?.send(job).await
    };
    if let Err(error) = send.await {
        console_error!(
            "{}",
            json!({"job_id": id, "error": "QUEUE", "cause": error.to_string()})
        );
    }
}

/// Works at each message of a batch. Nothing that goes wrong with one concerns the others.
pub(crate) async fn consume(batch: MessageBatch<Value>, env: &Env) {
    let is_dead = batch.queue() == DEAD;
    for message in batch.raw_iter() {
        match settle(&message, is_dead, env).await {
            Verdict::Done => message.ack(),
            Verdict::Again(seconds) => {
                let options = QueueRetryOptionsBuilder::new().with_delay_seconds(seconds);
                message.retry_with_options(&options.build());
            }
        }
    }
}

async fn settle(message: &RawMessage, is_dead: bool, env: &Env) -> Verdict {
    let Some(job) = Job::of(&message.body()) else {
        // It will not become another one by being sent again.
        console_error!(
            "{}",
            json!({"error": "POISON_MESSAGE", "message_id": message.id()})
        );
        return Verdict::Done;
    };
    let work = async {
        let store = Store::open(env)?;
        let hooks = Hooks::load(env).await?;
        let verdict = match is_dead {
            true => outcome::bury(&job.job_id, &store, &hooks).await,
            false if job.v != VERSION => Err(Problem::internal("a message of an unknown version")),
            false => run::work(&job.job_id, env, &store, &hooks).await,
        };
        match verdict {
            Err(_) if hooks.is_killed() => Ok(Verdict::Done),
            verdict => verdict,
        }
    };
    match work.await {
        Ok(verdict) => {
            console_log!(
                "{}",
                json!({"job_id": job.job_id, "verdict": format!("{verdict:?}")})
            );
            verdict
        }
        Err(problem) => {
            console_error!(
                "{}",
                json!({"job_id": job.job_id, "error": problem.code(), "cause": problem.cause()})
            );
            Verdict::Again(30)
        }
    }
}
