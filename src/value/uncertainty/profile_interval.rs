//! The doubt of a single parameter, from the likelihood itself.

use std::fmt;

use crate::error::{Error, Result};
use crate::measure::{Probability, critical_value};
use crate::numeric::{Derivatives, Maximum, SymmetricMatrix, maximise};

#[cfg(feature = "serde")]
use crate::value::law::require_positive;
use crate::value::uncertainty::surfaces::LikelihoodSurface;
use crate::value::{
    FitReport, FittedBetaDiscreteWeibull, FittedBgBb, FittedBgNbd, FittedGGompertzNbd,
    FittedGammaGamma, FittedMbgNbd, FittedNbd, FittedParameter, FittedParetoNbd,
    FittedShiftedBetaGeometric, ParametricModel, ProfileLimit, PurchaseHistories,
    PurchaseOpportunities, Tenures,
};

/// All values of one parameter that the data do not reject: those at which the likelihood, maximised over all other
/// parameters, lies within ½ z² of the peak, with z the normal critical value of the level.
///
/// Unlike an interval from a standard error it need not be symmetric on any scale, follows a ridge wherever it bends, and
/// may be open to a side. Each point re-maximises the others by the fit's own search (Venzon and Moolgavkar 1988, "A method
/// for computing profile-likelihood-based confidence intervals", Applied Statistics 37, where the interval is defined;
/// here the signed root of the fall is solved for by bracketed secants, to 1e-7).
///
/// ```
/// use tillit::measure::{Probability, Span, TimeUnit};
/// use tillit::value::{ContractModel, ProfileInterval, ShiftedBetaGeometric, Tenures};
///
/// let year = Span::new(1.0, TimeUnit::Year)?;
/// let cohort = Tenures::from_survivors(year, &[1000, 869, 743, 653, 593, 551, 517, 491])?;
/// let model = ShiftedBetaGeometric::default().fit(&cohort)?;
/// let alpha = ProfileInterval::of(&model, &cohort, "alpha", Probability::new(0.95)?)?;
/// // The long end lies upwards.
/// let (low, high) = (alpha.low().value().unwrap(), alpha.high().value().unwrap());
/// assert!(high - alpha.value() > alpha.value() - low);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ProfileInterval {
    parameter: String,
    value: f64,
    low: ProfileLimit,
    high: ProfileLimit,
    level: Probability,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    ProfileInterval { parameter: String, value: f64, low: ProfileLimit, high: ProfileLimit, level: Probability }
    if |interval: &Self| {
        critical_value::normal(interval.level)?;
        let Self { value, low, high, .. } = *interval;
        require_positive([("value of the parameter", value)])?;
        if let Some(low) = low.value() {
            let below = low > 0.0 && low <= value * (1.0 + NEAR);
            Error::unless(below, "lower limit", low, "be positive and not lie above the value")?;
        }
        if let Some(high) = high.value() {
            let above = high >= value * (1.0 - NEAR) && high.is_finite();
            Error::unless(above, "upper limit", high, "be finite and not lie below the value")?;
        }
        Ok(())
    }
}

/// A model whose likelihood can be followed away from its peak.
pub trait ProfiledModel: ParametricModel {
    /// What it is fitted to.
    type Data;

    /// As [`ProfileInterval::of`].
    ///
    /// # Errors
    /// As there.
    fn profile(
        &self,
        data: &Self::Data,
        parameter: &str,
        level: Probability,
    ) -> Result<ProfileInterval>;
}

macro_rules! profiled {
    ($($model:ty, $data:ty;)*) => {$(
        impl ProfiledModel for $model {
            type Data = $data;

            fn profile(
                &self,
                data: &$data,
                parameter: &str,
                level: Probability,
            ) -> Result<ProfileInterval> {
                profile_of(self, data, parameter, level)
            }
        }
    )*};
}

profiled! {
    FittedBgNbd, PurchaseHistories;
    FittedMbgNbd, PurchaseHistories;
    FittedParetoNbd, PurchaseHistories;
    FittedGGompertzNbd, PurchaseHistories;
    FittedNbd, PurchaseHistories;
    FittedGammaGamma, PurchaseHistories;
    FittedBgBb, PurchaseOpportunities;
    FittedShiftedBetaGeometric, Tenures;
    FittedBetaDiscreteWeibull, Tenures;
}

fn profile_of<Model: LikelihoodSurface>(
    model: &Model,
    data: &Model::Data,
    parameter: &str,
    level: Probability,
) -> Result<ProfileInterval> {
    let critical = critical_value::normal(level)?;
    let parameters = model
        .how_it_was_fitted()
        .ok_or_else(|| Error::CannotTell {
            question: "how certain a parameter is".into(),
            reason: "the parameters were given: fit the model".into(),
        })?
        .parameters();
    let index = parameters
        .iter()
        .position(|fitted| fitted.name() == parameter)
        .ok_or_else(|| Error::InvalidText {
            what: "parameter".into(),
            found: parameter.to_owned(),
            expected: parameters
                .iter()
                .map(FittedParameter::name)
                .collect::<Vec<_>>()
                .join(", ")
                .into(),
        })?;
    let compressed = Model::compressed(data)?;
    let profile = Profile::of(model, &compressed, index)?;
    let limit = |side: f64| {
        let found = profile.limit(critical, side)?;
        Ok(found.map_or(ProfileLimit::Open, |at| ProfileLimit::At(at.exp())))
    };
    Ok(ProfileInterval {
        parameter: parameter.to_owned(),
        value: parameters[index].value(),
        low: limit(-1.0)?,
        high: limit(1.0)?,
        level,
    })
}

