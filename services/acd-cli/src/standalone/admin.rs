//! The few words we have with our own Redis beside the store: is it there, and please stop.

use std::{io, path::Path, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    time::timeout,
};

/// How long a Redis may take for a short answer.
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

/// How an attempt to stop a Redis went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shutdown {
    /// It wrote what it had and ended.
    Done,
    /// Nobody listens on the socket.
    NobodyThere,
    /// It refused, with this sentence.
    Refused(String),
}

/// Asks the Redis on `socket` to write what it has and to end, and waits until it has.
///
/// The end of the connection is the proof: Redis leaves it to the kernel, which closes it when the
/// process is gone, and by then everything is written.
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
