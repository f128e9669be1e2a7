//! The rules of the house, read from the sources themselves: imports point down, files stay small and are named for
//! what lives in them, nothing prints.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[path = "support/rust_source.rs"]
mod rust_source;

/// The rooms of each floor, the ground first. A room may name the floors below it and nothing else.
const FLOORS: [&[&str]; 9] = [
    &["error"],
    &["measure", "numeric"],
    &["journey"],
    &[
        "survey",
        "flow",
        "promise",
        "driver",
        "value",
        "word_of_mouth",
    ],
    &["gap"],
    &["trust"],
    &["win_back", "simulate"],
    &["audit"],
    &["read", "report", "engine"],
];

/// Documents, no code.
const GUIDE: &str = "guide";

/// Longest file without a place in [`LONG_FILES`].
const LINES: usize = 450;

/// Files that may be longer than [`LINES`]: path under `src/` and the length granted.
const LONG_FILES: [(&str, usize); 0] = [];

const NAMES_THAT_SAY_NOTHING: [&str; 10] = [
    "utils", "util", "helpers", "helper", "common", "types", "misc", "core", "shared", "stuff",
];

const MACROS_THAT_PRINT: [&str; 5] = ["println", "print", "eprintln", "eprint", "dbg"];
const MACROS_OF_UNFINISHED_WORK: [&str; 2] = ["todo", "unimplemented"];

/// Path under `src/` (with `/`) and text.
type Sources = BTreeMap<String, String>;

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// `value/bg_nbd.rs` is the module `value::bg_nbd`; `value/mod.rs` is `value`; `lib.rs` is the root.
fn module_of(file: &str) -> Vec<String> {
    let stem = file.trim_end_matches(".rs");
    let mut module: Vec<String> = stem.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") || stem == "lib" {
        module.pop();
    }
    module
}

/// Every breach of the rule "imports point down", one sentence each.
fn breaches_of_direction(sources: &Sources) -> Vec<String> {
    let read: Vec<_> = sources
        .iter()
        .map(|(file, text)| (file, rust_source::read(&module_of(file), text)))
        .collect();
    // What `lib.rs` calls `Error` lives in the room `error`.
    let at_the_root: BTreeMap<&str, &[String]> = read
        .iter()
        .flat_map(|(_, source)| &source.names)
        .filter(|(module, _, path)| module.is_empty() && !path.is_empty())
        .map(|(_, name, path)| (name.as_str(), path.as_slice()))
        .collect();
    let rooms: BTreeSet<&str> = sources
        .keys()
        .filter(|file| *file != "lib.rs")
        .filter_map(|file| file.split('/').next())
        .map(|room| room.trim_end_matches(".rs"))
        .collect();
    let room_of = |path: &[String]| -> Option<String> {
        let mut first = path.first()?.as_str();
        for _ in 0..=at_the_root.len() {
            if rooms.contains(first) {
                return Some(first.to_owned());
            }
            first = at_the_root.get(first)?.first()?.as_str();
        }
        None
    };

    let mut breaches = Vec::new();
    for room in &rooms {
        if floor(room).is_none() && *room != GUIDE {
            breaches.push(format!("{room} has no floor: give it one in FLOORS"));
        }
    }
    for (file, source) in &read {
        for (line, trick) in &source.tricks {
            breaches.push(format!(
                "{file}:{line} hides where a name comes from: {trick}"
            ));
        }
        let module = module_of(file);
        let Some(here) = module.first() else { continue };
        for path in &source.paths {
            let at = format!("{file}:{} names {}", path.line, path.segments.join("::"));
            let whole_crate = path.segments.is_empty() || path.segments[0] == "*";
            match room_of(&path.segments) {
                _ if whole_crate => {
                    breaches.push(format!("{at}the whole crate: name the room instead"));
                }
                None => breaches.push(format!("{at}, which is no room and no name of lib.rs")),
                Some(there) if there == *here => {}
                Some(there) => match (floor(here), floor(&there)) {
                    (Some(from), Some(to)) if to < from => {}
                    (Some(from), Some(to)) if to == from => {
                        breaches.push(format!("{at}: sideways from {here} to {there}"));
                    }
                    _ => breaches.push(format!("{at}: up from {here} to {there}")),
                },
            }
        }
    }
    breaches
}

