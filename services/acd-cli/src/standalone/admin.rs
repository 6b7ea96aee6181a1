//! The two commands that are sent to the own Redis outside of the store: PING and SHUTDOWN.

use std::{io, path::Path, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    time::timeout,
};

/// How long Redis may take to answer PING.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether a Redis listens on `socket` and has loaded its data.
pub(crate) async fn is_ready(socket: &Path) -> bool {
    let asked = async {
        let mut stream = BufReader::new(UnixStream::connect(socket).await?);
        stream.write_all(b"PING\r\n").await?;
        let mut answer = String::new();
        stream.read_line(&mut answer).await?;
        io::Result::Ok(answer)
    };
    matches!(timeout(PATIENCE, asked).await, Ok(Ok(answer)) if answer.starts_with("+PONG"))
}

/// The outcome of an attempt to stop a Redis.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shutdown {
    /// It saved its data and exited.
    Done,
    /// No process listens on the socket.
    NobodyThere,
    /// It refused, with this error reply.
    Refused(String),
}

/// Sends SHUTDOWN to the Redis on `socket`, which saves its data and exits, and waits until it has.
///
/// The end of the connection shows that it has exited: Redis does not close the connection itself, but the
/// kernel does when the process has ended, after everything is written.
pub(crate) async fn shut_down(socket: &Path) -> io::Result<Shutdown> {
    let mut stream = match UnixStream::connect(socket).await {
        Ok(stream) => BufReader::new(stream),
        Err(error) if nobody(&error) => return Ok(Shutdown::NobodyThere),
        Err(error) => return Err(error),
    };
    let mut answer = String::new();
    let asked = async {
        stream.write_all(b"SHUTDOWN\r\n").await?;
        stream.read_line(&mut answer).await
    };
    match asked.await {
        Ok(0) => Ok(Shutdown::Done),
        Ok(_) => Ok(Shutdown::Refused(answer.trim().to_owned())),
        Err(error) if gone(&error) => Ok(Shutdown::Done),
        Err(error) => Err(error),
    }
}

/// Invalid input: the path is too long for a socket, so none can be there.
fn nobody(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, InvalidInput, NotFound};
    matches!(error.kind(), NotFound | ConnectionRefused | InvalidInput)
}

fn gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
}
