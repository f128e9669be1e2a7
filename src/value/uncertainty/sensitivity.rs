//! How an answer about a customer changes with the customer's history.

#[cfg(feature = "serde")]
use crate::error::Error;
use crate::error::Result;
#[cfg(feature = "serde")]
use crate::measure::stored::require_finite;
use crate::measure::{Span, TimeUnit};

use crate::value::PurchaseHistory;

/// How an answer about one customer (expected purchases, residual value, …) changes with frequency, recency and silence.
///
/// Derivatives are one or two-sided differences of high order over a few hundredths of the customer's mean time between
/// purchases (relative error below 1e-7 where the answer is smooth). A model of whole periods (BG/BB) refuses histories
/// between them, so it has no derivatives: ask [`Sensitivity::cost_of_silence`] with whole periods.
///
/// ```
/// use tillit::measure::{Span, TimeUnit};
/// use tillit::value::{FittedBgNbd, FittedPurchaseModel, PurchaseHistory, Sensitivity};
///
/// let model = FittedBgNbd::from_parameters(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let customer = PurchaseHistory::new(2, 30.43, 38.86, TimeUnit::Week)?;
/// let year = Span::new(52.0, TimeUnit::Week)?;
/// let answer = |history: &PurchaseHistory| model.expected_purchases(history, year);
/// let sensitivity = Sensitivity::of(&customer, TimeUnit::Week, answer)?;
/// assert!(sensitivity.per_unit_of_silence() < 0.0);
/// assert!(sensitivity.purchase_today() > 0.0);
/// // What one more month without a purchase costs, in expected purchases of the year after it.
/// let month = Span::new(1.0, TimeUnit::Month)?;
/// assert!(Sensitivity::cost_of_silence(&customer, month, answer)? > 0.0);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Sensitivity {
    unit: TimeUnit,
    value: f64,
    per_unit_of_silence: f64,
    per_unit_of_recency: Option<f64>,
    per_further_purchase: Option<f64>,
    purchase_today: f64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    Sensitivity {
        unit: TimeUnit,
        value: f64,
        per_unit_of_silence: f64,
        per_unit_of_recency: Option<f64>,
        per_further_purchase: Option<f64>,
        purchase_today: f64,
    }
    if |found: &Self| {
        require_finite([
            ("value", found.value),
            ("change per unit of silence", found.per_unit_of_silence),
            ("change per unit of recency", found.per_unit_of_recency.unwrap_or(0.0)),
            ("change per further purchase", found.per_further_purchase.unwrap_or(0.0)),
            ("change by a purchase today", found.purchase_today),
        ])?;
        let both = found.per_unit_of_recency.is_some() == found.per_further_purchase.is_some();
        let recency = found.per_unit_of_recency.unwrap_or(f64::NAN);
        Error::unless(both, "change per unit of recency", recency, "be there if that per further purchase is")
    }
}

/// Step of the differences, in mean times between purchases.
const STEP: f64 = 0.02;

impl Sensitivity {
    /// How `answer` changes with `history`, time counted in `unit`.
    ///
    /// # Errors
    /// Whatever `answer` refuses.
    pub fn of(
        history: &PurchaseHistory,
        unit: TimeUnit,
        answer: impl Fn(&PurchaseHistory) -> Result<f64>,
    ) -> Result<Self> {
        let count = history.repeat_purchases();
        let (active, observed) = (history.active_for(unit), history.observed_for(unit));
        let at = |count: u32, active: f64, observed: f64| {
            let moved = PurchaseHistory::new(count, active, observed, unit)?;
            answer(&match history.mean_repeat_spend() {
                Some(mean) if history.repeat_purchases() > 0 => {
                    moved.with_mean_repeat_spend(mean)?
                }
                _ => moved,
            })
        };
        let value = answer(history)?;
        let rhythm = if observed > 0.0 {
            observed / (f64::from(count) + 1.0)
        } else {
            1.0
        };
        let step = STEP * rhythm;
        let silence = observed - active;
        let silently = |by: f64| at(count, active, observed + by);
        // The end of observation must not move before the last purchase, nor the last purchase beyond the end.
        let per_unit_of_silence = if silence > 3.5 * step {
            two_sided(step, silently)?
        } else {
            one_sided(step, silently)?
        };
        let per_unit_of_recency = if count > 0 {
            let step = step.min(0.1 * active);
            let later = |by: f64| at(count, active + by, observed);
            Some(if silence > 3.5 * step {
                two_sided(step, later)?
            } else {
                -one_sided(step, |by| later(-by))?
            })
        } else {
            None
        };
        let more = count.saturating_add(1);
        let per_further_purchase = if count > 0 {
            Some(at(more, active, observed)? - value)
        } else {
            None
        };
        // Someone seen for no time at all cannot have bought again; the smallest time says the same.
        let today = observed.max(f64::MIN_POSITIVE);
        Ok(Self {
            unit,
            value,
            per_unit_of_silence,
            per_unit_of_recency,
            per_further_purchase,
            purchase_today: at(more, today, today)? - value,
        })
    }

