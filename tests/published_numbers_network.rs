//! Cascades against exact enumeration in rational arithmetic and against independent simulations.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::Value;
use tillit::measure::Probability;
use tillit::word_of_mouth::network::{
    Budget, Cascade, EdgeList, Effort, Ids, Network, Opinion, ParallelArcs, Person, Search,
    SignedCascade, Spread,
};

#[path = "support/word_of_mouth_case.rs"]
mod word_of_mouth_case;

use word_of_mouth_case::{are_ours, check_each, count, number, numbers};

fn persons(value: &Value) -> Vec<Person> {
    let list = value.as_array().unwrap().iter();
    list.map(|person| Person::try_from(count(person)).unwrap())
        .collect()
}

/// The case's network, and the probabilities of the arcs it keeps in its order.
fn network(case: &Value) -> (Network, Vec<f64>) {
    let edges = case["edges"].as_array().unwrap().iter();
    let mut arcs: Vec<(Person, Person, f64)> = edges
        .map(|edge| {
            let end = |place: usize| Person::try_from(count(&edge[place])).unwrap();
            (end(0), end(1), number(&edge[2]))
        })
        .collect();
    arcs.sort_by_key(|&(tail, head, _)| (tail, head));
    let persons = Person::try_from(count(&case["nodes"])).unwrap();
    let network = Network::from_arcs(persons, arcs.iter().map(|&(u, v, _)| (u, v))).unwrap();
    let all = arcs.len();
    arcs.retain(|&(tail, head, _)| tail != head);
    let loops: usize = network.self_loops_dropped().try_into().unwrap();
    assert_eq!(loops, all - arcs.len());
    (network, arcs.into_iter().map(|(_, _, p)| p).collect())
}

/// Drawn and exact values agree within 4.5 standard errors, the larger of the stated one and of what the exact variance
/// gives, and within two worlds more: what happens in less than one world of all is seen in none, or in one.
fn assert_drawn(what: &str, drawn: &Spread, exact: f64, variance: f64, most: f64) {
    let worlds = drawn.worlds as f64;
    let error = drawn.standard_error.max((variance / worlds).sqrt());
    let allowed = 4.5 * error + 2.0 * most / worlds + 1e-9 * exact.abs();
    assert!(
        (drawn.value - exact).abs() <= allowed,
        "{what}: {drawn:?}, not {exact}"
    );
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
    check_each("ic_exact", |case| {
        let name = case["name"].as_str().unwrap_or_default();
        let (network, chances) = network(case);
        let cascade = Cascade::own(&network, chances).unwrap();
        let values = numbers(&case["values"]);
        let tellers = persons(&case["seeds"]);
        let exact = cascade.exact(&tellers, &values).unwrap();
        assert_close(name, exact.mean, number(&case["mean"]));
        assert_close(name, exact.variance, number(&case["variance"]));
        let expected = numbers(&case["node_prob"]);
        assert_eq!(exact.hears.len(), expected.len());
        for (found, expected) in exact.hears.iter().zip(expected) {
            assert_close(name, *found, expected);
        }
        for (count, found) in exact.persons_law.iter().enumerate() {
            let expected = case["size_dist"].get(count.to_string());
            assert_close(name, *found, expected.map_or(0.0, number));
        }
        let most: f64 = values.iter().map(|value| value.abs()).sum();
        for effort in [
            Effort::worlds(3, 20_000),
            Effort::worlds(4, 2_000),
            Effort::worlds(5, 20_000).without_control(),
        ] {
            let drawn = cascade.expected_loss(&tellers, &values, &effort).unwrap();
            assert_drawn(name, &drawn, exact.mean, exact.variance, most);
        }
    });
}

