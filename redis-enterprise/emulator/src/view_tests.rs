use std::time::Duration;

use super::*;

fn at(last: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, last], 20001))
}

fn report(age: Duration, last: u8, epoch: u64) -> Report {
    let watched = Watched { at: at(last), epoch, replicas: 1 };
    Report { asked: Instant::now() - age, groups: [("g".to_owned(), watched)].into() }
}

const NOW: Duration = Duration::ZERO;
const OLD: Duration = Duration::from_secs(5);

fn view(reports: [Report; 3]) -> View {
    View::of(&(1..).zip(reports).collect(), 2, &View::default())
}

#[test]
fn the_last_failover_counts_whoever_tells_of_it() {
    let view = view([report(NOW, 1, 3), report(NOW, 2, 4), report(NOW, 1, 3)]);
    assert_eq!(view.primary("g").unwrap().at, at(2));
}

#[test]
fn one_of_three_knows_nothing() {
    let view = view([report(NOW, 1, 3), report(OLD, 1, 3), report(OLD, 1, 3)]);
    assert_eq!(view.primary("g"), None);
    assert!(!view.has_quorum());
    assert!(view.is_up(1) && !view.is_up(2));
}

#[test]
fn what_it_believes_ends_with_the_second_newest_answer() {
    let young = Duration::from_millis(100);
    let view = view([report(NOW, 1, 3), report(young, 1, 3), report(OLD, 2, 1)]);
    let primary = view.primary("g").unwrap();
    assert_eq!(primary.at, at(1));
    let left = primary.until - Instant::now();
    assert!(left + young <= LEASE, "{left:?}");
}

#[test]
fn what_was_known_stays_known_but_is_not_sure() {
    let before = view([report(NOW, 1, 3), report(NOW, 1, 3), report(NOW, 1, 3)]);
    let mut expired = before.clone();
    expired.groups.get_mut("g").unwrap().until = Instant::now() - NOW;
    let after = View::of(&BTreeMap::new(), 2, &expired);
    assert_eq!(after.primary("g"), None);
    assert_eq!(after.last_primary("g").unwrap().at, at(1));
}
