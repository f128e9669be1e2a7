//! Fitting the models of customers under contract.

use crate::error::{Error, Result};
use crate::numeric::Maximum;

use crate::value::contract::beta_weibull::BetaWeibull;
use crate::value::fit::{Sample, climb, in_logarithms, report};
use crate::value::{FitReport, FitWarning, Tenures};

/// α and β are searched between the inverse of this and this. Beyond, customers no longer differ in any visible way.
const LARGEST_PARAMETER: f64 = 1e6;
/// The range in which c is searched and allowed: 1 is a constant chance to leave, 20 an almost certain day of leaving.
pub(in crate::value) const RANGE_OF_C: (f64, f64) = (0.1, 20.0);

/// A model to be fitted: with a free c the beta-discrete-Weibull, else the shifted-beta-geometric.
#[derive(Clone, Copy, Debug)]
pub(in crate::value) struct ContractFit {
    pub(in crate::value) model: &'static str,
    pub(in crate::value) c_is_free: bool,
}

impl ContractFit {
    /// The most likely law, searched from `start` first, and how that went.
    pub(in crate::value) fn fit(
        self,
        tenures: &Tenures,
        start: Option<BetaWeibull>,
    ) -> Result<(BetaWeibull, FitReport)> {
        let size = self.parameters().len();
        let sample = self.require_evidence(tenures)?;
        let limit = LARGEST_PARAMETER.ln();
        let range_of_c = (RANGE_OF_C.0.ln(), RANGE_OF_C.1.ln());
        let bounds = [(-limit, limit), (-limit, limit), range_of_c];
        let point = |law: BetaWeibull| vec![law.alpha, law.beta, law.c][..size].to_vec();
        let starts: Vec<Vec<f64>> = start
            .into_iter()
            .chain(usual_starts(tenures))
            .map(point)
            .collect();
        let law = |point: &[f64]| BetaWeibull {
            alpha: point[0].exp(),
            beta: point[1].exp(),
            c: point.get(2).map_or(1.0, |ln_c| ln_c.exp()),
        };
        let end = climb(&starts, &bounds[..size], |point| {
            let law = law(point);
            in_logarithms(
                &[law.alpha, law.beta, law.c][..size],
                &law.derivatives(tenures, self.c_is_free),
            )
        })
        .ok_or(Error::Empty {
            what: "the list of starts".into(),
            remedy: "give one".into(),
        })?;
        Ok((law(&end.point), self.judge(sample, &end)?))
    }

