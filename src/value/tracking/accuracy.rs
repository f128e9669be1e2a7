//! How near a forecast came to what each customer did.

use std::fmt;

use crate::error::{Error, Result};
use crate::numeric::{Scatter, fill_column};

use crate::value::{FittedPurchaseModel, Holdout, PurchaseHistories};

/// Customers with the same number of repeat purchases in the calibration.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FrequencyGroup {
    repeat_purchases: u32,
    and_more: bool,
    customers: usize,
    actual: u64,
    expected: f64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    FrequencyGroup { repeat_purchases: u32, and_more: bool, customers: usize, actual: u64, expected: f64 }
    if |group: &Self| {
        let Self { customers, actual, expected, .. } = *group;
        let sound = expected >= 0.0 && expected.is_finite() && (customers > 0 || expected == 0.0);
        Error::unless(sound, "expected purchases", expected, "be finite, not negative, and 0 without customers")?;
        let sound = customers > 0 || actual == 0;
        Error::unless(sound, "actual purchases", actual as f64, "be 0 without customers")
    }
}

impl FrequencyGroup {
    /// Repeat purchases in the calibration.
    #[must_use]
    pub fn repeat_purchases(&self) -> u32 {
        self.repeat_purchases
    }

    /// Whether customers with more than that are in the group too.
    #[must_use]
    pub fn and_more(&self) -> bool {
        self.and_more
    }

    /// Number of customers.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers
    }

    /// Their purchases in the holdout.
    #[must_use]
    pub fn actual(&self) -> u64 {
        self.actual
    }

    /// Their purchases in the holdout as forecast.
    #[must_use]
    pub fn expected(&self) -> f64 {
        self.expected
    }

    /// Purchases in the holdout per customer; `None` without customers.
    #[must_use]
    pub fn mean_actual(&self) -> Option<f64> {
        (self.customers > 0).then(|| self.actual as f64 / self.customers as f64)
    }

    /// Purchases per customer as forecast; `None` without customers.
    #[must_use]
    pub fn mean_expected(&self) -> Option<f64> {
        (self.customers > 0).then(|| self.expected / self.customers as f64)
    }
}

/// A forecast held against what the customers did in the holdout.
///
/// The forecast of a customer is the expected number of purchases given the own history; errors are forecast minus
/// actual, customer by customer.
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
/// use tillit::value::{FittedBgNbd, Holdout, HoldoutAccuracy, PurchaseHistories};
///
/// let week = TimeUnit::Week;
/// let histories = PurchaseHistories::from_columns(
///     week,
///     vec![2, 1, 0],
///     vec![30.43, 1.71, 0.0],
///     vec![38.86, 38.86, 38.86],
/// )?;
/// let holdout = Holdout::new(Span::new(39.0, week)?, vec![1, 0, 0])?;
/// let model = FittedBgNbd::from_parameters(0.243, 4.414, 0.793, 2.426, week)?;
/// let of_model = HoldoutAccuracy::of(&model, &histories, &holdout)?;
/// let naive = HoldoutAccuracy::of_past_rates(&histories, &holdout)?;
/// assert_eq!(of_model.actual_total(), 1);
/// assert!(of_model.mean_absolute_error() < naive.mean_absolute_error());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct HoldoutAccuracy {
    forecast: String,
    customers: usize,
    actual_total: u64,
    expected_total: f64,
    mean_absolute_error: f64,
    mean_squared_error: f64,
    correlation: Option<f64>,
    log_likelihood: Option<f64>,
    by_frequency: Vec<FrequencyGroup>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    HoldoutAccuracy {
        forecast: String,
        customers: usize,
        actual_total: u64,
        expected_total: f64,
        mean_absolute_error: f64,
        mean_squared_error: f64,
        correlation: Option<f64>,
        log_likelihood: Option<f64>,
        by_frequency: Vec<FrequencyGroup>,
    }
    if Self::require_sound
}

