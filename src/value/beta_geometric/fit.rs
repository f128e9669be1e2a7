//! The fit that BG/NBD and MBG/NBD share.

use crate::error::{Error, Result};
use crate::numeric::Maximum;

use crate::value::beta_geometric::law::BetaGeometric;
use crate::value::evidence::{
    Limits, extremes_of_leaving, forecasts_of, require_repeaters, require_stays,
};
use crate::value::fit::{Sample, climb, in_logarithms};
use crate::value::law::Known;
use crate::value::observed::patterns::PurchasePatterns;
use crate::value::{FitReport, FitWarning, PurchaseHistories};

/// Parameters are searched between the inverse of this and this (α relative to the mean time observed). Beyond, customers
/// no longer differ in any visible way.
const LARGEST_PARAMETER: f64 = 1e6;

/// Maximum likelihood from fixed starts, or first from `start`.
pub(in crate::value) fn fit(
    model: &'static str,
    chances_at_start: u32,
    start: Option<BetaGeometric>,
    histories: &PurchaseHistories,
) -> Result<Known<BetaGeometric>> {
    let patterns = PurchasePatterns::of(histories);
    let sample = Sample {
        model,
        customers: histories.len(),
        repeaters: histories.repeaters(),
        patterns: patterns.len(),
    };
    require_repeaters(sample)?;
    if chances_at_start == 0 {
        require_stays(sample, patterns.purchases_after(1), "repeat")?;
    } else {
        require_stays(sample, patterns.purchases_after(0), "first")?;
    }
    let time_scale = patterns.time_observed() / histories.len() as f64;
    let mean_rate = patterns.repeat_purchases() / patterns.time_observed();
    let start_at = |r: f64, a: f64, b: f64| vec![r, r / mean_rate, a, b];
    let mut starts = vec![
        start_at(0.5, 1.0, 3.0),
        start_at(2.0, 0.5, 0.5),
        start_at(0.1, 3.0, 30.0),
    ];
    if let Some(BetaGeometric { r, alpha, a, b, .. }) = start {
        starts.insert(0, vec![r, alpha, a, b]);
    }
    let limit = LARGEST_PARAMETER.ln();
    let around = time_scale.ln();
    let bounds = [
        (-limit, limit),
        (around - limit, around + limit),
        (-limit, limit),
        (-limit, limit),
    ];
    let law = |point: &[f64]| BetaGeometric {
        r: point[0].exp(),
        alpha: point[1].exp(),
        a: point[2].exp(),
        b: point[3].exp(),
        chances_at_start,
    };
    let end = climb(&starts, &bounds, |point| {
        let law = law(point);
        in_logarithms(
            &[law.r, law.alpha, law.a, law.b],
            &law.derivatives(&patterns),
        )
    })
    .ok_or(Error::Empty {
        what: "the list of starts".into(),
        remedy: "give one".into(),
    })?;
    let law = law(&end.point);
    Ok(Known {
        law,
        unit: histories.unit(),
        report: Some(judge(sample, law, time_scale, &end)?),
    })
}

/// The limit in which a search has ended at this `law`, `at_bound` telling of each of its parameters whether it came to rest
/// on a bound; refused where customers are extremes.
pub(in crate::value) fn limits(law: &BetaGeometric, at_bound: &[bool]) -> Result<Limits> {
    /// Below this mean probability to leave not one of a thousand purchases is a last one.
    const NOBODY: f64 = 1e-3;
    let leaving = 1.0 / (1.0 + law.b / law.a);
    let nobody_leaves = leaving < NOBODY;
    let churn_at_bound = !nobody_leaves && (at_bound[2] || at_bound[3]);
    // On the bound of large parameters all customers are alike; on that of small ones they are extremes.
    let equal_churn = churn_at_bound && law.a.max(law.b) > 1.0;
    if churn_at_bound && !equal_churn {
        return Err(extremes_of_leaving(
            "how the probability to leave differs between customers",
            ("a", law.a),
            ("b", law.b),
            &format!(
                "a, b → 0: {:.1} % leave at their first chance and all others never",
                100.0 * leaving
            ),
            if law.chances_at_start == 0 {
                "use the MBG/NBD, in which one may leave before a repeat purchase, or the Pareto/NBD, in which one may leave \
                 at any moment"
            } else {
                "use the Pareto/NBD, in which one may leave at any moment"
            },
        ));
    }
    Ok(Limits {
        equal_rates: at_bound[0] || at_bound[1],
        equal_churn,
        nobody_leaves,
    })
}

