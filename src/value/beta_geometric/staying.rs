//! The future of a BG/NBD or MBG/NBD customer who has not left.
//!
//! No hypergeometric function occurs: expectations are sums of positive terms or integrals of positive functions, so
//! nothing cancels, overflows or has poles.

use crate::error::{Error, Result};
use crate::numeric::{
    beta_expectation, gamma_nodes, gauss_legendre, ln_beta_ratio, ln_ways,
    scaled_exponential_integral,
};

use crate::value::beta_geometric::at_least::Purchases;
use crate::value::law::StayingCustomer;

/// A customer who has not left: λ ~ Γ(shape, rate), leaves after each further purchase with p ~ B(leave, stay).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::value) struct BetaStaying {
    pub(in crate::value) shape: f64,
    pub(in crate::value) rate: f64,
    pub(in crate::value) leave: f64,
    pub(in crate::value) stay: f64,
}

impl StayingCustomer for BetaStaying {
    fn expected_purchases(&self, from: f64, until: f64) -> f64 {
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

    /// As [`Self::purchases_until`], the factors that do not depend on the moment being shared.
    fn expected_purchases_by(&self, moments: &[f64]) -> Vec<f64> {
        let Some(&furthest) = moments.last() else {
            return Vec::new();
        };
        if !self.sum_is_short(furthest) {
            return moments.iter().map(|&t| self.purchases_until(t)).collect();
        }
        let odds: Vec<f64> = moments.iter().map(|t| t / (self.rate + t)).collect();
        let mut probabilities: Vec<f64> = moments
            .iter()
            .map(|t| (-self.shape * (t / self.rate).ln_1p()).exp())
            .collect();
        let mut sums = vec![0.0; moments.len()];
        let both = self.leave + self.stay;
        let (mut still_there, mut purchases, mut n) = (1.0, 0.0, 0.0);
        loop {
            let factor = (self.shape + n) / (n + 1.0);
            purchases += still_there;
            still_there *= (self.stay + n) / (both + n);
            n += 1.0;
            let mut term = 0.0;
            for ((probability, z), sum) in probabilities.iter_mut().zip(&odds).zip(&mut sums) {
                *probability *= z * factor;
                term = *probability * purchases;
                *sum += term;
            }
            // The sum for the furthest moment is the last to settle.
            let furthest = odds.last().zip(sums.last());
            let settled = furthest.is_none_or(|(z, sum)| {
                let rest = 1.0 - z * (self.shape + n) / (n + 1.0);
                rest > 0.0 && term <= 1e-17 * sum * rest * rest
            });
            if settled {
                return sums;
            }
        }
    }

    /// E over p of E[e^(−λ p t)] = (1 + p t / A)^(−R).
    fn probability_of_staying(&self, t: f64) -> Option<f64> {
        let stays = beta_expectation(self.leave, self.stay, |p| {
            (-self.shape * (p * t / self.rate).ln_1p()).exp()
        });
        Some(stays.min(1.0))
    }

    fn probability_of_purchases(&self, n: u32, t: f64) -> f64 {
        let exponent = self.shape * (t / self.rate).ln_1p();
        if n == 0 {
            return (-exponent).exp();
        }
        if t == 0.0 {
            return 0.0;
        }
        let count = f64::from(n);
        let ln_stayed = ln_beta_ratio(self.leave, self.stay, count);
        let ln_exactly = ln_ways(self.shape, count) - count * (self.rate / t).ln_1p() - exponent;
        let left_after_last = self.leave / (self.stay + (count - 1.0));
        let exactly = ln_exactly.exp();
        let at_least = Purchases::new(self.shape, self.rate, t).at_least(n, exactly);
        ln_stayed.exp() * (exactly + left_after_last * at_least)
    }

    fn discounted_purchases(&self, delta: f64, horizon: Option<f64>) -> Result<f64> {
        match horizon {
            Some(until) if delta == 0.0 => Ok(self.purchases_until(until)),
            Some(0.0) => Ok(0.0),
            Some(until) => Ok(beta_expectation(self.leave, self.stay, |p| {
                self.discounted_until(p, delta, until)
            })),
            None if delta > 0.0 => Ok(self.discounted_without_end(delta)),
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
}

/// From this A δ / p on, p is so small that nobody leaves before all value is discounted away; it may be 0.
const NEVER_LEAVES: f64 = 1e15;

impl BetaStaying {
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
        if t == 0.0 {
            return 0.0;
        }
        let growth = t / self.rate;
        if !self.sum_is_short(t) {
            return beta_expectation(self.leave, self.stay, |p| self.bought_per_chance(p, growth));
        }
        let z = t / (self.rate + t);
        let both = self.leave + self.stay;
        let mut probability = (-self.shape * growth.ln_1p()).exp();
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

    /// Whether the sum up to `t` is cheaper than the integral, and its first term no underflow.
    fn sum_is_short(&self, t: f64) -> bool {
        const LONGEST_SUM: f64 = 1500.0;
        /// e^−700 is still a normal double.
        const LARGEST_EXPONENT: f64 = 700.0;
        let growth = t / self.rate;
        let mean = self.shape * growth;
        let terms = mean + 8.0 * (mean * (1.0 + growth)).sqrt() + 40.0 * growth;
        terms < LONGEST_SUM && self.shape * growth.ln_1p() < LARGEST_EXPONENT
    }

    /// E[λ / (λ p + δ)]: over λ by the same nodes for every p, over p as everywhere.
    fn discounted_without_end(&self, delta: f64) -> f64 {
        let scaled = (self.rate * delta).max(f64::MIN_POSITIVE);
        // λ / (λ p + δ) = 1 / (p + A δ / (A λ)).
        let nodes: Vec<(f64, f64)> = gamma_nodes(self.shape, scaled)
            .into_iter()
            .map(|(x, weight)| (scaled / x, weight))
            .collect();
        beta_expectation(self.leave, self.stay, |p| {
            let mut sum = 0.0;
            for &(addend, weight) in &nodes {
                sum += weight / (p + addend);
            }
            sum
        })
    }

    /// p E[λ / (λ p + δ)] = R e^z E_(R+1)(z) with z = A δ / p.
    fn discounted_forever(&self, z: f64) -> f64 {
        self.shape * scaled_exponential_integral(self.shape + 1.0, z)
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
        if z >= NEVER_LEAVES {
            return self.shape / (self.rate * delta) * -(-delta * until).exp_m1();
        }
        (self.discounted_forever(z) - after * self.discounted_forever(z * (1.0 + growth))) / p
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BetaStaying, NEVER_LEAVES};
    use crate::numeric::beta_expectation;
    use crate::value::beta_geometric::law::BetaGeometric;
    use crate::value::law::{PurchaseLaw, StayingCustomer};

    fn at([r, alpha, a, b]: [f64; 4], chances_at_start: u32, x: u32) -> BetaStaying {
        BetaGeometric {
            r,
            alpha,
            a,
            b,
            chances_at_start,
        }
        .staying(x, 30.0)
    }

    #[test]
    fn probabilities_that_nearly_underflow_come_to_an_end() {
        let customer = at([0.5, 0.25, 0.8, 2.4], 0, 0);
        for step in 0..80 {
            // From the smallest number that is not subnormal down to zero.
            let within = 30.25 / (0.25 + f64::from(step) * 0.0005);
            let found = customer.probability_of_purchases(3000, within);
            assert!((0.0..1e-280).contains(&found), "{within} {found}");
        }
    }

    proptest! {
        #[test]
        fn the_probabilities_of_all_numbers_of_purchases_add_up_and_average_to_the_expectation(
            logs in prop::array::uniform4(-1.0..1.0_f64),
            x in 0_u32..20,
            t in 0.1..6.0_f64,
        ) {
            let [r, alpha, a, b] = logs.map(f64::exp);
            let staying = at([r, 10.0 * alpha, a, b], 0, x);
            let probabilities: Vec<f64> = (0..400).map(|n| staying.probability_of_purchases(n, t)).collect();
            let total: f64 = probabilities.iter().sum();
            prop_assert!((total - 1.0).abs() < 1e-12);
            let mean: f64 = probabilities.iter().zip(0..).map(|(p, n)| p * f64::from(n)).sum();
            prop_assert!((mean / staying.expected_purchases(0.0, t) - 1.0).abs() < 1e-11);
        }

        #[test]
        fn the_endless_future_is_that_of_the_exponential_integral(
            logs in prop::array::uniform4(-3.0..3.0_f64),
            x in 0_u32..3000,
            ln_delta in -14.0..3.0_f64,
        ) {
            let [r, alpha, a, b] = logs.map(f64::exp);
            let staying = at([r, 10.0 * alpha, a, b], 1, x);
            let delta = ln_delta.exp();
            let found = staying.discounted_purchases(delta, None).unwrap();
            let exact = beta_expectation(staying.leave, staying.stay, |p| {
                let z = staying.rate * delta / p;
                if z < NEVER_LEAVES {
                    staying.discounted_forever(z) / p
                } else {
                    staying.shape / (staying.rate * delta)
                }
            });
            prop_assert!((found / exact - 1.0).abs() < 1e-13, "{found} {exact}");
        }

        #[test]
        fn pieces_of_the_future_add_up(
            logs in prop::array::uniform4(-2.0..2.0_f64),
            x in 0_u32..2000,
            ln_t in -6.0..9.0_f64,
            share in 0.0..1.0_f64,
        ) {
            let [r, alpha, a, b] = logs.map(f64::exp);
            let staying = at([r, 10.0 * alpha, a, b], 1, x);
            let until = ln_t.exp();
            let whole = staying.expected_purchases(0.0, until);
            let cut = share * until;
            let parts = staying.expected_purchases(0.0, cut) + staying.expected_purchases(cut, until);
            prop_assert!((parts / whole - 1.0).abs() < 1e-11, "{parts} {whole}");
            let curve = staying.expected_purchases_by(&[cut, until]);
            prop_assert!((curve[1] / whole - 1.0).abs() < 1e-13);
            prop_assert!((curve[0] - staying.expected_purchases(0.0, cut)).abs() <= 1e-13 * curve[0]);
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
