//! How scripts are composed.

use std::collections::BTreeSet;

use super::*;

/// The code of a file without its comments and the contents of its texts.
pub(super) fn code(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("--").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join("\n");
    // What stands between quotes is every second part.
    code.split('\'').step_by(2).collect::<Vec<_>>().join("''")
}

/// The words of a file's code.
fn words(text: &str) -> Vec<String> {
    let separators = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    code(text).split(separators).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The names that a file defines for those after it: its locals at the beginning of a line.
fn defined(text: &str) -> Vec<String> {
    let locals = text.lines().filter_map(|line| line.strip_prefix("local "));
    let names = locals.flat_map(|rest| {
        let list = rest.strip_prefix("function ").unwrap_or(rest);
        let list = list.split(['(', '=']).next().unwrap_or_default();
        list.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>()
    });
    names.collect()
}

pub(super) fn files() -> Vec<Source> {
    FRAGMENTS.into_iter().chain(ALL.iter().map(|script| script.file)).collect()
}

#[test]
fn a_file_names_exactly_the_fragments_that_it_uses() {
    for (path, text) in files() {
        let (own, words) = (defined(text), words(text));
        let is_used = |fragment: &Source| {
            defined(fragment.1).iter().any(|name| words.contains(name) && !own.contains(name))
        };
        let fragments = FRAGMENTS.iter().filter(|fragment| fragment.0 != path && is_used(fragment));
        let expected: Vec<&str> = fragments.map(|(name, _)| *name).collect();
        assert_eq!(needs(text).collect::<Vec<_>>(), expected, "{path}: -- needs");
    }
}

#[test]
fn a_name_is_defined_by_one_fragment() {
    let mut seen = BTreeSet::new();
    for (path, text) in COMMON[0].into_iter().chain(FRAGMENTS) {
        for name in defined(text) {
            assert!(seen.insert(name.clone()), "{path} defines {name} again");
        }
    }
}

#[test]
fn a_fragment_comes_once_and_after_what_it_needs() {
    for script in ALL {
        let mut parts = Vec::new();
        add(&mut parts, script.file);
        for (n, part) in parts.iter().enumerate() {
            assert!(!parts[..n].contains(part), "{} has {} twice", script.name, part.0);
            for need in needs(part.1) {
                let before = parts[..n].iter().any(|(path, _)| *path == need);
                assert!(before, "{}: {} needs {need} before it", script.name, part.0);
            }
        }
        assert_eq!(parts.last(), Some(&script.file));
    }
}

#[test]
fn every_process_composes_the_same_text() {
    for script in ALL {
        let again = Script::new(script.name, script.flags, script.file);
        for documents in [Documents::Hash, Documents::Json] {
            assert_eq!(script.sha(documents), again.sha(documents));
            assert!(script.text(documents).starts_with("#!lua"));
            assert!(script.text(documents).ends_with(script.file.1));
        }
        assert_ne!(script.sha(Documents::Hash), script.sha(Documents::Json));
    }
}

#[test]
fn every_file_is_a_script_or_a_fragment() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lua");
    let mut known: BTreeSet<String> = files().iter().map(|(path, _)| (*path).to_owned()).collect();
    known.extend(COMMON.iter().flatten().map(|(path, _)| (*path).to_owned()));
    known.insert("centers/open_store".into());
    let mut there = BTreeSet::new();
    for folder in std::fs::read_dir(&root).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let path = path.strip_prefix(&root).unwrap().with_extension("");
            there.insert(path.to_str().unwrap().to_owned());
        }
    }
    assert_eq!(there, known);
}

#[test]
fn the_center_of_a_script_is_its_own() {
    for (path, text) in files() {
        let words = words(text);
        let is_fragment = FRAGMENTS.iter().any(|(fragment, _)| *fragment == path);
        // A fragment is given its center: it may be used for several.
        assert!(!is_fragment || !words.iter().any(|word| word == "CENTER"), "{path}: CENTER");
        let code = code(text);
        let assigned = code.lines().any(|line| line.trim_start().starts_with("CENTER ="));
        assert!(!assigned, "{path} assigns CENTER");
    }
}
