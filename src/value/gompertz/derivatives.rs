//! The log-likelihood of many histories with its derivatives in r, α, b, s and B = β / b.
//!
//! Of each history the likelihood is a sum of positive terms: "still there" and the points of the integral over the moment
//! of leaving. Its derivatives are averages over these terms of the derivatives of their logarithms, taken from those at
//! `t_x` so that large counts do not cancel. B in the place of β keeps b → 0 regular.

use std::ops::Range;

use crate::numeric::{
    Derivatives, GAUSS_LEGENDRE_4, GAUSS_LEGENDRE_6, GAUSS_LEGENDRE_12, RisingFactorial,
    SymmetricMatrix, sum_in_chunks,
};

use crate::value::gompertz::law::GompertzLaw;
use crate::value::gompertz::leaving::{Leaving, scaled_moments};
use crate::value::observed::patterns::PurchasePatterns;

/// A value, its 5 first and 15 second derivatives (upper triangle).
const FULL: usize = 21;

/// D = B + φ(u) and its relative derivatives.
#[derive(Clone, Copy, Debug)]
struct Growth {
    /// ln D − b u.
    ln_faded: f64,
    /// 1 / D, the derivative of ln D in B.
    by_scale: f64,
    /// Derivative of ln D in b.
    by_b: f64,
    /// Second derivative of D in b over D.
    by_b_twice: f64,
    /// 1 / B − 1 / D.
    share: f64,
}

impl Growth {
    #[inline]
    fn at(leaving: &Leaving, u: f64) -> Self {
        let z = leaving.b * u;
        let decay = (-z).exp();
        let [zeroth, first, second] = scaled_moments(z, decay);
        let faded = leaving.scale * decay + u * zeroth;
        let inverse = 1.0 / faded;
        Self {
            ln_faded: faded.ln(),
            by_scale: decay * inverse,
            by_b: u * u * first * inverse,
            by_b_twice: u * u * u * second * inverse,
            share: u * zeroth * inverse / leaving.scale,
        }
    }
}

/// What the terms of one history have in common.
struct Silence<'law> {
    law: &'law GompertzLaw,
    leaving: Leaving,
    count: f64,
    t_x: f64,
    at_last: Growth,
    sum: [f64; FULL],
}

impl Silence<'_> {
    /// Adds the term of someone still there `ahead` of the last purchase, or leaving just then, times `weight`.
    #[inline]
    fn add(&mut self, ahead: f64, weight: f64, leaves: bool) {
        let GompertzLaw { r, alpha, s, .. } = *self.law;
        let (shape, rate) = (r + self.count, alpha + self.t_x);
        let u = self.t_x + ahead;
        let growth = Growth::at(&self.leaving, u);
        let no_purchase = (ahead / rate).ln_1p();
        let grown = growth.ln_faded - self.at_last.ln_faded + self.leaving.b * ahead;
        let mut value = weight * (-shape * no_purchase - s * grown).exp();
        let (inverse_alpha, later) = (1.0 / alpha, 1.0 / (rate + ahead));
        let mut slope = [
            -no_purchase,
            shape * ahead * later / rate,
            -s * (growth.by_b - self.at_last.by_b),
            -grown,
            -s * (growth.by_scale - self.at_last.by_scale),
        ];
        let mut power = s;
        let mut twice_s = 0.0;
        if leaves {
            value *= s * (-growth.ln_faded).exp();
            slope[2] += u - growth.by_b;
            slope[3] += 1.0 / s;
            slope[4] -= growth.by_scale;
            power += 1.0;
            twice_s = -1.0 / (s * s);
        }
        let mut terms = [0.0; FULL];
        terms[0] = 1.0;
        let mut cell = 6;
        for row in 0..5 {
            terms[1 + row] = slope[row];
            for column in row..5 {
                terms[cell] = slope[row] * slope[column];
                cell += 1;
            }
        }
        terms[7] += u * inverse_alpha * later;
        terms[11] += shape * later * later - r * inverse_alpha * inverse_alpha;
        terms[15] -= power * (growth.by_b_twice - growth.by_b * growth.by_b);
        terms[16] -= growth.by_b;
        terms[17] += power * growth.by_b * growth.by_scale;
        terms[18] += twice_s;
        terms[19] += growth.share;
        let inverse_scale = 1.0 / self.leaving.scale;
        terms[20] += power * growth.by_scale * growth.by_scale - s * inverse_scale * inverse_scale;
        for (cell, term) in self.sum.iter_mut().zip(terms) {
            *cell += value * term;
        }
    }

    fn add_panel(&mut self, begin: f64, width: f64, rule: &[(f64, f64)]) {
        let half = 0.5 * width;
        for &(node, weight) in rule {
            for side in [-node, node] {
                self.add(begin + half * (1.0 + side), half * weight, true);
            }
        }
    }

    /// All terms: those who left until `silence` after the last purchase, and those still there.
    fn add_all(&mut self, silence: f64) {
        let buying = (self.law.r + self.count, self.law.alpha + self.t_x);
        let since_last = self.leaving.after(self.t_x);
        let settled_from = since_last.settled_from();
        let mut begin = 0.0;
        while begin < silence {
            // Twelve points carry half as far as twenty-four; shorter panels need fewer still.
            let widest = 0.5 * since_last.panel(begin, buying, 0.0, begin >= settled_from);
            let left = silence - begin;
            let before = self.sum[0];
            if left <= 0.04 * widest {
                self.add_panel(begin, left, &GAUSS_LEGENDRE_4);
            } else if left <= 0.2 * widest {
                self.add_panel(begin, left, &GAUSS_LEGENDRE_6);
            } else {
                self.add_panel(begin, left.min(widest), &GAUSS_LEGENDRE_12);
            }
            let next = begin + left.min(widest);
            let neither = since_last.ln_survival(next) - buying.0 * (next / buying.1).ln_1p();
            if next <= begin || neither.exp() <= 1e-18 * before {
                break;
            }
            begin = next;
        }
        self.add(silence, 1.0, false);
    }
}