    /// What `answer` loses when the customer stays silent for `further` more: today's answer less the answer then, each
    /// about the time ahead of its own day.
    ///
    /// # Errors
    /// Whatever `answer` refuses.
    pub fn cost_of_silence(
        history: &PurchaseHistory,
        further: Span,
        answer: impl Fn(&PurchaseHistory) -> Result<f64>,
    ) -> Result<f64> {
        let later = PurchaseHistory::new(
            history.repeat_purchases(),
            history.active_for(TimeUnit::Day),
            history.observed_for(TimeUnit::Day) + further.days(),
            TimeUnit::Day,
        )?;
        let later = match history.mean_repeat_spend() {
            Some(mean) => later.with_mean_repeat_spend(mean)?,
            None => later,
        };
        Ok(answer(history)? - answer(&later)?)
    }

    /// The unit of time of the derivatives.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// The answer itself.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Derivative in the time observed, purchases as they are: what the answer gains (below 0: loses) per unit of time
    /// that passes without a purchase.
    #[must_use]
    pub fn per_unit_of_silence(&self) -> f64 {
        self.per_unit_of_silence
    }

    /// Derivative in the time of the last purchase, their number as it is: what the answer gains per unit by which the last
    /// purchase lies later. `None` without repeat purchases.
    #[must_use]
    pub fn per_unit_of_recency(&self) -> Option<f64> {
        self.per_unit_of_recency
    }

    /// The difference that one more purchase would make between the first and the last, times as they are: frequency
    /// alone. It may be negative, since the same silence after a faster rhythm says more. `None` without repeat purchases.
    #[must_use]
    pub fn per_further_purchase(&self) -> Option<f64> {
        self.per_further_purchase
    }

    /// The difference that one more purchase today makes, at the customer's mean spend: frequency and recency together.
    #[must_use]
    pub fn purchase_today(&self) -> f64 {
        self.purchase_today
    }
}

/// Central difference of sixth order at 0.
fn two_sided(step: f64, function: impl Fn(f64) -> Result<f64>) -> Result<f64> {
    let pair = |k: f64| Ok(function(k * step)? - function(-k * step)?);
    Ok((45.0 * pair(1.0)? - 9.0 * pair(2.0)? + pair(3.0)?) / (60.0 * step))
}

/// Forward difference of sixth order at 0.
fn one_sided(step: f64, function: impl Fn(f64) -> Result<f64>) -> Result<f64> {
    const WEIGHTS: [f64; 7] = [-147.0, 360.0, -450.0, 400.0, -225.0, 72.0, -10.0];
    let mut sum = 0.0;
    for (k, weight) in (0..).zip(WEIGHTS) {
        sum += weight * function(f64::from(k) * step)?;
    }
    Ok(sum / (60.0 * step))
}

#[cfg(test)]
mod tests {
    use super::Sensitivity;
    use crate::error::Result;
    use crate::measure::{DiscountRate, Span, TimeUnit};
    use crate::value::{
        FittedBgBb, FittedBgNbd, FittedNbd, FittedParetoNbd, FittedPurchaseModel, Horizon,
        PurchaseHistory,
    };

    const WEEK: TimeUnit = TimeUnit::Week;

    fn customer(count: u32, active: f64, observed: f64) -> PurchaseHistory {
        PurchaseHistory::new(count, active, observed, WEEK).unwrap()
    }

    fn assert_close(found: f64, expected: f64, tolerance: f64) {
        assert!(
            (found - expected).abs() <= tolerance * expected.abs(),
            "{found} {expected}"
        );
    }

