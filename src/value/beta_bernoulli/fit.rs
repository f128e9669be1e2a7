//! Fitting the BG/BB model.

use crate::error::{Error, Result};
use crate::numeric::Maximum;

use crate::value::beta_bernoulli::law::BetaBernoulli;
use crate::value::evidence::{Limits, require_known};
use crate::value::fit::{Sample, climb, in_logarithms, report};
use crate::value::{FitReport, FitWarning, PurchaseOpportunities};

pub(in crate::value) const NAME: &str = "BG/BB";

/// Parameters are searched between the inverse of this and this. Beyond, customers no longer differ in any visible way.
const LARGEST_PARAMETER: f64 = 1e6;

/// The most likely law, searched from `start` first, and how that went.
pub(in crate::value) fn fit_law(
    purchases: &PurchaseOpportunities,
    start: Option<BetaBernoulli>,
) -> Result<(BetaBernoulli, FitReport)> {
    let sample = require_evidence(purchases)?;
    let starts: Vec<Vec<f64>> = start
        .map(|law| vec![law.alpha, law.beta, law.gamma, law.delta])
        .into_iter()
        .chain([
            vec![1.0, 1.0, 0.5, 3.0],
            vec![0.3, 0.6, 0.3, 1.0],
            vec![3.0, 5.0, 1.0, 20.0],
        ])
        .collect();
    let limit = LARGEST_PARAMETER.ln();
    let end = climb(&starts, &[(-limit, limit); 4], |point| {
        let law = law_at(point);
        in_logarithms(
            &[law.alpha, law.beta, law.gamma, law.delta],
            &law.derivatives(purchases),
        )
    })
    .ok_or(Error::Empty {
        what: "the list of starts".into(),
        remedy: "give one".into(),
    })?;
    let most = f64::from(most_opportunities(purchases));
    Ok((law_at(&end.point), judge(sample, most, &end)?))
}

fn law_at(point: &[f64]) -> BetaBernoulli {
    BetaBernoulli {
        alpha: point[0].exp(),
        beta: point[1].exp(),
        gamma: point[2].exp(),
        delta: point[3].exp(),
    }
}

fn most_opportunities(purchases: &PurchaseOpportunities) -> u32 {
    let most = purchases.by_use().keys().map(|record| record.n).max();
    most.unwrap_or(0)
}

fn require_evidence(purchases: &PurchaseOpportunities) -> Result<Sample> {
    /// Convention; with fewer there is no spread of purchase chances to see.
    const FEWEST_REPEATERS: usize = 10;
    /// With n opportunities there are n (n + 1) / 2 + 1 different records.
    const FEWEST_OPPORTUNITIES: u32 = 3;
    const REMEDY: &str = "use the observed contribution per customer";
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let sample = Sample {
        model: NAME,
        customers: count(purchases.customers()),
        repeaters: count(purchases.repeaters()),
        patterns: purchases.by_use().len(),
    };
    if sample.customers == 0 {
        return Err(Error::Empty {
            what: "the purchase histories".into(),
            remedy: "give at least one customer".into(),
        });
    }
    if sample.repeaters < FEWEST_REPEATERS {
        return Err(Error::TooFew {
            what: format!("{NAME} needs customers with a repeat purchase").into(),
            found: sample.repeaters,
            needed: FEWEST_REPEATERS,
            remedy: REMEDY.into(),
        });
    }
    let most = most_opportunities(purchases);
    if most < FEWEST_OPPORTUNITIES {
        return Err(Error::TooFew {
            what: format!("{NAME} needs customers with several opportunities").into(),
            found: most as usize,
            needed: FEWEST_OPPORTUNITIES as usize,
            remedy: REMEDY.into(),
        });
    }
    Ok(sample)
}

