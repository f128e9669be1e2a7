//! What models answer is stored and comes back to the bit, and what they would not say does not come back.
#![cfg(feature = "serde")]

use serde_json::json;
use tillit::measure::{
    Currency, DiscountRate, Estimate, Interval, Merge, Moments, Money, Probability, Span, TimeUnit,
};
use tillit::value::{
    BgNbd, Bootstrap, Contributions, FitWarning, FittedBgNbd, FittedGammaGamma,
    FittedPurchaseModel, GammaGamma, Holdout, HoldoutAccuracy, Horizon, LifetimeValueIntervals,
    LifetimeValues, ParameterInterval, ParameterIntervals, Prediction, PredictiveInterval,
    ProfileInterval, PurchaseHistories, PurchaseModel, PurchaseTallies, Quantity, Sensitivity,
    ShiftedBetaGeometric, SpendIndependenceTest, Tenures, Tracking, Valuation,
};

use crate::stored_models::{comes_back, histories, refuses_naming};

fn euro() -> Currency {
    Currency::new("EUR").unwrap()
}

fn level() -> Probability {
    Probability::new(0.9).unwrap()
}

fn weeks(count: f64) -> Span {
    Span::new(count, TimeUnit::Week).unwrap()
}

fn fitted() -> (PurchaseHistories, FittedBgNbd, FittedGammaGamma) {
    let histories = histories(0.02);
    let purchases = BgNbd::default().fit(&histories).unwrap();
    let spend = GammaGamma::default().fit(&histories).unwrap();
    (histories, purchases, spend)
}

fn valuation() -> Valuation {
    Valuation::Continuous {
        rate: DiscountRate::annual(0.1).unwrap(),
        horizon: Horizon::Within(weeks(52.0)),
    }
}

/// Purchases of some customers over 90 days.
fn tallies() -> PurchaseTallies {
    let mut tallies = PurchaseTallies::split(euro(), 60, 90).unwrap();
    for customer in 0..40_u32 {
        let mut day = i32::try_from(customer % 7).unwrap();
        for purchase in 0..4 + customer % 5 {
            let minor = i64::from(100 + customer * 37 % 900 + purchase);
            tallies.push(customer, day, minor).unwrap();
            day += i32::try_from(1 + (customer * 5 + purchase * purchase * 3) % 17).unwrap();
        }
    }
    tallies
}

#[test]
fn numbers_with_their_doubt_come_back_and_impossible_ones_do_not() {
    let endless = Interval::new(f64::NEG_INFINITY, f64::INFINITY, level(), "nothing").unwrap();
    comes_back(&endless);
    comes_back(&Interval::new(0.0, f64::INFINITY, level(), "nothing").unwrap());
    assert!(Interval::new(f64::INFINITY, f64::INFINITY, level(), "beyond").is_err());
    assert!(Interval::new(f64::NEG_INFINITY, f64::NEG_INFINITY, level(), "beyond").is_err());

    let estimate = Estimate::new(0.3, 7)
        .with_standard_error(0.1)
        .with_interval(Interval::new(0.1, 0.5, level(), "some").unwrap());
    refuses_naming(
        &estimate,
        &comes_back(&estimate),
        &[
            ("/standard_error", json!(-0.1), "standard error"),
            ("/interval/low", json!(0.6), "upper limit"),
            ("/interval/level", json!(1.1), "probability"),
            ("/value", json!(null), "f64"),
        ],
    );
    let unknown = Estimate::new(0.3, 7).with_standard_error(f64::INFINITY);
    assert_eq!(unknown.standard_error(), None);
    comes_back(&unknown);

    let moments: Moments = [3.0, 4.5, -1.0].into_iter().collect();
    let stored = comes_back(&moments);
    refuses_naming(
        &moments,
        &stored,
        &[
            ("/squares", json!(-1.0), "squares"),
            ("/count", json!(1), "squares"),
            ("/count", json!(0), "mean"),
        ],
    );
    let mut back: Moments = serde_json::from_value(stored).unwrap();
    back.merge(&Moments::default()).unwrap();
    assert_eq!(back, moments);
    comes_back(&Moments::default());

    let mut all = Contributions::new(euro());
    comes_back(&all);
    for minor in [1_000, -2_500, 4_000] {
        all.push(Money::from_minor(minor, euro())).unwrap();
    }
    refuses_naming(
        &all,
        &comes_back(&all),
        &[
            ("/sum_of_squares", json!(2_000_000), "squares"),
            ("/sum", json!(20_000), "squares"),
            ("/customers", json!(0), "squares"),
        ],
    );
}