impl HoldoutAccuracy {
    /// What a model expects of each customer and how probable it finds what the customer did.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`] unless the holdout has the rows of the histories, [`Error::Empty`] without rows, and
    /// the model's own.
    pub fn of(
        model: &dyn FittedPurchaseModel,
        histories: &PurchaseHistories,
        holdout: &Holdout,
    ) -> Result<Self> {
        check(histories, holdout)?;
        let span = holdout.span();
        let expected = model.expected_purchases_column(histories, span)?;
        let mut accuracy = Self::judge(model.name(), &expected, histories, holdout);
        let ln_probabilities = fill_column(histories.len(), |row| match histories.get(row) {
            Some(history) => model
                .probability_of_purchases(&history, holdout.purchases()[row], span)
                .map(|probability| probability.value().ln()),
            None => Ok(f64::NAN),
        })?;
        accuracy.log_likelihood =
            Some(ln_probabilities.iter().sum()).filter(|sum: &f64| sum.is_finite());
        Ok(accuracy)
    }

    /// The naive forecast: everyone goes on buying at the own past rate, repeat purchases over time observed. Who has
    /// been observed for no time has none.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`] unless the holdout has the rows of the histories, [`Error::Empty`] without rows.
    pub fn of_past_rates(histories: &PurchaseHistories, holdout: &Holdout) -> Result<Self> {
        check(histories, holdout)?;
        let ahead = holdout.span().in_units(histories.unit());
        let expected: Vec<f64> = histories
            .repeat_purchases()
            .iter()
            .zip(histories.observed_for())
            .map(|(&count, &observed)| {
                if count == 0 {
                    0.0
                } else {
                    f64::from(count) * (ahead / observed)
                }
            })
            .collect();
        Ok(Self::judge("own past rate", &expected, histories, holdout))
    }

    fn judge(
        forecast: &str,
        expected: &[f64],
        histories: &PurchaseHistories,
        holdout: &Holdout,
    ) -> Self {
        /// As in Fader, Hardie and Lee (2005), figure 4: 0, 1, … 6, 7 and more.
        const LAST_GROUP: u32 = 7;
        let customers = expected.len();
        let mut groups: Vec<FrequencyGroup> = (0..=LAST_GROUP)
            .map(|repeat_purchases| FrequencyGroup {
                repeat_purchases,
                and_more: repeat_purchases == LAST_GROUP,
                customers: 0,
                actual: 0,
                expected: 0.0,
            })
            .collect();
        let (mut absolute, mut squared) = (0.0, 0.0);
        let mut points = Vec::with_capacity(customers);
        let rows = holdout
            .purchases()
            .iter()
            .zip(expected)
            .zip(histories.repeat_purchases());
        for ((&actual, &expected), &count) in rows {
            let error = expected - f64::from(actual);
            absolute += error.abs();
            squared += error * error;
            points.push((expected, f64::from(actual), 1));
            let group = &mut groups[count.min(LAST_GROUP) as usize];
            group.customers += 1;
            group.actual += u64::from(actual);
            group.expected += expected;
        }
        Self {
            forecast: forecast.to_owned(),
            customers,
            actual_total: holdout.total(),
            expected_total: expected.iter().sum(),
            mean_absolute_error: absolute / customers as f64,
            mean_squared_error: squared / customers as f64,
            correlation: Some(Scatter::of(&points).correlation()).filter(|value| !value.is_nan()),
            log_likelihood: None,
            by_frequency: groups,
        }
    }

