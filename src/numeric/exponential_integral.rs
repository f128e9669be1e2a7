//! The generalised exponential integral, scaled so that it cannot overflow.

use super::ln_gamma_one_plus;

/// `e^z E_s(z)` = ∫₀^∞ e^(−z v) (1 + v)^(−s) dv for z > 0 and s > 0; lies between 1 / (z + s) and 1 / z.
///
/// For z ≥ 1 or large s by the contracted continued fraction (DLMF 8.19.17). For smaller z by the power series
/// (DLMF 8.19.10) at s − n within −1/2 to 1 of 1, its pole term and its gamma term taken together so that whole s do
/// no harm (Gautschi, ACM TOMS 542, 1979), then by the recurrence up to s.
pub(crate) fn scaled_exponential_integral(s: f64, z: f64) -> f64 {
    const SERIES_UP_TO: f64 = 20.0;
    if z >= 1.0 || s > SERIES_UP_TO {
        return continued_fraction(s, z);
    }
    let steps = (s - 0.5).floor().max(0.0);
    let lowest = s - steps;
    let epsilon = 1.0 - lowest;
    // [Γ(1 + ε) z^(−ε) − 1] / ε, whose limit at ε = 0 is −γ − ln z.
    let exponent = ln_gamma_one_plus(epsilon) - epsilon * z.ln();
    let head = if epsilon.abs() < f64::MIN_POSITIVE {
        -0.577_215_664_901_532_9 - z.ln()
    } else {
        exponent.exp_m1() / epsilon
    };
    let mut power = 1.0;
    let mut series = 0.0;
    for k in 1..40 {
        let k = f64::from(k);
        power *= -z / k;
        series += power / (k + epsilon);
        if power.abs() < 1e-18 {
            break;
        }
    }
    let decay = (-z).exp();
    let mut integral = head - series;
    let mut order = lowest;
    while order < s - 0.5 {
        integral = (decay - z * integral) / order;
        order += 1.0;
    }
    integral / decay
}

/// Modified Lentz evaluation of 1/(z + s − 1·s/(z + s + 2 − 2(s + 1)/(z + s + 4 − …))).
fn continued_fraction(s: f64, z: f64) -> f64 {
    const MOST_TERMS: u32 = 100_000;
    let mut denominator = z + s;
    let mut c = f64::MAX;
    let mut d = 1.0 / denominator;
    let mut value = d;
    for n in 1..MOST_TERMS {
        let n = f64::from(n);
        let numerator = -n * (s + n - 1.0);
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

#[cfg(test)]
mod tests {
    use super::scaled_exponential_integral;

    /// Values of 300-bit ball arithmetic.
    #[test]
    fn next_to_a_whole_order_no_digits_are_lost() {
        for (s, z, expected) in [
            (
                1.000_000_000_000_689,
                1.538_719_560_365_362_4e-55,
                125.634_013_828_065_35,
            ),
            (
                0.999_999_999_999_891_1,
                6.838_843_424_298_709e-15,
                32.038_942_102_743_04,
            ),
            (
                2.000_000_000_000_459_6,
                0.934_038_151_939_337_9,
                0.416_841_349_765_159_96,
            ),
        ] {
            let found = scaled_exponential_integral(s, z);
            assert!(
                (found / expected - 1.0_f64).abs() <= 1e-14,
                "{s} {z}: {found} {expected}"
            );
        }
    }

    #[test]
    fn both_ways_meet_and_the_recurrence_holds() {
        for s in [0.01, 0.3, 0.5, 0.999_999, 1.0, 1.3, 2.0, 7.5, 19.0, 19.9] {
            for z in [1e-9, 1e-3, 0.2, 0.999_999, 1.0, 3.0, 50.0] {
                let here = scaled_exponential_integral(s, z);
                let next = scaled_exponential_integral(s + 1.0, z);
                assert!((s * next + z * here - 1.0).abs() < 3e-14, "{s} {z}");
                assert!(here > 1.0 / (z + s) && here < 1.0 / z);
            }
        }
    }
}
