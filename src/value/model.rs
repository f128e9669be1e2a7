//! What every purchase model can be asked.

use crate::error::{Error, Result};
use crate::measure::{DiscountRate, Probability, Span, TimeUnit};
use crate::numeric::fill_cells;

use super::observed::distinct::spread;
use super::observed::futures::Futures;
use super::{FitReport, Horizon, PurchaseHistories, PurchaseHistory};

/// A purchase model before it has seen data.
pub trait PurchaseModel {
    /// What fitting gives.
    type Fitted: FittedPurchaseModel;

    /// Finds the parameters that make these histories most likely.
    ///
    /// # Errors
    /// When the data cannot carry the model: [`Error::TooFew`](crate::Error::TooFew) repeat buyers,
    /// [`Error::CannotTell`](crate::Error::CannotTell) with the reason, or
    /// [`Error::DidNotConverge`](crate::Error::DidNotConverge).
    fn fit(&self, histories: &PurchaseHistories) -> Result<Self::Fitted>;
}

/// A purchase model with known parameters.
///
/// Times in a history and spans ahead carry their units and are brought to the model's own. "Ahead" counts from the end
/// of the history's observation. Every answer is finite or a typed error.
pub trait FittedPurchaseModel: Sync {
    /// The model's name as the field writes it.
    fn name(&self) -> &'static str;

    /// The unit of time of the parameters.
    fn unit(&self) -> TimeUnit;

    /// How the parameters were found; `None` if they were given.
    fn report(&self) -> Option<&FitReport>;

    /// Logarithm of the likelihood of one history.
    ///
    /// # Errors
    /// When the history lies outside the model (for example times that are not whole periods in a model of periods).
    fn log_likelihood(&self, history: &PurchaseHistory) -> Result<f64>;

    /// Logarithm of the probability that the customer has not left by the end of observation; precise where the
    /// probability itself underflows.
    ///
    /// # Errors
    /// As [`Self::log_likelihood`].
    fn ln_probability_alive(&self, history: &PurchaseHistory) -> Result<f64>;

    /// Probability that the customer has not left by the end of observation, "P(alive)".
    ///
    /// # Errors
    /// As [`Self::log_likelihood`].
    fn probability_alive(&self, history: &PurchaseHistory) -> Result<Probability> {
        Probability::new(self.ln_probability_alive(history)?.exp())
    }

    /// Probability that the customer has not left by `ahead` after the end of observation: survival, and
    /// [`Self::probability_alive`] for no time ahead.
    ///
    /// # Errors
    /// As [`Self::log_likelihood`]; [`Error::CannotTell`](crate::Error::CannotTell) from a model without a survival function.
    fn probability_alive_after(
        &self,
        history: &PurchaseHistory,
        ahead: Span,
    ) -> Result<Probability> {
        if ahead.days() == 0.0 {
            return self.probability_alive(history);
        }
        Err(no_survival(self.name(), ahead))
    }

    /// Probability that a customer who has just bought for the first time has not left after `within`.
    ///
    /// # Errors
    /// As [`Self::probability_alive_after`].
    fn survival_of_new_customer(&self, within: Span) -> Result<Probability> {
        Err(no_survival(self.name(), within))
    }

    /// Expected purchases between two moments ahead, provided the customer has not left by the end of observation;
    /// zero if `until` does not lie after `from`.
    ///
    /// # Errors
    /// As [`Self::log_likelihood`].
    fn expected_purchases_if_alive(
        &self,
        history: &PurchaseHistory,
        from: Span,
        until: Span,
    ) -> Result<f64>;

    /// Expected purchases from now to each of some moments ahead, provided the customer has not left by the end of
    /// observation: the forecast as a curve, at little more than the cost of one point.
    ///
    /// # Errors
    /// As [`Self::log_likelihood`].
    fn expected_purchases_if_alive_by(
        &self,
        history: &PurchaseHistory,
        moments: &[Span],
    ) -> Result<Vec<f64>> {
        let now = Span::from_days(0.0)?;
        moments
            .iter()
            .map(|&moment| self.expected_purchases_if_alive(history, now, moment))
            .collect()
    }

    /// Whether, of a customer who has not left, the time of the last purchase says nothing more about the future: then
    /// customers with equal purchases and time observed share the answers "if alive". Such is every model here in which
    /// purchases come at random times; regular buyers would be another matter.
    fn future_forgets_recency(&self) -> bool {
        false
    }

    /// Expected purchases between two moments ahead.
    ///
    /// # Errors
    /// As [`Self::log_likelihood`].
    fn expected_purchases_between(
        &self,
        history: &PurchaseHistory,
        from: Span,
        until: Span,
    ) -> Result<f64> {
        let if_alive = self.expected_purchases_if_alive(history, from, until)?;
        Ok(self.ln_probability_alive(history)?.exp() * if_alive)
    }

    /// Expected purchases within a span ahead.
    ///
    /// # Errors
    /// As [`Self::log_likelihood`].
    fn expected_purchases(&self, history: &PurchaseHistory, within: Span) -> Result<f64> {
        self.expected_purchases_between(history, Span::from_days(0.0)?, within)
    }

