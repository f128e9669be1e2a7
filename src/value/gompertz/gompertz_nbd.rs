//! The GGompertz/NBD model: customers buy at their own rate and leave the more, or the less, readily the longer they stay.

use crate::error::Result;
use crate::measure::TimeUnit;

use crate::value::gompertz::fit::fit;
use crate::value::gompertz::law::GompertzLaw;
use crate::value::law::{Known, KnownLaw};
use crate::value::{PurchaseHistories, PurchaseModel};

/// The GGompertz/NBD purchase model (Bemmaor and Glady 2012, "Modeling purchasing behavior with sudden 'death': a flexible
/// customer lifetime model", *Management Science* 58(5)).
///
/// While a customer stays, purchases come at a rate λ that differs between customers as Γ(r, α). Whether they buy or not,
/// customers leave at a rate that grows with time as e^(b u) times a level of one's own, and the levels are spread so that
/// the share (β / (β − 1 + e^(b u)))^s is still there at u. With β > 1 the share of those there who leave per time grows
/// towards s b, with β < 1 it falls towards s b, with β = 1 it is s b throughout. As b and β go to zero together the model
/// becomes the Pareto/NBD with β / b for its β.
///
/// The expectation for an existing customer is not the published one, which takes the survival function at T for that
/// from T on; it follows from the definition.
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
/// use tillit::value::{FittedGGompertzNbd, FittedPurchaseModel, PurchaseHistory};
///
/// let model = FittedGGompertzNbd::from_parameters(0.8, 6.0, 0.02, 1.5, 3.0, TimeUnit::Week)?;
/// let customer = PurchaseHistory::new(7, 29.43, 38.86, TimeUnit::Week)?;
/// assert!((model.probability_alive(&customer)?.value() - 0.702_662_708_564).abs() < 1e-12);
/// let ahead = Span::new(39.0, TimeUnit::Week)?;
/// assert!((model.expected_purchases(&customer, ahead)? - 3.458_276_594_778).abs() < 1e-11);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GGompertzNbd {
    start: Option<GompertzLaw>,
}

impl GGompertzNbd {
    /// Starts the search at the parameters of `earlier`, such as last month's fit. The optimum does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedGGompertzNbd) -> Self {
        self.start = Some(earlier.known.law);
        self
    }
}

impl PurchaseModel for GGompertzNbd {
    type Fitted = FittedGGompertzNbd;

    /// Maximum likelihood on the distinct histories by trust-region Newton with exact derivatives.
    ///
    /// Where the likelihood keeps growing as b goes to zero, the report warns that the Pareto/NBD suffices
    /// ([`FitWarning::ParetoSuffices`](crate::value::FitWarning::ParetoSuffices)); b and β then have no meaning of their
    /// own, and no standard errors. b, s and β describe one curve and are often loose one by one where the curve is not;
    /// that is a warning, not a refusal.
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) without customers. [`Error::TooFew`](crate::Error::TooFew) with fewer than 10
    /// repeat buyers or fewer than 20 repeat purchases, as for the Pareto/NBD.
    /// [`Error::CannotTell`](crate::Error::CannotTell) if the standard error of r or α exceeds its value and what a new
    /// customer buys is not known within a factor of two either, or if customers leave at once, at one time or never. [`Error::DidNotConverge`](crate::Error::DidNotConverge) if no start leads to a maximum.
    fn fit(&self, histories: &PurchaseHistories) -> Result<FittedGGompertzNbd> {
        let (law, report) = fit(self.start, histories)?;
        Ok(FittedGGompertzNbd {
            known: Known {
                law,
                unit: histories.unit(),
                report: Some(report),
            },
        })
    }
}

/// A GGompertz/NBD model with known parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct FittedGGompertzNbd {
    known: Known<GompertzLaw>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    r: f64,
    alpha: f64,
    b: f64,
    s: f64,
    beta: f64,
    unit: TimeUnit,
    report: Option<crate::value::FitReport>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for FittedGGompertzNbd {
    type Error = crate::error::Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let mut model = Self::from_parameters(
            parts.r,
            parts.alpha,
            parts.b,
            parts.s,
            parts.beta,
            parts.unit,
        )?;
        model.known.report = crate::value::FitReport::about(
            parts.report,
            &[Self::NAME],
            &[parts.r, parts.alpha, parts.b, parts.s, parts.beta],
        )?;
        Ok(model)
    }
}

#[cfg(feature = "serde")]
impl From<FittedGGompertzNbd> for Parts {
    fn from(model: FittedGGompertzNbd) -> Self {
        let GompertzLaw {
            r,
            alpha,
            b,
            s,
            beta,
        } = model.known.law;
        Self {
            r,
            alpha,
            b,
            s,
            beta,
            unit: model.known.unit,
            report: model.known.report,
        }
    }
}

impl KnownLaw for FittedGGompertzNbd {
    type Law = GompertzLaw;

    const NAME: &'static str = "GGompertz/NBD";

    fn known(&self) -> &Known<GompertzLaw> {
        &self.known
    }

    fn from_known(known: Known<GompertzLaw>) -> Self {
        Self { known }
    }
}

impl FittedGGompertzNbd {
    /// A model with given parameters: λ ~ Γ(`r`, `alpha`), and (β / (β − 1 + e^(b u)))^s of the customers still there at u;
    /// `alpha` in units of time, `b` per unit.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) unless all five, s b and β / b are positive and finite.
    pub fn from_parameters(
        r: f64,
        alpha: f64,
        b: f64,
        s: f64,
        beta: f64,
        unit: TimeUnit,
    ) -> Result<Self> {
        let law = GompertzLaw {
            r,
            alpha,
            b,
            s,
            beta,
        };
        law.require_sound()?;
        Ok(Self {
            known: Known {
                law,
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

    /// How fast a customer's rate of leaving grows, per unit of time.
    #[must_use]
    pub fn b(&self) -> f64 {
        self.known.law.b
    }

    /// Shape of the distribution of the levels of leaving.
    #[must_use]
    pub fn s(&self) -> f64 {
        self.known.law.s
    }

    /// Rate of the distribution of the levels of leaving; a pure number. Of those who have just come s b / β leave per
    /// unit of time, and s b in the long run.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.known.law.beta
    }
}
