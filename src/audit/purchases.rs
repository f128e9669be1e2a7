//! Who bought how often.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::error::{Error, Result};
use crate::journey::{AsOf, CaseIndex, Fact};
use crate::measure::{
    Currency, Estimate, Interval, Moments, Money, Probability, TimeUnit, Timestamp, critical_value,
};
use crate::numeric::quantile;
use crate::value::{PurchaseDays, PurchaseHistories, PurchaseSummary};

/// Recency, frequency and money, by the rules of [`PurchaseDays`]: days with several purchases count once, days that
/// refunds bring to nothing do not count, times in days.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PurchaseFinding {
    /// Customers with a purchase that stands.
    pub n: u64,
    /// Last day that counts.
    pub observation_end: NaiveDate,
    /// Days with purchases, over all customers.
    pub purchase_days: u64,
    /// Customers by number of repeat purchase days.
    pub x_counts: BTreeMap<u32, u64>,
    /// Mean number of repeat purchase days.
    pub mean_x: Option<f64>,
    /// Their variance.
    pub var_x: Option<f64>,
    /// Customers who came back.
    pub repeaters: u64,
    /// Share of customers who came back.
    pub share_repeaters: Option<f64>,
    /// Mean days from first to last purchase.
    pub mean_t_x: Option<f64>,
    /// The same over those who came back.
    pub mean_t_x_repeaters: Option<f64>,
    /// Mean days from first purchase to the end of observation.
    #[cfg_attr(feature = "serde", serde(rename = "mean_T"))]
    pub mean_observed: Option<f64>,
    /// Mean spend on a purchase day.
    pub mean_spend_per_purchase_day: Option<f64>,
    /// Mean over repeaters of their mean spend on repeat days.
    pub mean_repeat_spend_repeaters: Option<f64>,
    /// Median days from the first to the second purchase day.
    pub median_days_to_second: Option<f64>,
    /// Everything spent, in major units.
    pub total_spend: f64,
    /// Currency of the amounts.
    pub currency: Currency,
    /// Repeat purchase days per customer and day of observation, with its interval over customers.
    pub repeats_per_day: Option<Estimate>,
    /// Bookings after the last day that counts.
    pub bookings_after_end: u64,
}

/// The bookings of a view, ready to be summarised; `None` without purchases.
pub(super) fn purchase_days(view: AsOf<'_>) -> Result<Option<PurchaseDays>> {
    let mut days: Option<(Currency, PurchaseDays)> = None;
    for journey in view.journeys() {
        let customer = u32::try_from(journey.customer().index()).map_err(|_| Error::Overflow {
            what: "the number of customers".into(),
        })?;
        let mut bookings: Vec<(Timestamp, Option<CaseIndex>, Money)> = Vec::new();
        for event in journey.events() {
            let (at, case) = (event.at(), event.case());
            match event.fact() {
                Fact::Purchase(money) => bookings.push((at, case, money)),
                Fact::Refund(money) => {
                    // Cancelled at once: neither a purchase nor a refund, not even one of nothing.
                    match bookings
                        .iter()
                        .rposition(|booking| *booking == (at, case, money))
                    {
                        Some(place) => drop(bookings.remove(place)),
                        None => bookings.push((
                            at,
                            case,
                            Money::from_minor(-money.minor(), money.currency()),
                        )),
                    }
                }
                _ => {}
            }
        }
        for (at, _, money) in bookings {
            let (currency, days) =
                days.get_or_insert_with(|| (money.currency(), PurchaseDays::new(money.currency())));
            if *currency != money.currency() {
                return Err(Error::MixedCurrencies {
                    left: currency.to_string(),
                    right: money.currency().to_string(),
                });
            }
            days.push(
                customer,
                view.zone().date_of(at).num_days_from_ce(),
                money.minor(),
            );
        }
    }
    Ok(days.map(|(_, days)| days))
}

