//! Expectation gaps, their reliability and service quality against the golden cases.

#[path = "support/golden_case.rs"]
mod golden_case;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use tillit::gap::{DifferenceReliability, ExpectationGap, ServiceDimension, ServiceQuality};
use tillit::measure::{Probability, RatingScale};

use golden_case::{agree, cases, number};

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("numbers")
        .iter()
        .map(number)
        .collect()
}

fn share(value: f64) -> Probability {
    Probability::new(value).expect("a share")
}

/// A named column of a data file; `None`, and a printed reason, if the file is not there.
fn column(data: &str, names: [&str; 2]) -> Option<Vec<[f64; 2]>> {
    let folder = std::env::var_os("TILLIT_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let file = folder.join(format!("{data}.csv"));
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("skipped: {} is not there", file.display());
        return None;
    };
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let places = names.map(|name| {
        header
            .iter()
            .position(|known| known.trim_matches('"') == name)
            .unwrap_or_else(|| panic!("no column {name} in {}", file.display()))
    });
    Some(
        lines
            .map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                places.map(|place| cells[place].parse().expect("a number"))
            })
            .collect(),
    )
}

/// The data are on a scale from 1 to 10, the gap on the common scale from 0 to 1.
fn paired(case: &Value) -> bool {
    let inputs = &case["inputs"];
    let name = |key: &str| inputs[key].as_str().expect("a name");
    let Some(rows) = column(name("data"), [name("perception"), name("expectation")]) else {
        return false;
    };
    let scale = RatingScale::new(1.0, 10.0).unwrap();
    let mut gap = ExpectationGap::default();
    for [perception, expectation] in rows {
        gap.record(
            scale.rate(perception).unwrap(),
            scale.rate(expectation).unwrap(),
        );
    }
    let steps = 9.0;
    let estimate = gap.gap(share(0.95)).unwrap();
    let interval = estimate.interval().unwrap();
    let outputs = &case["outputs"];
    let error = estimate.standard_error().unwrap();
    agree(case, "n", gap.pairs() as f64, &outputs["n"]);
    agree(case, "mean", steps * estimate.value(), &outputs["mean_gap"]);
    agree(
        case,
        "sd",
        steps * gap.gap_deviation().unwrap(),
        &outputs["sd"],
    );
    agree(case, "t", estimate.value() / error, &outputs["t"]);
    agree(case, "low", steps * interval.low(), &outputs["ci"][0]);
    agree(case, "high", steps * interval.high(), &outputs["ci"][1]);
    for (found, name) in [
        (gap.fell_short(), "share_negative"),
        (gap.met(), "share_zero"),
        (gap.surpassed(), "share_positive"),
    ] {
        agree(case, name, found.value().unwrap(), &outputs[name]);
    }
    true
}

fn reliability(case: &Value) {
    let inputs = &case["inputs"];
    let found = DifferenceReliability::new(
        share(number(&inputs["r_pp"])),
        share(number(&inputs["r_ee"])),
        number(&inputs["r_pe"]),
        number(&inputs["sd_p"]),
        number(&inputs["sd_e"]),
    )
    .unwrap();
    agree(case, "r_dd", found.value(), &case["outputs"]["r_dd"]);
    assert_eq!(found.is_too_low(), found.value() < 0.7);
}

fn service_quality(case: &Value) {
    let (inputs, outputs) = (&case["inputs"], &case["outputs"]);
    if let Some(expectation) = inputs["expectation_total"].as_f64() {
        let perception = number(&inputs["perception_total"]);
        let total =
            ServiceDimension::new("total", expectation, perception, Probability::ONE).unwrap();
        agree(case, "gap", total.gap(), &outputs["gap"]);
        return;
    }
    let expectations = numbers(&inputs["expectation"]);
    let perceptions = numbers(&inputs["perception"]);
    let weights = numbers(&inputs["weights"]);
    let names = inputs["dimensions"].as_array().expect("names");
    let dimensions: Vec<ServiceDimension> = (0..names.len())
        .map(|place| {
            ServiceDimension::new(
                names[place].as_str().expect("a name"),
                expectations[place],
                perceptions[place],
                share(weights[place]),
            )
            .unwrap()
        })
        .collect();
    let quality = ServiceQuality::new(dimensions).unwrap();
    for (dimension, expected) in quality
        .dimensions()
        .iter()
        .zip(outputs["gaps"].as_array().expect("gaps"))
    {
        agree(case, dimension.name(), dimension.gap(), expected);
    }
    agree(case, "unweighted", quality.gap(), &outputs["unweighted"]);
    agree(
        case,
        "weighted",
        quality.weighted_gap(),
        &outputs["weighted"],
    );
    agree(
        case,
        "servperf",
        quality.perception(),
        &outputs["servperf_unweighted"],
    );
    agree(
        case,
        "servperf weighted",
        quality.weighted_perception(),
        &outputs["servperf_weighted"],
    );
}

#[test]
fn gaps_match_the_golden_cases() {
    let Some(cases) = cases() else { return };
    let mut checked = 0;
    let mut passed_over: BTreeMap<&str, usize> = BTreeMap::new();
    for case in &cases {
        match case["model"].as_str().expect("a model") {
            "gap_paired" => checked += usize::from(paired(case)),
            "difference_score_reliability" => {
                reliability(case);
                checked += 1;
            }
            "servqual" => {
                service_quality(case);
                checked += 1;
            }
            other => *passed_over.entry(other).or_default() += 1,
        }
    }
    for (model, count) in passed_over {
        println!("not supported here: {count} of {model}");
    }
    println!("{checked} cases agree");
    assert!(checked > 0, "the reference file holds no gap case");
}
