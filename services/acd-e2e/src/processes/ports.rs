//! Ports for servers that must know theirs before they start.

use std::{collections::HashSet, net::TcpListener, sync::Mutex};

/// Below those that systems give to outgoing connections, so that a server that was killed finds
/// its port free when it starts again.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// A port of the loopback interface that nobody listens on, never the same twice.
pub(super) fn free_port() -> u16 {
    static TAKEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);
    loop {
        let port = rand::random_range(RANGE);
        let mut taken = TAKEN.lock().unwrap();
        let is_new = taken.get_or_insert_default().insert(port);
        if is_new && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
