//! The doubt that the parameters bring into the answers for many customers.

use crate::error::{Error, Result};
#[cfg(feature = "serde")]
use crate::measure::stored::require_column;
use crate::measure::{Currency, DiscountRate, Probability, Span, critical_value};
use crate::numeric::fill_column;

use crate::value::lifetime_value::spend_column;
use crate::value::uncertainty::directions::{STEP, directions, moved, slope};
use crate::value::uncertainty::distinct::DistinctHistories;
use crate::value::{
    FittedPurchaseModel, FittedSpendModel, Horizon, ParameterInterval, ParametricModel,
    PurchaseHistories, Quantity, Valuation,
};

/// [`ParameterInterval`]s of many answers at once, in columns.
///
/// Two columns are computed beside the fit for each parameter and one at it, each with all the sharing that the column
/// functions know; the ready-made questions answer alike histories once.
///
/// ```
/// use tillit::measure::{Probability, Span, TimeUnit};
/// use tillit::value::{Nbd, ParameterIntervals, PurchaseHistories, PurchaseModel};
///
/// let counts: Vec<u32> = (0..300).map(|row| row * row % 17 * (row % 3)).collect();
/// let active_for = counts.iter().map(|&x| if x > 0 { 5.0 } else { 0.0 }).collect();
/// let histories = PurchaseHistories::from_columns(TimeUnit::Week, counts, active_for, vec![20.0; 300])?;
/// let model = Nbd::default().fit(&histories)?;
/// let ahead = Span::new(26.0, TimeUnit::Week)?;
/// let expected = ParameterIntervals::expected_purchases(&model, &histories, ahead, Probability::new(0.9)?)?;
/// let third = expected.get(2).unwrap();
/// assert!(third.low() < third.value() && third.value() < third.high());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Columns", into = "Columns")
)]
pub struct ParameterIntervals {
    quantity: Quantity,
    level: Probability,
    critical: f64,
    /// As the model answers.
    found: Vec<f64>,
    /// Standard errors on the scale of the quantity.
    errors: Vec<f64>,
}

/// What is stored: the logarithm of a share of 0 and an error without end are nothing there, as some formats cannot write
/// them.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Columns {
    quantity: Quantity,
    level: Probability,
    found: Vec<Option<f64>>,
    errors: Vec<Option<f64>>,
}

#[cfg(feature = "serde")]
impl TryFrom<Columns> for ParameterIntervals {
    type Error = Error;

    fn try_from(columns: Columns) -> Result<Self> {
        let known = |column: Vec<Option<f64>>, end: f64| -> Vec<f64> {
            column.into_iter().map(|cell| cell.unwrap_or(end)).collect()
        };
        let (found, errors) = (
            known(columns.found, f64::NEG_INFINITY),
            known(columns.errors, f64::INFINITY),
        );
        if found.len() != errors.len() {
            return Err(Error::UnequalLengths {
                left: "the answers",
                left_len: found.len(),
                right: "their standard errors",
                right_len: errors.len(),
            });
        }
        for &number in &found {
            columns.quantity.to_scale(number)?;
        }
        let allowed = "not be negative";
        require_column("standard errors", &errors, |error| error >= 0.0, allowed)?;
        Ok(Self {
            quantity: columns.quantity,
            level: columns.level,
            critical: critical_value::normal(columns.level)?,
            found,
            errors,
        })
    }
}

#[cfg(feature = "serde")]
impl From<ParameterIntervals> for Columns {
    fn from(intervals: ParameterIntervals) -> Self {
        let finite = |column: Vec<f64>| -> Vec<Option<f64>> {
            let cells = column.into_iter();
            cells
                .map(|cell| Some(cell).filter(|cell| cell.is_finite()))
                .collect()
        };
        Self {
            quantity: intervals.quantity,
            level: intervals.level,
            found: finite(intervals.found),
            errors: finite(intervals.errors),
        }
    }
}

