//! The golden cases of word of mouth, for tests.

use std::path::PathBuf;

use serde_json::Value;

/// Whether the cases are this crate's own, so that all kinds and fields are known.
pub(crate) fn are_ours() -> bool {
    std::env::var_os("TILLIT_REFERENCE").is_none()
}

/// The cases of one kind, or none with a printed note where another folder lacks them.
fn cases(kind: &str) -> Vec<Value> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let folder = std::env::var_os("TILLIT_REFERENCE").map_or(own, PathBuf::from);
    assert!(folder.is_dir(), "{} is no folder", folder.display());
    let mut found = Vec::new();
    for name in ["wom_cases.json", "wom_hard_cases.json"] {
        let path = folder.join(name);
        let Ok(text) = std::fs::read_to_string(&path) else {
            assert!(!are_ours(), "{} is missing", path.display());
            println!("skipped: no {}", path.display());
            continue;
        };
        let file: Value = serde_json::from_str(&text).unwrap();
        let all = file["cases"].as_array().unwrap();
        assert!(!all.is_empty(), "{} holds no case", path.display());
        found.extend(all.iter().filter(|case| case["kind"] == kind).cloned());
    }
    if found.is_empty() {
        assert!(!are_ours(), "{kind}: no case");
        println!("skipped: no {kind} in {}", folder.display());
    }
    found
}

/// Checks every case of one kind, then fails if any failed, naming all that did.
pub(crate) fn check_each(kind: &str, check: impl Fn(&Value)) {
    let cases = cases(kind);
    let mut failed = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let name = format!("{number} {}", case["name"].as_str().unwrap_or_default());
        println!("{kind} {name}");
        let check = std::panic::AssertUnwindSafe(|| check(case));
        if std::panic::catch_unwind(check).is_err() {
            failed.push(name);
        }
    }
    println!(
        "{kind}: {} of {} passed",
        cases.len() - failed.len(),
        cases.len()
    );
    assert!(failed.is_empty(), "{kind}: failed {failed:#?}");
}

/// 0.25, "0.25", "1/4", or a rational written as an object with its nearest `f64`.
pub(crate) fn number(value: &Value) -> f64 {
    if let Some(written) = value.get("f64") {
        let (num, den) = (number(&value["num"]), number(&value["den"]));
        let written = number(written);
        // Long rationals are beyond f64; then their value as written is all there is.
        if !(num.is_finite() && den.is_finite()) {
            return written;
        }
        let found = num / den;
        assert!(
            (found - written).abs() <= 1e-15 * written.abs(),
            "{value} is written as {found}"
        );
        return found;
    }
    let Some(text) = value.as_str() else {
        return value
            .as_f64()
            .unwrap_or_else(|| panic!("{value} is not a number"));
    };
    let parsed = |text: &str| -> f64 {
        let number = text.trim().parse();
        number.unwrap_or_else(|_| panic!("{text} is not a number"))
    };
    match text.split_once('/') {
        Some((above, below)) => parsed(above) / parsed(below),
        None => parsed(text),
    }
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// A count, also where it is written 1000.0 or 1e6.
pub(crate) fn count(value: &Value) -> u64 {
    if let Some(count) = value.as_u64() {
        return count;
    }
    let count = number(value);
    assert!(
        (0.0..1.8e19).contains(&count) && count.fract() == 0.0,
        "{value} is no count"
    );
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number within the range, as was just seen"
    )]
    let whole = count as u64;
    whole
}
