//! Server-sent events, as they come in pieces.

/// Puts the lines of a stream together, wherever the network cut them.
#[derive(Debug, Default)]
pub(super) struct Parser {
    line: Vec<u8>,
    data: Vec<u8>,
}

impl Parser {
    /// Takes the next piece and calls `message` with the data of every event that it completes.
    /// Comments (heartbeats) and fields other than `data` don't matter to us: our events carry
    /// their id and type in their data, too.
    pub(super) fn push(&mut self, piece: &[u8], mut message: impl FnMut(&[u8])) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            let Some(rest) = part.strip_suffix(b"\n") else {
                self.line.extend_from_slice(part);
                return;
            };
            if self.line.is_empty() {
                self.end_line(rest, &mut message);
            } else {
                self.line.extend_from_slice(rest);
                let line = std::mem::take(&mut self.line);
                self.end_line(&line, &mut message);
            }
        }
    }

    fn end_line(&mut self, line: &[u8], message: &mut impl FnMut(&[u8])) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            if !self.data.is_empty() {
                message(&self.data);
                self.data.clear();
            }
        } else if let Some(data) = line.strip_prefix(b"data:") {
            if !self.data.is_empty() {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(data.strip_prefix(b" ").unwrap_or(data));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = b": hello\n\nid: 1-0\nevent: a\ndata: {\"a\":1}\n\n\
        data:one\r\ndata: two\r\n\r\nid: 2-0\n\ndata: \xc3\xbc\n\ndata: unfinished\n";

    fn messages(pieces: &[&[u8]]) -> Vec<String> {
        let (mut parser, mut found) = (Parser::default(), Vec::new());
        for piece in pieces {
            parser.push(piece, |data| {
                found.push(String::from_utf8(data.to_vec()).unwrap());
            });
        }
        found
    }

    #[test]
    fn gives_the_data_of_complete_events_only() {
        assert_eq!(messages(&[STREAM]), ["{\"a\":1}", "one\ntwo", "ü"]);
    }

    #[test]
    fn does_not_care_where_the_network_cut() {
        for at in 0..STREAM.len() {
            let (a, b) = STREAM.split_at(at);
            assert_eq!(messages(&[a, b]), messages(&[STREAM]), "cut at {at}");
        }
        let bytes: Vec<&[u8]> = STREAM.chunks(1).collect();
        assert_eq!(messages(&bytes), messages(&[STREAM]));
    }
}
