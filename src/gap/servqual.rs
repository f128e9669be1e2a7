//! Service quality by dimension: perception minus expectation.

use crate::error::{Error, Result};
use crate::measure::Probability;

/// Means of one dimension of service quality, both on the same scale.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Means", into = "Means")
)]
pub struct ServiceDimension {
    name: String,
    expectation: f64,
    perception: f64,
    weight: Probability,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Means {
    name: String,
    expectation: f64,
    perception: f64,
    weight: Probability,
}

#[cfg(feature = "serde")]
impl TryFrom<Means> for ServiceDimension {
    type Error = Error;

    fn try_from(means: Means) -> Result<Self> {
        Self::new(
            means.name,
            means.expectation,
            means.perception,
            means.weight,
        )
    }
}

#[cfg(feature = "serde")]
impl From<ServiceDimension> for Means {
    fn from(dimension: ServiceDimension) -> Self {
        Self {
            name: dimension.name,
            expectation: dimension.expectation,
            perception: dimension.perception,
            weight: dimension.weight,
        }
    }
}

impl ServiceDimension {
    /// A dimension with its mean expectation, its mean perception and how much it matters.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both means are finite.
    pub fn new(
        name: impl Into<String>,
        expectation: f64,
        perception: f64,
        weight: Probability,
    ) -> Result<Self> {
        for mean in [expectation, perception] {
            Error::unless(mean.is_finite(), "mean of a dimension", mean, "be finite")?;
        }
        Ok(Self {
            name: name.into(),
            expectation,
            perception,
            weight,
        })
    }

    /// Name of the dimension.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Perception minus expectation, in steps of the scale: below 0 the service fell short.
    #[must_use]
    pub fn gap(&self) -> f64 {
        self.perception - self.expectation
    }

    /// Mean perception.
    #[must_use]
    pub fn perception(&self) -> f64 {
        self.perception
    }
}

/// SERVQUAL (Parasuraman, Zeithaml & Berry 1988, 1991) and, beside it, SERVPERF (Cronin & Taylor 1992), which leaves the
/// expectation out and often predicts satisfaction better.
///
/// ```
/// use tillit::gap::{ServiceDimension, ServiceQuality};
/// use tillit::measure::Probability;
///
/// let half = Probability::new(0.5)?;
/// let quality = ServiceQuality::new(vec![
///     ServiceDimension::new("reliability", 6.0, 5.0, half)?,
///     ServiceDimension::new("empathy", 5.0, 5.5, half)?,
/// ])?;
/// assert_eq!(quality.gap(), -0.25);
/// assert_eq!(quality.weighted_perception(), 5.25);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Vec<ServiceDimension>", into = "Vec<ServiceDimension>")
)]
pub struct ServiceQuality {
    dimensions: Vec<ServiceDimension>,
    total_weight: f64,
}

impl ServiceQuality {
    /// The five dimensions with the customers' mean allocation of 100 points (Zeithaml, Parasuraman & Berry 1990).
    pub const POINTS: [(&'static str, u8); 5] = [
        ("reliability", 32),
        ("responsiveness", 22),
        ("assurance", 19),
        ("empathy", 16),
        ("tangibles", 11),
    ];

    /// From its dimensions; weights need not add up to 1.
    ///
    /// # Errors
    /// [`Error::Empty`] without dimensions, [`Error::OutOfRange`] if all weights are 0.
    pub fn new(dimensions: Vec<ServiceDimension>) -> Result<Self> {
        if dimensions.is_empty() {
            return Err(Error::Empty {
                what: "service quality".into(),
                remedy: "name at least one dimension".into(),
            });
        }
        let total_weight = dimensions
            .iter()
            .map(|dimension| dimension.weight.value())
            .sum();
        Error::unless(
            total_weight > 0.0,
            "sum of the dimensions' weights",
            total_weight,
            "be above 0",
        )?;
        Ok(Self {
            dimensions,
            total_weight,
        })
    }

    /// The dimensions.
    #[must_use]
    pub fn dimensions(&self) -> &[ServiceDimension] {
        &self.dimensions
    }

    /// Mean gap of the dimensions.
    #[must_use]
    pub fn gap(&self) -> f64 {
        self.mean(ServiceDimension::gap)
    }

    /// Mean gap of the dimensions by their weights.
    #[must_use]
    pub fn weighted_gap(&self) -> f64 {
        self.weighted(ServiceDimension::gap)
    }

    /// Mean perception of the dimensions (SERVPERF).
    #[must_use]
    pub fn perception(&self) -> f64 {
        self.mean(ServiceDimension::perception)
    }

    /// Mean perception of the dimensions by their weights (SERVPERF, weighted).
    #[must_use]
    pub fn weighted_perception(&self) -> f64 {
        self.weighted(ServiceDimension::perception)
    }

    fn mean(&self, of: impl Fn(&ServiceDimension) -> f64) -> f64 {
        self.dimensions.iter().map(of).sum::<f64>() / self.dimensions.len() as f64
    }

    fn weighted(&self, of: impl Fn(&ServiceDimension) -> f64) -> f64 {
        self.dimensions
            .iter()
            .map(|dimension| dimension.weight.value() * of(dimension))
            .sum::<f64>()
            / self.total_weight
    }
}

impl TryFrom<Vec<ServiceDimension>> for ServiceQuality {
    type Error = Error;

    fn try_from(dimensions: Vec<ServiceDimension>) -> Result<Self> {
        Self::new(dimensions)
    }
}

impl From<ServiceQuality> for Vec<ServiceDimension> {
    fn from(quality: ServiceQuality) -> Self {
        quality.dimensions
    }
}
