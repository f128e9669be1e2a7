//! The gamma function's logarithm, its derivatives, and differences of it without cancellation.
//!
//! Written here because the likelihoods need differences such as ln Γ(a + h) − ln Γ(a) for a as large as 1e15 and
//! values next to the zeros at 1 and 2, where a Lanczos sum has no digits left. Near 2 the Taylor series with the
//! coefficients ζ(k) − 1 is used (DLMF 5.7.3), from 10 on Stirling's series (DLMF 5.11.1, 5.11.2, 5.15.8), and the
//! recurrence in between.

/// From here on Stirling's series has all digits of a double.
const STIRLING_FROM: f64 = 10.0;

const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// ζ(k) − 1 for k = 2, 3, …
const ZETA_MINUS_ONE: [f64; 28] = [
    0.644_934_066_848_226_4,
    0.202_056_903_159_594_3,
    0.082_323_233_711_138_19,
    0.036_927_755_143_369_93,
    0.017_343_061_984_449_14,
    0.008_349_277_381_922_827,
    0.004_077_356_197_944_34,
    0.002_008_392_826_082_214_3,
    0.000_994_575_127_818_085_3,
    0.000_494_188_604_119_464_5,
    0.000_246_086_553_308_048_3,
    0.000_122_713_347_578_489_15,
    6.124_813_505_870_483e-5,
    3.058_823_630_702_049e-5,
    1.528_225_940_865_187e-5,
    7.637_197_637_899_763e-6,
    3.817_293_264_999_84e-6,
    1.908_212_716_553_939e-6,
    9.539_620_338_727_962e-7,
    4.769_329_867_878_064e-7,
    2.384_505_027_277_33e-7,
    1.192_199_259_653_110_6e-7,
    5.960_818_905_125_948e-8,
    2.980_350_351_465_228e-8,
    1.490_155_482_836_504_3e-8,
    7.450_711_789_835_43e-9,
    3.725_334_024_788_457e-9,
    1.862_659_723_513_049e-9,
];

/// B(2k) / (2k (2k − 1)), the coefficients of Stirling's remainder.
const REMAINDER: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360_360.0,
    1.0 / 156.0,
    -3617.0 / 122_400.0,
];

/// ln Γ(2 + z) for |z| ≤ 1/2.
fn ln_gamma_near_two(z: f64) -> f64 {
    let tail = horner(z, |k, coefficient| alternating(k) * coefficient / k);
    z * ((1.0 - EULER_GAMMA) + z * tail)
}

/// ψ(2 + z) for |z| ≤ 1/2.
fn digamma_near_two(z: f64) -> f64 {
    (1.0 - EULER_GAMMA) + z * horner(z, |k, coefficient| alternating(k) * coefficient)
}

/// ψ′(2 + z) for |z| ≤ 1/2.
fn trigamma_near_two(z: f64) -> f64 {
    horner(z, |k, coefficient| alternating(k) * (k - 1.0) * coefficient)
}

/// Σ over k ≥ 2 of `term`(k, ζ(k) − 1) z^(k − 2).
fn horner(z: f64, term: impl Fn(f64, f64) -> f64) -> f64 {
    ZETA_MINUS_ONE
        .iter()
        .enumerate()
        .rev()
        .fold(0.0, |sum, (index, &coefficient)| {
            sum * z + term(index as f64 + 2.0, coefficient)
        })
}

fn alternating(k: f64) -> f64 {
    if k % 2.0 == 0.0 { 1.0 } else { -1.0 }
}

/// ln Γ(x) − [(x − 1/2) ln x − x + ln √(2π)] for x ≥ 10.
pub(super) fn stirling_remainder(x: f64) -> f64 {
    let inverse_square = 1.0 / (x * x);
    REMAINDER
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * inverse_square + coefficient)
        / x
}

