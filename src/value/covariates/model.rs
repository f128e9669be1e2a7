//! A model with covariates before it has seen data.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::value::PurchaseHistories;
#[cfg(feature = "serde")]
use crate::value::law::require_positive;

use super::fit::fit;
use super::fitted::Term;
#[cfg(feature = "serde")]
use super::fitted::sound_parameters;
use super::{CovariateTarget, Covariates, DrivenProcess, FittedCovariateModel, Penalty};

/// A purchase or spend model in which covariates drive how customers buy, leave or spend: proportional hazards in the
/// Pareto/NBD, BG/NBD and MBG/NBD (Fader and Hardie 2007), a proportional mean in Gamma–Gamma.
///
/// Unless told otherwise by [`Self::acting_on`], every column acts on purchases and on leaving (Gamma–Gamma: on spend).
/// What exactly a coefficient does stands at [`DrivenProcess`].
///
/// | option | default | source |
/// |---|---|---|
/// | [`acting_on`](Self::acting_on) | all columns on purchases and leaving, or on spend | convention |
/// | [`with_penalty`](Self::with_penalty), [`with_penalty_on`](Self::with_penalty_on) | none | plain maximum likelihood |
/// | [`starting_at`](Self::starting_at) | the fit without covariates | convention |
///
/// ```
/// use tillit::measure::{Probability, Span, TimeUnit};
/// use tillit::value::{
///     CovariateModel, Covariates, DrivenProcess, FittedPurchaseModel, ParetoNbd, PurchaseHistories,
/// };
///
/// # let (mut x, mut t_x, mut broken) = (vec![], vec![], vec![]);
/// # let mut seed = 1_u64;
/// # let mut wait = || {
/// #     seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
/// #     -(((seed >> 33) as f64 + 0.5) / 2_147_483_648.0).ln()
/// # };
/// # for customer in 0..400_u32 {
/// #     let promises = f64::from(customer % 3);
/// #     let (rate, leaving) = (0.3 * (wait() + wait()), 0.02 * (wait() + wait()) * 1.8_f64.powf(promises));
/// #     let end = (wait() / leaving).min(52.0);
/// #     let (mut count, mut last) = (0, 0.0);
/// #     let mut now = wait() / rate;
/// #     while now < end {
/// #         (count, last) = (count + 1, now);
/// #         now += wait() / rate;
/// #     }
/// #     x.push(count);
/// #     t_x.push(last);
/// #     broken.push(promises);
/// # }
/// # let histories = PurchaseHistories::from_columns(TimeUnit::Week, x, t_x, vec![52.0; 400])?;
/// // One row per customer, as in the histories.
/// let drivers = Covariates::of(histories.len()).with_column("broken promises", broken)?;
/// let fitted = CovariateModel::new(ParetoNbd::default()).fit(&histories, &drivers)?;
///
/// // Does a broken promise drive customers away, and how surely?
/// let leaving = fitted.coefficient(DrivenProcess::Leaving, "broken promises").unwrap();
/// println!("{leaving}"); // coefficient, standard error, z, p, and the factor per broken promise
/// assert!(leaving.factor() > 1.0 && leaving.p_value().unwrap().value() < 0.01);
/// let interval = leaving.interval(Probability::new(0.95)?)?;
/// assert!(interval.contains(leaving.value()));
/// println!("{}", fitted.likelihood_ratio_test().unwrap());
///
/// // A customer's own model answers all that the plain model answers.
/// let own = fitted.model_of(&drivers, 1)?;
/// let year = Span::new(52.0, TimeUnit::Week)?;
/// let customer = histories.get(1).unwrap();
/// let purchases = own.expected_purchases(&customer, year)?;
/// // What would one more broken promise cost in purchases?
/// let change = fitted.change(&drivers, 1, "broken promises", 1.0, |own| {
///     own.expected_purchases(&customer, year)
/// })?;
/// assert!(change < 0.0 && purchases + change > 0.0);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(deserialize = "Model: CovariateTarget + serde::Deserialize<'de>"))
)]
pub struct CovariateModel<Model> {
    base: Model,
    chosen: BTreeMap<DrivenProcess, Vec<String>>,
    penalty: Penalty,
    penalties: BTreeMap<DrivenProcess, Penalty>,
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "stored_start::<Model, _>")
    )]
    start: Option<Start>,
}

/// Which column acts on what, and the coordinates of an earlier fit.
type Start = (Vec<Term>, Vec<f64>);

/// A start that comes back is one that a fitted model has.
#[cfg(feature = "serde")]
fn stored_start<'de, Model: CovariateTarget, Source: serde::Deserializer<'de>>(
    source: Source,
) -> std::result::Result<Option<Start>, Source::Error> {
    let start: Option<Start> = serde::Deserialize::deserialize(source)?;
    if let Some((terms, coordinates)) = &start {
        sound_parameters::<Model>(terms, coordinates)
            .and_then(|parameters| {
                let mut named = Model::PARAMETERS.iter().copied().zip(parameters);
                named.try_for_each(|parameter| require_positive([parameter]))
            })
            .map_err(serde::de::Error::custom)?;
    }
    Ok(start)
}

