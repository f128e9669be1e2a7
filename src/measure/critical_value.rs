//! How many standard errors an interval of a given level reaches to each side.

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::beta::beta_reg;

use crate::error::{Error, Result};

use super::Probability;

/// Beyond this many degrees of freedom the expansion around the normal distribution is exact to 1e-12.
const MANY_DEGREES: f64 = 2_000.0;

/// Two-sided critical value of the standard normal distribution: 1.96 at level 0.95.
///
/// # Errors
/// [`Error::OutOfRange`] unless `level` lies strictly between 0 and 1.
pub(crate) fn normal(level: Probability) -> Result<f64> {
    let level = level.value();
    Error::unless(
        level > 0.0 && level < 1.0,
        "confidence level",
        level,
        "lie strictly between 0 and 1",
    )?;
    Ok(-Normal::standard().inverse_cdf(0.5 * (1.0 - level)))
}

/// Two-sided critical value of Student's t distribution with `degrees` (above 0, not necessarily whole) degrees of
/// freedom.
///
/// Solves P(|T| <= t) = level by bisection; for many degrees the Cornish–Fisher expansion (Fisher & Cornish 1960), whose
/// error there lies below 1e-12.
///
/// # Errors
/// [`Error::OutOfRange`] unless `level` lies strictly between 0 and 1 and `degrees` is above 0.
pub(crate) fn student_t(level: Probability, degrees: f64) -> Result<f64> {
    let z = normal(level)?;
    Error::unless(degrees > 0.0, "degrees of freedom", degrees, "be above 0")?;
    if degrees > MANY_DEGREES {
        let s = z * z;
        let first = z * (s + 1.0) / 4.0;
        let second = z * ((5.0 * s + 16.0) * s + 3.0) / 96.0;
        let third = z * (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / 384.0;
        return Ok(z + (first + (second + third / degrees) / degrees) / degrees);
    }
    let inside = |t: f64| beta_reg(0.5, 0.5 * degrees, t * t / (degrees + t * t));
    let (mut low, mut high) = (0.0, 1.0);
    while inside(high) < level.value() && high < 1e150 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (low + high);
        if inside(middle) < level.value() {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(0.5 * (low + high))
}

/// The `share` quantile of the beta distribution with shapes `a` and `b`, both above 0, by bisection: slower than
/// Newton steps, but it ends for every shape.
pub(crate) fn beta_quantile(a: f64, b: f64, share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (low + high);
        if beta_reg(a, b, middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Halvings that bring an interval of length 1 below the spacing of numbers around 0.5, with some to spare.
const BISECTIONS: usize = 64;

#[cfg(test)]
mod tests {
    use super::{Probability, normal, student_t};

    fn level(value: f64) -> Probability {
        Probability::new(value).unwrap()
    }

    #[test]
    fn critical_values_match_the_tables() {
        assert!((normal(level(0.95)).unwrap() - 1.959_963_984_540_054).abs() < 1e-12);
        assert!((student_t(level(0.95), 9.0).unwrap() - 2.262_157_162_798).abs() < 1e-11);
        assert!((student_t(level(0.95), 1.0).unwrap() - 12.706_204_736_432_1).abs() < 1e-9);
        assert!((student_t(level(0.99), 30.0).unwrap() - 2.749_995_653_567_231).abs() < 1e-11);
    }

    #[test]
    fn the_expansion_meets_the_solution_where_they_change_over() {
        for confidence in [0.5, 0.9, 0.95, 0.999] {
            let solved = student_t(level(confidence), super::MANY_DEGREES).unwrap();
            let expanded = student_t(level(confidence), super::MANY_DEGREES + 1e-6).unwrap();
            assert!((solved - expanded).abs() < 1e-10, "{solved} {expanded}");
        }
    }

    #[test]
    fn certainty_has_no_critical_value() {
        assert!(normal(Probability::ONE).is_err());
        assert!(normal(Probability::ZERO).is_err());
        assert!(student_t(level(0.95), f64::NAN).is_err());
    }
}
