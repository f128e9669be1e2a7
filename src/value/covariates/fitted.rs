//! A model with covariates whose parameters are known.

use crate::error::{Error, Result};
use crate::value::{FitReport, ParametricModel};

use super::{Coefficient, CovariateTarget, Covariates, DrivenProcess, LikelihoodRatioTest};

/// Which column acts on what.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Term {
    pub(super) process: DrivenProcess,
    pub(super) covariate: String,
}

/// What a fit found, or what was given.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Found<Scale> {
    pub(super) terms: Vec<Term>,
    /// Logarithms of the parameters at covariates 0, then the coefficients.
    pub(super) coordinates: Vec<f64>,
    pub(super) scale: Scale,
    pub(super) report: Option<FitReport>,
    /// The fit without covariates.
    pub(super) alone: Option<FitReport>,
    pub(super) penalised: bool,
}

/// A purchase or spend model with known coefficients. It holds no customers: every customer's own model follows from the
/// covariates.
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
/// use tillit::value::{DrivenProcess, FittedCovariateModel, FittedPurchaseModel, ParetoNbd, PurchaseHistory};
///
/// // Customers with a broken promise leave at 1.5 times the rate.
/// let model = FittedCovariateModel::<ParetoNbd>::from_parameters(
///     &[0.55, 10.6, 0.61, 11.7],
///     &[(DrivenProcess::Leaving, "broken promises", 1.5_f64.ln())],
///     TimeUnit::Week,
/// )?;
/// let (kept, broken) = (model.model_at(&[("broken promises", 0.0)])?, model.model_at(&[("broken promises", 1.0)])?);
/// assert!((kept.beta() / broken.beta() - 1.5).abs() < 1e-12);
/// let customer = PurchaseHistory::new(2, 30.43, 38.86, TimeUnit::Week)?;
/// let year = Span::new(52.0, TimeUnit::Week)?;
/// assert!(broken.expected_purchases(&customer, year)? < kept.expected_purchases(&customer, year)?);
/// # Ok::<(), tillit::Error>(())
/// ```
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        try_from = "Found<Model::Scale>",
        into = "Found<Model::Scale>",
        bound(
            serialize = "Model: CovariateTarget, Model::Scale: serde::Serialize",
            deserialize = "Model: CovariateTarget, Model::Scale: serde::Deserialize<'de>"
        )
    )
)]
pub struct FittedCovariateModel<Model: CovariateTarget> {
    pub(super) found: Found<Model::Scale>,
}

impl<Model: CovariateTarget> Clone for FittedCovariateModel<Model> {
    fn clone(&self) -> Self {
        Self {
            found: self.found.clone(),
        }
    }
}

impl<Model: CovariateTarget> PartialEq for FittedCovariateModel<Model> {
    fn eq(&self, other: &Self) -> bool {
        self.found == other.found
    }
}

impl<Model: CovariateTarget> std::fmt::Debug for FittedCovariateModel<Model> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct(Model::NAME)
            .field("found", &self.found)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl<Model: CovariateTarget> TryFrom<Found<Model::Scale>> for FittedCovariateModel<Model> {
    type Error = Error;

    fn try_from(mut found: Found<Model::Scale>) -> Result<Self> {
        let (logarithms, coefficients) = found
            .coordinates
            .split_at_checked(Model::PARAMETERS.len())
            .unwrap_or_default();
        let parameters = logarithms.iter().map(|logarithm| logarithm.exp());
        let told: Vec<f64> = parameters.chain(coefficients.iter().copied()).collect();
        found.report = FitReport::about(found.report, &[Model::NAME], &told)?;
        require_alone::<Model>(found.report.as_ref(), found.alone.as_ref())?;
        Self::of(found)
    }
}

/// The fit without covariates is there if the other is, and speaks of as many customers and of the parameters alone.
#[cfg(feature = "serde")]
fn require_alone<Model: CovariateTarget>(
    report: Option<&FitReport>,
    alone: Option<&FitReport>,
) -> Result<()> {
    let told = |report: &FitReport| (report.customers(), report.parameters().len());
    let baseline = Model::PARAMETERS.len();
    if alone.map(told) == report.map(|report| (report.customers(), baseline)) {
        return Ok(());
    }
    Err(Error::Contradiction {
        what: "a model with covariates and the same fitted alone".into(),
        reason: "both reports must be there, of the same customers, or neither".into(),
    })
}