#[test]
fn a_single_answer_comes_back_with_its_doubt() {
    let (histories, purchases, spend) = fitted();
    let customer = histories.get(11).unwrap();
    let expected = |model: &FittedBgNbd| model.expected_purchases(&customer, weeks(20.0));
    let interval =
        ParameterInterval::of(&purchases, level(), Quantity::Positive, expected).unwrap();
    refuses_naming(
        &interval,
        &comes_back(&interval),
        &[
            ("/value", json!(interval.high() + 1.0), "value in doubt"),
            ("/standard_error", json!(-1.0), "standard error"),
            ("/interval/level", json!(1.0), "level"),
            ("/interval/low", json!(1e9), "upper limit"),
        ],
    );
    // At the edge of the scale nothing but the range is known.
    let r = purchases.r();
    let edge = ParameterInterval::of(&purchases, level(), Quantity::Positive, |model| {
        Ok((model.r() - r).max(0.0))
    });
    let edge = edge.unwrap();
    assert_eq!((edge.low(), edge.high()), (0.0, f64::INFINITY));
    assert!(edge.standard_error().is_infinite());
    comes_back(&edge);

    let profile = ProfileInterval::of(&purchases, &histories, "alpha", level()).unwrap();
    let stored = comes_back(&profile);
    refuses_naming(
        &profile,
        &stored,
        &[
            ("/value", json!(-1.0), "lower limit"),
            ("/low", json!({"at": 1e6}), "lower limit"),
            ("/high", json!({"at": 1e-6}), "upper limit"),
            ("/level", json!(0.0), "level"),
        ],
    );
    let mut open = stored;
    open["high"] = json!("open");
    assert!(serde_json::from_value::<ProfileInterval>(open).is_ok());

    let prediction = Prediction::new(5).with_draws(50);
    let count =
        PredictiveInterval::of_purchases(&purchases, &customer, weeks(20.0), level(), prediction)
            .unwrap();
    refuses_naming(
        &count,
        &comes_back(&count),
        &[
            ("/expected", json!(-1.0), "expectation"),
            ("/interval/high", json!(99.5), "upper limit"),
            ("/interval/low", json!(-1.0), "lower limit"),
            ("/interval/level", json!(1.0), "level"),
            ("/currency", json!("euro"), "currency"),
        ],
    );
    let value = PredictiveInterval::of_value(
        (&purchases, &spend),
        &customer,
        Probability::ONE,
        valuation(),
        level(),
        prediction,
    );
    comes_back(&value.unwrap());

    let sensitivity = Sensitivity::of(&customer, TimeUnit::Week, |history| {
        purchases.expected_purchases(history, weeks(20.0))
    });
    let sensitivity = sensitivity.unwrap();
    let mut stored = comes_back(&sensitivity);
    let there = stored["per_unit_of_recency"].is_null();
    let other = if there { json!(1.0) } else { json!(null) };
    refuses_naming(
        &sensitivity,
        &stored,
        &[("/per_unit_of_recency", other, "recency")],
    );
    stored["unit"] = json!("fortnight");
    assert!(serde_json::from_value::<Sensitivity>(stored).is_err());

    let year = Span::new(1.0, TimeUnit::Year).unwrap();
    let cohort = Tenures::from_survivors(year, &[1000, 869, 743, 653, 593, 551, 517, 491]).unwrap();
    let sample = Bootstrap::new(3, 20)
        .of(&ShiftedBetaGeometric::default(), &cohort, |model| {
            Ok(model.alpha())
        })
        .unwrap();
    refuses_naming(
        &sample,
        &comes_back(&sample),
        &[
            ("/answers", json!([1.0]), "answers"),
            ("/failures", json!(21), "failures"),
            ("/first_failure", json!("none"), "failures"),
        ],
    );
}

#[test]
fn columns_of_answers_come_back_with_their_doubt() {
    let (histories, purchases, spend) = fitted();
    let alive = ParameterIntervals::probability_alive(&purchases, &histories, level()).unwrap();
    let stored = comes_back(&alive);
    let back: ParameterIntervals = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(back.limits(), alive.limits());
    refuses_naming(
        &alive,
        &stored,
        &[
            ("/found/3", json!(0.5), "quantity in doubt"),
            ("/errors/3", json!(-1.0), "standard errors"),
            ("/errors", json!([]), "standard errors"),
            ("/level", json!(0.0), "level"),
            ("/quantity", json!("share"), "quantity in doubt"),
        ],
    );
    // The logarithm of a share of 0 and an error without end, in one column each.
    let edge = ParameterIntervals::of(&purchases, level(), Quantity::LnShare, |model| {
        let beside = if model.r() > purchases.r() { -1.0 } else { 0.0 };
        Ok(vec![f64::NEG_INFINITY, beside])
    });
    let edge = edge.unwrap();
    assert_eq!(edge.limits(), [(0.0, 0.0), (0.0, 1.0)]);
    comes_back(&edge);

    let values = LifetimeValueIntervals::of(
        &histories,
        &purchases,
        &spend,
        Probability::HALF,
        valuation(),
        level(),
    );
    let values = values.unwrap();
    refuses_naming(
        &values,
        &comes_back(&values),
        &[
            ("/amounts/quantity", json!("any"), "quantity"),
            ("/amounts/found/0", json!(-1.0), "quantity in doubt"),
        ],
    );
    let values = LifetimeValues::of(
        &histories,
        &purchases,
        &spend,
        Probability::HALF,
        valuation(),
    )
    .unwrap();
    refuses_naming(
        &values,
        &comes_back(&values),
        &[
            ("/amounts", json!([]), "amounts"),
            ("/amounts/2", json!(null), "f64"),
        ],
    );
}

