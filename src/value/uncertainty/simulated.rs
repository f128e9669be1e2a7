//! Customers drawn from the models themselves, for the tests of this room.

use crate::measure::{Currency, TimeUnit};
use crate::numeric::random::RandomStream;

use crate::value::PurchaseHistories;

/// Observed for this many weeks, spread over the customers.
const WEEKS: std::ops::Range<f64> = 27.0..78.0;

/// Histories of `customers`, each seen for a time within [`WEEKS`] and buying at the times that `buy` draws.
fn histories(
    customers: u32,
    seed: u64,
    mut buy: impl FnMut(&mut RandomStream, f64) -> (u32, f64),
) -> PurchaseHistories {
    let (mut x, mut t_x, mut t) = (Vec::new(), Vec::new(), Vec::new());
    for customer in 0..customers {
        let mut random = RandomStream::new(seed, u64::from(customer));
        let observed = WEEKS.start + (WEEKS.end - WEEKS.start) * random.uniform();
        let (count, last) = buy(&mut random, observed);
        x.push(count);
        t_x.push(last);
        t.push(observed);
    }
    PurchaseHistories::from_columns(TimeUnit::Week, x, t_x, t).unwrap()
}

/// Purchases at `rate` until `end`, leaving after each with probability `leave`.
fn purchases(random: &mut RandomStream, rate: f64, leave: f64, end: f64) -> (u32, f64) {
    let (mut count, mut last) = (0, 0.0);
    loop {
        let next = last + random.exponential() / rate;
        if next > end {
            return (count, last);
        }
        (count, last) = (count + 1, next);
        if random.chance(leave) {
            return (count, last);
        }
    }
}

/// BG/NBD, or MBG/NBD with a chance to leave at the start.
pub(in crate::value) fn beta_geometric(
    customers: u32,
    [r, alpha, a, b]: [f64; 4],
    leave_at_start: bool,
    seed: u64,
) -> PurchaseHistories {
    histories(customers, seed, |random, end| {
        let (rate, leave) = (random.gamma(r) / alpha, random.beta(a, b));
        if leave_at_start && random.chance(leave) {
            return (0, 0.0);
        }
        purchases(random, rate, leave, end)
    })
}

pub(in crate::value) fn pareto(
    customers: u32,
    [r, alpha, s, beta]: [f64; 4],
    seed: u64,
) -> PurchaseHistories {
    histories(customers, seed, |random, end| {
        let (rate, leaving) = (random.gamma(r) / alpha, random.gamma(s) / beta);
        let stays = random.exponential() / leaving;
        purchases(random, rate, 0.0, end.min(stays))
    })
}

/// The same histories with mean spend from Gamma–Gamma.
pub(in crate::value) fn with_spend(
    histories: PurchaseHistories,
    [p, q, v]: [f64; 3],
    seed: u64,
) -> PurchaseHistories {
    let mut random = RandomStream::new(seed, u64::MAX);
    let means = histories.repeat_purchases().iter().map(|&x| {
        if x == 0 {
            return 0.0;
        }
        let count = f64::from(x);
        let nu = random.gamma(q) / v;
        random.gamma(p * count) / (nu * count)
    });
    let means = means.collect();
    histories
        .with_mean_repeat_spend(Currency::new("USD").unwrap(), means)
        .unwrap()
}
