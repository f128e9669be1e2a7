//! The mathematics that BG/NBD and MBG/NBD share.
//!
//! Customers buy at rate λ ~ Γ(r, α) and leave with probability p ~ B(a, b) after a purchase: after each repeat purchase
//! in the BG/NBD (Fader, Hardie and Lee 2005), after the first one too in the MBG/NBD (Batislam, Denizel and Filiztekin
//! 2007). Everything follows from the number m of chances to leave that were not taken: m = x in the first, x + 1 in the
//! second. No hypergeometric function occurs: likelihoods are written in ratios, predictions as sums of positive terms
//! or integrals of positive functions, so nothing cancels, overflows or has poles.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::numeric::{
    Derivatives, RisingFactorial, SymmetricMatrix, beta_expectation, gauss_legendre, ln_gamma,
    ln_gamma_ratio, ln_one_plus_exp, scaled_exponential_integral, sum_in_chunks,
};

use super::patterns::PurchasePatterns;

/// The four parameters and whether customers may leave right after their first purchase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BetaGeometric {
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) a: f64,
    pub(super) b: f64,
    /// Chances to leave before the first repeat purchase: 0 or 1.
    pub(super) chances_at_start: u32,
}

/// Value, 4 first and 10 second derivatives (upper triangle) in r, α, a, b.
const SUMS: usize = 15;

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

    pub(super) fn log_likelihood(&self, x: u32, t_x: f64, t: f64) -> f64 {
        let chances = self.chances(x);
        let count = f64::from(x);
        ln_gamma_ratio(self.r, count) + ln_gamma_ratio(self.b, chances)
            - ln_gamma_ratio(self.a + self.b, chances)
            - self.r * (t / self.alpha).ln_1p()
            - count * (self.alpha + t).ln()
            + self.ln_odds_gone(x, t_x, t).map_or(0.0, ln_one_plus_exp)
    }

    pub(super) fn ln_probability_alive(&self, x: u32, t_x: f64, t: f64) -> f64 {
        self.ln_odds_gone(x, t_x, t)
            .map_or(0.0, |odds| -ln_one_plus_exp(odds))
    }

    /// What is believed of a customer with x repeat purchases in time t who has not left.
    pub(super) fn staying(&self, x: u32, t: f64) -> StayingCustomer {
        StayingCustomer {
            shape: self.r + f64::from(x),
            rate: self.alpha + t,
            leave: self.a,
            stay: self.b + self.chances(x),
        }
    }

    /// Probability that a new customer has not left at once.
    pub(super) fn probability_of_starting(&self) -> f64 {
        if self.chances_at_start == 0 {
            1.0
        } else {
            self.b / (self.a + self.b)
        }
    }

    /// Log-likelihood of all `patterns` with its derivatives in r, α, a, b.
    pub(super) fn derivatives(&self, patterns: &PurchasePatterns) -> Derivatives {
        let mut sums = self.sums_over_counts(&patterns.counts);
        let over_patterns = sum_in_chunks(patterns.len(), |range| {
            self.sums_over_patterns(patterns, range)
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

    /// The terms in x alone: Γ(r + x) / Γ(r) · B(a, b + m) / B(a, b).
    fn sums_over_counts(&self, counts: &[(u32, f64)]) -> [f64; SUMS] {
        let mut of_r = RisingFactorial::new(self.r);
        let mut of_b = RisingFactorial::new(self.b);
        let mut of_both = RisingFactorial::new(self.a + self.b);
        let mut sums = [0.0; SUMS];
        for &(x, customers) in counts {
            let chances = x.saturating_add(self.chances_at_start);
            of_r.advance_to(x);
            of_b.advance_to(chances);
            of_both.advance_to(chances);
            sums[0] += customers * (of_r.ln() + of_b.ln() - of_both.ln());
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

    /// The terms in which time occurs: (α / (α + T))^r (α + T)^(−x) (1 + odds of having left).
    fn sums_over_patterns(&self, patterns: &PurchasePatterns, range: Range<usize>) -> [f64; SUMS] {
        let Self { r, alpha, a, b, .. } = *self;
        let inverse_alpha = 1.0 / alpha;
        let mut sums = [0.0; SUMS];
        for index in range {
            let (x, t_x, t) = (patterns.x[index], patterns.t_x[index], patterns.t[index]);
            let customers = patterns.customers[index];
            let count = f64::from(x);
            let inverse_t = 1.0 / (alpha + t);
            let ln_growth = (t * inverse_alpha).ln_1p();
            let share = t * inverse_alpha * inverse_t;
            let mut value = -r * ln_growth;
            if x > 0 {
                value -= count * (alpha + t).ln();
            }
            let mut terms = [0.0; SUMS];
            terms[1] = -ln_growth;
            terms[2] = r * share - count * inverse_t;
            terms[6] = share;
            terms[9] = (r + count) * inverse_t * inverse_t - r * inverse_alpha * inverse_alpha;
            let chances = self.chances(x);
            if chances > 0.0 {
                let inverse_b = 1.0 / (b + (chances - 1.0));
                let inverse_t_x = 1.0 / (alpha + t_x);
                let silence = ((t - t_x) * inverse_t_x).ln_1p();
                let odds = (a * inverse_b).ln() + (r + count) * silence;
                value += ln_one_plus_exp(odds);
                let gone = 1.0 / (1.0 + (-odds).exp());
                let either = gone * (1.0 - gone);
                let slope = inverse_t - inverse_t_x;
                let first = [silence, (r + count) * slope, 1.0 / a, -inverse_b];
                let bend = -(r + count) * slope * (inverse_t + inverse_t_x);
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
                terms[12] -= gone / (a * a);
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

/// A customer who has not left: λ ~ Γ(shape, rate), leaves after each further purchase with p ~ B(leave, stay).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct StayingCustomer {
    shape: f64,
    rate: f64,
    leave: f64,
    stay: f64,
}

impl StayingCustomer {
    /// Expected purchases from `from` to `until` ahead.
    pub(super) fn expected_purchases(&self, from: f64, until: f64) -> f64 {
        /// A difference smaller than this share of its terms is integrated instead.
        const CANCELLED: f64 = 0.05;
        let later = self.purchases_until(until);
        if from == 0.0 {
            return later;
        }
        let difference = later - self.purchases_until(from);
        if difference > CANCELLED * later {
            return difference;
        }
        // E over p of [(1 + p from/A)^(−R) − (1 + p until/A)^(−R)] / p.
        beta_expectation(self.leave, self.stay, |p| {
            let start = self.rate + p * from;
            let quiet = (-self.shape * (p * from / self.rate).ln_1p()).exp();
            quiet * self.bought_per_chance(p, (until - from) / start)
        })
    }

    /// [1 − (1 + p `ahead`)^(−R)] / p, the expected purchases of one who leaves with probability p.
    fn bought_per_chance(&self, p: f64, ahead: f64) -> f64 {
        let exponent = self.shape * (p * ahead).ln_1p();
        if exponent < 1e-300 {
            self.shape * ahead
        } else {
            -(-exponent).exp_m1() / p
        }
    }

    /// Σ over n ≥ 1 of P(n purchases if nobody left) × Σ over k ≤ n of P(still there for the k-th); every term is
    /// positive. Where the sum would be long, the same expectation as an integral over p.
    fn purchases_until(&self, t: f64) -> f64 {
        /// Terms up to which the sum is cheaper than the integral.
        const LONGEST_SUM: f64 = 1500.0;
        /// e^−700 is still a normal double.
        const LARGEST_EXPONENT: f64 = 700.0;
        if t == 0.0 {
            return 0.0;
        }
        let growth = t / self.rate;
        let exponent = self.shape * growth.ln_1p();
        let mean = self.shape * growth;
        let terms = mean + 8.0 * (mean * (1.0 + growth)).sqrt() + 40.0 * growth;
        let sum_is_short = terms < LONGEST_SUM && exponent < LARGEST_EXPONENT;
        if !sum_is_short {
            return beta_expectation(self.leave, self.stay, |p| self.bought_per_chance(p, growth));
        }
        let z = t / (self.rate + t);
        let both = self.leave + self.stay;
        let mut probability = (-exponent).exp();
        let mut still_there = 1.0;
        let mut purchases = 0.0;
        let mut sum = 0.0;
        let mut n = 0.0;
        loop {
            probability *= z * (self.shape + n) / (n + 1.0);
            n += 1.0;
            purchases += still_there;
            still_there *= (self.stay + (n - 1.0)) / (both + (n - 1.0));
            let term = probability * purchases;
            sum += term;
            let ratio = z * (self.shape + n) / (n + 1.0);
            let rest = 1.0 - ratio;
            if rest > 0.0 && term <= 1e-17 * sum * rest * rest {
                return sum;
            }
        }
    }

    /// Probability of exactly `n` purchases within `t`.
    pub(super) fn probability_of_purchases(&self, n: u32, t: f64) -> f64 {
        let exponent = self.shape * (t / self.rate).ln_1p();
        if n == 0 {
            return (-exponent).exp();
        }
        if t == 0.0 {
            return 0.0;
        }
        let count = f64::from(n);
        let ln_stayed =
            ln_gamma_ratio(self.stay, count) - ln_gamma_ratio(self.leave + self.stay, count);
        let ln_exactly = ln_gamma_ratio(self.shape, count)
            - ln_gamma(count + 1.0)
            - count * (self.rate / t).ln_1p()
            - exponent;
        let left_after_last = self.leave / (self.stay + (count - 1.0));
        let exactly = ln_exactly.exp();
        let at_least = self.at_least(n, t, exactly);
        ln_stayed.exp() * (exactly + left_after_last * at_least)
    }

    /// Probability of `n` or more purchases if nobody left, given the probability of exactly `n`.
    fn at_least(&self, n: u32, t: f64, exactly: f64) -> f64 {
        let z = t / (self.rate + t);
        // Below the mean the few terms before n say it; above, they would be blown up from what may have underflowed.
        if f64::from(n) <= self.shape * t / self.rate {
            let mut term = exactly;
            let mut fewer = 0.0;
            for k in (1..=n).rev() {
                let k = f64::from(k);
                term *= k / (z * (self.shape + k - 1.0));
                fewer += term;
                if term <= 1e-18 * fewer {
                    break;
                }
            }
            return 1.0 - fewer;
        }
        let mut term = exactly;
        let mut sum = exactly;
        let mut k = f64::from(n);
        loop {
            let ratio = z * (self.shape + k) / (k + 1.0);
            term *= ratio;
            k += 1.0;
            sum += term;
            let next = z * (self.shape + k) / (k + 1.0);
            if next < 1.0 && term <= 1e-17 * sum * (1.0 - next) {
                return sum;
            }
        }
    }

    /// Expected purchases ahead, discounted at the continuous rate `delta`, up to `horizon` if there is one.
    pub(super) fn discounted_purchases(&self, delta: f64, horizon: Option<f64>) -> Result<f64> {
        match horizon {
            Some(until) if delta == 0.0 => Ok(self.purchases_until(until)),
            Some(0.0) => Ok(0.0),
            Some(until) => Ok(beta_expectation(self.leave, self.stay, |p| {
                self.discounted_until(p, delta, until)
            })),
            None if delta > 0.0 => Ok(beta_expectation(self.leave, self.stay, |p| {
                self.discounted_forever(p, self.rate * delta / p) / p
            })),
            // E[1/p].
            None if self.leave > 1.0 => {
                Ok((self.leave + self.stay - 1.0) / (self.leave - 1.0))
            }
            None => Err(Error::CannotTell {
                question: "how many purchases are still to come without discounting and without a horizon".into(),
                reason: "with a not above 1 so many customers never leave that the expectation is infinite; \
                         give a discount rate or a horizon"
                    .into(),
            }),
        }
    }

    /// p E[λ / (λ p + δ)] = R e^z E_(R+1)(z) with z = A δ / p.
    fn discounted_forever(&self, p: f64, z: f64) -> f64 {
        if z < 1e15 {
            self.shape * scaled_exponential_integral(self.shape + 1.0, z)
        } else {
            // The first term of the asymptotic series; also reached as p → 0 makes z infinite.
            self.shape * p / (z * p)
        }
    }

    /// (R/A) ∫₀^until e^(−δ u) (1 + p u / A)^(−R−1) du.
    fn discounted_until(&self, p: f64, delta: f64, until: f64) -> f64 {
        let growth = p * until / self.rate;
        let smooth = delta * until < 2.0 && growth < 1.0 && (self.shape + 1.0) * growth < 8.0;
        if smooth {
            let integral = gauss_legendre(0.0, until, |u| {
                (-delta * u - (self.shape + 1.0) * (p * u / self.rate).ln_1p()).exp()
            });
            return self.shape / self.rate * integral;
        }
        let z = self.rate * delta / p;
        let after = (-delta * until - self.shape * growth.ln_1p()).exp();
        (self.discounted_forever(p, z) - after * self.discounted_forever(p, z * (1.0 + growth))) / p
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::BetaGeometric;
    use crate::measure::TimeUnit;
    use crate::value::PurchaseHistories;
    use crate::value::patterns::PurchasePatterns;

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
                    * at(parameters, chances).log_likelihood(patterns.x[i], patterns.t_x[i], patterns.t[i]))
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

        #[test]
        fn the_probabilities_of_all_numbers_of_purchases_add_up_and_average_to_the_expectation(
            logs in prop::array::uniform4(-1.0..1.0_f64),
            x in 0_u32..20,
            t in 0.1..6.0_f64,
        ) {
            let [r, alpha, a, b] = logs.map(f64::exp);
            let staying = at([r, 10.0 * alpha, a, b], 0).staying(x, 30.0);
            let probabilities: Vec<f64> = (0..400).map(|n| staying.probability_of_purchases(n, t)).collect();
            let total: f64 = probabilities.iter().sum();
            prop_assert!((total - 1.0).abs() < 1e-12);
            let mean: f64 = probabilities.iter().zip(0..).map(|(p, n)| p * f64::from(n)).sum();
            prop_assert!((mean / staying.expected_purchases(0.0, t) - 1.0).abs() < 1e-11);
        }

        #[test]
        fn pieces_of_the_future_add_up(
            logs in prop::array::uniform4(-2.0..2.0_f64),
            x in 0_u32..2000,
            ln_t in -6.0..9.0_f64,
            share in 0.0..1.0_f64,
        ) {
            let [r, alpha, a, b] = logs.map(f64::exp);
            let staying = at([r, 10.0 * alpha, a, b], 1).staying(x, 30.0);
            let until = ln_t.exp();
            let whole = staying.expected_purchases(0.0, until);
            let cut = share * until;
            let parts = staying.expected_purchases(0.0, cut) + staying.expected_purchases(cut, until);
            prop_assert!((parts / whole - 1.0).abs() < 1e-11, "{parts} {whole}");
            let barely = staying.discounted_purchases(1e-14, Some(until)).unwrap();
            prop_assert!((barely / whole - 1.0).abs() < 1e-9, "{barely} {whole}");
            let discounted = staying.discounted_purchases(0.01, Some(until)).unwrap();
            prop_assert!(discounted > 0.0 && discounted < whole * (1.0 + 1e-12));
            let forever = staying.discounted_purchases(0.01, None).unwrap();
            prop_assert!(forever >= discounted * (1.0 - 1e-12));
            let nearly_forever = staying.discounted_purchases(0.01, Some(6000.0)).unwrap();
            prop_assert!((nearly_forever / forever - 1.0).abs() < 1e-11, "{nearly_forever} {forever}");
        }
    }
}
