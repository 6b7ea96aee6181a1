//! Every invariant, as a property: random operations by several clients and dispatchers at once,
//! then the whole history held against the reference model.

use std::sync::atomic::{AtomicU32, Ordering};

use acd_core::{center::CenterSettings, event::EventId, ids::CenterId};
use proptest::{
    collection::vec,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};

use crate::{
    harness::Harness,
    model::Model,
    operations::{Operation, operation},
};

/// How many random histories a run makes; `ACD_TEST_CASES` sets another number.
const CASES: u32 = 150;

/// Repeats a run when `ACD_TEST_SEED` is what a run before it printed.
fn seed() -> u64 {
    let seed = std::env::var("ACD_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(rand::random);
    eprintln!("ACD_TEST_SEED={seed}");
    seed
}

/// Runs the operations of several clients at once in a center of their own, then checks all of it.
async fn run(harness: &Harness, clients: Vec<Vec<Operation>>) -> Result<(), String> {
    static CENTERS: AtomicU32 = AtomicU32::new(0);
    let center: CenterId = format!("h{}", CENTERS.fetch_add(1, Ordering::Relaxed)).parse().unwrap();
    let store = &harness.store;
    store.put_center(&center, &CenterSettings::default()).await.map_err(|e| e.to_string())?;
    let clients = clients.into_iter().map(|operations| async {
        for operation in operations {
            let text = format!("{operation:?}");
            operation.send(store, &center).await.map_err(|e| format!("{text}: {e:?}"))?;
        }
        Ok::<(), String>(())
    });
    for done in futures_util::future::join_all(clients).await {
        done?;
    }
    check(harness, &center, false).await?;
    while store.dispatch(store.partition_of(&center), 10).await.map_err(|e| e.to_string())?.more {}
    check(harness, &center, true).await
}

/// Holds the log against the model, the model against what the store says, and asks the store itself.
async fn check(harness: &Harness, center: &CenterId, settled: bool) -> Result<(), String> {
    let store = &harness.store;
    let fault = |e: acd_store::StoreError| format!("{e:?}");
    let mut model = Model::default();
    for event in store.events(center, EventId::START, 100_000).await.map_err(fault)? {
        model.apply(&event).map_err(|rule| format!("{event:?}: {rule}"))?;
    }
    if settled {
        model.settled()?;
    }
    for (id, expected) in &model.contacts {
        let found = store.read_contact(center, id).await.map_err(fault)?;
        if found.state != expected.state || found.queued_at.ms() != expected.queued_at_ms {
            return Err(format!("{id} is {found:?}, the history says {expected:?}"));
        }
    }
    let agents = store.list_agents(center, None, 500).await.map_err(fault)?.items;
    if agents.len() != model.agents.len() {
        return Err(format!("{} agents, the history says {}", agents.len(), model.agents.len()));
    }
    for found in agents {
        let expected = &model.agents[&found.id];
        let same = found.presence == expected.presence
            && found.available == expected.available()
            && found.contact == expected.contact
            && found.skills == expected.skills.sorted()
            && found.idle_since.map(acd_core::time::Timestamp::ms)
                == expected.available().then_some(expected.idle_since_ms);
        if !same {
            return Err(format!("{found:?}, the history says {expected:?}"));
        }
    }
    let report = store.consistency(center).await.map_err(fault)?;
    if report.consistent { Ok(()) } else { Err(format!("{:#?}", report.violations)) }
}

/// Searches for a history that breaks a rule, and makes it as short as it can.
fn search(clients: std::ops::Range<usize>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let harness = runtime.block_on(Harness::start());
    let cases = std::env::var("ACD_TEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed().to_le_bytes());
    let config =
        Config { cases, max_shrink_iters: 2000, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let found = runner.run(&vec(vec(operation(), 1..40), clients), |clients| {
        runtime.block_on(run(&harness, clients)).map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(why, clients)) = &found {
        panic!("{why}\nafter, by client: {clients:#?}");
    }
    found.unwrap();
}

#[test]
fn no_history_of_one_client_breaks_a_rule() {
    search(1..2);
}

#[test]
fn no_history_of_several_clients_and_dispatchers_breaks_a_rule() {
    search(2..6);
}
