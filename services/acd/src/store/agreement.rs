//! What can't differ between two processes on the same data: how many partitions there are, and
//! the form of documents. The first process decides, the others must agree.

use clap::ValueEnum;
use redis::RedisResult;
use tokio::sync::watch;

use super::{
    Backoff, Store,
    confirm::Confirmation,
    durability::{Durability, DurabilityChoice},
    keys, link, scripts,
};
use crate::lifecycle::Lifecycle;

/// How this process uses the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Agreed {
    pub(super) documents: Documents,
    /// Not agreed with anybody, but not known before Redis was reached.
    pub(super) durability: Durability,
}

/// The form in which contacts and agents are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Documents {
    /// Hashes whose values are JSON text.
    Hash = 0,
    /// RedisJSON documents.
    Json = 1,
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
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Hash => "hash",
            Self::Json => "json",
        }
    }
}

/// The layout of keys and documents; a release that changes it counts it up.
pub(super) const SCHEMA: &str = "1";

/// Compares what this process was started with to what the database was made with.
///
/// # Errors
/// A sentence that says what differs, and what to do.
pub(super) fn compare(
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
    pub(super) async fn agree(
        &self,
        choice: DocumentsChoice,
        durability: DurabilityChoice,
        lifecycle: &Lifecycle,
        announce: &watch::Sender<Option<Agreed>>,
    ) {
        let mut backoff = Backoff::new();
        let partitions = self.inner.partitions;
        let refused = loop {
            let asked = async {
                let durability = durability.resolve(&self.inner.target).await?;
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
                        announce.send_replace(Some(Agreed { documents, durability }));
                        return;
                    }
                    Err(sentence) => break sentence,
                },
                Err(error) => match explain(&error) {
                    Some(sentence) => break sentence.to_owned(),
                    None => backoff.warn(&error),
                },
            }
            backoff.wait().await;
        };
        lifecycle.fail(anyhow::anyhow!(refused));
    }

    /// Opens the database, and makes what is agreed if it is new.
    async fn open(
        &self,
        choice: DocumentsChoice,
        durability: Durability,
    ) -> RedisResult<Vec<String>> {
        let target = &self.inner.target;
        let mut peer = target.reach(keys::META, link::RESPONSE_TIMEOUT).await?;
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
