//! `acd healthcheck` against something healthy and something that is not.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use crate::support::{acd, output};

/// Asks a server that answers once, with `status`: exit code and what was printed.
fn ask(status: &'static str) -> (Option<i32>, String) {
    let work = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/healthz", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]).unwrap();
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .unwrap();
    });
    let run = output(acd(work.path()).args(["healthcheck", "--url", &url]));
    server.join().unwrap();
    (run.status.code(), String::from_utf8(run.stdout).unwrap())
}

#[test]
fn exit_code_and_one_line_tell() {
    let (code, line) = ask("200 OK");
    assert_eq!((code, line.lines().count()), (Some(0), 1), "{line}");
    let (code, line) = ask("503 Service Unavailable");
    assert_eq!((code, line.lines().count()), (Some(1), 1), "{line}");
    assert!(line.contains("503"), "{line}");
}

#[test]
fn nobody_there_is_unhealthy() {
    let work = tempfile::tempdir().unwrap();
    let run = output(acd(work.path()).args(["healthcheck", "--url", "http://127.0.0.1:1/healthz"]));
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8(run.stdout).unwrap().starts_with("unhealthy: "));
}
