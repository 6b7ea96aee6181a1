//! How large values are: powers of two, counted in bits as the field counts them.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// The smallest value, 2⁷ bits: who wrote it, under which key and in which turn is in it.
const SMALLEST: u32 = 7;
/// The largest, 2²² bits.
const LARGEST: u32 = 22;

/// The size of a value: so many bits as two to this power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Size(u32);

impl Size {
    /// The size of 2 to the power of `exponent` bits, for the labels of an axis.
    pub(crate) fn of_exponent(exponent: u32) -> Self {
        Self(exponent)
    }

    pub(crate) fn exponent(self) -> u32 {
        self.0
    }

    pub(crate) fn bits(self) -> u64 {
        1 << self.0
    }

    pub(crate) fn bytes(self) -> usize {
        1 << (self.0 - 3)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = [(20, "Mbit"), (10, "Kbit"), (0, "bit")]
            .into_iter()
            .find(|(unit, _)| self.0 >= *unit)
            .unwrap_or((0, "bit"));
        write!(f, "{} {name}", 1_u64 << (self.0 - unit))
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let unit = match unit.trim() {
            "bit" => 0,
            "Kbit" => 10,
            "Mbit" => 20,
            _ => {
                return Err(format!(
                    "{text:?} is no size, take one such as 128bit, 64Kbit or 4Mbit"
                ));
            }
        };
        let number = number.parse::<u64>().map_err(|_| format!("{text:?} has no whole number"))?;
        let exponent = number.checked_ilog2().filter(|_| number.is_power_of_two());
        let exponent = exponent.ok_or_else(|| format!("{text:?} is no power of two"))? + unit;
        if (SMALLEST..=LARGEST).contains(&exponent) {
            Ok(Self(exponent))
        } else {
            Err(format!("{text:?} is not from {} to {}", Self(SMALLEST), Self(LARGEST)))
        }
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.bits())
    }
}

/// Sizes, each once, the smallest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sizes(Vec<Size>);

impl Sizes {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Size> {
        self.0.iter().copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromStr for Sizes {
    type Err = String;

    /// Sizes and spans of them, such as `128bit..1Kbit,4Mbit`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut sizes = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once("..").unwrap_or((part, part));
            let (first, last) = (first.parse::<Size>()?, last.parse::<Size>()?);
            if first > last {
                return Err(format!("{part:?} begins with the larger one"));
            }
            sizes.extend((first.0..=last.0).map(Size));
        }
        sizes.sort_unstable();
        sizes.dedup();
        Ok(Self(sizes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_s_sizes_are_sixteen() {
        let all: Sizes = "128bit..4Mbit".parse().unwrap();
        assert_eq!(all.len(), 16);
        let bytes: Vec<usize> = all.iter().map(Size::bytes).collect();
        assert_eq!((bytes[0], bytes[1], bytes[15]), (16, 32, 524_288));
        let bits: Vec<u64> = all.iter().map(Size::bits).collect();
        assert_eq!((bits[0], bits[15]), (128, 4_194_304));
        let named = |n: usize| all.iter().nth(n).unwrap().to_string();
        assert_eq!(
            [0, 2, 3, 12, 13, 15].map(named),
            ["128 bit", "512 bit", "1 Kbit", "512 Kbit", "1 Mbit", "4 Mbit"]
        );
    }

    #[test]
    fn lists_and_spans_come_in_order_and_once() {
        let some: Sizes = "4Mbit, 128 bit..512bit,256bit".parse().unwrap();
        let exponents: Vec<u32> = some.iter().map(Size::exponent).collect();
        assert_eq!(exponents, [7, 8, 9, 22]);
        assert_eq!("1024Kbit".parse::<Size>(), "1Mbit".parse());
    }

    #[test]
    fn other_sizes_are_refused() {
        for bad in [
            "",
            "128",
            "16B",
            "64bit",
            "8Mbit",
            "100bit",
            "0bit",
            "bit",
            "-1bit",
            "1Mbit..1Kbit",
            "1Kbit..",
            "1Kbit,",
            "99999999999999999999bit",
            "1.5Kbit",
        ] {
            assert!(bad.parse::<Sizes>().is_err(), "{bad}");
        }
    }
}
