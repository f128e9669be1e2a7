//! What customers are still worth: purchases to come times spend, discounted.

use crate::error::{Error, Result};
#[cfg(feature = "serde")]
use crate::measure::stored::require_column;
use crate::measure::{Currency, DiscountRate, ExpectedMoney, Probability, Span};

use super::model::{column, products, times_if_alive};
use super::{FittedPurchaseModel, FittedSpendModel, Horizon, PurchaseHistories};

/// How future purchases are turned into today's money.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Valuation {
    /// Each purchase is discounted from the moment at which it happens.
    Continuous {
        /// The discount rate.
        rate: DiscountRate,
        /// How far ahead.
        horizon: Horizon,
    },
    /// All purchases of a period are discounted from the period's end, as in an annual or monthly plan.
    AtPeriodEnds {
        /// The discount rate.
        rate: DiscountRate,
        /// Length of a period.
        period: Span,
        /// Number of periods.
        periods: u32,
    },
}

impl Valuation {
    /// Expected discounted purchases of every customer.
    pub(super) fn column(
        self,
        model: &dyn FittedPurchaseModel,
        histories: &PurchaseHistories,
    ) -> Result<Vec<f64>> {
        match self {
            Self::Continuous { rate, horizon } => {
                model.discounted_purchases_column(histories, rate, horizon)
            }
            Self::AtPeriodEnds {
                rate,
                period,
                periods,
            } => {
                let ends = (1..=periods)
                    .map(|index| Span::from_days(f64::from(index) * period.days()))
                    .collect::<Result<Vec<Span>>>()?;
                // Σ dᵢ (Cᵢ − Cᵢ₋₁) over the purchases C up to each end, summed by parts: no differences of the C.
                let weights: Vec<f64> = (0..ends.len())
                    .map(|index| {
                        let next = ends.get(index + 1).map_or(0.0, |&end| rate.factor(end));
                        rate.factor(ends[index]) - next
                    })
                    .collect();
                let forgotten = model.future_forgets_recency();
                let alive = model.probability_alive_column(histories)?;
                times_if_alive(alive, histories, forgotten, |history| {
                    let purchases = model.expected_purchases_if_alive_by(history, &ends)?;
                    Ok(purchases.iter().zip(&weights).map(|(c, w)| c * w).sum())
                })
            }
        }
    }
}

/// The expected residual value of every customer, in one currency: what is still to come after the end of observation,
/// without what has been paid before.
///
/// ```
/// use tillit::measure::{Currency, DiscountRate, ExpectedMoney, Probability, TimeUnit};
/// use tillit::value::{FittedBgNbd, FixedSpend, Horizon, LifetimeValues, PurchaseHistories, Valuation};
///
/// let histories =
///     PurchaseHistories::from_columns(TimeUnit::Week, vec![2, 0], vec![30.43, 0.0], vec![38.86, 38.86])?;
/// let model = FittedBgNbd::from_parameters(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let spend = FixedSpend(ExpectedMoney::new(35.0, Currency::new("USD")?)?);
/// let valuation = Valuation::Continuous { rate: DiscountRate::annual(0.15)?, horizon: Horizon::Unlimited };
/// let values = LifetimeValues::of(&histories, &model, &spend, Probability::new(0.3)?, valuation)?;
/// assert!(values.get(0).unwrap().amount() > values.get(1).unwrap().amount());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LifetimeValues {
    currency: Currency,
    amounts: Vec<f64>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    LifetimeValues { currency: Currency, amounts: Vec<f64> }
    if |values: &Self| {
        if values.amounts.is_empty() {
            return Err(Error::Empty {
                what: "the column of amounts".into(),
                remedy: "value at least one customer".into(),
            });
        }
        require_column("amounts", &values.amounts, f64::is_finite, "be finite")
    }
}

impl LifetimeValues {
    /// Purchases to come by `model`, each worth the customer's mean spend by `spend` times `margin` (the share of revenue
    /// that is left after the costs of the goods; 1 values revenue), in today's money by `valuation`.
    ///
    /// # Errors
    /// [`Error::Empty`] without customers, [`Error::MixedCurrencies`], or what the models refuse.
    pub fn of(
        histories: &PurchaseHistories,
        model: &dyn FittedPurchaseModel,
        spend: &dyn FittedSpendModel,
        margin: Probability,
        valuation: Valuation,
    ) -> Result<Self> {
        let (currency, spent) = spend_column(histories, spend, margin)?;
        let amounts = products(&valuation.column(model, histories)?, spent);
        Ok(Self { currency, amounts })
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Amounts in major units, row by row as in the histories.
    #[must_use]
    pub fn amounts(&self) -> &[f64] {
        &self.amounts
    }

    /// The value in `row`; `None` beyond the end.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<ExpectedMoney> {
        ExpectedMoney::new(*self.amounts.get(row)?, self.currency).ok()
    }

    /// All customers together.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the sum is not finite.
    pub fn total(&self) -> Result<ExpectedMoney> {
        ExpectedMoney::new(self.amounts.iter().sum(), self.currency)
    }
}

/// The expected mean spend of every customer, times `margin`, in major units of one currency.
pub(super) fn spend_column(
    histories: &PurchaseHistories,
    spend: &dyn FittedSpendModel,
    margin: Probability,
) -> Result<(Currency, Vec<f64>)> {
    let first = histories.get(0).ok_or(Error::Empty {
        what: "the purchase histories".into(),
        remedy: "give at least one customer".into(),
    })?;
    let currency = spend.expected_mean_spend(&first)?.currency();
    let amounts = column(histories, |history| {
        let mean = spend.expected_mean_spend(history)?;
        if mean.currency() != currency {
            return Err(Error::MixedCurrencies {
                left: currency.to_string(),
                right: mean.currency().to_string(),
            });
        }
        Ok(mean.amount() * margin.value())
    })?;
    Ok((currency, amounts))
}
