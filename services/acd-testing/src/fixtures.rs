//! Values that many tests use.

use acd_core::skill::{Skill, Skills};

/// A list of skills.
///
/// # Panics
/// When one of them is not a valid skill, or there are too many.
pub fn skills(list: &[&str]) -> Skills {
    let parse = |text: &&str| text.parse::<Skill>().unwrap_or_else(|e| panic!("{text}: {e}"));
    let list: Vec<Skill> = list.iter().map(parse).collect();
    Skills::try_from(list).unwrap_or_else(|e| panic!("{e}"))
}
