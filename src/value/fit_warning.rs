//! What to beware of in a fit.

use std::fmt;

#[cfg(feature = "serde")]
use crate::error::{Error, Result};

/// What the reader of a fit should know before using it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum FitWarning {
    /// A parameter is known no better than within a large factor.
    LooseParameter {
        /// The parameter.
        name: String,
        /// Standard error over value.
        relative_standard_error: f64,
    },
    /// Some parameters move together almost freely: a ridge in the likelihood.
    Ridge {
        /// Largest over smallest eigenvalue of the information in the logarithms of the parameters; infinite where the
        /// smallest is not above 0.
        #[cfg_attr(
            feature = "serde",
            serde(with = "crate::measure::stored::without_upper_end")
        )]
        condition: f64,
    },
    /// Some parameters are not known one by one (standard errors above their values) but what they forecast together is:
    /// the fit lies on a ridge.
    KnownOnlyTogether {
        /// The parameters.
        parameters: Vec<String>,
        /// Relative standard error of what a new customer buys within the mean time observed or, if larger, within as long
        /// again.
        forecast_error: f64,
    },
    /// The limit of equal purchase rates fits nearly as well.
    NearlyEqualRates {
        /// Standard deviation over mean of the purchase rates: 1/√r.
        spread: f64,
    },
    /// The likelihood keeps growing as the customers' purchase rates become equal.
    EqualRates,
    /// The likelihood keeps growing as the probability or the rate of leaving goes to zero ("a → 0", "s → 0").
    NobodyLeaves,
    /// The likelihood keeps growing as the customers' chances to leave become equal.
    EqualChurn,
    /// The likelihood of the GGompertz/NBD keeps growing as its shape b vanishes: the Pareto/NBD says the same with one
    /// parameter less.
    ParetoSuffices {
        /// β / b, which is the β of the Pareto/NBD.
        beta: f64,
    },
    /// Nearly all customers bought once, and the model cannot see whether those have left.
    MostlyBoughtOnce {
        /// Their share.
        share: f64,
    },
    /// The fitted model has no mean for a new customer (Gamma–Gamma with q not above 1).
    NoPopulationMean,
    /// Rows that the model cannot use were left out.
    LeftOut {
        /// How many.
        rows: usize,
        /// Why.
        reason: String,
    },
}

#[cfg(feature = "serde")]
impl FitWarning {
    /// Refuses numbers that no fit would warn of.
    pub(super) fn require_sound(&self) -> Result<()> {
        let (what, number, most) = match *self {
            Self::LooseParameter {
                relative_standard_error,
                ..
            } => ("relative standard error", relative_standard_error, f64::MAX),
            Self::Ridge { condition } => ("condition", condition, f64::INFINITY),
            Self::KnownOnlyTogether { forecast_error, .. } => {
                ("forecast error", forecast_error, f64::MAX)
            }
            Self::NearlyEqualRates { spread } => ("spread", spread, f64::MAX),
            Self::ParetoSuffices { beta } => ("beta", beta, f64::MAX),
            Self::MostlyBoughtOnce { share } => ("share", share, 1.0),
            Self::EqualRates
            | Self::NobodyLeaves
            | Self::EqualChurn
            | Self::NoPopulationMean
            | Self::LeftOut { .. } => return Ok(()),
        };
        let sound = number >= 0.0 && number <= most;
        Error::unless(
            sound,
            what,
            number,
            "not be negative, and a share not above 1",
        )
    }
}

impl fmt::Display for FitWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LooseParameter {
                name,
                relative_standard_error,
            } => write!(
                f,
                "{name} is loose: its standard error is {:.0} % of its value",
                100.0 * relative_standard_error
            ),
            Self::Ridge { condition } => write!(
                f,
                "the likelihood has a ridge (condition {condition:.0}): single parameters are doubtful, \
                 predictions near the data much less so"
            ),
            Self::KnownOnlyTogether {
                parameters,
                forecast_error,
            } => {
                match parameters.as_slice() {
                    [one] => write!(f, "{one} is not known by itself, only together with the others")?,
                    all => write!(f, "{} are known only together, not one by one", all.join(", "))?,
                }
                write!(
                    f,
                    ": along a ridge the likelihood hardly changes, and neither do forecasts (what a new customer buys is \
                     known to ± {:.1} %). Use the forecasts, do not read these parameters; for a single one ask for its \
                     profile interval, for what lies far ahead bootstrap",
                    100.0 * forecast_error
                )
            }
            Self::NearlyEqualRates { spread } => write!(
                f,
                "r, alpha → ∞ fits nearly as well: customers' purchase rates hardly differ (by {:.0} % of their mean), \
                 so who bought more was mostly luck; only r / alpha is known",
                100.0 * spread
            ),
            Self::EqualRates => f.write_str(
                "the likelihood keeps growing as all customers come to buy at the same rate: differences \
                 between customers are not visible in these data, and of the parameters of buying only the ratio, \
                 the common rate, means something; to tell customers apart use covariates or longer histories",
            ),
            Self::NobodyLeaves => f.write_str(
                "a or s → 0: by these data nobody leaves, so everyone counts as alive and forecasts only taper off by \
                 chance; the NBD says the same with two parameters less",
            ),
            Self::EqualChurn => f.write_str(
                "the likelihood keeps growing as all customers become equally likely to leave: differences between \
                 customers are not visible in these data, and of the parameters of leaving only the ratio means something",
            ),
            Self::ParetoSuffices { beta } => write!(
                f,
                "b → 0: the Gompertz shape vanishes, Pareto/NBD suffices (with β = {beta:.4}, which is β / b here; \
                 b and β by themselves mean nothing)"
            ),
            Self::MostlyBoughtOnce { share } => write!(
                f,
                "{:.1} % of the customers bought once, and this model counts them as alive by assumption, not by evidence",
                100.0 * share
            ),
            Self::NoPopulationMean => f.write_str(
                "q is not above 1, so the mean spend of a new customer is undefined: use the observed mean",
            ),
            Self::LeftOut { rows, reason } => write!(f, "{rows} rows left out: {reason}"),
        }
    }
}
