//! The regularised incomplete gamma functions and the quantiles of the gamma distribution.
//!
//! Written here because the factor `x^a e^(−x) / Γ(a)` loses digits where its three parts are large: for a from 10 on it is
//! taken from its largest value, e^(−a φ) with φ = x/a − 1 − ln(x/a), and Stirling's remainder (Temme 1979 in spirit). Then
//! the power series below the mean (DLMF 8.11.4) and the continued fraction above it (DLMF 8.9.2). Where a is small,
//! Q(a, x) is small too although x is, and Gautschi's rearrangement (ACM TOMS 542, 1979) keeps its digits.

use super::gamma::stirling_remainder;
use super::{ln_gamma, ln_gamma_one_plus};

/// From here on Stirling's series has all digits of a double.
const STIRLING_FROM: f64 = 10.0;

/// Far more than any sum or fraction below needs for parameters up to 1e9.
const MOST_TERMS: u32 = 1_000_000;

/// e − ln(1 + e) for e > −1, never negative, precise where e is small; `ln_ratio` = ln(1 + e) is used where e is not, since
/// 1 + e has no digits left next to −1.
pub(super) fn excess(e: f64, ln_ratio: f64) -> f64 {
    if !(-0.5..=1.0).contains(&e) {
        return e - ln_ratio;
    }
    // With s = e / (2 + e): ln(1 + e) = 2 (s + s³/3 + s⁵/5 + …) and e − 2 s = s e.
    let s = e / (2.0 + e);
    let square = s * s;
    let mut tail = 0.0;
    for k in (3_u32..=33).rev().step_by(2) {
        tail = tail * square + 1.0 / f64::from(k);
    }
    s * e - 2.0 * s * square * tail
}

/// `x^a e^(−x) / Γ(a + 1)` for a > 0, x > 0.
pub(super) fn largest_term(a: f64, x: f64) -> f64 {
    if a < STIRLING_FROM {
        return (a * x.ln() - x - ln_gamma_one_plus(a)).exp();
    }
    let exponent = a * excess((x - a) / a, (x / a).ln()) + stirling_remainder(a);
    (-exponent).exp() / (2.0 * std::f64::consts::PI * a).sqrt()
}

