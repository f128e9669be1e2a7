//! Count, mean and spread of numbers that came one by one or in pieces.

use crate::error::{Error, Result};

use super::critical_value::student_t;
use super::{Estimate, Interval, Merge, Probability};

/// Count, mean and sum of squared deviations, kept without losing digits to large means
/// (Welford 1962; pieces put together as in Chan, Golub & `LeVeque` 1983).
///
/// ```
/// use tillit::measure::{Moments, Probability};
///
/// let efforts: Moments = [7.0, 6.0, 5.0, 7.0, 4.0, 2.0, 6.0, 7.0, 5.0, 6.0].into_iter().collect();
/// let mean = efforts.estimate(Probability::new(0.95)?)?;
/// assert_eq!(format!("{mean:.2}"), "5.50 [4.37, 6.63]");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

#[cfg(feature = "serde")]
super::stored::loads_checked! {
    Moments { count: u64, mean: f64, squares: f64 }
    if |moments: &Self| {
        let Self { count, mean, squares } = *moments;
        let sound = mean.is_finite() && (count > 0 || mean == 0.0);
        Error::unless(sound, "mean", mean, "be finite, and 0 where there are no numbers")?;
        let sound = squares >= 0.0 && squares.is_finite() && (count > 1 || squares == 0.0);
        Error::unless(sound, "sum of squares", squares, "be finite, not negative, and 0 below two numbers")
    }
}

impl Moments {
    /// Takes one number.
    pub fn record(&mut self, value: f64) {
        self.record_times(value, 1);
    }

    /// Takes the same number `times` times.
    pub fn record_times(&mut self, value: f64, times: u64) {
        self.combine(Self {
            count: times,
            mean: value,
            squares: 0.0,
        });
    }

    /// How many numbers.
    #[must_use]
    pub fn count(self) -> u64 {
        self.count
    }

    /// Their mean; `None` without any.
    #[must_use]
    pub fn mean(self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// Their variance with the divisor n − 1; `None` below two numbers.
    #[must_use]
    pub fn variance(self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (self.count - 1) as f64)
    }

    /// Their standard deviation with the divisor n − 1; `None` below two numbers.
    #[must_use]
    pub fn standard_deviation(self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// Standard error of the mean; `None` below two numbers.
    #[must_use]
    pub fn standard_error(self) -> Option<f64> {
        self.variance()
            .map(|variance| (variance / self.count as f64).sqrt())
    }

    /// The mean with standard error and Student's t interval at `level`; of a single number only the number.
    ///
    /// # Errors
    /// [`Error::Empty`] without numbers, [`Error::OutOfRange`] unless `level` lies strictly between 0 and 1.
    pub fn estimate(self, level: Probability) -> Result<Estimate> {
        let Some(mean) = self.mean() else {
            return Err(Error::Empty {
                what: "a mean".into(),
                remedy: "the mean of no numbers has no value".into(),
            });
        };
        let observations = usize::try_from(self.count).unwrap_or(usize::MAX);
        let estimate = Estimate::new(mean, observations);
        let Some(error) = self.standard_error() else {
            return Ok(estimate);
        };
        let half = error * student_t(level, (self.count - 1) as f64)?;
        let interval = Interval::new(mean - half, mean + half, level, "Student t")?;
        Ok(estimate.with_standard_error(error).with_interval(interval))
    }

    fn combine(&mut self, other: Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = other;
            return;
        }
        let (left, right) = (self.count as f64, other.count as f64);
        let apart = other.mean - self.mean;
        self.count = self.count.saturating_add(other.count);
        let whole = self.count as f64;
        self.mean += apart * right / whole;
        self.squares += other.squares + apart * apart * left * right / whole;
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        let mut moments = Self::default();
        for number in numbers {
            moments.record(number);
        }
        moments
    }
}

impl Merge for Moments {
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.count.checked_add(other.count).is_none() {
            return Err(Error::Overflow {
                what: "a count".into(),
            });
        }
        self.combine(*other);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Merge, Moments};

    #[test]
    fn pieces_merge_into_the_whole() {
        let numbers: Vec<f64> = (0..1000)
            .map(|i| 1e6 + f64::from(i * 7919 % 1000) / 7.0)
            .collect();
        let whole: Moments = numbers.iter().copied().collect();
        let mut pieces = Moments::default();
        for piece in numbers.chunks(77) {
            pieces.merge(&piece.iter().copied().collect()).unwrap();
        }
        assert_eq!(pieces.count(), whole.count());
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs();
        assert!(close(pieces.mean().unwrap(), whole.mean().unwrap()));
        assert!(close(
            pieces.standard_deviation().unwrap(),
            whole.standard_deviation().unwrap()
        ));
    }

    #[test]
    fn one_number_has_a_mean_but_no_spread() {
        let one: Moments = [4.0].into_iter().collect();
        assert_eq!(one.mean(), Some(4.0));
        assert_eq!(one.standard_error(), None);
        assert_eq!(Moments::default().mean(), None);
    }
}
