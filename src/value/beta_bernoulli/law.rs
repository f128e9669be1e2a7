//! The mathematics of the BG/BB model.
//!
//! At the start of each opportunity a customer leaves with chance θ ~ B(γ, δ), else buys with chance p ~ B(α, β) (Fader,
//! Hardie and Shang 2010). The likelihood of (x, `t_x`, n) is a sum over the possible times of leaving, all terms
//! positive, walked by ratios from the largest on; while a customer stays, leaving is a shifted-beta-geometric.

use crate::numeric::{ln_beta_ratio, ln_one_plus_exp};

use crate::value::contract::beta_weibull::BetaWeibull;
#[cfg(feature = "serde")]
use crate::value::law::require_positive;
use crate::value::observed::opportunities::UseRecord;

/// The four parameters; for a customer who is known to be there at the last opportunity seen, those of what is believed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub(in crate::value) struct BetaBernoulli {
    pub(in crate::value) alpha: f64,
    pub(in crate::value) beta: f64,
    pub(in crate::value) gamma: f64,
    pub(in crate::value) delta: f64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    BetaBernoulli { alpha: f64, beta: f64, gamma: f64, delta: f64 }
    if |law: &Self| require_positive([("alpha", law.alpha), ("beta", law.beta), ("gamma", law.gamma), ("delta", law.delta)])
}

impl BetaBernoulli {
    /// The probability to have left before opportunity `t_x` + 1 with this record, over the probability to be there
    /// still with it, in logarithms; and Σ over the later times of leaving relative to that first one. `None` if the
    /// last opportunity was used.
    fn gone_to_staying(&self, record: UseRecord) -> Option<(f64, f64)> {
        let UseRecord { x, t_x, n } = record;
        if t_x == n {
            return None;
        }
        let Self {
            alpha,
            beta,
            gamma,
            delta,
        } = *self;
        let (used, last) = (f64::from(x), f64::from(t_x));
        let silent = f64::from(n - t_x);
        let first = (gamma / (gamma + delta + last)).ln()
            - ln_beta_ratio(alpha + used, beta + (last - used), silent)
            - ln_beta_ratio(gamma, delta + last, silent);
        let mut sum = 0.0;
        let mut term = 1.0;
        for left_after in t_x..n {
            sum += term;
            let j = f64::from(left_after);
            term *= (beta + (j - used)) / (alpha + beta + j)
                * ((delta + j) / (gamma + delta + j + 1.0));
            if term * f64::from(n - left_after) <= 1e-18 * sum {
                break;
            }
        }
        Some((first, sum))
    }

    pub(in crate::value) fn ln_probability_alive(&self, record: UseRecord) -> f64 {
        self.gone_to_staying(record)
            .map_or(0.0, |(first, sum)| -ln_one_plus_exp(first + sum.ln()))
    }

    pub(in crate::value) fn log_likelihood(&self, record: UseRecord) -> f64 {
        let UseRecord { x, t_x, n } = record;
        if x == 0 {
            let bought = self.probability_of_any_purchase(n);
            // Beyond this the complement would lose digits.
            if bought < 0.5 {
                return (-bought).ln_1p();
            }
        }
        let used = f64::from(x);
        // The probability of the record so far and to be there at opportunity `at`.
        let there = |at: u32| {
            let at = f64::from(at);
            ln_beta_ratio(self.beta, self.alpha, used)
                + ln_beta_ratio(self.alpha + used, self.beta, at - used)
                + ln_beta_ratio(self.gamma, self.delta, at)
        };
        match self.gone_to_staying(record) {
            None => there(n),
            Some((first, sum)) if first < 0.0 => there(n) + ln_one_plus_exp(first + sum.ln()),
            Some((first, sum)) => {
                let leave = self.gamma / (self.gamma + self.delta + f64::from(t_x));
                there(t_x) + leave.ln() + (sum + (-first).exp()).ln()
            }
        }
    }