    #[test]
    fn derivatives_of_the_probability_to_be_there_are_those_of_its_formula() {
        let (r, alpha, a, b) = (0.243, 4.414, 0.793, 2.426);
        let model = FittedBgNbd::from_parameters(r, alpha, a, b, WEEK).unwrap();
        let answer = |history: &PurchaseHistory| Ok(model.probability_alive(history)?.value());
        for (count, active, observed) in [
            (2, 30.43, 38.86),
            (1, 38.86, 38.86),
            (26, 30.86, 31.0),
            (3000, 50.0, 50.1),
        ] {
            let found = Sensitivity::of(&customer(count, active, observed), WEEK, answer).unwrap();
            let x = f64::from(count);
            let alive = found.value();
            let rate = alive * (1.0 - alive) * (r + x);
            assert_close(
                found.per_unit_of_silence(),
                -rate / (alpha + observed),
                1e-7,
            );
            let recency = found.per_unit_of_recency().unwrap();
            assert_close(recency, rate / (alpha + active), 1e-7);
            assert!(found.purchase_today() > -1.0);
        }
        let once = Sensitivity::of(&customer(0, 0.0, 30.0), WEEK, answer).unwrap();
        assert!(once.per_unit_of_silence().abs() < f64::MIN_POSITIVE);
        assert!(once.per_unit_of_recency().is_none() && once.per_further_purchase().is_none());
        assert!(
            once.purchase_today() < 0.0,
            "someone who buys may leave after it"
        );
    }

    #[test]
    fn derivatives_of_the_value_to_come_agree_with_differences_of_other_steps() {
        let model = FittedParetoNbd::from_parameters(0.55, 10.6, 0.6, 11.7, WEEK).unwrap();
        let rate = DiscountRate::annual(0.1).unwrap();
        let answer = |history: &PurchaseHistory| {
            model.discounted_purchases(history, rate, Horizon::Unlimited)
        };
        for (count, active, observed) in [(2, 30.43, 38.86), (9, 38.0, 39.0), (0, 0.0, 20.0)] {
            let found = Sensitivity::of(&customer(count, active, observed), WEEK, answer).unwrap();
            let at = |x: u32, t_x: f64, t: f64| answer(&customer(x, t_x, t)).unwrap();
            // Richardson's extrapolation of two central differences.
            let slope = |f: &dyn Fn(f64) -> f64| {
                let central = |h: f64| (f(h) - f(-h)) / (2.0 * h);
                (4.0 * central(0.01) - central(0.02)) / 3.0
            };
            let silence = slope(&|by| at(count, active, observed + by));
            assert_close(found.per_unit_of_silence(), silence, 1e-7);
            if count > 0 {
                let recency = slope(&|by| at(count, active + by, observed));
                assert_close(found.per_unit_of_recency().unwrap(), recency, 1e-7);
                let more = at(count + 1, active, observed) - at(count, active, observed);
                assert_close(found.per_further_purchase().unwrap(), more, 1e-12);
            }
            let today = at(count + 1, observed, observed) - at(count, active, observed);
            assert_close(found.purchase_today(), today, 1e-12);
            let month = Span::new(4.0, WEEK).unwrap();
            let cost =
                Sensitivity::cost_of_silence(&customer(count, active, observed), month, answer)
                    .unwrap();
            let later = at(count, active, observed) - at(count, active, observed + 4.0);
            assert_close(cost, later, 1e-11);
        }
    }

    #[test]
    fn units_brand_new_customers_and_whole_periods_are_handled() {
        let model = FittedNbd::from_parameters(0.5, 10.0, WEEK).unwrap();
        let ahead = Span::new(20.0, WEEK).unwrap();
        let answer = |history: &PurchaseHistory| model.expected_purchases(history, ahead);
        let found = Sensitivity::of(&customer(4, 30.0, 50.0), TimeUnit::Day, answer).unwrap();
        assert_close(
            found.per_unit_of_silence(),
            -4.5 * 20.0 / (60.0 * 60.0) / 7.0,
            1e-9,
        );
        assert_eq!(found.unit(), TimeUnit::Day);
        let new = Sensitivity::of(&customer(0, 0.0, 0.0), WEEK, answer).unwrap();
        assert_close(new.per_unit_of_silence(), -0.5 * 20.0 / 100.0, 1e-7);
        assert_close(new.purchase_today(), 20.0 / 10.0, 1e-12);

        let year = Span::from_days(364.0).unwrap();
        let donors = FittedBgBb::from_parameters(1.2, 0.75, 0.66, 2.8, year).unwrap();
        let donor = PurchaseHistory::new(2, 4.0 * 364.0, 6.0 * 364.0, TimeUnit::Day).unwrap();
        let alive = |history: &PurchaseHistory| -> Result<f64> {
            Ok(donors.probability_alive(history)?.value())
        };
        assert!(Sensitivity::of(&donor, TimeUnit::Day, alive).is_err());
        assert!(Sensitivity::cost_of_silence(&donor, year, alive).unwrap() > 0.0);
    }
}
