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
//! | `input.rs` | where rows come from: pages of records, or data in the bucket |
//! | `records.rs` | the SQL of a page of records |
//! | `outcome.rs` | how a turn ends, in one batch each |
//! | `sweep.rs` | once a minute: what was lost starts again, what is over goes |

mod input;
mod lease;
mod outcome;
mod records;
mod run;
mod sweep;

pub(crate) use outcome::discarding;
pub(crate) use records::Resource;
pub(crate) use sweep::{empty_discarded, sweep};

use crate::hooks::Hooks;
use crate::problem::Problem;
use crate::store::Store;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use worker::{
    Env, Message, MessageBatch, MessageExt, QueueRetryOptionsBuilder, console_error, console_log,
};

/// The queue that dead messages come to.
const DEAD: &str = "tablecast-dead-jobs";

/// What the queue carries.
#[derive(Debug, Deserialize, Serialize)]
struct Job {
    v: u32,
    job_id: String,
}

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
            v: 1,
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
    let messages = match batch.messages() {
        Ok(messages) => messages,
        Err(error) => {
            console_error!(
                "{}",
                json!({"error": "UNREADABLE_MESSAGES", "cause": error.to_string()})
            );
            batch.ack_all();
            return;
        }
    };
    for message in messages {
        match settle(&message, is_dead, env).await {
            Verdict::Done => message.ack(),
            Verdict::Again(seconds) => {
                let options = QueueRetryOptionsBuilder::new().with_delay_seconds(seconds);
                message.retry_with_options(&options.build());
            }
        }
    }
}

async fn settle(message: &Message<Value>, is_dead: bool, env: &Env) -> Verdict {
    let job: Job = match serde_json::from_value(message.body().clone()) {
        Ok(job) => job,
        Err(_) => {
            // It will not become another one by being sent again.
            console_error!(
                "{}",
                json!({"error": "POISON_MESSAGE", "message_id": message.id()})
            );
            return Verdict::Done;
        }
    };
    let work = async {
        let store = Store::open(env)?;
        let hooks = Hooks::load(env, &store).await?;
        match is_dead {
            true => outcome::bury(&job.job_id, &store, &hooks).await,
            false if job.v != 1 => Err(Problem::internal("a message of an unknown version")),
            false => run::work(&job.job_id, env, &store, &hooks).await,
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
