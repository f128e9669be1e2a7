//! Mean, variance and third central moment: three numbers that add when independent things are added.

/// The first three cumulants of a random number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cumulants {
    pub(crate) mean: f64,
    pub(crate) variance: f64,
    pub(crate) third: f64,
}

impl Cumulants {
    pub(crate) fn new(mean: f64, variance: f64, third: f64) -> Self {
        Self {
            mean,
            variance,
            third,
        }
    }

    /// Of a number that takes each `value` with its `probability`, and 0 otherwise.
    pub(crate) fn of_outcomes(outcomes: &[(f64, f64)]) -> Self {
        let mean: f64 = outcomes.iter().map(|(value, p)| value * p).sum();
        let rest = 1.0 - outcomes.iter().map(|(_, p)| p).sum::<f64>();
        let central = |power: i32| {
            let around = |value: f64, p: f64| p * (value - mean).powi(power);
            around(0.0, rest) + outcomes.iter().map(|&(v, p)| around(v, p)).sum::<f64>()
        };
        Self::new(mean, central(2), central(3))
    }

    /// Of the sum with an independent number.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self::new(
            self.mean + other.mean,
            self.variance + other.variance,
            self.third + other.third,
        )
    }

    /// Of the sum of so many independent copies.
    pub(crate) fn times(self, count: f64) -> Self {
        Self::new(count * self.mean, count * self.variance, count * self.third)
    }

    /// Of a sum of independent copies of `each`, this being how many.
    pub(crate) fn compound(self, each: Self) -> Self {
        Self::new(
            self.mean * each.mean,
            self.mean * each.variance + self.variance * each.mean * each.mean,
            self.mean * each.third
                + 3.0 * self.variance * each.mean * each.variance
                + self.third * each.mean.powi(3),
        )
    }

    /// Third central moment over the variance to the power 3/2; 0 where nothing varies.
    pub(crate) fn skewness(self) -> f64 {
        if self.variance > 0.0 {
            // In two steps: the power of a small variance would vanish before the quotient does.
            self.third / self.variance / self.variance.sqrt()
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cumulants;

    #[test]
    fn a_compound_poisson_sum_has_the_raw_moments_as_cumulants() {
        // Steps of 2 with probability 0.3 and -1 with 0.5: raw moments 0.1, 1.7, 1.9.
        let step = Cumulants::of_outcomes(&[(2.0, 0.3), (-1.0, 0.5)]);
        let sum = Cumulants::new(7.0, 7.0, 7.0).compound(step);
        for (found, raw) in [(sum.mean, 0.1), (sum.variance, 1.7), (sum.third, 1.9)] {
            assert!((found - 7.0 * raw).abs() < 1e-12, "{found} {raw}");
        }
        let twice = step.plus(step);
        assert_eq!(twice, step.times(2.0));
        assert!((twice.skewness() * 2.0_f64.sqrt() - step.skewness()).abs() < 1e-14);
        assert!(Cumulants::default().skewness().abs() < 1e-300);
    }
}