    /// Refuses totals that are not those of the groups and errors that no customers could make.
    #[cfg(feature = "serde")]
    fn require_sound(&self) -> Result<()> {
        /// Of sums in another order.
        const ROUNDING: f64 = 1e-9;
        let of_groups = |part: fn(&FrequencyGroup) -> u64| -> u64 {
            (self.by_frequency.iter().map(part)).fold(0, u64::saturating_add)
        };
        let customers = self.customers as u64;
        Error::unless(
            customers > 0 && of_groups(|group| group.customers as u64) == customers,
            "customers",
            customers as f64,
            "be at least 1, and those of the groups together",
        )?;
        Error::unless(
            of_groups(FrequencyGroup::actual) == self.actual_total,
            "actual total",
            self.actual_total as f64,
            "be that of the groups together",
        )?;
        let expected: f64 = self.by_frequency.iter().map(FrequencyGroup::expected).sum();
        let gap = (expected - self.expected_total).abs();
        Error::unless(
            gap <= ROUNDING * expected,
            "expected total",
            self.expected_total,
            "be that of the groups together",
        )?;
        let (absolute, squared) = (self.mean_absolute_error, self.mean_squared_error);
        let sound = absolute >= 0.0 && absolute * absolute <= squared * (1.0 + ROUNDING);
        Error::unless(
            sound && squared.is_finite(),
            "mean absolute error",
            absolute,
            "not be negative, nor exceed the root of the mean squared error",
        )?;
        let correlation = self.correlation.unwrap_or(0.0);
        Error::unless(
            correlation.abs() <= 1.0 + ROUNDING,
            "correlation",
            correlation,
            "lie within -1 to 1",
        )?;
        let log_likelihood = self.log_likelihood.unwrap_or(0.0);
        Error::unless(
            log_likelihood <= ROUNDING && log_likelihood.is_finite(),
            "log-likelihood",
            log_likelihood,
            "be finite and not positive",
        )?;
        let groups = self
            .by_frequency
            .iter()
            .map(FrequencyGroup::repeat_purchases);
        let ascending = groups.clone().is_sorted_by(|left, right| left < right);
        let first = groups.clone().next().map_or(f64::NAN, f64::from);
        Error::unless(ascending, "groups", first, "ascend by repeat purchases")
    }

    /// Name of the model or of the rule.
    #[must_use]
    pub fn forecast(&self) -> &str {
        &self.forecast
    }

    /// Number of customers.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers
    }

    /// Purchases of all in the holdout.
    #[must_use]
    pub fn actual_total(&self) -> u64 {
        self.actual_total
    }

    /// Purchases of all as forecast.
    #[must_use]
    pub fn expected_total(&self) -> f64 {
        self.expected_total
    }

    /// Mean of the errors' magnitudes, in purchases per customer.
    #[must_use]
    pub fn mean_absolute_error(&self) -> f64 {
        self.mean_absolute_error
    }

    /// Root of the mean squared error, in purchases per customer.
    #[must_use]
    pub fn root_mean_squared_error(&self) -> f64 {
        self.mean_squared_error.sqrt()
    }

    /// Pearson's correlation of forecast and actual; `None` unless both vary between customers.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        self.correlation
    }

    /// Logarithm of the probability that each customer buys just so often in the holdout, summed over the customers.
    /// `None` for a forecast without probabilities, and where a probability is too small for a floating-point number.
    #[must_use]
    pub fn log_likelihood(&self) -> Option<f64> {
        self.log_likelihood
    }

    /// The customers with 0, 1, … 6, and with 7 or more repeat purchases in the calibration.
    #[must_use]
    pub fn by_frequency(&self) -> &[FrequencyGroup] {
        &self.by_frequency
    }
}

impl fmt::Display for HoldoutAccuracy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {:.0} purchases expected, {} came; per customer off by {:.3} on average, root mean square {:.3}",
            self.forecast,
            self.expected_total,
            self.actual_total,
            self.mean_absolute_error,
            self.root_mean_squared_error()
        )
    }
}

fn check(histories: &PurchaseHistories, holdout: &Holdout) -> Result<()> {
    if histories.is_empty() {
        return Err(Error::Empty {
            what: "the purchase histories".into(),
            remedy: "give at least one customer".into(),
        });
    }
    if histories.len() != holdout.purchases().len() {
        return Err(Error::UnequalLengths {
            left: "histories",
            left_len: histories.len(),
            right: "holdout",
            right_len: holdout.purchases().len(),
        });
    }
    Ok(())
}
