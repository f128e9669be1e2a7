//! Integrals of positive integrands: Gauss–Legendre on an interval, and expectations over a beta distribution.

/// Positive nodes and weights of the 24-point Gauss–Legendre rule on −1 to 1.
const GAUSS_LEGENDRE_24: [(f64, f64); 12] = [
    (0.064_056_892_862_605_63, 0.127_938_195_346_752_16),
    (0.191_118_867_473_616_3, 0.125_837_456_346_828_3),
    (0.315_042_679_696_163_4, 0.121_670_472_927_803_39),
    (0.433_793_507_626_045_1, 0.115_505_668_053_725_6),
    (0.545_421_471_388_839_6, 0.107_444_270_115_965_63),
    (0.648_093_651_936_975_5, 0.097_618_652_104_113_88),
    (0.740_124_191_578_554_4, 0.086_190_161_531_953_27),
    (0.820_001_985_973_903, 0.073_346_481_411_080_3),
    (0.886_415_527_004_401_1, 0.059_298_584_915_436_78),
    (0.938_274_552_002_732_8, 0.044_277_438_817_419_81),
    (0.974_728_555_971_309_5, 0.028_531_388_628_933_663),
    (0.995_187_219_997_021_3, 0.012_341_229_799_987_2),
];

/// Positive nodes and weights of the 4-point Gauss–Legendre rule on −1 to 1.
pub(crate) const GAUSS_LEGENDRE_4: [(f64, f64); 2] = [
    (0.339_981_043_584_856_26, 0.652_145_154_862_546_2),
    (0.861_136_311_594_052_6, 0.347_854_845_137_453_74),
];

/// The same with 6 points.
pub(crate) const GAUSS_LEGENDRE_6: [(f64, f64); 3] = [
    (0.238_619_186_083_196_9, 0.467_913_934_572_691_04),
    (0.661_209_386_466_264_5, 0.360_761_573_048_138_7),
    (0.932_469_514_203_152, 0.171_324_492_379_170_27),
];

/// The same with 12 points.
pub(crate) const GAUSS_LEGENDRE_12: [(f64, f64); 6] = [
    (0.125_233_408_511_468_9, 0.249_147_045_813_402_8),
    (0.367_831_498_998_180_2, 0.233_492_536_538_354_8),
    (0.587_317_954_286_617_5, 0.203_167_426_723_065_73),
    (0.769_902_674_194_304_7, 0.160_078_328_543_346_42),
    (0.904_117_256_370_474_8, 0.106_939_325_995_319_07),
    (0.981_560_634_246_719_2, 0.047_175_336_386_511_41),
];

/// The integral of `integrand` over `from`..`to` by 24 Gauss–Legendre points; exact for polynomials of degree 47.
pub(crate) fn gauss_legendre(from: f64, to: f64, mut integrand: impl FnMut(f64) -> f64) -> f64 {
    let middle = 0.5 * (from + to);
    let half = 0.5 * (to - from);
    let mut sum = 0.0;
    for (node, weight) in GAUSS_LEGENDRE_24 {
        let offset = half * node;
        sum += weight * (integrand(middle - offset) + integrand(middle + offset));
    }
    half * sum
}

/// The integral over 0..`length` of a positive `integrand` that changes at 0 by about e^(±`rate` y) and nowhere faster, and
/// that does not rise again once it has died away: Gauss–Legendre on panels that double in width up to 1.
pub(crate) fn gauss_legendre_panels(
    length: f64,
    rate: f64,
    mut integrand: impl FnMut(f64) -> f64,
) -> f64 {
    /// Exponent that 24 points resolve to the last digit within a panel.
    const FIRST_EXPONENT: f64 = 4.0;
    let mut width = (FIRST_EXPONENT / rate).min(1.0);
    let mut from = 0.0;
    let mut sum = 0.0;
    while from < length {
        // A last bit that would be left over joins the panel before it.
        let to = if from + 1.25 * width >= length {
            length
        } else {
            from + width
        };
        let part = gauss_legendre(from, to, &mut integrand);
        sum += part;
        if part <= 1e-18 * sum {
            break;
        }
        from = to;
        width = (2.0 * width).min(1.0);
    }
    sum
}

