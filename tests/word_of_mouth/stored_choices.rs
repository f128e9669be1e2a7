//! Choices on a network and how to make them are stored and come back, and what no search gives does not come back.
#![cfg(feature = "serde")]

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tillit::measure::Probability;
use tillit::word_of_mouth::network::{
    Attempts, Budget, Cascade, Effort, Network, Opinion, Search, SignedCascade,
};

/// What is stored comes back, and each change is refused with a word that says where.
#[track_caller]
fn safe<T>(stored: &T, changes: &[(&str, Value, &str)])
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let text = serde_json::to_string(stored).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), stored);
    for (place, value, word) in changes {
        let mut changed: Value = serde_json::from_str(&text).unwrap();
        let cell = changed
            .pointer_mut(place)
            .unwrap_or_else(|| panic!("no {place} in {text}"));
        *cell = value.clone();
        let refused = serde_json::from_value::<T>(changed)
            .map(|taken| panic!("{place} = {value} was taken: {taken:?}"))
            .unwrap_err();
        assert!(refused.to_string().contains(word), "{place}: {refused}");
    }
}

fn network() -> Network {
    Network::from_arcs(6, [(0, 3), (1, 3), (2, 4), (0, 5), (2, 5), (3, 4)]).unwrap()
}

const VALUES: [f64; 6] = [0.0, 0.0, 0.0, 10.0, 3.0, 4.0];

#[test]
fn efforts_and_searches_come_back_within_their_ranges() {
    safe(&Effort::worlds(3, 5_000), &[]);
    let share = Effort::relative_standard_error(3, 0.01).unwrap();
    let until = "/until/RelativeStandardError";
    safe(
        &share,
        &[
            (until, json!(0.0), "relative standard error"),
            (until, json!(1.5), "relative standard error"),
        ],
    );
    let search = Search::new(1).with_failure(0.01).unwrap();
    safe(
        &search.with_validation(share),
        &[
            ("/slack", json!(0.7), "slack"),
            ("/failure", json!(1.0), "failure"),
            ("/optimism", json!(0.0), "optimism"),
            (
                "/validation/until/RelativeStandardError",
                json!(-1.0),
                "relative standard error",
            ),
        ],
    );
}

#[test]
fn answers_about_a_network_come_back_and_impossible_ones_do_not() {
    let network = network();
    let cascade = Cascade::uniform(&network, Probability::new(0.6).unwrap());
    let effort = Effort::worlds(1, 4_096);
    safe(
        &cascade.spread(&[0, 1], &effort).unwrap(),
        &[("/standard_error", json!(-0.1), "standard error")],
    );
    let told = [(0, Opinion::Good), (2, Opinion::Ill)];
    let quality = Probability::new(0.9).unwrap();
    let signed = SignedCascade::new(cascade.clone(), quality);
    safe(
        &signed.spread(&told, &effort).unwrap(),
        &[("/ill/standard_error", json!(-0.1), "standard error")],
    );
    safe(
        &cascade.exact(&[0, 1], &VALUES).unwrap(),
        &[
            ("/variance", json!(-1.0), "variance"),
            ("/hears/2", json!(1.2), "hears"),
            ("/hears", json!([]), "law of their number"),
            ("/persons_law/2", json!(0.9), "sum of the law"),
        ],
    );
    let attempts = Attempts::new(vec![0, 1, 2]).unwrap();
    let curves = cascade
        .saved_along(&attempts, &[vec![1, 0, 2], vec![2, 0]], &VALUES, &effort)
        .unwrap();
    safe(&curves[1], &[]);
    safe(
        &curves[0],
        &[
            ("/order", json!([1]), "values saved"),
            ("/standard_errors", json!([0.0]), "standard errors"),
            ("/standard_errors/1", json!(-1.0), "standard_errors"),
            ("/behind_first", json!([]), "standard errors"),
        ],
    );
}

#[test]
fn choices_come_back_and_nobody_is_won_back_twice() {
    let network = network();
    let cascade = Cascade::uniform(&network, Probability::new(0.6).unwrap());
    let search = Search::new(1);
    let attempts = Attempts::new(vec![0, 1, 2]).unwrap();
    let order = cascade.silence_order(&attempts, &VALUES, &search).unwrap();
    let first = order.persons()[0];
    safe(
        &order,
        &[
            ("/steps/1/person", json!(first), "twice"),
            ("/steps/0/at_most", json!(-1.0), "bound"),
            ("/steps/0/standard_error", json!(-1.0), "standard error"),
            ("/steps/0/cost", json!(-1.0), "cost"),
            ("/harm_standard_error", json!(-1.0), "standard error"),
        ],
    );
    let two = Budget::persons(2);
    let choice = cascade.silence(&[0, 1, 2], &VALUES, &two, &search).unwrap();
    safe(
        &choice,
        &[
            ("/won_back", json!([0, 0]), "twice"),
            ("/validated/standard_error", json!(-1.0), "standard error"),
        ],
    );
    let spread = cascade.convert(&[0, 1, 2], &VALUES, &two, &search).unwrap();
    safe(
        &spread,
        &[
            ("/won_back", json!([2, 2]), "twice"),
            ("/confidence", json!(1.5), "confidence"),
        ],
    );
}
