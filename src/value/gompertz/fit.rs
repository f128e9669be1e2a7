//! The most likely parameters of the GGompertz/NBD.

use crate::error::{Error, Result};
use crate::numeric::{Maximum, SymmetricMatrix};

use crate::value::evidence::{
    extremes_of_leaving, forecasts_of, require_known, require_repeaters, require_stays,
};
use crate::value::fit::{Sample, climb, in_logarithms, report};
use crate::value::gompertz::gompertz_nbd::FittedGGompertzNbd;
use crate::value::gompertz::law::GompertzLaw;
use crate::value::law::{KnownLaw, PurchaseLaw};
use crate::value::observed::patterns::PurchasePatterns;
use crate::value::{FitReport, FitWarning, PurchaseHistories};

const NAMES: [&str; 5] = ["r", "alpha", "b", "s", "beta"];

/// Parameters are searched between the inverse of this and this (times relative to the mean time observed). Beyond,
/// customers no longer differ in any visible way.
const LARGEST_PARAMETER: f64 = 1e6;

/// The smallest and the largest growth of the rate of leaving within the mean time observed, as logarithms. Below, the
/// likelihood is that of the Pareto/NBD to ten digits; above, everyone leaves at once.
const GROWTH: (f64, f64) = (1e-9, 1e5);

/// Searches in r, α, b, s and B = β / b, in which the limit b → 0 is an ordinary edge.
pub(super) fn fit(
    start: Option<GompertzLaw>,
    histories: &PurchaseHistories,
) -> Result<(GompertzLaw, FitReport)> {
    let patterns = PurchasePatterns::of(histories);
    let sample = Sample {
        model: FittedGGompertzNbd::NAME,
        customers: histories.len(),
        repeaters: histories.repeaters(),
        patterns: patterns.len(),
    };
    require_repeaters(sample)?;
    require_stays(sample, patterns.purchases_after(0), "first")?;
    let time_scale = patterns.time_observed() / histories.len() as f64;
    let mean_rate = patterns.repeat_purchases() / patterns.time_observed();
    let from = |r: f64, growth: f64, s: f64, times: f64| {
        vec![r, r / mean_rate, growth / time_scale, s, times * time_scale]
    };
    let mut starts = vec![
        from(0.5, 1.0, 0.5, 1.0),
        from(1.0, 5.0, 0.5, 5.0),
        from(0.5, 0.1, 1.0, 0.5),
    ];
    if let Some(law) = start {
        let mut logarithms = law.logarithms();
        logarithms[4] -= logarithms[2];
        starts.insert(0, logarithms.into_iter().map(f64::exp).collect());
    }
    let limit = LARGEST_PARAMETER.ln();
    let around = time_scale.ln();
    let bounds = [
        (-limit, limit),
        (around - limit, around + limit),
        (GROWTH.0.ln() - around, GROWTH.1.ln() - around),
        (-limit, limit),
        (around - limit, around + limit),
    ];
    let mut end = climb(&starts, &bounds, |point| {
        let law = law_at(point);
        in_logarithms(
            &[law.r, law.alpha, law.b, law.s, point[4].exp()],
            &law.derivatives(&patterns),
        )
    })
    .ok_or(Error::Empty {
        what: "the list of starts".into(),
        remedy: "give one".into(),
    })?;
    let law = law_at(&end.point);
    back_to_beta(&mut end);
    Ok((law, judge(sample, time_scale, law, &end)?))
}

/// The law at the logarithms of r, α, b, s and β / b.
fn law_at(point: &[f64]) -> GompertzLaw {
    let [r, alpha, b, s] = [0, 1, 2, 3].map(|index| point[index].exp());
    GompertzLaw {
        r,
        alpha,
        b,
        s,
        beta: (point[2] + point[4]).exp(),
    }
}

/// From ln(β / b) to ln β as the last coordinate: ln(β / b) = ln β − ln b.
fn back_to_beta(end: &mut Maximum) {
    end.point[4] += end.point[2];
    let derivatives = &mut end.derivatives;
    derivatives.gradient[2] -= derivatives.gradient[4];
    let old = &derivatives.hessian;
    let size = NAMES.len();
    let mut hessian = SymmetricMatrix::zero(size);
    for row in 0..size {
        for column in row..size {
            let mut bend = old.get(row, column);
            if row == 2 {
                bend -= old.get(4, column);
            }
            if column == 2 {
                bend -= old.get(row, 4);
            }
            if (row, column) == (2, 2) {
                bend += old.get(4, 4);
            }
            hessian.set(row, column, bend);
        }
    }
    derivatives.hessian = hessian;
}

