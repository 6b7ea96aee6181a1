//! The balancer's classes of routes: whether HAProxy may send a request a second time, and how long
//! it waits for the response. An operation without a class fails here, instead of getting the
//! balancer's default silently.

use std::{collections::BTreeSet, fs};

use regex::Regex;

use crate::examples::{document, operations};

const CONFIGURATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../haproxy/10-api.cfg");

/// Whether HAProxy may send a request to a second replica after the first may have handled it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retry {
    Safe,
    /// Only with an `Idempotency-Key`.
    WithKey,
    /// Only with `agent` in the query.
    WithAgent,
    /// Never forwarded: HAProxy responds itself.
    Refused,
}

/// The class of each operation, and for how many seconds HAProxy waits for its response when the
/// request is safe to retry. A request that is not safe to retry waits [`ONCE_S`].
const CLASSES: [(&str, Retry, u32); 38] = [
    ("abandon_contact", Retry::Safe, 1),
    ("add_agent_skill", Retry::Safe, 1),
    ("cancel_contact", Retry::Safe, 1),
    ("classic_add_agent_skill", Retry::Safe, 1),
    ("classic_create_agent", Retry::Safe, 1),
    ("classic_create_contact", Retry::WithKey, 1),
    ("classic_delete_agent", Retry::Safe, 1),
    ("classic_delete_skill", Retry::Safe, 7),
    ("classic_finish_contact", Retry::Safe, 1),
    ("classic_get_contact", Retry::Safe, 1),
    ("classic_remove_agent_skill", Retry::Safe, 1),
    ("classic_set_acd_state", Retry::Safe, 7),
    ("classic_set_agent_state", Retry::Safe, 1),
    ("classic_update_agent", Retry::Safe, 1),
    ("complete_contact", Retry::Safe, 1),
    ("create_agent", Retry::WithKey, 1),
    ("create_contact", Retry::WithKey, 1),
    ("delete_agent", Retry::Safe, 1),
    ("delete_skill", Retry::Safe, 7),
    ("explain_contact", Retry::Safe, 1),
    ("get_agent", Retry::Safe, 1),
    ("get_center", Retry::Safe, 1),
    ("get_consistency", Retry::Safe, 65),
    ("get_contact", Retry::Safe, 1),
    ("get_stats", Retry::Safe, 1),
    ("healthz", Retry::Safe, 1),
    ("list_agents", Retry::Safe, 1),
    ("list_centers", Retry::Safe, 1),
    ("list_contacts", Retry::Safe, 1),
    ("list_events", Retry::Safe, 1),
    ("list_skills", Retry::Safe, 1),
    ("metrics", Retry::Refused, 0),
    ("put_center", Retry::Safe, 1),
    ("readyz", Retry::Safe, 1),
    ("remove_agent_skill", Retry::Safe, 1),
    ("requeue_contact", Retry::WithAgent, 1),
    ("set_agent_state", Retry::Safe, 1),
    ("update_agent", Retry::Safe, 1),
];
/// How long HAProxy waits for the response to a request that it sends only once.
const ONCE_S: u32 = 7;

#[test]
fn every_operation_has_its_class() {
    let balancer = Balancer::read();
    let operations = operations(&document());
    let classed: BTreeSet<&str> = CLASSES.iter().map(|(id, ..)| *id).collect();
    let known: BTreeSet<&str> = operations.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(classed, known, "class the operation here and in haproxy/10-api.cfg");
    for (id, retry, seconds) in CLASSES {
        let operation = operations.iter().find(|o| o.id == id).unwrap();
        let path = operation.target.split('?').next().unwrap();
        let plain = Request { method: operation.method.as_str(), path, marks: &[] };
        let key = Request { marks: &["idempotency-key"], ..plain };
        let agent = Request { marks: &["agent"], ..plain };
        for (request, is_safe) in [
            (plain, retry == Retry::Safe),
            (key, matches!(retry, Retry::Safe | Retry::WithKey)),
            (agent, matches!(retry, Retry::Safe | Retry::WithAgent)),
        ] {
            let expected = match (retry, is_safe) {
                (Retry::Refused, _) => None,
                (_, true) => Some(("api", seconds)),
                (_, false) => Some(("api_once", ONCE_S)),
            };
            let class = balancer.class(request);
            let class = class.as_ref().map(|(backend, seconds)| (backend.as_str(), *seconds));
            assert_eq!(class, expected, "{id}: {request:?}");
        }
    }
}

#[test]
fn a_stream_outlives_its_heartbeat() {
    let path = "/v1/centers/main/events";
    let stream = Request { method: "GET", path, marks: &["text/event-stream"] };
    assert_eq!(Balancer::read().class(stream), Some(("api".to_owned(), 60)));
}

#[test]
fn an_unknown_post_is_sent_once() {
    let unknown = Request { method: "POST", path: "/v1/centers/main/unknown", marks: &["agent"] };
    assert_eq!(Balancer::read().class(unknown), Some(("api_once".to_owned(), ONCE_S)));
}

/// What the classes depend on. A mark is the name of a header or query parameter that the request
/// has, or the value of its `Accept`.
#[derive(Clone, Copy, Debug)]
struct Request<'a> {
    method: &'a str,
    path: &'a str,
    marks: &'a [&'a str],
}

