//! Customers drawn from the models themselves, for the tests of this room.

use crate::measure::{Currency, TimeUnit};
use crate::numeric::random::RandomStream;

use crate::value::PurchaseHistories;

/// Observed for this many weeks, spread over the customers.
const WEEKS: std::ops::Range<f64> = 27.0..78.0;

/// Histories with what came after them.
pub(in crate::value) struct Lives {
    pub(in crate::value) histories: PurchaseHistories,
    /// When each customer bought after the end of observation, counted from there.
    pub(in crate::value) futures: Vec<Vec<f64>>,
}

/// Lives of `customers`, each seen for a time within [`WEEKS`] and followed for `ahead` weeks more, who buy at the times
/// that `buy` draws until a given one.
fn lives(
    customers: u32,
    seed: u64,
    ahead: f64,
    mut buy: impl FnMut(&mut RandomStream, f64) -> Vec<f64>,
) -> Lives {
    let (mut x, mut t_x, mut t) = (Vec::new(), Vec::new(), Vec::new());
    let mut futures = Vec::new();
    for customer in 0..customers {
        let mut random = RandomStream::new(seed, u64::from(customer));
        let observed = WEEKS.start + (WEEKS.end - WEEKS.start) * random.uniform();
        let moments = buy(&mut random, observed + ahead);
        let seen = moments.partition_point(|&moment| moment <= observed);
        x.push(u32::try_from(seen).unwrap());
        t_x.push(moments[..seen].last().copied().unwrap_or(0.0));
        t.push(observed);
        let future = moments[seen..].iter().map(|moment| moment - observed);
        futures.push(future.collect());
    }
    Lives {
        histories: PurchaseHistories::from_columns(TimeUnit::Week, x, t_x, t).unwrap(),
        futures,
    }
}

/// Purchases at `rate` until `end`, leaving after each with probability `leave`.
fn purchases(random: &mut RandomStream, rate: f64, leave: f64, end: f64) -> Vec<f64> {
    let mut moments = Vec::new();
    let mut now = 0.0;
    loop {
        now += random.exponential() / rate;
        if now > end {
            return moments;
        }
        moments.push(now);
        if random.chance(leave) {
            return moments;
        }
    }
}

/// BG/NBD, or MBG/NBD with a chance to leave at the start.
pub(in crate::value) fn beta_geometric_lives(
    customers: u32,
    [r, alpha, a, b]: [f64; 4],
    leave_at_start: bool,
    seed: u64,
    ahead: f64,
) -> Lives {
    lives(customers, seed, ahead, |random, end| {
        let (rate, leave) = (random.gamma(r) / alpha, random.beta(a, b));
        if leave_at_start && random.chance(leave) {
            return Vec::new();
        }
        purchases(random, rate, leave, end)
    })
}

pub(in crate::value) fn beta_geometric(
    customers: u32,
    parameters: [f64; 4],
    leave_at_start: bool,
    seed: u64,
) -> PurchaseHistories {
    beta_geometric_lives(customers, parameters, leave_at_start, seed, 0.0).histories
}

pub(in crate::value) fn pareto_lives(
    customers: u32,
    [r, alpha, s, beta]: [f64; 4],
    seed: u64,
    ahead: f64,
) -> Lives {
    lives(customers, seed, ahead, |random, end| {
        let (rate, leaving) = (random.gamma(r) / alpha, random.gamma(s) / beta);
        let stays = random.exponential() / leaving;
        purchases(random, rate, 0.0, end.min(stays))
    })
}

pub(in crate::value) fn pareto(
    customers: u32,
    parameters: [f64; 4],
    seed: u64,
) -> PurchaseHistories {
    pareto_lives(customers, parameters, seed, 0.0).histories
}

/// The same lives with mean spend from Gamma–Gamma that grows `per_doubling` of purchases (1: not), and the spend of each
/// customer's future.
pub(in crate::value) fn spend_of_lives(
    Lives { histories, futures }: Lives,
    [p, q, v]: [f64; 3],
    per_doubling: f64,
    seed: u64,
) -> (PurchaseHistories, Vec<f64>) {
    let (mut means, mut to_come) = (Vec::new(), Vec::new());
    for (row, (&x, future)) in histories
        .repeat_purchases()
        .iter()
        .zip(&futures)
        .enumerate()
    {
        // A stream beside the one of the life itself.
        let mut random = RandomStream::new(!seed, row as u64);
        let scale = v * per_doubling.powf((f64::from(x) + 1.0).log2());
        let nu = random.gamma(q) / scale;
        let count = f64::from(x.max(1));
        let mean = random.gamma(p * count) / (nu * count);
        means.push(if x == 0 { 0.0 } else { mean });
        to_come.push(future.iter().map(|_| random.gamma(p) / nu).sum());
    }
    let dollar = Currency::new("USD").unwrap();
    (
        histories.with_mean_repeat_spend(dollar, means).unwrap(),
        to_come,
    )
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
