//! Fitted models are stored and come back to the bit, and what no fit would make does not come back.
#![cfg(feature = "serde")]

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tillit::measure::{Currency, Span, TimeUnit};
use tillit::value::{
    BetaDiscreteWeibull, BgBb, BgNbd, Coefficient, ContractModel, CovariateModel, Covariates,
    FittedMbgNbd, FittedPurchaseModel, FrequencySpend, GGompertzNbd, GammaGamma,
    LikelihoodRatioTest, MbgNbd, Nbd, ParetoNbd, PurchaseAmounts, PurchaseDays, PurchaseHistories,
    PurchaseModel, PurchaseOpportunities, PurchaseSummary, ShiftedBetaGeometric, Tenures,
};

struct Chance(u64);

impl Chance {
    fn exponential(&mut self, rate: f64) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        -(((self.0 >> 33) as f64 + 0.5) / 2_147_483_648.0).ln() / rate
    }

    fn rate(&mut self, mean: f64) -> f64 {
        self.exponential(2.0 / mean) + self.exponential(2.0 / mean)
    }
}

/// Whole weeks, so that the models of whole periods take them too. Without `leaving` everybody stays.
pub(crate) fn histories(leaving: f64) -> PurchaseHistories {
    let mut chance = Chance(1);
    let (mut x, mut t_x, mut means) = (vec![], vec![], vec![]);
    for _ in 0..600 {
        let (rate, nu) = (chance.rate(0.15), chance.rate(0.1) + chance.rate(0.1));
        let end = if leaving > 0.0 {
            chance.rate(leaving)
        } else {
            1e-9
        };
        let end = chance.exponential(end).min(40.0);
        let (mut count, mut last, mut sum, mut now) = (0, 0.0, 0.0, chance.exponential(rate));
        while now < end {
            if now.ceil() > last {
                (count, last) = (count + 1, now.ceil());
                sum += chance.exponential(nu) + chance.exponential(nu);
            }
            now += chance.exponential(rate);
        }
        x.push(count);
        t_x.push(last);
        means.push(if count == 0 {
            0.0
        } else {
            sum / f64::from(count)
        });
    }
    PurchaseHistories::from_columns(TimeUnit::Week, x, t_x, vec![40.0; 600])
        .unwrap()
        .with_mean_repeat_spend(Currency::new("EUR").unwrap(), means)
        .unwrap()
}

/// Six chances each, of which B(1.2, 1) are taken until B(1, 2.8) leaves.
pub(crate) fn opportunities() -> PurchaseOpportunities {
    let mut chance = Chance(2);
    let mut uniform = || (-chance.exponential(1.0)).exp();
    let mut seen = PurchaseOpportunities::new();
    for _ in 0..4_000 {
        let buys = uniform().powf(1.0 / 1.2);
        let leaves = 1.0 - uniform().powf(1.0 / 2.8);
        let (mut purchases, mut last) = (0, 0);
        for opportunity in 1..=6 {
            if uniform() < leaves {
                break;
            }
            if uniform() < buys {
                (purchases, last) = (purchases + 1, opportunity);
            }
        }
        seen.record(purchases, last, 6).unwrap();
    }
    seen
}

#[track_caller]
pub(crate) fn comes_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    stored: &T,
) -> Value {
    let text = serde_json::to_string(stored).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), stored);
    serde_json::from_str(&text).unwrap()
}

/// Each change is refused with a word that says where.
#[track_caller]
pub(crate) fn refuses_naming<T: DeserializeOwned>(
    _like: &T,
    stored: &Value,
    changes: &[(&str, Value, &str)],
) {
    for (place, value, word) in changes {
        let mut changed = stored.clone();
        let cell = changed
            .pointer_mut(place)
            .unwrap_or_else(|| panic!("no {place} in {stored}"));
        assert_ne!(cell, value, "{place}");
        *cell = value.clone();
        match serde_json::from_value::<T>(changed) {
            Ok(_) => panic!(
                "{place} = {value} was taken by {}",
                std::any::type_name::<T>()
            ),
            Err(refused) => assert!(
                refused.to_string().contains(word),
                "{place} = {value}: {refused}"
            ),
        }
    }
}