/// The part of HAProxy's language that `10-api.cfg` uses for its classes. Anything else in such a
/// line fails the test.
struct Balancer {
    /// The section and the words of each line.
    lines: Vec<(String, Vec<String>)>,
}

impl Balancer {
    fn read() -> Self {
        let (mut section, mut lines) = (String::new(), Vec::new());
        for line in fs::read_to_string(CONFIGURATION).unwrap().lines() {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            match words.first().map(String::as_str) {
                None | Some("#") => {}
                Some("frontend" | "backend" | "defaults") if !line.starts_with(' ') => {
                    section.clone_from(&words[1]);
                }
                Some(_) => lines.push((section.clone(), words)),
            }
        }
        // The frontend and a backend share the name `api`, but have no kind of line in common.
        Self { lines }
    }

    /// The words of the lines that begin so, in a section.
    fn lines<'a>(
        &'a self,
        section: &'a str,
        start: &'a [&'a str],
    ) -> impl Iterator<Item = &'a [String]> {
        let lines = self.lines.iter().filter(move |(of, words)| {
            of == section
                && words.len() > start.len()
                && words.iter().zip(start).all(|(word, start)| word == start)
        });
        lines.map(|(_, words)| &words[start.len()..])
    }

    /// The backend of a request, and for how many seconds it waits; `None` when HAProxy responds
    /// itself.
    fn class(&self, request: Request<'_>) -> Option<(String, u32)> {
        let repeatable = self
            .lines("api", &["http-request", "set-var(txn.repeatable)", "bool(true)", "if"])
            .any(|condition| self.holds(condition, request, false));
        let refused =
            self.lines("api", &["http-request", "return", "status", "404"]).any(|words| {
                let at = words.iter().rposition(|word| word == "if").unwrap();
                self.holds(&words[at + 1..], request, repeatable)
            });
        if refused {
            return None;
        }
        let used = self.lines("api", &["use_backend"]).find(|words| {
            assert_eq!(words[1], "if");
            self.holds(&words[2..], request, repeatable)
        });
        let backend = used.or_else(|| self.lines("api", &["default_backend"]).next()).unwrap();
        let backend = backend[0].clone();
        let default = self.lines(&backend, &["timeout", "server"]).next().unwrap();
        let own =
            self.lines(&backend, &["http-request", "set-timeout", "server"]).filter(|words| {
                assert_eq!(words[1], "if");
                self.holds(&words[2..], request, repeatable)
            });
        let time = own.last().unwrap_or(default);
        let time = seconds(&time[0]);
        Some((backend, time))
    }

    /// Whether every term of a condition holds: names of ACLs, and ACLs in braces.
    fn holds(&self, condition: &[String], request: Request<'_>, repeatable: bool) -> bool {
        let (mut rest, mut all) = (condition, true);
        while let Some((term, after)) = rest.split_first() {
            let holds = if term == "{" {
                let end = after.iter().position(|word| word == "}").unwrap();
                let (inline, after) = (&after[..end], &after[end + 1..]);
                rest = after;
                matches(inline, request, repeatable)
            } else {
                rest = after;
                match term.strip_prefix("METH_") {
                    Some(method) => request.method == method,
                    None => self.acl(term, request, repeatable),
                }
            };
            all &= holds;
        }
        all
    }

    /// Whether a named ACL holds: any of its lines does.
    fn acl(&self, name: &str, request: Request<'_>, repeatable: bool) -> bool {
        let start = ["acl", name];
        let lines: Vec<&[String]> = self.lines("api", &start).collect();
        assert!(!lines.is_empty(), "no acl {name}");
        lines.iter().any(|criterion| matches(criterion, request, repeatable))
    }
}

/// Whether a criterion, such as `path_reg ^/acd$`, holds.
fn matches(criterion: &[String], request: Request<'_>, repeatable: bool) -> bool {
    let words: Vec<&str> = criterion.iter().map(String::as_str).collect();
    let argument = |word: &str| {
        let (_, argument) = word.split_once('(').unwrap();
        argument.strip_suffix(')').unwrap().to_owned()
    };
    match words[..] {
        ["method", ref methods @ ..] => methods.contains(&request.method),
        ["path", ref paths @ ..] => paths.contains(&request.path),
        ["path_reg", pattern] => Regex::new(pattern).unwrap().is_match(request.path),
        ["path_end", end] => request.path.ends_with(end),
        ["var(txn.repeatable)", "-m", "bool"] => repeatable,
        [fetch, "-m", "found"]
            if fetch.starts_with("req.hdr(") || fetch.starts_with("url_param(") =>
        {
            request.marks.contains(&argument(fetch).as_str())
        }
        ["req.hdr(accept)", "-m", "sub", "-i", value] => request.marks.contains(&value),
        _ => panic!("the test does not know {words:?}"),
    }
}

/// A time of HAProxy in seconds.
fn seconds(time: &str) -> u32 {
    let number = |unit| time.strip_suffix(unit).and_then(|number: &str| number.parse::<u32>().ok());
    number("s").or_else(|| number("m").map(|minutes| minutes * 60)).unwrap()
}