/// ln Γ(x) for x > 0.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    const LN_SQRT_TWO_PI: f64 = 0.918_938_533_204_672_7;
    if x >= STIRLING_FROM {
        return (x - 0.5) * x.ln() - x + LN_SQRT_TWO_PI + stirling_remainder(x);
    }
    if x < 0.5 {
        return ln_gamma_near_two(x) - x.ln_1p() - x.ln();
    }
    if x < 1.5 {
        return ln_gamma_one_plus(x - 1.0);
    }
    let mut product = 1.0;
    let mut y = x;
    while y > 2.5 {
        y -= 1.0;
        product *= y;
    }
    ln_gamma_near_two(y - 2.0) + product.ln()
}

/// ln Γ(1 + z) for z > −1, keeping the digits of a z next to 0.
pub(crate) fn ln_gamma_one_plus(z: f64) -> f64 {
    if z.abs() <= 0.5 {
        ln_gamma_near_two(z) - z.ln_1p()
    } else {
        ln_gamma(1.0 + z)
    }
}

/// ψ(x), the derivative of ln Γ(x), for x > 0.
pub(crate) fn digamma(x: f64) -> f64 {
    /// B(2k) / 2k.
    const ASYMPTOTIC: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 120.0,
        1.0 / 252.0,
        -1.0 / 240.0,
        1.0 / 132.0,
        -691.0 / 32_760.0,
        1.0 / 12.0,
        -3617.0 / 8160.0,
    ];
    if x >= STIRLING_FROM {
        let inverse_square = 1.0 / (x * x);
        let tail = ASYMPTOTIC
            .iter()
            .rev()
            .fold(0.0, |sum, coefficient| sum * inverse_square + coefficient);
        return x.ln() - 0.5 / x - tail * inverse_square;
    }
    if x < 0.5 {
        return digamma_near_two(x) - 1.0 / (1.0 + x) - 1.0 / x;
    }
    if x < 1.5 {
        return digamma_near_two(x - 1.0) - 1.0 / x;
    }
    let mut sum = 0.0;
    let mut y = x;
    while y > 2.5 {
        y -= 1.0;
        sum += 1.0 / y;
    }
    digamma_near_two(y - 2.0) + sum
}

/// ψ′(x), the second derivative of ln Γ(x), for x > 0.
pub(crate) fn trigamma(x: f64) -> f64 {
    /// B(2k).
    const ASYMPTOTIC: [f64; 8] = [
        1.0 / 6.0,
        -1.0 / 30.0,
        1.0 / 42.0,
        -1.0 / 30.0,
        5.0 / 66.0,
        -691.0 / 2730.0,
        7.0 / 6.0,
        -3617.0 / 510.0,
    ];
    if x >= STIRLING_FROM {
        let inverse = 1.0 / x;
        let inverse_square = inverse * inverse;
        let tail = ASYMPTOTIC
            .iter()
            .rev()
            .fold(0.0, |sum, coefficient| sum * inverse_square + coefficient);
        return inverse + inverse_square * (0.5 + tail * inverse);
    }
    if x < 0.5 {
        let next = 1.0 + x;
        return trigamma_near_two(x) + 1.0 / (next * next) + 1.0 / (x * x);
    }
    if x < 1.5 {
        return trigamma_near_two(x - 1.0) + 1.0 / (x * x);
    }
    let mut sum = 0.0;
    let mut y = x;
    while y > 2.5 {
        y -= 1.0;
        sum += 1.0 / (y * y);
    }
    trigamma_near_two(y - 2.0) - sum
}

/// ln Γ(a + h) − ln Γ(a) for a > 0, h ≥ 0, without subtracting two large numbers (the idea of algorithm 708,
/// ACM TOMS 1992: take the difference of Stirling's series term by term).
pub(crate) fn ln_gamma_ratio(a: f64, h: f64) -> f64 {
    // Γ(a + h) = Γ(a) on both sides of the function's lowest point, and next to such a zero only Taylor's series around
    // the zeros at 1 and 2 leaves digits.
    let end = a + h;
    if h >= 0.1 && end <= 2.5 {
        let lost = if a > h { (a - end) + h } else { (h - end) + a };
        return ln_gamma(end) - ln_gamma(a) + lost * digamma(end);
    }
    let mut a = a;
    let mut climbed = 0.0;
    while a < STIRLING_FROM {
        climbed += (h / a).ln_1p();
        a += 1.0;
    }
    let ratio = h / a;
    // 1/a^m − 1/(a+h)^m = (1 − u)(1 + u + … + u^(m−1)) / a^m with u = a / (a + h).
    let u = 1.0 / (1.0 + ratio);
    let one_minus_u = h / (a + h);
    let inverse_square = 1.0 / (a * a);
    let mut powers = 1.0;
    let mut scale = 1.0 / a;
    let mut remainder = 0.0;
    for coefficient in REMAINDER {
        remainder += coefficient * scale * powers;
        powers = 1.0 + u + u * u * powers;
        scale *= inverse_square;
    }
    (a + h - 0.5) * ratio.ln_1p() + h * (a.ln() - 1.0) - one_minus_u * remainder - climbed
}