    fn parameters(self) -> &'static [&'static str] {
        if self.c_is_free {
            &["alpha", "beta", "c"]
        } else {
            &["alpha", "beta"]
        }
    }

    fn require_evidence(self, tenures: &Tenures) -> Result<Sample> {
        /// Events per parameter (Peduzzi et al. 1996).
        const FEWEST_ENDED: usize = 10;
        const REMEDY: &str = "use the observed retention rates";
        let needed = self.parameters().len();
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        if tenures.customers() == 0 {
            return Err(Error::Empty {
                what: "the tally of tenures".into(),
                remedy: "give at least one customer".into(),
            });
        }
        let ended = count(tenures.ended());
        if ended < FEWEST_ENDED * needed {
            return Err(Error::TooFew {
                what: format!("{} needs customers who left", self.model).into(),
                found: ended,
                needed: FEWEST_ENDED * needed,
                remedy: REMEDY.into(),
            });
        }
        let decisions = tenures.decisions_seen();
        if decisions < needed {
            return Err(Error::TooFew {
                what: format!(
                    "{} needs different decisions (first, second, … renewal), one for each parameter",
                    self.model
                )
                .into(),
                found: decisions,
                needed,
                remedy: REMEDY.into(),
            });
        }
        let distinct = tenures.by_renewals().values();
        Ok(Sample {
            model: self.model,
            customers: count(tenures.customers()),
            repeaters: count(tenures.renewed(1)),
            patterns: distinct
                .map(|count| usize::from(count.ended > 0) + usize::from(count.running > 0))
                .sum(),
        })
    }

    /// Decides whether the end of the search is an answer, the limit of one, or none.
    fn judge(self, sample: Sample, end: &Maximum) -> Result<FitReport> {
        let cannot_tell = |reason: String| {
            Err(Error::CannotTell {
                question: "how the chance to leave differs between customers".into(),
                reason: reason.into(),
            })
        };
        if end.at_bound.get(2) == Some(&true) {
            return cannot_tell(format!(
                "the likelihood keeps growing towards c = {:.2}: these customers do not leave by any steady law, use \
                 the observed retention rates",
                end.point[2].exp()
            ));
        }
        let outside = end.at_bound[0] || end.at_bound[1];
        let equal = outside && end.point[0].max(end.point[1]) > 0.0;
        if outside && !equal {
            return cannot_tell(format!(
                "the likelihood keeps growing towards alpha = {:.1e}, beta = {:.1e}, where customers leave at once or \
                 never: use the observed retention rates",
                end.point[0].exp(),
                end.point[1].exp()
            ));
        }
        let identified: &[usize] = match (equal, self.c_is_free) {
            (false, false) => &[0, 1],
            (false, true) => &[0, 1, 2],
            (true, false) => &[],
            (true, true) => &[2],
        };
        let mut report = report(sample, self.parameters(), end, identified)?;
        if equal {
            report.warn(FitWarning::EqualChurn);
        }
        Ok(report)
    }
}

/// Starts with the observed mean chance to leave, from widely to hardly different customers.
fn usual_starts(tenures: &Tenures) -> impl Iterator<Item = BetaWeibull> + use<> {
    let ended = tenures.ended() as f64;
    let decisions: f64 = tenures
        .by_renewals()
        .iter()
        .map(|(&renewals, count)| f64::from(renewals) * (count.ended + count.running) as f64)
        .sum();
    let leave = ended / (ended + decisions);
    [(2.0, 1.0), (0.5, 1.5), (20.0, 0.7), (1000.0, 1.0)]
        .into_iter()
        .map(move |(size, c)| BetaWeibull {
            alpha: size * leave,
            beta: size * (1.0 - leave).max(1e-3),
            c,
        })
}

#[cfg(test)]
mod tests {
    use crate::Error;
    use crate::measure::{DiscountRate, Probability, Span};
    use crate::value::{
        BetaDiscreteWeibull, ContractModel, FitWarning, FittedContractModel, Horizon,
        ShiftedBetaGeometric, Tenure, Tenures,
    };

    fn cohort(survivors: &[u64]) -> Tenures {
        Tenures::from_survivors(Span::from_days(30.0).unwrap(), survivors).unwrap()
    }

    #[test]
    fn customers_who_are_all_alike_are_named_as_such() {
        let alike = cohort(&[100_000, 80_000, 64_000, 51_200, 40_960]);
        let fitted = ShiftedBetaGeometric::default().fit(&alike).unwrap();
        let warnings = fitted.report().unwrap().warnings();
        assert!(warnings.contains(&FitWarning::EqualChurn), "{warnings:?}");
        assert!((fitted.retention(7).unwrap().value() - 0.8).abs() < 1e-4);
        assert!(matches!(
            fitted.survival_estimate(0, 3, Probability::new(0.9).unwrap()),
            Err(Error::CannotTell { .. })
        ));
    }

    #[test]
    fn customers_who_leave_at_once_or_never_are_refused_with_the_reason() {
        let refused = ShiftedBetaGeometric::default()
            .fit(&cohort(&[1000, 600, 600, 600]))
            .unwrap_err();
        assert!(
            refused.to_string().contains("at once or never"),
            "{refused}"
        );
    }

