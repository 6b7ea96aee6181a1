//! The scripts, each composed of what its files say that they need.
//!
//! A script begins with a header, the names, the library and the form of documents. Then come the
//! fragments that its file needs (`-- needs: base/batch, routing/parked` in the first lines), each
//! after those that it needs itself, and last the file. The order follows from the files alone, so
//! every process of a build makes the same text, and a script has one SHA.

use std::sync::OnceLock;

use crate::call::doc::Documents;

/// A Lua file: its path below `lua/`, without the extension, and its text.
type Source = (&'static str, &'static str);

macro_rules! source {
    ($path:expr) => {
        ($path, include_str!(concat!("../lua/", $path, ".lua")))
    };
}

/// What every script begins with, for each form of documents.
const COMMON: [[Source; 3]; 2] = [
    [source!("base/names"), source!("base/lib"), source!("base/docs_hash")],
    [source!("base/names"), source!("base/lib"), source!("base/docs_json")],
];

/// What scripts and other fragments may need.
const FRAGMENTS: [Source; 18] = [
    source!("agents/agents"),
    source!("agents/available"),
    source!("agents/free"),
    source!("agents/presence"),
    source!("agents/skills"),
    source!("base/batch"),
    source!("base/refusals"),
    source!("checks/base"),
    source!("contacts/contacts"),
    source!("contacts/requeue"),
    source!("contacts/retention"),
    source!("routing/best_waiting"),
    source!("routing/dequeue"),
    source!("routing/enqueue"),
    source!("routing/matching"),
    source!("routing/parked"),
    source!("routing/signature"),
    source!("routing/waiting"),
];

/// One script in its two forms, one for each form of documents.
#[derive(Debug)]
pub(crate) struct Script {
    /// The stem of its file: what spans and metrics call it.
    pub(crate) name: &'static str,
    flags: &'static str,
    file: Source,
    composed: [OnceLock<Composed>; 2],
}

#[derive(Debug)]
struct Composed {
    text: String,
    sha: String,
}

impl Script {
    const fn new(name: &'static str, flags: &'static str, file: Source) -> Self {
        Self { name, flags, file, composed: [const { OnceLock::new() }; 2] }
    }

    /// What is sent when the server does not know the script.
    pub(crate) fn text(&self, documents: Documents) -> &str {
        &self.composed(documents).text
    }

    /// What the server knows the script by.
    pub(crate) fn sha(&self, documents: Documents) -> &str {
        &self.composed(documents).sha
    }

    fn composed(&self, documents: Documents) -> &Composed {
        self.composed[documents as usize].get_or_init(|| {
            let mut parts: Vec<Source> = COMMON[documents as usize].to_vec();
            add(&mut parts, self.file);
            let code = parts.iter().map(|(_, text)| *text);
            let text = std::iter::once(self.flags).chain(code).collect::<String>();
            let sha = redis::Script::new(&text).get_hash().to_owned();
            Composed { text, sha }
        })
    }
}

/// Adds a file after everything that it needs. A need that is no fragment is left out, which a test
/// does not let happen.
fn add(parts: &mut Vec<Source>, file: Source) {
    if parts.contains(&file) {
        return;
    }
    for need in needs(file.1) {
        if let Some(fragment) = FRAGMENTS.iter().find(|(path, _)| *path == need) {
            add(parts, *fragment);
        }
    }
    parts.push(file);
}

/// The fragments that a file's first lines name.
fn needs(text: &str) -> impl Iterator<Item = &str> {
    let comments = text.lines().take_while(|line| line.starts_with("--"));
    let lists = comments.filter_map(|line| line.strip_prefix("-- needs: "));
    lists.flat_map(|list| list.split(',').map(str::trim))
}

macro_rules! scripts {
    ($($flags:ident $constant:ident = $folder:literal / $name:literal;)*) => {
        $(pub(crate) static $constant: Script =
            Script::new($name, scripts!(@header $flags), source!(concat!($folder, "/", $name)));)*
        /// Every script.
        #[cfg(test)]
        pub(crate) const ALL: &[&Script] = &[$(&$constant),*];
    };
    (@header reads) => { "#!lua flags=no-writes\n" };
    // Refused when the server is out of memory.
    (@header adds) => { "#!lua\n" };
    // Runs even then: work that is on its way goes on, and it frees more than it takes.
    (@header moves) => { "#!lua flags=allow-oom\n" };
}

scripts! {
    moves PUT_CENTER = "centers" / "put_center";
    reads READ_STATS = "centers" / "read_stats";

    adds CREATE_CONTACT = "contacts" / "create_contact";
    moves END_CONTACT = "contacts" / "end_contact";
    moves REQUEUE_CONTACT = "contacts" / "requeue_contact";
    reads READ_CONTACT = "contacts" / "read_contact";
    reads LIST_CONTACTS = "contacts" / "list_contacts";
    reads EXPLAIN_CONTACT = "contacts" / "explain_contact";

    adds CREATE_AGENT = "agents" / "create_agent";
    reads READ_AGENT = "agents" / "read_agent";
    reads LIST_AGENTS = "agents" / "list_agents";
    adds UPDATE_AGENT = "agents" / "update_agent";
    moves DELETE_AGENT = "agents" / "delete_agent";
    moves SET_PRESENCE = "agents" / "set_presence";
    moves SET_PRESENCE_OF_ALL = "agents" / "set_presence_of_all";
    adds ADD_SKILL = "agents" / "add_skill";
    moves REMOVE_SKILL = "agents" / "remove_skill";
    moves REMOVE_SKILL_EVERYWHERE = "agents" / "remove_skill_everywhere";
    reads LIST_SKILLS = "agents" / "list_skills";

    moves DISPATCH = "routing" / "dispatch";
    moves ADVANCE_TIMERS = "timers" / "advance_timers";

    reads CHECK_CONTACTS = "checks" / "check_contacts";
    reads CHECK_AGENTS = "checks" / "check_agents";
    reads CHECK_LISTS = "checks" / "check_lists";
    reads CHECK_HEADS = "checks" / "check_heads";
    reads CHECK_ASIDE = "checks" / "check_aside";
    reads CHECK_COUNTERS = "checks" / "check_counters";
}

/// The script that runs before the form of documents is known; it has no library. Also when the memory
/// is full: who starts then is to end contacts.
pub(crate) const OPEN_STORE: &str =
    concat!("#!lua flags=allow-oom\n", include_str!("../lua/centers/open_store.lua"));

#[cfg(test)]
mod names;
#[cfg(test)]
mod tests;
