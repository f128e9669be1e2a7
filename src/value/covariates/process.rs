//! What a covariate can act on.

use std::fmt;

/// The part of a customer's behaviour that a covariate acts on.
///
/// A coefficient γ multiplies by e^(γz), z being the covariate. Which parts a model has:
///
/// | part | Pareto/NBD | BG/NBD, MBG/NBD | Gamma–Gamma |
/// |---|---|---|---|
/// | [`Purchases`](Self::Purchases) | α e^(−γz) | α e^(−γz) | |
/// | [`Leaving`](Self::Leaving) | β e^(−γz) | a e^(γz) | |
/// | [`Staying`](Self::Staying) | | b e^(γz) | |
/// | [`Alikeness`](Self::Alikeness) | | a e^(γz), b e^(γz) | |
/// | [`Spend`](Self::Spend) | | | v e^(γz) |
///
/// Sources: Fader and Hardie (2007), "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models", for
/// the rates and for separate coefficients on a and b; Gamma–Gamma and the defaults by convention. The package `CLVTools`
/// gives a and b of the BG/NBD one coefficient in common ([`Alikeness`](Self::Alikeness)), which leaves the mean
/// probability to leave a / (a + b) as it is and only makes customers more or less alike; so [`Leaving`](Self::Leaving),
/// the default here, acts on a alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum DrivenProcess {
    /// The rate of buying: positive coefficients mean more purchases.
    Purchases,
    /// The rate of leaving, or the odds of the mean probability to leave: positive coefficients mean earlier losses.
    Leaving,
    /// The odds of the mean probability to stay; beside [`Leaving`](Self::Leaving) it lets a covariate move a and b apart.
    Staying,
    /// How alike customers are in their probability to leave, at an unchanged mean.
    Alikeness,
    /// The mean spend per purchase: positive coefficients mean dearer purchases.
    Spend,
}

impl fmt::Display for DrivenProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Purchases => "purchases",
            Self::Leaving => "leaving",
            Self::Staying => "staying",
            Self::Alikeness => "alikeness",
            Self::Spend => "spend",
        })
    }
}