impl GompertzLaw {
    /// Log-likelihood of all `patterns` with its derivatives in r, α, b, s and B = β / b.
    pub(super) fn derivatives(&self, patterns: &PurchasePatterns) -> Derivatives {
        let mut sums = sum_in_chunks(patterns.len(), |range| {
            self.sums_over_patterns(patterns, range)
        });
        let mut of_r = RisingFactorial::new(self.r);
        for &(x, customers) in &patterns.counts {
            of_r.advance_to(x);
            sums[0] += customers * of_r.ln();
            sums[1] += customers * of_r.first();
            sums[6] += customers * of_r.second();
        }
        Derivatives {
            value: sums[0],
            gradient: sums[1..6].to_vec(),
            hessian: SymmetricMatrix::from_upper(5, &sums[6..]),
        }
    }

    /// The same in r, α, b, s and β: with B = β / b, ∂B/∂β = 1 / b and ∂B/∂b = −B / b.
    pub(in crate::value) fn derivatives_in_beta(&self, patterns: &PurchasePatterns) -> Derivatives {
        const B: usize = 2;
        const SCALE: usize = 4;
        let Derivatives {
            value,
            mut gradient,
            hessian,
        } = self.derivatives(patterns);
        // How the parameters of the first kind move with those of the second.
        let moves = |new: usize, old: usize| match (new, old) {
            (SCALE, SCALE) => 1.0 / self.b,
            (B, SCALE) => -self.beta / (self.b * self.b),
            _ => f64::from(u8::from(new == old)),
        };
        let of_scale = gradient[SCALE];
        let mut moved = SymmetricMatrix::zero(5);
        for row in 0..5 {
            for column in row..5 {
                let mut bend = match (row, column) {
                    (B, B) => 2.0 * self.beta / self.b.powi(3) * of_scale,
                    (B, SCALE) => -of_scale / (self.b * self.b),
                    _ => 0.0,
                };
                for left in 0..5 {
                    for right in 0..5 {
                        bend += moves(row, left) * moves(column, right) * hessian.get(left, right);
                    }
                }
                moved.set(row, column, bend);
            }
        }
        gradient[B] += moves(B, SCALE) * of_scale;
        gradient[SCALE] *= moves(SCALE, SCALE);
        Derivatives {
            value,
            gradient,
            hessian: moved,
        }
    }

