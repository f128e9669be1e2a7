//! The mathematics that BG/NBD and MBG/NBD share.
//!
//! Customers buy at rate λ ~ Γ(r, α) and leave with probability p ~ B(a, b) after a purchase: after each repeat purchase
//! in the BG/NBD (Fader, Hardie and Lee 2005), after the first one too in the MBG/NBD (Batislam, Denizel and Filiztekin
//! 2007). Everything follows from the number m of chances to leave that were not taken: m = x in the first, x + 1 in the
//! second. Likelihoods are written in ratios, so nothing cancels or overflows.

use std::ops::Range;

use crate::numeric::{
    Derivatives, RisingFactorial, SymmetricMatrix, ln_gamma_ratio, ln_one_plus_exp, sum_in_chunks,
};

use crate::value::beta_geometric::staying::BetaStaying;
use crate::value::law::PurchaseLaw;
#[cfg(feature = "serde")]
use crate::value::law::require_positive;
use crate::value::observed::patterns::PurchasePatterns;

/// The four parameters and whether customers may leave right after their first purchase.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub(in crate::value) struct BetaGeometric {
    pub(in crate::value) r: f64,
    pub(in crate::value) alpha: f64,
    pub(in crate::value) a: f64,
    pub(in crate::value) b: f64,
    /// Chances to leave before the first repeat purchase: 0 or 1.
    pub(in crate::value) chances_at_start: u32,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    BetaGeometric { r: f64, alpha: f64, a: f64, b: f64, chances_at_start: u32 }
    if |law: &Self| require_positive([("r", law.r), ("alpha", law.alpha), ("a", law.a), ("b", law.b)])
}

/// A BG/NBD or MBG/NBD model as it is stored.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
pub(in crate::value) struct Parts {
    pub(in crate::value) r: f64,
    pub(in crate::value) alpha: f64,
    pub(in crate::value) a: f64,
    pub(in crate::value) b: f64,
    pub(in crate::value) unit: crate::measure::TimeUnit,
    pub(in crate::value) report: Option<crate::value::FitReport>,
}

#[cfg(feature = "serde")]
impl From<crate::value::law::Known<BetaGeometric>> for Parts {
    fn from(known: crate::value::law::Known<BetaGeometric>) -> Self {
        let BetaGeometric { r, alpha, a, b, .. } = known.law;
        Self {
            r,
            alpha,
            a,
            b,
            unit: known.unit,
            report: known.report,
        }
    }
}

/// Value, 4 first and 10 second derivatives (upper triangle) in r, α, a, b.
const SUMS: usize = 15;

impl PurchaseLaw for BetaGeometric {
    type Staying = BetaStaying;

    fn logarithms(&self) -> Vec<f64> {
        [self.r, self.alpha, self.a, self.b].map(f64::ln).to_vec()
    }

    fn at_logarithms(&self, logarithms: &[f64]) -> Self {
        Self {
            r: logarithms[0].exp(),
            alpha: logarithms[1].exp(),
            a: logarithms[2].exp(),
            b: logarithms[3].exp(),
            ..*self
        }
    }

    fn log_likelihood(&self, x: u32, t_x: f64, t: f64) -> f64 {
        if x == 0 && self.chances_at_start == 1 {
            // Not to have bought again is next to certain for someone observed briefly: take the chance of the contrary.
            let would_buy = -(-self.r * (t / self.alpha).ln_1p()).exp_m1();
            return (-self.b / (self.a + self.b) * would_buy).ln_1p();
        }
        let chances = self.chances(x);
        let count = f64::from(x);
        ln_gamma_ratio(self.r, count) + ln_gamma_ratio(self.b, chances)
            - ln_gamma_ratio(self.a + self.b, chances)
            - self.r * (t / self.alpha).ln_1p()
            - count * (self.alpha + t).ln()
            + self.ln_odds_gone(x, t_x, t).map_or(0.0, ln_one_plus_exp)
    }

    fn ln_probability_alive(&self, x: u32, t_x: f64, t: f64) -> f64 {
        self.ln_odds_gone(x, t_x, t)
            .map_or(0.0, |odds| -ln_one_plus_exp(odds))
    }

    fn staying(&self, x: u32, t: f64) -> BetaStaying {
        BetaStaying {
            shape: self.r + f64::from(x),
            rate: self.alpha + t,
            leave: self.a,
            stay: self.b + self.chances(x),
        }
    }

