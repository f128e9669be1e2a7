//! Predictive intervals against the probabilities and expectations of the models.

use crate::Error;
use crate::measure::{Currency, DiscountRate, ExpectedMoney, Probability, Span, TimeUnit};
use crate::value::uncertainty::simulated::{beta_geometric, with_spend};
use crate::value::{
    BgNbd, FittedBgBb, FittedBgNbd, FittedGammaGamma, FittedMbgNbd, FittedNbd, FittedParetoNbd,
    FittedPurchaseModel, FittedSpendModel, FixedSpend, GammaGamma, Horizon, Prediction,
    PredictiveInterval, PurchaseHistory, PurchaseModel, SimulatedModel, SimulatedSpend, Valuation,
};

fn level() -> Probability {
    Probability::new(0.9).unwrap()
}

/// Futures played through against the model's own probabilities and expectations.
fn check_futures<Model: SimulatedModel>(model: &Model, history: &PurchaseHistory, ahead: Span) {
    const FUTURES: u32 = 20_000;
    let rate = DiscountRate::annual(0.3).unwrap();
    let (mut none, mut two, mut sum, mut squares, mut worth, mut worth_squares) =
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for stream in 0..u64::from(FUTURES) {
        let moments = model
            .simulated_purchases(history, ahead, 11, stream)
            .unwrap();
        assert!(moments.is_sorted() && moments.iter().all(|&moment| moment <= ahead));
        let count = moments.len() as f64;
        let value: f64 = moments.iter().map(|&moment| rate.factor(moment)).sum();
        none += f64::from(u8::from(moments.is_empty()));
        two += f64::from(u8::from(moments.len() == 2));
        sum += count;
        squares += count * count;
        worth += value;
        worth_squares += value * value;
    }
    let futures = f64::from(FUTURES);
    for (count, found) in [(0, none / futures), (2, two / futures)] {
        let expected = model
            .probability_of_purchases(history, count, ahead)
            .unwrap();
        let error = (expected.value() * (1.0 - expected.value()) / futures).sqrt();
        assert!(
            (found - expected.value()).abs() < 4.5 * error,
            "{} {count}: {found} {expected:?}",
            model.name()
        );
    }
    for (what, found, squared, expected) in [
        (
            "purchases",
            sum,
            squares,
            model.expected_purchases(history, ahead),
        ),
        (
            "worth",
            worth,
            worth_squares,
            model.discounted_purchases(history, rate, Horizon::Within(ahead)),
        ),
    ] {
        let mean = found / futures;
        let error = ((squared / futures - mean * mean) / futures).sqrt();
        let expected = expected.unwrap();
        assert!(
            (mean - expected).abs() < 4.5 * error,
            "{} {what}: {mean} {expected} {error}",
            model.name()
        );
    }
}

#[test]
fn futures_played_through_are_as_likely_as_the_models_say() {
    let week = TimeUnit::Week;
    let customer = PurchaseHistory::new(3, 30.0, 39.0, week).unwrap();
    let ahead = Span::new(45.0, week).unwrap();
    let bg = FittedBgNbd::from_parameters(0.5, 5.0, 0.8, 2.4, week).unwrap();
    check_futures(&bg, &customer, ahead);
    let mbg = FittedMbgNbd::from_parameters(0.5, 6.2, 0.9, 1.6, week).unwrap();
    check_futures(&mbg, &customer, ahead);
    let pareto = FittedParetoNbd::from_parameters(0.55, 10.6, 0.6, 11.7, week).unwrap();
    check_futures(&pareto, &customer, ahead);
    let nbd = FittedNbd::from_parameters(0.4, 12.0, week).unwrap();
    check_futures(&nbd, &customer, ahead);
    let month = Span::from_days(30.0).unwrap();
    let bb = FittedBgBb::from_parameters(1.2, 0.75, 0.66, 2.8, month).unwrap();
    let donor = PurchaseHistory::new(2, 120.0, 180.0, TimeUnit::Day).unwrap();
    check_futures(&bb, &donor, Span::from_days(365.0).unwrap());
}

#[test]
fn spend_played_through_has_the_mean_and_spread_that_the_model_expects() {
    let dollar = Currency::new("USD").unwrap();
    let model = FittedGammaGamma::from_parameters(6.25, 6.74, 15.44, dollar).unwrap();
    let customer = PurchaseHistory::new(2, 30.0, 39.0, TimeUnit::Week)
        .unwrap()
        .with_mean_repeat_spend(ExpectedMoney::new(30.0, dollar).unwrap())
        .unwrap();
    let means: Vec<f64> = (0..20_000)
        .map(|stream| {
            let spend = model.simulated_spend(&customer, 400, 5, stream).unwrap();
            spend.iter().sum::<f64>() / 400.0
        })
        .collect();
    let mean = means.iter().sum::<f64>() / 20_000.0;
    let spread = (means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / 20_000.0).sqrt();
    let expected = model.expected_mean_spend(&customer).unwrap().amount();
    let deviation = model.deviation_of_mean(&customer).unwrap().amount();
    assert!((mean - expected).abs() < 4.5 * spread / 20_000.0_f64.sqrt());
    assert!(
        (spread / deviation - 1.0).abs() < 0.03,
        "{spread} {deviation}"
    );
}

