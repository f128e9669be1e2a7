//! Cascades against exact enumeration in rational arithmetic and against independent simulations.

use std::path::PathBuf;

use serde_json::Value;
use tillit::measure::Probability;
use tillit::word_of_mouth::network::{
    Budget, Cascade, EdgeList, Effort, Ids, Network, Opinion, ParallelArcs, Person, Search,
    SignedCascade,
};

/// The cases of one kind, or `None` with a printed note where another folder lacks them.
fn cases(kind: &str) -> Option<Vec<Value>> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let folder = std::env::var_os("TILLIT_REFERENCE").map_or(own, PathBuf::from);
    let path = folder.join("wom_cases.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        assert!(
            std::env::var_os("TILLIT_REFERENCE").is_some(),
            "{} is missing",
            path.display()
        );
        println!("skipped: no {}", path.display());
        return None;
    };
    let all: Value = serde_json::from_str(&text).unwrap();
    let mut cases = all["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty(), "no case was read");
    cases.retain(|case| case["kind"] == kind);
    // Another folder may have other kinds; ours has all.
    if cases.is_empty() {
        assert!(
            std::env::var_os("TILLIT_REFERENCE").is_some(),
            "{kind}: no case"
        );
        println!("skipped: no {kind} in {}", path.display());
        return None;
    }
    Some(cases)
}

/// "1/3", "0.01" and 0.25 alike.
fn number(value: &Value) -> f64 {
    let Some(text) = value.as_str() else {
        return value.as_f64().unwrap();
    };
    match text.split_once('/') {
        Some((above, below)) => above.parse::<f64>().unwrap() / below.parse::<f64>().unwrap(),
        None => text.parse().unwrap(),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn persons(value: &Value) -> Vec<Person> {
    let list = value.as_array().unwrap().iter();
    list.map(|v| Person::try_from(v.as_u64().unwrap()).unwrap())
        .collect()
}

/// The case's network, and its probabilities in the network's order.
fn network(case: &Value) -> (Network, Vec<f64>) {
    let mut arcs: Vec<(Person, Person, f64)> = case["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| {
            let ends = persons(&Value::Array(edge.as_array().unwrap()[..2].to_vec()));
            (ends[0], ends[1], number(&edge[2]))
        })
        .collect();
    arcs.sort_by_key(|&(tail, head, _)| (tail, head));
    let count = Person::try_from(case["nodes"].as_u64().unwrap()).unwrap();
    let network = Network::from_arcs(count, arcs.iter().map(|&(u, v, _)| (u, v))).unwrap();
    assert_eq!(network.self_loops_dropped(), 0);
    (network, arcs.into_iter().map(|(_, _, p)| p).collect())
}

#[track_caller]
fn assert_close(what: &str, found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs().max(1e-3),
        "{what}: {found}, not {expected}"
    );
}

#[test]
fn the_exact_law_of_small_cascades_is_the_rational_one() {
    let Some(cases) = cases("ic_exact") else {
        return;
    };
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let (network, chances) = network(case);
        let cascade = Cascade::own(&network, chances).unwrap();
        let values = numbers(&case["values"]);
        let tellers = persons(&case["seeds"]);
        let exact = cascade.exact(&tellers, &values).unwrap();
        assert_close(name, exact.mean, case["mean"]["f64"].as_f64().unwrap());
        assert_close(
            name,
            exact.variance,
            case["variance"]["f64"].as_f64().unwrap(),
        );
        for (found, expected) in exact
            .hears
            .iter()
            .zip(case["node_prob"].as_array().unwrap())
        {
            assert_close(name, *found, expected["f64"].as_f64().unwrap());
        }
        for (count, found) in exact.persons_law.iter().enumerate() {
            let expected = case["size_dist"][count.to_string()]["f64"].as_f64();
            assert_close(name, *found, expected.unwrap_or(0.0));
        }
        for effort in [
            Effort::worlds(3, 20_000),
            Effort::worlds(4, 2_000),
            Effort::worlds(5, 20_000).without_control(),
        ] {
            let drawn = cascade.expected_loss(&tellers, &values, &effort).unwrap();
            assert!(
                (drawn.value - exact.mean).abs() <= 4.5 * drawn.standard_error + 1e-9 * exact.mean,
                "{name}: {drawn:?}, not {}",
                exact.mean
            );
        }
    }
    println!("ic_exact: {} passed", cases.len());
}

