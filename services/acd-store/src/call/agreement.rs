//! What can't differ between two processes on the same data: how many partitions there are, and
//! the form of documents. The first process decides, the others must agree.

use std::time::Duration;

use acd_process::lifecycle::Lifecycle;
use clap::ValueEnum;
use redis::RedisResult;
use tokio::sync::watch;

use crate::{
    Store, backoff,
    call::{doc::Documents, keys, scripts},
    link::{
        confirm::Confirmation,
        durability::{Durability, DurabilityChoice},
        shared,
    },
};

/// How often a process that was told to see for itself looks for replicas, while there are none.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// How this process uses the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agreed {
    pub(crate) documents: Documents,
    /// Not agreed with anybody, but not known before Redis was reached.
    pub(crate) durability: Durability,
}

/// Which form of documents to use in a database that has none yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DocumentsChoice {
    /// RedisJSON where the server has it (2.6 or later), else hashes.
    #[default]
    Auto,
    /// Hashes.
    Hash,
    /// RedisJSON documents.
    Json,
}

impl DocumentsChoice {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Hash => "hash",
            Self::Json => "json",
        }
    }
}

/// The layout of keys and documents; a release that changes it counts it up.
pub(crate) const SCHEMA: &str = "1";

/// Compares what this process was started with to what the database was made with.
///
/// # Errors
/// A sentence that says what differs, and what to do.
pub(crate) fn compare(
    agreed: &[String],
    partitions: u16,
    choice: DocumentsChoice,
) -> Result<Documents, String> {
    let [made_with, form, schema, _version] = agreed else {
        return Err("the database's record of how it was made can't be read".into());
    };
    if *made_with != partitions.to_string() {
        return Err(format!(
            "this database was made with {made_with} partitions: set ACD_PARTITIONS={made_with}, not {partitions}"
        ));
    }
    if schema != SCHEMA {
        return Err(format!(
            "this database has layout {schema}, this release knows layout {SCHEMA}: use the release that made it"
        ));
    }
    if choice != DocumentsChoice::Auto && form != choice.as_str() {
        return Err(format!(
            "this database keeps documents as {form}: set ACD_DOCUMENTS={form}, or auto"
        ));
    }
    Ok(if form == "json" { Documents::Json } else { Documents::Hash })
}

impl Store {
    /// Asks until Redis answers; ends `lifecycle` with a failure when the settings don't agree.
    pub(crate) async fn agree(
        &self,
        choice: DocumentsChoice,
        choice_of_durability: DurabilityChoice,
        lifecycle: &Lifecycle,
        announce: &watch::Sender<Option<Agreed>>,
    ) {
        let (mut backoff, mut warned) = (backoff(), false);
        let partitions = self.inner.partitions;
        let refused = loop {
            let asked = async {
                let durability = choice_of_durability.resolve(&self.inner.target).await?;
                Ok((self.open(choice, durability).await?, durability))
            };
            match asked.await {
                Ok((agreed, durability)) => match compare(&agreed, partitions, choice) {
                    Ok(documents) => {
                        tracing::info!(
                            ?documents,
                            ?durability,
                            redis = agreed[3],
                            partitions,
                            "Redis is there"
                        );
                        let agreed = Agreed { documents, durability };
                        announce.send_replace(Some(agreed));
                        if choice_of_durability == DurabilityChoice::Auto {
                            self.look_for_replicas(agreed, announce).await;
                        }
                        return;
                    }
                    Err(sentence) => break sentence,
                },
                Err(error) => match explain(&error) {
                    Some(sentence) => break sentence.to_owned(),
                    None if warned => {}
                    None => {
                        // One line for an outage, however long it takes.
                        tracing::warn!(%error, "waiting for Redis");
                        warned = true;
                    }
                },
            }
            backoff.wait().await;
        };
        lifecycle.fail(anyhow::anyhow!(refused));
    }

    /// A primary that was promoted a moment ago has no replica yet: as soon as it has one, nothing is
    /// told any more that it does not have.
    async fn look_for_replicas(&self, agreed: Agreed, announce: &watch::Sender<Option<Agreed>>) {
        let mut durability = agreed.durability;
        while durability == Durability::Local {
            tokio::time::sleep(LOOK_AGAIN).await;
            let found = DurabilityChoice::Auto.resolve(&self.inner.target).await;
            durability = found.unwrap_or(durability);
        }
        if durability != agreed.durability {
            tracing::info!("Redis has replicas now: answers wait for them");
            announce.send_replace(Some(Agreed { durability, ..agreed }));
        }
    }

    /// Opens the database, and makes what is agreed if it is new.
    async fn open(
        &self,
        choice: DocumentsChoice,
        durability: Durability,
    ) -> RedisResult<Vec<String>> {
        let target = &self.inner.target;
        let mut peer = target.reach(keys::META, shared::RESPONSE_TIMEOUT).await?;
        let mut cmd = redis::cmd("EVAL");
        cmd.arg(scripts::OPEN_STORE).arg(1).arg(keys::META);
        cmd.arg(self.inner.partitions).arg(choice.as_str()).arg(SCHEMA);
        let agreed = cmd.query_async(&mut peer.connection).await?;
        if durability == Durability::Replicated {
            Confirmation::default().ask(target, &mut peer).await?;
        }
        Ok(agreed)
    }
}

/// What this error says that no repeating mends.
fn explain(error: &redis::RedisError) -> Option<&'static str> {
    if error.code() == Some("NO_JSON") {
        return Some(
            "ACD_DOCUMENTS=json needs RedisJSON 2.6 or later in the server: use auto or hash",
        );
    }
    // A server before 7.0 takes the header of the script for a syntax error.
    error.to_string().contains("compiling script").then_some("Redis 7.0 or later is needed")
}