#[cfg(feature = "serde")]
impl<Model: CovariateTarget> From<FittedCovariateModel<Model>> for Found<Model::Scale> {
    fn from(model: FittedCovariateModel<Model>) -> Self {
        model.found
    }
}

/// Refuses another number of parameters than the model has.
pub(super) fn exactly<const N: usize>(parameters: &[f64]) -> Result<[f64; N]> {
    parameters.try_into().map_err(|_| Error::UnequalLengths {
        left: "the model's parameters",
        left_len: N,
        right: "the parameters given",
        right_len: parameters.len(),
    })
}

/// The parameters at covariates 0, of coordinates that are as many as parameters and terms, of terms that the model has.
pub(super) fn sound_parameters<Model: CovariateTarget>(
    terms: &[Term],
    coordinates: &[f64],
) -> Result<Vec<f64>> {
    let baseline = Model::PARAMETERS.len();
    if coordinates.len() != baseline + terms.len() {
        return Err(Error::UnequalLengths {
            left: "the parameters and coefficients of the model",
            left_len: baseline + terms.len(),
            right: "those given",
            right_len: coordinates.len(),
        });
    }
    let (logarithms, coefficients) = coordinates.split_at(baseline);
    for (index, (term, &coefficient)) in terms.iter().zip(coefficients).enumerate() {
        Error::unless(
            coefficient.is_finite(),
            "coefficient",
            coefficient,
            "be finite",
        )?;
        if Model::direction(term.process).is_none() || terms[..index].contains(term) {
            return Err(Error::Contradiction {
                what: "the list of coefficients".into(),
                reason: format!(
                    "{:?} cannot act on {} in {}, or is to do so twice",
                    term.covariate,
                    term.process,
                    Model::NAME
                ),
            });
        }
    }
    Ok(logarithms.iter().map(|logarithm| logarithm.exp()).collect())
}

impl<Model: CovariateTarget> FittedCovariateModel<Model> {
    /// A model with given parameters: those of a customer whose covariates are all 0, in the order of the model's paper
    /// and counted in `scale`, and for every covariate what it acts on and its coefficient.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless parameters are positive and finite and coefficients finite;
    /// [`Error::UnequalLengths`] for another number of parameters; [`Error::Contradiction`] for a part of behaviour that
    /// the model does not have or a covariate that acts on one part twice.
    pub fn from_parameters(
        parameters: &[f64],
        coefficients: &[(DrivenProcess, &str, f64)],
        scale: Model::Scale,
    ) -> Result<Self> {
        let terms = coefficients.iter().map(|&(process, name, _)| Term {
            process,
            covariate: name.to_owned(),
        });
        let logarithms = parameters.iter().map(|parameter| parameter.ln());
        Self::of(Found {
            terms: terms.collect(),
            coordinates: logarithms
                .chain(coefficients.iter().map(|term| term.2))
                .collect(),
            scale,
            report: None,
            alone: None,
            penalised: false,
        })
    }

    /// The one door: everything that makes such a model is checked here.
    pub(super) fn of(found: Found<Model::Scale>) -> Result<Self> {
        let parameters = sound_parameters::<Model>(&found.terms, &found.coordinates)?;
        Model::own(&parameters, found.scale)?;
        Ok(Self { found })
    }

    /// The coefficients: on purchases first, then on leaving, each in the order of the columns.
    #[must_use]
    pub fn coefficients(&self) -> Vec<Coefficient> {
        let baseline = Model::PARAMETERS.len();
        let errors = |index: usize| {
            let parameters = self.found.report.as_ref()?.parameters();
            parameters.get(index)?.standard_error()
        };
        let terms = self.found.terms.iter().enumerate();
        terms
            .map(|(index, term)| Coefficient {
                covariate: term.covariate.clone(),
                process: term.process,
                value: self.found.coordinates[baseline + index],
                standard_error: errors(baseline + index),
            })
            .collect()
    }

    /// The coefficient of one covariate on one part of behaviour; `None` if there is none.
    #[must_use]
    pub fn coefficient(&self, process: DrivenProcess, covariate: &str) -> Option<Coefficient> {
        self.coefficients()
            .into_iter()
            .find(|found| found.process == process && found.covariate == covariate)
    }

