//! The hash slots of Redis Cluster.

use std::collections::HashMap;

/// How many slots a cluster has.
pub const SLOTS: u16 = 16384;

/// CRC16 as Redis Cluster has it (XMODEM).
fn slot(key: &str) -> u16 {
    let crc = key.bytes().fold(0_u16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    });
    crc % SLOTS
}

/// For each slot a number N such that the key `acd-test-N` is in it, in the order of the slots: so a
/// client that takes one after the other is redirected once a primary.
pub fn key_of_each_slot() -> Vec<u32> {
    let mut found = HashMap::new();
    let mut number = 0;
    while found.len() < usize::from(SLOTS) {
        found.entry(slot(&format!("acd-test-{number}"))).or_insert(number);
        number += 1;
    }
    (0..SLOTS).map(|slot| found[&slot]).collect()
}

#[cfg(test)]
mod tests {
    use super::slot;

    #[test]
    fn slots_are_those_of_redis() {
        assert_eq!([slot("foo"), slot("123456789")], [12182, 12739]);
    }
}