#[test]
fn opinions_that_turn_follow_their_exact_law() {
    let Some(cases) = cases("icn_exact") else {
        return;
    };
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let (network, chances) = network(case);
        let cascade = Cascade::own(&network, chances).unwrap();
        let quality = Probability::new(number(&case["quality"])).unwrap();
        let signed = SignedCascade::new(cascade, quality);
        let tellers: Vec<_> = persons(&case["seeds"])
            .into_iter()
            .map(|person| (person, Opinion::ByQuality))
            .collect();
        let (good, ill) = signed.exact(&tellers).unwrap();
        for (found, key) in [(&good, "positive"), (&ill, "negative")] {
            for (found, expected) in found.iter().zip(case[key].as_array().unwrap()) {
                assert_close(name, *found, expected["f64"].as_f64().unwrap());
            }
        }
        let drawn = signed.spread(&tellers, &Effort::worlds(8, 40_000)).unwrap();
        for (drawn, exact) in [(drawn.good, good), (drawn.ill, ill)] {
            let exact: f64 = exact.iter().sum();
            assert!(
                (drawn.value - exact).abs() <= 4.5 * drawn.standard_error + 1e-12,
                "{name}: {drawn:?}, not {exact}"
            );
        }
    }
    println!("icn_exact: {} passed", cases.len());
}

/// A data file of this name, where the data lie beside the crate or where `TILLIT_DATA` says.
fn data(name: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("TILLIT_DATA").map_or(beside, PathBuf::from);
    let found = [folder.join(name), folder.join("more").join(name)];
    let found = found.into_iter().find(|path| path.exists());
    if found.is_none() {
        println!("skipped: no {name} in {}", folder.display());
    }
    found
}

/// The networks that cases name, by the conventions stated beside the data.
fn public_network(name: &str) -> Option<Network> {
    let (file, persons, both_ways, arcs) = match name {
        "nethept" => ("nethept.txt.gz", 15_233, true, 62_752),
        "netphy" => ("netphy.txt.gz", 37_154, true, 348_322),
        "wikivote" => ("wiki-vote.txt.gz", 7_115, false, 103_689),
        "ssepos" => ("soc-sign-epinions.txt.gz", 131_828, false, 717_129),
        other => panic!("network {other} is not known here"),
    };
    let path = data(file)?;
    if cfg!(not(feature = "csv")) {
        println!("skipped: {name} is gzip, which needs the feature csv");
        return None;
    }
    let mut list = EdgeList::new()
        .with_ids(Ids::NumbersBelow(persons))
        // Multiplicity and sign: the cases count each pair once, and distrust is left out below.
        .ignoring_further_columns()
        .merging();
    if both_ways {
        list = list.both_ways();
    }
    let network = if name == "ssepos" {
        // Distrust is another matter: only lines that end in 1 count.
        let mut text = String::new();
        let file = std::fs::File::open(path).unwrap();
        read_unpacked(file, &mut text);
        let trust: Vec<&str> = text.lines().filter(|line| line.ends_with(" 1")).collect();
        list.read(trust.join("\n").as_bytes()).unwrap()
    } else {
        list.open(path).unwrap()
    };
    assert_eq!(network.arcs(), arcs, "{name}");
    Some(network)
}

fn read_unpacked(file: std::fs::File, text: &mut String) {
    #[cfg(feature = "csv")]
    std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(file), text).unwrap();
    #[cfg(not(feature = "csv"))]
    let _ = (file, text);
}

