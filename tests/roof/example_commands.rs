//! The examples about word of mouth as programs: whatever is wrong is said plainly, with the exit code 1 and without a panic.
//!
//! `cargo test` builds the examples; where a program is not there (`cargo test --test roof` in a fresh
//! clone) these tests say so and pass.

#![cfg(all(feature = "csv", feature = "report"))]

use std::path::PathBuf;
use std::process::Stdio;
use std::{env, fs};

use crate::example::example;

/// Runs the example, which must refuse with a message that holds all `words`.
fn refuses(name: &str, arguments: &[&str], words: &[&str]) {
    let Some(mut program) = example(name) else {
        return;
    };
    let output = program.args(arguments).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed an answer");
    assert!(
        !message.contains("panicked") && message.len() < 2_000,
        "{message}"
    );
    for word in words {
        assert!(
            message.contains(word),
            "{arguments:?}: {word:?} is not in: {message}"
        );
    }
}

fn folder(test: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = env::temp_dir().join(format!("tillit-{}-{test}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn options_that_are_unknown_incomplete_or_absurd_are_named() {
    for (program, known) in [
        ("what_detractors_cost", "--saving"),
        ("network_win_back", "--cost"),
    ] {
        refuses(
            program,
            &["--colour", "red"],
            &["there is no option --colour", known],
        );
        refuses(program, &["-x"], &["there is no option -x"]);
        refuses(program, &["--lost"], &["--lost needs a value"]);
        refuses(program, &["--currency", "euros"], &["--currency", "euros"]);
        for bad in ["many", "NaN", "-0.1", "1.5", "inf", ""] {
            refuses(
                program,
                &["--lost", bad],
                &["--lost takes a number from 0 to 1", bad],
            );
        }
        refuses(program, &["a.csv", "b.csv"], &["one file is enough"]);
    }
    for option in ["--hearer", "--saving"] {
        for bad in ["1e300", "1e13", "-5", "inf", "NaN"] {
            refuses(
                "what_detractors_cost",
                &[option, bad],
                &[option, "takes a number", bad],
            );
        }
    }
    refuses(
        "what_detractors_cost",
        &["--hearer", "0"],
        &["takes a number from 0.01"],
    );
    refuses(
        "network_win_back",
        &["--detractors", "0"],
        &["from 1 to 2000"],
    );
}

#[test]
fn tables_that_cannot_be_read_are_named_with_what_they_need() {
    let folder = folder(
        "tables",
        &[
            ("empty.csv", b""),
            ("blank.csv", b"\n\n"),
            ("head.csv", b"sentiment,lifetime_value\n"),
            ("wrong.csv", b"mood,worth\ngood,7\n"),
            ("sign.txt", b"1 2 1\n1 3 maybe\n"),
            ("latin.csv", b"sentiment,lifetime_value\npromoter,\xe9\n"),
            (
                "rows.csv",
                b"sentiment,lifetime_value,connectedness\nangry,5,1\npromoter,1e300,1\npromoter,5,-1\npromoter,5\npassive,NaN,\n",
            ),
        ],
    );
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let cost = |name: &str, words: &[&str]| {
        refuses(
            "what_detractors_cost",
            &[&path(name)],
            &[&[name][..], words].concat(),
        );
    };
    cost("no such file.csv", &["cannot be read"]);
    cost("", &["cannot be read"]);
    cost("empty.csv", &["is empty", "sentiment", "lifetime_value"]);
    cost("blank.csv", &["is empty"]);
    cost("head.csv", &["no customers"]);
    cost("wrong.csv", &["no column sentiment", "mood, worth"]);
    cost("latin.csv", &["cannot be read"]);
    cost(
        "rows.csv",
        &[
            "5 bad rows",
            "line 2: sentiment \"angry\"",
            "line 3: lifetime_value \"1e300\"",
            "line 4: connectedness \"-1\"",
            "line 5: 2 fields",
            "line 6: lifetime_value \"NaN\"",
        ],
    );
    let network = |name: &str, words: &[&str]| {
        refuses("network_win_back", &[&path(name)], words);
    };
    network("no such file.txt", &["no such file.txt"]);
    network("empty.csv", &["empty.csv", "empty"]);
    network(
        "sign.txt",
        &["sign.txt", "line 2", "a number expected as sign"],
    );
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_reader_who_stops_early_stops_no_program() {
    for name in ["what_detractors_cost", "network_win_back"] {
        let Some(mut program) = example(name) else {
            continue;
        };
        let program = program.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = program.spawn().unwrap();
        drop(running.stdout.take());
        let output = running.wait_with_output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(!message.contains("panicked"), "{message}");
    }
}