#[track_caller]
fn refuses<T: DeserializeOwned>(stored: &Value, changes: &[(&str, Value)]) {
    for (place, value) in changes {
        let mut changed = stored.clone();
        let cell = changed
            .pointer_mut(place)
            .unwrap_or_else(|| panic!("no {place} in {stored}"));
        assert_ne!(cell, value, "{place}");
        *cell = value.clone();
        let refused = serde_json::from_value::<T>(changed);
        assert!(
            refused.is_err(),
            "{place} = {value} was taken by {}",
            std::any::type_name::<T>()
        );
    }
}

/// The same for something of the type of `_like`.
#[track_caller]
fn refuses_like<T: DeserializeOwned>(_like: &T, stored: &Value, changes: &[(&str, Value)]) {
    refuses::<T>(stored, changes);
}

/// A fitted model comes back, and a report that contradicts itself or the model does not.
#[track_caller]
fn model_is_safe<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    model: &T,
) -> Value {
    let stored = comes_back(model);
    refuses::<T>(
        &stored,
        &[
            ("/report/repeaters", json!(601_000_000_000_u64)),
            ("/report/model", json!("another model")),
            ("/report/patterns", json!(601_000_000_000_u64)),
            ("/report/log_likelihood", Value::Null),
            ("/report/parameters", json!([])),
            ("/report/parameters/0/value", json!(99.0)),
            ("/report/parameters/1/value", json!(-1.0)),
            ("/report/parameters/0/standard_error", json!(-1.0)),
            ("/report/covariance_of_logarithms/0", json!(-1.0)),
            ("/report/covariance_of_logarithms/1", json!(1e9)),
            ("/report/covariance_of_logarithms", json!([0.1])),
        ],
    );
    let mut lacking = stored.clone();
    let fields = lacking.as_object_mut().unwrap();
    let first = fields
        .keys()
        .find(|key| !["report", "alone"].contains(&key.as_str()))
        .unwrap()
        .clone();
    fields.remove(&first);
    assert!(
        serde_json::from_value::<T>(lacking).is_err(),
        "without {first}"
    );
    stored
}

#[test]
fn fitted_models_come_back_and_changed_ones_do_not() {
    let histories = histories(0.02);
    let week = Span::new(1.0, TimeUnit::Week).unwrap();
    let bad = [
        json!(-1.0),
        json!(0.0),
        Value::Null,
        json!("1"),
        json!(77.0),
    ];
    macro_rules! safe {
        ($model:expr, $($parameter:literal),*) => {
            let fitted = $model.unwrap();
            let stored = model_is_safe(&fitted);
            for value in &bad {
                refuses_like(&fitted, &stored, &[$(($parameter, value.clone())),*]);
            }
        };
    }
    safe!(BgNbd::default().fit(&histories), "/r", "/alpha", "/a", "/b");
    safe!(
        MbgNbd::default().fit(&histories),
        "/r",
        "/alpha",
        "/a",
        "/b"
    );
    safe!(
        ParetoNbd::default().fit(&histories),
        "/r",
        "/alpha",
        "/s",
        "/beta"
    );
    safe!(Nbd::default().fit(&histories), "/r", "/alpha");
    safe!(
        BgBb::default()
            .with_period(week)
            .fit_opportunities(&opportunities()),
        "/parameters/0",
        "/parameters/3"
    );
    safe!(GammaGamma::default().fit(&histories), "/p", "/q", "/v");
    safe!(
        FrequencySpend::default().fit(&histories),
        "/p",
        "/q",
        "/v",
        "/per_doubling"
    );
    let fitted = FrequencySpend::default().fit(&histories).unwrap();
    refuses_naming(
        &fitted,
        &comes_back(&fitted),
        &[
            ("/log_likelihood_if_independent", json!(1e9), "gained"),
            ("/log_likelihood_if_independent", Value::Null, "gained"),
        ],
    );
    let cohort = Tenures::from_survivors(week, &[1000, 869, 743, 653, 593, 551, 517, 491]).unwrap();
    safe!(
        ShiftedBetaGeometric::default().fit(&cohort),
        "/alpha",
        "/beta"
    );
    safe!(
        BetaDiscreteWeibull::default().fit(&cohort),
        "/alpha",
        "/beta",
        "/c"
    );
    comes_back(&GGompertzNbd::default().fit(&histories).unwrap());
    // Models with parameters of the same names are not taken for each other.
    let text = serde_json::to_value(BgNbd::default().fit(&histories).unwrap()).unwrap();
    let refused = serde_json::from_value::<FittedMbgNbd>(text).unwrap_err();
    assert!(refused.to_string().contains("one on BG/NBD"), "{refused}");
}