/// The log-likelihood maximised over all coordinates but one.
pub(in crate::value) struct Profile<'data, Model: LikelihoodSurface> {
    model: &'data Model,
    data: &'data Model::Compressed,
    index: usize,
    peak: Vec<f64>,
    highest: f64,
    /// Distance at which the likelihood is expected to have fallen by ½.
    scale: f64,
    /// Coordinates that lie in a limit of the model and stay there.
    resting: Vec<usize>,
}

/// The coordinates without a standard error in a fit that lies in a limit; none in any other.
fn limits_of(report: &FitReport) -> Vec<usize> {
    let parameters = report.parameters().iter().enumerate();
    parameters
        .filter(|_| report.covariance().is_none())
        .filter_map(|(place, parameter)| parameter.standard_error().is_none().then_some(place))
        .collect()
}

/// The fit stands this near, in coordinates, to the peak of its own data.
const NEAR: f64 = 1e-3;

/// How far the search follows the coordinates, both those held and those free: a factor of a million.
const FURTHEST: f64 = 13.8;

impl<'data, Model: LikelihoodSurface> Profile<'data, Model> {
    pub(in crate::value) fn of(
        model: &'data Model,
        data: &'data Model::Compressed,
        index: usize,
    ) -> Result<Self> {
        /// Where the likelihood does not curve down.
        const USUAL_SCALE: f64 = 0.5;
        let start = model.coordinates();
        let mut profile = Self {
            model,
            data,
            index,
            peak: start.clone(),
            highest: f64::NAN,
            scale: USUAL_SCALE,
            resting: Vec::new(),
        };
        let all: Vec<usize> = (0..start.len()).collect();
        let near = |profile: &Self| {
            let bounds = all.iter().map(|&place| {
                let room = if profile.resting.contains(&place) {
                    0.0
                } else {
                    NEAR
                };
                (start[place] - room, start[place] + room)
            });
            let bounds: Vec<(f64, f64)> = bounds.collect();
            let end = maximise(&start, &bounds, |point| profile.likelihood(point));
            let moving: Vec<usize> = (all.iter().copied())
                .filter(|place| !profile.resting.contains(place))
                .collect();
            let curvature = end.derivatives.hessian.negated_part(&moving);
            let leaves = moving.iter().any(|&place| end.at_bound[place]);
            let errors = curvature.positive_definite_inverse().map(|covariance| {
                let place = moving.iter().position(|&place| place == index);
                place.map_or(USUAL_SCALE, |place| covariance.get(place, place).sqrt())
            });
            (end, errors, leaves)
        };
        let (mut end, mut error, mut leaves) = near(&profile);
        // In a limit of the model some coordinates rest where the search was stopped: one of them, as on a ridge that ends
        // there, or all.
        let limits = model.how_it_was_fitted().map_or_else(Vec::new, limits_of);
        let each = limits.iter().map(|&place| vec![place]);
        for resting in each.chain([limits.clone()]) {
            if limits.is_empty() || (error.is_some() && !leaves) {
                break;
            }
            profile.resting = resting;
            (end, error, leaves) = near(&profile);
        }
        // On a ridge without curvature the end of the search says nothing.
        if error.is_some() && leaves {
            return Err(Error::Contradiction {
                what: "the fitted model and the data".into(),
                reason: "the likelihood of these data has its peak elsewhere: give the data that the model was fitted \
                         to, in the same unit"
                    .into(),
            });
        }
        // The parameter asked for is followed away from its limit.
        if limits.contains(&index) {
            profile.resting.clear();
        }
        profile.highest = end.derivatives.value;
        if let Some(error) = error {
            profile.peak = end.point;
            profile.scale = error;
        }
        Ok(profile)
    }

    fn likelihood(&self, point: &[f64]) -> Derivatives {
        self.model.at_coordinates(point).map_or_else(
            |_| Derivatives {
                value: f64::NEG_INFINITY,
                gradient: vec![0.0; point.len()],
                hessian: SymmetricMatrix::zero(point.len()),
            },
            |model| model.likelihood(self.data),
        )
    }

