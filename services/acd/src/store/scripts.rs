//! The scripts, composed at compile time: a header, the shared library, the form of documents, the
//! fragments that the script uses, the script.

use std::sync::OnceLock;

use super::agreement::Documents;

/// One script in its two forms, one for each form of documents.
#[derive(Debug)]
pub(super) struct Script {
    /// The stem of its file: what spans and metrics call it.
    pub(super) name: &'static str,
    texts: [&'static str; 2],
    shas: [OnceLock<String>; 2],
}

impl Script {
    /// What is sent when the server does not know the script.
    pub(super) fn text(&self, documents: Documents) -> &'static str {
        self.texts[documents as usize]
    }

    /// What the server knows the script by.
    pub(super) fn sha(&self, documents: Documents) -> &str {
        let text = self.text(documents);
        self.shas[documents as usize].get_or_init(|| redis::Script::new(text).get_hash().to_owned())
    }
}

macro_rules! compose {
    ($flags:literal, $docs:literal, $name:literal, [$($fragment:literal)*]) => {
        concat!(
            "#!lua", $flags, "\n",
            include_str!("lua/lib.lua"),
            include_str!(concat!("lua/", $docs, ".lua")),
            $(include_str!(concat!("lua/", $fragment, ".lua")),)*
            include_str!(concat!("lua/", $name, ".lua")),
        )
    };
}

macro_rules! scripts {
    ($($flags:ident $constant:ident = $name:literal [$($fragment:literal)*];)*) => {
        $(pub(super) static $constant: Script = Script {
            name: $name,
            texts: scripts!(@texts $flags $name [$($fragment)*]),
            shas: [OnceLock::new(), OnceLock::new()],
        };)*
    };
    (@texts reads $($rest:tt)*) => { scripts!(@both " flags=no-writes", $($rest)*) };
    // Refused when the server is out of memory.
    (@texts adds $($rest:tt)*) => { scripts!(@both "", $($rest)*) };
    // Runs even then: work that is on its way goes on, and it frees more than it takes.
    (@texts moves $($rest:tt)*) => { scripts!(@both " flags=allow-oom", $($rest)*) };
    (@both $flags:literal, $name:literal $fragments:tt) => {
        [
            compose!($flags, "docs_hash", $name, $fragments),
            compose!($flags, "docs_json", $name, $fragments),
        ]
    };
}

scripts! {
    moves PUT_CENTER = "put_center" [];
    reads READ_STATS = "read_stats" [];

    adds CREATE_CONTACT = "create_contact" ["each" "contacts" "retire" "waiting" "split" "aside" "enqueue"];
    moves END_CONTACT = "end_contact" ["each" "contacts" "retire" "waiting" "dequeue" "best" "agents" "available" "release"];
    moves REQUEUE_CONTACT = "requeue_contact"
        ["contacts" "waiting" "split" "aside" "enqueue" "requeue" "best" "agents" "available" "release"];
    reads READ_CONTACT = "read_contact" ["contacts"];
    reads LIST_CONTACTS = "list_contacts" ["contacts"];
    reads EXPLAIN_CONTACT = "explain_contact" ["contacts" "waiting" "split" "agents"];

    adds CREATE_AGENT = "create_agent" ["waiting" "split" "aside" "best" "agents" "skills"];
    reads READ_AGENT = "read_agent" ["agents"];
    reads LIST_AGENTS = "list_agents" ["agents"];
    adds UPDATE_AGENT = "update_agent" ["waiting" "split" "aside" "best" "agents" "skills"];
    moves DELETE_AGENT = "delete_agent" ["contacts" "waiting" "split" "aside" "enqueue" "requeue" "best" "agents" "skills"];
    moves SET_PRESENCE = "set_presence" ["best" "agents" "available" "release" "presence"];
    moves SET_PRESENCE_OF_ALL = "set_presence_of_all" ["best" "agents" "available" "release" "presence"];
    adds ADD_SKILL = "add_skill" ["waiting" "split" "aside" "best" "agents" "skills"];
    moves REMOVE_SKILL = "remove_skill" ["waiting" "split" "aside" "best" "agents" "skills"];
    moves REMOVE_SKILL_EVERYWHERE = "remove_skill_everywhere" ["waiting" "split" "aside" "best" "agents" "skills"];
    reads LIST_SKILLS = "list_skills" [];

    moves DISPATCH = "dispatch" ["contacts" "waiting" "split" "best" "agents" "routing"];
    moves ADVANCE_TIMERS = "advance_timers" ["contacts"];

    reads CHECK_CONTACTS = "check_contacts" ["contacts" "waiting" "split" "best" "agents" "routing" "found"];
    reads CHECK_AGENTS = "check_agents" ["contacts" "agents" "found"];
    reads CHECK_LISTS = "check_lists" ["agents" "found"];
    reads CHECK_HEADS = "check_heads" ["waiting" "found"];
    reads CHECK_ASIDE = "check_aside" ["waiting" "found"];
    reads CHECK_COUNTERS = "check_counters" ["found"];
}

/// The script that runs before the form of documents is known; it has no library. Also when the memory
/// is full: who starts then is to end contacts.
pub(super) const OPEN_STORE: &str =
    concat!("#!lua flags=allow-oom\n", include_str!("lua/open_store.lua"));