    /// Σ over the opportunities of the probability that the first purchase happens there; every term is positive.
    fn probability_of_any_purchase(&self, opportunities: u32) -> f64 {
        let Self {
            alpha,
            beta,
            gamma,
            delta,
        } = *self;
        let mut sum = 0.0;
        let mut term = self.mean_chance() * (delta / (gamma + delta));
        for before in 0..opportunities {
            sum += term;
            let j = f64::from(before);
            term *= (beta + j) / (alpha + beta + (j + 1.0))
                * ((delta + (j + 1.0)) / (gamma + delta + (j + 1.0)));
            if term * f64::from(opportunities - before) <= 1e-18 * sum {
                break;
            }
        }
        sum
    }

    /// What is believed of a customer with this record who has not left.
    pub(in crate::value) fn staying(&self, record: UseRecord) -> Self {
        let (used, seen) = (f64::from(record.x), f64::from(record.n));
        Self {
            alpha: self.alpha + used,
            beta: self.beta + (seen - used),
            gamma: self.gamma,
            delta: self.delta + seen,
        }
    }

    fn leaving(&self) -> BetaWeibull {
        BetaWeibull {
            alpha: self.gamma,
            beta: self.delta,
            c: 1.0,
        }
    }

    /// Logarithm of the probability of being there still after `count` more opportunities.
    pub(in crate::value) fn ln_probability_of_staying(&self, count: f64) -> f64 {
        self.leaving().ln_survival_from(0.0, count)
    }

    /// Expected purchases at the opportunities after number `from` up to number `until` ahead.
    pub(in crate::value) fn expected_purchases(&self, from: f64, until: f64) -> f64 {
        let leaving = self.leaving();
        let there = leaving.ln_survival_from(0.0, from).exp();
        self.mean_chance() * there * leaving.residual(from, 0.0, Some(until - from))
    }

    /// The same over the next `count`, discounted by e^(−`rate`) for each.
    pub(in crate::value) fn discounted_purchases(&self, rate: f64, count: Option<f64>) -> f64 {
        self.mean_chance() * (-rate).exp() * self.leaving().residual(0.0, rate, count)
    }