    #[test]
    fn too_little_evidence_is_refused() {
        let fit = |survivors: &[u64]| BetaDiscreteWeibull::default().fit(&cohort(survivors));
        assert!(matches!(fit(&[0]), Err(Error::Empty { .. })));
        assert!(matches!(
            fit(&[50, 40, 30, 25]),
            Err(Error::TooFew { found: 25, .. })
        ));
        assert!(matches!(
            fit(&[5000, 4000, 3000]),
            Err(Error::TooFew { found: 2, .. })
        ));
        assert!(matches!(
            ShiftedBetaGeometric::default().fit(&cohort(&[500, 500, 500])),
            Err(Error::TooFew { found: 0, .. })
        ));
    }

    #[test]
    fn cohorts_of_different_age_and_single_customers_fit_alike() {
        let mut merged = cohort(&[1000, 631, 468, 382]);
        crate::measure::Merge::merge(&mut merged, &cohort(&[800, 520])).unwrap();
        let (mut renewals, mut ended) = (Vec::new(), Vec::new());
        for (tenure, customers) in [
            (Tenure::Running(1), 520),
            (Tenure::Ended(2), 86),
            (Tenure::Ended(0), 369 + 280),
            (Tenure::Ended(1), 163),
            (Tenure::Running(3), 382),
        ] {
            renewals.extend(vec![tenure.renewals(); customers]);
            ended.extend(vec![matches!(tenure, Tenure::Ended(_)); customers]);
        }
        let period = Span::from_days(30.0).unwrap();
        let single = Tenures::from_columns(period, &renewals, &ended).unwrap();
        let model = ShiftedBetaGeometric::default();
        assert_eq!(model.fit(&merged).unwrap(), model.fit(&single).unwrap());
    }

    #[test]
    fn horizons_count_payments_and_without_one_the_expectation_may_be_infinite() {
        let fitted = ShiftedBetaGeometric::default()
            .fit(&cohort(&[1000, 631, 468, 382, 326, 289]))
            .unwrap();
        let months = |count: f64| Horizon::Within(Span::from_days(30.0 * count).unwrap());
        let expected = |horizon| fitted.expected_renewals(2, DiscountRate::NONE, horizon);
        let next = fitted.retention(2).unwrap().value();
        assert!(expected(months(0.0)).unwrap().abs() < 1e-300);
        assert!((expected(months(1.0)).unwrap() - next).abs() < 1e-15);
        assert!(
            (expected(months(1.1)).unwrap() - next * (1.0 + fitted.retention(3).unwrap().value()))
                .abs()
                < 1e-14
        );
        assert!(matches!(
            expected(Horizon::Unlimited),
            Err(Error::CannotTell { .. })
        ));
        let new = |horizon| fitted.expected_payments_of_new_customer(DiscountRate::NONE, horizon);
        assert!(new(months(0.0)).unwrap().abs() < 1e-300);
        assert!((new(months(1.0)).unwrap() - 1.0).abs() < 1e-15);
        assert!(
            (new(months(2.0)).unwrap() - 1.0 - fitted.retention(0).unwrap().value()).abs() < 1e-14
        );
    }

    #[test]
    fn the_doubt_of_a_fitted_share_lies_near_that_of_the_observed_one() {
        // The standard error of S(7) lies near the binomial one of the observed share.
        let fitted = ShiftedBetaGeometric::default()
            .fit(&cohort(&[1000, 869, 743, 653, 593, 551, 517, 491]))
            .unwrap();
        let estimate = fitted
            .survival_estimate(0, 7, Probability::new(0.9).unwrap())
            .unwrap();
        let binomial = (0.5 * 0.5 / 1000.0_f64).sqrt();
        let error = estimate.standard_error().unwrap();
        assert!(
            error > 0.6 * binomial && error < 1.1 * binomial,
            "{error} {binomial}"
        );
        assert!(estimate.interval().unwrap().contains(estimate.value()));
    }
}
