//! Answers for every customer by the own model, and what a covariate's change does to an answer.

use crate::error::{Error, Result};
use crate::measure::{DiscountRate, Span};
use crate::numeric::fill_column;
use crate::value::{FittedPurchaseModel, Horizon, PurchaseHistories, PurchaseHistory};

use super::cells::Groups;
use super::fit::columns_of;
use super::{CovariateTarget, Covariates, FittedCovariateModel};

/// A slope is taken between points so far apart that the linear predictors differ by this times 6: the error of the sixth
/// order and that of rounding then both lie near 1e-12 of the answer.
const STEP: f64 = 0.02;

impl<Model: CovariateTarget> FittedCovariateModel<Model> {
    /// One answer per customer, each by the customer's own model: any question to the plain model, for everybody. Customers
    /// with equal covariates share one model.
    ///
    /// ```
    /// use tillit::measure::{DiscountRate, TimeUnit};
    /// use tillit::value::{
    ///     BgNbd, Covariates, DrivenProcess, FittedCovariateModel, FittedPurchaseModel, Horizon, PurchaseHistories,
    /// };
    ///
    /// let model = FittedCovariateModel::<BgNbd>::from_parameters(
    ///     &[0.243, 4.414, 0.793, 2.426],
    ///     &[(DrivenProcess::Leaving, "gap", 0.4)],
    ///     TimeUnit::Week,
    /// )?;
    /// let histories =
    ///     PurchaseHistories::from_columns(TimeUnit::Week, vec![2, 2], vec![30.43, 30.43], vec![38.86, 38.86])?;
    /// let drivers = Covariates::of(2).with_column("gap", vec![0.0, 1.0])?;
    /// let rate = DiscountRate::annual(0.15)?;
    /// let dollars = model.column(&histories, &drivers, |own, customer| {
    ///     Ok(35.0 * own.discounted_purchases(customer, rate, Horizon::Unlimited)?)
    /// })?;
    /// assert!(dollars[0] > dollars[1]);
    /// # Ok::<(), tillit::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnequalLengths`]; [`Error::InvalidText`] if a column is missing; else the first row's error.
    pub fn column(
        &self,
        histories: &PurchaseHistories,
        covariates: &Covariates,
        answer: impl Fn(&Model::Own, &PurchaseHistory) -> Result<f64> + Sync,
    ) -> Result<Vec<f64>> {
        self.by_group(histories, covariates, &[("", 0.0, 1.0)], answer)
    }

    /// The derivative of an answer with respect to one covariate, for every customer: what one unit more costs at the
    /// margin. The customer's history stays as it is and is judged in the new light.
    ///
    /// A central difference of sixth order over own models, whose error lies near 1e-11 of the answer.
    ///
    /// # Errors
    /// As [`Self::column`]; [`Error::InvalidText`] if the model does not use the covariate.
    pub fn slope_column(
        &self,
        histories: &PurchaseHistories,
        covariates: &Covariates,
        name: &str,
        answer: impl Fn(&Model::Own, &PurchaseHistory) -> Result<f64> + Sync,
    ) -> Result<Vec<f64>> {
        self.by_group(histories, covariates, &self.difference(name)?, answer)
    }

    /// The derivative of an answer of the customer in `row` with respect to one covariate, as [`Self::slope_column`].
    ///
    /// # Errors
    /// As [`Self::model_of`]; [`Error::InvalidText`] if the model does not use the covariate; the answer's own error.
    pub fn slope(
        &self,
        covariates: &Covariates,
        row: usize,
        name: &str,
        answer: impl Fn(&Model::Own) -> Result<f64>,
    ) -> Result<f64> {
        let mut sum = 0.0;
        for (name, shift, weight) in self.difference(name)? {
            sum += weight * answer(&self.shifted(covariates, row, name, shift)?)?;
        }
        Ok(sum)
    }

    /// How an answer of the customer in `row` changes if one covariate grows `by` so much: what one more disappointing
    /// month costs. The customer's history stays as it is and is judged in the new light.
    ///
    /// # Errors
    /// As [`Self::slope`].
    pub fn change(
        &self,
        covariates: &Covariates,
        row: usize,
        name: &str,
        by: f64,
        answer: impl Fn(&Model::Own) -> Result<f64>,
    ) -> Result<f64> {
        self.largest_coefficient(name)?;
        Error::unless(by.is_finite(), "change of the covariate", by, "be finite")?;
        let before = answer(&self.model_of(covariates, row)?)?;
        Ok(answer(&self.shifted(covariates, row, name, by)?)? - before)
    }