    fn sums_over_patterns(&self, patterns: &PurchasePatterns, range: Range<usize>) -> [f64; FULL] {
        let Self { r, alpha, s, .. } = *self;
        let leaving = self.leaving();
        let mut sums = [0.0; FULL];
        for index in range {
            let (t_x, t) = (patterns.t_x(index), patterns.t(index));
            let count = f64::from(patterns.x[index]);
            let mut silence = Silence {
                law: self,
                leaving,
                count,
                t_x,
                at_last: Growth::at(&leaving, t_x),
                sum: [0.0; FULL],
            };
            silence.add_all(t - t_x);
            let inverse = 1.0 / silence.sum[0];
            let mut terms = silence.sum.map(|part| part * inverse);
            let slope = [terms[1], terms[2], terms[3], terms[4], terms[5]];
            let mut cell = 6;
            for row in 0..5 {
                for column in row..5 {
                    terms[cell] -= slope[row] * slope[column];
                    cell += 1;
                }
            }
            let later = 1.0 / (alpha + t_x);
            let no_purchase = (t_x / alpha).ln_1p();
            let ln_survival = leaving.ln_survival(t_x);
            terms[0] =
                silence.sum[0].ln() - r * no_purchase - count * (alpha + t_x).ln() + ln_survival;
            terms[1] -= no_purchase;
            terms[2] += r * t_x / alpha * later - count * later;
            terms[3] -= s * silence.at_last.by_b;
            terms[4] += ln_survival / s;
            terms[5] += s * silence.at_last.share;
            let customers = patterns.customers[index];
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += customers * term;
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::GompertzLaw;
    use crate::measure::TimeUnit;
    use crate::value::PurchaseHistories;
    use crate::value::law::PurchaseLaw;
    use crate::value::observed::patterns::PurchasePatterns;

    fn patterns() -> PurchasePatterns {
        let histories = PurchaseHistories::from_columns(
            TimeUnit::Week,
            vec![0, 1, 2, 2, 2, 29, 700, 0, 29],
            vec![0.0, 1.71, 30.43, 30.43, 8.0, 38.0, 11.0, 0.0, 12.0],
            vec![38.86, 38.86, 38.86, 38.86, 8.0, 38.86, 12.0, 20.0, 20.0],
        )
        .unwrap();
        PurchasePatterns::of(&histories)
    }

    /// From r, α, b, s and β / b.
    fn at([r, alpha, b, s, scale]: [f64; 5]) -> GompertzLaw {
        GompertzLaw {
            r,
            alpha,
            b,
            s,
            beta: b * scale,
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
        fn derivatives_in_beta_agree_with_differences(
            logs in prop::array::uniform5(-1.0..1.5_f64),
        ) {
            let mut parameters = logs.map(f64::exp);
            parameters[2] *= 0.1;
            let patterns = patterns();
            let moved = |row: usize, value: f64| {
                let mut parameters = parameters;
                parameters[row] = value;
                let [r, alpha, b, s, beta] = parameters;
                GompertzLaw { r, alpha, b, s, beta }.derivatives_in_beta(&patterns)
            };
            let exact = moved(0, parameters[0]);
            for row in 0..5 {
                let slope = difference(|v| moved(row, v).value, parameters[row]);
                let scale = exact.gradient[row].abs() + 10.0 / parameters[row];
                prop_assert!((exact.gradient[row] - slope).abs() <= 1e-7 * scale, "{row}: {} {slope}", exact.gradient[row]);
                for column in 0..5 {
                    let bend = difference(|v| moved(row, v).gradient[column], parameters[row]);
                    let scale = exact.hessian.get(row, column).abs() + 10.0 / (parameters[row] * parameters[column]);
                    prop_assert!((exact.hessian.get(row, column) - bend).abs() <= 1e-7 * scale, "{row} {column}: {} {bend}", exact.hessian.get(row, column));
                }
            }
        }

        #[test]
        fn derivatives_agree_with_differences(
            logs in prop::array::uniform4(-2.0..2.5_f64),
            ln_b in -9.0..1.0_f64,
        ) {
            let [r, alpha, s, scale] = logs.map(f64::exp);
            let parameters = [r, alpha, ln_b.exp(), s, 5.0 * scale];
            let patterns = patterns();
            let exact = at(parameters).derivatives(&patterns);
            let direct: f64 = (0..patterns.len())
                .map(|i| patterns.customers[i]
                    * at(parameters).log_likelihood(patterns.x[i], patterns.t_x(i), patterns.t(i)))
                .sum();
            prop_assert!((exact.value - direct).abs() <= 1e-12 * direct.abs());
            for row in 0..5 {
                let moved = |value: f64| {
                    let mut parameters = parameters;
                    parameters[row] = value;
                    at(parameters).derivatives(&patterns)
                };
                let slope = difference(|v| moved(v).value, parameters[row]);
                let scale = exact.gradient[row].abs() + 10.0 / parameters[row];
                prop_assert!((exact.gradient[row] - slope).abs() <= 1e-7 * scale, "{row}: {} {slope}", exact.gradient[row]);
                for column in 0..5 {
                    let bend = difference(|v| moved(v).gradient[column], parameters[row]);
                    let scale = exact.hessian.get(row, column).abs() + 10.0 / (parameters[row] * parameters[column]);
                    prop_assert!((exact.hessian.get(row, column) - bend).abs() <= 1e-7 * scale, "{row} {column}: {} {bend}", exact.hessian.get(row, column));
                }
            }
        }
    }
}
