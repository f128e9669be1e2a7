//! Columns of parameter intervals against gradients, exact slopes and single answers.

use crate::Error;
use crate::error::Result;
use crate::measure::{
    Currency, DiscountRate, ExpectedMoney, Probability, Span, TimeUnit, critical_value,
};
use crate::value::uncertainty::simulated::{beta_geometric, pareto, with_spend};
use crate::value::{
    BgNbd, ContractModel, FittedBgNbd, FittedContractModel, FittedFrequencySpend,
    FittedPurchaseModel, FittedSpendModel, FixedSpend, FrequencySpend, GammaGamma, Horizon,
    IndependentFits, LifetimeValueIntervals, ParameterInterval, ParameterIntervals,
    ParametricModel, ParetoNbd, PurchaseModel, Quantity, ShiftedBetaGeometric, Tenures, Valuation,
};

fn level() -> Probability {
    Probability::new(0.9).unwrap()
}

fn weeks(count: f64) -> Span {
    Span::new(count, TimeUnit::Week).unwrap()
}

/// √(g′ Σ g) with the gradient from eighth-order differences in the coordinates themselves, at steps that have
/// nothing to do with standard errors.
fn error_by_gradient<Model: ParametricModel>(
    model: &Model,
    answer: impl Fn(&Model) -> Result<f64>,
) -> f64 {
    const H: f64 = 0.02;
    let at = model.coordinates();
    let slopes: Vec<f64> = (0..at.len())
        .map(|index| {
            let pair = |k: f64| {
                let at = |h: f64| {
                    let mut moved = at.clone();
                    moved[index] += h;
                    answer(&model.at_coordinates(&moved).unwrap()).unwrap()
                };
                at(k * H) - at(-k * H)
            };
            (672.0 * pair(1.0) - 168.0 * pair(2.0) + 32.0 * pair(3.0) - 3.0 * pair(4.0))
                / (840.0 * H)
        })
        .collect();
    let covariance = model.covariance().unwrap();
    let mut variance = 0.0;
    for (row, left) in slopes.iter().enumerate() {
        for (column, right) in slopes.iter().enumerate() {
            variance += left * right * covariance[row * slopes.len() + column];
        }
    }
    variance.sqrt()
}

fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!(
        (found - expected).abs() <= tolerance * expected.abs(),
        "{what}: {found} {expected}"
    );
}

fn check_rows<Model: PurchaseModel>(model: &Model, histories: &crate::value::PurchaseHistories)
where
    Model::Fitted: ParametricModel,
{
    let model = model.fit(histories).unwrap();
    let rate = DiscountRate::annual(0.12).unwrap();
    let purchases =
        ParameterIntervals::expected_purchases(&model, histories, weeks(30.0), level()).unwrap();
    let alive = ParameterIntervals::probability_alive(&model, histories, level()).unwrap();
    let residual = ParameterIntervals::discounted_purchases(
        &model,
        histories,
        rate,
        Horizon::Unlimited,
        level(),
    )
    .unwrap();
    for row in (0..histories.len()).step_by(41) {
        let history = histories.get(row).unwrap();
        for (found, answer) in [
            (
                purchases.get(row).unwrap(),
                &(|m: &Model::Fitted| m.expected_purchases(&history, weeks(30.0)))
                    as &dyn Fn(&Model::Fitted) -> Result<f64>,
            ),
            (alive.get(row).unwrap(), &|m| {
                Ok(m.ln_probability_alive(&history)?.exp())
            }),
            (residual.get(row).unwrap(), &|m| {
                m.discounted_purchases(&history, rate, Horizon::Unlimited)
            }),
        ] {
            assert_close(found.value(), answer(&model).unwrap(), 1e-12, "value");
            let error = error_by_gradient(&model, answer);
            assert!(
                (found.standard_error() - error).abs() <= 3e-6 * error + 1e-12,
                "{} {row}: {} {error}",
                model.name(),
                found.standard_error()
            );
            assert!(found.low() <= found.value() && found.value() <= found.high());
        }
        assert!(alive.get(row).unwrap().high() <= 1.0);
    }
}

#[test]
fn columns_have_the_errors_that_the_gradient_gives() {
    check_rows(
        &BgNbd::default(),
        &beta_geometric(1500, [0.5, 6.0, 0.8, 2.4], false, 1),
    );
    check_rows(
        &ParetoNbd::default(),
        &pareto(1500, [0.6, 10.0, 0.6, 12.0], 2),
    );
}

#[test]
fn a_parameter_in_doubt_has_its_standard_error_from_the_report() {
    let histories = beta_geometric(1500, [0.5, 6.0, 0.8, 2.4], false, 1);
    let model = BgNbd::default().fit(&histories).unwrap();
    let found =
        ParameterInterval::of(&model, level(), Quantity::Positive, |model| Ok(model.b())).unwrap();
    let parameter = &model.report().unwrap().parameters()[3];
    let error = parameter.standard_error().unwrap();
    assert_close(found.standard_error(), error, 1e-6, "se");
    let z = critical_value::normal(level()).unwrap();
    let high = parameter.value() * (z * error / parameter.value()).exp();
    assert_close(found.high(), high, 1e-5, "high");
}

#[test]
fn the_survival_under_contract_is_as_doubtful_as_its_exact_slopes_say() {
    let year = Span::new(1.0, TimeUnit::Year).unwrap();
    let cohort = Tenures::from_survivors(year, &[1000, 869, 743, 653, 593, 551, 517, 491]).unwrap();
    let model = ShiftedBetaGeometric::default().fit(&cohort).unwrap();
    for (renewals, more) in [(0, 7), (2, 1), (5, 30)] {
        let exact = model.survival_estimate(renewals, more, level()).unwrap();
        let found = ParameterInterval::of(&model, level(), Quantity::LnShare, |model| {
            Ok(model.ln_survival_from(renewals, more))
        })
        .unwrap();
        let error = exact.standard_error().unwrap();
        assert_close(found.standard_error(), error, 1e-6, "se");
        assert_close(found.value(), exact.value(), 1e-14, "value");
    }
}

