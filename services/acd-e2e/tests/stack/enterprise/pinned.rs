//! Connections to the database that are made once and never again, as a client has that sleeps in a
//! blocking command: what closes them shows.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::harness::{poll, setting};

/// How long a reply may take before the connection counts as lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two commands.
const PAUSE: Duration = Duration::from_millis(20);

/// Connections through the virtual address that send one command again and again.
pub(super) struct Pinned {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Felt>>,
}

/// What one connection had.
#[derive(Debug)]
pub(super) struct Felt {
    pub(super) replies: u64,
    /// The longest time that a reply took.
    pub(super) slowest: Duration,
    /// Why and when it ended before it was told to: closed, or an error as a reply.
    pub(super) lost: Option<(Instant, String)>,
}

impl Pinned {
    /// Opens so many. The balancers spread them over the nodes.
    pub(super) fn open(count: usize, command: &str) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let threads = (0..count).map(|_| {
            let (over, line) = (Arc::clone(&over), format!("{command}\r\n"));
            let mut connection = connect();
            std::thread::spawn(move || {
                let mut felt = Felt { replies: 0, slowest: Duration::ZERO, lost: None };
                while !over.load(Ordering::Relaxed) {
                    let asked = Instant::now();
                    if let Err(why) = ask(&mut connection, &line) {
                        felt.lost = Some((Instant::now(), why));
                        break;
                    }
                    felt.replies += 1;
                    felt.slowest = felt.slowest.max(asked.elapsed());
                    std::thread::sleep(PAUSE);
                }
                felt
            })
        });
        let threads = threads.collect();
        Self { over, threads }
    }

    /// Ends them.
    pub(super) fn end(self) -> Vec<Felt> {
        self.over.store(true, Ordering::Relaxed);
        self.threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    }

    /// Ends them; none may have been lost.
    pub(super) fn end_unharmed(self, what: &str) {
        let felt = self.end();
        assert!(felt.iter().all(|one| one.lost.is_none() && one.replies > 0), "{what}: {felt:#?}");
    }
}

fn connect() -> BufReader<TcpStream> {
    let to = format!("{}:12000", setting("ACD_VIP"));
    let mut connection = poll("connection to the database", PATIENCE, || {
        let stream = TcpStream::connect(&to).map_err(|e| e.to_string())?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(|e| e.to_string())?;
        Ok(BufReader::new(stream))
    });
    ask(&mut connection, &format!("AUTH {}\r\n", setting("RE_DATABASE_PASSWORD"))).unwrap();
    connection
}

/// Sends a command whose reply is one line.
fn ask(connection: &mut BufReader<TcpStream>, line: &str) -> Result<(), String> {
    connection.get_mut().write_all(line.as_bytes()).map_err(|e| e.to_string())?;
    let mut reply = String::new();
    match connection.read_line(&mut reply) {
        Ok(0) => Err("closed".into()),
        Ok(_) if reply.starts_with('-') => Err(reply),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}
