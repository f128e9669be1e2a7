//! The regularised incomplete beta function.
//!
//! As with the incomplete gamma function the factor `x^a (1 − x)^b / B(a, b)` is taken from its largest value where both
//! parameters are large (the idea of BRCOMP in algorithm 708, ACM TOMS 1992), then comes the continued fraction
//! (DLMF 8.17.22) on the side of the mean where it converges fast.

use super::gamma::stirling_remainder;
use super::incomplete_gamma::excess;
use super::{ln_gamma, ln_gamma_one_plus, ln_gamma_ratio};

/// From here on Stirling's series has all digits of a double.
const STIRLING_FROM: f64 = 10.0;

const MOST_TERMS: u32 = 1_000_000;

/// `x^a (1 − x)^b / B(a, b)`.
fn factor(a: f64, b: f64, x: f64) -> f64 {
    if a.min(b) < STIRLING_FROM {
        return (a * x.ln() + b * (-x).ln_1p() - ln_beta(a, b)).exp();
    }
    let both = a + b;
    let distance = above_mean(a, b, x);
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

pub(super) fn ln_beta(a: f64, b: f64) -> f64 {
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

/// x (a + b) − a with hardly more than one rounding: how far x lies from the mean, times a + b.
fn above_mean(a: f64, b: f64, x: f64) -> f64 {
    let both = a + b;
    let lost = if a > b {
        (a - both) + b
    } else {
        (b - both) + a
    };
    both.mul_add(x, -a) + lost * x
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
    let rest = 1.0 - x;
    if b < 1.0 && x < SERIES_UP_TO {
        // Every term is positive; the complement would lose what a small b leaves of the whole.
        let factor = factor(a, b, x);
        return (factor / a * power_series(a, b, x) / (b * (-x).ln_1p()).exp()).min(1.0);
    }
    if b < 1.0 && a * rest < 1.0 {
        return next_to_one(a, b, rest);
    }
    let distance = above_mean(a, b, x);
    if distance < 0.5 {
        (factor(a, b, x) * continued_fraction(a, b, x, -distance)).min(1.0)
    } else {
        1.0 - (factor(a, b, x) * continued_fraction(b, a, rest, distance)).min(1.0)
    }
}

/// I of 1 − `rest` for a `rest` so small that a `rest` < 1, and b < 1: the complement of `rest^b` / (b B(a, b)) times
/// Σ over k ≥ 0 of b/(b + k) (1 − a)…(k − a) `rest^k` / k! (DLMF 8.17.7), in logarithms, since all of it is next to 1 where
/// b is small.
fn next_to_one(a: f64, b: f64, rest: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 0.0);
    for k in 1..MOST_TERMS {
        let k = f64::from(k);
        term *= (k - a) / k * rest;
        sum += term / (b + k);
        if term.abs() <= 1e-17 * sum.abs() {
            break;
        }
    }
    let whole = ln_gamma_ratio(a, b) - ln_gamma_one_plus(b);
    -(b * rest.ln() + whole + (b * sum).ln_1p()).exp_m1()
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

/// I of x over `factor`, for `below` = a − (a + b) x above −1/2, where it converges fast.
///
/// Of DLMF 8.17.22 only every other convergent (the idea of BFRAC in algorithm 708, ACM TOMS 1992), so that instead of
/// 1 − (a + b) x / (a + 1), of which little is left where x is next to 1, the difference `below` occurs.
fn continued_fraction(a: f64, b: f64, x: f64, below: f64) -> f64 {
    let rest = 1.0 - x;
    let start = 1.0 + below;
    // Numerator and denominator of the last convergent and of the one before.
    let (mut above, mut above_before) = (1.0, 0.0);
    let (mut under, mut under_before) = (a * start / (a + 1.0), 1.0);
    let mut value = above / under;
    for n in 1..MOST_TERMS {
        let n = f64::from(n);
        let (before, middle) = (a + (n - 1.0), a + (2.0 * n - 1.0));
        let weight = n * (b - n) * x / middle;
        let fall = before / middle * ((before + b) * (weight * x));
        let rise = n + weight + (a + n) / (a + (2.0 * n + 1.0)) * (start + n * (1.0 + rest));
        (above_before, above) = (above, fall * above_before + rise * above);
        (under_before, under) = (under, fall * under_before + rise * under);
        let last = value;
        value = above / under;
        if (value - last).abs() <= 1e-16 * value.abs() {
            break;
        }
        // Only the ratios count; so nothing overflows.
        above_before /= under;
        under_before /= under;
        (above, under) = (value, 1.0);
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

    /// Values of 300-bit ball arithmetic: a large first parameter, a small second one.
    #[test]
    fn next_to_one_no_digits_are_lost() {
        for (a, b, x, expected) in [
            (16_773.7, 25.4603, 0.998_026_605, 0.072_298_373_032_936_75),
            (
                822_003.25,
                24.0625,
                0.999_958_744_558_616,
                0.032_064_651_245_945_784,
            ),
            (
                928_748.75,
                0.208_576_203_848_715_42,
                0.999_997_703_236_976_9,
                0.011_528_789_443_241_76,
            ),
            (
                1182.89,
                4.03586e-11,
                0.999_925_883_4,
                7.841_998_208_480_053e-11,
            ),
            (
                0.018_958_6,
                1.77816e-10,
                0.999_943_803_195_945,
                1.111_391_696_492_465_6e-8,
            ),
            (
                59.9493,
                6.1396e-7,
                0.999_999_999_983_527,
                1.238_162_083_581_383e-5,
            ),
        ] {
            let found = incomplete_beta(a, b, x);
            assert!(
                (found - expected).abs() <= 1e-13 * expected,
                "{a} {b} {x}: {found} {expected}"
            );
        }
    }

    /// Values of 300-bit ball arithmetic for x = y / (y + v).
    #[test]
    fn the_logarithm_of_the_factor_keeps_its_digits_for_huge_parameters() {
        for (a, b, y, v, expected) in [
            (200.0, 1e8, 3500.0, 1e9, -36.346_927_429_502_07_f64),
            (14.0, 1e8, 156.45, 1e9, 0.304_955_370_098_541_4),
            (3.0, 1e9, 2.5, 1e9, -0.444_274_986_312_480_1),
            (1e8, 1e8, 1.0, 1.0, 7.944_828_247_241_537),
            (5e6, 20.0, 3e7, 100.0, 0.261_662_592_445_660_5),
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
