//! Redis dies and comes back with what it has on disk, and the rest goes on by itself.

use acd_testing::RedisServer;
use rand::{SeedableRng, rngs::StdRng};

use crate::{
    audit::all_is_well,
    harness::{Stack, alone, moment, seed},
    load::Load,
};

#[tokio::test]
async fn redis_dies_and_every_acknowledged_contact_is_still_there() {
    alone(async {
        let (seed, mut redis) = (seed(), RedisServer::start_durable().await.unwrap());
        let stack = Stack::start(&redis.url(), 2, 2, &[]).await;
        let client = stack.client("main");
        let mut load = Load::start(&client, seed).await;
        let mut rng = StdRng::seed_from_u64(seed);
        for _ in 0..4 {
            load.progress(20).await;
            moment(&mut rng).await;
            redis.kill().unwrap();
            moment(&mut rng).await;
            redis.restart().await.unwrap();
        }
        load.progress(20).await;
        all_is_well(&client, &load.finish().await).await;
        stack.ready().await;
    })
    .await;
}

#[tokio::test]
async fn everything_dies_at_once_and_goes_on_where_it_was() {
    alone(async {
        let (seed, mut redis) = (seed(), RedisServer::start_durable().await.unwrap());
        let mut stack = Stack::start(&redis.url(), 2, 2, &[]).await;
        let client = stack.client("main");
        let mut load = Load::start(&client, seed).await;
        let mut rng = StdRng::seed_from_u64(seed);
        for _ in 0..2 {
            load.progress(20).await;
            moment(&mut rng).await;
            redis.kill().unwrap();
            stack.kill();
            // Redis comes last: whoever starts without it waits for it.
            stack.restart().await;
            redis.restart().await.unwrap();
        }
        load.progress(20).await;
        all_is_well(&client, &load.finish().await).await;
    })
    .await;
}
