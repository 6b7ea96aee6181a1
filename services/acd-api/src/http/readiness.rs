//! Whether this process should get requests: found out in the background, not by the probe itself.

use std::sync::Arc;

use acd_core::{center::CenterSettings, ids::CenterId};
use acd_process::chain::chain;
use acd_process::lifecycle::Lifecycle;
use acd_store::{Refusal, Result, Store, StoreError};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use crate::limits::{READINESS_FAILURES, READINESS_INTERVAL, READINESS_TIMEOUT};

/// What `/readyz` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The store was not reached yet, or is out of reach: 503.
    Unable,
    /// 200.
    Ready,
    /// Going away, but everything is still answered: 404, so that HAProxy lets old work end.
    Draining,
}

/// A view of the state; clones see the same.
#[derive(Clone, Debug)]
pub(crate) struct Readiness(Arc<watch::Sender<State>>);

impl Readiness {
    /// Not ready until somebody says so.
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(State::Unable)))
    }

    /// Follows the store for as long as the process lives.
    pub(crate) fn of(store: Store, lifecycle: &Lifecycle) -> Self {
        let readiness = Self::new();
        let (view, stopping) = (readiness.clone(), lifecycle.token());
        lifecycle.spawn(async move { stopping.run_until_cancelled(view.follow(store)).await });
        readiness
    }

    pub(crate) fn state(&self) -> State {
        *self.0.borrow()
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.state() == State::Draining
    }

    /// From now on we leave; nothing takes that back.
    pub(crate) fn drain(&self) {
        self.0.send_replace(State::Draining);
    }

    /// Sets the state unless we leave; true when that was a change.
    fn set(&self, to: State) -> bool {
        self.0.send_if_modified(|state| {
            let change = *state != to && *state != State::Draining;
            if change {
                *state = to;
            }
            change
        })
    }

    async fn follow(self, store: Store) {
        let mut failures = 0;
        loop {
            // By reading `main`: one key, so that a cluster with a shard down is not called down, and
            // whoever comes back empty gets it again.
            let found = timeout(READINESS_TIMEOUT, ensure_main(&store)).await;
            let found = found.unwrap_or_else(|late| Err(StoreError::unavailable(late)));
            match found {
                Ok(()) => {
                    failures = 0;
                    if self.set(State::Ready) {
                        tracing::info!("ready");
                    }
                }
                Err(error) => {
                    failures += 1;
                    if failures == READINESS_FAILURES {
                        self.set(State::Unable);
                        tracing::warn!(
                            error = chain(&error),
                            "not ready: the store does not answer"
                        );
                    }
                }
            }
            sleep(READINESS_INTERVAL).await;
        }
    }
}

/// Center `main` always exists.
async fn ensure_main(store: &Store) -> Result<()> {
    let main = CenterId::main();
    match store.center(&main).await {
        Ok(_) => Ok(()),
        Err(StoreError::Refused(Refusal::NoSuchCenter)) => {
            let made = store.put_center(&main, &CenterSettings::default()).await?;
            if made.created {
                tracing::info!(center = %main, "created");
            }
            Ok(())
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draining_is_for_good() {
        let readiness = Readiness::new();
        assert!(readiness.set(State::Ready) && !readiness.set(State::Ready));
        readiness.drain();
        assert!(!readiness.set(State::Ready));
        assert_eq!(readiness.state(), State::Draining);
    }
}