/// The integral over 0..`length` of a positive `integrand` with one peak, no narrower than a thousandth of the place where
/// it lies (a narrower one can fall between the points unseen): panels that halve towards 0, each halved again until its
/// halves agree with the whole.
pub(crate) fn gauss_legendre_adaptive(length: f64, mut integrand: impl FnMut(f64) -> f64) -> f64 {
    /// Panels towards 0, enough for a peak at 1e-12 of the length.
    const DYADIC: i32 = 40;
    const DEEPEST: u32 = 40;
    const STILL: f64 = 1e-15;
    /// A smaller share may be rounding of an exponent of some billions.
    const ROUNDING: f64 = 1e-6;
    // From, to, integral, by how much the halves of the panel that this is a half of differed from it, depth.
    let mut panels: Vec<(f64, f64, f64, f64, u32)> = Vec::new();
    let mut to = length;
    for halving in 1..=DYADIC {
        let from = if halving == DYADIC { 0.0 } else { 0.5 * to };
        let whole = gauss_legendre(from, to, &mut integrand);
        panels.push((from, to, whole, f64::INFINITY, 0));
        to = from;
    }
    let mut scale: f64 = panels.iter().map(|panel| panel.2).sum();
    let mut sum = 0.0;
    while let Some((from, to, whole, before, depth)) = panels.pop() {
        let middle = 0.5 * (from + to);
        let left = gauss_legendre(from, middle, &mut integrand);
        let right = gauss_legendre(middle, to, &mut integrand);
        let refined = left + right;
        scale += (refined - whole).max(0.0);
        let moved = (refined - whole).abs();
        // Subnormal parts never agree to so many digits.
        let still = moved <= STILL * scale + f64::MIN_POSITIVE;
        // Once some digits agree each halving brings a dozen more; what moves on is the integrand's own rounding.
        let rounding = moved <= ROUNDING * refined && moved > before / 64.0;
        if still || rounding || depth == DEEPEST {
            sum += refined;
        } else {
            panels.push((from, middle, left, moved, depth + 1));
            panels.push((middle, to, right, moved, depth + 1));
        }
    }
    sum
}

/// The expectation of a positive, slowly varying `function` of p, where p has the beta distribution with `a` and `b`.
///
/// On the whole line y = ln(p / (1 − p)) the density falls exponentially on both sides; y = centre + width · sinh(w)
/// makes it fall doubly exponentially however small `a` or `b`, and there the trapezoidal rule converges faster than
/// any power of its step (Takahasi and Mori 1974). The step is halved until the ratio to the same sum without
/// `function` stands still; that ratio needs no normalising constant.
pub(crate) fn beta_expectation(a: f64, b: f64, function: impl Fn(f64) -> f64) -> f64 {
    const COARSEST_STEP: f64 = 0.25;
    const HALVINGS: usize = 7;
    const STILL: f64 = 2e-14;
    let centre = (a / b).ln();
    let width = (1.0 / a + 1.0 / b).sqrt().min(1.0);
    // The logarithm of p^a (1 − p)^b, and p itself.
    let density = |y: f64| {
        let e = (-y.abs()).exp();
        let larger = -e.ln_1p();
        let smaller = -y.abs() + larger;
        if y < 0.0 {
            (a * smaller + b * larger, e / (1.0 + e))
        } else {
            (a * larger + b * smaller, 1.0 / (1.0 + e))
        }
    };
    let (peak, _) = density(centre);
    let term = |w: f64| {
        let (ln_density, p) = density(centre + width * w.sinh());
        let weight = w.cosh() * (ln_density - peak).exp();
        (
            weight,
            weight * if weight > 0.0 { function(p) } else { 0.0 },
        )
    };
    // Sums over w = start, start + step, … on both sides until nothing is added any more.
    let both_sides = |start: f64, step: f64| {
        let (mut weights, mut values) = (0.0, 0.0);
        for sign in [1.0, -1.0] {
            let mut w = start;
            loop {
                let (weight, value) = term(sign * w);
                weights += weight;
                values += value;
                // A function that grows towards 0 or 1 carries on where the density has died away.
                if weight <= 1e-20 * weights && value <= 1e-18 * values {
                    break;
                }
                w += step;
            }
        }
        (weights, values)
    };
    let mut step = COARSEST_STEP;
    let (mut weights, mut values) = term(0.0);
    let (outer_weights, outer_values) = both_sides(step, step);
    weights += outer_weights;
    values += outer_values;
    let mut mean = values / weights;
    for _ in 0..HALVINGS {
        let (new_weights, new_values) = both_sides(0.5 * step, step);
        weights += new_weights;
        values += new_values;
        step *= 0.5;
        let refined = values / weights;
        let moved = (refined - mean).abs();
        mean = refined;
        if moved <= STILL * mean.abs() {
            break;
        }
    }
    mean
}

