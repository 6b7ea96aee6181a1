//! Processes die at any moment: `kill -9` under load.

use std::time::Duration;

use acd_testing::RedisServer;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};

use crate::{
    audit::all_is_well,
    follower::Follower,
    harness::{Stack, alone, moment, seed},
    load::{AGENTS, Load},
};

/// Who is killed, in some order: each of two by itself, and both at once.
const VICTIMS: [&[usize]; 8] = [&[0], &[1], &[0, 1], &[0], &[1], &[0, 1], &[0], &[1]];

/// Completed contacts between two kills, so that each hits a system at work.
const PROGRESS: usize = 10;

#[tokio::test]
async fn dispatchers_die_and_nothing_is_lost() {
    alone(async {
        let (seed, redis) = (seed(), RedisServer::start().await.unwrap());
        let mut stack = Stack::start(&redis.url(), 2, 2, &[]).await;
        let client = stack.client("main");
        let mut load = Load::start(&client, seed).await;
        let mut rng = StdRng::seed_from_u64(seed);
        for victims in shuffled(&mut rng) {
            load.progress(PROGRESS).await;
            moment(&mut rng).await;
            for &victim in victims {
                stack.dispatchers[victim].kill();
            }
            moment(&mut rng).await;
            for &victim in victims {
                stack.dispatchers[victim].restart().await;
            }
        }
        load.progress(PROGRESS).await;
        all_is_well(&client, &load.finish().await).await;
    })
    .await;
}

#[tokio::test]
async fn apis_die_and_nothing_is_lost() {
    alone(async {
        let (seed, redis) = (seed(), RedisServer::start().await.unwrap());
        let mut stack = Stack::start(&redis.url(), 2, 2, &[]).await;
        let client = stack.client("main");
        let follower = Follower::start(&client);
        let mut load = Load::start(&client, seed).await;
        let mut rng = StdRng::seed_from_u64(seed);
        for victims in shuffled(&mut rng) {
            load.progress(PROGRESS).await;
            moment(&mut rng).await;
            for &victim in victims {
                stack.apis[victim].kill();
            }
            moment(&mut rng).await;
            for &victim in victims {
                stack.restart_api(victim).await;
            }
        }
        load.progress(PROGRESS).await;
        all_is_well(&client, &load.finish().await).await;
        assert!(client.repeats() > 0, "nobody noticed");
        // Whoever follows the log misses nothing and sees nothing twice.
        let events = client.events().await;
        assert_eq!(follower.events(events.len()).await, events);
    })
    .await;
}

/// Under load the next arrival would hide that somebody was forgotten. Here nothing else comes.
#[tokio::test]
async fn dispatchers_die_and_nobody_is_forgotten() {
    alone(async {
        let (seed, redis) = (seed(), RedisServer::start().await.unwrap());
        let mut stack = Stack::start(&redis.url(), 1, 2, &[]).await;
        let client = stack.client("main");
        client.ready_agents(&AGENTS).await;
        let mut rng = StdRng::seed_from_u64(seed);
        for round in 0..40 {
            let ids: Vec<String> = (0..AGENTS.len()).map(|n| format!("c{round}-{n}")).collect();
            let burst = async {
                for id in &ids {
                    client.create_contact(id, &["english"]).await;
                }
            };
            let victims = VICTIMS[rng.random_range(0..3)];
            let kill = async {
                tokio::time::sleep(Duration::from_millis(rng.random_range(0..12))).await;
                for &victim in victims {
                    stack.dispatchers[victim].kill();
                }
            };
            tokio::join!(burst, kill);
            for &victim in victims {
                stack.dispatchers[victim].restart().await;
            }
            for id in &ids {
                client.contact_in("assigned", id).await;
            }
            for id in &ids {
                client.complete(id).await;
            }
        }
        all_is_well(&client, &[]).await;
    })
    .await;
}

fn shuffled(rng: &mut StdRng) -> [&'static [usize]; 8] {
    let mut victims = VICTIMS;
    victims.shuffle(rng);
    victims
}