/// P(a, x) with its complement Q(a, x), for a > 0 and x ≥ 0: the distribution function of Γ(a, 1) at x and what is above.
pub(crate) fn incomplete_gamma(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x == f64::INFINITY {
        return (1.0, 0.0);
    }
    if a < 1.0 && x < 1.0 {
        let upper = small_upper(a, x);
        // Of the two the smaller one is computed, except where the series has all digits of both.
        let lower = largest_term(a, x) * power_series(a, x);
        return (lower, upper);
    }
    if x < a + 1.0 && !(a < 1.0 && x >= 1.0) {
        let lower = (largest_term(a, x) * power_series(a, x)).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (largest_term(a, x) * a * continued_fraction(a, x)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// Σ over k ≥ 0 of `x^k / ((a + 1) … (a + k))`.
fn power_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..MOST_TERMS {
        let ratio = x / (a + f64::from(k));
        term *= ratio;
        sum += term;
        if ratio < 1.0 && term <= 1e-17 * sum * (1.0 - ratio) {
            break;
        }
    }
    sum
}

/// 1/(x + 1 − a − 1·(1 − a)/(x + 3 − a − 2·(2 − a)/(x + 5 − a − …))) by Lentz's method.
fn continued_fraction(a: f64, x: f64) -> f64 {
    let mut denominator = x + 1.0 - a;
    let mut c = f64::MAX;
    let mut d = 1.0 / denominator;
    let mut value = d;
    for n in 1..MOST_TERMS {
        let n = f64::from(n);
        let numerator = -n * (n - a);
        denominator += 2.0;
        d = 1.0 / (numerator * d + denominator);
        c = denominator + numerator / c;
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// Q(a, x) for a < 1 and x < 1: 1 − `x^a`/Γ(1 + a) is taken as one number.
fn small_upper(a: f64, x: f64) -> f64 {
    let exponent = a * x.ln() - ln_gamma_one_plus(a);
    let (mut power, mut series) = (1.0, 0.0);
    for k in 1..40 {
        let k = f64::from(k);
        power *= -x / k;
        series += power / (a + k);
        if power.abs() < 1e-18 {
            break;
        }
    }
    -exponent.exp_m1() - exponent.exp() * a * series
}

/// The x below which Γ(`a`, 1) lies with probability `lower` and above which with `upper`, which must make one whole: both
/// are asked for, because the smaller one loses its digits in 1 less the other. 0 and infinity at the ends.
pub(crate) fn gamma_quantile(a: f64, lower: f64, upper: f64) -> f64 {
    const MOST_STEPS: u32 = 300;
    if lower <= 0.0 {
        return 0.0;
    }
    if upper <= 0.0 {
        return f64::INFINITY;
    }
    // In y = ln x. How far the distribution function lies above `lower`, from the logarithm of the smaller tail, which bends
    // so little that Newton's steps reach far into it; and that tail.
    let tail = |y: f64| {
        let (p, q) = incomplete_gamma(a, y.exp());
        if lower <= 0.5 {
            (p.ln() - lower.ln(), p)
        } else {
            (upper.ln() - q.ln(), q)
        }
    };
    let above = |y: f64| tail(y).0;
    let mut y = (a.ln()).max((lower.ln() + ln_gamma(a + 1.0)) / a);
    let (mut low, mut high) = (y - 1.0, y + 1.0);
    let mut width = 1.0;
    while above(low) > 0.0 && low > -1e4 {
        width *= 2.0;
        low -= width;
    }
    width = 1.0;
    while above(high) < 0.0 && high < 700.0 {
        width *= 2.0;
        high += width;
    }
    for _ in 0..MOST_STEPS {
        let (gap, tail) = tail(y);
        if gap > 0.0 {
            high = y;
        } else {
            low = y;
        }
        let slope = a * largest_term(a, y.exp()) / tail;
        let newton = y - gap / slope;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        let moved = (next - y).abs();
        y = next;
        if moved <= 1e-15 * (1.0 + y.abs()) {
            break;
        }
    }
    y.exp()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{excess, gamma_quantile, incomplete_gamma, largest_term};

    #[test]
    fn the_exponential_distribution_comes_out() {
        for x in [1e-9, 0.3, 0.999, 1.0, 1.7, 2.3, 30.0, 600.0_f64] {
            let (p, q) = incomplete_gamma(1.0, x);
            assert!((p / -(-x).exp_m1() - 1.0).abs() < 1e-15, "{x}");
            assert!((q / (-x).exp() - 1.0).abs() < 2e-14, "{x}");
        }
        assert_eq!(incomplete_gamma(2.0, 0.0), (0.0, 1.0));
        assert_eq!(incomplete_gamma(2.0, f64::INFINITY), (1.0, 0.0));
    }

    #[test]
    fn the_excess_is_smooth_where_its_two_ways_meet() {
        for e in [1.0_f64, 0.3, -0.3, -0.5] {
            let direct = e - e.ln_1p();
            assert!((excess(e, f64::NAN) / direct - 1.0).abs() < 4e-15);
        }
        assert!((excess(1e-9, f64::NAN) / (0.5e-18 - 1e-27 / 3.0) - 1.0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn the_two_tails_make_one_whole_and_one_step_of_the_parameter_adds_one_term(
            ln_a in -12.0..9.0_f64, ratio in -3.0..1.5_f64,
        ) {
            let a = ln_a.exp();
            let x = a * ratio.exp();
            let (p, q) = incomplete_gamma(a, x);
            prop_assert!((p + q - 1.0).abs() < 1e-13, "{p} {q}");
            // P(a, x) = P(a + 1, x) + x^a e^(−x) / Γ(a + 1), and so for Q.
            let (next_p, next_q) = incomplete_gamma(a + 1.0, x);
            let term = largest_term(a, x);
            // Below the smallest normal number digits are lost.
            let rounding = |tail: f64| 1e-12 * tail + f64::MIN_POSITIVE;
            prop_assert!((next_p + term - p).abs() <= rounding(p), "{p} {next_p} {term}");
            prop_assert!((q + term - next_q).abs() <= rounding(next_q));
        }

        #[test]
        fn the_slope_in_x_is_the_density(ln_a in -2.0..6.0_f64, ratio in -1.0..1.0_f64) {
            let a = ln_a.exp();
            let x = a * ratio.exp();
            let h = 2e-3 * x / (1.0 + a.sqrt());
            let pair = |k: f64| incomplete_gamma(a, x + k * h).0 - incomplete_gamma(a, x - k * h).0;
            let slope = (45.0 * pair(1.0) - 9.0 * pair(2.0) + pair(3.0)) / (60.0 * h);
            let density = a / x * largest_term(a, x);
            prop_assert!((slope - density).abs() <= 1e-9 * density + 1e-12 / h, "{slope} {density}");
        }

        #[test]
        fn quantiles_turn_the_function_round(ln_a in -4.0..9.0_f64, lower in 0.0001..0.9999_f64) {
            let a = ln_a.exp();
            let x = gamma_quantile(a, lower, 1.0 - lower);
            let (p, q) = incomplete_gamma(a, x);
            // Below the smallest number the function cannot be turned round any more.
            prop_assert!(x < 1e-300 || (p - lower).abs() <= 1e-12 && (q - (1.0 - lower)).abs() <= 1e-12, "{x} {p}");
        }
    }
}