impl ParameterIntervals {
    /// What `answers` says of `model`, row by row, with limits at the nominal `level`.
    ///
    /// # Errors
    /// As [`ParameterInterval::of`]; [`Error::UnequalLengths`] if `answers` gives columns of different lengths.
    pub fn of<Model: ParametricModel>(
        model: &Model,
        level: Probability,
        quantity: Quantity,
        answers: impl Fn(&Model) -> Result<Vec<f64>>,
    ) -> Result<Self> {
        let critical = critical_value::normal(level)?;
        let found = answers(model)?;
        for &number in &found {
            quantity.to_scale(number)?;
        }
        let mut errors = vec![0.0; found.len()];
        for direction in directions(model)? {
            let plus = answers(&moved(model, &direction, STEP)?)?;
            let minus = answers(&moved(model, &direction, -STEP)?)?;
            if plus.len() != found.len() || minus.len() != found.len() {
                return Err(Error::UnequalLengths {
                    left: "the answers at the fit",
                    left_len: found.len(),
                    right: "the answers beside it",
                    right_len: plus.len(),
                });
            }
            for (error, (&plus, &minus)) in errors.iter_mut().zip(plus.iter().zip(&minus)) {
                let slope = slope(quantity.to_scale(plus)?, quantity.to_scale(minus)?);
                *error += slope * slope;
            }
        }
        for error in &mut errors {
            *error = error.sqrt();
        }
        Ok(Self {
            quantity,
            level,
            critical,
            found,
            errors,
        })
    }

    /// [`FittedPurchaseModel::expected_purchases`] of every row.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn expected_purchases<Model: ParametricModel + FittedPurchaseModel>(
        model: &Model,
        histories: &PurchaseHistories,
        within: Span,
        level: Probability,
    ) -> Result<Self> {
        Self::of_distinct(histories, model, level, Quantity::Positive, |model, few| {
            model.expected_purchases_column(few, within)
        })
    }

    /// [`FittedPurchaseModel::probability_alive`] of every row.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn probability_alive<Model: ParametricModel + FittedPurchaseModel>(
        model: &Model,
        histories: &PurchaseHistories,
        level: Probability,
    ) -> Result<Self> {
        Self::of_distinct(histories, model, level, Quantity::LnShare, |model, few| {
            ln_probability_alive(model, few)
        })
    }

    /// [`FittedPurchaseModel::discounted_purchases`] of every row.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn discounted_purchases<Model: ParametricModel + FittedPurchaseModel>(
        model: &Model,
        histories: &PurchaseHistories,
        rate: DiscountRate,
        horizon: Horizon,
        level: Probability,
    ) -> Result<Self> {
        let valuation = Valuation::Continuous { rate, horizon };
        Self::valued_purchases(model, histories, valuation, level)
    }

    fn valued_purchases<Model: ParametricModel + FittedPurchaseModel>(
        model: &Model,
        histories: &PurchaseHistories,
        valuation: Valuation,
        level: Probability,
    ) -> Result<Self> {
        Self::of_distinct(histories, model, level, Quantity::Positive, |model, few| {
            valuation.column(model, few)
        })
    }

    fn of_distinct<Model: ParametricModel>(
        histories: &PurchaseHistories,
        model: &Model,
        level: Probability,
        quantity: Quantity,
        answers: impl Fn(&Model, &PurchaseHistories) -> Result<Vec<f64>>,
    ) -> Result<Self> {
        let distinct = DistinctHistories::of(histories)?;
        let few = Self::of(model, level, quantity, |model| {
            answers(model, &distinct.histories)
        })?;
        Ok(Self {
            found: distinct.spread(&few.found),
            errors: distinct.spread(&few.errors),
            ..few
        })
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The interval in `row`; `None` beyond the end.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<ParameterInterval> {
        let found = *self.found.get(row)?;
        let scaled = self.quantity.to_scale(found).ok()?;
        let error = self.errors[row];
        ParameterInterval::on_scale(
            self.quantity,
            found,
            scaled,
            error,
            self.critical,
            self.level,
        )
        .ok()
    }

    /// All intervals, row by row.
    pub fn iter(&self) -> impl Iterator<Item = ParameterInterval> + '_ {
        (0..self.len()).filter_map(|row| self.get(row))
    }

    /// Values at the fitted parameters.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.found
            .iter()
            .map(|&found| self.quantity.value(found))
            .collect()
    }

    /// Lower and upper limit of every row.
    #[must_use]
    pub fn limits(&self) -> Vec<(f64, f64)> {
        self.iter()
            .map(|interval| (interval.low(), interval.high()))
            .collect()
    }
}

