//! The example `audit` as a program: what it prints and writes, and that whatever is wrong is said in one sentence.
//!
//! `cargo test` builds the examples; where the program is not there (`cargo test --test roof` in a fresh
//! clone) these tests say so and pass.

#![cfg(all(feature = "csv", feature = "report", feature = "time-zones"))]

use std::path::PathBuf;
use std::process::Output;
use std::{env, fs};

use crate::example::example;

const TABLE: &str = "who,when,paid\nada,2024-01-05 10:00:00,20.00\nben,2024-02-05 10:00:00,30.00\n";
const MAPPING: &str = r#"
zone = "UTC"
currency = "EUR"
customer = "who"
[[fact]]
kind = "purchase"
at = "when"
amount = "paid"
"#;

/// A folder of its own for one test, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = env::temp_dir().join(format!("tillit-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(self, file: &str, bytes: impl AsRef<[u8]>) -> Self {
        fs::write(self.0.join(file), bytes).unwrap();
        self
    }

    fn holds(&self, file: &str) -> bool {
        self.0.join(file).exists()
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap()
    }

    /// Runs the example here; `None` where it was not built.
    fn audit(&self, arguments: &[&str]) -> Option<Output> {
        let output = example("audit")?
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .unwrap();
        let errors = String::from_utf8(output.stderr.clone()).unwrap();
        assert!(!errors.contains("panicked"), "{errors}");
        Some(output)
    }

    /// Runs the example, which must refuse in one line that holds all `words`, and leave no page behind.
    fn refuses(&self, arguments: &[&str], words: &[&str]) {
        let Some(output) = self.audit(arguments) else {
            return;
        };
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?} went through");
        assert!(output.stdout.is_empty(), "{arguments:?} printed a summary");
        let message = errors.trim_end();
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.starts_with("audit: "), "{message}");
        for word in words {
            assert!(message.contains(word), "{word:?} is not in: {message}");
        }
        assert!(!self.holds("target/tillit/audit.html"));
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn table_and_mapping(test: &str) -> Folder {
    Folder::new(test)
        .with("orders.csv", TABLE)
        .with("orders.toml", MAPPING)
}

const GIVEN: [&str; 3] = ["orders.csv", "--map", "orders.toml"];

#[test]
fn without_arguments_the_sample_fits_one_screen_and_writes_the_page() {
    let folder = Folder::new("sample");
    let Some(output) = folder.audit(&[]) else {
        return;
    };
    let summary = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(summary.contains("wrote target/tillit/audit.html"));
    assert!(summary.lines().count() <= 50, "{summary}");
    assert!(
        summary.lines().all(|line| line.chars().count() <= 120),
        "{summary}"
    );
    let page = folder.text("target/tillit/audit.html");
    assert!(page.starts_with("<!DOCTYPE html>") || page.starts_with("<!doctype html>"));
    assert!(page.trim_end().ends_with("</html>"));
    assert!(page.contains("<svg"));
}

#[test]
fn page_tables_and_numbers_go_where_they_are_asked_to() {
    let folder = table_and_mapping("files");
    let files = [
        "--html",
        "a/page.html",
        "--markdown",
        "b.md",
        "--json",
        "c.json",
    ];
    let Some(output) = folder.audit(&[&GIVEN[..], &files[..]].concat()) else {
        return;
    };
    assert!(output.status.success());
    assert!(folder.text("a/page.html").contains("</html>"));
    assert!(folder.text("b.md").starts_with("# "));
    let numbers: serde_json::Value = serde_json::from_str(&folder.text("c.json")).unwrap();
    assert_eq!(numbers["money"]["paid_total"], 50.0);
    assert_eq!(numbers["source"]["rows"], 2);
    assert!(!folder.holds("target/tillit/audit.html"));
}

#[test]
fn an_earlier_day_sees_less() {
    let folder = table_and_mapping("earlier");
    let day = ["--as-of", "2024-01-31", "--json", "c.json"];
    let Some(output) = folder.audit(&[&GIVEN[..], &day[..]].concat()) else {
        return;
    };
    assert!(output.status.success());
    let numbers: serde_json::Value = serde_json::from_str(&folder.text("c.json")).unwrap();
    assert_eq!(numbers["as_of"], "2024-01-31");
    assert_eq!(numbers["counts"]["customers"], 1);
    assert_eq!(numbers["money"]["paid_total"], 20.0);
}

#[test]
fn help_explains_every_option() {
    let Some(output) = Folder::new("help").audit(&["--help"]) else {
        return;
    };
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for option in [
        "TABLE",
        "--map",
        "--as-of",
        "--html",
        "--markdown",
        "--json",
    ] {
        assert!(help.contains(option), "{option} is not explained");
    }
}