/// ln Γ(`shape` + `count`) − ln Γ(`shape`) − ln `count`!, with the two large ones of the three taken as a ratio.
pub(crate) fn ln_ways(shape: f64, count: f64) -> f64 {
    if shape > count + 1.0 {
        ln_gamma_ratio(shape, count) - ln_gamma(count + 1.0)
    } else if shape > 1.0 {
        ln_gamma_ratio(count + 1.0, shape - 1.0) - ln_gamma(shape)
    } else {
        -ln_gamma_ratio(count + shape, 1.0 - shape) - ln_gamma(shape)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{digamma, ln_gamma, ln_gamma_ratio, trigamma};

    #[test]
    fn known_values_come_out() {
        let pi = std::f64::consts::PI;
        assert!((ln_gamma(0.5) - 0.5 * pi.ln()).abs() < 2e-16);
        assert!(ln_gamma(1.0).abs() < 1e-300 && ln_gamma(2.0).abs() < 1e-300);
        assert!((ln_gamma(11.0) - 3_628_800_f64.ln()).abs() < 4e-15);
        assert!((trigamma(1.0) - pi * pi / 6.0).abs() < 4e-16);
        assert!((digamma(1.0) + 0.577_215_664_901_532_9).abs() < 2e-16);
    }

    /// Values of 300-bit ball arithmetic.
    #[test]
    fn a_ratio_next_to_one_keeps_its_digits() {
        for (a, h, expected) in [
            (0.999_974, 1.0, -2.600_033_800_582_927_e-5_f64),
            (1.2, 0.54, -1.463_456_475_525_083_9e-3),
            (0.2, 2.2, -1.307_204_499_981_942_7),
        ] {
            let gap = ln_gamma_ratio(a, h) - expected;
            assert!(gap.abs() <= 1e-12 * expected.abs(), "{a} {h}: {gap:e}");
        }
    }

    proptest! {
        #[test]
        fn one_step_up_multiplies_by_the_argument(ln_x in -12.0..16.0_f64) {
            let x = ln_x.exp();
            let gap = ln_gamma(x + 1.0) - ln_gamma(x) - x.ln();
            prop_assert!(gap.abs() <= 1e-14 * (1.0 + ln_gamma(x + 1.0).abs()));
            prop_assert!((ln_gamma_ratio(x, 1.0) - x.ln()).abs() <= 4e-15 * (3.0 + x.ln().abs()));
            prop_assert!((digamma(x + 1.0) - digamma(x) - 1.0 / x).abs() <= 1e-14 * (1.0 + 1.0 / x + digamma(x + 1.0).abs()));
            prop_assert!((trigamma(x) - trigamma(x + 1.0) - 1.0 / (x * x)).abs() <= 1e-14 * trigamma(x));
        }

        #[test]
        fn a_ratio_is_the_sum_of_its_parts(ln_a in -8.0..30.0_f64, h in 0.0..50.0_f64, k in 0.0..50.0_f64) {
            let a = ln_a.exp();
            let parts = ln_gamma_ratio(a, h) + ln_gamma_ratio(a + h, k);
            let whole = ln_gamma_ratio(a, h + k);
            prop_assert!((parts - whole).abs() <= 2e-14 * (10.0 + whole.abs() + a.ln().abs() * (1.0 + h)));
        }
    }
}
