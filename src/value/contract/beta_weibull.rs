//! The mathematics that the shifted-beta-geometric and the beta-discrete-Weibull share.
//!
//! A customer with chance θ to leave survives t decisions with probability (1 − θ)^(t^c); θ ~ B(α, β). So S(t) = B(α,
//! β + t^c) / B(α, β) (Fader, Hardie, Liu, Davin and Steenburgh 2018), and c = 1 is the shifted-beta-geometric (Fader and
//! Hardie 2007). No gamma function is ever subtracted from another, and sums over all future periods are cut short by
//! the sum formula with differences, so that neither long tails nor small discount rates cost time or digits.

use crate::numeric::{
    Derivatives, SymmetricMatrix, digamma_step, gauss_legendre, ln_beta_ratio, ln_gamma_ratio,
    scaled_exponential_integral, trigamma, trigamma_drop,
};

use crate::value::Tenures;
#[cfg(feature = "serde")]
use crate::value::law::require_positive;

/// The distribution of the number of decisions survived.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub(in crate::value) struct BetaWeibull {
    pub(in crate::value) alpha: f64,
    pub(in crate::value) beta: f64,
    /// Above 1 a single customer becomes ever more likely to leave, below 1 ever less.
    pub(in crate::value) c: f64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    BetaWeibull { alpha: f64, beta: f64, c: f64 }
    if |law: &Self| require_positive([("alpha", law.alpha), ("beta", law.beta), ("c", law.c)])
}

/// Beyond this logarithm of t^c the survival function is a pure power of t.
const LARGEST_LN_POWER: f64 = 345.0;

/// First and second derivatives in α, β, c.
#[derive(Clone, Copy, Debug, Default)]
struct Slopes {
    first: [f64; 3],
    /// αα, αβ, αc, ββ, βc, cc.
    second: [f64; 6],
}

/// Row and column of the cells of [`Slopes::second`].
const CELLS: [(usize, usize); 6] = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];

impl BetaWeibull {
    /// ln of the probability to survive `more` decisions after `t` survived ones.
    pub(in crate::value) fn ln_survival_from(&self, t: f64, more: f64) -> f64 {
        if more == 0.0 {
            return 0.0;
        }
        if self.c * (t + more).ln() > LARGEST_LN_POWER {
            return self.ln_survival(t + more) - self.ln_survival(t);
        }
        if t == 0.0 {
            return ln_beta_ratio(self.alpha, self.beta, more.powf(self.c));
        }
        let power = t.powf(self.c);
        let step = power * (self.c * (more / t).ln_1p()).exp_m1();
        ln_beta_ratio(self.alpha, self.beta + power, step)
    }

    fn ln_survival(&self, t: f64) -> f64 {
        if t == 0.0 {
            return 0.0;
        }
        let ln_power = self.c * t.ln();
        if ln_power > LARGEST_LN_POWER {
            ln_gamma_ratio(self.beta, self.alpha) - self.alpha * ln_power
        } else {
            ln_beta_ratio(self.alpha, self.beta, t.powf(self.c))
        }
    }

    /// Derivatives of ln S(t) in the logarithms of α, β and c.
    pub(in crate::value) fn slopes_of_ln_survival(&self, t: f64) -> [f64; 3] {
        let first = self.slopes(t).first;
        [
            first[0] * self.alpha,
            first[1] * self.beta,
            first[2] * self.c,
        ]
    }

    fn slopes(&self, t: f64) -> Slopes {
        if t == 0.0 {
            return Slopes::default();
        }
        let Self { alpha, beta, c } = *self;
        let both = alpha + beta;
        let power = t.powf(c);
        let ln_t = t.ln();
        // In the power itself, then by the chain rule in c.
        let in_power = -digamma_step(beta + power, alpha);
        let bend_in_power = trigamma_drop(beta + power, alpha);
        let slope = power * ln_t;
        let of_both = trigamma_drop(both, power);
        Slopes {
            first: [
                -digamma_step(both, power),
                digamma_step(beta, power) - digamma_step(both, power),
                in_power * slope,
            ],
            second: [
                of_both,
                of_both,
                -trigamma(both + power) * slope,
                of_both - trigamma_drop(beta, power),
                bend_in_power * slope,
                bend_in_power * slope * slope + in_power * slope * ln_t,
            ],
        }
    }