impl<Model: CovariateTarget> CovariateModel<Model> {
    /// `base` with covariates.
    #[must_use]
    pub fn new(base: Model) -> Self {
        Self {
            base,
            chosen: BTreeMap::new(),
            penalty: Penalty::NONE,
            penalties: BTreeMap::new(),
            start: None,
        }
    }

    /// Only these columns act on `process`; none for an empty list. Other parts keep their columns.
    #[must_use]
    pub fn acting_on<Name: Into<String>>(
        mut self,
        process: DrivenProcess,
        columns: impl IntoIterator<Item = Name>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        self.chosen.insert(process, columns);
        self
    }

    /// The same with an L2 penalty on all coefficients.
    #[must_use]
    pub fn with_penalty(mut self, penalty: Penalty) -> Self {
        self.penalty = penalty;
        self
    }

    /// The same with a penalty of their own on the coefficients of `process`.
    #[must_use]
    pub fn with_penalty_on(mut self, process: DrivenProcess, penalty: Penalty) -> Self {
        self.penalties.insert(process, penalty);
        self
    }

    /// Starts the search at `earlier`, such as last month's fit; covariates that it lacks start without effect. The optimum
    /// does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedCovariateModel<Model>) -> Self {
        self.start = Some((
            earlier.found.terms.clone(),
            earlier.found.coordinates.clone(),
        ));
        self
    }

    /// Maximum (penalised) likelihood by trust-region Newton with exact derivatives, over distinct histories of customers
    /// with equal covariates. The model without covariates is fitted first: it is the start of the search and the yardstick
    /// of the likelihood-ratio test.
    ///
    /// The columns are standardised inside; coefficients are reported per unit of the columns as given, and the model's
    /// parameters are those of a customer whose covariates are all 0.
    ///
    /// # Errors
    /// What the fit without covariates refuses. [`Error::UnequalLengths`] if covariates and histories differ in length.
    /// [`Error::CannotTell`] naming a column that is constant, that the columns before it determine, or whose effect the
    /// likelihood would have grow without end (for example because nobody with it ever came back: a penalty helps); also
    /// if leaving is to be explained where nobody leaves, and where the fit beside the covariates runs into a limit that is
    /// no answer, by its name ("a, b → 0"). [`Error::InvalidText`] for an unknown column,
    /// [`Error::Contradiction`] for a part of behaviour that the model does not have. [`Error::DidNotConverge`].
    pub fn fit(
        &self,
        histories: &PurchaseHistories,
        covariates: &Covariates,
    ) -> Result<FittedCovariateModel<Model>> {
        fit(self, histories, covariates)
    }

    pub(super) fn base(&self) -> &Model {
        &self.base
    }

    /// Coordinates at which to start: baseline logarithms, then a coefficient for each of `terms`.
    pub(super) fn start(&self, terms: &[Term]) -> Option<Vec<f64>> {
        let (known, coordinates) = self.start.as_ref()?;
        let (baseline, coefficients) = coordinates.split_at(Model::PARAMETERS.len());
        let coefficient = |term: &Term| {
            let place = known.iter().position(|earlier| earlier == term);
            place.map_or(0.0, |place| coefficients[place])
        };
        let rest = terms.iter().map(coefficient);
        Some(baseline.iter().copied().chain(rest).collect())
    }

    pub(super) fn penalty_on(&self, process: DrivenProcess) -> Penalty {
        self.penalties
            .get(&process)
            .copied()
            .unwrap_or(self.penalty)
    }

    /// Which column acts on what, process by process.
    pub(super) fn terms(&self, covariates: &Covariates) -> Result<Vec<Term>> {
        let mut columns_of = self.chosen.clone();
        for &process in Model::USUAL {
            let all = || covariates.names().map(str::to_owned).collect();
            columns_of.entry(process).or_insert_with(all);
        }
        columns_of.retain(|_, columns| !columns.is_empty());
        let shared = [DrivenProcess::Leaving, DrivenProcess::Staying];
        if columns_of.contains_key(&DrivenProcess::Alikeness)
            && shared
                .iter()
                .any(|process| columns_of.contains_key(process))
        {
            return Err(Error::Contradiction {
                what: "the choice of covariates".into(),
                reason: "alikeness moves a and b together, so nothing is left to leaving and staying, which move them \
                         one by one: let no column act on these"
                    .into(),
            });
        }
        let mut terms = Vec::new();
        for (process, columns) in columns_of {
            if Model::direction(process).is_none() {
                return Err(Error::Contradiction {
                    what: "the choice of covariates".into(),
                    reason: format!("nothing can act on {process} in {}", Model::NAME),
                });
            }
            for (index, column) in columns.iter().enumerate() {
                covariates.require(column)?;
                if columns[..index].contains(column) {
                    return Err(Error::Contradiction {
                        what: "the choice of covariates".into(),
                        reason: format!("{column:?} is to act on {process} twice"),
                    });
                }
                terms.push(Term {
                    process,
                    covariate: column.clone(),
                });
            }
        }
        Ok(terms)
    }
}
