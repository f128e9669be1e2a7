//! The doubt that the parameters bring into one answer.

use std::fmt;

#[cfg(feature = "serde")]
use crate::error::Error;
use crate::error::Result;
use crate::measure::{Estimate, Interval, Probability, critical_value};

use crate::value::uncertainty::directions::{STEP, directions, moved, slope};
use crate::value::{ParametricModel, Quantity};

/// An answer with the doubt that comes from estimated parameters, by the delta method.
///
/// It says where the *expectation* may lie: with more data it shrinks to a point. It does not say what a single customer
/// will do, which stays uncertain however well the parameters are known.
///
/// The answer's slopes along the axes of the confidence ellipsoid are central differences over 0.002 standard errors to
/// each side (relative error about 1e-6), and the limits lie `z` standard errors away on the scale that [`Quantity`]
/// names, so that none is impossible. (Cramér 1946, *Mathematical Methods of Statistics*, chapter 28; Oehlert 1992, "A note
/// on the delta method", The American Statistician 46.) Where the report warns of a ridge or a loose parameter, limits
/// far from the data are too symmetric.
///
/// ```
/// use tillit::measure::{Probability, Span, TimeUnit};
/// use tillit::value::{
///     ContractModel, FittedContractModel, ParameterInterval, Quantity, ShiftedBetaGeometric, Tenures,
/// };
///
/// let year = Span::new(1.0, TimeUnit::Year)?;
/// let cohort = Tenures::from_survivors(year, &[1000, 869, 743, 653, 593, 551, 517, 491])?;
/// let model = ShiftedBetaGeometric::default().fit(&cohort)?;
/// let level = Probability::new(0.9)?;
/// let in_twelve_years =
///     ParameterInterval::of(&model, level, Quantity::Share, |model| Ok(model.survival(12)?.value()))?;
/// assert!(in_twelve_years.interval().contains(0.394)); // What was seen then; the fit says 0.378.
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ParameterInterval {
    value: f64,
    #[cfg_attr(
        feature = "serde",
        serde(with = "crate::measure::stored::without_upper_end")
    )]
    standard_error: f64,
    interval: Interval,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    ParameterInterval {
        value: f64,
        #[serde(with = "crate::measure::stored::without_upper_end")]
        standard_error: f64,
        interval: Interval,
    }
    if |answer: &Self| {
        let Self { value, standard_error, ref interval } = *answer;
        critical_value::normal(interval.level())?;
        let inside = value.is_finite() && interval.contains(value);
        Error::unless(inside, "value in doubt", value, "be finite and lie within its interval")?;
        let sound = standard_error >= 0.0;
        Error::unless(sound, "standard error", standard_error, "not be negative")
    }
}

impl ParameterInterval {
    /// What `answer` says of `model`, with limits at the nominal `level`. For answers that rest on a purchase and a spend
    /// model, make one of them with [`IndependentFits`](crate::value::IndependentFits).
    ///
    /// # Errors
    /// [`Error::CannotTell`](crate::Error::CannotTell) if the parameters have no covariance,
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) unless the level lies strictly between 0 and 1 and the answer is what
    /// `quantity` says, and whatever `answer` refuses.
    pub fn of<Model: ParametricModel>(
        model: &Model,
        level: Probability,
        quantity: Quantity,
        answer: impl Fn(&Model) -> Result<f64>,
    ) -> Result<Self> {
        let critical = critical_value::normal(level)?;
        let found = answer(model)?;
        let scaled = quantity.to_scale(found)?;
        let mut variance = 0.0;
        for direction in directions(model)? {
            let beside = |share| quantity.to_scale(answer(&moved(model, &direction, share)?)?);
            variance += slope(beside(STEP)?, beside(-STEP)?).powi(2);
        }
        Self::on_scale(quantity, found, scaled, variance.sqrt(), critical, level)
    }

    pub(in crate::value) fn on_scale(
        quantity: Quantity,
        found: f64,
        scaled: f64,
        error: f64,
        critical: f64,
        level: Probability,
    ) -> Result<Self> {
        let value = quantity.value(found);
        let (low, high) = quantity.limits(scaled, critical * error);
        // At the edge of a scale an error without end would be stretched to no number at all.
        let standard_error = if error > 0.0 && error.is_finite() {
            quantity.stretch(value) * error
        } else {
            error.max(0.0)
        };
        Ok(Self {
            value,
            standard_error,
            interval: Interval::new(low.min(value), high.max(value), level, quantity.method())?,
        })
    }

    /// The answer at the fitted parameters.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Its standard error, in the answer's unit; infinite where nothing but the range of the answer is known.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.standard_error
    }

    /// Lower limit.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.interval.low()
    }

    /// Upper limit.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.interval.high()
    }

    /// The limits with their level and method.
    #[must_use]
    pub fn interval(&self) -> &Interval {
        &self.interval
    }

    /// As an estimate that rests on so many observations.
    #[must_use]
    pub fn to_estimate(&self, observations: usize) -> Estimate {
        Estimate::new(self.value, observations)
            .with_standard_error(self.standard_error)
            .with_interval(self.interval.clone())
    }
}

impl fmt::Display for ParameterInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(3);
        write!(
            f,
            "{:.digits$} [{:.digits$}, {:.digits$}]",
            self.value,
            self.low(),
            self.high()
        )
    }
}