    fn mean_chance(&self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    /// Probability of exactly `purchases` at the next `opportunities`.
    pub(in crate::value) fn probability_of_purchases(
        &self,
        purchases: u32,
        opportunities: u32,
    ) -> f64 {
        /// Beyond this the terms are brought down again; they grow by less than a factor of 1e9 from one to the next.
        const LARGE: f64 = 1e250;
        if purchases > opportunities {
            return 0.0;
        }
        let Self {
            alpha,
            beta,
            gamma,
            delta,
        } = *self;
        let count = f64::from(purchases);
        let mut ln_scale = ln_beta_ratio(beta, alpha, count) + ln_beta_ratio(gamma, delta, count);
        // C(i, k) ways to place the purchases at i opportunities, and still there.
        let mut ways = 1.0;
        let mut gone = 0.0;
        for seen in purchases..opportunities {
            let i = f64::from(seen);
            let both = gamma + delta + i;
            gone += ways * (gamma / both);
            ways *= (i + 1.0) / (i + 1.0 - count)
                * ((beta + (i - count)) / (alpha + beta + i))
                * ((delta + i) / both);
            if ways > LARGE || gone > LARGE {
                ways /= LARGE;
                gone /= LARGE;
                ln_scale += LARGE.ln();
            }
        }
        ln_scale.exp() * (gone + ways)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BetaBernoulli, UseRecord};
    use crate::value::PurchaseOpportunities;

    fn law(p: [f64; 4]) -> BetaBernoulli {
        BetaBernoulli {
            alpha: p[0],
            beta: p[1],
            gamma: p[2],
            delta: p[3],
        }
    }

    /// Every record with `n` opportunities and how many sequences make it.
    fn records(n: u32) -> Vec<(UseRecord, f64)> {
        let mut all = vec![(UseRecord { x: 0, t_x: 0, n }, 1.0)];
        for t_x in 1..=n {
            let mut ways = 1.0;
            for x in 1..=t_x {
                all.push((UseRecord { x, t_x, n }, ways));
                ways *= f64::from(t_x - x) / f64::from(x);
            }
        }
        all
    }

    /// Values of 300-bit ball arithmetic.
    #[test]
    fn a_customer_of_whom_no_purchase_is_expected_keeps_the_digits_of_the_log_likelihood() {
        for (parameters, n, expected) in [
            (
                [3.0761, 2559.7, 7.37298, 0.352_695],
                6,
                -6.630_411_420_704_62e-5_f64,
            ),
            ([0.001, 5.0, 0.3, 0.001], 312, -5.347_644_434_968_495e-6),
            (
                [938.823, 1900.33, 828.968, 0.047_059_2],
                52,
                -1.878_659_807_607_673_7e-5,
            ),
        ] {
            let found = law(parameters).log_likelihood(UseRecord { x: 0, t_x: 0, n });
            assert!(
                (found / expected - 1.0).abs() <= 1e-13,
                "{found} {expected}"
            );
        }
    }

    proptest! {
        #[test]
        fn probabilities_of_all_records_add_up_to_one(
            ln in prop::array::uniform4(-4.0..5.0_f64), n in 1..40_u32
        ) {
            let law = law(ln.map(f64::exp));
            let mut sum = 0.0;
            let mut counts = vec![0.0; n as usize + 1];
            let mut mean = 0.0;
            for (record, ways) in records(n) {
                let probability = ways * law.log_likelihood(record).exp();
                sum += probability;
                counts[record.x as usize] += probability;
                mean += f64::from(record.x) * probability;
            }
            prop_assert!((sum - 1.0).abs() < 1e-12, "{sum}");
            for (k, count) in (0..).zip(counts) {
                prop_assert!((law.probability_of_purchases(k, n) - count).abs() < 1e-12 * (1e-3 + count));
            }
            prop_assert!((law.expected_purchases(0.0, f64::from(n)) / mean - 1.0).abs() < 1e-12);
        }

        /// Bayes: what is believed after n opportunities foretells the record after n + 1.
        #[test]
        fn one_opportunity_more_is_foretold_by_the_belief(
            ln in prop::array::uniform4(-4.0..5.0_f64), n in 1..30_u32, share in 0.0..1.0_f64
        ) {
            let law = law(ln.map(f64::exp));
            let all = records(n);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let (now, _) = all[(share * all.len() as f64) as usize];
            let bought = UseRecord { x: now.x + 1, t_x: n + 1, n: n + 1 };
            let chance = law.log_likelihood(bought) - law.log_likelihood(now);
            let belief = law.ln_probability_alive(now) + law.staying(now).expected_purchases(0.0, 1.0).ln();
            prop_assert!((chance - belief).abs() < 1e-12 * (10.0 + chance.abs()), "{chance} {belief}");
        }

        #[test]
        fn the_derivatives_are_those_of_the_likelihood(
            ln in prop::array::uniform4(-3.0..4.0_f64),
            rows in prop::collection::vec((0..12_u32, 0..12_u32, 1..12_u32, 1..300_u64), 1..12)
        ) {
            let mut purchases = PurchaseOpportunities::new();
            for (x, last, n, customers) in rows {
                let last = last.min(n);
                let x = if last == 0 { 0 } else { x.clamp(1, last) };
                purchases.record_many(x, last, n, customers).unwrap();
            }
            let parameters = ln.map(f64::exp);
            let exact = law(parameters).derivatives(&purchases);
            let direct: f64 = purchases.by_use().iter()
                .map(|(&record, &customers)| customers as f64 * law(parameters).log_likelihood(record)).sum();
            let size = exact.value.abs() + purchases.customers() as f64;
            prop_assert!((exact.value - direct).abs() <= 1e-13 * size);
            for row in 0..4 {
                let h = 5e-3 * parameters[row];
                let at = |k: f64| {
                    let mut moved = parameters;
                    moved[row] += k * h;
                    law(moved).derivatives(&purchases)
                };
                let difference = |part: &dyn Fn(f64) -> f64| {
                    (45.0 * (part(1.0) - part(-1.0)) - 9.0 * (part(2.0) - part(-2.0)) + part(3.0) - part(-3.0)) / (60.0 * h)
                };
                let slope = difference(&|k| at(k).value);
                prop_assert!((exact.gradient[row] - slope).abs() <= 1e-8 * (exact.gradient[row].abs() + size / parameters[row]));
                for column in 0..4 {
                    let bend = difference(&|k| at(k).gradient[column]);
                    let scale = exact.hessian.get(row, column).abs() + size / (parameters[row] * parameters[column]);
                    prop_assert!((exact.hessian.get(row, column) - bend).abs() <= 1e-8 * scale, "{row} {column}");
                }
            }
        }
    }
}