    fn probability_of_starting(&self) -> f64 {
        if self.chances_at_start == 0 {
            1.0
        } else {
            self.b / (self.a + self.b)
        }
    }
}

impl BetaGeometric {
    /// Chances to leave that a customer with x repeat purchases has let pass.
    fn chances(&self, x: u32) -> f64 {
        f64::from(x) + f64::from(self.chances_at_start)
    }

    /// Logarithm of the odds of having left; `None` if leaving was not possible yet.
    fn ln_odds_gone(&self, x: u32, t_x: f64, t: f64) -> Option<f64> {
        let chances = self.chances(x);
        (chances > 0.0).then(|| {
            let silence = ((t - t_x) / (self.alpha + t_x)).ln_1p();
            (self.a / (self.b + (chances - 1.0))).ln() + (self.r + f64::from(x)) * silence
        })
    }

    /// Log-likelihood of all `patterns` with its derivatives in r, α, a, b.
    pub(in crate::value) fn derivatives(&self, patterns: &PurchasePatterns) -> Derivatives {
        let mut sums = self.sums_over_counts(&patterns.counts);
        let inverse_alpha = 1.0 / self.alpha;
        let growth = patterns.by_time(|time| Growth {
            ln: (time * inverse_alpha).ln_1p(),
            inverse: 1.0 / (self.alpha + time),
        });
        let over_patterns = sum_in_chunks(patterns.len(), |range| {
            self.sums_over_patterns(patterns, &growth, range)
        });
        for (sum, part) in sums.iter_mut().zip(over_patterns) {
            *sum += part;
        }
        Derivatives {
            value: sums[0],
            gradient: sums[1..5].to_vec(),
            hessian: SymmetricMatrix::from_upper(4, &sums[5..]),
        }
    }

    /// The terms in x alone: Γ(r + x) / Γ(r) · B(a, b + m) / B(a, b) · α^(−x).
    fn sums_over_counts(&self, counts: &[(u32, f64)]) -> [f64; SUMS] {
        let mut of_r = RisingFactorial::new(self.r);
        let mut of_b = RisingFactorial::new(self.b);
        let mut of_both = RisingFactorial::new(self.a + self.b);
        let ln_alpha = self.alpha.ln();
        let mut sums = [0.0; SUMS];
        for &(x, customers) in counts {
            let chances = x.saturating_add(self.chances_at_start);
            of_r.advance_to(x);
            of_b.advance_to(chances);
            of_both.advance_to(chances);
            let in_units_of_alpha = f64::from(x) * ln_alpha;
            sums[0] += customers * (of_r.ln() + of_b.ln() - of_both.ln() - in_units_of_alpha);
            sums[1] += customers * of_r.first();
            sums[3] -= customers * of_both.first();
            sums[4] += customers * (of_b.first() - of_both.first());
            sums[5] += customers * of_r.second();
            sums[12] -= customers * of_both.second();
            sums[13] -= customers * of_both.second();
            sums[14] += customers * (of_b.second() - of_both.second());
        }
        sums
    }