    /// Signed root of twice the fall at `held`, starting the others at `from`; `None` outside the range of the parameter.
    pub(in crate::value) fn fall(
        &self,
        held: f64,
        from: &[f64],
    ) -> Result<Option<(f64, Vec<f64>)>> {
        let mut start = from.to_vec();
        start[self.index] = held;
        let mut bounds: Vec<(f64, f64)> = self
            .peak
            .iter()
            .map(|c| (c - 2.0 * FURTHEST, c + 2.0 * FURTHEST))
            .collect();
        for &place in &self.resting {
            bounds[place] = (self.peak[place], self.peak[place]);
        }
        bounds[self.index] = (held, held);
        if !self.likelihood(&start).value.is_finite() {
            return Ok(None);
        }
        let end = maximise(&start, &bounds, |point| self.likelihood(point));
        self.require_top(&end)?;
        let fallen = 2.0 * (self.highest - end.derivatives.value);
        Ok(Some((fallen.max(0.0).sqrt(), end.point)))
    }

    /// Refuses the end of a search from which the likelihood still rises noticeably.
    fn require_top(&self, end: &Maximum) -> Result<()> {
        /// Rise per unit of a coordinate that moves no limit by 1e-4 of itself.
        const FLAT: f64 = 1e-4;
        let rises = (0..self.peak.len()).any(|free| {
            free != self.index && !end.at_bound[free] && end.derivatives.gradient[free].abs() > FLAT
        });
        if end.converged || !rises {
            return Ok(());
        }
        Err(Error::DidNotConverge {
            model: "the profile likelihood",
            iterations: end.iterations,
            best_log_likelihood: end.derivatives.value,
        })
    }

    /// The coordinate on this `side` (±1) of the peak at which the root of the fall is `critical`.
    fn limit(&self, critical: f64, side: f64) -> Result<Option<f64>> {
        const MOST_STEPS: usize = 100;
        const ENOUGH: f64 = 1e-7;
        // Distances from the peak, with the root of the fall less what is asked for.
        let mut inner = (0.0, -critical);
        let mut point = self.peak.clone();
        let mut distance = critical * self.scale;
        let mut outer = loop {
            distance = distance.min(FURTHEST);
            let held = self.peak[self.index] + side * distance;
            let Some((root, there)) = self.fall(held, &point)? else {
                return Ok(None);
            };
            point = there;
            if root >= critical {
                break (distance, root - critical);
            }
            if distance >= FURTHEST {
                return Ok(None);
            }
            inner = (distance, root - critical);
            distance *= if root > 0.0 {
                (1.1 * critical / root).clamp(1.2, 2.0)
            } else {
                2.0
            };
        };
        // Bracketed secants; the weight of an end that stays is halved (the Illinois rule), so that both ends move.
        let mut last_side = 0.0;
        for _ in 0..MOST_STEPS {
            let middle = (inner.0 * outer.1 - outer.0 * inner.1) / (outer.1 - inner.1);
            let held = self.peak[self.index] + side * middle;
            let Some((root, there)) = self.fall(held, &point)? else {
                return Ok(None);
            };
            point = there;
            let beyond = root - critical;
            if beyond.abs() < ENOUGH || (outer.0 - inner.0).abs() < 1e-12 {
                return Ok(Some(held));
            }
            if beyond > 0.0 {
                outer = (middle, beyond);
                if last_side > 0.0 {
                    inner.1 *= 0.5;
                }
            } else {
                inner = (middle, beyond);
                if last_side < 0.0 {
                    outer.1 *= 0.5;
                }
            }
            last_side = beyond.signum();
        }
        Ok(Some(
            self.peak[self.index] + side * f64::midpoint(inner.0, outer.0),
        ))
    }
}

impl ProfileInterval {
    /// The profile interval of `parameter` (named as in the report) of a model fitted to `data`, at the nominal `level`.
    ///
    /// # Errors
    /// [`Error::InvalidText`] for a name that the report does not have, [`Error::CannotTell`] if the parameters were given,
    /// [`Error::Contradiction`] if the likelihood of `data` has its peak elsewhere, [`Error::DidNotConverge`] if the search
    /// along the profile does not, [`Error::OutOfRange`] unless the level lies strictly between 0 and 1.
    pub fn of<Model: ProfiledModel>(
        model: &Model,
        data: &Model::Data,
        parameter: &str,
        level: Probability,
    ) -> Result<Self> {
        model.profile(data, parameter, level)
    }

    /// The parameter's name, as in the report.
    #[must_use]
    pub fn parameter(&self) -> &str {
        &self.parameter
    }

    /// The most likely value.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Lower limit.
    #[must_use]
    pub fn low(&self) -> ProfileLimit {
        self.low
    }

    /// Upper limit.
    #[must_use]
    pub fn high(&self) -> ProfileLimit {
        self.high
    }

    /// Nominal level.
    #[must_use]
    pub fn level(&self) -> Probability {
        self.level
    }

    /// Whether `value` lies inside, the limits included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low.value().is_none_or(|low| value >= low)
            && self.high.value().is_none_or(|high| value <= high)
    }
}

impl fmt::Display for ProfileInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(3);
        let limit = |limit: ProfileLimit| match limit {
            ProfileLimit::At(at) => format!("{at:.digits$}"),
            ProfileLimit::Open => "open".to_owned(),
        };
        write!(
            f,
            "{} = {:.digits$} [{}, {}]",
            self.parameter,
            self.value,
            limit(self.low),
            limit(self.high)
        )
    }
}
