//! The special functions against values computed to 50 digits.

use std::path::PathBuf;

use serde_json::Value;

use super::incomplete_beta::ln_beta;
use super::{
    digamma, incomplete_beta, incomplete_gamma, ln_gamma, ln_gamma_ratio,
    scaled_exponential_integral, trigamma,
};

fn evaluate(function: &str, arguments: &[f64]) -> Option<f64> {
    Some(match (function, arguments) {
        ("ln_gamma", &[x]) => ln_gamma(x),
        ("digamma", &[x]) => digamma(x),
        ("trigamma", &[x]) => trigamma(x),
        ("ln_gamma_ratio", &[a, h]) => ln_gamma_ratio(a, h),
        ("ln_beta", &[a, b]) => ln_beta(a, b),
        ("scaled_expint_En", &[s, z]) => scaled_exponential_integral(s, z),
        ("gamma_p", &[a, x]) => incomplete_gamma(a, x).0,
        ("gamma_q", &[a, x]) => incomplete_gamma(a, x).1,
        ("beta_inc", &[a, b, x]) => incomplete_beta(a, b, x),
        _ => return None,
    })
}

#[test]
fn published_special_functions_come_out() {
    let folder = std::env::var_os("TILLIT_REFERENCE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference"),
        PathBuf::from,
    );
    let cases = ["clv_cases.json", "clv_hard_cases.json"]
        .into_iter()
        .filter_map(|name| {
            let text = std::fs::read_to_string(folder.join(name));
            if text.is_err() {
                println!("{name} is not there: its special functions are not checked");
            }
            Some(serde_json::from_str::<Value>(&text.ok()?).unwrap())
        })
        .flat_map(|file| file["cases"].as_array().unwrap().clone());
    let (mut passed, mut failed) = (0, Vec::new());
    for case in cases {
        if case["model"] != "special" {
            continue;
        }
        let arguments: Vec<f64> = case["inputs"]["args"]
            .as_array()
            .unwrap()
            .iter()
            .map(|argument| argument.as_f64().unwrap())
            .collect();
        let function = case["inputs"]["f"].as_str().unwrap();
        let Some(found) = evaluate(function, &arguments) else {
            failed.push(format!("{function}{arguments:?}: nothing computes it"));
            continue;
        };
        let Some(expected) = case["outputs"]["value"].as_f64() else {
            assert!(!found.is_nan());
            passed += 1;
            continue;
        };
        let allowed = case["tolerance"]["absolute"]
            .as_f64()
            .unwrap_or(1e-12 * expected.abs());
        if (found - expected).abs() <= allowed {
            passed += 1;
        } else {
            failed.push(format!(
                "{function}{arguments:?}: {found} instead of {expected}"
            ));
        }
    }
    println!(
        "special functions: {passed} passed, {} failed",
        failed.len()
    );
    assert!(failed.is_empty(), "{failed:#?}");
}
