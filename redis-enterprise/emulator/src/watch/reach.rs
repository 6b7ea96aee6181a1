//! Asks the primaries of all shards whether they answer.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{app::App, identity::Identity, processes::is_ready};

const LOOK_EVERY: Duration = Duration::from_millis(200);
const LIMIT: Duration = Duration::from_millis(500);

/// Asks the primaries for as long as the node runs.
pub(crate) async fn follow(app: Arc<App>, me: Arc<Identity>) {
    loop {
        let view = app.view();
        let mut asked = JoinSet::new();
        for group in app.store.cluster().groups().into_keys() {
            let Some(primary) = view.primary(&group) else { continue };
            let me = Arc::clone(&me);
            asked.spawn(async move {
                let ready = timeout(LIMIT, is_ready(primary.at, &me.secret, false)).await;
                ready.unwrap_or(false).then_some((group, primary.at))
            });
        }
        app.reach.set(asked.join_all().await.into_iter().flatten().collect());
        sleep(LOOK_EVERY).await;
    }
}