#[test]
fn opinions_that_turn_follow_their_exact_law() {
    check_each("icn_exact", |case| {
        let name = case["name"].as_str().unwrap_or_default();
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
            let expected = numbers(&case[key]);
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                assert_close(name, *found, expected);
            }
        }
        let drawn = signed.spread(&tellers, &Effort::worlds(8, 40_000)).unwrap();
        for (drawn, exact) in [(drawn.good, good), (drawn.ill, ill)] {
            let most = exact.len() as f64;
            let exact: f64 = exact.iter().sum();
            assert_drawn(name, &drawn, exact, 0.0, most);
        }
    });
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
        other => {
            assert!(!are_ours(), "network {other} is not known here");
            println!("skipped: network {other} is not known here");
            return None;
        }
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

/// 50 for "`top50_outdegree`".
fn most_connected(seed_rule: &Value) -> Option<usize> {
    let rule = seed_rule.as_str()?.strip_prefix("top")?;
    rule.strip_suffix("_outdegree")?.parse().ok()
}

#[test]
fn simulated_spreads_on_public_networks_agree_with_independent_ones() {
    assert_ne!(ParallelArcs::default(), ParallelArcs::Merge);
    let networks: RefCell<HashMap<String, Option<Network>>> = RefCell::default();
    check_each("ic_monte_carlo", |case| {
        let name = case["graph"].as_str().unwrap();
        let mut networks = networks.borrow_mut();
        let network = networks
            .entry(name.to_owned())
            .or_insert_with(|| public_network(name));
        let Some(network) = network else {
            println!("skipped: no data of {name}");
            return;
        };
        let tellers = persons(&case["seeds"]);
        if let Some(count) = most_connected(&case["seed_rule"]) {
            let mut found = network.most_connected(count);
            let mut expected = tellers.clone();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected);
        }
        let cascade = match case["prob"].as_str() {
            Some(rule) if rule.eq_ignore_ascii_case("WC") => Cascade::weighted(network),
            _ => Cascade::uniform(network, Probability::new(number(&case["prob"])).unwrap()),
        };
        let values: Vec<f64> = (0..network.persons() as u64)
            .map(|id| 50.0 + (id.wrapping_mul(2_654_435_761) % 1000) as f64)
            .collect();
        let ones = vec![1.0; network.persons()];
        for (values, mean, error) in [(&ones, "mean", "se"), (&values, "value_mean", "value_se")] {
            if case[mean].is_null() {
                continue;
            }
            let (mean, error) = (number(&case[mean]), number(&case[error]));
            if error == 0.0 {
                // Nothing is left to chance.
                let effort = Effort::worlds(17, 1);
                let drawn = cascade.expected_loss(&tellers, values, &effort).unwrap();
                assert_close(name, drawn.value, mean);
                assert_close(name, drawn.standard_error, 0.0);
                continue;
            }
            let effort = Effort::relative_standard_error(17, (0.9 * error / mean).min(1.0));
            let drawn = cascade.expected_loss(&tellers, values, &effort.unwrap());
            let drawn = drawn.unwrap();
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
    });
}

#[test]
fn silence_and_conversion_of_small_sets_are_the_rational_ones() {
    check_each("winback_exact", |case| {
        let name = case["name"].as_str().unwrap_or_default();
        let (network, chances) = network(case);
        let cascade = Cascade::own(&network, chances).unwrap();
        let values = numbers(&case["values"]);
        let detractors = persons(&case["detractors"]);
        let impact = |tellers: &[Person]| cascade.exact(tellers, &values).unwrap().mean;
        let base = impact(&detractors);
        assert_close(name, base, number(&case["base"]));
        for (subset, expected) in case["subsets"].as_object().unwrap() {
            let won: Vec<Person> = subset
                .split(',')
                .filter(|s| !s.is_empty())
                .map(|s| s.trim().parse().unwrap())
                .collect();
            let rest: Vec<Person> = detractors
                .iter()
                .copied()
                .filter(|d| !won.contains(d))
                .collect();
            let silence = base - impact(&rest);
            // A difference of two sums: its digits are those of the sums.
            let saved = number(&expected["silence"]);
            assert!(
                (silence - saved).abs() <= 1e-12 * base.abs().max(1e-3),
                "{name}: {silence}, not {saved}"
            );
            assert_close(name, impact(&won), number(&expected["convert_cover"]));
        }
    });
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
