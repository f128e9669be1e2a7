//! The assumptions as the hot loop takes them.

use crate::error::{Error, Result};

use super::talk::{generations_sum, miss_log};
use super::{Precision, Talk, Teller};

/// Coefficients of one sweep, one entry per class where they depend on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coefficients<T> {
    /// Mean direct hearers of an ordinary customer.
    pub(super) reach: [T; 4],
    /// Probability that the customer leaves.
    pub(super) own_loss: [T; 4],
    /// Cost per distinct hearer; with a market multiplied by −M.
    pub(super) cost: [T; 4],
    pub(super) growth: Growth<T>,
    /// ln(1 − 1/M), if there is a market.
    pub(super) miss_log: Option<T>,
}

/// How contacts follow from direct hearers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Growth<T> {
    /// The same factor for everybody.
    Factor(T),
    /// 1 + x + … + x^(G−1) with x = `passed_on` × direct hearers.
    Finite { passed_on: T, generations: u32 },
    /// 1 / (1 − x) with x as above, `rest` being what the rounding of `passed_on` left out; the caller has seen to x < 1.
    Endless { passed_on: T, rest: T },
}

/// The assumptions as the kernel takes them.
pub(super) fn coefficients<T: Precision>(talk: &Talk) -> Result<Coefficients<T>> {
    let passed_on = talk.passed_on();
    let growth = match (talk.reteller_mean(), talk.generations().count()) {
        (Some(mean), _) => Growth::Factor(generations_sum(
            passed_on.times(mean.into()),
            talk.generations(),
            None,
        )?),
        (None, Some(1)) => Growth::Factor(1.0),
        (None, Some(generations)) => Growth::Finite {
            passed_on: passed_on.nearest,
            generations,
        },
        (None, None) => Growth::Endless {
            passed_on: passed_on.nearest,
            rest: passed_on.rest,
        },
    };
    let market = talk.market().map(|persons| persons.get() as f64);
    rounded(&Coefficients {
        reach: Teller::ALL.map(|teller| talk.reach(teller).mean()),
        own_loss: Teller::ALL.map(|teller| talk.own_loss(teller).value()),
        cost: Teller::ALL.map(|teller| talk.cost_per_hearer(teller) * market.map_or(1.0, |m| -m)),
        growth,
        miss_log: market.map(miss_log),
    })
}

/// The coefficients in the type of the columns.
pub(super) fn rounded<T: Precision>(exact: &Coefficients<f64>) -> Result<Coefficients<T>> {
    let largest: f64 = T::LARGEST.into();
    if !exact.cost.iter().all(|cost| cost.abs() <= largest) {
        return Err(Error::Overflow {
            what: "hearer value times market".into(),
        });
    }
    let each = |table: [f64; 4]| table.map(T::nearest);
    Ok(Coefficients {
        reach: each(exact.reach),
        own_loss: each(exact.own_loss),
        cost: each(exact.cost),
        growth: match exact.growth {
            Growth::Factor(factor) => Growth::Factor(T::nearest(factor.min(largest))),
            Growth::Finite {
                passed_on,
                generations,
            } => Growth::Finite {
                passed_on: T::nearest(passed_on),
                generations,
            },
            Growth::Endless { passed_on, rest } => {
                let nearest = T::nearest(passed_on);
                Growth::Endless {
                    passed_on: nearest,
                    rest: T::nearest(passed_on - nearest.into() + rest),
                }
            }
        },
        miss_log: exact.miss_log.map(|log| T::nearest(log.max(-largest))),
    })
}