/// Every breach of the other rules, one sentence each.
fn breaches_of_manners(sources: &Sources) -> Vec<String> {
    let mut breaches = Vec::new();
    let read: Vec<_> = sources
        .iter()
        .map(|(file, text)| (file, text, rust_source::read(&module_of(file), text)))
        .collect();
    let test_modules: BTreeSet<_> = read
        .iter()
        .flat_map(|(_, _, source)| source.test_modules.iter().cloned())
        .collect();
    for (file, text, source) in &read {
        let granted = LONG_FILES
            .iter()
            .find(|(long, _)| long == *file)
            .map_or(LINES, |&(_, lines)| lines);
        let lines = text.lines().count();
        if lines > granted {
            breaches.push(format!("{file} has {lines} lines, more than {granted}"));
        }
        for part in file.trim_end_matches(".rs").split('/') {
            if NAMES_THAT_SAY_NOTHING.contains(&part) {
                breaches.push(format!("{file}: {part:?} says nothing about what it holds"));
            }
        }
        for (line, module, name) in &source.macros {
            let name = name.as_str();
            // Tests print what they had to skip.
            let tested = (1..=module.len()).any(|depth| test_modules.contains(&module[..depth]));
            if MACROS_THAT_PRINT.contains(&name) && !tested {
                breaches.push(format!("{file}:{line} prints: {name}!"));
            }
            if MACROS_OF_UNFINISHED_WORK.contains(&name) {
                breaches.push(format!("{file}:{line} is unfinished: {name}!"));
            }
        }
        if file.ends_with("mod.rs") || file.starts_with(GUIDE) {
            if !text.starts_with("//!") {
                breaches.push(format!("{file} does not begin with //!"));
            }
            for (line, item) in &source.other_items {
                breaches.push(format!(
                    "{file}:{line} holds more than documentation, modules and re-exports: {item}"
                ));
            }
        }
    }
    breaches
}

fn gather(folder: &Path, prefix: &str, sources: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            gather(&path, &format!("{prefix}{name}/"), sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            sources.insert(format!("{prefix}{name}"), text);
        }
    }
}

fn this_crate() -> Sources {
    let mut sources = Sources::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    gather(&src, "", &mut sources);
    assert!(sources.contains_key("lib.rs"));
    sources
}

