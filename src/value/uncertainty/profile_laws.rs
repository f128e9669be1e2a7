//! Profile intervals against the likelihood itself.

use crate::Error;
use crate::measure::{Probability, Span, TimeUnit};
use crate::value::uncertainty::simulated::{pareto, with_spend};
use crate::value::{
    BetaDiscreteWeibull, ContractModel, FittedContractModel, FittedParetoNbd, FittedPurchaseModel,
    FittedShiftedBetaGeometric, GammaGamma, ParetoNbd, ProfileInterval, ProfileLimit,
    PurchaseModel, ShiftedBetaGeometric, Tenure, Tenures,
};

fn level() -> Probability {
    Probability::new(0.9).unwrap()
}

fn cohort(survivors: &[u64]) -> Tenures {
    Tenures::from_survivors(Span::from_days(365.0).unwrap(), survivors).unwrap()
}

#[test]
fn at_both_limits_the_likelihood_has_fallen_as_far_as_the_level_says() {
    let survivors = [1000, 869, 743, 653, 593, 551, 517, 491];
    let tenures = cohort(&survivors);
    let model = ShiftedBetaGeometric::default().fit(&tenures).unwrap();
    let found = ProfileInterval::of(&model, &tenures, "alpha", level()).unwrap();
    // The likelihood by hand, maximised over beta by a golden section.
    let likelihood = |alpha: f64, ln_beta: f64| {
        let period = Span::from_days(365.0).unwrap();
        let at = FittedShiftedBetaGeometric::from_parameters(alpha, ln_beta.exp(), period).unwrap();
        let mut sum = 491.0 * at.log_likelihood(Tenure::Running(7));
        for (renewals, pair) in (0..).zip(survivors.windows(2)) {
            sum += (pair[0] - pair[1]) as f64 * at.log_likelihood(Tenure::Ended(renewals));
        }
        sum
    };
    let profile = |alpha: f64| {
        let (mut low, mut high) = (-3.0, 6.0);
        for _ in 0..90 {
            let third = (high - low) * 0.382;
            if likelihood(alpha, low + third) < likelihood(alpha, high - third) {
                low += third;
            } else {
                high -= third;
            }
        }
        likelihood(alpha, low)
    };
    let peak = model.report().unwrap().log_likelihood();
    let fall = 0.5 * 1.644_853_626_951_472_7_f64.powi(2);
    for limit in [found.low(), found.high()] {
        let limit = limit.value().unwrap();
        assert!((peak - profile(limit) - fall).abs() < 1e-6, "{limit}");
    }
    assert!(found.contains(model.alpha()) && !found.contains(0.0));
    assert_eq!(found.parameter(), "alpha");
}

#[test]
fn a_limit_that_the_data_do_not_set_is_open() {
    // Hardly told apart from customers who are all alike, where alpha has no end.
    let tenures = cohort(&[400, 318, 257, 209, 171]);
    let model = ShiftedBetaGeometric::default().fit(&tenures).unwrap();
    let found = ProfileInterval::of(&model, &tenures, "alpha", level()).unwrap();
    assert_eq!(found.high(), ProfileLimit::Open, "{found}");
    assert!(found.low().value().unwrap() > 0.5, "{found}");
    assert!(found.contains(1e9) && found.to_string().ends_with("open]"));
}

#[test]
fn along_the_ridge_of_the_pareto_nbd_the_long_end_lies_upwards() {
    let histories = with_spend(
        pareto(4000, [0.55, 10.6, 0.6, 11.7], 5),
        [6.0, 4.0, 15.0],
        6,
    );
    let model = ParetoNbd::default().fit(&histories).unwrap();
    for (index, name) in ["r", "alpha", "s", "beta"].into_iter().enumerate() {
        let found = ProfileInterval::of(&model, &histories, name, level()).unwrap();
        let parameter = &model.report().unwrap().parameters()[index];
        let reach = 1.645 * parameter.standard_error().unwrap() / parameter.value();
        let up = (found.high().value().unwrap() / found.value()).ln();
        let down = (found.value() / found.low().value().unwrap()).ln();
        assert!(up > 0.5 * reach && down > 0.5 * reach, "{found} {reach}");
        assert!(up < 3.0 * reach && down < 3.0 * reach, "{found} {reach}");
        if reach < 0.2 {
            assert!((up / reach - 1.0).abs() < 0.1, "{found} {reach}");
        }
    }
    let spend = GammaGamma::default().fit(&histories).unwrap();
    let q = ProfileInterval::of(&spend, &histories, "q", level()).unwrap();
    assert!(q.contains(4.0), "{q}");
}

#[test]
fn other_data_other_names_and_given_parameters_are_refused() {
    let histories = pareto(1000, [0.55, 10.6, 0.6, 11.7], 5);
    let model = ParetoNbd::default().fit(&histories).unwrap();
    let other = pareto(1000, [0.55, 10.6, 0.6, 11.7], 7);
    assert!(matches!(
        ProfileInterval::of(&model, &other, "s", level()),
        Err(Error::Contradiction { .. })
    ));
    assert!(matches!(
        ProfileInterval::of(&model, &histories, "gamma", level()),
        Err(Error::InvalidText { .. })
    ));
    assert!(ProfileInterval::of(&model, &histories, "s", Probability::ONE).is_err());
    let given = FittedParetoNbd::from_parameters(0.5, 9.0, 0.6, 9.0, TimeUnit::Week).unwrap();
    assert!(matches!(
        ProfileInterval::of(&given, &histories, "s", level()),
        Err(Error::CannotTell { .. })
    ));
    let tenures = cohort(&[1000, 869, 743, 653, 593, 551]);
    let model = BetaDiscreteWeibull::default().fit(&tenures).unwrap();
    let c = ProfileInterval::of(&model, &tenures, "c", level()).unwrap();
    assert!(c.contains(model.c()), "{c}");
}
