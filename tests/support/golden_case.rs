//! The golden cases of surveys, gaps and trust, for tests.

use std::path::PathBuf;

use serde_json::Value;

/// All cases; `None`, and a printed note, if another folder is named that lacks them.
pub(crate) fn cases() -> Option<Vec<Value>> {
    let elsewhere = std::env::var_os("TILLIT_REFERENCE").map(PathBuf::from);
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let file = elsewhere
        .as_ref()
        .unwrap_or(&own)
        .join("gap_trust_cases.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        assert!(elsewhere.is_some(), "{} is missing", file.display());
        println!("skipped: {} is not there", file.display());
        return None;
    };
    let document: Value = serde_json::from_str(&text).expect("the reference file is JSON");
    Some(
        document["cases"]
            .as_array()
            .expect("the reference file holds cases")
            .clone(),
    )
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// Within the tolerance that the case states.
pub(crate) fn agree(case: &Value, what: &str, found: f64, expected: &Value) {
    let tolerance = number(&case["tol"]);
    let expected = number(expected);
    assert!(
        (found - expected).abs() <= tolerance,
        "{} {what}: found {found}, expected {expected} within {tolerance}",
        case["id"]
    );
}
