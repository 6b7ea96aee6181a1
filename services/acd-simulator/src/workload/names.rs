//! Names of people and skills.

use acd_core::skill::Skill;
use rand::{Rng, seq::IndexedRandom};

const FIRST: &str = "Ada Aiko Alan Amara Anders Anna Barbara Carlos Chen Dorothy Edsger Elena Emil \
    Fatima Frances Grace Hedy Ines Ivan Jean Joan João Kateryna Katherine Kofi Lars Leila Margaret \
    Mei Miguel Niklaus Noor Olga Priya Radia Rosa Sofía Tomás Yusuf Zoë";

const LAST: &str = "Adeyemi Andersson Bianchi Castro Costa Dubois Eriksen Fischer García Haddad \
    Hopper Ito Jansen Johnson Kaya Keller Khan Kowalski Kumar Lamarr Larsen Lovelace Martins \
    Mensah Moreau Müller Nakamura Nguyen Novák Okafor Olsen Patel Perlman Rossi Santos Schmidt \
    Silva Tanaka Wang Yılmaz";

const SKILLS: &str = "English Billing Spanish Technical Sales French Refunds German Accounts \
    Shipping Portuguese Complaints";

/// A first and a last name.
pub(super) fn person(rng: &mut impl Rng) -> (String, String) {
    let one = |list: &str, rng: &mut _| {
        let names: Vec<&str> = list.split_whitespace().collect();
        names.choose(rng).map_or_else(String::new, |name| (*name).to_owned())
    };
    (one(FIRST, rng), one(LAST, rng))
}

/// So many skills: those with a name first, then numbered ones.
pub(super) fn skills(count: u32) -> Vec<Skill> {
    let named = SKILLS.split_whitespace().map(str::to_owned);
    let texts = named.chain((1..).map(|n| format!("Skill {n}")));
    texts.take(count as usize).filter_map(|text| text.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_skill_is_a_skill_and_there_once() {
        let mut all = skills(1000);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 1000);
    }
}