#[test]
fn imports_point_down() {
    let breaches = breaches_of_direction(&this_crate());
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn files_are_small_well_named_and_silent() {
    let breaches = breaches_of_manners(&this_crate());
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

/// A small house: every room that the cases below name, and one file under test.
fn house(file: &str, text: &str) -> Sources {
    [
        (
            "lib.rs",
            "mod error; mod numeric; pub mod measure; pub mod value; pub mod trust; pub mod survey; pub mod report; \
             pub mod read; pub mod guide; pub use error::Error; pub use trust::{Ledger as Book, reading::*};",
        ),
        ("error.rs", ""),
        ("numeric/mod.rs", "//! Sums."),
        ("measure/mod.rs", "//! Numbers."),
        ("value/mod.rs", "//! Value."),
        ("survey/mod.rs", "//! Survey."),
        ("trust/mod.rs", "//! Trust."),
        ("read/mod.rs", "//! In."),
        ("report/mod.rs", "//! Out."),
        ("guide/mod.rs", "//! Guide."),
        (file, text),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .collect()
}

#[test]
fn a_path_that_points_up_or_sideways_is_found() {
    for (text, why) in [
        ("use crate::trust::Ledger;", "up"),
        ("use crate::survey::Tally;", "sideways"),
        ("use crate::{measure::Money, trust::Ledger};", "up"),
        (
            "use crate::{\n    measure::{self, Money},\n    survey::{tally::{Tally}, Score},\n};",
            "sideways",
        ),
        ("use super::super::survey::Tally;", "sideways"),
        ("use super::{super::survey::Tally, history};", "sideways"),
        ("use self::super::super::trust::Ledger;", "up"),
        ("pub use crate::trust::Ledger as Trusted;", "up"),
        ("pub(crate) use crate::survey::*;", "sideways"),
        ("use crate::Book;", "up"),
        ("fn f() -> crate::trust::Ledger { loop {} }", "up"),
        ("fn f() { super::super::survey::count() }", "sideways"),
        (
            "fn f() { g(1, <crate::trust::Ledger as Open>::open()) }",
            "up",
        ),
        (
            "#[cfg(test)]\nmod tests { mod deep { fn f() { super::super::super::super::survey::count() } } }",
            "sideways",
        ),
        (
            "#[cfg(test)]\nmod tests { use crate::trust::Ledger; }",
            "up",
        ),
        ("use crate::guide;", "up"),
        ("use crate as root;", "whole crate"),
        ("use super::super::*;", "whole crate"),
        ("use crate::nowhere::Thing;", "no room"),
        ("extern crate self as tillit;", "hides"),
        ("#[path = \"../trust/mod.rs\"] mod trust;", "hides"),
        ("include!(\"../trust/mod.rs\");", "hides"),
        (
            "fn f<'a>(c: char) -> bool { c == '\"' || crate::trust::open('\\'', b'\"') }",
            "up",
        ),
        (
            "macro_rules! open { () => { $crate::trust::Ledger::open() } }",
            "up",
        ),
        ("#[derive(crate::trust::Derived)] struct S;", "up"),
    ] {
        let breaches = breaches_of_direction(&house("value/bg_nbd.rs", text));
        assert!(!breaches.is_empty(), "{text}");
        let all_for_this_reason = breaches.iter().all(|breach| breach.contains(why));
        assert!(all_for_this_reason, "{text}\n{breaches:?}");
    }
}

#[test]
fn a_path_that_points_down_or_stays_passes() {
    for text in [
        "use crate::measure::Money;",
        "use crate::{Error, error::Result, numeric::sum::{self, Sum as S}, measure::*};",
        "use super::super::measure::Money;",
        "use super::history::PurchaseHistory;",
        "use std::fmt; use statrs::function::gamma::ln_gamma; use serde as survey;",
        "fn f() -> impl Iterator<Item = u8> + use<> { self::g::<crate::measure::Money>() }",
        "// use crate::trust::Ledger;\n/* crate::trust::x /* crate::survey::y */ crate::trust::z */",
        "/// See [`crate::trust::Ledger`].\nfn f() {}",
        "const TEXT: &str = \"\\\" use crate::trust::Ledger;\";",
        "const TEXT: &str = r#\"\" crate::trust::Ledger \"#; const B: &[u8] = br\"crate::trust::x\";",
        "pub(in crate::value) fn f() {}",
        "#[cfg(test)]\nmod tests { use super::*; use crate::measure::Money; }",
        "mod inner { use super::g; fn f() { super::super::history::h() } }\nfn g() { super::history::h() }",
    ] {
        let breaches = breaches_of_direction(&house("value/bg_nbd.rs", text));
        assert!(breaches.is_empty(), "{text}\n{breaches:?}");
    }
    let roof = "use crate::{trust::Ledger, value::Model, measure::Money};";
    assert!(breaches_of_direction(&house("report/html.rs", roof)).is_empty());
}

#[test]
fn roof_rooms_do_not_know_each_other_and_every_room_has_a_floor() {
    let found = breaches_of_direction(&house("report/html.rs", "use crate::read::csv::Row;"));
    assert!(
        found.len() == 1 && found[0].contains("sideways"),
        "{found:?}"
    );
    let found = breaches_of_direction(&house("attic/mod.rs", "//! Boxes."));
    assert!(
        found.len() == 1 && found[0].contains("no floor"),
        "{found:?}"
    );
}

#[test]
fn bad_manners_are_found() {
    let long = "//\n".repeat(LINES + 1);
    for (file, text, why) in [
        ("value/bg_nbd.rs", long.as_str(), "lines"),
        ("value/helpers.rs", "", "says nothing"),
        ("value/common/mod.rs", "//! Things.", "says nothing"),
        ("value/bg_nbd.rs", "fn f() { println!(\"x\") }", "prints"),
        (
            "value/bg_nbd.rs",
            "fn f() { std::eprint!(\"x\") }",
            "prints",
        ),
        ("value/bg_nbd.rs", "fn f() { todo!() }", "unfinished"),
        ("value/mod.rs", "mod bg_nbd;", "does not begin"),
        ("value/mod.rs", "//! Value.\nfn f() {}", "more than"),
        ("value/mod.rs", "//! Value.\nuse std::fmt;", "more than"),
        (
            "value/mod.rs",
            "//! Value.\nmod inner { fn f() {} }",
            "more than",
        ),
        ("guide/mod.rs", "//! Guide.\npub struct Page;", "more than"),
    ] {
        let breaches = breaches_of_manners(&house(file, text));
        assert_eq!(breaches.len(), 1, "{file} {text}\n{breaches:?}");
        assert!(breaches[0].contains(why), "{file} {text}\n{breaches:?}");
    }
}

#[test]
fn good_manners_pass() {
    for (file, text) in [
        (
            "value/mod.rs",
            "//! Value.\n#![allow(dead_code)]\n\nmod bg_nbd;\n#[cfg(feature = \"x\")]\npub(crate) mod y;\npub use bg_nbd::{A, B};\n#[doc = \"text\"]\npub mod page {}\npub(crate) use y::C;",
        ),
        (
            "value/bg_nbd.rs",
            "// println!\nfn f() -> &'static str { \"todo!() println!()\" }\n#[cfg(test)]\nmod tests { fn f() { eprintln!() } }",
        ),
    ] {
        let breaches = breaches_of_manners(&house(file, text));
        assert!(breaches.is_empty(), "{file} {text}\n{breaches:?}");
    }
}

#[test]
fn the_floor_plan_stands_in_the_guide() {
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide/architecture.md");
    let plan = fs::read_to_string(plan).unwrap();
    for room in FLOORS.iter().copied().flatten() {
        assert!(plan.contains(&format!("`{room}`")), "{room} is missing");
    }
}
