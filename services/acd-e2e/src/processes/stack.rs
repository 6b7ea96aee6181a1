//! APIs and dispatchers on one Redis, and a client that knows them all.

use tempfile::TempDir;

use super::{
    client::{Client, Endpoints},
    poll,
    process::Acd,
};

/// The processes of one test. The directory comes last: it is removed when they are gone.
pub struct Stack {
    /// The APIs, in the order of their start.
    pub apis: Vec<Acd>,
    /// The dispatchers, in the order of their start.
    pub dispatchers: Vec<Acd>,
    endpoints: Endpoints,
    work: TempDir,
}

impl Stack {
    /// So many APIs and dispatchers on the Redis at `url`, all ready. `args` are for both.
    pub async fn start(url: &str, apis: usize, dispatchers: usize, args: &[&str]) -> Self {
        let stack = Self::launch(url, apis, dispatchers, args).await;
        stack.ready().await;
        stack
    }

    /// The same without waiting until they are ready.
    pub async fn launch(url: &str, apis: usize, dispatchers: usize, args: &[&str]) -> Self {
        let work = tempfile::tempdir().expect("a directory");
        let mut stack = Self {
            apis: Vec::new(),
            dispatchers: Vec::new(),
            endpoints: Endpoints::default(),
            work,
        };
        for number in 0..apis {
            let role = ["api", "--listen", "127.0.0.1:0", "--redis-url", url];
            let name = format!("api-{number}");
            let api = Acd::start(stack.work.path(), &name, &[&role, args].concat()).await;
            stack.endpoints.set(number, api.address());
            stack.apis.push(api);
        }
        for number in 0..dispatchers {
            let role = ["dispatcher", "--dispatcher-listen", "127.0.0.1:0", "--redis-url", url];
            let name = format!("dispatcher-{number}");
            let dispatcher = Acd::start(stack.work.path(), &name, &[&role, args].concat()).await;
            stack.dispatchers.push(dispatcher);
        }
        stack
    }

    /// Waits until every process says that it is ready.
    pub async fn ready(&self) {
        for process in self.apis.iter().chain(&self.dispatchers) {
            is_ready(process, 200).await;
        }
    }

    /// A client for a center that knows every API.
    pub fn client(&self, center: &str) -> Client {
        Client::new(self.endpoints.clone(), center)
    }

    /// Tells the clients to ask this API no more, until it is started again.
    pub fn take_out(&self, number: usize) {
        self.endpoints.take_out(number);
    }

    /// Kills every process.
    pub fn kill(&mut self) {
        for process in self.apis.iter_mut().chain(&mut self.dispatchers) {
            process.kill();
        }
    }

    /// Starts every process again, after its end.
    pub async fn restart(&mut self) {
        for api in 0..self.apis.len() {
            self.restart_api(api).await;
        }
        for dispatcher in &mut self.dispatchers {
            dispatcher.restart().await;
        }
    }

    /// Starts an API again, after its end, and tells the clients where it is now.
    pub async fn restart_api(&mut self, number: usize) {
        self.apis[number].restart().await;
        self.endpoints.set(number, self.apis[number].address());
    }
}

/// Waits until the process's `/readyz` answers so.
pub async fn is_ready(process: &Acd, status: u16) {
    let http = super::client::http();
    let url = format!("{}/readyz", process.address());
    poll(&format!("{status} from {url}"), async || {
        let answer = http.get(&url).send().await.ok()?;
        (answer.status() == status).then_some(())
    })
    .await;
}
