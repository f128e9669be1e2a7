//! What was paid.

use crate::error::{Error, Result};
use crate::journey::{AsOf, Fact};
use crate::measure::{Currency, Estimate, Money, Probability};
use crate::numeric::quantile;
use crate::value::Contributions;

/// Money that changed hands, in one currency.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MoneyFinding {
    /// The currency of every amount.
    pub currency: Currency,
    /// Everything that was paid, in major units, exact to the minor unit.
    pub paid_total: f64,
    /// Everything that went back.
    pub refunded_total: f64,
    /// Paid minus refunded.
    pub paid_total_net_of_refunds: f64,
    /// Purchases.
    pub purchases: u64,
    /// Mean of what was paid in one case.
    pub paid_mean: f64,
    /// Median of what was paid in one case.
    pub paid_median: f64,
    /// What a customer paid on average, refunds not taken off.
    pub revenue_per_customer_mean: f64,
    /// What a customer paid on average, refunds taken off, with its interval: the observed contribution before costs.
    pub net_revenue_per_customer: Estimate,
}

impl MoneyFinding {
    /// `None` without purchases.
    pub(super) fn of(view: AsOf<'_>, level: Probability) -> Result<Option<Self>> {
        let mut paid_by_case: Vec<i64> = Vec::new();
        let mut totals: Option<(Money, Money, Contributions)> = None;
        let mut purchases = 0;
        let mut customers = 0_u64;
        for journey in view.journeys() {
            customers += 1;
            let mut paid: Option<Money> = None;
            let mut refunded: Option<Money> = None;
            let mut cases: Vec<(Option<crate::journey::CaseIndex>, i64)> = Vec::new();
            for event in journey.events() {
                match event.fact() {
                    Fact::Purchase(money) => {
                        purchases += 1;
                        paid = Some(add(paid, money)?);
                        match cases
                            .iter_mut()
                            .find(|(case, _)| event.case().is_some() && *case == event.case())
                        {
                            Some((_, minor)) => *minor += money.minor(),
                            None => cases.push((event.case(), money.minor())),
                        }
                    }
                    Fact::Refund(money) => refunded = Some(add(refunded, money)?),
                    _ => {}
                }
            }
            paid_by_case.extend(cases.into_iter().map(|(_, minor)| minor));
            let Some(currency) = paid.or(refunded).map(Money::currency) else {
                continue;
            };
            let nothing = Money::from_minor(0, currency);
            let (paid, refunded) = (paid.unwrap_or(nothing), refunded.unwrap_or(nothing));
            let net = paid.plus(Money::from_minor(-refunded.minor(), refunded.currency()))?;
            let mut so_far = match totals.take() {
                Some(totals) => totals,
                None => (nothing, nothing, Contributions::new(currency)),
            };
            so_far.0 = so_far.0.plus(paid)?;
            so_far.1 = so_far.1.plus(refunded)?;
            so_far.2.push(net)?;
            totals = Some(so_far);
        }
        let Some((paid, refunded, contributions)) = totals else {
            return Ok(None);
        };
        let currency = paid.currency();
        let net = contributions.total()?;
        paid_by_case.sort_unstable();
        let amounts: Vec<(f64, u64)> = paid_by_case
            .iter()
            .map(|&minor| (Money::from_minor(minor, currency).major(), 1))
            .collect();
        Ok(Some(Self {
            currency,
            paid_total: paid.major(),
            refunded_total: refunded.major(),
            paid_total_net_of_refunds: net.major(),
            purchases,
            // Where only refunds are known there is no case to divide by.
            paid_mean: paid.major() / amounts.len().max(1) as f64,
            paid_median: quantile(&amounts, 0.5).unwrap_or_default(),
            revenue_per_customer_mean: paid.major() / customers as f64,
            net_revenue_per_customer: contributions.mean(level)?,
        }))
    }
}

fn add(sum: Option<Money>, money: Money) -> Result<Money, Error> {
    sum.map_or(Ok(money), |sum| sum.plus(money))
}
