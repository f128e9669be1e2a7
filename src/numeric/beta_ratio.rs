//! Steps of the beta function and of the derivatives of ln Γ, without cancellation.
//!
//! ln B(a, b + h) − ln B(a, b) is a second difference of ln Γ: four numbers of which nothing may be left. Below 10 the
//! recurrence adds terms of one sign; above, Stirling's series (DLMF 5.11.1) is subtracted term by term on paper, so that
//! only its differences are computed (the idea of algorithm 708, ACM TOMS 1992).

/// From here on Stirling's series has all digits of a double.
const STIRLING_FROM: f64 = 10.0;

/// The Bernoulli numbers B(2), B(4), …
const BERNOULLI: [f64; 8] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
];

/// Σ over k of `weight`(2k) B(2k) [x^−m − (x + h)^−m] with m = `power`, `power` + 2, …
fn bernoulli_sum(x: f64, h: f64, power: u32, weight: impl Fn(f64) -> f64) -> f64 {
    let u = x / (x + h);
    let inverse_square = 1.0 / (x * x);
    // x^−m − (x + h)^−m = (1 − u) (1 + u + … + u^(m − 1)) x^−m.
    let mut powers = 1.0;
    let mut scale = 1.0 / x;
    for _ in 1..power {
        powers = 1.0 + u * powers;
        scale /= x;
    }
    let mut two_k = 2.0;
    let mut sum = 0.0;
    for number in BERNOULLI {
        sum += weight(two_k) * number * scale * powers;
        powers = 1.0 + u + u * u * powers;
        scale *= inverse_square;
        two_k += 2.0;
    }
    sum * (h / (x + h))
}

/// ln B(a, b + h) − ln B(a, b) for a, b > 0 and h ≥ 0; never positive, and precise to the last digits also where it is
/// tiny or where the gamma functions are huge.
pub(crate) fn ln_beta_ratio(a: f64, b: f64, h: f64) -> f64 {
    let mut b = b;
    let mut climbed = 0.0;
    while b < STIRLING_FROM {
        climbed += ((a / b) * (h / (a + b + h))).ln_1p();
        b += 1.0;
    }
    let both = ((a / b) * (h / (a + b + h))).ln_1p();
    let (shorter, longer) = if a < h { (a, h) } else { (h, a) };
    let weight = |two_k: f64| 1.0 / (two_k * (two_k - 1.0));
    let remainder =
        bernoulli_sum(b + longer, shorter, 1, weight) - bernoulli_sum(b, shorter, 1, weight);
    (b - 0.5) * both - h * (a / (b + h)).ln_1p() - a * (h / (b + a)).ln_1p() + remainder - climbed
}

/// ψ(x + h) − ψ(x) for x > 0, h ≥ 0.
pub(crate) fn digamma_step(x: f64, h: f64) -> f64 {
    let mut x = x;
    let mut climbed = 0.0;
    while x < STIRLING_FROM {
        climbed += h / (x + h) / x;
        x += 1.0;
    }
    let half = 0.5 * (h / (x + h)) / x;
    (h / x).ln_1p() + half + bernoulli_sum(x, h, 2, |two_k| 1.0 / two_k) + climbed
}

/// ψ′(x) − ψ′(x + h) for x > 0, h ≥ 0.
pub(crate) fn trigamma_drop(x: f64, h: f64) -> f64 {
    // 1 / x − 1 / (x + h) and 1 / x² − 1 / (x + h)².
    let first = |x: f64| h / (x + h) / x;
    let second = |x: f64| first(x) * (1.0 / x + 1.0 / (x + h));
    let mut x = x;
    let mut climbed = 0.0;
    while x < STIRLING_FROM {
        climbed += second(x);
        x += 1.0;
    }
    first(x) + 0.5 * second(x) + bernoulli_sum(x, h, 3, |_| 1.0) + climbed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{digamma_step, ln_beta_ratio, trigamma_drop};
    use crate::numeric::{digamma, ln_gamma, trigamma};

    #[test]
    fn many_single_steps_make_one_long_step() {
        for (a, b) in [(0.001, 0.5), (3.0, 0.02), (1e4, 1e6), (1e-9, 40.0)] {
            let steps: f64 = (0..3650).map(|k| -(a / (b + f64::from(k))).ln_1p()).sum();
            let whole = ln_beta_ratio(a, b, 3650.0);
            assert!((whole / steps - 1.0).abs() < 1e-13, "{a} {b}: {whole}");
        }
    }

    proptest! {
        #[test]
        fn the_steps_are_differences_of_the_functions(
            ln_a in -9.0..4.0_f64, ln_x in -9.0..4.0_f64, ln_h in -9.0..6.0_f64
        ) {
            let (a, x, h) = (ln_a.exp(), ln_x.exp(), ln_h.exp());
            let ln_beta = |b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
            let size = ln_gamma(a + x + h).abs() + ln_gamma(x).abs() + ln_gamma(a).abs() + 10.0;
            prop_assert!((ln_beta_ratio(a, x, h) - (ln_beta(x + h) - ln_beta(x))).abs() <= 1e-14 * size);
            let gap = digamma(x + h) - digamma(x);
            prop_assert!((digamma_step(x, h) - gap).abs() <= 1e-14 * (10.0 + 1.0 / x));
            let drop = trigamma(x) - trigamma(x + h);
            prop_assert!((trigamma_drop(x, h) - drop).abs() <= 1e-14 * (10.0 + 1.0 / (x * x)));
        }

        #[test]
        fn the_two_steps_may_change_places(ln_a in -9.0..9.0_f64, ln_b in -9.0..9.0_f64, ln_h in -9.0..9.0_f64) {
            let (a, b, h) = (ln_a.exp(), ln_b.exp(), ln_h.exp());
            let one = ln_beta_ratio(a, b, h);
            let other = ln_beta_ratio(h, b, a);
            prop_assert!(one <= 0.0 && (one - other).abs() <= 1e-14 * (one.abs() + a.min(h)));
        }
    }
}