    /// The terms in which time occurs: (α / (α + T))^(r + x) (1 + odds of having left), the derivatives in α those of
    /// α^(−x) too.
    fn sums_over_patterns(
        &self,
        patterns: &PurchasePatterns,
        growth: impl Fn(u32) -> Growth,
        range: Range<usize>,
    ) -> [f64; SUMS] {
        let Self { r, alpha, a, b, .. } = *self;
        let (inverse_alpha, inverse_a) = (1.0 / alpha, 1.0 / a);
        let mut sums = [0.0; SUMS];
        // Patterns ascend in x, so what depends on x alone is asked once for each.
        let mut of_x = None;
        for index in range {
            let (x, t) = (patterns.x[index], patterns.t(index));
            let customers = patterns.customers[index];
            let count = f64::from(x);
            let at_end = growth(patterns.t_place[index]);
            let inverse_t = at_end.inverse;
            let share = t * inverse_alpha * inverse_t;
            let mut value = -(r + count) * at_end.ln;
            let mut terms = [0.0; SUMS];
            terms[1] = -at_end.ln;
            terms[2] = r * share - count * inverse_t;
            terms[6] = share;
            terms[9] = (r + count) * inverse_t * inverse_t - r * inverse_alpha * inverse_alpha;
            let chances = self.chances(x);
            if chances > 0.0 {
                let (ln_odds_at_once, inverse_b) = match of_x {
                    Some((known, found)) if known == x => found,
                    _ => {
                        let inverse_b = 1.0 / (b + (chances - 1.0));
                        let found = ((a * inverse_b).ln(), inverse_b);
                        of_x = Some((x, found));
                        found
                    }
                };
                let last = growth(patterns.t_x_place[index]);
                let silence = at_end.ln - last.ln;
                let odds = ln_odds_at_once + (r + count) * silence;
                // e^(−|odds|) gives ln(1 + e^odds), the probability of having left and its complement.
                let small = (-odds.abs()).exp();
                let lesser = small / (1.0 + small);
                value += odds.max(0.0) + small.ln_1p();
                let gone = if odds > 0.0 { 1.0 - lesser } else { lesser };
                let either = lesser * (1.0 - lesser);
                let slope = inverse_t - last.inverse;
                let first = [silence, (r + count) * slope, inverse_a, -inverse_b];
                let bend = -(r + count) * slope * (inverse_t + last.inverse);
                let mut cell = 5;
                for row in 0..4 {
                    terms[1 + row] += gone * first[row];
                    for column in row..4 {
                        terms[cell] += either * first[row] * first[column];
                        cell += 1;
                    }
                }
                terms[6] += gone * slope;
                terms[9] += gone * bend;
                terms[12] -= gone * inverse_a * inverse_a;
                terms[14] += gone * inverse_b * inverse_b;
            }
            terms[0] = value;
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += customers * term;
            }
        }
        sums
    }
}

/// What the likelihood asks of a time u: ln(1 + u/α) and 1 / (α + u).
#[derive(Clone, Copy, Debug)]
struct Growth {
    ln: f64,
    inverse: f64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::BetaGeometric;
    use crate::measure::TimeUnit;
    use crate::value::PurchaseHistories;
    use crate::value::law::PurchaseLaw;
    use crate::value::observed::patterns::PurchasePatterns;

    fn patterns() -> PurchasePatterns {
        let histories = PurchaseHistories::from_columns(
            TimeUnit::Week,
            vec![0, 1, 2, 2, 29, 700, 0],
            vec![0.0, 1.71, 30.43, 30.43, 38.0, 11.0, 0.0],
            vec![38.86, 38.86, 38.86, 38.86, 38.86, 12.0, 20.0],
        )
        .unwrap();
        PurchasePatterns::of(&histories)
    }

    fn at(parameters: [f64; 4], chances_at_start: u32) -> BetaGeometric {
        let [r, alpha, a, b] = parameters;
        BetaGeometric {
            r,
            alpha,
            a,
            b,
            chances_at_start,
        }
    }

    /// A central difference of sixth order.
    fn difference(function: impl Fn(f64) -> f64, x: f64) -> f64 {
        let h = 5e-3 * x;
        let pair = |k: f64| function(x + k * h) - function(x - k * h);
        (45.0 * pair(1.0) - 9.0 * pair(2.0) + pair(3.0)) / (60.0 * h)
    }

    proptest! {
        #[test]
        fn derivatives_agree_with_differences(
            logs in prop::array::uniform4(-1.5..1.5_f64),
            chances in 0_u32..2,
        ) {
            let parameters = logs.map(f64::exp);
            let patterns = patterns();
            let exact = at(parameters, chances).derivatives(&patterns);
            let direct: f64 = (0..patterns.len())
                .map(|i| patterns.customers[i]
                    * at(parameters, chances).log_likelihood(patterns.x[i], patterns.t_x(i), patterns.t(i)))
                .sum();
            prop_assert!((exact.value - direct).abs() <= 1e-12 * direct.abs());
            for row in 0..4 {
                let moved = |value: f64| {
                    let mut parameters = parameters;
                    parameters[row] = value;
                    at(parameters, chances).derivatives(&patterns)
                };
                let slope = difference(|v| moved(v).value, parameters[row]);
                let scale = exact.gradient[row].abs() + 10.0 / parameters[row];
                prop_assert!((exact.gradient[row] - slope).abs() <= 1e-7 * scale, "{row}: {} {slope}", exact.gradient[row]);
                for column in 0..4 {
                    let bend = difference(|v| moved(v).gradient[column], parameters[row]);
                    let scale = exact.hessian.get(row, column).abs() + 10.0 / (parameters[row] * parameters[column]);
                    prop_assert!((exact.hessian.get(row, column) - bend).abs() <= 1e-7 * scale, "{row} {column}");
                }
            }
        }
    }
}
