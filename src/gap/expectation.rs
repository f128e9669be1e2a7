//! What was experienced against what was expected.

use crate::error::{Error, Result};
use crate::measure::{Estimate, Merge, Moments, Probability, Proportion, Rating};

/// Pairs of experience and expectation of the same case, on the common scale from 0 (worst) to 1 (best).
///
/// The gap is experience minus expectation: below 0 the experience fell short. Experience stands beside the gap because
/// gaps alone are unreliable and often predict less than the experience does (Cronin & Taylor 1992).
///
/// ```
/// use tillit::gap::ExpectationGap;
/// use tillit::measure::{Probability, RatingScale};
///
/// let scale = RatingScale::ONE_TO_SEVEN;
/// let mut gap = ExpectationGap::default();
/// for (experience, expectation) in [(4.0, 6.0), (5.0, 6.5), (7.0, 7.0), (3.0, 6.0)] {
///     gap.record(scale.rate(experience)?, scale.rate(expectation)?);
/// }
/// let estimate = gap.gap(Probability::new(0.95)?)?;
/// assert_eq!(format!("{estimate}"), "-0.271 [-0.602, 0.061]");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ExpectationGap {
    asked: u64,
    experience: Moments,
    expectation: Moments,
    gap: Moments,
    fell_short: u64,
    met: u64,
}

/// How reliable a difference of two scores is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DifferenceReliability {
    value: f64,
}

impl DifferenceReliability {
    /// Below this a difference should not be used as a score of its own (.7: Nunnally 1978, as a convention).
    pub const ENOUGH: f64 = 0.7;

    /// From the reliabilities of experience and expectation, their correlation, and their standard deviations
    /// (classical test theory; Peter, Churchill & Brown 1993):
    /// (sₚ² rₚₚ + sₑ² rₑₑ − 2 rₚₑ sₚ sₑ) / (sₚ² + sₑ² − 2 rₚₑ sₚ sₑ).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the correlation lies within −1 to 1 and the standard deviations are finite and not
    /// negative; [`Error::CannotTell`] if the difference does not vary.
    pub fn new(
        experience_reliability: Probability,
        expectation_reliability: Probability,
        correlation: f64,
        experience_deviation: f64,
        expectation_deviation: f64,
    ) -> Result<Self> {
        Error::unless(
            (-1.0..=1.0).contains(&correlation),
            "correlation",
            correlation,
            "lie within -1 to 1",
        )?;
        for deviation in [experience_deviation, expectation_deviation] {
            Error::unless(
                deviation >= 0.0 && deviation.is_finite(),
                "standard deviation",
                deviation,
                "be finite and not negative",
            )?;
        }
        let shared = 2.0 * correlation * experience_deviation * expectation_deviation;
        let experience = experience_deviation * experience_deviation;
        let expectation = expectation_deviation * expectation_deviation;
        let spread = experience + expectation - shared;
        if spread <= 0.0 {
            return Err(Error::CannotTell {
                question: "how reliable the gap is".into(),
                reason: "it is the same in every case".into(),
            });
        }
        let value = (experience * experience_reliability.value()
            + expectation * expectation_reliability.value()
            - shared)
            / spread;
        Ok(Self { value })
    }

    /// The reliability, at most 1; below 0 the two scores say nothing about the difference.
    #[must_use]
    pub fn value(self) -> f64 {
        self.value
    }

    /// Whether the gap is too unreliable to stand as a score of its own.
    #[must_use]
    pub fn is_too_low(self) -> bool {
        self.value < Self::ENOUGH
    }
}

impl ExpectationGap {
    /// One more pair. The two may be on different scales.
    pub fn record(&mut self, experience: Rating, expectation: Rating) {
        let (experience, expectation) = (experience.position(), expectation.position());
        let gap = experience - expectation;
        self.experience.record(experience);
        self.expectation.record(expectation);
        self.gap.record(gap);
        self.fell_short += u64::from(gap < 0.0);
        self.met += u64::from(gap == 0.0);
    }

    /// One more case that was asked how it was, whether or not it makes a pair.
    pub(super) fn record_asked(&mut self) {
        self.asked += 1;
    }

    /// Cases that were asked for their experience.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// Pairs.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        self.gap.count()
    }

    /// Mean experience of the pairs, from 0 to 1, with its interval.
    ///
    /// # Errors
    /// [`Error::Empty`] without pairs, [`Error::OutOfRange`] unless `level` lies strictly between 0 and 1.
    pub fn experience(&self, level: Probability) -> Result<Estimate> {
        self.experience.estimate(level)
    }

    /// Mean expectation of the pairs, from 0 to 1, with its interval.
    ///
    /// # Errors
    /// As [`experience`](Self::experience).
    pub fn expectation(&self, level: Probability) -> Result<Estimate> {
        self.expectation.estimate(level)
    }

    /// Mean gap, from −1 to 1, with the standard error and Student's t interval of the paired difference.
    ///
    /// # Errors
    /// As [`experience`](Self::experience).
    pub fn gap(&self, level: Probability) -> Result<Estimate> {
        self.gap.estimate(level)
    }

    /// Standard deviation of the gap; `None` below two pairs.
    #[must_use]
    pub fn gap_deviation(&self) -> Option<f64> {
        self.gap.standard_deviation()
    }

    /// Share of pairs whose experience fell short.
    #[must_use]
    pub fn fell_short(&self) -> Proportion {
        Proportion::of(self.fell_short, self.pairs() - self.fell_short)
    }

    /// Share of pairs whose experience met the expectation exactly.
    #[must_use]
    pub fn met(&self) -> Proportion {
        Proportion::of(self.met, self.pairs() - self.met)
    }

    /// Share of pairs whose experience surpassed the expectation.
    #[must_use]
    pub fn surpassed(&self) -> Proportion {
        let not = self.fell_short + self.met;
        Proportion::of(self.pairs() - not, not)
    }

    /// Correlation of experience and expectation, from −1 to 1; `None` unless both vary.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        let (experience, expectation) = (self.experience.variance()?, self.expectation.variance()?);
        let scale = (experience * expectation).sqrt();
        let shared = 0.5 * (experience + expectation - self.gap.variance()?);
        (scale > 0.0).then(|| (shared / scale).clamp(-1.0, 1.0))
    }

    /// How reliable the gap is, given how reliable the two answers are. One answer a case cannot tell that: the two
    /// reliabilities come from a scale of several items, or from asking twice.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if experience, expectation or gap does not vary.
    pub fn reliability(
        &self,
        of_experience: Probability,
        of_expectation: Probability,
    ) -> Result<DifferenceReliability> {
        let (Some(correlation), Some(experience), Some(expectation)) = (
            self.correlation(),
            self.experience.standard_deviation(),
            self.expectation.standard_deviation(),
        ) else {
            return Err(Error::CannotTell {
                question: "how reliable the gap is".into(),
                reason: "experience or expectation is the same in every case".into(),
            });
        };
        DifferenceReliability::new(
            of_experience,
            of_expectation,
            correlation,
            experience,
            expectation,
        )
    }
}

impl Merge for ExpectationGap {
    /// Pieces must hold different cases.
    fn merge(&mut self, other: &Self) -> Result<()> {
        let mut merged = *self;
        merged.experience.merge(&other.experience)?;
        merged.expectation.merge(&other.expectation)?;
        merged.gap.merge(&other.gap)?;
        // Neither exceeds the number of pairs, which fits.
        merged.fell_short += other.fell_short;
        merged.met += other.met;
        merged.asked = merged.asked.saturating_add(other.asked);
        *self = merged;
        Ok(())
    }
}
