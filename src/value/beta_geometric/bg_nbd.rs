//! The BG/NBD model: customers buy at their own rate and may leave after any repeat purchase.

use crate::error::Result;
use crate::measure::TimeUnit;

use crate::value::beta_geometric::fit::fit;
use crate::value::beta_geometric::law::BetaGeometric;
use crate::value::law::{Known, KnownLaw, require_positive};
use crate::value::{PurchaseHistories, PurchaseModel};

/// The BG/NBD purchase model (Fader, Hardie and Lee 2005, "Counting your customers the easy way").
///
/// While a customer stays, purchases come at a rate λ; λ differs between customers as Γ(r, α). After each repeat purchase
/// the customer leaves for good with probability p; p differs as B(a, b). Nobody leaves before the first repeat purchase, so
/// a customer without one counts as alive with certainty; where that is wrong, use a model with a chance to leave at once.
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
/// use tillit::value::{FittedBgNbd, FittedPurchaseModel, PurchaseHistory};
///
/// // The published fit to the CDNOW data, time in weeks.
/// let model = FittedBgNbd::from_parameters(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let customer = PurchaseHistory::new(2, 30.43, 38.86, TimeUnit::Week)?;
/// let ahead = Span::new(39.0, TimeUnit::Week)?;
/// assert_eq!(format!("{:.3}", model.expected_purchases(&customer, ahead)?), "1.226");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BgNbd {
    start: Option<BetaGeometric>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    BgNbd { start: Option<BetaGeometric> }
    if |model: &Self| {
        let chances = model.start.map_or(CHANCES_AT_START, |law| law.chances_at_start);
        let own = chances == CHANCES_AT_START;
        crate::Error::unless(own, "chances at the start", f64::from(chances), "be those of this model")
    }
}

impl BgNbd {
    /// Starts the search at the parameters of `earlier`, such as last month's fit. The optimum does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedBgNbd) -> Self {
        self.start = Some(earlier.known.law);
        self
    }
}

impl PurchaseModel for BgNbd {
    type Fitted = FittedBgNbd;

    /// Maximum likelihood on the distinct histories by trust-region Newton with exact derivatives.
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) without customers. [`Error::TooFew`](crate::Error::TooFew) with fewer than 10 repeat buyers, or if fewer than 20 purchases
    /// followed a repeat purchase: only those show customers who had the chance to leave and stayed, and two parameters
    /// rest on them (ten events per parameter: Peduzzi et al. 1996). [`Error::CannotTell`](crate::Error::CannotTell) if a parameter's standard error
    /// exceeds its value and what a new customer buys is not known within a factor of two either.
    fn fit(&self, histories: &PurchaseHistories) -> Result<FittedBgNbd> {
        fit(FittedBgNbd::NAME, CHANCES_AT_START, self.start, histories)
            .map(|known| FittedBgNbd { known })
    }
}

/// Nobody leaves before the first repeat purchase.
const CHANCES_AT_START: u32 = 0;

/// A BG/NBD model with known parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        try_from = "crate::value::beta_geometric::law::Parts",
        into = "crate::value::beta_geometric::law::Parts"
    )
)]
pub struct FittedBgNbd {
    known: Known<BetaGeometric>,
}

#[cfg(feature = "serde")]
impl TryFrom<crate::value::beta_geometric::law::Parts> for FittedBgNbd {
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
impl From<FittedBgNbd> for crate::value::beta_geometric::law::Parts {
    fn from(model: FittedBgNbd) -> Self {
        model.known.into()
    }
}

impl KnownLaw for FittedBgNbd {
    type Law = BetaGeometric;

    const NAME: &'static str = "BG/NBD";

    fn known(&self) -> &Known<BetaGeometric> {
        &self.known
    }

    fn from_known(known: Known<BetaGeometric>) -> Self {
        Self { known }
    }
}

impl FittedBgNbd {
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