#[test]
fn a_judged_forecast_comes_back_and_one_that_does_not_add_up_does_not() {
    let (histories, purchases, _) = fitted();
    let bought = (0..600).map(|row| row * 31 % 4).collect();
    let holdout = Holdout::new(weeks(20.0), bought).unwrap();
    let accuracy = HoldoutAccuracy::of(&purchases, &histories, &holdout).unwrap();
    comes_back(&HoldoutAccuracy::of_past_rates(&histories, &holdout).unwrap());
    refuses_naming(
        &accuracy,
        &comes_back(&accuracy),
        &[
            ("/customers", json!(599), "customers"),
            ("/actual_total", json!(1), "actual total"),
            ("/expected_total", json!(1.0), "expected total"),
            ("/mean_absolute_error", json!(-1.0), "mean absolute error"),
            ("/mean_squared_error", json!(0.0), "mean absolute error"),
            ("/correlation", json!(1.5), "correlation"),
            ("/log_likelihood", json!(1.0), "log-likelihood"),
            (
                "/by_frequency/0/expected",
                json!(-1.0),
                "expected purchases",
            ),
            ("/by_frequency/1/repeat_purchases", json!(9), "groups"),
        ],
    );

    let mut days = tillit::value::PurchaseDays::new(euro());
    for (customer, day) in [(0, 0), (0, 9), (0, 30), (1, 2), (1, 12), (2, 5)] {
        days.push(customer, day, 1_000);
    }
    let (_, _, calendar) = days.split(13, 43, TimeUnit::Week).unwrap();
    let tracking = Tracking::of(&calendar, &purchases, weeks(1.0)).unwrap();
    refuses_naming(
        &tracking,
        &comes_back(&tracking),
        &[
            ("/calibration_periods", json!(99), "calibration periods"),
            ("/periods/1/days", json!(0), "days"),
            ("/periods/1/last_day", json!(400), "last day"),
            ("/periods/0/expected", json!(null), "f64"),
        ],
    );
}

#[test]
fn what_is_seen_in_purchases_comes_back_and_what_cannot_be_seen_does_not() {
    let tallies = tallies();
    for spend in tallies.repeat_spend().unwrap() {
        let stored = comes_back(&spend);
        refuses_naming(
            &spend,
            &stored,
            &[
                ("/minor", json!(1_000_000), "sums"),
                ("/squares", json!(1), "sums"),
                ("/ln_minor", json!(1e3), "sums"),
                ("/purchases", json!(0), "sums"),
                ("/currency", json!("euro"), "currency"),
            ],
        );
    }
    let regularity = tallies.regularity().unwrap();
    let other = match serde_json::to_value(&regularity).unwrap()["timing"].as_str() {
        Some("random") => "regular",
        _ => "random",
    };
    refuses_naming(
        &regularity,
        &comes_back(&regularity),
        &[
            ("/timing", json!(other), "timing"),
            ("/shape/interval", json!(null), "shape"),
            ("/shape/standard_error", json!(-1.0), "standard error"),
        ],
    );
    let found = SpendIndependenceTest::default()
        .run(&histories(0.02))
        .unwrap();
    refuses_naming(
        &found,
        &comes_back(&found),
        &[
            ("/pearson/value", json!(1.5), "correlation"),
            ("/rank/interval", json!(null), "rank correlation"),
            ("/misstatement", json!(-1.5), "misstatement"),
            ("/pearson_p_value", json!(1.5), "probability"),
            ("/verdict", json!("falls_with_purchases"), "verdict"),
        ],
    );
}

#[test]
fn warnings_of_a_fit_come_back_and_impossible_ones_do_not() {
    comes_back(&FitWarning::Ridge {
        condition: f64::INFINITY,
    });
    let mut model = serde_json::to_value(fitted().1).unwrap();
    for (warning, word) in [
        (json!({"mostly_bought_once": {"share": 1.5}}), "share"),
        (json!({"ridge": {"condition": -1.0}}), "condition"),
        (json!({"nearly_equal_rates": {"spread": -0.1}}), "spread"),
    ] {
        model["report"]["warnings"] = json!([warning]);
        let refused = serde_json::from_value::<FittedBgNbd>(model.clone()).unwrap_err();
        assert!(refused.to_string().contains(word), "{refused}");
    }
}
