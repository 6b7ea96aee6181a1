//! The same seed, the same day; and what every day has in common.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    mix: Mix,
}

fn mix(flags: &str) -> Mix {
    Line::try_parse_from(std::iter::once("x").chain(flags.split_whitespace())).unwrap().mix
}

#[test]
fn the_same_seed_gives_the_same_workload_and_another_seed_another() {
    let mix = mix("");
    assert_eq!(Workload::draw(&mix, 42), Workload::draw(&mix, 42));
    let (a, b) = (Workload::draw(&mix, 42), Workload::draw(&mix, 43));
    assert_ne!(a.workers, b.workers);
    assert_ne!(a.callers, b.callers);
}

#[test]
fn other_agents_and_other_talk_leave_the_arrivals_alone() {
    let times = |flags: &str| -> Vec<_> {
        let callers = Workload::draw(&mix(flags), 42).callers;
        callers.into_iter().map(|caller| caller.arrives).collect()
    };
    assert_eq!(times(""), times("--agents 7 --talk 1s --skills 3 --skills-per-contact 1"));
}

#[test]
fn speed_is_nothing_but_a_scale() {
    let (slow, fast) = (Workload::draw(&mix(""), 1), Workload::draw(&mix("--speed 10"), 1));
    for (slow, fast) in slow.callers.iter().zip(&fast.callers) {
        assert_eq!(slow.skills, fast.skills);
        for (a, b) in [(slow.arrives, fast.arrives), (slow.talk, fast.talk)] {
            assert!((a.as_secs_f64() - 10.0 * b.as_secs_f64()).abs() < 1e-4, "{a:?} {b:?}");
        }
    }
}

#[test]
fn every_contact_can_be_served_and_every_skill_is_there() {
    for seed in 0..50 {
        let flags = "--agents 8 --skills 8 --skills-per-agent 4 --skills-per-contact 3";
        let day = Workload::draw(&mix(flags), seed);
        assert_eq!(day.unservable(), 0, "seed {seed}");
        for skill in names::skills(8) {
            let known = day.workers.iter().any(|w| w.skills.iter().any(|s| *s == skill));
            assert!(known, "seed {seed}: nobody has {skill}");
        }
        assert!(day.workers.iter().all(|w| (1..=4).contains(&w.skills.len())));
        assert!(day.callers.iter().all(|c| (1..=3).contains(&c.skills.len())));
    }
}

#[test]
fn says_how_many_contacts_nobody_can_serve() {
    assert_eq!(Workload::draw(&mix("--agents 0 --contacts 30"), 1).unservable(), 30);
    let mut day = Workload::draw(&mix("--agents 5 --contacts 30"), 1);
    let nobody: Skill = "Nobody can".parse().unwrap();
    day.callers[3].skills = vec![nobody].try_into().unwrap();
    assert_eq!(day.unservable(), 1);
}

#[test]
fn refuses_values_that_make_no_sense() {
    for flags in [
        "--agents -1",
        "--agents many",
        "--contacts 0",
        "--skills 0",
        "--skills-per-agent 33",
        "--arrival-rate 0",
        "--arrival-rate NaN",
        "--talk 3",
        "--talk 0s",
        "--patience -1s",
        "--speed 0",
        "--talk-spread normal",
    ] {
        let line = std::iter::once("x").chain(flags.split_whitespace());
        assert!(Line::try_parse_from(line).is_err(), "{flags}");
    }
}