    /// Log-likelihood of `tenures` with its derivatives in α, β and, unless it is fixed, c.
    pub(in crate::value) fn derivatives(&self, tenures: &Tenures, with_c: bool) -> Derivatives {
        let mut value = 0.0;
        let mut first = [0.0; 3];
        let mut second = [0.0; 6];
        let mut add = |weight: f64, ln: f64, slopes: &Slopes| {
            value += weight * ln;
            for (sum, slope) in first.iter_mut().zip(slopes.first) {
                *sum += weight * slope;
            }
            for (sum, bend) in second.iter_mut().zip(slopes.second) {
                *sum += weight * bend;
            }
        };
        for (&renewals, count) in tenures.by_renewals() {
            let t = f64::from(renewals);
            let here = self.slopes(t);
            let reached = (count.ended + count.running) as f64;
            add(reached, self.ln_survival_from(0.0, t), &here);
            if count.ended > 0 {
                let ln_stay = self.ln_survival_from(t, 1.0);
                let leave = ln_of_complement(ln_stay, &here, &self.slopes(t + 1.0));
                add(count.ended as f64, (-ln_stay.exp_m1()).ln(), &leave);
            }
        }
        let size = if with_c { 3 } else { 2 };
        let mut hessian = SymmetricMatrix::zero(size);
        for ((row, column), bend) in CELLS.into_iter().zip(second) {
            if column < size {
                hessian.set(row, column, bend);
            }
        }
        Derivatives {
            value,
            gradient: first[..size].to_vec(),
            hessian,
        }
    }

    /// Σ over k = 0, 1, … below `count` of e^(−δ k) S(t + 1 + k) / S(t): decisions survived from now on, discounted,
    /// the next of them undiscounted. Infinite where it is.
    pub(in crate::value) fn residual(&self, t: f64, delta: f64, count: Option<f64>) -> f64 {
        /// Terms added one by one before anything else is tried.
        const FEWEST_TERMS: f64 = 128.0;
        /// Below this relative change per term seven differences leave an error beyond the last digit.
        const SMOOTH: f64 = 0.02;
        if count.is_none() && delta == 0.0 && self.alpha * self.c <= 1.0 {
            return f64::INFINITY;
        }
        let term = |k: f64| (self.ln_survival_from(t, k + 1.0) - delta * k).exp();
        let mut sum = 0.0;
        let mut k = 0.0;
        let mut here = term(k);
        loop {
            if here == 0.0 || count.is_some_and(|count| k >= count) {
                return sum;
            }
            sum += here;
            k += 1.0;
            let next = term(k);
            let ratio = next / here;
            if next <= 1e-20 * sum * (1.0 - ratio) {
                return sum;
            }
            if k >= FEWEST_TERMS && ratio >= 1.0 - SMOOTH {
                break;
            }
            here = next;
        }
        let beyond = match count {
            Some(count) if count <= k => return sum,
            Some(count) => -sum_less_integral(|ahead| term(count + ahead)),
            None => 0.0,
        };
        let end = count.map(|count| t + 1.0 + count);
        let integral = self.integral(t, delta, t + 1.0 + k, end);
        sum + integral + sum_less_integral(|ahead| term(k + ahead)) + beyond
    }

    /// The integral of e^(−δ (v − t − 1)) S(v) / S(t) over v from `from` to `end`, in panels of ln v.
    fn integral(&self, t: f64, delta: f64, from: f64, end: Option<f64>) -> f64 {
        /// e^−4 within a panel is easy prey for 24 points, even if the decay quickens on the way.
        const DECAY_PER_PANEL: f64 = 4.0;
        /// Where t^c exceeds the parameters by this factor the survival function is a pure power to the last digit.
        const PURE_POWER: f64 = 1e17;
        let value = |v: f64| (self.ln_survival_from(t, v - t) - delta * (v - t - 1.0)).exp();
        let mut v = from;
        let mut sum = 0.0;
        loop {
            let power = v.powf(self.c);
            let here = v * value(v);
            if end.is_none() && power > PURE_POWER * (self.alpha + self.beta + 1.0) {
                let exponent = self.alpha * self.c;
                let rest = if delta > 0.0 {
                    scaled_exponential_integral(exponent, delta * v)
                } else {
                    1.0 / (exponent - 1.0)
                };
                return sum + here * rest;
            }
            let decay = delta * v + self.c * power * digamma_step(self.beta + power, self.alpha);
            if here <= 1e-20 * sum && decay > 2.0 {
                return sum;
            }
            let mut width = (2.0 / (1.0 + self.c)).min(DECAY_PER_PANEL / decay);
            let left = end.map(|end| (end / v).ln());
            let is_last = left.is_some_and(|left| left <= width);
            if let Some(left) = left.filter(|_| is_last) {
                width = left;
            }
            sum += gauss_legendre(0.0, width, |y| {
                let at = v * y.exp();
                at * value(at)
            });
            if is_last {
                return sum;
            }
            v *= width.exp();
        }
    }
}