/// Decides whether the end of the search is an answer, the limit of one, or none.
fn judge(sample: Sample, law: BetaGeometric, time_scale: f64, end: &Maximum) -> Result<FitReport> {
    /// Below this share of repeat buyers the fit describes a small minority.
    const FEW_REPEATERS: f64 = 0.05;
    const NAMES: [&str; 4] = ["r", "alpha", "a", "b"];
    let limits = limits(&law, &end.at_bound)?;
    let mut report = limits.report(sample, &NAMES, end, &forecasts_of(&law, time_scale))?;
    let once = 1.0 - sample.repeaters as f64 / sample.customers as f64;
    if law.chances_at_start == 0 && once > 1.0 - FEW_REPEATERS {
        report.warn(FitWarning::MostlyBoughtOnce { share: once });
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use crate::Error;
    use crate::measure::{Span, TimeUnit};
    use crate::value::{
        BgNbd, FitWarning, FittedPurchaseModel, MbgNbd, PurchaseHistories, PurchaseModel,
    };

    fn histories(rows: &[(usize, u32, f64, f64)]) -> PurchaseHistories {
        let (mut x, mut t_x, mut t) = (Vec::new(), Vec::new(), Vec::new());
        for &(customers, count, active_for, observed_for) in rows {
            x.extend(vec![count; customers]);
            t_x.extend(vec![active_for; customers]);
            t.extend(vec![observed_for; customers]);
        }
        PurchaseHistories::from_columns(TimeUnit::Day, x, t_x, t).unwrap()
    }

    #[test]
    fn a_shop_to_which_almost_nobody_returns_is_refused_with_the_reason() {
        let shop = histories(&[
            (20_000, 0, 0.0, 150.0),
            (6_565, 0, 0.0, 400.0),
            (200, 1, 70.0, 300.0),
            (46, 1, 200.0, 310.0),
            (11, 2, 120.0, 350.0),
            (1, 3, 200.0, 400.0),
            (1, 4, 220.0, 410.0),
        ]);
        let refused = BgNbd::default().fit(&shop).unwrap_err();
        assert!(
            matches!(refused, Error::TooFew { found: 16, .. }),
            "{refused}"
        );
        assert!(refused.to_string().contains("259 of 26824"), "{refused}");
    }

    #[test]
    fn regular_customers_of_one_kind_have_equal_rates_and_never_leave() {
        let regulars = histories(&[
            (100, 3, 90.0, 100.0),
            (100, 4, 95.0, 100.0),
            (100, 5, 99.0, 100.0),
        ]);
        let fitted = BgNbd::default().fit(&regulars).unwrap();
        let warnings = fitted.report().unwrap().warnings();
        assert!(warnings.contains(&FitWarning::EqualRates), "{warnings:?}");
        assert!(warnings.contains(&FitWarning::NobodyLeaves), "{warnings:?}");
        let ahead = Span::from_days(100.0).unwrap();
        let expected = fitted
            .expected_purchases(&regulars.get(0).unwrap(), ahead)
            .unwrap();
        assert!((expected - 4.0).abs() < 0.01, "{expected}");
    }

    #[test]
    fn nobody_and_one_timers_only_are_refused() {
        assert!(matches!(
            BgNbd::default().fit(&histories(&[])),
            Err(Error::Empty { .. })
        ));
        let one_timers = histories(&[(1000, 0, 0.0, 50.0)]);
        assert!(matches!(
            MbgNbd::default().fit(&one_timers),
            Err(Error::TooFew { found: 0, .. })
        ));
        assert!(matches!(
            BgNbd::default().fit(&one_timers),
            Err(Error::TooFew { found: 0, .. })
        ));
    }

    #[test]
    fn the_order_of_customers_leaves_no_trace_in_the_fit() {
        let rows = [
            (60, 0, 0.0, 90.0),
            (30, 2, 31.0, 80.0),
            (20, 9, 60.0, 70.0),
            (25, 1, 4.0, 60.0),
            (9, 5, 20.0, 90.0),
        ];
        let mut backwards = rows;
        backwards.reverse();
        let fit = |rows: &[(usize, u32, f64, f64)]| BgNbd::default().fit(&histories(rows)).unwrap();
        assert_eq!(fit(&rows), fit(&backwards));
    }
}