    /// Probability of exactly `count` purchases within a span ahead.
    ///
    /// # Errors
    /// As [`Self::log_likelihood`].
    fn probability_of_purchases(
        &self,
        history: &PurchaseHistory,
        count: u32,
        within: Span,
    ) -> Result<Probability>;

    /// Expected repeat purchases of a customer who has just bought for the first time.
    ///
    /// # Errors
    /// As [`Self::log_likelihood`].
    fn expected_purchases_of_new_customer(&self, within: Span) -> Result<f64>;

    /// Probability of exactly `count` repeat purchases of a customer who has just bought for the first time.
    ///
    /// # Errors
    /// As [`Self::log_likelihood`].
    fn probability_of_purchases_of_new_customer(
        &self,
        count: u32,
        within: Span,
    ) -> Result<Probability>;

    /// Expected purchases ahead, each weighted with what one unit of money at its moment is worth at the end of
    /// observation, provided the customer has not left by then: residual lifetime in discounted purchases.
    ///
    /// # Errors
    /// [`Error::CannotTell`](crate::Error::CannotTell) where the expectation is infinite (no discounting, no horizon,
    /// and too many customers who never leave).
    fn discounted_purchases_if_alive(
        &self,
        history: &PurchaseHistory,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64>;

    /// Expected discounted purchases ahead, the field's DERT for [`Horizon::Unlimited`]. Without discounting
    /// ([`DiscountRate::NONE`]) the plain residual number.
    ///
    /// # Errors
    /// As [`Self::discounted_purchases_if_alive`].
    fn discounted_purchases(
        &self,
        history: &PurchaseHistory,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64> {
        let if_alive = self.discounted_purchases_if_alive(history, rate, horizon)?;
        Ok(self.ln_probability_alive(history)?.exp() * if_alive)
    }

    /// [`Self::probability_alive`] for every row.
    ///
    /// # Errors
    /// The first row's error.
    fn probability_alive_column(&self, histories: &PurchaseHistories) -> Result<Vec<f64>> {
        column(histories, |history| {
            Ok(self.ln_probability_alive(history)?.exp())
        })
    }

    /// [`Self::expected_purchases_if_alive`] from now for every row; times [`Self::probability_alive_column`] it gives
    /// [`Self::expected_purchases_column`].
    ///
    /// # Errors
    /// The first row's error.
    fn expected_purchases_if_alive_column(
        &self,
        histories: &PurchaseHistories,
        within: Span,
    ) -> Result<Vec<f64>> {
        let now = Span::from_days(0.0)?;
        if_alive_column(histories, self.future_forgets_recency(), |history| {
            self.expected_purchases_if_alive(history, now, within)
        })
    }

    /// [`Self::expected_purchases`] for every row.
    ///
    /// # Errors
    /// The first row's error.
    fn expected_purchases_column(
        &self,
        histories: &PurchaseHistories,
        within: Span,
    ) -> Result<Vec<f64>> {
        let if_alive = self.expected_purchases_if_alive_column(histories, within)?;
        Ok(products(
            &self.probability_alive_column(histories)?,
            if_alive,
        ))
    }

    /// [`Self::discounted_purchases`] for every row.
    ///
    /// # Errors
    /// The first row's error.
    fn discounted_purchases_column(
        &self,
        histories: &PurchaseHistories,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<Vec<f64>> {
        let alive = self.probability_alive_column(histories)?;
        let forgotten = self.future_forgets_recency();
        times_if_alive(alive, histories, forgotten, |history| {
            self.discounted_purchases_if_alive(history, rate, horizon)
        })
    }
}

/// What a model without a survival function answers.
pub(super) fn no_survival(model: &'static str, ahead: Span) -> Error {
    Error::CannotTell {
        question: format!(
            "how likely a customer is to be there after {} days",
            ahead.days()
        )
        .into(),
        reason: format!("{model} has no survival function").into(),
    }
}

/// Row by row, the second times the first.
pub(super) fn products(left: &[f64], right: Vec<f64>) -> Vec<f64> {
    times(right, |row| left[row])
}

/// Each row times its factor.
fn times(mut column: Vec<f64>, factor: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
    let multiply = |(row, product): (usize, &mut f64)| *product *= factor(row);
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        /// A thread that does less is not worth waking.
        const WORTH_SHARING: usize = 1 << 13;
        column
            .par_iter_mut()
            .enumerate()
            .with_min_len(WORTH_SHARING)
            .for_each(multiply);
    }
    #[cfg(not(feature = "parallel"))]
    column.iter_mut().enumerate().for_each(multiply);
    column
}

/// The answers "if alive" to the distinct histories of `futures`.
fn if_alive(
    histories: &PurchaseHistories,
    futures: &Futures,
    value: impl Fn(&PurchaseHistory) -> Result<f64> + Sync,
) -> Result<Vec<f64>> {
    fill_cells(futures.rows.len(), 0.0, |index| {
        histories
            .get(futures.rows[index])
            .map_or(Ok(f64::NAN), |history| value(&history))
    })
}

/// One answer "if alive" per row of `histories`. With `recency_forgotten`, rows that differ in recency alone share it.
fn if_alive_column(
    histories: &PurchaseHistories,
    recency_forgotten: bool,
    value: impl Fn(&PurchaseHistory) -> Result<f64> + Sync,
) -> Result<Vec<f64>> {
    if !recency_forgotten {
        return column(histories, value);
    }
    let futures = Futures::of(histories);
    let values = if_alive(histories, &futures, value)?;
    Ok(spread(&values, &futures.of_row))
}

/// P(alive) of each row times its answer "if alive", shared as in [`if_alive_column`].
pub(super) fn times_if_alive(
    alive: Vec<f64>,
    histories: &PurchaseHistories,
    recency_forgotten: bool,
    value: impl Fn(&PurchaseHistory) -> Result<f64> + Sync,
) -> Result<Vec<f64>> {
    if !recency_forgotten {
        return Ok(products(&column(histories, value)?, alive));
    }
    let futures = Futures::of(histories);
    let values = if_alive(histories, &futures, value)?;
    Ok(times(alive, |row| values[futures.of_row[row] as usize]))
}

/// One number per row of `histories`.
pub(super) fn column(
    histories: &PurchaseHistories,
    value: impl Fn(&PurchaseHistory) -> Result<f64> + Sync,
) -> Result<Vec<f64>> {
    fill_cells(histories.len(), 0.0, |row| {
        histories
            .get(row)
            .map_or(Ok(f64::NAN), |history| value(&history))
    })
}

#[cfg(test)]
mod tests {
    use crate::measure::{Currency, DiscountRate, ExpectedMoney, Probability, Span, TimeUnit};
    use crate::value::{
        FittedBgNbd, FittedGGompertzNbd, FittedMbgNbd, FittedNbd, FittedParetoNbd,
        FittedPurchaseModel, FixedSpend, Horizon, LifetimeValues, PurchaseHistories, Valuation,
    };

    fn histories() -> PurchaseHistories {
        let counts: Vec<u32> = (0..200).map(|row| row % 13 * (row % 3)).collect();
        let observed_for: Vec<f64> = (0..200).map(|row| 30.0 + f64::from(row % 11)).collect();
        let active_for = counts.iter().zip(0..).map(|(&x, row)| {
            if x == 0 {
                0.0
            } else {
                1.0 + f64::from(row % 29)
            }
        });
        let active_for = active_for.collect();
        PurchaseHistories::from_columns(TimeUnit::Day, counts, active_for, observed_for).unwrap()
    }

    #[test]
    fn columns_say_what_the_single_answers_say() {
        let week = TimeUnit::Week;
        let models: [Box<dyn FittedPurchaseModel>; 5] = [
            Box::new(FittedBgNbd::from_parameters(0.24, 4.4, 0.8, 2.4, week).unwrap()),
            Box::new(FittedMbgNbd::from_parameters(0.5, 6.2, 0.9, 1.6, week).unwrap()),
            Box::new(FittedParetoNbd::from_parameters(0.55, 10.6, 0.6, 11.7, week).unwrap()),
            Box::new(FittedNbd::from_parameters(0.4, 12.0, week).unwrap()),
            Box::new(FittedGGompertzNbd::from_parameters(0.8, 6.0, 0.02, 1.5, 3.0, week).unwrap()),
        ];
        let histories = histories();
        let ahead = Span::new(39.0, week).unwrap();
        let rate = DiscountRate::annual(0.15).unwrap();
        let period = Span::new(4.0, week).unwrap();
        let valuation = Valuation::AtPeriodEnds {
            rate,
            period,
            periods: 6,
        };
        let spend = FixedSpend(ExpectedMoney::new(30.0, Currency::new("USD").unwrap()).unwrap());
        for model in &models {
            let model = model.as_ref();
            let alive = model.probability_alive_column(&histories).unwrap();
            let purchases = model.expected_purchases_column(&histories, ahead).unwrap();
            let discounted = model
                .discounted_purchases_column(&histories, rate, Horizon::Unlimited)
                .unwrap();
            let margin = Probability::new(0.5).unwrap();
            let values = LifetimeValues::of(&histories, model, &spend, margin, valuation).unwrap();
            for (row, history) in histories.iter().enumerate() {
                let same = |found: f64, single: f64| {
                    assert!(
                        (found - single).abs() <= 2e-13 * single,
                        "{} {row}: {found} {single}",
                        model.name()
                    );
                };
                same(
                    alive[row],
                    model.probability_alive(&history).unwrap().value(),
                );
                same(
                    purchases[row],
                    model.expected_purchases(&history, ahead).unwrap(),
                );
                let single = model.discounted_purchases(&history, rate, Horizon::Unlimited);
                same(discounted[row], single.unwrap());
                let mut value = 0.0;
                let mut begin = Span::from_days(0.0).unwrap();
                for index in 1..=6 {
                    let end = Span::from_days(f64::from(index) * period.days()).unwrap();
                    let between = model.expected_purchases_between(&history, begin, end);
                    value += 15.0 * rate.factor(end) * between.unwrap();
                    begin = end;
                }
                same(values.amounts()[row], value);
            }
        }
    }
}
