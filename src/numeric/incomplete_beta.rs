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
        return (a * x.ln() + b * (-x).ln_1p() - ln_beta(a, b)).exp();
    }
    let both = a + b;
    let lost = (a - both) + b;
    // x (a + b) − a with one rounding: how far x lies from the mean.
    let distance = both.mul_add(x, -a) + lost * x;
    let logarithms = [(x * (both / a)).ln(), (-x).ln_1p() + (both / b).ln()];
    let (exponent, root) = from_largest([a, b], distance, logarithms);
    root * (-exponent).exp()
}

/// ln of `x^a (1 − x)^b / B(a, b)` for x and 1 − x given with their logarithms, which may be finite where x or 1 − x
/// underflows.
pub(crate) fn ln_beta_factor(
    a: f64,
    b: f64,
    [x, rest]: [f64; 2],
    [ln_x, ln_rest]: [f64; 2],
) -> f64 {
    if a.min(b) < STIRLING_FROM {
        return a * ln_x + b * ln_rest - ln_beta(a, b);
    }
    let distance = b.mul_add(x, -(a * rest));
    let ln_over_mean = |share: f64, ln_share: f64, over_mean: f64| {
        if share >= f64::MIN_POSITIVE {
            (share * over_mean).ln()
        } else {
            ln_share + over_mean.ln()
        }
    };
    let both = a + b;
    let logarithms = [
        ln_over_mean(x, ln_x, both / a),
        ln_over_mean(rest, ln_rest, both / b),
    ];
    let (exponent, root) = from_largest([a, b], distance, logarithms);
    root.ln() - exponent
}

fn ln_beta(a: f64, b: f64) -> f64 {
    let (smaller, larger) = (a.min(b), a.max(b));
    ln_gamma(smaller) - ln_gamma_ratio(larger, smaller)
}

/// How far the factor's logarithm lies below that of its largest value, and that value without Stirling's remainders, which
/// the exponent holds; `distance` = x (a + b) − a, `logarithms` those of x and 1 − x over their means.
fn from_largest([a, b]: [f64; 2], distance: f64, logarithms: [f64; 2]) -> (f64, f64) {
    let both = a + b;
    let below = excess(distance / a, logarithms[0]);
    let beyond = excess(-distance / b, logarithms[1]);
    let exponent = a * below + b * beyond + stirling_remainder(a) + stirling_remainder(b)
        - stirling_remainder(both);
    let root = (a / (2.0 * std::f64::consts::PI) * (b / both)).sqrt();
    (exponent, root)
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

    use super::{factor, incomplete_beta, ln_beta_factor};

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

    /// Values of 300-bit ball arithmetic for x = y / (y + v).
    #[test]
    fn the_logarithm_of_the_factor_keeps_its_digits_for_huge_parameters() {
        for (a, b, y, v, expected) in [
            (200.0, 1e8, 3500.0, 1e9, -36.346_927_429_502_065_f64),
            (14.0, 1e8, 156.45, 1e9, 0.304_955_370_098_541_4),
            (3.0, 1e9, 2.5, 1e9, -0.444_274_986_312_480_1),
            (1e8, 1e8, 1.0, 1.0, 7.944_828_247_241_537),
            (5e6, 20.0, 3e7, 100.0, 0.261_662_592_445_660_47),
            (0.5, 1e12, 1.0, 1e12, -1.572_364_942_924_825),
            (1e3, 1e3, 1e-305, 1e5, -712_412.896_226_518_3),
        ] {
            let shares = [1.0 / (1.0 + v / y), 1.0 / (1.0 + y / v)];
            let ln_above = f64::ln_1p(v / y);
            let ln_share = if ln_above.is_finite() {
                -ln_above
            } else {
                f64::ln(y) - f64::ln(v)
            };
            let found = ln_beta_factor(a, b, shares, [ln_share, -f64::ln_1p(y / v)]);
            let allowed = 1e-13 * f64::max(1.0, f64::abs(expected));
            assert!(
                (found - expected).abs() <= allowed,
                "{a} {b}: {found} {expected}"
            );
        }
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
