//! The regularised incomplete beta function.
//!
//! As with the incomplete gamma function the factor `x^a (1 − x)^b / B(a, b)` is taken from its largest value where both
//! parameters are large (the idea of BRCOMP in algorithm 708, ACM TOMS 1992), then comes the continued fraction
//! (DLMF 8.17.22) on the side of the mean where it converges fast.

use super::gamma::stirling_remainder;
use super::incomplete_gamma::excess;
use super::{ln_gamma, ln_gamma_ratio};

/// From here on Stirling's series has all digits of a double.
const STIRLING_FROM: f64 = 10.0;

const MOST_TERMS: u32 = 1_000_000;

/// `x^a (1 − x)^b / B(a, b)`.
fn factor(a: f64, b: f64, x: f64) -> f64 {
    if a.min(b) < STIRLING_FROM {
        let (smaller, larger) = (a.min(b), a.max(b));
        let ln_beta = ln_gamma(smaller) - ln_gamma_ratio(larger, smaller);
        return (a * x.ln() + b * (-x).ln_1p() - ln_beta).exp();
    }
    let both = a + b;
    let lost = (a - both) + b;
    // x (a + b) − a with one rounding: how far x lies from the mean.
    let distance = both.mul_add(x, -a) + lost * x;
    let below = excess(distance / a, (x * (both / a)).ln());
    let beyond = excess(-distance / b, (-x).ln_1p() + (both / b).ln());
    let exponent = a * below + b * beyond + stirling_remainder(a) + stirling_remainder(b)
        - stirling_remainder(both);
    (a / (2.0 * std::f64::consts::PI) * (b / both)).sqrt() * (-exponent).exp()
}

/// I of x, the distribution function of the beta distribution with `a` and `b` above 0, at x from 0 to 1.
pub(crate) fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    /// Up to here the power series needs no more than some thousand terms.
    const SERIES_UP_TO: f64 = 0.999;
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let factor = factor(a, b, x);
    if b < 1.0 && x < SERIES_UP_TO {
        // Every term is positive; the complement would lose what a small b leaves of the whole.
        return (factor / a * power_series(a, b, x) / (b * (-x).ln_1p()).exp()).min(1.0);
    }
    if x < (a + 1.0) / (a + b + 2.0) {
        (factor / a * continued_fraction(a, b, x)).min(1.0)
    } else {
        1.0 - (factor / b * continued_fraction(b, a, 1.0 - x)).min(1.0)
    }
}

/// Σ over k ≥ 0 of a/(a + k) (1 − b)…(k − b) x^k / k! (DLMF 8.17.7).
fn power_series(a: f64, b: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..MOST_TERMS {
        let k = f64::from(k);
        term *= x * (k - b) / k;
        let part = term * a / (a + k);
        sum += part;
        if part <= 1e-17 * sum * (1.0 - x) {
            break;
        }
    }
    sum
}

/// 1/(1 + d₁/(1 + d₂/(1 + …))) by Lentz's method.
fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    /// Stands for a denominator that would be zero.
    const TINY: f64 = 1e-300;
    let nonzero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let both = a + b;
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - both * x / (a + 1.0));
    let mut value = d;
    for m in 1..MOST_TERMS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / nonzero(1.0 + even * d);
        c = nonzero(1.0 + even / c);
        value *= c * d;
        let odd = -(a + m) * (both + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / nonzero(1.0 + odd * d);
        c = nonzero(1.0 + odd / c);
        let last = c * d;
        value *= last;
        if (last - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{factor, incomplete_beta};

    #[test]
    fn a_power_comes_out() {
        for x in [1e-12, 0.2, 0.5, 0.9, 0.998, 0.9995_f64] {
            for a in [0.01, 0.7, 3.0, 400.0] {
                let (found, power) = (incomplete_beta(a, 1.0, x), x.powf(a));
                assert!(
                    (found - power).abs() <= 1e-13 * power,
                    "{a} {x}: {found} {power}"
                );
            }
        }
        assert!((incomplete_beta(0.5, 0.5, 0.25) - 1.0 / 3.0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn mirrored_it_makes_one_whole_and_one_step_of_a_parameter_adds_one_term(
            ln_a in -5.0..8.0_f64, ln_b in -5.0..8.0_f64, x in 0.01..0.99_f64,
        ) {
            let (a, b) = (ln_a.exp(), ln_b.exp());
            let here = incomplete_beta(a, b, x);
            prop_assert!((0.0..=1.0).contains(&here));
            prop_assert!((here + incomplete_beta(b, a, 1.0 - x) - 1.0).abs() < 1e-12);
            // DLMF 8.17.20: I(a, b) = I(a + 1, b) + x^a (1 − x)^b / (a B(a, b)).
            let step = factor(a, b, x) / a;
            prop_assert!((incomplete_beta(a + 1.0, b, x) + step - here).abs() <= 1e-12 * here.max(1e-290));
        }
    }
}