impl PurchaseFinding {
    pub(super) fn of(
        summary: &PurchaseSummary,
        observation_end: NaiveDate,
        level: Probability,
    ) -> Result<Option<Self>> {
        let histories = summary.histories();
        let Some((currency, repeat_spend)) = histories.mean_repeat_spend() else {
            return Ok(None);
        };
        let mut x_counts: BTreeMap<u32, u64> = BTreeMap::new();
        let (mut x, mut t_x, mut t_x_repeaters, mut observed, mut spend) = (
            Moments::default(),
            Moments::default(),
            Moments::default(),
            Moments::default(),
            Moments::default(),
        );
        for (row, &repeats) in histories.repeat_purchases().iter().enumerate() {
            *x_counts.entry(repeats).or_default() += 1;
            x.record(f64::from(repeats));
            t_x.record(histories.active_for()[row]);
            observed.record(histories.observed_for()[row]);
            if repeats > 0 {
                t_x_repeaters.record(histories.active_for()[row]);
                spend.record(repeat_spend[row]);
            }
        }
        let repeats: u64 = x_counts
            .iter()
            .map(|(&count, &customers)| u64::from(count) * customers)
            .sum();
        let purchase_days = histories.len() as u64 + repeats;
        let nothing = Money::from_minor(0, currency);
        let total = summary
            .total_spend()
            .try_fold(nothing, Money::plus)?
            .major();
        let mut seconds: Vec<(f64, u64)> = summary
            .time_to_second()
            .iter()
            .map(|&days| (days, 1))
            .collect();
        seconds.sort_by(|left, right| left.0.total_cmp(&right.0));
        Ok(Some(Self {
            n: histories.len() as u64,
            observation_end,
            purchase_days,
            x_counts,
            mean_x: x.mean(),
            var_x: x.variance(),
            repeaters: histories.repeaters() as u64,
            share_repeaters: (!histories.is_empty())
                .then(|| histories.repeaters() as f64 / histories.len() as f64),
            mean_t_x: t_x.mean(),
            mean_t_x_repeaters: t_x_repeaters.mean(),
            mean_observed: observed.mean(),
            mean_spend_per_purchase_day: (purchase_days > 0).then(|| total / purchase_days as f64),
            mean_repeat_spend_repeaters: spend.mean(),
            median_days_to_second: quantile(&seconds, 0.5),
            total_spend: total,
            currency,
            repeats_per_day: repeats_per_day(histories, level)?,
            bookings_after_end: summary.bookings_after_end() as u64,
        }))
    }
}

/// Ratio of all repeat purchases to all days observed, with the linearised standard error over customers
/// (Cochran 1977, section 6.4).
fn repeats_per_day(histories: &PurchaseHistories, level: Probability) -> Result<Option<Estimate>> {
    let observed: f64 = histories.observed_for().iter().sum();
    if observed <= 0.0 || histories.len() < 2 {
        return Ok(None);
    }
    let repeats: f64 = histories
        .repeat_purchases()
        .iter()
        .map(|&x| f64::from(x))
        .sum();
    let rate = repeats / observed;
    let rows = histories
        .repeat_purchases()
        .iter()
        .zip(histories.observed_for());
    let squares: f64 = rows
        .map(|(&x, &days)| (f64::from(x) - rate * days).powi(2))
        .sum();
    let customers = histories.len() as f64;
    let error = (squares * customers / (customers - 1.0)).sqrt() / observed;
    let z = critical_value::normal(level)?;
    let interval = Interval::new(
        (rate - z * error).max(0.0),
        rate + z * error,
        level,
        "ratio of totals, linearised standard error, normal",
    )?;
    Ok(Some(
        Estimate::new(rate, histories.len())
            .with_standard_error(error)
            .with_interval(interval),
    ))
}

/// In weeks, the unit in which the models are fitted: their parameters then compare with published ones.
pub(super) const MODEL_UNIT: TimeUnit = TimeUnit::Week;
