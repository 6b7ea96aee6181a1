//! `acd simulator datastore`: SET and GET of values of any size, on what an operator points it at.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Output,
    time::{Duration, Instant},
};

use acd_testing::RedisServer;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::{
    cluster::Cluster,
    harness::{self, Node, alone, poll, signal},
};

/// A run that goes on: its process, how it ends, and where its results are.
struct Run {
    pid: u32,
    ended: JoinHandle<Output>,
    /// Removed at the end.
    _work: TempDir,
    results: PathBuf,
}

impl Run {
    /// Starts it with results in a directory that is not there yet.
    fn start(url: &str, flags: &str) -> Self {
        let work = tempfile::tempdir().unwrap();
        let results = work.path().join("deep").join("results");
        let process = harness::begin(&words(url, flags, &results));
        let pid = process.id();
        let ended = spawn_blocking(move || process.wait_with_output().unwrap());
        Self { pid, ended, _work: work, results }
    }

    /// Waits for its end: exit code, report, what it said meanwhile.
    async fn end(&mut self) -> (Option<i32>, Value, String) {
        let run = (&mut self.ended).await.unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        let report = serde_json::from_slice(&run.stdout).unwrap_or_else(|e| panic!("{e}: {said}"));
        (run.status.code(), report, said)
    }

    /// Waits until it has measured something.
    async fn under_way(&self) {
        let raw = self.results.join("results-raw-set-client1.csv");
        poll("raw results", async || {
            let text = fs::read_to_string(&raw).ok()?;
            (text.lines().count() > 1).then_some(())
        })
        .await;
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.results).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The lines of a result file, each by its headings.
    fn sheet(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let text = fs::read_to_string(self.results.join(name)).unwrap();
        let mut lines = text.lines().map(|line| line.split(','));
        let headings: Vec<&str> = lines.next().unwrap().collect();
        let line = |cells: std::str::Split<'_, char>| {
            let cells: Vec<&str> = cells.collect();
            assert_eq!(cells.len(), headings.len(), "{name}: {text}");
            headings.iter().zip(cells).map(|(h, cell)| ((*h).to_owned(), cell.to_owned())).collect()
        };
        lines.map(line).collect()
    }

    /// Sees that the raw results of a client come to its final ones: as many operations and errors of
    /// each size, and the same longest one. Gives how many operations and errors there are.
    fn adds_up(&self, operation: &str, client: &str) -> (u64, u64) {
        let (raw, last) = (
            self.sheet(&format!("results-raw-{operation}-{client}.csv")),
            self.sheet(&format!("results-{operation}-{client}.csv")),
        );
        let mut all = (0, 0);
        for row in &last {
            let of_size = raw.iter().filter(|line| line["value_bits"] == row["value_bits"]);
            let (ok, failed): (Vec<_>, Vec<_>) = of_size.partition(|line| line["outcome"] == "ok");
            let sum =
                |lines: &[&BTreeMap<_, _>]| lines.iter().map(|line| number(line, "count")).sum();
            let counted: (u64, u64) = (sum(&ok), sum(&failed));
            assert_eq!(counted, (number(row, "operations"), number(row, "errors")), "{row:?}");
            if let Some(longest_us) =
                ok.iter().map(|line| line["latency_us"].parse::<u32>().unwrap()).max()
            {
                let longest_ms: f64 = row["max_ms"].parse().unwrap();
                let (told, seen) = (longest_ms * 1000.0, f64::from(longest_us));
                assert!((told - seen).abs() <= seen * 0.002 + 1.0, "{told} {seen}");
            }
            all = (all.0 + counted.0, all.1 + counted.1);
        }
        all
    }
}

fn words(url: &str, flags: &str, results: &Path) -> Vec<&'static str> {
    let line = format!(
        "simulator datastore --json --redis-url {url} --output {} {flags}",
        results.display()
    );
    line.leak().split_whitespace().collect()
}

fn number(line: &BTreeMap<String, String>, heading: &str) -> u64 {
    line[heading].parse().unwrap()
}

