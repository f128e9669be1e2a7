//! The numbers of the reference file for trust: evidence, opinions, the two readouts, trust between two.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tillit::journey::{Dimension, Justice};
use tillit::measure::{Probability, Span, Timestamp};
use tillit::trust::{
    Evidence, EvidenceAccount, EvidenceRules, HalfLife, Opinion, Posterior, Prior, Reading, Weight,
    asymmetry, mutual,
};

fn share(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn weight(value: &Value) -> Weight {
    Weight::new(number(value)).unwrap()
}

fn opinion(value: &Value) -> Opinion {
    let part = |place: usize| number(&value[place]);
    Opinion::new(part(0), part(1), part(2), part(3)).unwrap()
}

/// A reference's outputs beside what was computed, under the reference's names.
type Computed = BTreeMap<String, Value>;

fn computed<const N: usize>(pairs: [(&str, Value); N]) -> Computed {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn parts(opinion: Opinion) -> Value {
    Value::from(<[f64; 4]>::from(opinion).to_vec())
}

fn evidence_and_scores(posterior: Posterior) -> Computed {
    let band = posterior.band(share(0.9)).unwrap();
    let opinion = posterior.opinion();
    computed([
        ("r", posterior.evidence().positive().into()),
        ("s", posterior.evidence().negative().into()),
        ("expected", posterior.expected().into()),
        ("rating", posterior.rating().into()),
        (
            "opinion",
            vec![opinion.belief(), opinion.disbelief(), opinion.uncertainty()].into(),
        ),
        ("band90", vec![band.low(), band.high()].into()),
    ])
}

fn beta_reputation(inputs: &Value) -> Computed {
    let evidence = Evidence::new(number(&inputs["r"]), number(&inputs["s"])).unwrap();
    evidence_and_scores(evidence.from_prior(Prior::default()))
}

/// Reads "10 positive then 5 negative".
fn beta_forgetting(inputs: &Value) -> Computed {
    let kept = share(number(&inputs["lam"]));
    let mut evidence = Evidence::default();
    for run in inputs["sequence"].as_str().unwrap().split(" then ") {
        let (count, kind) = run.split_once(' ').unwrap();
        for _ in 0..count.parse::<u32>().unwrap() {
            let left = evidence.forgetting(kept);
            let (more, less) = if kind == "positive" {
                (1.0, 0.0)
            } else {
                (0.0, 1.0)
            };
            evidence = Evidence::new(left.positive() + more, left.negative() + less).unwrap();
        }
    }
    evidence_and_scores(evidence.from_prior(Prior::default()))
}

fn sl_beta_map(inputs: &Value) -> Computed {
    let opinion = opinion(&inputs["opinion"]);
    let evidence = opinion.evidence(weight(&inputs["W"])).unwrap();
    let prior = Prior::new(weight(&inputs["W"]), share(opinion.base_rate())).unwrap();
    let posterior = evidence.from_prior(prior);
    let (alpha, beta) = posterior.shapes();
    assert!((posterior.expected() - opinion.projected()).abs() < 1e-12);
    computed([
        ("alpha", alpha.into()),
        ("beta", beta.into()),
        ("projected", opinion.projected().into()),
        ("r", evidence.positive().into()),
        ("s", evidence.negative().into()),
    ])
}

fn mutual_trust(inputs: &Value) -> Computed {
    let (there, back) = (opinion(&inputs["a_to_b"]), opinion(&inputs["b_to_a"]));
    let both = mutual(there, back);
    assert_eq!(both, mutual(back, there));
    computed([
        ("geometric", both.value().into()),
        ("conjunction", parts(both.both())),
        ("asymmetry", asymmetry(there, back).into()),
        ("symmetric_check", parts(mutual(back, there).both())),
    ])
}

/// Days as moments; whole microseconds are finer than the reference's tolerance.
fn moment(days: &Value) -> Timestamp {
    #[allow(clippy::cast_possible_truncation)]
    let micros = (number(days) * 86_400e6).round() as i64;
    Timestamp::from_micros(micros)
}

fn half_life(value: &Value) -> HalfLife {
    value.as_f64().map_or(HalfLife::ENDLESS, |days| {
        HalfLife::new(Span::from_days(days).unwrap()).unwrap()
    })
}

fn rules(params: &Value) -> EvidenceRules {
    EvidenceRules::felt()
        .with_prior(Prior::new(weight(&params["W"]), share(number(&params["a"]))).unwrap())
        .with_half_lives(half_life(&params["h_pos"]), half_life(&params["h_neg"]))
        .with_loss(weight(&params["loss"]))
        .with_integrity(weight(&params["integrity"]))
        .with_bitterness(weight(&params["kappa"]))
        .with_old_evidence_discount(share(number(&params["zeta"])))
        .with_contact(weight(&params["contact"]))
        .with_reply_within(Span::from_days(number(&params["reply_norm"])).unwrap())
        .with_recovery_cap(share(number(&params["rec_cap"])))
}

fn dimension(event: &Value) -> Option<Dimension> {
    event["dim"].as_str().map(|name| match name {
        "ability" => Dimension::Ability,
        "benevolence" => Dimension::Benevolence,
        "integrity" => Dimension::Integrity,
        other => panic!("no such dimension: {other}"),
    })
}

fn enter(account: &mut EvidenceAccount<String>, event: &Value) {
    let at = moment(&event["t"]);
    let key = event["id"]
        .as_str()
        .or(event["of"].as_str())
        .unwrap_or_default()
        .to_owned();
    let due = (!event["due"].is_null()).then(|| moment(&event["due"]));
    let stake = event["stake"]
        .as_f64()
        .map_or(Weight::ONE, |stake| Weight::new(stake).unwrap());
    match event["type"].as_str().unwrap() {
        "promise" => account.promise(at, key, due, stake, dimension(event).unwrap_or_default()),
        "renegotiated" => account.renegotiate(at, &key, due),
        "fulfilled" => account.fulfil(at, &key, dimension(event)),
        "broken" => {
            let deception = event["deception"].as_bool().unwrap_or(false);
            account.break_promise(at, &key, dimension(event), deception)
        }
        "proactive" => account.unasked_word(at, stake),
        "chase" => account.chase(at, stake),
        "recovery" => {
            let part = |place: usize| share(number(&event["justice"][place]));
            let justice = Justice {
                distributive: part(0),
                procedural: part(1),
                interactional: part(2),
            };
            account.recover(at, &key, share(justice.mean()))
        }
        other => panic!("no such event: {other}"),
    }
    .unwrap();
}

fn as_reference(reading: Reading, level: Probability) -> Value {
    let posterior = reading.posterior();
    let opinion = posterior.opinion();
    let band = posterior.band(level).unwrap();
    serde_json::json!({
        "r": posterior.evidence().positive(),
        "s": posterior.evidence().negative(),
        "provisional": reading.provisional(),
        "belief": opinion.belief(),
        "disbelief": opinion.disbelief(),
        "uncertainty": opinion.uncertainty(),
        "base_rate": opinion.base_rate(),
        "trust": posterior.expected(),
        "lo": band.low(),
        "hi": band.high(),
    })
}

fn trust_posterior(inputs: &Value) -> Computed {
    let params = &inputs["params"];
    let mut account = EvidenceAccount::new(rules(params));
    let mut events = inputs["events"].as_array().unwrap().iter().peekable();
    let path: Vec<Value> = inputs["times"]
        .as_array()
        .unwrap()
        .iter()
        .map(|time| {
            while let Some(event) = events.next_if(|event| number(&event["t"]) <= number(time)) {
                enter(&mut account, event);
            }
            let reading = account.reading(moment(time)).unwrap();
            let mut told = as_reference(reading, share(number(&params["band"])));
            told["t"] = time.clone();
            told
        })
        .collect();
    computed([("path", path.into())])
}

/// Whether two values agree within `tolerance` in every number they hold; every expected output must be there.
fn agree(found: &Value, expected: &Value, tolerance: f64) -> bool {
    match (found, expected) {
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(found, expected)| agree(found, expected, tolerance))
        }
        (Value::Object(found), Value::Object(expected)) => {
            expected.iter().all(|(key, expected)| {
                found
                    .get(key)
                    .is_some_and(|found| agree(found, expected, tolerance))
            })
        }
        _ => match (found.as_f64(), expected.as_f64()) {
            (Some(found), Some(expected)) => (found - expected).abs() <= tolerance,
            _ => found == expected,
        },
    }
}

