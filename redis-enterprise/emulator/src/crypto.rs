//! Random secrets, and passwords kept as salted hashes.

use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use serde::{Deserialize, Serialize};

/// Random bytes as hexadecimal text.
pub(crate) fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    #[expect(clippy::expect_used, reason = "a system without randomness can't keep a secret")]
    SystemRandom::new().fill(&mut buffer).expect("the system gives random numbers");
    hex(&buffer)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// A password that can be compared, not read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Password {
    salt: String,
    hash: String,
}

impl Password {
    /// Keeps `password`.
    pub(crate) fn new(password: &str) -> Self {
        let salt = random_hex(16);
        let hash = hex(hmac::sign(&Self::key(&salt), password.as_bytes()).as_ref());
        Self { salt, hash }
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, password: &str) -> bool {
        let given = hmac::sign(&Self::key(&self.salt), password.as_bytes());
        same(&hex(given.as_ref()), &self.hash)
    }

    fn key(salt: &str) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, salt.as_bytes())
    }
}

/// Compares secrets in a time that does not tell how much of them is the same.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left.len() == right.len()
        && left.bytes().zip(right.bytes()).fold(0, |differs, (l, r)| differs | (l ^ r)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_password_and_no_other() {
        let kept = Password::new("s3cret");
        assert!(kept.is("s3cret") && !kept.is("s3cret ") && !kept.is(""));
        assert!(!serde_json::to_string(&kept).unwrap().contains("s3cret"));
    }

    #[test]
    fn secrets_differ() {
        assert_ne!(random_hex(16), random_hex(16));
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab"));
    }
}
