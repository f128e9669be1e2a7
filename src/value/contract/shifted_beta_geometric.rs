//! The shifted-beta-geometric model: customers under contract leave with their own constant chance.

use crate::error::{Error, Result};
use crate::measure::{DiscountRate, Span, TimeUnit};

use crate::value::contract::beta_weibull::BetaWeibull;
use crate::value::contract::fit::ContractFit;
use crate::value::contract::model::payments_within;
use crate::value::contract::tenures::require_period;
use crate::value::{ContractModel, FitReport, FittedContractModel, Horizon, Tenures};

const NAME: &str = "sBG";

/// The shifted-beta-geometric model of renewals (Fader and Hardie 2007, "How to project customer retention").
///
/// At each decision a customer leaves with chance θ, the same every time; θ differs between customers as B(α, β). The
/// retention rate of a cohort grows only because those with a high θ leave first. Where single customers become more or
/// less likely to leave with time, [`BetaDiscreteWeibull`](crate::value::BetaDiscreteWeibull) forecasts better.
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
/// use tillit::value::{ContractModel, FittedContractModel, ShiftedBetaGeometric, Tenures};
///
/// // The published "High End" cohort.
/// let year = Span::new(1.0, TimeUnit::Year)?;
/// let cohort = Tenures::from_survivors(year, &[1000, 869, 743, 653, 593, 551, 517, 491])?;
/// let model = ShiftedBetaGeometric::default().fit(&cohort)?;
/// assert_eq!(format!("{:.3} {:.3}", model.alpha(), model.beta()), "0.668 3.806");
/// assert_eq!(format!("{:.3}", model.survival(12)?.value()), "0.378");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ShiftedBetaGeometric {
    start: Option<BetaWeibull>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    ShiftedBetaGeometric { start: Option<BetaWeibull> }
    if |model: &Self| {
        let c = model.start.map_or(1.0, |law| law.c);
        Error::unless(c.total_cmp(&1.0).is_eq(), "c", c, "be 1 where all decisions are alike")
    }
}

impl ShiftedBetaGeometric {
    /// Starts the search at the parameters of `earlier`, such as last month's fit. The optimum does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedShiftedBetaGeometric) -> Self {
        self.start = Some(earlier.law);
        self
    }
}

impl ContractModel for ShiftedBetaGeometric {
    type Fitted = FittedShiftedBetaGeometric;

    /// Maximum likelihood on the distinct tenures by trust-region Newton with exact derivatives.
    ///
    /// # Errors
    /// [`Error::Empty`] without customers. [`Error::TooFew`] if fewer than 20 customers left (ten events per parameter:
    /// Peduzzi et al. 1996) or fewer than 2 different decisions were seen. [`Error::CannotTell`] if the likelihood has no
    /// peak, such as when customers leave at the first decision or never.
    fn fit(&self, tenures: &Tenures) -> Result<FittedShiftedBetaGeometric> {
        let task = ContractFit {
            model: NAME,
            c_is_free: false,
        };
        let (law, report) = task.fit(tenures, self.start)?;
        Ok(FittedShiftedBetaGeometric {
            law,
            period: tenures.period(),
            report: Some(report),
        })
    }
}

/// A shifted-beta-geometric model with known parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct FittedShiftedBetaGeometric {
    law: BetaWeibull,
    period: Span,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    alpha: f64,
    beta: f64,
    period: Span,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for FittedShiftedBetaGeometric {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let model = Self::from_parameters(parts.alpha, parts.beta, parts.period)?;
        Ok(Self {
            report: FitReport::about(parts.report, &[NAME], &[parts.alpha, parts.beta])?,
            ..model
        })
    }
}

#[cfg(feature = "serde")]
impl From<FittedShiftedBetaGeometric> for Parts {
    fn from(model: FittedShiftedBetaGeometric) -> Self {
        Self {
            alpha: model.alpha(),
            beta: model.beta(),
            period: model.period,
            report: model.report,
        }
    }
}

impl FittedShiftedBetaGeometric {
    /// A model with given parameters: θ ~ B(`alpha`, `beta`) at one decision per `period`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both are positive and finite and the period is longer than 0.
    pub fn from_parameters(alpha: f64, beta: f64, period: Span) -> Result<Self> {
        for (name, value) in [("alpha", alpha), ("beta", beta)] {
            Error::unless(
                value > 0.0 && value.is_finite(),
                name,
                value,
                "be positive and finite",
            )?;
        }
        require_period(period)?;
        Ok(Self {
            law: BetaWeibull {
                alpha,
                beta,
                c: 1.0,
            },
            period,
            report: None,
        })
    }

    /// First parameter of the distribution of the chance to leave at a decision: its mean is α / (α + β).
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.law.alpha
    }

    /// Second parameter of that distribution.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.law.beta
    }
}

impl FittedContractModel for FittedShiftedBetaGeometric {
    fn name(&self) -> &'static str {
        NAME
    }

    fn period(&self) -> Span {
        self.period
    }

    fn report(&self) -> Option<&FitReport> {
        self.report.as_ref()
    }

    fn ln_survival_from(&self, renewals: u32, more: u32) -> f64 {
        self.law
            .ln_survival_from(f64::from(renewals), f64::from(more))
    }

    fn slopes_of_ln_survival(&self, renewals: u32) -> Vec<f64> {
        self.law.slopes_of_ln_survival(f64::from(renewals))[..2].to_vec()
    }

    fn expected_renewals(
        &self,
        renewals: u32,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64> {
        let expected = self.law.residual(
            f64::from(renewals),
            rate.continuous_per(TimeUnit::Day) * self.period.days(),
            payments_within(horizon, self.period),
        );
        if expected.is_finite() {
            return Ok(expected);
        }
        Err(Error::CannotTell {
            question: "the expected residual lifetime".into(),
            reason: format!(
                "without discounting and horizon it is infinite where alpha does not exceed 1 (here {:.3}), because too many customers \
                 never leave: give one of the two",
                self.law.alpha
            )
            .into(),
        })
    }
}
