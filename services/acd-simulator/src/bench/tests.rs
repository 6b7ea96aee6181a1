//! Which flags a bench refuses.

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