    fn shifted(
        &self,
        covariates: &Covariates,
        row: usize,
        moved: &str,
        shift: f64,
    ) -> Result<Model::Own> {
        Error::unless(
            row < covariates.len(),
            "row of the covariates",
            row as f64,
            "lie within the table",
        )?;
        self.own(|name| {
            let value = covariates.require(name)?[row];
            Ok(if name == moved { value + shift } else { value })
        })
    }

    /// Points and weights of the central difference of sixth order.
    fn difference<'a>(&self, name: &'a str) -> Result<Vec<(&'a str, f64, f64)>> {
        let largest = self.largest_coefficient(name)?;
        if largest == 0.0 {
            return Ok(Vec::new());
        }
        let step = STEP / largest;
        let stencil = [(1.0, 45.0), (2.0, -9.0), (3.0, 1.0)];
        Ok(stencil
            .into_iter()
            .flat_map(|(k, weight)| {
                let weight = weight / (60.0 * step);
                [(name, k * step, weight), (name, -k * step, -weight)]
            })
            .collect())
    }

    /// Largest size of a coefficient of this covariate.
    fn largest_coefficient(&self, name: &str) -> Result<f64> {
        let coefficients = &self.found.coordinates[Model::PARAMETERS.len()..];
        self.found
            .terms
            .iter()
            .zip(coefficients)
            .filter(|(term, _)| term.covariate == name)
            .map(|(_, gamma)| gamma.abs())
            .reduce(f64::max)
            .ok_or_else(|| Error::InvalidText {
                what: "covariate".into(),
                found: name.to_owned(),
                expected: format!(
                    "one of the model's: {}",
                    columns_of(&self.found.terms).0.join(", ")
                )
                .into(),
            })
    }

    /// Σ weight × answer at a shifted covariate, for every customer.
    fn by_group(
        &self,
        histories: &PurchaseHistories,
        covariates: &Covariates,
        points: &[(&str, f64, f64)],
        answer: impl Fn(&Model::Own, &PurchaseHistory) -> Result<f64> + Sync,
    ) -> Result<Vec<f64>> {
        if covariates.len() != histories.len() {
            return Err(Error::UnequalLengths {
                left: "the purchase histories",
                left_len: histories.len(),
                right: "the table of covariates",
                right_len: covariates.len(),
            });
        }
        let (names, _) = columns_of(&self.found.terms);
        let columns = names
            .iter()
            .map(|name| covariates.require(name))
            .collect::<Result<Vec<&[f64]>>>()?;
        let groups = Groups::of((0..histories.len()).collect(), &columns);
        let mut group_of = vec![0; histories.len()];
        for group in 0..groups.len() {
            for &row in groups.rows(group) {
                group_of[row] = group;
            }
        }
        let models = fill_column(groups.len(), |group| {
            points
                .iter()
                .map(|&(name, shift, weight)| {
                    let own = self.shifted(covariates, groups.first(group), name, shift)?;
                    Ok((weight, own))
                })
                .collect::<Result<Vec<(f64, Model::Own)>>>()
        })?;
        fill_column(histories.len(), |row| {
            let Some(history) = histories.get(row) else {
                return Ok(f64::NAN);
            };
            let mut sum = 0.0;
            for (weight, own) in &models[group_of[row]] {
                sum += weight * answer(own, &history)?;
            }
            Ok(sum)
        })
    }
}

impl<Model: CovariateTarget> FittedCovariateModel<Model>
where
    Model::Own: FittedPurchaseModel,
{
    /// P(alive) of every customer by the own model.
    ///
    /// # Errors
    /// As [`Self::column`].
    pub fn probability_alive_column(
        &self,
        histories: &PurchaseHistories,
        covariates: &Covariates,
    ) -> Result<Vec<f64>> {
        self.column(histories, covariates, |own, history| {
            Ok(own.ln_probability_alive(history)?.exp())
        })
    }

    /// Expected purchases of every customer within a span ahead, by the own model.
    ///
    /// # Errors
    /// As [`Self::column`].
    pub fn expected_purchases_column(
        &self,
        histories: &PurchaseHistories,
        covariates: &Covariates,
        within: Span,
    ) -> Result<Vec<f64>> {
        self.column(histories, covariates, |own, history| {
            own.expected_purchases(history, within)
        })
    }

    /// Expected discounted purchases of every customer, by the own model.
    ///
    /// # Errors
    /// As [`Self::column`].
    pub fn discounted_purchases_column(
        &self,
        histories: &PurchaseHistories,
        covariates: &Covariates,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<Vec<f64>> {
        self.column(histories, covariates, |own, history| {
            own.discounted_purchases(history, rate, horizon)
        })
    }
}
