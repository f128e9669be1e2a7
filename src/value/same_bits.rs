//! Fits and predictions on one, two and eight threads.

use crate::measure::{Currency, DiscountRate, Probability, Span, TimeUnit};
use crate::value::uncertainty::simulated::{pareto, with_spend};
use crate::value::{
    BgNbd, FittedGammaGamma, FittedPurchaseModel, Horizon, LifetimeValues, MbgNbd, ParetoNbd,
    PurchaseHistories, PurchaseModel, Valuation,
};

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

/// The fit's numbers and the model's columns.
fn answers<Model: PurchaseModel>(model: &Model, histories: &PurchaseHistories) -> Vec<Vec<u64>> {
    let fitted = model.fit(histories).unwrap();
    let report = fitted.report().unwrap();
    let mut fit = vec![report.log_likelihood()];
    for parameter in report.parameters() {
        fit.push(parameter.value());
        fit.push(parameter.standard_error().unwrap());
    }
    let dollar = Currency::new("USD").unwrap();
    let spend = FittedGammaGamma::from_parameters(6.25, 3.74, 15.44, dollar).unwrap();
    let rate = DiscountRate::annual(0.15).unwrap();
    let value = |valuation| {
        let margin = Probability::new(0.3).unwrap();
        LifetimeValues::of(histories, &fitted, &spend, margin, valuation).unwrap()
    };
    let ahead = Span::new(39.0, TimeUnit::Week).unwrap();
    [
        fit,
        fitted.probability_alive_column(histories).unwrap(),
        fitted.expected_purchases_column(histories, ahead).unwrap(),
        fitted
            .discounted_purchases_column(histories, rate, Horizon::Within(ahead))
            .unwrap(),
        value(Valuation::AtPeriodEnds {
            rate,
            period: Span::new(4.345, TimeUnit::Week).unwrap(),
            periods: 12,
        })
        .amounts()
        .to_vec(),
    ]
    .iter()
    .map(|column| bits(column))
    .collect()
}

/// Times recorded by day, so that customers share them, and the same customers at moments of their own.
fn customers() -> [PurchaseHistories; 2] {
    let own = pareto(16_000, [0.55, 10.6, 0.6, 11.7], 7);
    let days =
        |times: &[f64]| -> Vec<f64> { times.iter().map(|time| (7.0 * time).ceil()).collect() };
    let shared = PurchaseHistories::from_columns(
        TimeUnit::Day,
        own.repeat_purchases().to_vec(),
        days(own.active_for()),
        days(own.observed_for()),
    );
    [shared.unwrap(), own].map(|histories| with_spend(histories, [6.25, 3.74, 15.44], 8))
}

#[test]
fn one_two_and_eight_threads_give_the_same_bits() {
    let customers = customers();
    let on = |threads: usize| -> Vec<Vec<u64>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            let mut found = Vec::new();
            for histories in &customers {
                found.extend(answers(&BgNbd::default(), histories));
                found.extend(answers(&MbgNbd::default(), histories));
                found.extend(answers(&ParetoNbd::default(), histories));
            }
            found
        })
    };
    let one = on(1);
    assert!(one == on(2));
    assert!(one == on(8));
}
