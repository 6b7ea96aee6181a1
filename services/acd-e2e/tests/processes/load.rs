//! Clients at work: each creates a contact, waits until an agent has it, completes it, and so on.

use std::{
    panic::resume_unwind,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{Ask, Client, poll};

/// Who is there. There are fewer than callers, so that somebody always waits.
pub(crate) const AGENTS: [(&str, &[&str]); 4] = [
    ("ann", &["english", "billing"]),
    ("bob", &["english"]),
    ("eva", &["english", "spanish"]),
    ("zoe", &["english", "billing", "spanish"]),
];

/// What callers need.
const NEEDS: [&[&str]; 5] =
    [&[], &["english"], &["billing", "english"], &["spanish"], &["billing", "spanish"]];

/// How many callers there are at a time.
const CALLERS: usize = 7;

/// Callers, and a supervisor who takes an agent away every now and then.
pub(crate) struct Load {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

struct Shared {
    client: Client,
    seed: u64,
    ending: AtomicBool,
    completed: AtomicUsize,
    acknowledged: Mutex<Vec<String>>,
}

impl Load {
    /// Makes the agents ready, and begins.
    pub(crate) async fn start(client: &Client, seed: u64) -> Self {
        client.ready_agents(&AGENTS).await;
        let shared = Arc::new(Shared {
            client: client.clone(),
            seed,
            ending: AtomicBool::new(false),
            completed: AtomicUsize::new(0),
            acknowledged: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        for caller in 0..CALLERS {
            let rng = StdRng::seed_from_u64(seed.wrapping_add(caller as u64));
            tasks.spawn(Arc::clone(&shared).call(caller, rng));
        }
        let rng = StdRng::seed_from_u64(!seed);
        tasks.spawn(Arc::clone(&shared).supervise(rng));
        Self { shared, tasks }
    }

    /// Waits until so many more contacts were completed.
    pub(crate) async fn progress(&mut self, more: usize) {
        let enough = self.shared.completed.load(SeqCst) + more;
        poll("progress of the load", async || {
            if let Some(Err(error)) = self.tasks.try_join_next() {
                resume_unwind(error.into_panic());
            }
            (self.shared.completed.load(SeqCst) >= enough).then_some(())
        })
        .await;
    }

    /// Lets every caller be served, then gives the contacts that were acknowledged.
    pub(crate) async fn finish(mut self) -> Vec<String> {
        self.shared.ending.store(true, SeqCst);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                resume_unwind(error.into_panic());
            }
        }
        std::mem::take(&mut self.shared.acknowledged.lock().unwrap())
    }
}

impl Shared {
    fn is_ending(&self) -> bool {
        self.ending.load(SeqCst)
    }

    async fn call(self: Arc<Self>, caller: usize, mut rng: StdRng) {
        for number in 0.. {
            if self.is_ending() {
                return;
            }
            let id = self.create(caller, number, &mut rng).await;
            self.acknowledged.lock().unwrap().push(id.clone());
            let goes_back = rng.random_bool(0.1);
            self.serve(&id, goes_back).await;
            self.completed.fetch_add(1, SeqCst);
        }
    }

    /// Creates a contact with an id, or with a key from which the id follows.
    async fn create(&self, caller: usize, number: u32, rng: &mut StdRng) -> String {
        let name = format!("{:x}-{caller}-{number}", self.seed);
        let attributes = json!({ "name": name, "nothing": [], "ü": {} });
        let mut body = json!({
            "skills": NEEDS.choose(rng).unwrap(),
            "priority": rng.random_range(-2..=2),
            "attributes": attributes,
        });
        let ask = if number.is_multiple_of(2) {
            body["id"] = name.into();
            Ask::post("contacts")
        } else {
            Ask::post("contacts").key(&name)
        };
        let answer = self.client.call(ask.body(body)).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
        assert_eq!(answer.body["attributes"], attributes);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// Completes the contact once an agent has it, at the second attempt when it `goes_back`.
    async fn serve(&self, id: &str, mut goes_back: bool) {
        let went_back = goes_back;
        loop {
            self.client.contact_in("assigned", id).await;
            if std::mem::take(&mut goes_back) {
                let back = Ask::post(&format!("contacts/{id}/requeue"));
                self.client.call(back).await.expect(200);
                continue;
            }
            let complete = Ask::post(&format!("contacts/{id}/complete"));
            let answer = self.client.call(complete).await;
            // A requeue that was sent twice may have been done a second time after the contact was
            // assigned again; nothing else can take it from its agent.
            if went_back && answer.status == 409 {
                continue;
            }
            assert_eq!(answer.expect(200)["state"], "completed");
            return;
        }
    }

    /// Takes an agent away, and lets it come back.
    async fn supervise(self: Arc<Self>, mut rng: StdRng) {
        while !self.is_ending() {
            let (agent, _) = AGENTS.choose(&mut rng).unwrap();
            let meal = json!({ "presence": "not_ready", "reason": "meal" });
            self.client.set_presence(agent, meal).await;
            let pause_ms = rng.random_range(20..200);
            tokio::time::sleep(std::time::Duration::from_millis(pause_ms)).await;
            let ready = json!({ "presence": "ready" });
            self.client.set_presence(agent, ready).await;
        }
    }
}
