//! Regularity of purchase times on known truth and on the published grocery data (found in `TILLIT_DATA`, if there).

use tillit::measure::{Currency, Estimate};
use tillit::value::{PurchaseTallies, PurchaseTiming, Regularity};

fn euro() -> Currency {
    Currency::new("EUR").unwrap()
}

/// Customers whose gaps are sums of `stages` exponential times, over long stretches so that whole days hardly matter.
fn simulated(stages: u32, pause: u32) -> Regularity {
    let mut seed = 12_345_u64;
    let mut unit = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    };
    let mut tallies = PurchaseTallies::new(euro(), i32::MAX);
    for customer in 0..400 {
        let mean = 200.0 + 2_000.0 * unit();
        let mut at = 0.0;
        for purchase in 0..(4 + customer % 16) {
            // Some ten thousand days at most.
            #[allow(clippy::cast_possible_truncation)]
            let day = at as i32;
            tallies.push(customer, day, 100).unwrap();
            let stretch = if pause > 0 && purchase % pause == 0 {
                20.0
            } else {
                1.0
            };
            let gap: f64 = (0..stages).map(|_| -unit().ln()).sum();
            at += 1.0 + stretch * mean * gap / f64::from(stages);
        }
    }
    tallies.regularity().unwrap()
}

fn covers(estimate: &Estimate, truth: f64) -> bool {
    (estimate.value() - truth).abs() < 3.0 * estimate.standard_error().unwrap()
}

#[test]
fn the_shape_that_made_the_gaps_is_found_again() {
    for (stages, timing) in [
        (1, PurchaseTiming::Random),
        (2, PurchaseTiming::Regular),
        (3, PurchaseTiming::Regular),
    ] {
        let regularity = simulated(stages, 0);
        let truth = f64::from(stages);
        assert!(covers(regularity.shape(), truth), "{regularity:?}");
        assert!(
            covers(regularity.of_last_two_gaps().unwrap(), truth),
            "{regularity:?}"
        );
        assert_eq!(regularity.timing(), timing);
        let (all, two) = (regularity.shape(), regularity.of_last_two_gaps().unwrap());
        assert!(all.standard_error() < two.standard_error());
    }
}

#[test]
fn bursts_are_told_from_random_times() {
    let regularity = simulated(1, 3);
    assert_eq!(regularity.timing(), PurchaseTiming::Clustered);
    assert!(regularity.to_string().contains("bursts"));
}

#[test]
fn grocery_customers_buy_as_the_other_estimators_say() {
    let Some(text) = std::env::var_os("TILLIT_DATA").and_then(|folder| {
        std::fs::read_to_string(std::path::Path::new(&folder).join("grocery_elog.csv")).ok()
    }) else {
        println!("skipped: grocery_elog.csv is not in TILLIT_DATA");
        return;
    };
    let mut tallies = PurchaseTallies::new(euro(), i32::MAX);
    let mut rows: Vec<(u32, i32)> = text
        .lines()
        .skip(1)
        .map(|line| {
            let (customer, date) = line.split_once(',').unwrap();
            let date: chrono::NaiveDate = date.trim_matches('"').parse().unwrap();
            (
                customer.trim_matches('"').parse().unwrap(),
                chrono::Datelike::num_days_from_ce(&date),
            )
        })
        .collect();
    rows.sort_unstable();
    for (customer, day) in rows {
        tallies.push(customer, day, 0).unwrap();
    }
    let regularity = tallies.regularity().unwrap();
    println!("{regularity}\n{regularity:?}");
    // By the rules of BTYDplus' estimateRegularity ("wheat" and "mle") and a direct maximisation of the conditional
    // likelihood, each computed apart from this crate.
    assert_eq!(regularity.shape().observations(), 779);
    assert!((regularity.shape().value() - 1.985_367_3).abs() < 1e-6);
    assert!((regularity.shape().standard_error().unwrap() - 0.029_005).abs() < 1e-5);
    assert!((regularity.of_last_two_gaps().unwrap().value() - 1.870_319_013).abs() < 1e-8);
    assert!((regularity.median_of_customers().unwrap().value() - 3.262_914).abs() < 1e-5);
    assert_eq!(regularity.timing(), PurchaseTiming::Regular);
}