    /// What the parameters are counted in.
    #[must_use]
    pub fn scale(&self) -> Model::Scale {
        self.found.scale
    }

    /// How parameters and coefficients were found, with AIC and BIC; `None` if they were given. Parameters are those of a
    /// customer whose covariates are all 0; coefficients follow them. The log-likelihood is without the penalty.
    #[must_use]
    pub fn report(&self) -> Option<&FitReport> {
        self.found.report.as_ref()
    }

    /// The fit of the same model to the same histories without covariates; `None` if the parameters were given.
    #[must_use]
    pub fn report_without_covariates(&self) -> Option<&FitReport> {
        self.found.alone.as_ref()
    }

    /// Whether the covariates together explain anything. `None` if the parameters were given, without coefficients, and
    /// under a penalty, where twice the gain in log-likelihood has no χ² law.
    #[must_use]
    pub fn likelihood_ratio_test(&self) -> Option<LikelihoodRatioTest> {
        let (report, alone) = (self.found.report.as_ref()?, self.found.alone.as_ref()?);
        if self.found.penalised {
            return None;
        }
        let gain = report.log_likelihood() - alone.log_likelihood();
        LikelihoodRatioTest::new(gain, self.found.terms.len()).ok()
    }

    /// The model of a customer whose covariates are all 0.
    ///
    /// # Errors
    /// None in practice: the parameters were checked when this model was made.
    pub fn baseline(&self) -> Result<Model::Own> {
        self.own(|_| Ok(0.0))
    }

    /// The own model of the customer in `row`: everything the plain model answers, it answers for this customer.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] beyond the last row, or where the covariates lie so far out that a parameter is not positive
    /// and finite; [`Error::InvalidText`] if a column is missing.
    pub fn model_of(&self, covariates: &Covariates, row: usize) -> Result<Model::Own> {
        Error::unless(
            row < covariates.len(),
            "row of the covariates",
            row as f64,
            "lie within the table",
        )?;
        self.own(|name| Ok(covariates.require(name)?[row]))
    }

    /// The own model of a customer with these covariates; columns that the model does not use are passed over.
    ///
    /// # Errors
    /// [`Error::InvalidText`] if a covariate is missing; [`Error::OutOfRange`] for a value that is not finite or lies so
    /// far out that a parameter is not positive and finite.
    pub fn model_at(&self, covariates: &[(&str, f64)]) -> Result<Model::Own> {
        self.own(|name| {
            let given = covariates.iter().find(|(known, _)| *known == name);
            let &(_, value) = given.ok_or_else(|| Error::InvalidText {
                what: "list of covariates".into(),
                found: format!("{covariates:?}"),
                expected: format!("a value of {name:?}").into(),
            })?;
            Error::unless(value.is_finite(), "covariate", value, "be finite")?;
            Ok(value)
        })
    }

    /// The own model at these values of the covariates.
    pub(super) fn own(&self, value: impl Fn(&str) -> Result<f64>) -> Result<Model::Own> {
        let baseline = Model::PARAMETERS.len();
        let (logarithms, coefficients) = self.found.coordinates.split_at(baseline);
        let mut logarithms = logarithms.to_vec();
        for (term, gamma) in self.found.terms.iter().zip(coefficients) {
            let eta = gamma * value(&term.covariate)?;
            let direction = Model::direction(term.process).unwrap_or_default();
            for (logarithm, along) in logarithms.iter_mut().zip(direction) {
                *logarithm += along * eta;
            }
        }
        let parameters: Vec<f64> = logarithms.iter().map(|part| part.exp()).collect();
        Model::own(&parameters, self.found.scale)
    }
}

impl<Model: CovariateTarget> ParametricModel for FittedCovariateModel<Model> {
    fn coordinates(&self) -> Vec<f64> {
        self.found.coordinates.clone()
    }

    fn at_coordinates(&self, coordinates: &[f64]) -> Result<Self> {
        Self::of(Found {
            coordinates: coordinates.to_vec(),
            terms: self.found.terms.clone(),
            scale: self.found.scale,
            report: None,
            alone: None,
            penalised: self.found.penalised,
        })
    }

    fn covariance(&self) -> Option<&[f64]> {
        self.found.report.as_ref()?.covariance()
    }
}
