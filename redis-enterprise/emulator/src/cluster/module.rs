//! Modules that shards load.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::{crypto::hex, resp::Value};

/// A module that a server has loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Module {
    /// The name by which databases ask for it, such as `ReJSON`.
    pub(crate) name: String,
    /// As the module itself says it, such as 2.8.9.
    pub(crate) version: String,
}

impl Module {
    /// What a server answers to `MODULE LIST`.
    pub(crate) fn read(reply: &Value) -> Vec<Self> {
        let read = |module: &Value| {
            // Redis 8 lists what is compiled into it as well, without a path.
            module.field("path").filter(|path| !path.is_empty())?;
            let number: u64 = module.field("ver")?.parse().ok()?;
            let [major, minor, patch] = [number / 10_000, number / 100 % 100, number % 100];
            Some(Self { name: module.field("name")?, version: format!("{major}.{minor}.{patch}") })
        };
        let mut modules: Vec<Self> = reply.items().iter().filter_map(read).collect();
        modules.sort_by(|one, other| one.name.cmp(&other.name));
        modules
    }

    /// The identifier of this version of the module.
    fn id(&self) -> String {
        let text = format!("{} {}", self.name, self.version);
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        hex(&digest.as_ref()[..16])
    }

    /// The module object of the REST API.
    pub(crate) fn show(&self) -> Json {
        json!({
            "uid": self.id(),
            "module_name": self.name,
            "display_name": self.name,
            "semantic_version": self.version,
            "is_bundled": true,
        })
    }

    /// An element of the `module_list` of a database.
    pub(crate) fn show_loaded(&self) -> Json {
        json!({
            "module_name": self.name,
            "module_args": "",
            "module_id": self.id(),
            "semantic_version": self.version,
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn reads_the_list_of_a_server() {
        let reply = b"*2\r\n\
            *6\r\n$4\r\nname\r\n$6\r\nReJSON\r\n$3\r\nver\r\n:20809\r\n$4\r\npath\r\n$2\r\n/a\r\n\
            *6\r\n$4\r\nname\r\n$9\r\nvectorset\r\n$3\r\nver\r\n:1\r\n$4\r\npath\r\n$0\r\n\r\n";
        let read = Module::read(&Value::read(&Bytes::from_static(reply)).unwrap());
        assert_eq!(read, [Module { name: "ReJSON".into(), version: "2.8.9".into() }]);
        assert_eq!(read[0].show()["uid"], read[0].show_loaded()["module_id"]);
        assert_eq!(read[0].show_loaded()["semantic_version"], "2.8.9");
    }
}