#[tokio::test]
async fn one_client_leaves_four_files_two_plots_and_no_key() {
    alone(async {
        let redis = RedisServer::start().await.unwrap();
        let url = redis.url();
        let mut run = Run::start(&url, "--seconds 1 --sizes 128bit,64Kbit,4Mbit");
        let (code, report, said) = run.end().await;
        assert_eq!(code, Some(0), "{said}{report}");
        assert_eq!(report["passed"], true, "{report}");
        assert_eq!(
            run.names(),
            [
                "latency.svg",
                "results-get-client1.csv",
                "results-raw-get-client1.csv",
                "results-raw-set-client1.csv",
                "results-set-client1.csv",
                "throughput.svg"
            ]
        );
        for operation in ["set", "get"] {
            let (done, failed) = run.adds_up(operation, "client1");
            assert!(done > 30 && failed == 0, "{operation}: {done} {failed}");
            let last = run.sheet(&format!("results-{operation}-client1.csv"));
            let bytes: Vec<u64> = last.iter().map(|row| number(row, "value_bytes")).collect();
            assert_eq!(bytes, [16, 8192, 524_288]);
            for row in last {
                let [seconds, done, rate, p50, p99]: [f64; 5] =
                    ["seconds", "operations", "operations_per_second", "p50_ms", "p99_ms"]
                        .map(|heading| row[heading].parse().unwrap());
                assert!((1.0..2.0).contains(&seconds) && p50 > 0.0 && p50 <= p99, "{row:?}");
                assert!((rate * seconds / done - 1.0).abs() < 0.01, "{row:?}");
            }
        }
        let plot = fs::read_to_string(run.results.join("latency.svg")).unwrap();
        assert!(plot.contains("p99.9") && plot.contains("64 Kbit"), "{plot}");
        assert_eq!(redis.cli(&["DBSIZE"]).unwrap().trim(), "0");

        // A second run does not destroy what the first one found.
        let again = harness::run(&words(&url, "--seconds 1 --sizes 128bit", &run.results));
        let said = String::from_utf8_lossy(&again.stderr);
        assert_eq!(again.status.code(), Some(2), "{said}");
        assert!(said.contains("--overwrite") && said.lines().count() == 1, "{said}");
        let flags = "--seconds 1 --sizes 128bit --overwrite";
        assert!(harness::run(&words(&url, flags, &run.results)).status.success());
        assert_eq!(run.sheet("results-set-client1.csv").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn clients_on_a_cluster_reach_every_node() {
    alone(async {
        let cluster = Cluster::start().await;
        let flags = "--seconds 2 --sizes 1Kbit,1Mbit --clients 3";
        let mut run = Run::start(&cluster.url(), flags);
        run.under_way().await;
        for node in &cluster.nodes {
            poll("values on the node", async || (node.cli(&["DBSIZE"]).ok()? != "0").then_some(()))
                .await;
        }
        let (code, report, said) = run.end().await;
        assert_eq!(code, Some(0), "{said}{report}");
        for operation in ["set", "get"] {
            let clients = ["client1", "client2", "client3"];
            let sums = clients.map(|client| run.adds_up(operation, client));
            assert!(sums.iter().all(|(done, failed)| *done > 30 && *failed == 0), "{sums:?}");
            let all = run.sheet(&format!("results-{operation}-all.csv"));
            let told: u64 = all.iter().map(|row| number(row, "operations")).sum();
            assert_eq!(told, sums.iter().map(|(done, _)| done).sum::<u64>());
        }
        for node in &cluster.nodes {
            assert_eq!(node.cli(&["DBSIZE"]).unwrap(), "0");
        }
    })
    .await;
}

#[tokio::test]
async fn a_redis_that_dies_is_counted_and_come_back_to() {
    alone(async {
        let mut redis = Node::start(&[]).await;
        let url = format!("redis://127.0.0.1:{}", redis.port);
        let mut run = Run::start(&url, "--seconds 4 --sizes 1Kbit --clients 2");
        run.under_way().await;
        redis.kill();
        tokio::time::sleep(Duration::from_millis(500)).await;
        redis.restart().await;
        let (code, report, said) = run.end().await;
        assert_eq!(code, Some(0), "{said}{report}");
        let errors = &report["rows"][0]["errors_by_kind"];
        assert!(errors["connection"].as_u64() > Some(10), "{report}");
        let (_, failed) = run.adds_up("set", "client1");
        assert!(failed > 5, "{failed}");
        let raw = run.sheet("results-raw-set-client1.csv");
        let ok = raw.iter().filter(|line| line["outcome"] == "ok");
        let last_s = ok.map(|line| number(line, "second")).max();
        assert!(last_s >= Some(3), "it went on: {last_s:?}");
        assert_eq!(run.adds_up("get", "client2").1, 0);
        assert_eq!(redis.cli(&["DBSIZE"]).unwrap(), "0");
    })
    .await;
}

#[tokio::test]
async fn values_that_are_lost_or_changed_are_noticed() {
    alone(async {
        let redis = RedisServer::start().await.unwrap();
        let url = redis.url();
        let mut run = Run::start(&url, "--seconds 2 --sizes 1Kbit --keys 4");
        let raw = run.results.join("results-raw-get-client1.csv");
        poll("values being got", async || {
            let text = fs::read_to_string(&raw).ok()?;
            (text.lines().count() > 1).then_some(())
        })
        .await;
        let keys = redis.cli(&["--scan", "--pattern", "acd-datastore-*-*"]).unwrap();
        let keys: Vec<&str> = keys.split_whitespace().collect();
        redis.cli(&["DEL", keys[0]]).unwrap();
        redis.cli(&["SETRANGE", keys[1], "100", "changed"]).unwrap();
        let (code, report, said) = run.end().await;
        assert_eq!(code, Some(1), "{said}{report}");
        let errors = &report["rows"][1]["errors_by_kind"];
        assert_eq!((&errors["missing"], &errors["wrong"]), (&1.into(), &1.into()), "{report}");
        assert_eq!(report["checks"][0]["passed"], false, "{report}");
    })
    .await;
}

#[tokio::test]
async fn ctrl_c_ends_it_with_the_results_so_far() {
    alone(async {
        let redis = RedisServer::start().await.unwrap();
        let mut run = Run::start(&redis.url(), "--seconds 60 --clients 2");
        run.under_way().await;
        let asked = Instant::now();
        signal("INT", run.pid);
        let (code, report, said) = run.end().await;
        assert!(asked.elapsed() < Duration::from_secs(5), "{said}");
        assert_eq!((code, &report["stopped_early"]), (Some(0), &true.into()), "{said}{report}");
        assert_eq!(report["rows"].as_array().unwrap().len(), 1, "{report}");
        assert!(run.adds_up("set", "client1").0 > 0);
        assert_eq!(run.sheet("results-set-all.csv").len(), 1);
        assert!(run.names().contains(&"throughput.svg".to_owned()));
        assert_eq!(redis.cli(&["DBSIZE"]).unwrap().trim(), "0");
    })
    .await;
}

#[tokio::test]
async fn what_can_t_work_is_said_in_one_line() {
    let redis = Node::start(&[]).await;
    redis.cli(&["CONFIG", "SET", "requirepass", "right"]).unwrap();
    let port = redis.port;
    let work = tempfile::tempdir().unwrap();
    let results = work.path().join("results");
    let a_file = work.path().join("file");
    fs::write(&a_file, "").unwrap();
    let refused = |url: &str, flags: &str, results: &Path| {
        let run = harness::run(&words(url, flags, results));
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        // A client of a cluster logs each node that it can't reach.
        let lines = said.lines().filter(|line| !line.starts_with('{')).count();
        assert_eq!(lines, 1, "{said}");
        assert!(run.stdout.is_empty() && !said.contains("secret"), "{said}");
        (run.status.code(), said)
    };

    for url in [
        format!("redis://:secret@127.0.0.1:{port}"),
        format!("redis://127.0.0.1:{port}"),
        "redis://127.0.0.1:1".to_owned(),
        "redis+cluster://127.0.0.1:1".to_owned(),
    ] {
        let (code, said) = refused(&url, "", &results);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("can't use the database: "), "{said}");
    }
    let there = format!("redis://:right@127.0.0.1:{port}");
    for (url, flags, what) in [
        (there.as_str(), "--sizes 100bit", "--sizes"),
        (&there, "--seconds 0", "--seconds"),
        (&there, "--clients none", "--clients"),
        ("http://127.0.0.1", "", "the Redis settings"),
    ] {
        let (code, said) = refused(url, flags, &results);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(what), "{said}");
    }
    let (code, said) = refused(&there, "", &a_file);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--output"), "{said}");
    assert!(!results.exists());
}