#[test]
fn what_is_missing_on_the_command_line_is_named() {
    let folder = table_and_mapping("arguments");
    folder.refuses(&["orders.csv"], &["orders.csv", "--map MAPPING", "--help"]);
    folder.refuses(
        &["--map", "orders.toml"],
        &["--map needs a table", "--help"],
    );
    folder.refuses(&["orders.csv", "--map"], &["--map needs a mapping file"]);
    folder.refuses(&["--output", "x"], &["--output is not an option", "--help"]);
    folder.refuses(&["orders.csv", "more.csv"], &["more.csv", "one table"]);
    let day = |day| [&GIVEN[..], &["--as-of", day]].concat();
    folder.refuses(&day("yesterday"), &["--as-of yesterday", "2018-08-31"]);
    folder.refuses(&day("2024-02-30"), &["--as-of 2024-02-30", "not a date"]);
    folder.refuses(&day("2001-01-01"), &["2001-01-01", "take a later day"]);
}

#[test]
fn a_missing_file_is_named() {
    let folder = table_and_mapping("missing");
    folder.refuses(
        &["none.csv", "--map", "orders.toml"],
        &["none.csv", "cannot be read"],
    );
    folder.refuses(
        &["orders.csv", "--map", "none.toml"],
        &["none.toml", "cannot be read"],
    );
}

#[test]
fn a_wrong_mapping_is_named_with_its_place_and_a_remedy() {
    let folder = table_and_mapping("mapping");
    let folder = folder
        .with("torn.toml", "customer = \"who")
        .with("key.toml", format!("curency = \"EUR\"\n{MAPPING}"))
        .with("column.toml", MAPPING.replace("\"paid\"", "\"payed\""))
        .with("kind.toml", MAPPING.replace("purchase", "purchases"))
        .with("zone.toml", MAPPING.replace("UTC", "Mars"))
        .with("nothing.toml", "")
        .with(
            "assumed.toml",
            format!("{MAPPING}\n[assumptions]\nhearer_losst = 0.1\n"),
        );
    let with = |mapping| ["orders.csv", "--map", mapping];
    folder.refuses(&with("torn.toml"), &["mapping", "is not TOML"]);
    folder.refuses(
        &with("key.toml"),
        &["\"curency\"", "did you mean \"currency\"?"],
    );
    folder.refuses(&with("column.toml"), &["\"payed\"", "who, when, paid"]);
    folder.refuses(&with("kind.toml"), &["fact 1", "\"purchases\"", "purchase"]);
    folder.refuses(&with("zone.toml"), &["zone", "\"Mars\"", "Europe/"]);
    folder.refuses(&with("nothing.toml"), &["customer"]);
    folder.refuses(
        &with("assumed.toml"),
        &["assumptions", "hearer_losst", "hearer_lost"],
    );
}

#[test]
fn a_table_that_cannot_be_read_is_named_with_the_reason() {
    const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let folder = table_and_mapping("table");
    let folder = folder
        .with(
            "torn.csv.gz",
            [&GZIP_HEADER[..], b"this is no deflate"].concat(),
        )
        .with("cut.csv.gz", &GZIP_HEADER[..])
        .with("empty.csv", "")
        .with("header.csv", "who,when,paid\n")
        .with("bad.csv", "who,when,paid\nada,soon,20\nben,later,a lot\n");
    let with = |table| [table, "--map", "orders.toml"];
    folder.refuses(&with("torn.csv.gz"), &["torn.csv.gz", "cannot be read"]);
    folder.refuses(&with("cut.csv.gz"), &["cut.csv.gz", "cut off"]);
    folder.refuses(&with("empty.csv"), &["empty.csv", "is empty", "header row"]);
    folder.refuses(
        &with("header.csv"),
        &["header.csv", "is empty", "at least one row"],
    );
    folder.refuses(&with("bad.csv"), &["bad.csv", "line 2", "\"soon\""]);
}

#[test]
fn a_bad_row_among_good_ones_is_reported_and_the_others_are_kept() {
    let folder = table_and_mapping("bad_row").with("some.csv", format!("{TABLE}cyd,soon,5\n"));
    let Some(output) = folder.audit(&["some.csv", "--map", "orders.toml", "--json", "c.json"])
    else {
        return;
    };
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success());
    assert!(errors.contains("bad row: line 4"), "{errors}");
    assert!(errors.contains("\"soon\""), "{errors}");
    let source =
        &serde_json::from_str::<serde_json::Value>(&folder.text("c.json")).unwrap()["source"];
    assert_eq!(source["rows"], 3);
    assert_eq!(source["rows_kept"], 2);
    assert_eq!(source["rows_reported"], 1);
}