/// The logarithm of P(alive) of every row: from the column of P(alive), which shares work, and one by one where that has
/// too few digits left of its distance from 0 or 1.
fn ln_probability_alive<Model: FittedPurchaseModel>(
    model: &Model,
    histories: &PurchaseHistories,
) -> Result<Vec<f64>> {
    const ENOUGH_DIGITS: std::ops::Range<f64> = 1e-300..1.0 - 1e-6;
    let alive = model.probability_alive_column(histories)?;
    fill_column(alive.len(), |row| {
        if ENOUGH_DIGITS.contains(&alive[row]) {
            return Ok(alive[row].ln());
        }
        histories
            .get(row)
            .map_or(Ok(f64::NAN), |history| model.ln_probability_alive(&history))
    })
}

/// The residual value of every customer with the doubt of purchase and spend parameters, in one currency.
///
/// The value is a product of discounted purchases and mean spend, whose estimates are independent
/// ([`IndependentFits`](crate::value::IndependentFits)): the variances of their logarithms add, so each model is moved for
/// itself and alike purchase histories are answered once.
///
/// ```
/// use tillit::measure::{Currency, DiscountRate, ExpectedMoney, Probability, TimeUnit};
/// use tillit::value::{
///     FixedSpend, Horizon, LifetimeValueIntervals, Nbd, PurchaseHistories, PurchaseModel, Valuation,
/// };
///
/// let counts: Vec<u32> = (0..300).map(|row| row * row % 17 * (row % 3)).collect();
/// let active_for = counts.iter().map(|&x| if x > 0 { 5.0 } else { 0.0 }).collect();
/// let histories = PurchaseHistories::from_columns(TimeUnit::Week, counts, active_for, vec![20.0; 300])?;
/// let model = Nbd::default().fit(&histories)?;
/// let spend = FixedSpend(ExpectedMoney::new(35.0, Currency::new("USD")?)?);
/// let valuation = Valuation::Continuous { rate: DiscountRate::annual(0.15)?, horizon: Horizon::Unlimited };
/// let (margin, level) = (Probability::new(0.3)?, Probability::new(0.9)?);
/// let values = LifetimeValueIntervals::of(&histories, &model, &spend, margin, valuation, level)?;
/// assert_eq!((values.amounts().len(), values.currency().code()), (300, "USD"));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LifetimeValueIntervals {
    currency: Currency,
    amounts: ParameterIntervals,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    LifetimeValueIntervals { currency: Currency, amounts: ParameterIntervals }
    if |values: &Self| match values.amounts.quantity {
        Quantity::Positive => Ok(()),
        other => Err(Error::Contradiction {
            what: "a stored quantity".into(),
            reason: format!("lifetime values are made as positive numbers, and these as {other:?}"),
        }),
    }
}

impl LifetimeValueIntervals {
    /// What [`LifetimeValues::of`](crate::value::LifetimeValues::of) says, with limits at the nominal `level`.
    ///
    /// # Errors
    /// As [`LifetimeValues::of`](crate::value::LifetimeValues::of) and [`ParameterInterval::of`].
    pub fn of<Purchases, Spend>(
        histories: &PurchaseHistories,
        model: &Purchases,
        spend: &Spend,
        margin: Probability,
        valuation: Valuation,
        level: Probability,
    ) -> Result<Self>
    where
        Purchases: ParametricModel + FittedPurchaseModel,
        Spend: ParametricModel + FittedSpendModel,
    {
        let (currency, _) = spend_column(histories, spend, Probability::ONE)?;
        let each = ParameterIntervals::of(spend, level, Quantity::Positive, |spend| {
            Ok(spend_column(histories, spend, Probability::ONE)?.1)
        })?;
        let mut amounts = ParameterIntervals::valued_purchases(model, histories, valuation, level)?;
        for row in 0..amounts.len() {
            amounts.found[row] *= margin.value() * each.found[row];
            amounts.errors[row] = amounts.errors[row].hypot(each.errors[row]);
        }
        Ok(Self { currency, amounts })
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Amounts in major units, row by row as in the histories.
    #[must_use]
    pub fn amounts(&self) -> &ParameterIntervals {
        &self.amounts
    }
}