#[test]
fn the_limits_of_purchases_hold_the_level_and_no_smaller_ones_do() {
    let model = FittedBgNbd::from_parameters(0.5, 5.0, 0.8, 2.4, TimeUnit::Week).unwrap();
    let customer = PurchaseHistory::new(20, 38.5, 39.0, TimeUnit::Week).unwrap();
    let ahead = Span::new(45.0, TimeUnit::Week).unwrap();
    let found =
        PredictiveInterval::of_purchases(&model, &customer, ahead, level(), Prediction::new(1))
            .unwrap();
    let mut below = 0.0;
    for count in 0..200_u32 {
        let before = below;
        below += model
            .probability_of_purchases(&customer, count, ahead)
            .unwrap()
            .value();
        if (f64::from(count) - found.low()).abs() < 0.5 {
            assert!(before < 0.05 && below >= 0.05);
        }
        if (f64::from(count) - found.high()).abs() < 0.5 {
            assert!(before < 0.95 && below >= 0.95);
        }
    }
    let expected = model.expected_purchases(&customer, ahead).unwrap();
    assert!((found.expected() - expected).abs() < 1e-12);
    assert!(found.currency().is_none() && !found.parameters_in_doubt());
}

#[test]
fn a_value_to_come_has_the_expectation_of_the_closed_form_and_wider_limits_than_its_doubt() {
    let histories = with_spend(
        beta_geometric(1500, [0.5, 6.0, 0.8, 2.4], false, 1),
        [6.0, 4.0, 15.0],
        3,
    );
    let purchases = BgNbd::default().fit(&histories).unwrap();
    let spend = GammaGamma::default().fit(&histories).unwrap();
    let row = (0..1500)
        .find(|&row| histories.repeat_purchases()[row] == 4)
        .unwrap();
    let customer = histories.get(row).unwrap();
    let rate = DiscountRate::annual(0.3).unwrap();
    let margin = Probability::new(0.5).unwrap();
    let horizon = Horizon::Unlimited;
    let valuation = Valuation::Continuous { rate, horizon };
    let ask = |prediction| {
        PredictiveInterval::of_value(
            (&purchases, &spend),
            &customer,
            margin,
            valuation,
            level(),
            prediction,
        )
        .unwrap()
    };
    let known = ask(Prediction::new(5).with_draws(40_000));
    let expected = 0.5
        * purchases
            .discounted_purchases(&customer, rate, horizon)
            .unwrap()
        * spend.expected_mean_spend(&customer).unwrap().amount();
    assert!(
        (known.expected() / expected - 1.0).abs() < 0.04,
        "{known} {expected}"
    );
    assert_eq!(known.currency().unwrap().code(), "USD");
    assert!(known.low() < expected && expected < known.high());
    assert_eq!(ask(Prediction::new(5)), ask(Prediction::new(5)));
    let doubt = ask(Prediction::new(5)
        .with_draws(40_000)
        .with_parameters_in_doubt());
    assert!(doubt.parameters_in_doubt() && doubt.high() > 0.98 * known.high());
    let counted = PredictiveInterval::of_purchases(
        &purchases,
        &customer,
        Span::new(50.0, TimeUnit::Week).unwrap(),
        level(),
        Prediction::new(5).with_draws(50).with_parameters_in_doubt(),
    );
    assert!(counted.unwrap().high() >= 1.0);
}

#[test]
fn questions_without_an_answer_are_refused() {
    let model = FittedBgNbd::from_parameters(0.5, 5.0, 0.8, 2.4, TimeUnit::Week).unwrap();
    let customer = PurchaseHistory::new(4, 30.0, 39.0, TimeUnit::Week).unwrap();
    let ahead = Span::new(45.0, TimeUnit::Week).unwrap();
    let ask = |level, prediction| {
        PredictiveInterval::of_purchases(&model, &customer, ahead, level, prediction)
    };
    let plan = Prediction::new(1);
    assert!(matches!(
        ask(Probability::ONE, plan),
        Err(Error::OutOfRange { .. })
    ));
    assert!(matches!(
        ask(level(), plan.with_draws(0)),
        Err(Error::OutOfRange { .. })
    ));
    assert!(matches!(
        ask(level(), plan.with_parameters_in_doubt()),
        Err(Error::CannotTell { .. })
    ));
    let spend = FixedSpend(ExpectedMoney::new(9.0, Currency::new("EUR").unwrap()).unwrap());
    let endless = Valuation::Continuous {
        rate: DiscountRate::NONE,
        horizon: Horizon::Unlimited,
    };
    let value = PredictiveInterval::of_value(
        (&model, &spend),
        &customer,
        Probability::HALF,
        endless,
        level(),
        plan,
    );
    assert!(matches!(value, Err(Error::CannotTell { .. })));
    let spent = FittedGammaGamma::from_parameters(6.0, 4.0, 15.0, Currency::new("EUR").unwrap());
    assert!(spent.unwrap().simulated_spend(&customer, 3, 1, 1).is_err());
}
