//! Who this node is. Kept in the container; the volume only has a note of whose data it is, so a
//! new container over an old volume is seen to be broken, as one of the real product would be.

use std::{collections::BTreeMap, fs, net::IpAddr, path::Path};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// The node, its cluster, and what the servers of the cluster prove themselves with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) cluster: String,
    pub(crate) uid: u32,
    pub(crate) address: IpAddr,
    /// The password of the configuration store, the sentinels and the shards.
    pub(crate) secret: String,
    /// The nodes when last heard of: whom to ask before the configuration can be read.
    pub(crate) nodes: BTreeMap<u32, IpAddr>,
}

/// Whose data a volume has.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    cluster: String,
    node: u32,
}

/// What a node finds when it starts.
#[derive(Debug)]
pub(crate) enum Found {
    /// In no cluster yet.
    Nothing,
    /// In a cluster.
    Member(Box<Identity>),
    /// This container and this volume don't belong together; the sentence says how.
    Broken(String),
}

/// Looks at the container and the volume.
pub(crate) fn find(settings: &Settings) -> anyhow::Result<Found> {
    let identity: Option<Identity> = read(&settings.config.join("node.json"))?;
    let note: Option<Note> = read(&settings.persist.join("cluster.json"))?;
    Ok(match (identity, note) {
        (None, None) => Found::Nothing,
        (Some(me), Some(note)) if me.cluster == note.cluster && me.uid == note.node => {
            Found::Member(Box::new(me))
        }
        (None, Some(Note { cluster, node })) => Found::Broken(format!(
            "the volume holds the data of node {node} of cluster {cluster}, but this container \
             was made anew and is nobody: a node's identity ends with its container. Remove the \
             volumes of all nodes and build the cluster again"
        )),
        (Some(me), _) => Found::Broken(format!(
            "this container is node {} of cluster {}, but the volume is not that node's: give it \
             back its volume, or remove containers and volumes and build the cluster again",
            me.uid, me.cluster
        )),
    })
}

impl Identity {
    /// Keeps it in the container and notes it on the volume.
    pub(crate) fn save(&self, settings: &Settings) -> anyhow::Result<()> {
        write(&settings.config.join("node.json"), self)?;
        let note = Note { cluster: self.cluster.clone(), node: self.uid };
        write(&settings.persist.join("cluster.json"), &note)
    }
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> anyhow::Result<Option<T>> {
    match fs::read(path) {
        Ok(text) => {
            let value = serde_json::from_slice(&text);
            value.with_context(|| format!("{} is damaged", path.display())).map(Some)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("read {}", path.display())),
    }
}

/// Writes a file that only we can read, whole or not at all.
fn write(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_vec_pretty(value)?;
    write_private(path, &text).with_context(|| format!("write {}", path.display()))
}

/// Writes a file that only we can read, whole or not at all.
pub(crate) fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let beside = path.with_extension("new");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn a_new_container_over_an_old_volume_is_broken() {
        let dir = tempfile::tempdir().unwrap();
        let [config, persist] = ["etc", "persist"].map(|name| dir.path().join(name));
        fs::create_dir(&config).unwrap();
        fs::create_dir(&persist).unwrap();
        let arg = |name: &str, path: &Path| format!("--{name}={}", path.display());
        let args = ["x".to_owned(), arg("config", &config), arg("persist", &persist)];
        let settings = Settings::parse_from(args);
        assert!(matches!(find(&settings).unwrap(), Found::Nothing));

        let address = IpAddr::from([10, 0, 0, 1]);
        let me = Identity {
            cluster: "a.local".into(),
            uid: 2,
            address,
            secret: "s".into(),
            nodes: [(2, address)].into(),
        };
        me.save(&settings).unwrap();
        assert!(matches!(find(&settings).unwrap(), Found::Member(_)));

        fs::remove_file(config.join("node.json")).unwrap();
        let Found::Broken(why) = find(&settings).unwrap() else { panic!("it looks whole") };
        assert!(why.contains("node 2 of cluster a.local"), "{why}");

        me.save(&settings).unwrap();
        fs::remove_file(persist.join("cluster.json")).unwrap();
        assert!(matches!(find(&settings).unwrap(), Found::Broken(_)));
    }
}
