//! The MBG/NBD model: customers buy at their own rate and may leave after any purchase, the first included.

use crate::error::Result;
use crate::measure::TimeUnit;

use crate::value::beta_geometric::fit::fit;
use crate::value::beta_geometric::law::BetaGeometric;
use crate::value::law::{Known, KnownLaw, require_positive};
use crate::value::{PurchaseHistories, PurchaseModel};

/// The MBG/NBD purchase model (Batislam, Denizel and Filiztekin 2007, "Empirical validation and comparison of models for
/// customer base analysis").
///
/// As [`BgNbd`](crate::value::BgNbd), but a customer may leave right after the first purchase too. So someone who never came back
/// is no longer counted as alive with certainty, which suits shops where most customers buy once.
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
/// use tillit::value::{FittedMbgNbd, FittedPurchaseModel, PurchaseHistory};
///
/// // The fit to the CDNOW data, time in weeks.
/// let model = FittedMbgNbd::from_parameters(0.525, 6.183, 0.891, 1.614, TimeUnit::Week)?;
/// let never_came_back = PurchaseHistory::new(0, 0.0, 38.86, TimeUnit::Week)?;
/// assert_eq!(format!("{:.3}", model.probability_alive(&never_came_back)?.value()), "0.390");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MbgNbd {
    start: Option<BetaGeometric>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    MbgNbd { start: Option<BetaGeometric> }
    if |model: &Self| {
        let chances = model.start.map_or(CHANCES_AT_START, |law| law.chances_at_start);
        let own = chances == CHANCES_AT_START;
        crate::Error::unless(own, "chances at the start", f64::from(chances), "be those of this model")
    }
}

impl MbgNbd {
    /// Starts the search at the parameters of `earlier`, such as last month's fit. The optimum does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedMbgNbd) -> Self {
        self.start = Some(earlier.known.law);
        self
    }
}

impl PurchaseModel for MbgNbd {
    type Fitted = FittedMbgNbd;

    /// Maximum likelihood on the distinct histories by trust-region Newton with exact derivatives.
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) without customers. [`Error::TooFew`](crate::Error::TooFew) with fewer than 10 repeat buyers, or with fewer than 20 repeat
    /// purchases: only those show customers who had the chance to leave and stayed, and two parameters
    /// rest on them (ten events per parameter: Peduzzi et al. 1996). [`Error::CannotTell`](crate::Error::CannotTell) if a parameter's standard error
    /// exceeds its value and what a new customer buys is not known within a factor of two either.
    fn fit(&self, histories: &PurchaseHistories) -> Result<FittedMbgNbd> {
        fit(FittedMbgNbd::NAME, CHANCES_AT_START, self.start, histories)
            .map(|known| FittedMbgNbd { known })
    }
}

/// The first purchase already gives a chance to leave.
const CHANCES_AT_START: u32 = 1;

/// An MBG/NBD model with known parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        try_from = "crate::value::beta_geometric::law::Parts",
        into = "crate::value::beta_geometric::law::Parts"
    )
)]
pub struct FittedMbgNbd {
    known: Known<BetaGeometric>,
}

#[cfg(feature = "serde")]
impl TryFrom<crate::value::beta_geometric::law::Parts> for FittedMbgNbd {
    type Error = crate::Error;

    fn try_from(parts: crate::value::beta_geometric::law::Parts) -> Result<Self> {
        let mut model = Self::from_parameters(parts.r, parts.alpha, parts.a, parts.b, parts.unit)?;
        model.known.report = crate::value::FitReport::about(
            parts.report,
            &[Self::NAME],
            &[parts.r, parts.alpha, parts.a, parts.b],
        )?;
        Ok(model)
    }
}

#[cfg(feature = "serde")]
impl From<FittedMbgNbd> for crate::value::beta_geometric::law::Parts {
    fn from(model: FittedMbgNbd) -> Self {
        model.known.into()
    }
}

impl KnownLaw for FittedMbgNbd {
    type Law = BetaGeometric;

    const NAME: &'static str = "MBG/NBD";

    fn known(&self) -> &Known<BetaGeometric> {
        &self.known
    }

    fn from_known(known: Known<BetaGeometric>) -> Self {
        Self { known }
    }
}

impl FittedMbgNbd {
    /// A model with given parameters: λ ~ Γ(`r`, `alpha`) per `unit`, p ~ B(`a`, `b`).
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) unless all four are positive and finite.
    pub fn from_parameters(r: f64, alpha: f64, a: f64, b: f64, unit: TimeUnit) -> Result<Self> {
        require_positive([("r", r), ("alpha", alpha), ("a", a), ("b", b)])?;
        Ok(Self {
            known: Known {
                law: BetaGeometric {
                    r,
                    alpha,
                    a,
                    b,
                    chances_at_start: CHANCES_AT_START,
                },
                unit,
                report: None,
            },
        })
    }

    /// Shape of the distribution of purchase rates.
    #[must_use]
    pub fn r(&self) -> f64 {
        self.known.law.r
    }

    /// Rate of the distribution of purchase rates, in the model's unit of time: the mean purchase rate is r / α.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.known.law.alpha
    }

    /// First parameter of the distribution of the probability to leave: its mean is a / (a + b).
    #[must_use]
    pub fn a(&self) -> f64 {
        self.known.law.a
    }

    /// Second parameter of the distribution of the probability to leave.
    #[must_use]
    pub fn b(&self) -> f64 {
        self.known.law.b
    }
}
