//! So many purchases or more, if nobody left: the upper tail of the negative binomial distribution.
//!
//! Neighbouring terms are summed as they are. Where the terms change so slowly that thousands of them count, their sum is an
//! integral with the corrections of Euler and Maclaurin at its ends (DLMF 2.10.1), so the work is bounded.

use crate::numeric::{digamma_step, gauss_legendre_panels, ln_beta_ratio, trigamma_drop};

/// Purchases N with P(N = k + 1) / P(N = k) = z (R + k) / (k + 1), z = t / (A + t).
#[derive(Clone, Copy, Debug)]
pub(super) struct Purchases {
    /// R.
    shape: f64,
    /// z.
    z: f64,
    /// 1 − z.
    rest: f64,
    /// ln z, which has more digits.
    ln_z: f64,
    mean: f64,
}

/// So many terms are summed one by one. Those that then still count change by less than 2 % from one to the next.
const SINGLE_TERMS: u32 = 2_000;

impl Purchases {
    /// Of rate Γ(`shape`, `rate`) within `t` > 0.
    pub(super) fn new(shape: f64, rate: f64, t: f64) -> Self {
        Self {
            shape,
            z: t / (rate + t),
            rest: rate / (rate + t),
            ln_z: -(rate / t).ln_1p(),
            mean: shape * t / rate,
        }
    }

    /// P(N ≥ n), given P(N = n).
    pub(super) fn at_least(&self, n: u32, exactly: f64) -> f64 {
        // Below the mean the few terms before n say it; above, they would be blown up from what may have underflowed.
        if f64::from(n) <= self.mean {
            let before = self.before(n, exactly);
            // With a shape below 1 nearly all may lie below the mean, and the terms fall from the first on.
            if before < 0.9 || self.shape >= 1.0 {
                return (1.0 - before).max(0.0);
            }
        }
        self.from(f64::from(n), exactly)
    }

    /// z times a number, next to 1 without the rounding of z, which thousands of factors would add up.
    fn times_z(&self, number: f64) -> f64 {
        if self.rest < 0.5 {
            number - self.rest * number
        } else {
            self.z * number
        }
    }

    /// P(N < n).
    fn before(&self, n: u32, exactly: f64) -> f64 {
        let mut term = exactly;
        let mut sum = 0.0;
        // Down to `last`, term by term; whether they have died away.
        let descend = |term: &mut f64, sum: &mut f64, first: u32, last: u32| {
            for k in (last + 1..=first).rev() {
                let k = f64::from(k);
                *term *= k / self.times_z(self.shape + (k - 1.0));
                *sum += *term;
                if *term <= 1e-18 * *sum || *term < f64::MIN_POSITIVE {
                    return true;
                }
            }
            false
        };
        let last = n.saturating_sub(SINGLE_TERMS);
        if descend(&mut term, &mut sum, n, last) || last == 0 {
            return sum;
        }
        let high = f64::from(last);
        // Terms below may rise without bound where R < 1, but not faster than over the first ones.
        let low_count = SINGLE_TERMS.min(last);
        let low = f64::from(low_count);
        let ln_fall = |y: f64| {
            let k = high * (-y).exp();
            self.ln_step(k, high - k)
        };
        let rate = 1.0 + self.steepness(high);
        let integral = gauss_legendre_panels((high / low).ln(), rate, |y| (-ln_fall(y) - y).exp());
        let at_low = term * (-self.ln_step(low, high - low)).exp();
        // The sum over low ≤ k < high.
        sum +=
            term * high * integral + term * self.correction(high) - at_low * self.correction(low);
        let mut term = at_low;
        descend(&mut term, &mut sum, low_count, 0);
        sum
    }

    /// P(N ≥ n) for n above the mean, or where the terms fall.
    fn from(&self, n: f64, exactly: f64) -> f64 {
        /// Four billions times e^650 are still a double.
        const FURTHEST: f64 = 650.0;
        let (mut term, mut sum, mut k) = (exactly, exactly, n);
        for _ in 0..SINGLE_TERMS {
            term *= self.times_z(self.shape + k) / (k + 1.0);
            k += 1.0;
            sum += term;
            let next = self.times_z(self.shape + k) / (k + 1.0);
            // A subnormal term may round back to itself for ever, and the bound beside it to zero.
            let spent = term <= 1e-17 * sum * (1.0 - next) || term < f64::MIN_POSITIVE;
            if next < 1.0 && spent {
                return sum;
            }
        }
        let rate = 1.0 + self.steepness(k);
        let integral = gauss_legendre_panels(FURTHEST, rate, |y| {
            (self.ln_step(k, k * y.exp_m1()) + y).exp()
        });
        // The last term is counted already.
        sum - term + term * k * integral - term * self.correction(k)
    }

    /// ln P(N = k + h) − ln P(N = k).
    fn ln_step(&self, k: f64, h: f64) -> f64 {
        let ways = if self.shape < 1.0 {
            ln_beta_ratio(1.0 - self.shape, self.shape + k, h)
        } else {
            -ln_beta_ratio(self.shape - 1.0, k + 1.0, h)
        };
        ways + h * self.ln_z
    }