/// Decides whether the end of the search is an answer, the limit of one, or none.
fn judge(sample: Sample, time_scale: f64, law: GompertzLaw, end: &Maximum) -> Result<FitReport> {
    /// Below this mean probability to leave within the mean time observed, not one in a thousand has left.
    const NOBODY: f64 = 1e-3;
    let leaving = -law.leaving().ln_survival(time_scale).exp_m1();
    let nobody_leaves = leaving < NOBODY;
    let equal_rates = end.at_bound[0] || end.at_bound[1];
    let no_growth = end.at_bound[2] && law.b * time_scale < 1.0;
    if !nobody_leaves && (end.at_bound[3] || end.at_bound[4] || (end.at_bound[2] && !no_growth)) {
        let (limit, instead) = if law.s.max(law.beta / law.b / time_scale) > 1.0 {
            (
                "customers become equally ready to leave (s, beta → ∞) or all leave at one time (b → ∞)",
                "use the Pareto/NBD",
            )
        } else {
            (
                "s, beta → 0: some leave at once, and the others are all alike",
                "use the MBG/NBD, in which one may leave right after the first purchase, or the Pareto/NBD",
            )
        };
        return Err(extremes_of_leaving(
            "how the time of leaving differs between customers",
            ("s", law.s),
            ("beta", law.beta),
            limit,
            instead,
        ));
    }
    let mut identified = Vec::new();
    if !equal_rates {
        identified.extend([0, 1]);
    }
    if !nobody_leaves {
        if !no_growth {
            identified.push(2);
        }
        identified.extend([3, 4]);
    }
    let mut report = report(sample, &NAMES, end, &identified)?;
    if no_growth {
        // What is known in this limit is β / b.
        report.without_error(4);
    }
    require_known(sample, &mut report, end, 2, &forecasts_of(&law, time_scale))?;
    report.warn_of_equal_rates(equal_rates);
    if nobody_leaves {
        report.warn(FitWarning::NobodyLeaves);
    } else if no_growth {
        report.warn(FitWarning::ParetoSuffices {
            beta: law.beta / law.b,
        });
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use crate::measure::{Probability, TimeUnit};
    use crate::numeric::random::RandomStream;
    use crate::value::fit::{digits, in_logarithms};
    use crate::value::law::KnownLaw;
    use crate::value::observed::patterns::PurchasePatterns;
    use crate::value::{
        FitWarning, FittedGGompertzNbd, FittedParetoNbd, FittedPurchaseModel, GGompertzNbd,
        ParametricModel, ParetoNbd, ProfileInterval, ProfileLimit, PurchaseHistories,
        PurchaseModel,
    };

    /// Customers whose time of leaving is `lifetime`(a draw of Γ(s, 1), a draw of the exponential distribution), observed
    /// for 40 to 92 weeks.
    fn customers(
        number: u32,
        (r, alpha, s): (f64, f64, f64),
        lifetime: impl Fn(f64, f64) -> f64,
    ) -> PurchaseHistories {
        let (mut x, mut t_x, mut t) = (Vec::new(), Vec::new(), Vec::new());
        for customer in 0..number {
            let mut draws = RandomStream::new(2012, u64::from(customer));
            let rate = draws.gamma(r) / alpha;
            let stays_for = lifetime(draws.gamma(s), draws.exponential());
            let observed = 40.0 + (364.0 * draws.uniform()).floor() / 7.0;
            let (mut count, mut last) = (0, 0.0);
            loop {
                let next = last + draws.exponential() / rate;
                if next > stays_for.min(observed) {
                    break;
                }
                count += 1;
                last = next;
            }
            x.push(count);
            t_x.push(last);
            t.push(observed);
        }
        PurchaseHistories::from_columns(TimeUnit::Week, x, t_x, t).unwrap()
    }

    #[test]
    fn simulated_customers_give_their_parameters_back_from_every_start() {
        let truth = [0.8, 6.0, 0.05, 0.6, 8.0];
        let [r, alpha, b, s, beta] = truth;
        let histories = customers(4000, (r, alpha, s), |level, draw| {
            (draw * beta / level).ln_1p() / b
        });
        let fitted = GGompertzNbd::default().fit(&histories).unwrap();
        let report = fitted.report().unwrap();
        for (parameter, truth) in report.parameters().iter().zip(truth) {
            let error = parameter.standard_error().unwrap();
            assert!(
                (parameter.value() - truth).abs() < 3.0 * error && error < parameter.value(),
                "{report}"
            );
        }
        for [r, alpha, b, s, beta] in [
            [0.1, 40.0, 1.0, 0.1, 100.0],
            [5.0, 1.0, 1e-3, 3.0, 1e-3],
            [0.5, 10.0, 0.3, 0.05, 0.5],
        ] {
            let week = TimeUnit::Week;
            let start = FittedGGompertzNbd::from_parameters(r, alpha, b, s, beta, week).unwrap();
            let model = GGompertzNbd::default().starting_at(&start);
            let again = model.fit(&histories).unwrap();
            let pairs = again.report().unwrap().parameters().iter();
            for (found, first) in pairs.zip(report.parameters()) {
                assert!(
                    (found.value() / first.value() - 1.0).abs() < 1e-8,
                    "{found:?} {first:?}"
                );
            }
        }
    }

    #[test]
    fn readiness_to_leave_that_does_not_change_leads_to_the_pareto_nbd_in_words() {
        let histories = customers(2000, (0.8, 6.0, 0.6), |level, draw| draw * 12.0 / level);
        let pareto: FittedParetoNbd = ParetoNbd::default().fit(&histories).unwrap();
        let fitted = GGompertzNbd::default().fit(&histories).unwrap();
        let (report, expected) = (fitted.report().unwrap(), pareto.report().unwrap());
        let gained = report.log_likelihood() - expected.log_likelihood();
        assert!(gained > -1e-5, "{gained}");
        let told = report.warnings().iter().find_map(|warning| match warning {
            FitWarning::ParetoSuffices { beta } => Some(*beta),
            _ => None,
        });
        let beta = told.unwrap();
        assert!((beta / pareto.beta() - 1.0).abs() < 1e-5, "{report}");
        assert!(report.to_string().contains("Pareto/NBD suffices"));
    }

    #[test]
    fn in_the_pareto_limit_beta_has_no_standard_error_and_the_report_says_so() {
        let histories = customers(2000, (0.8, 6.0, 0.6), |level, draw| draw * 12.0 / level);
        let fitted = GGompertzNbd::default().fit(&histories).unwrap();
        let law = fitted.known().law;
        // Only β / b counts: the information has a direction without curvature, along which both move.
        let parameters = [law.r, law.alpha, law.b, law.s, law.beta];
        let natural = law.derivatives_in_beta(&PurchasePatterns::of(&histories));
        let hessian = in_logarithms(&parameters, &natural).hessian;
        let eigen = hessian.negated_part(&[0, 1, 2, 3, 4]).eigen();
        let (smallest, largest) = (&eigen[0], &eigen[4]);
        assert!(smallest.0.abs() < 1e-6 * largest.0, "{eigen:?}");
        let along = &smallest.1;
        assert!((along[2] / along[4] - 1.0).abs() < 1e-3 && along[2].abs() > 0.7);

        let report = fitted.report().unwrap();
        let parameters = report.parameters().iter();
        let known: Vec<bool> = parameters.map(|p| p.standard_error().is_some()).collect();
        assert_eq!(known, [true, true, false, true, false], "{report}");
        assert!(fitted.covariance().is_none());
        let words = report.to_string();
        let beta = format!("beta = {} (no standard error)", digits(law.beta));
        assert!(words.contains(&beta), "{words}");
        assert!(
            words.contains("b and β by themselves mean nothing"),
            "{words}"
        );
        let loose = |warning: &FitWarning| matches!(warning, FitWarning::LooseParameter { name, .. } if name == "beta");
        assert!(!report.warnings().iter().any(loose), "{words}");
        // The profiles say the same: no lower limit of β, and limits to both sides of s.
        let level = Probability::new(0.9).unwrap();
        let beta = ProfileInterval::of(&fitted, &histories, "beta", level).unwrap();
        assert_eq!(beta.low(), ProfileLimit::Open, "{beta}");
        let s = ProfileInterval::of(&fitted, &histories, "s", level).unwrap();
        let (low, high) = (s.low().value().unwrap(), s.high().value().unwrap());
        assert!(low < s.value() && s.value() < high, "{s}");
    }
}