/// Decides whether the end of the search is an answer, the limit of one, or none.
fn judge(sample: Sample, most: f64, end: &Maximum) -> Result<FitReport> {
    /// Below this mean probability to leave not one of a thousand opportunities is a last one.
    const NOBODY: f64 = 1e-3;
    /// Below this share of repeat buyers the fit describes a small minority.
    const FEW_REPEATERS: f64 = 0.05;
    const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
    let point = &end.point;
    let nobody_leaves = 1.0 / (1.0 + (point[3] - point[2]).exp()) < NOBODY;
    // On the bound of large parameters all customers are alike; on that of small ones they are extremes.
    let on_bound = |pair: [usize; 2]| pair.iter().any(|&index| end.at_bound[index]);
    let large = |pair: [usize; 2]| point[pair[0]].max(point[pair[1]]) > 0.0;
    let equal_chances = on_bound([0, 1]) && large([0, 1]);
    let equal_churn = on_bound([2, 3]) && large([2, 3]) && !nobody_leaves;
    let extremes = (on_bound([0, 1]) && !equal_chances)
        || (on_bound([2, 3]) && !(equal_churn || nobody_leaves));
    if extremes {
        return Err(Error::CannotTell {
            question: "how the chances to buy and to leave differ between customers".into(),
            reason: format!(
                "the likelihood keeps growing towards the edge (alpha = {:.1e}, beta = {:.1e}, gamma = {:.1e}, delta = \
                 {:.1e}): use the observed contribution per customer",
                point[0].exp(),
                point[1].exp(),
                point[2].exp(),
                point[3].exp()
            )
            .into(),
        });
    }
    let limits = Limits {
        equal_rates: equal_chances,
        equal_churn,
        nobody_leaves,
    };
    let mut report = report(sample, &NAMES, end, limits.identified())?;
    let forecasts = |point: &[f64]| {
        let law = law_at(point);
        [(0.0, most), (most, 2.0 * most)].map(|(from, until)| law.expected_purchases(from, until))
    };
    require_known(sample, &mut report, end, NAMES.len(), &forecasts)?;
    if equal_chances {
        report.warn(FitWarning::EqualRates);
    }
    if equal_churn {
        report.warn(FitWarning::EqualChurn);
    }
    if nobody_leaves {
        report.warn(FitWarning::NobodyLeaves);
    }
    let once = 1.0 - sample.repeaters as f64 / sample.customers as f64;
    if once > 1.0 - FEW_REPEATERS {
        report.warn(FitWarning::MostlyBoughtOnce { share: once });
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::fit_law;
    use crate::Error;
    use crate::value::{FitWarning, PurchaseOpportunities};

    fn purchases(rows: &[(u32, u32, u32, u64)]) -> PurchaseOpportunities {
        let mut purchases = PurchaseOpportunities::new();
        for &(x, last, n, customers) in rows {
            purchases.record_many(x, last, n, customers).unwrap();
        }
        purchases
    }

    #[test]
    fn too_little_evidence_is_refused() {
        let fit = |rows: &[(u32, u32, u32, u64)]| fit_law(&purchases(rows), None).unwrap_err();
        assert!(matches!(fit(&[]), Error::Empty { .. }));
        assert!(matches!(
            fit(&[(0, 0, 6, 500), (1, 2, 6, 9)]),
            Error::TooFew { found: 9, .. }
        ));
        assert!(matches!(
            fit(&[(0, 0, 2, 500), (1, 2, 2, 90), (2, 2, 2, 40)]),
            Error::TooFew { found: 2, .. }
        ));
    }

    #[test]
    fn coin_tossers_who_never_leave_are_named_as_such() {
        // All sequences of four opportunities alike: everyone buys with chance one half, and nobody leaves.
        let mut rows = vec![(0, 0, 4, 100)];
        for last in 1..=4_u32 {
            for x in 1..=last {
                let ways = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 2, 1, 0], [1, 3, 3, 1]];
                rows.push((x, last, 4, 100 * ways[last as usize - 1][x as usize - 1]));
            }
        }
        let (law, report) = fit_law(&purchases(&rows), None).unwrap();
        let warnings = report.warnings();
        assert!(warnings.contains(&FitWarning::NobodyLeaves), "{warnings:?}");
        assert!(warnings.contains(&FitWarning::EqualRates), "{warnings:?}");
        assert!((law.expected_purchases(0.0, 4.0) - 2.0).abs() < 0.01);
    }
}
