//! Skills, lists of them, and the signature that a contact waits under.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

/// The most skills that one agent has or one contact needs.
pub const MAX_SKILLS: usize = 32;

/// The length of a skill, in characters.
pub const MAX_SKILL: usize = 64;

/// Why a text or a list is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSkill {
    /// The text of one skill is wrong.
    #[error(
        "a skill is 1 to 64 letters and digits of any script, space, '.', '_', '-' or '/', not beginning or ending with a space"
    )]
    Text,
    /// The list is too long.
    #[error("a list has at most {MAX_SKILLS} skills")]
    TooMany,
}

/// A skill, in Unicode normalisation form C: `english`, `billing/refunds`, `español`.
///
/// None of its characters needs escaping in JSON, and none separates anything in a key or a
/// [signature](Skills::signature).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 64, examples("english"))]
pub struct Skill(String);

impl Skill {
    /// The text of the skill.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Skill {
    type Err = InvalidSkill;
    fn from_str(text: &str) -> Result<Self, InvalidSkill> {
        // Bounded before the work of normalising: four bytes are the most a character takes.
        if text.len() > MAX_SKILL * 4 * 4 {
            return Err(InvalidSkill::Text);
        }
        // Most skills are ASCII, which normalising would only copy slowly.
        let text: String = if text.is_ascii() { text.into() } else { text.nfc().collect() };
        let mark = |c: char| unicode_normalization::char::is_combining_mark(c);
        let allowed =
            |c: char| c.is_alphanumeric() || mark(c) || matches!(c, ' ' | '.' | '_' | '-' | '/');
        let good = (1..=MAX_SKILL).contains(&text.chars().count())
            && text.chars().all(allowed)
            && !text.starts_with(mark)
            && text.trim() == text
            // Clients take these two out of a path before they send it.
            && !matches!(text.as_str(), "." | "..");
        if good { Ok(Self(text)) } else { Err(InvalidSkill::Text) }
    }
}

impl TryFrom<String> for Skill {
    type Error = InvalidSkill;
    fn try_from(text: String) -> Result<Self, InvalidSkill> {
        text.parse()
    }
}

impl From<Skill> for String {
    fn from(skill: Skill) -> Self {
        skill.0
    }
}

impl fmt::Display for Skill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A list of at most [`MAX_SKILLS`] skills in the order given, without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Vec<Skill>")]
#[schema(value_type = Vec<Skill>, examples(json!(["english", "billing"])))]
pub struct Skills(Vec<Skill>);

impl Skills {
    /// The list in canonical order (bytewise by UTF-8): the order that routing compares in.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut skills = self.0.clone();
        skills.sort_unstable();
        Self(skills)
    }

    /// The canonical text of what is required: sorted, joined by `+`; empty when nothing is.
    pub fn signature(&self) -> String {
        self.sorted().0.iter().map(Skill::as_str).collect::<Vec<_>>().join("+")
    }

    /// True when every skill of `needed` is in this list.
    pub fn satisfy(&self, needed: &Self) -> bool {
        needed.0.iter().all(|skill| self.0.contains(skill))
    }

    /// The skills, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Skill> {
        self.0.iter()
    }

    /// How many skills there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Skills {
    type Item = &'a Skill;
    type IntoIter = std::slice::Iter<'a, Skill>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TryFrom<Vec<Skill>> for Skills {
    type Error = InvalidSkill;
    fn try_from(list: Vec<Skill>) -> Result<Self, InvalidSkill> {
        let mut skills: Vec<Skill> = Vec::with_capacity(list.len().min(MAX_SKILLS));
        for skill in list {
            if !skills.contains(&skill) {
                if skills.len() == MAX_SKILLS {
                    return Err(InvalidSkill::TooMany);
                }
                skills.push(skill);
            }
        }
        Ok(Self(skills))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skills(list: &[&str]) -> Skills {
        list.iter().map(|s| s.parse().unwrap()).collect::<Vec<Skill>>().try_into().unwrap()
    }

    #[test]
    fn takes_any_script_and_no_separator() {
        for good in ["a", "Español", "日本語", "हिन्दी", "billing/refunds", "x.y_z-1", "two words"]
        {
            assert!(good.parse::<Skill>().is_ok(), "{good}");
        }
        for bad in [
            "",
            " ",
            " a",
            "a ",
            "a+b",
            "a>=3",
            "a|b",
            "a\"b",
            "a\\b",
            "{a}",
            "a:b",
            "a\u{7}",
            "🙂",
            &"x".repeat(65),
        ] {
            assert!(bad.parse::<Skill>().is_err(), "{bad}");
        }
    }

    #[test]
    fn one_text_for_one_skill_however_it_was_typed() {
        assert_eq!("Espan\u{303}ol".parse::<Skill>(), "Espa\u{f1}ol".parse::<Skill>());
    }

    #[test]
    fn a_signature_is_the_same_for_every_order_and_repeat() {
        assert_eq!(skills(&["spanish", "billing", "spanish"]).signature(), "billing+spanish");
        assert_eq!(skills(&[]).signature(), "");
    }

    #[test]
    fn refuses_a_list_that_is_too_long_but_not_one_that_only_repeats() {
        let many: Vec<Skill> = (0..33).map(|n| format!("s{n}").parse().unwrap()).collect();
        assert_eq!(Skills::try_from(many), Err(InvalidSkill::TooMany));
        assert_eq!(Skills::try_from(vec!["a".parse::<Skill>().unwrap(); 100]).unwrap().len(), 1);
    }
}