    /// First and second derivative of ln P(N = k) in k.
    fn slopes(&self, k: f64) -> [f64; 2] {
        let (low, high, sign) = if self.shape < 1.0 {
            (k + self.shape, 1.0 - self.shape, -1.0)
        } else {
            (k + 1.0, self.shape - 1.0, 1.0)
        };
        [
            sign * digamma_step(low, high) + self.ln_z,
            -sign * trigamma_drop(low, high),
        ]
    }

    /// How fast the terms change with ln k, at most, around k.
    fn steepness(&self, k: f64) -> f64 {
        let [slope, bend] = self.slopes(k);
        k * (slope.abs() + bend.abs().sqrt())
    }

    /// What Euler and Maclaurin subtract at the upper end of a sum and add at the lower: Σ from a to before b is ∫ + this at b
    /// − this at a; in units of the term at k.
    fn correction(&self, k: f64) -> f64 {
        let [slope, bend] = self.slopes(k);
        -0.5 + slope / 12.0 - (slope.powi(3) + 3.0 * slope * bend) / 720.0
    }
}

#[cfg(test)]
mod tests {
    use super::Purchases;
    use crate::numeric::ln_ways;

    /// The same, term by term from 0 on, in units of 1.
    fn naive(shape: f64, rate: f64, t: f64, n: u32) -> (f64, f64, f64) {
        let z = t / (rate + t);
        let mut term = (-shape * (t / rate).ln_1p()).exp();
        let (mut before, mut k) = (0.0, 0.0);
        for _ in 0..n {
            before += term;
            term *= z * (shape + k) / (k + 1.0);
            k += 1.0;
        }
        let exactly = term;
        let mut from = 0.0;
        while term > 1e-22 * from {
            from += term;
            term *= z * (shape + k) / (k + 1.0);
            k += 1.0;
        }
        (before, exactly, from)
    }

    #[test]
    fn long_sums_are_those_of_their_terms() {
        for (shape, t) in [
            (0.003, 3e4),
            (0.5, 2e5),
            (1.0, 1e4),
            (1.7, 5e4),
            (12.0, 3e3),
            (40.0, 1e5),
            (300.0, 50.0),
        ] {
            let mean: f64 = shape * t;
            for times in [0.02, 0.3, 0.99, 1.0, 1.01, 1.5, 4.0] {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A count.
                let n = (times * mean).ceil().max(1.0) as u32;
                let (before, exactly, from) = naive(shape, 1.0, t, n);
                if exactly < 1e-250 {
                    continue;
                }
                let found = Purchases::new(shape, 1.0, t).at_least(n, exactly);
                let exact = if before < 0.5 { 1.0 - before } else { from };
                assert!(
                    (found / exact - 1.0).abs() < 1e-9,
                    "{shape} {t} {n}: {found:e} {exact:e} ({exactly:e})"
                );
            }
        }
    }

    /// Values of 300-bit ball arithmetic: most customers buy less than the mean of a few.
    #[test]
    fn the_few_above_most_keep_their_digits() {
        for (shape, rate, t, n, expected) in [
            (0.001, 0.001, 39.0, 2, 0.009_526_203_334_803_812),
            (1e-6, 0.001, 39.0, 1, 1.057_128_668_936_377_3e-5),
            (1e-6, 1.0, 1_000_000_000.0, 7, 1.827_309_963_452_146_5e-5),
            (0.25, 4.0, 52.0, 1, 0.483_026_846_042_829_4),
            (0.02, 0.0001, 10_000.0, 3000, 0.178_868_185_868_042_12),
            (0.001, 1.0, 30_000.0, 25, 0.006_513_324_244_072_137),
            (0.6, 0.01, 1000.0, 4000, 0.840_177_895_781_704_2),
        ] {
            let count = f64::from(n);
            let ln_z = -f64::ln_1p(rate / t);
            let exactly =
                (ln_ways(shape, count) + count * ln_z - shape * f64::ln_1p(t / rate)).exp();
            let found = Purchases::new(shape, rate, t).at_least(n, exactly);
            assert!(
                (found / expected - 1.0).abs() < 2e-13,
                "{shape} {n}: {found:e} {expected:e}"
            );
        }
    }

    #[test]
    fn billions_of_terms_are_bounded_work() {
        // With shape 1 the tail is geometric: P(N ≥ n) = z^n.
        for (t, n) in [
            (1e9, 1_000_000_u32),
            (1e9, 4_000_000_000),
            (1e12, 4_000_000_000),
        ] {
            let purchases = Purchases::new(1.0, 1.0, t);
            let tail = (f64::from(n) * -(1.0 / t).ln_1p()).exp();
            let exactly = tail / (1.0 + t);
            let found = purchases.at_least(n, exactly);
            assert!(
                (found / tail - 1.0).abs() < 1e-12,
                "{t} {n}: {found} {tail}"
            );
        }
        // With a tiny shape nearly all have bought nothing; the rest is spread over the scales of ten.
        let purchases = Purchases::new(1e-6, 1.0, 1e12);
        let n = 1_000_000_000_u32;
        let ln_exactly = ln_ways(1e-6, f64::from(n)) - 1e-6 * 1e12_f64.ln_1p() - 1e-3;
        let found = purchases.at_least(n, ln_exactly.exp());
        // R E₁(n / t) to the first order in R.
        assert!((found / 6.331_539e-6 - 1.0).abs() < 1e-3, "{found:e}");
    }
}