#[cfg(test)]
mod tests {
    use super::{beta_expectation, gauss_legendre, gauss_legendre_adaptive, gauss_legendre_panels};

    #[test]
    fn a_polynomial_is_integrated_exactly() {
        let integral = gauss_legendre(0.0, 2.0, |x| x.powi(47));
        assert!((integral / (2_f64.powi(48) / 48.0) - 1.0).abs() < 1e-13);
    }

    #[test]
    fn panels_follow_decays_and_narrow_peaks() {
        for rate in [0.1_f64, 3.0, 5000.0] {
            let decay = gauss_legendre_panels(30.0, rate, |y| (-rate * y).exp());
            assert!((decay * rate / -(-30.0 * rate).exp_m1() - 1.0).abs() < 1e-14);
        }
        for (centre, width) in [(0.01, 0.001), (0.5, 5e-4), (0.37, 3.7e-4), (0.999_3, 3e-4)] {
            let peak = gauss_legendre_adaptive(1.0, |y| {
                let distance: f64 = (y - centre) / width;
                (-0.5 * distance * distance).exp()
            });
            let missing = if centre > 0.9 {
                0.990_184_671_371_354_7
            } else {
                1.0
            };
            let exact = missing * width * (2.0 * std::f64::consts::PI).sqrt();
            assert!(
                (peak / exact - 1.0).abs() < 1e-12,
                "{centre} {width}: {peak} {exact}"
            );
        }
    }

    #[test]
    fn the_rounding_of_a_steep_integrand_is_not_chased() {
        let mut calls = 0;
        // A peak as narrow as may be, its logarithm known to a few millionths: a difference of ten billions.
        let (centre, width) = (0.4, 4e-4);
        let peak = gauss_legendre_adaptive(1.0, |y: f64| {
            calls += 1;
            let distance: f64 = (y - centre) / width;
            ((1e10 - 0.5 * distance * distance) - 1e10).exp()
        });
        let exact = width * (2.0 * std::f64::consts::PI).sqrt();
        assert!((peak / exact - 1.0).abs() < 1e-5, "{peak:e} {exact:e}");
        assert!(calls < 100_000, "{calls}");
    }

    #[test]
    fn integrals_that_nearly_underflow_come_to_an_end() {
        for length in [1e-310, 3e-308] {
            let integral = gauss_legendre_adaptive(length, |y| (1.0 + y.sqrt()).recip());
            assert!((integral / length - 1.0).abs() < 1e-10, "{integral:e}");
        }
    }

    #[test]
    fn moments_of_the_beta_distribution_come_out() {
        for (a, b) in [
            (0.001, 5.0),
            (0.5, 0.5),
            (1.0, 1.0),
            (0.8, 5000.0),
            (1000.0, 15_000.0),
            (3.0, 0.02),
            (1.1, 3.0),
        ] {
            let mean = beta_expectation(a, b, |p| p);
            assert!(
                (mean / (a / (a + b)) - 1.0).abs() < 2e-13,
                "{a} {b}: {mean}"
            );
            let inverse = beta_expectation(a, b, |p| 1.0 / (1.0 + p));
            assert!(inverse > 0.5 && inverse < 1.0);
            if a > 1.05 {
                let found = beta_expectation(a, b, f64::recip);
                let exact = (a + b - 1.0) / (a - 1.0);
                assert!((found / exact - 1.0).abs() < 1e-12, "{a} {b}: {found}");
            }
        }
    }
}