#[test]
fn a_spend_model_fitted_to_single_purchases_comes_back_too() {
    let histories = histories(0.02);
    let (_, means) = histories.mean_repeat_spend().unwrap();
    let (mut customers, mut amounts) = (vec![], vec![]);
    for (customer, (&count, &mean)) in (0..).zip(histories.repeat_purchases().iter().zip(means)) {
        for purchase in 0..count {
            customers.push(customer);
            amounts.push(mean * (0.5 + f64::from((customer * 7 + purchase * 13) % 11) / 10.0));
        }
    }
    let euro = Currency::new("EUR").unwrap();
    let amounts = PurchaseAmounts::from_purchases(euro, &customers, &amounts).unwrap();
    comes_back(&amounts);
    model_is_safe(&GammaGamma::default().fit_purchases(&amounts).unwrap());
}

#[test]
fn models_at_the_edge_of_their_parameters_come_back_too() {
    let staying = histories(0.0);
    let bg = BgNbd::default().fit(&staying).unwrap();
    assert!(bg.report().is_some());
    comes_back(&bg);
    comes_back(&MbgNbd::default().fit(&staying).unwrap());
    comes_back(&ParetoNbd::default().fit(&staying).unwrap());
    comes_back(&GGompertzNbd::default().fit(&staying).unwrap());
}

#[test]
fn covariate_models_and_what_they_tell_come_back_and_changed_ones_do_not() {
    let histories = histories(0.02);
    let column = (0..600).map(|row| f64::from(row * 37 % 11)).collect();
    let drivers = Covariates::of(600).with_column("gap", column).unwrap();
    macro_rules! safe {
        ($($base:expr),*) => {$(
            let fitted = CovariateModel::new($base).fit(&histories, &drivers).unwrap();
            let stored = model_is_safe(&fitted);
            let coordinates = stored["coordinates"].as_array().unwrap().len();
            let last = format!("/coordinates/{}", coordinates - 1);
            refuses_like(&fitted, &stored, &[
                ("/coordinates/0", json!(99.0)),
                (&last, json!(99.0)),
                (&last, Value::Null),
                ("/terms", json!([])),
                ("/terms/0/process", json!("dancing")),
                ("/alone/repeaters", json!(601_000_000)),
                ("/alone/customers", json!(601_000_000)),
                ("/alone/parameters", json!([])),
                ("/alone", Value::Null),
            ]);
            let coefficient = comes_back(&fitted.coefficients()[0]);
            refuses::<Coefficient>(&coefficient, &[("/standard_error", json!(-1.0)), ("/value", Value::Null)]);
            let test = comes_back(&fitted.likelihood_ratio_test().unwrap());
            refuses::<LikelihoodRatioTest>(&test, &[
                ("/statistic", json!(-1.0)),
                ("/statistic", json!(77.0)),
                ("/degrees_of_freedom", json!(0)),
                ("/p_value", json!(1.5)),
            ]);
        )*};
    }
    safe!(
        BgNbd::default(),
        MbgNbd::default(),
        ParetoNbd::default(),
        GammaGamma::default()
    );
}

#[test]
fn summaries_come_back_and_changed_ones_do_not() {
    let mut days = PurchaseDays::new(Currency::new("EUR").unwrap());
    for (customer, day, minor) in [
        (1, 3, 500),
        (1, 9, 700),
        (2, 4, 300),
        (2, 5, -900),
        (3, 1, 100),
        (3, 8, 50),
    ] {
        days.push(customer, day, minor);
    }
    comes_back(&days);
    let stored = comes_back(&days.summarise(20, TimeUnit::Week).unwrap());
    refuses::<PurchaseSummary>(
        &stored,
        &[
            ("/total_minor", json!([500])),
            ("/time_to_second", json!([])),
            ("/time_to_second/0", json!(-1.0)),
            ("/time_to_second/0", json!(9.0)),
            ("/currency", json!("SEK")),
            ("/unmatched_refunds/minor", json!(600)),
            ("/void_days", json!(-1)),
            ("/histories/active_for/0", json!(99.0)),
        ],
    );
}
