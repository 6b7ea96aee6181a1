//! The check of every invariant of a center.

use acd_core::{
    consistency::{Checked, Consistency, Violation},
    ids::CenterId,
};

use crate::{
    Result, Store,
    call::{keys, scripts},
};

/// The most violations that a check tells of.
const MAX_VIOLATIONS: usize = 100;

impl Store {
    /// Looks at every invariant of a center while it works. What belongs together is looked at in
    /// one instant, so a change that comes meanwhile is never taken for a violation.
    pub async fn consistency(&self, center: &CenterId) -> Result<Consistency> {
        let mut check =
            Check { store: self, center, checked: Checked::default(), violations: Vec::new() };
        let (_, _, found): Found<u64> = self.call(&scripts::CHECK_COUNTERS, center, &[]).await?;
        check.note(found);
        for index in [keys::QUEUE, keys::ASSIGNED, keys::ENDED] {
            check.checked.contacts += check.pages(&scripts::CHECK_CONTACTS, &[index]).await?;
        }
        check.checked.agents = check.pages(&scripts::CHECK_AGENTS, &[]).await?;
        check.lists().await?;
        check.heads().await?;
        check.checked.signatures += check.pages(&scripts::CHECK_ASIDE, &[]).await?;
        let Check { checked, violations, .. } = check;
        Ok(Consistency {
            center: center.clone(),
            consistent: violations.is_empty(),
            checked,
            violations,
        })
    }
}

/// What a check script returns: where to go on, how many it looked at, what it found.
type Found<T> = (T, u64, Vec<(String, String, String)>);

struct Check<'a> {
    store: &'a Store,
    center: &'a CenterId,
    checked: Checked,
    violations: Vec<Violation>,
}

impl Check<'_> {
    fn note(&mut self, found: Vec<(String, String, String)>) {
        let room = MAX_VIOLATIONS.saturating_sub(self.violations.len());
        let found = found.into_iter().map(|(invariant, subject, detail)| Violation {
            invariant,
            subject,
            detail,
        });
        self.violations.extend(found.take(room));
    }

    /// Runs a script over all pages of an index. Returns how many objects it looked at.
    async fn pages(&mut self, script: &'static scripts::Script, args: &[&str]) -> Result<u64> {
        let (mut cursor, mut total) = ("0".to_owned(), 0);
        loop {
            let args = [args, &[&cursor]].concat();
            let (next, looked_at, found): Found<String> =
                self.store.call(script, self.center, &args).await?;
            self.note(found);
            total += looked_at;
            if next == "0" {
                return Ok(total);
            }
            cursor = next;
        }
    }

    /// The lists of available agents.
    async fn lists(&mut self) -> Result<()> {
        self.pages(&scripts::CHECK_LISTS, &[""]).await?;
        let mut cursor: Option<String> = None;
        loop {
            let page = self.store.list_skills(self.center, cursor.as_deref(), 500).await?;
            for use_ in &page.items {
                self.pages(&scripts::CHECK_LISTS, &[use_.skill.as_str()]).await?;
                self.checked.skills += 1;
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// The set-trie over the lists of waiting contacts, from its root down.
    async fn heads(&mut self) -> Result<()> {
        let mut open = vec![String::new()];
        while let Some(prefix) = open.pop() {
            let (below, listed, found): Found<Vec<String>> =
                self.store.call(&scripts::CHECK_HEADS, self.center, &[&prefix]).await?;
            self.note(found);
            self.checked.signatures += listed;
            open.extend(below);
        }
        Ok(())
    }
}
