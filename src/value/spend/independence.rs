//! What the data say about spend and the number of purchases.

use std::fmt;

#[cfg(feature = "serde")]
use crate::error::{Error, Result};
#[cfg(feature = "serde")]
use crate::measure::Interval;
use crate::measure::{Estimate, Probability};

/// What the data say about the independence of spend and purchases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum SpendVerdict {
    /// The data show no link. With few customers that is weak comfort; the interval says how weak.
    NoSignAgainst,
    /// The correlation may be chance, but ranks go together and the misstatement would matter: look at the interval, and
    /// compare Gamma–Gamma with [`FrequencySpend`](crate::value::FrequencySpend).
    Undecided,
    /// There is a link, but it changes mean spend per purchase by too little to matter.
    TooSmallToMatter,
    /// Who buys more often spends more per purchase: the value of heavy buyers is understated, that of others overstated.
    RisesWithPurchases,
    /// Who buys more often spends less per purchase: the value of heavy buyers is overstated, that of others understated.
    FallsWithPurchases,
}

impl fmt::Display for SpendVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSignAgainst => "no sign against independence of spend and purchases",
            Self::Undecided => {
                "undecided: the correlation may be chance, but ranks go together; compare with FrequencySpend"
            }
            Self::TooSmallToMatter => "spend moves with purchases, but too little to matter",
            Self::RisesWithPurchases => {
                "spend rises with purchases: Gamma-Gamma understates the value of heavy buyers; use FrequencySpend"
            }
            Self::FallsWithPurchases => {
                "spend falls with purchases: Gamma-Gamma overstates the value of heavy buyers; use FrequencySpend"
            }
        })
    }
}

/// How spend and purchases go together. `Display` says it in a few lines.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SpendIndependence {
    pub(in crate::value) pearson: Estimate,
    pub(in crate::value) pearson_p_value: Probability,
    pub(in crate::value) rank: Estimate,
    pub(in crate::value) rank_p_value: Probability,
    pub(in crate::value) misstatement: f64,
    pub(in crate::value) verdict: SpendVerdict,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    SpendIndependence {
        pearson: Estimate,
        pearson_p_value: Probability,
        rank: Estimate,
        rank_p_value: Probability,
        misstatement: f64,
        verdict: SpendVerdict,
    }
    if Self::require_sound
}

impl SpendIndependence {
    /// Refuses correlations beyond 1 and a verdict that its own p-values contradict.
    #[cfg(feature = "serde")]
    fn require_sound(&self) -> Result<()> {
        /// Of a sum of products over the root of sums of squares.
        const ROUNDING: f64 = 1e-9;
        for (what, correlation) in [
            ("correlation", &self.pearson),
            ("rank correlation", &self.rank),
        ] {
            let value = correlation.value();
            let within = value.abs() <= 1.0 + ROUNDING && correlation.interval().is_some();
            Error::unless(
                within,
                what,
                value,
                "lie within -1 to 1 and have an interval",
            )?;
        }
        let misstatement = self.misstatement;
        let sound = misstatement > -1.0 && misstatement.is_finite();
        Error::unless(
            sound,
            "misstatement",
            misstatement,
            "be finite and above -1",
        )?;
        let level = self
            .pearson
            .interval()
            .map_or(Probability::ONE, Interval::level);
        let is_sign = |p_value: Probability| p_value.value() <= level.complement().value();
        let follows = match self.verdict {
            SpendVerdict::NoSignAgainst => !is_sign(self.pearson_p_value),
            SpendVerdict::Undecided => !is_sign(self.pearson_p_value) && is_sign(self.rank_p_value),
            SpendVerdict::TooSmallToMatter => is_sign(self.pearson_p_value),
            SpendVerdict::RisesWithPurchases => is_sign(self.pearson_p_value) && misstatement > 0.0,
            SpendVerdict::FallsWithPurchases => {
                is_sign(self.pearson_p_value) && misstatement <= 0.0
            }
        };
        if follows {
            return Ok(());
        }
        Err(Error::Contradiction {
            what: "a verdict on spend".into(),
            reason: format!(
                "{:?} does not follow from its p-values and misstatement",
                self.verdict
            ),
        })
    }

    /// Pearson's correlation of repeat purchases and mean spend, with its standard error and its interval (from the influence
    /// of each customer, on Fisher's scale), which assume no particular distribution.
    #[must_use]
    pub fn pearson(&self) -> &Estimate {
        &self.pearson
    }

    /// How often a reordering gives a studentised correlation at least as far from zero.
    #[must_use]
    pub fn pearson_p_value(&self) -> Probability {
        self.pearson_p_value
    }

    /// Spearman's rank correlation with its interval (Bonett and Wright 2000).
    #[must_use]
    pub fn rank(&self) -> &Estimate {
        &self.rank
    }

    /// How often a reordering gives a rank correlation at least as far from zero.
    #[must_use]
    pub fn rank_p_value(&self) -> Probability {
        self.rank_p_value
    }

    /// The effect in money: mean spend per purchase (each purchase counted once) over the mean of the customers' means (each
    /// customer counted once), less 1. Under independence about 0; 0.1 says that revenue is a tenth higher than purchases
    /// times the customers' mean would have it.
    #[must_use]
    pub fn misstatement(&self) -> f64 {
        self.misstatement
    }

    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> SpendVerdict {
        self.verdict
    }
}

impl fmt::Display for SpendIndependence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.verdict)?;
        for (name, estimate, p_value) in [
            ("correlation", &self.pearson, self.pearson_p_value),
            ("rank correlation", &self.rank, self.rank_p_value),
        ] {
            write!(f, "  {name} {:.3}", estimate.value())?;
            if let Some(interval) = estimate.interval() {
                write!(f, " ({:.3} to {:.3})", interval.low(), interval.high())?;
            }
            writeln!(f, ", p = {:.3}", p_value.value())?;
        }
        write!(
            f,
            "  mean spend per purchase lies {:.1} % {} the mean per customer, over {} customers",
            100.0 * self.misstatement.abs(),
            if self.misstatement < 0.0 {
                "below"
            } else {
                "above"
            },
            self.pearson.observations()
        )
    }
}
