//! The beta-discrete-Weibull model: customers under contract leave with a chance that changes with their tenure.

use crate::error::{Error, Result};
use crate::measure::{DiscountRate, Span, TimeUnit};

use crate::value::contract::beta_weibull::BetaWeibull;
use crate::value::contract::fit::{ContractFit, RANGE_OF_C};
use crate::value::contract::model::payments_within;
use crate::value::contract::tenures::require_period;
use crate::value::{ContractModel, FitReport, FittedContractModel, Horizon, Tenures};

const NAME: &str = "BdW";

/// The beta-discrete-Weibull model of renewals (Fader, Hardie, Liu, Davin and Steenburgh 2018, "How to project customer
/// retention revisited").
///
/// A customer survives t decisions with probability (1 − θ)^(t^c), and θ differs between customers as B(α, β): with c above
/// 1 single customers become ever more likely to leave, with c below 1 ever less. At c = 1 it is the
/// [`ShiftedBetaGeometric`](crate::value::ShiftedBetaGeometric).
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
/// use tillit::value::{BetaDiscreteWeibull, ContractModel, FittedContractModel, Tenures};
///
/// // Four renewals of the published "High End" cohort foretell the twelfth: 39.4 % were left then.
/// let year = Span::new(1.0, TimeUnit::Year)?;
/// let cohort = Tenures::from_survivors(year, &[1000, 869, 743, 653, 593])?;
/// let model = BetaDiscreteWeibull::default().fit(&cohort)?;
/// assert_eq!(format!("{:.3}", model.survival(12)?.value()), "0.389");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BetaDiscreteWeibull {
    start: Option<BetaWeibull>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    BetaDiscreteWeibull { start: Option<BetaWeibull> }
    if |model: &Self| {
        let c = model.start.map_or(1.0, |law| law.c);
        Error::unless((RANGE_OF_C.0..=RANGE_OF_C.1).contains(&c), "c", c, "lie within 0.1 to 20")
    }
}

impl BetaDiscreteWeibull {
    /// Starts the search at the parameters of `earlier`, such as last month's fit. The optimum does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedBetaDiscreteWeibull) -> Self {
        self.start = Some(earlier.law);
        self
    }
}

impl ContractModel for BetaDiscreteWeibull {
    type Fitted = FittedBetaDiscreteWeibull;

    /// Maximum likelihood on the distinct tenures by trust-region Newton with exact derivatives.
    ///
    /// # Errors
    /// [`Error::Empty`] without customers. [`Error::TooFew`] if fewer than 30 customers left (ten events per parameter:
    /// Peduzzi et al. 1996) or fewer than 3 different decisions were seen. [`Error::CannotTell`] if the likelihood has no
    /// peak, such as when customers leave at the first decision or never.
    fn fit(&self, tenures: &Tenures) -> Result<FittedBetaDiscreteWeibull> {
        let task = ContractFit {
            model: NAME,
            c_is_free: true,
        };
        let (law, report) = task.fit(tenures, self.start)?;
        Ok(FittedBetaDiscreteWeibull {
            law,
            period: tenures.period(),
            report: Some(report),
        })
    }
}

/// A beta-discrete-Weibull model with known parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct FittedBetaDiscreteWeibull {
    law: BetaWeibull,
    period: Span,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    alpha: f64,
    beta: f64,
    c: f64,
    period: Span,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for FittedBetaDiscreteWeibull {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let model = Self::from_parameters(parts.alpha, parts.beta, parts.c, parts.period)?;
        Ok(Self {
            report: FitReport::about(parts.report, &[NAME], &[parts.alpha, parts.beta, parts.c])?,
            ..model
        })
    }
}

#[cfg(feature = "serde")]
impl From<FittedBetaDiscreteWeibull> for Parts {
    fn from(model: FittedBetaDiscreteWeibull) -> Self {
        Self {
            alpha: model.alpha(),
            beta: model.beta(),
            c: model.c(),
            period: model.period,
            report: model.report,
        }
    }
}

impl FittedBetaDiscreteWeibull {
    /// A model with given parameters: θ ~ B(`alpha`, `beta`), survival (1 − θ)^(t^`c`), one decision per `period`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `alpha` and `beta` are positive and finite, `c` lies within 0.1 to 20, and the period
    /// is longer than 0.
    pub fn from_parameters(alpha: f64, beta: f64, c: f64, period: Span) -> Result<Self> {
        for (name, value) in [("alpha", alpha), ("beta", beta)] {
            Error::unless(
                value > 0.0 && value.is_finite(),
                name,
                value,
                "be positive and finite",
            )?;
        }
        Error::unless(
            (RANGE_OF_C.0..=RANGE_OF_C.1).contains(&c),
            "c",
            c,
            "lie within 0.1 to 20",
        )?;
        require_period(period)?;
        Ok(Self {
            law: BetaWeibull { alpha, beta, c },
            period,
            report: None,
        })
    }

    /// First parameter of the distribution of θ, the chance to leave at the first decision: its mean is α / (α + β).
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.law.alpha
    }

    /// Second parameter of that distribution.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.law.beta
    }

    /// Whether single customers become more (above 1) or less (below 1) likely to leave with time.
    #[must_use]
    pub fn c(&self) -> f64 {
        self.law.c
    }
}

impl FittedContractModel for FittedBetaDiscreteWeibull {
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
        self.law.slopes_of_ln_survival(f64::from(renewals)).to_vec()
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
                "without discounting and horizon it is infinite where alpha times c does not exceed 1 (here {:.3}), because too many customers \
                 never leave: give one of the two",
                self.law.alpha * self.law.c
            )
            .into(),
        })
    }
}
