//! The data directory of one `acd standalone`: the files of Redis, its log, its socket, and a lock.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, symlink},
    },
    path::{Path, PathBuf},
};

use anyhow::Context;
use tempfile::TempDir;

/// The longest socket path that every Unix takes (macOS: 104 with the closing zero).
const LONGEST_SOCKET_PATH: usize = 103;

/// A data directory that is locked while this value exists.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Creates the directory if it does not exist, accessible by its owner only, and locks it.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("make the data directory {shown}"))?;
        let path = path.canonicalize().with_context(|| format!("find {shown}"))?;
        let lock = OpenOptions::new().create(true).append(true).open(path.join("lock"));
        let lock = lock.with_context(|| format!("write to the data directory {shown}"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                anyhow::bail!("the data directory {shown} is in use by another acd standalone")
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("lock the data directory {shown}"))
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The log of Redis, of this run and earlier ones.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("redis.log")
    }

    pub(crate) fn pid_file(&self) -> PathBuf {
        self.path.join("redis.pid")
    }

    fn socket_here(&self) -> PathBuf {
        self.path.join("redis.sock")
    }

    /// Where the Redis of an earlier run listens, if it still does.
    pub(crate) fn earlier_socket(&self) -> PathBuf {
        fs::read_link(self.socket_here()).unwrap_or_else(|_| self.socket_here())
    }

    /// Removes the socket of an earlier run that was killed.
    fn clear_socket(&self) -> anyhow::Result<()> {
        let earlier = self.earlier_socket();
        if earlier != self.socket_here() {
            let _ = fs::remove_file(&earlier);
            let _ = earlier.parent().map(fs::remove_dir);
        }
        match fs::remove_file(self.socket_here()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("remove {}", self.socket_here().display()))
            }
            _ => Ok(()),
        }
    }

    /// The process that uses this directory although no process answers on its socket (the socket file was
    /// removed, for example). Two servers on the same files would corrupt them.
    ///
    /// This is known on Linux only. Other systems rely on the socket.
    pub(crate) fn holder(&self) -> Option<u32> {
        let pid: u32 = fs::read_to_string(self.pid_file()).ok()?.trim().parse().ok()?;
        let works_here = fs::read_link(format!("/proc/{pid}/cwd")).ok()? == self.path;
        works_here.then_some(pid)
    }

    /// A place for the socket: in the directory, or, where the path is too long for a socket or
    /// would not survive in a URL, in a private temporary one, with a link to it here so that the
    /// next run finds it.
    pub(crate) fn place_socket(&self) -> anyhow::Result<Socket> {
        self.clear_socket()?;
        let here = self.socket_here();
        if fits(&here) {
            return Ok(Socket { path: here, _private: None });
        }
        let private = tempfile::Builder::new().prefix("acd-").tempdir();
        let private = private.context("make a directory for Redis's socket")?;
        let path = private.path().join("redis.sock");
        anyhow::ensure!(fits(&path), "no place for a socket: {} is too long", path.display());
        symlink(&path, &here).with_context(|| format!("write {}", here.display()))?;
        Ok(Socket { path, _private: Some(private) })
    }
}

/// The socket on which the own Redis listens.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) path: PathBuf,
    _private: Option<TempDir>,
}

fn fits(path: &Path) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"/._-".contains(b);
    let bytes = path.as_os_str().as_bytes();
    bytes.len() <= LONGEST_SOCKET_PATH && bytes.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn belongs_to_one_at_a_time_and_to_nobody_else() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a").join("b");
        let first = DataDir::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(DataDir::open(&path).unwrap_err().to_string().contains("in use"));
        drop(first);
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn a_path_too_long_for_a_socket_gets_one_elsewhere_that_the_next_run_finds() {
        let temp = tempfile::tempdir().unwrap();
        for name in ["x".repeat(120), "with space".to_owned()] {
            let data = DataDir::open(&temp.path().join(name)).unwrap();
            let socket = data.place_socket().unwrap();
            assert!(fits(&socket.path) && !socket.path.starts_with(data.path()));
            assert_eq!(data.earlier_socket(), socket.path);
        }
        let data = DataDir::open(&temp.path().join("short")).unwrap();
        assert_eq!(data.place_socket().unwrap().path, data.path().join("redis.sock"));
    }
}