#[test]
fn simulated_spreads_on_public_networks_agree_with_independent_ones() {
    let Some(cases) = cases("ic_monte_carlo") else {
        return;
    };
    assert_ne!(ParallelArcs::default(), ParallelArcs::Merge);
    let mut passed = 0;
    let mut networks: Vec<(String, Option<Network>)> = Vec::new();
    for case in &cases {
        let name = case["graph"].as_str().unwrap();
        if networks.iter().all(|(known, _)| known != name) {
            networks.push((name.to_owned(), public_network(name)));
        }
        let network = networks.iter().find(|(known, _)| known == name);
        let Some(network) = network.and_then(|(_, network)| network.as_ref()) else {
            continue;
        };
        let tellers = persons(&case["seeds"]);
        if case["seed_rule"] == "top50_outdegree" {
            let mut found = network.most_connected(50);
            let mut expected = tellers.clone();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected);
        }
        let cascade = match case["prob"].as_str() {
            Some("WC") => Cascade::weighted(network),
            _ => Cascade::uniform(network, Probability::new(number(&case["prob"])).unwrap()),
        };
        let values: Vec<f64> = (0..network.persons() as u64)
            .map(|id| 50.0 + (id.wrapping_mul(2_654_435_761) % 1000) as f64)
            .collect();
        let ones = vec![1.0; network.persons()];
        for (values, mean, error) in [(&ones, "mean", "se"), (&values, "value_mean", "value_se")] {
            let (mean, error) = (case[mean].as_f64().unwrap(), case[error].as_f64().unwrap());
            let effort = Effort::relative_standard_error(17, 0.9 * error / mean).unwrap();
            let drawn = cascade.expected_loss(&tellers, values, &effort).unwrap();
            assert!(drawn.standard_error <= error, "{name}: {drawn:?}");
            let apart = (drawn.value - mean).abs() / error.hypot(drawn.standard_error);
            assert!(apart < 4.0, "{name}: {drawn:?}, not {mean} ± {error}");
            println!(
                "{name} {} {}: {:.3} ± {:.4}, {apart:.1} errors from {mean:.3} ± {error:.4}, {} worlds {:?}",
                case["prob"],
                case["seed_rule"],
                drawn.value,
                drawn.standard_error,
                drawn.worlds,
                drawn.method,
            );
        }
        passed += 1;
    }
    println!(
        "ic_monte_carlo: {passed} of {} passed, others lack their data",
        cases.len()
    );
}

#[test]
fn silence_and_conversion_of_small_sets_are_the_rational_ones() {
    let Some(cases) = cases("winback_exact") else {
        return;
    };
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let (network, chances) = network(case);
        let cascade = Cascade::own(&network, chances).unwrap();
        let values = numbers(&case["values"]);
        let detractors = persons(&case["detractors"]);
        let impact = |tellers: &[Person]| cascade.exact(tellers, &values).unwrap().mean;
        let base = impact(&detractors);
        assert_close(name, base, case["base"]["f64"].as_f64().unwrap());
        for (subset, expected) in case["subsets"].as_object().unwrap() {
            let won: Vec<Person> = subset
                .split(',')
                .filter(|s| !s.is_empty())
                .map(|s| s.parse().unwrap())
                .collect();
            let rest: Vec<Person> = detractors
                .iter()
                .copied()
                .filter(|d| !won.contains(d))
                .collect();
            let silence = base - impact(&rest);
            // A difference of two sums: its digits are those of the sums.
            let saved = expected["silence"]["f64"].as_f64().unwrap();
            assert!(
                (silence - saved).abs() <= 1e-12 * base.max(1e-3),
                "{name}: {silence}, not {saved}"
            );
            let cover = expected["convert_cover"]["f64"].as_f64().unwrap();
            assert_close(name, impact(&won), cover);
        }
    }
    println!("winback_exact: {} passed", cases.len());
}

/// Independent searches found 960 with 400,000 reverse sets and weighted arcs; at p = 0.01 reverse sets chose 62 where plain
/// degree order reaches 72.
#[test]
fn fifty_customers_chosen_on_a_public_network_reach_what_others_found() {
    let Some(network) = public_network("nethept") else {
        return;
    };
    let ones = vec![1.0; network.persons()];
    let fifty = Budget::persons(50);
    let uniform = Cascade::uniform(&network, Probability::new(0.01).unwrap());
    for (cascade, enough) in [(Cascade::weighted(&network), 940.0), (uniform, 71.5)] {
        let found = cascade
            .convert(&[], &ones, &fifty, &Search::new(5))
            .unwrap();
        assert_eq!(found.won_back.len(), 50);
        let effort = Effort::worlds(99, 20_000);
        let spread = cascade.spread(&found.won_back, &effort).unwrap();
        assert!(spread.value > enough, "{spread:?}");
        assert!(found.certificate() > 1.0 - (-1.0_f64).exp() - 0.1);
        assert!(found.at_least.unwrap() < spread.value && spread.value < found.at_most);
        println!(
            "k = 50: {:.1} ± {:.1}, certificate {:.3}, {} sets",
            spread.value,
            spread.standard_error,
            found.certificate(),
            found.samples
        );
    }
}
