//! Settings of models and tests are stored and come back, and what no setter takes does not come back.
#![cfg(feature = "serde")]

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tillit::measure::{Probability, Span, TimeUnit};
use tillit::value::{
    BetaDiscreteWeibull, BgBb, BgNbd, ContractModel, CovariateModel, Covariates, DrivenProcess,
    FrequencySpend, GGompertzNbd, GammaGamma, MbgNbd, Nbd, ParetoNbd, Penalty, PurchaseModel,
    ShiftedBetaGeometric, SpendIndependenceTest, Tenures,
};

use crate::stored_models::{comes_back, histories, opportunities, refuses_naming};

/// Settings cannot be compared, but `Debug` shows each number to its last digit.
#[track_caller]
fn stored<T: Serialize + DeserializeOwned + Debug>(settings: &T) -> (T, Value) {
    let text = serde_json::to_string(settings).unwrap();
    let back: T = serde_json::from_str(&text).unwrap();
    assert_eq!(format!("{back:?}"), format!("{settings:?}"));
    (back, serde_json::from_str(&text).unwrap())
}

#[test]
fn a_model_comes_back_with_its_start_and_without_a_start_that_no_fit_has() {
    let histories = histories(0.02);
    let year = Span::new(1.0, TimeUnit::Year).unwrap();
    let cohort = Tenures::from_survivors(year, &[1000, 869, 743, 653, 593, 551, 517, 491]).unwrap();
    macro_rules! safe {
        ($model:ident, $fit:ident, $data:expr, $($place:literal, $bad:literal, $word:literal),*) => {
            stored(&$model::default());
            let fitted = $model::default().$fit($data).unwrap();
            let settings = $model::default().starting_at(&fitted);
            let (back, text) = stored(&settings);
            assert_eq!(back.$fit($data).unwrap(), settings.$fit($data).unwrap());
            refuses_naming(&settings, &text, &[$(($place, json!($bad), $word)),*]);
        };
    }
    safe!(
        BgNbd,
        fit,
        &histories,
        "/start/r",
        -1.0,
        "r is",
        "/start/chances_at_start",
        1,
        "chances"
    );
    safe!(
        MbgNbd,
        fit,
        &histories,
        "/start/b",
        0.0,
        "b is",
        "/start/chances_at_start",
        0,
        "chances"
    );
    safe!(ParetoNbd, fit, &histories, "/start/beta", -1.0, "beta is");
    safe!(
        GGompertzNbd,
        fit,
        &histories,
        "/start/s",
        0.0,
        "s is",
        "/start/b",
        1e-320,
        "beta / b"
    );
    safe!(Nbd, fit, &histories, "/start/alpha", -2.0, "alpha is");
    safe!(GammaGamma, fit, &histories, "/start/1", 0.0, "q is");
    safe!(
        FrequencySpend,
        fit,
        &histories,
        "/start/3",
        -1.0,
        "per_doubling"
    );
    safe!(
        ShiftedBetaGeometric,
        fit,
        &cohort,
        "/start/alpha",
        0.0,
        "alpha is",
        "/start/c",
        1.5,
        "c is"
    );
    safe!(
        BetaDiscreteWeibull,
        fit,
        &cohort,
        "/start/beta",
        -1.0,
        "beta is",
        "/start/c",
        21.0,
        "c is"
    );
    safe!(
        BgBb,
        fit_opportunities,
        &opportunities(),
        "/start/gamma",
        0.0,
        "gamma is"
    );
}

#[test]
fn a_model_with_covariates_comes_back_with_all_it_was_told() {
    let histories = histories(0.02);
    let column = |by: u32| (0..600).map(|row| f64::from(row * by % 11)).collect();
    let drivers = Covariates::of(600)
        .with_column("gap", column(37))
        .unwrap()
        .with_column("wait", column(53))
        .unwrap();
    macro_rules! safe {
        ($base:expr, $acts_on:expr, $other:literal) => {
            let plain = CovariateModel::new($base)
                .acting_on($acts_on, ["gap", "wait"])
                .with_penalty(Penalty::per_deviation(0.001).unwrap())
                .with_penalty_on($acts_on, Penalty::per_unit(0.002).unwrap());
            let fitted = plain.fit(&histories, &drivers).unwrap();
            let told = plain.starting_at(&fitted);
            let (back, text) = stored(&told);
            assert_eq!(
                back.fit(&histories, &drivers).unwrap(),
                told.fit(&histories, &drivers).unwrap()
            );
            let last = format!(
                "/start/1/{}",
                text["start"][1].as_array().unwrap().len() - 1
            );
            let mut without_last = text["start"][1].clone();
            without_last.as_array_mut().unwrap().pop();
            refuses_naming(
                &told,
                &text,
                &[
                    ("/penalty/strength", json!(-1.0), "penalty is"),
                    ("/start/1", json!([]), "parameters and coefficients"),
                    ("/start/1", without_last, "parameters and coefficients"),
                    ("/start/1/0", json!(9_999.0), "positive and finite"),
                    ("/start/0/0/process", json!($other), "list of coefficients"),
                    ("/start/0/1/covariate", json!("gap"), "list of coefficients"),
                    (&last, Value::Null, "f64"),
                ],
            );
        };
    }
    safe!(BgNbd::default(), DrivenProcess::Purchases, "spend");
    safe!(MbgNbd::default(), DrivenProcess::Purchases, "spend");
    safe!(ParetoNbd::default(), DrivenProcess::Purchases, "alikeness");
    safe!(GammaGamma::default(), DrivenProcess::Spend, "leaving");
}

#[test]
fn a_test_of_independence_comes_back_and_asks_the_same() {
    let histories = histories(0.02);
    let test = SpendIndependenceTest::default()
        .with_permutations(99)
        .unwrap()
        .with_seed(u64::MAX)
        .with_level(Probability::new(0.9).unwrap())
        .unwrap();
    let text = comes_back(&test);
    let back: SpendIndependenceTest = serde_json::from_value(text.clone()).unwrap();
    assert_eq!(back.run(&histories).unwrap(), test.run(&histories).unwrap());
    refuses_naming(
        &test,
        &text,
        &[
            ("/permutations", json!(18), "permutations"),
            ("/level", json!(1.0), "level"),
            ("/level", json!(1.5), "probability"),
            ("/small", json!(-0.1), "small"),
        ],
    );
}
