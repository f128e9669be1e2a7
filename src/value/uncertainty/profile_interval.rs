//! The doubt of a single parameter, from the likelihood itself.

use std::fmt;

use crate::error::{Error, Result};
use crate::measure::{Probability, critical_value};
use crate::numeric::{Derivatives, SymmetricMatrix};

#[cfg(feature = "serde")]
use crate::value::uncertainty::profile::NEAR;
use crate::value::uncertainty::profile::Profile;
use crate::value::uncertainty::surfaces::LikelihoodSurface;
use crate::value::{
    FittedBetaDiscreteWeibull, FittedBgBb, FittedBgNbd, FittedFrequencySpend, FittedGGompertzNbd,
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
        Error::unless(value.is_finite(), "value of the parameter", value, "be finite")?;
        let room = NEAR * value.abs();
        if let Some(low) = low.value() {
            let below = low <= value + room && low.is_finite();
            Error::unless(below, "lower limit", low, "be finite and not lie above the value")?;
        }
        if let Some(high) = high.value() {
            let above = high >= value - room && high.is_finite();
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
    FittedFrequencySpend, PurchaseHistories;
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
    critical_value::normal(level)?;
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
    let profile = Profile::of(
        surface(model, &compressed),
        &model.coordinates(),
        model.how_it_was_fitted(),
        index,
    )?;
    ProfileInterval::from_profile(&profile, &parameters[index], level, f64::exp)
}

/// The likelihood of `data` at any coordinates of `model`; where it has no such point, nothing is likely.
pub(in crate::value) fn surface<Model: LikelihoodSurface>(
    model: &Model,
    data: &Model::Compressed,
) -> impl Fn(&[f64]) -> Derivatives {
    |point| {
        model.at_coordinates(point).map_or_else(
            |_| Derivatives {
                value: f64::NEG_INFINITY,
                gradient: vec![0.0; point.len()],
                hessian: SymmetricMatrix::zero(point.len()),
            },
            |model| model.likelihood(data),
        )
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

    /// The limits at `level` of the `fitted` parameter whose coordinate is held along `profile`; `back` leads from that
    /// coordinate to the parameter.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the level lies strictly between 0 and 1, [`Error::DidNotConverge`] if the search does not.
    pub(in crate::value) fn from_profile(
        profile: &Profile<impl Fn(&[f64]) -> Derivatives>,
        fitted: &FittedParameter,
        level: Probability,
        back: impl Fn(f64) -> f64,
    ) -> Result<Self> {
        let critical = critical_value::normal(level)?;
        let limit = |side: f64| -> Result<ProfileLimit> {
            let found = profile.limit(critical, side)?;
            Ok(found.map_or(ProfileLimit::Open, |at| ProfileLimit::At(back(at))))
        };
        Ok(Self {
            parameter: fitted.name().to_owned(),
            value: fitted.value(),
            low: limit(-1.0)?,
            high: limit(1.0)?,
            level,
        })
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