/// Derivatives of ln(1 − e^(after − before)), where the exponent is `ln_stay`.
fn ln_of_complement(ln_stay: f64, before: &Slopes, after: &Slopes) -> Slopes {
    let odds = 1.0 / (-ln_stay).exp_m1();
    let mut slopes = Slopes::default();
    for ((slope, after), before) in slopes.first.iter_mut().zip(after.first).zip(before.first) {
        *slope = after - before;
    }
    let step = slopes.first;
    for (cell, (row, column)) in CELLS.into_iter().enumerate() {
        let bend = after.second[cell] - before.second[cell];
        slopes.second[cell] = -odds * (bend + (1.0 + odds) * step[row] * step[column]);
    }
    for slope in &mut slopes.first {
        *slope *= -odds;
    }
    slopes
}

/// Σ over k ≥ 0 of `term`(k) less its integral from 0, by Gregory's formula (1670) up to the seventh difference.
fn sum_less_integral(term: impl Fn(f64) -> f64) -> f64 {
    const GREGORY: [f64; 8] = [
        1.0 / 2.0,
        -1.0 / 12.0,
        1.0 / 24.0,
        -19.0 / 720.0,
        3.0 / 160.0,
        -863.0 / 60_480.0,
        275.0 / 24_192.0,
        -33_953.0 / 3_628_800.0,
    ];
    let mut differences = [0.0; 8];
    let mut ahead = 0.0;
    for cell in &mut differences {
        *cell = term(ahead);
        ahead += 1.0;
    }
    let mut sum = 0.0;
    for (order, coefficient) in GREGORY.into_iter().enumerate() {
        sum += coefficient * differences[0];
        for index in 0..7 - order {
            differences[index] = differences[index + 1] - differences[index];
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::BetaWeibull;
    use crate::measure::Span;
    use crate::numeric::beta_expectation;
    use crate::value::{Tenure, Tenures};

    fn law(alpha: f64, beta: f64, c: f64) -> BetaWeibull {
        BetaWeibull { alpha, beta, c }
    }

    #[test]
    fn residual_lifetimes_are_the_sums_they_stand_for() {
        for (law, t, delta) in [
            (law(0.26, 1.72, 1.58), 4.0, 0.004),
            (law(0.67, 3.8, 1.0), 0.0, 0.01),
            (law(2.0, 30.0, 0.6), 24.0, 0.002),
            (law(50.0, 400.0, 2.2), 399.0, 0.001),
            (law(0.001, 0.5, 0.3), 7.0, 0.03),
            (law(3.0, 1e5, 1.9), 1.0, 0.003),
        ] {
            let term = |k: u32| {
                let k = f64::from(k);
                (law.ln_survival_from(t, k + 1.0) - delta * k).exp()
            };
            for count in [1, 100, 129, 5_000, 30_000] {
                // Smallest first, so that the plain sum keeps its digits.
                let plain: f64 = (0..count).rev().map(term).sum();
                let found = law.residual(t, delta, Some(f64::from(count)));
                assert!(
                    (found / plain - 1.0).abs() < 3e-14,
                    "{law:?} {count}: {found} {plain}"
                );
            }
            let all: f64 = (0..30_000).rev().map(term).sum();
            let found = law.residual(t, delta, None);
            assert!((found / all - 1.0).abs() < 3e-13, "{law:?}: {found} {all}");
        }
    }

    #[test]
    fn long_tails_agree_with_the_mixture_and_the_closed_form() {
        for (alpha, beta, t) in [(1.01, 5.0, 3.0), (1.5, 0.2, 0.0), (7.0, 900.0, 40.0)] {
            let plain = law(alpha, beta, 1.0).residual(t, 0.0, None);
            let closed = (beta + t) / (alpha - 1.0);
            assert!(
                (plain / closed - 1.0).abs() < 1e-13,
                "{alpha} {beta}: {plain} {closed}"
            );
        }
        for (alpha, beta, delta) in [
            (0.7, 1.2, 1e-7),
            (0.001, 0.5, 1e-4),
            (2.5, 3.0, 1e-12),
            (0.2, 40.0, 1e-9),
        ] {
            let sum = law(alpha, beta, 1.0).residual(0.0, delta, None);
            let later = -(-delta).exp_m1();
            let mixture =
                beta_expectation(alpha, beta, |p| (1.0 - p) / (later + (1.0 - later) * p));
            assert!(
                (sum / mixture - 1.0).abs() < 1e-12,
                "{alpha} {beta} {delta}: {sum} {mixture}"
            );
        }
        assert!(law(0.5, 2.0, 2.0).residual(3.0, 0.0, None).is_infinite());
        assert!(law(0.5, 2.0, 2.1).residual(3.0, 0.0, None).is_finite());
    }

    proptest! {
        /// The payment at hand, then what is left after it.
        #[test]
        fn the_residual_lifetime_unrolls_by_one_decision(
            ln_a in -7.0..9.0_f64, ln_b in -7.0..12.0_f64, ln_c in -2.3..3.0_f64,
            ln_delta in -18.0..1.0_f64, t in 0..5000_u32
        ) {
            let law = law(ln_a.exp(), ln_b.exp(), ln_c.exp());
            let (t, delta) = (f64::from(t), ln_delta.exp());
            let whole = law.residual(t, delta, None);
            let stays = law.ln_survival_from(t, 1.0).exp();
            let unrolled = stays * (1.0 + (-delta).exp() * law.residual(t + 1.0, delta, None));
            prop_assert!(whole.is_finite() && (whole - unrolled).abs() <= 1e-12 * whole, "{whole} {unrolled}");
        }

        #[test]
        fn the_derivatives_are_those_of_the_likelihood(
            ln_a in -3.0..4.0_f64, ln_b in -3.0..5.0_f64, ln_c in -0.7..1.0_f64,
            rows in prop::collection::vec((0..40_u32, prop::bool::ANY, 1..500_u64), 1..12)
        ) {
            let mut tenures = Tenures::new(Span::from_days(1.0).unwrap()).unwrap();
            for (renewals, ended, customers) in rows {
                let tenure = if ended { Tenure::Ended(renewals) } else { Tenure::Running(renewals) };
                tenures.record_many(tenure, customers).unwrap();
            }
            let parameters = [ln_a.exp(), ln_b.exp(), ln_c.exp()];
            let at = |p: [f64; 3]| law(p[0], p[1], p[2]).derivatives(&tenures, true);
            let exact = at(parameters);
            let size = exact.value.abs() + tenures.customers() as f64;
            for row in 0..3 {
                let h = 5e-3 * parameters[row];
                let moved = |k: f64| {
                    let mut moved = parameters;
                    moved[row] += k * h;
                    at(moved)
                };
                let difference = |part: &dyn Fn(f64) -> f64| {
                    (45.0 * (part(1.0) - part(-1.0)) - 9.0 * (part(2.0) - part(-2.0)) + part(3.0) - part(-3.0)) / (60.0 * h)
                };
                let slope = difference(&|k| moved(k).value);
                prop_assert!((exact.gradient[row] - slope).abs() <= 1e-8 * (exact.gradient[row].abs() + size / parameters[row]));
                for column in 0..3 {
                    let bend = difference(&|k| moved(k).gradient[column]);
                    let scale = exact.hessian.get(row, column).abs() + size / (parameters[row] * parameters[column]);
                    prop_assert!((exact.hessian.get(row, column) - bend).abs() <= 1e-8 * scale, "{row} {column}");
                }
            }
        }
    }
}
