//! What is in a value: who wrote it, under which key and in which turn, then noise. So a GET that
//! gives anything but what was SET is noticed.

use rand::RngCore;

use crate::size::Size;

/// Turn, key and client, of 8 + 4 + 4 bytes: the smallest value is just this.
const STAMP: usize = 16;

/// What is wrong with a value that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// A write that was acknowledged is not in it: it is from before.
    Older,
    /// Nobody wrote this here.
    Other,
}

/// The values of one client, all of one size, which differ in their stamp only: noise that is new each
/// time would cost more than to send it.
#[derive(Debug)]
pub(crate) struct Content {
    client: u32,
    bytes: Vec<u8>,
}

impl Content {
    pub(crate) fn new(client: u32, size: Size) -> Self {
        let mut bytes = vec![0; size.bytes()];
        rand::rng().fill_bytes(&mut bytes);
        Self { client, bytes }
    }

    /// The value that is written under `key` in `turn`.
    pub(crate) fn write(&mut self, key: u32, turn: u64) -> &[u8] {
        self.bytes[..8].copy_from_slice(&turn.to_le_bytes());
        self.bytes[8..12].copy_from_slice(&key.to_le_bytes());
        self.bytes[12..STAMP].copy_from_slice(&self.client.to_le_bytes());
        &self.bytes
    }

    /// Whether `read` is what was written under `key` in `acknowledged` or in a later turn until
    /// `tried`: of a write that was not acknowledged nobody knows whether it was done.
    pub(crate) fn check(
        &self,
        read: &[u8],
        key: u32,
        acknowledged: u64,
        tried: u64,
    ) -> Result<(), Wrong> {
        let (stamp, noise) = read.split_at_checked(STAMP).ok_or(Wrong::Other)?;
        let (turn, writer) = stamp.split_first_chunk::<8>().ok_or(Wrong::Other)?;
        let turn = u64::from_le_bytes(*turn);
        if writer[..4] != key.to_le_bytes()
            || writer[4..] != self.client.to_le_bytes()
            || turn > tried
        {
            return Err(Wrong::Other);
        }
        // Perhaps of another size.
        if turn < acknowledged {
            return Err(Wrong::Older);
        }
        if noise == &self.bytes[STAMP..] { Ok(()) } else { Err(Wrong::Other) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_told_from_everything_else() {
        let size: Size = "256bit".parse().unwrap();
        let mut content = Content::new(3, size);
        let written = content.write(7, 40).to_vec();
        assert_eq!(written.len(), 32);
        assert_eq!(content.check(&written, 7, 40, 40), Ok(()));
        assert_eq!(content.check(&written, 7, 30, 45), Ok(()));
        assert_eq!(content.check(&written, 7, 41, 45), Err(Wrong::Older));
        assert_eq!(content.check(&written, 7, 30, 39), Err(Wrong::Other));
        assert_eq!(content.check(&written, 8, 40, 40), Err(Wrong::Other));
        assert_eq!(content.check(&written[..31], 7, 40, 40), Err(Wrong::Other));
        assert_eq!(content.check(b"", 7, 40, 40), Err(Wrong::Other));
        let mut changed = written.clone();
        changed[31] ^= 1;
        assert_eq!(content.check(&changed, 7, 40, 40), Err(Wrong::Other));
        let other = Content::new(4, size).write(7, 40).to_vec();
        assert_eq!(content.check(&other, 7, 40, 40), Err(Wrong::Other));
    }
}
