//! What can't differ between two processes on the same data: how many partitions there are, and
//! the form of documents. The first process decides, the others must agree.

use clap::ValueEnum;

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
