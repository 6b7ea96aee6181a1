//! The order of the tests, and their run. A tier is started once, all of its tests run on that stack,
//! each leaves it whole for the next, and the last one removes it.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use libtest_mimic::{Arguments, Trial};

use super::{
    say,
    settings::{artifacts, put_away},
    stack::Stack,
    tier::Tier,
};

/// A test on a stack.
#[derive(Clone, Copy)]
pub struct Test {
    name: &'static str,
    run: fn(&Stack),
}

impl Test {
    /// A test of this name, within the name of its tier. [`tests!`](crate::tests) makes it from a path.
    pub const fn new(name: &'static str, run: fn(&Stack)) -> Self {
        Self { name, run }
    }
}

/// A list of [`Test`]s, named by the paths of their functions.
#[macro_export]
macro_rules! tests {
    ($($path:path),* $(,)?) => {
        &[$($crate::containers::Test::new(stringify!($path), $path)),*]
    };
}

/// What runs on one tier, in this order.
#[derive(Clone, Copy)]
pub struct Part {
    /// The data tier.
    pub tier: Tier,
    /// These start the stack themselves. The last one leaves it whole.
    pub starts: &'static [Test],
    /// These find the stack whole and leave it whole: lists, one after the other.
    pub tests: &'static [&'static [Test]],
    /// These take the stack down.
    pub ends: &'static [Test],
}

impl Part {
    fn in_order(&self) -> impl Iterator<Item = (Stage, Test)> + use<> {
        let starts = self.starts.iter().map(|test| (Stage::Start, *test));
        let tests = self.tests.iter().copied().flatten().map(|test| (Stage::Whole, *test));
        starts.chain(tests).chain(self.ends.iter().map(|test| (Stage::End, *test)))
    }
}

/// What a test expects of the stack before it, and what is checked after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    Whole,
    End,
}

/// What the run remembers from one test to the next.
#[derive(Default)]
struct Progress {
    /// The tier whose stack the test before has left whole.
    whole: Option<Tier>,
    /// How long each test took, by the tier's place in the plan.
    took: BTreeMap<usize, Vec<(String, Duration)>>,
}

/// Runs the tests that the command line selects, one after the other, in the order of the plan. Without
/// `ACD_TEST_STACK=1` all of them are ignored.
pub fn run(plan: &[Part]) -> ExitCode {
    let mut arguments = Arguments::from_args();
    // There is one stack.
    arguments.test_threads = Some(1);
    let enabled = std::env::var_os("ACD_TEST_STACK").is_some_and(|value| value == "1");
    if !enabled && !arguments.list {
        say("SKIPPED, every test: it needs Docker and minutes; ACD_TEST_STACK=1 runs it");
    }
    let progress: Arc<Mutex<Progress>> = Arc::default();
    let trials = plan.iter().enumerate().flat_map(|(place, part)| {
        let (tier, progress) = (part.tier, &progress);
        part.in_order().map(move |(stage, test)| {
            let progress = Arc::clone(progress);
            let name = format!("{}::{}", tier.name(), test.name);
            let shown = name.clone();
            Trial::test(name, move || {
                one((place, tier), &shown, stage, test, &progress);
                Ok(())
            })
            .with_ignored_flag(!enabled)
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    tell_times(plan, &lock(&progress).took);
    conclusion.exit_code()
}

/// Runs one test. What the containers said is kept when it fails.
fn one(
    (place, tier): (usize, Tier),
    name: &str,
    stage: Stage,
    test: Test,
    progress: &Mutex<Progress>,
) {
    let begun = Instant::now();
    put_away();
    let stack = Stack::of_tier(tier);
    let left_whole = lock(progress).whole.take() == Some(tier);
    let tested = catch_unwind(AssertUnwindSafe(|| {
        stack.make_room();
        match stage {
            Stage::Whole if !left_whole => stack.make_whole(),
            Stage::End if stack.containers().is_empty() => stack.start(),
            _ => {}
        }
        (test.run)(&stack);
        if stage != Stage::End {
            stack.whole();
        }
    }));
    let took = begun.elapsed();
    say(&format!("{name}: {:.1} s", took.as_secs_f64()));
    let mut progress = lock(progress);
    progress.took.entry(place).or_default().push((name.to_owned(), took));
    match tested {
        Ok(()) => progress.whole = (stage != Stage::End).then_some(tier),
        Err(panic) => {
            drop(progress);
            stack.keep_evidence(name);
            resume_unwind(panic);
        }
    }
}

/// Says how long each tier and each test took, and keeps it in `artifacts/stack-times.txt`.
fn tell_times(plan: &[Part], took: &BTreeMap<usize, Vec<(String, Duration)>>) {
    if took.is_empty() {
        return;
    }
    let mut kept = String::new();
    let mut whole = Duration::ZERO;
    for (place, tests) in took {
        let tier: Duration = tests.iter().map(|(_, took)| *took).sum();
        whole += tier;
        let line = format!("{}: {:.1} min", plan[*place].tier.name(), tier.as_secs_f64() / 60.0);
        say(&line);
        let _ = writeln!(kept, "{line}");
        for (name, took) in tests {
            let _ = writeln!(kept, "  {:6.1} s  {name}", took.as_secs_f64());
        }
    }
    let line = format!("all tiers: {:.1} min", whole.as_secs_f64() / 60.0);
    say(&line);
    let _ = fs::write(artifacts().join("stack-times.txt"), format!("{kept}{line}\n"));
}

/// A test that failed while it had the lock has left nothing half done in it.
fn lock(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}
