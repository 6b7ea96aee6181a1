//! What agents of a bench can do, and which flags it refuses.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    bench: BenchArgs,
}

fn parse(flags: &str) -> Result<BenchArgs, clap::Error> {
    let line = std::iter::once("x").chain(flags.split_whitespace());
    Line::try_parse_from(line).map(|line| line.bench)
}

#[test]
fn all_skills_are_in_use_and_belong_to_this_run() {
    let args = parse("--agents 10 --skills 5 --skills-each 3").unwrap();
    let workers = workers(&args, "bench-1-").unwrap();
    assert!(workers.iter().all(|worker| worker.skills.len() == 3));
    let mut all: Vec<_> = workers.iter().flat_map(|w| w.skills.iter()).map(Skill::as_str).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all, ["bench-1-s0", "bench-1-s1", "bench-1-s2", "bench-1-s3", "bench-1-s4"]);
}

#[test]
fn more_skills_each_than_there_are_is_all_of_them() {
    let args = parse("--agents 1 --skills 2 --skills-each 5").unwrap();
    assert_eq!(workers(&args, "p-").unwrap()[0].skills.len(), 2);
}

#[test]
fn refuses_values_that_make_no_sense() {
    for flags in [
        "--clients 0",
        "--seconds 0",
        "--seconds 1.5",
        "--agents 0",
        "--skills 0",
        "--rate 0",
        "--skills-each 33",
        "--mode other",
        "--center a:b",
        "--url https://x",
        "--warmup 1",
        "--assign-within 0s",
        "--seed -1",
    ] {
        assert!(parse(flags).is_err(), "{flags}");
    }
}