#[test]
fn every_case_of_trust_comes_out_as_published() {
    let folder = std::env::var_os("TILLIT_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference"),
        PathBuf::from,
    );
    let file = folder.join("gap_trust_cases.json");
    if !file.exists() {
        let others = std::fs::read_dir(&folder).map_or(0, Iterator::count);
        assert!(others > 0, "{} holds no reference file", folder.display());
        println!("gap_trust_cases.json: not in {}, skipped", folder.display());
        return;
    }
    let reference: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut tally: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in reference["cases"].as_array().unwrap() {
        let model = case["model"].as_str().unwrap();
        let inputs = &case["inputs"];
        let counts = tally.entry(model).or_default();
        let found = match model {
            "beta_reputation" => beta_reputation(inputs),
            "beta_forgetting" => beta_forgetting(inputs),
            "sl_beta_map" => sl_beta_map(inputs),
            "mutual_trust" => mutual_trust(inputs),
            "trust_posterior_v0" => trust_posterior(inputs),
            _ => {
                counts[2] += 1;
                continue;
            }
        };
        let wrong: Vec<&String> = case["outputs"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, expected)| {
                !found
                    .get(*name)
                    .is_some_and(|found| agree(found, expected, number(&case["tol"])))
            })
            .map(|(name, _)| name)
            .collect();
        if wrong.is_empty() {
            counts[0] += 1;
        } else {
            counts[1] += 1;
            failures.push(format!("{}: {wrong:?}, found {found:?}", case["id"]));
        }
    }
    for (model, [passed, failed, unsupported]) in &tally {
        if *unsupported > 0 {
            println!("{model}: {unsupported} not supported here");
        } else {
            println!("{model}: {passed} passed, {failed} failed");
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(tally.values().any(|[passed, ..]| *passed > 0));
}