#[test]
fn a_lifetime_value_carries_the_doubt_of_both_models() {
    let histories = with_spend(
        beta_geometric(1500, [0.5, 6.0, 0.8, 2.4], false, 1),
        [6.0, 4.0, 15.0],
        3,
    );
    let purchases = BgNbd::default().fit(&histories).unwrap();
    let spend = GammaGamma::default().fit(&histories).unwrap();
    let rate = DiscountRate::annual(0.1).unwrap();
    let horizon = Horizon::Within(weeks(52.0));
    let margin = Probability::new(0.4).unwrap();
    let valuation = Valuation::Continuous { rate, horizon };
    let values =
        LifetimeValueIntervals::of(&histories, &purchases, &spend, margin, valuation, level())
            .unwrap();
    let both = IndependentFits::new(purchases.clone(), spend.clone());
    for row in (0..histories.len()).step_by(97) {
        let history = histories.get(row).unwrap();
        let single = ParameterInterval::of(&both, level(), Quantity::Positive, |both| {
            let purchases = both
                .purchases()
                .discounted_purchases(&history, rate, horizon)?;
            Ok(0.4 * purchases * both.spend().expected_mean_spend(&history)?.amount())
        })
        .unwrap();
        let found = values.amounts().get(row).unwrap();
        assert_close(found.value(), single.value(), 1e-12, "value");
        assert_close(found.standard_error(), single.standard_error(), 1e-6, "se");
        assert_close(found.high(), single.high(), 1e-6, "high");
    }
    let flat = FixedSpend(ExpectedMoney::new(9.0, Currency::new("USD").unwrap()).unwrap());
    let certain =
        LifetimeValueIntervals::of(&histories, &purchases, &flat, margin, valuation, level())
            .unwrap();
    let ratio = |values: &LifetimeValueIntervals| {
        let first = values.amounts().get(0).unwrap();
        first.standard_error() / first.value()
    };
    assert!(ratio(&certain) < ratio(&values));
    // Spend by frequency has doubt of its own, in the factor per doubling too.
    let by_frequency = FrequencySpend::default().fit(&histories).unwrap();
    let values = LifetimeValueIntervals::of(
        &histories,
        &purchases,
        &by_frequency,
        margin,
        valuation,
        level(),
    )
    .unwrap();
    let both = IndependentFits::new(purchases, by_frequency);
    for row in (0..histories.len()).step_by(211) {
        let history = histories.get(row).unwrap();
        let answer = |both: &IndependentFits<_, FittedFrequencySpend>| {
            let purchases: &FittedBgNbd = both.purchases();
            let purchases = purchases.discounted_purchases(&history, rate, horizon)?;
            Ok(0.4 * purchases * both.spend().expected_mean_spend(&history)?.amount())
        };
        let found = values.amounts().get(row).unwrap();
        let scaled = |both: &_| Ok(answer(both)?.ln());
        let error = found.value() * error_by_gradient(&both, scaled);
        assert_close(found.value(), answer(&both).unwrap(), 1e-12, "value");
        assert_close(found.standard_error(), error, 1e-5, "se");
    }
}

#[test]
fn what_cannot_be_doubted_or_asked_is_certain_or_refused() {
    let histories = beta_geometric(1500, [0.5, 6.0, 0.8, 2.4], false, 1);
    let model = BgNbd::default().fit(&histories).unwrap();
    let alive = ParameterIntervals::probability_alive(&model, &histories, level()).unwrap();
    let once = (0..histories.len()).find(|&row| histories.repeat_purchases()[row] == 0);
    let certain = alive.get(once.unwrap()).unwrap();
    assert_eq!((certain.low(), certain.high()), (1.0, 1.0));
    let nothing =
        ParameterIntervals::expected_purchases(&model, &histories, weeks(0.0), level()).unwrap();
    assert_eq!(nothing.limits()[7], (0.0, 0.0));
    assert!(alive.get(histories.len()).is_none());

    let given = FittedBgNbd::from_parameters(0.5, 6.0, 0.8, 2.4, TimeUnit::Week).unwrap();
    let ask = |model: &FittedBgNbd, level, quantity, answer: f64| {
        ParameterInterval::of(model, level, quantity, |_| Ok(answer))
    };
    assert!(matches!(
        ask(&given, level(), Quantity::Any, 1.0),
        Err(Error::CannotTell { .. })
    ));
    for (level, quantity, answer) in [
        (Probability::ONE, Quantity::Any, 1.0),
        (level(), Quantity::Any, f64::NAN),
        (level(), Quantity::Share, 1.1),
        (level(), Quantity::LnShare, 0.1),
        (level(), Quantity::Positive, -0.1),
    ] {
        assert!(matches!(
            ask(&model, level, quantity, answer),
            Err(Error::OutOfRange { .. })
        ));
    }
    let one = model.at_coordinates(&[0.0; 4]).unwrap();
    assert_eq!((one.r(), one.b()), (1.0, 1.0));
    assert!(model.at_coordinates(&[0.0; 3]).is_err());
    assert!(model.at_coordinates(&[0.0, 0.0, 800.0, 0.0]).is_err());
    assert!(model.at_coordinates(&[f64::NAN; 4]).is_err());
}
