//! The scripts, composed at compile time: a header, the shared library, the form of documents, the
//! fragments that the script uses, the script.

use std::sync::OnceLock;

use crate::call::doc::Documents;

/// One script in its two forms, one for each form of documents.
#[derive(Debug)]
pub(crate) struct Script {
    /// The stem of its file: what spans and metrics call it.
    pub(crate) name: &'static str,
    texts: [&'static str; 2],
    shas: [OnceLock<String>; 2],
}

impl Script {
    /// What is sent when the server does not know the script.
    pub(crate) fn text(&self, documents: Documents) -> &'static str {
        self.texts[documents as usize]
    }

    /// What the server knows the script by.
    pub(crate) fn sha(&self, documents: Documents) -> &str {
        let text = self.text(documents);
        self.shas[documents as usize].get_or_init(|| redis::Script::new(text).get_hash().to_owned())
    }
}

macro_rules! compose {
    ($flags:literal, $docs:literal, $folder:literal, $name:literal, [$($fragment:literal)*]) => {
        concat!(
            "#!lua", $flags, "\n",
            include_str!("../lua/base/lib.lua"),
            include_str!(concat!("../lua/base/", $docs, ".lua")),
            $(include_str!(concat!("../lua/", $fragment, ".lua")),)*
            include_str!(concat!("../lua/", $folder, "/", $name, ".lua")),
        )
    };
}

macro_rules! scripts {
    ($($flags:ident $constant:ident = $folder:literal / $name:literal [$($fragment:literal)*];)*) => {
        $(pub(crate) static $constant: Script = Script {
            name: $name,
            texts: scripts!(@texts $flags $folder $name [$($fragment)*]),
            shas: [OnceLock::new(), OnceLock::new()],
        };)*
    };
    (@texts reads $($rest:tt)*) => { scripts!(@both " flags=no-writes", $($rest)*) };
    // Refused when the server is out of memory.
    (@texts adds $($rest:tt)*) => { scripts!(@both "", $($rest)*) };
    // Runs even then: work that is on its way goes on, and it frees more than it takes.
    (@texts moves $($rest:tt)*) => { scripts!(@both " flags=allow-oom", $($rest)*) };
    (@both $flags:literal, $folder:literal $name:literal $fragments:tt) => {
        [
            compose!($flags, "docs_hash", $folder, $name, $fragments),
            compose!($flags, "docs_json", $folder, $name, $fragments),
        ]
    };
}

scripts! {
    moves PUT_CENTER = "centers" / "put_center" [];
    reads READ_STATS = "centers" / "read_stats" [];

    adds CREATE_CONTACT = "contacts" / "create_contact"
        ["base/batch" "contacts/contacts" "contacts/retention" "routing/waiting" "routing/signature"
         "routing/parked" "routing/enqueue"];
    moves END_CONTACT = "contacts" / "end_contact"
        ["base/batch" "contacts/contacts" "contacts/retention" "routing/waiting" "routing/dequeue"
         "routing/best_waiting" "agents/agents" "agents/available" "agents/free"];
    moves REQUEUE_CONTACT = "contacts" / "requeue_contact"
        ["contacts/contacts" "routing/waiting" "routing/signature" "routing/parked"
         "routing/enqueue" "contacts/requeue" "routing/best_waiting" "agents/agents"
         "agents/available" "agents/free"];
    reads READ_CONTACT = "contacts" / "read_contact" ["contacts/contacts"];
    reads LIST_CONTACTS = "contacts" / "list_contacts" ["contacts/contacts"];
    reads EXPLAIN_CONTACT = "contacts" / "explain_contact"
        ["contacts/contacts" "routing/waiting" "routing/signature" "agents/agents"];

    adds CREATE_AGENT = "agents" / "create_agent"
        ["routing/waiting" "routing/signature" "routing/parked" "routing/best_waiting"
         "agents/agents" "agents/skills"];
    reads READ_AGENT = "agents" / "read_agent" ["agents/agents"];
    reads LIST_AGENTS = "agents" / "list_agents" ["agents/agents"];
    adds UPDATE_AGENT = "agents" / "update_agent"
        ["routing/waiting" "routing/signature" "routing/parked" "routing/best_waiting"
         "agents/agents" "agents/skills"];
    moves DELETE_AGENT = "agents" / "delete_agent"
        ["contacts/contacts" "routing/waiting" "routing/signature" "routing/parked"
         "routing/enqueue" "contacts/requeue" "routing/best_waiting" "agents/agents"
         "agents/skills"];
    moves SET_PRESENCE = "agents" / "set_presence"
        ["routing/best_waiting" "agents/agents" "agents/available" "agents/free" "agents/presence"];
    moves SET_PRESENCE_OF_ALL = "agents" / "set_presence_of_all"
        ["routing/best_waiting" "agents/agents" "agents/available" "agents/free" "agents/presence"];
    adds ADD_SKILL = "agents" / "add_skill"
        ["routing/waiting" "routing/signature" "routing/parked" "routing/best_waiting"
         "agents/agents" "agents/skills"];
    moves REMOVE_SKILL = "agents" / "remove_skill"
        ["routing/waiting" "routing/signature" "routing/parked" "routing/best_waiting"
         "agents/agents" "agents/skills"];
    moves REMOVE_SKILL_EVERYWHERE = "agents" / "remove_skill_everywhere"
        ["routing/waiting" "routing/signature" "routing/parked" "routing/best_waiting"
         "agents/agents" "agents/skills"];
    reads LIST_SKILLS = "agents" / "list_skills" [];

    moves DISPATCH = "routing" / "dispatch"
        ["contacts/contacts" "routing/waiting" "routing/signature" "routing/best_waiting"
         "agents/agents" "routing/matching"];
    moves ADVANCE_TIMERS = "timers" / "advance_timers" ["contacts/contacts"];

    reads CHECK_CONTACTS = "checks" / "check_contacts"
        ["contacts/contacts" "routing/waiting" "routing/signature" "routing/best_waiting"
         "agents/agents" "routing/matching" "checks/base"];
    reads CHECK_AGENTS = "checks" / "check_agents" ["contacts/contacts" "agents/agents" "checks/base"];
    reads CHECK_LISTS = "checks" / "check_lists" ["agents/agents" "checks/base"];
    reads CHECK_HEADS = "checks" / "check_heads" ["routing/waiting" "checks/base"];
    reads CHECK_ASIDE = "checks" / "check_aside" ["routing/waiting" "checks/base"];
    reads CHECK_COUNTERS = "checks" / "check_counters" ["checks/base"];
}

/// The script that runs before the form of documents is known; it has no library. Also when the memory
/// is full: who starts then is to end contacts.
pub(crate) const OPEN_STORE: &str =
    concat!("#!lua flags=allow-oom\n", include_str!("../lua/centers/open_store.lua"));
