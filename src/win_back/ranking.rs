//! Cases in the order in which to take them, within a budget, with a certificate of how good the choice is.

use std::cmp::Ordering;

use crate::error::{Error, Result};
use crate::measure::{Currency, ExpectedMoney};

use super::WinBackCase;

/// How much may be spent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// Whatever pays for itself.
    Unlimited,
    /// At most this much in all.
    Money(ExpectedMoney),
    /// At most this many attempts: the hours of the people who make them are the limit.
    Attempts(usize),
}

impl Budget {
    /// By how much a sum of costs may exceed a limit through rounding alone: three attempts at 0.10 fit 0.30.
    const ROUNDING: f64 = 1e-12;

    /// What costs may add up to under a limit.
    pub(in crate::win_back) fn costs_up_to(limit: f64) -> f64 {
        limit * (1.0 + Self::ROUNDING)
    }
}

/// A case with its place in the order.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RankedCase {
    /// The case.
    pub case: WinBackCase,
    /// Expected net gain, in major units.
    pub net_gain: f64,
    /// Whether it fits the budget and pays for itself.
    pub chosen: bool,
}

/// How close the choice is to the best one that the budget allows.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Certificate {
    /// Expected net gain of the chosen cases, in major units.
    pub chosen: f64,
    /// No choice within the budget can gain more than this, in major units.
    pub upper_bound: f64,
}

impl Certificate {
    /// Share of the upper bound that the choice reaches: 1 is proven best.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.upper_bound > 0.0 {
            self.chosen / self.upper_bound
        } else {
            1.0
        }
    }
}

/// Cases ranked by what winning back is worth.
///
/// Gains of different customers are taken to be independent here; where the same hearer listens to several detractors
/// the network form of word of mouth is the right tool.
///
/// Order and choice: without a limit, and with a limit on the number of attempts, by net gain; with a limit on money,
/// by net gain per unit of cost, taking what still fits. The first two are the best possible choice; for the third the
/// [`Certificate`] compares with the fractional relaxation (Dantzig 1957), which no choice can beat, and a single case
/// that is worth more than the whole greedy choice replaces it, so that at least half of the best is reached.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct WinBackRanking {
    cases: Vec<RankedCase>,
    certificate: Certificate,
    currency: Option<Currency>,
    spent: f64,
}

impl WinBackRanking {
    /// Ranks `cases` within `budget`.
    ///
    /// # Errors
    /// [`Error::MixedCurrencies`] unless all cases and the budget are in one currency; [`Error::OutOfRange`] for a negative
    /// budget; [`Error::Overflow`] if gains or costs add up to no number.
    pub fn weigh(cases: Vec<WinBackCase>, budget: Budget) -> Result<Self> {
        let currency = cases.first().map(WinBackCase::currency);
        let budget_currency = match budget {
            Budget::Money(limit) => Some(limit.currency()),
            Budget::Unlimited | Budget::Attempts(_) => None,
        };
        if let Some(expected) = currency {
            let mut others = cases
                .iter()
                .map(WinBackCase::currency)
                .chain(budget_currency);
            if let Some(other) = others.find(|&other| other != expected) {
                return Err(Error::MixedCurrencies {
                    left: expected.to_string(),
                    right: other.to_string(),
                });
            }
        }
        if let Budget::Money(limit) = budget {
            let amount = limit.amount();
            Error::unless(amount >= 0.0, "budget", amount, "be at least 0")?;
        }
        let mut ranked: Vec<RankedCase> = cases
            .into_iter()
            .map(|case| RankedCase {
                net_gain: case.net_gain(),
                chosen: false,
                case,
            })
            .collect();
        let certificate = match budget {
            Budget::Unlimited => choose_first(&mut ranked, usize::MAX),
            Budget::Attempts(limit) => choose_first(&mut ranked, limit),
            Budget::Money(limit) => choose_within(&mut ranked, Budget::costs_up_to(limit.amount())),
        };
        // Empty sums are −0, which would print as such.
        let spent = 0.0
            + ranked
                .iter()
                .filter(|ranked| ranked.chosen)
                .map(|ranked| ranked.case.cost())
                .sum::<f64>();
        if !(certificate.upper_bound.is_finite() && spent.is_finite()) {
            return Err(Error::Overflow {
                what: "what winning back gains and costs in all".into(),
            });
        }
        Ok(Self {
            cases: ranked,
            certificate,
            currency,
            spent,
        })
    }

    /// All cases, those to take first at the front.
    #[must_use]
    pub fn cases(&self) -> &[RankedCase] {
        &self.cases
    }

    /// The cases that the budget covers and that pay for themselves, in order.
    pub fn chosen(&self) -> impl Iterator<Item = &RankedCase> {
        self.cases.iter().filter(|ranked| ranked.chosen)
    }

    /// How good the choice is.
    #[must_use]
    pub fn certificate(&self) -> Certificate {
        self.certificate
    }

    /// Cost of the chosen attempts, in major units.
    #[must_use]
    pub fn spent(&self) -> f64 {
        self.spent
    }

    /// The currency of all amounts; `None` without cases.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }
}

/// Falling order, equals by customer and case so that the order never depends on how cases came in.
fn descending(left: f64, right: f64, cases: (&RankedCase, &RankedCase)) -> Ordering {
    let key = |ranked: &RankedCase| (ranked.case.customer(), ranked.case.case());
    right
        .total_cmp(&left)
        .then_with(|| key(cases.0).cmp(&key(cases.1)))
}

fn choose_first(ranked: &mut [RankedCase], limit: usize) -> Certificate {
    ranked.sort_by(|left, right| descending(left.net_gain, right.net_gain, (left, right)));
    for case in ranked.iter_mut().take(limit) {
        case.chosen = case.net_gain > 0.0;
    }
    let chosen = 0.0
        + ranked
            .iter()
            .filter(|ranked| ranked.chosen)
            .map(|ranked| ranked.net_gain)
            .sum::<f64>();
    Certificate {
        chosen,
        upper_bound: chosen,
    }
}

fn choose_within(ranked: &mut [RankedCase], limit: f64) -> Certificate {
    let density = |ranked: &RankedCase| {
        let cost = ranked.case.cost();
        // What costs nothing and gains something comes first; what gains nothing is never worth its cost.
        if ranked.net_gain <= 0.0 {
            ranked.net_gain
        } else if cost > 0.0 {
            ranked.net_gain / cost
        } else {
            f64::INFINITY
        }
    };
    ranked.sort_by(|left, right| descending(density(left), density(right), (left, right)));

    let mut spent = 0.0;
    let mut gained = 0.0;
    let mut relaxed_spent = 0.0;
    let mut upper_bound = 0.0;
    for case in ranked.iter_mut().filter(|case| case.net_gain > 0.0) {
        let cost = case.case.cost();
        if spent + cost <= limit {
            spent += cost;
            gained += case.net_gain;
            case.chosen = true;
        }
        // A case dearer than the whole budget can be in no choice, so the bound leaves it out too.
        if cost <= limit && relaxed_spent < limit {
            let share = if cost > 0.0 {
                ((limit - relaxed_spent) / cost).min(1.0)
            } else {
                1.0
            };
            relaxed_spent += share * cost;
            upper_bound += share * case.net_gain;
        } else if cost == 0.0 {
            upper_bound += case.net_gain;
        }
    }
    let best_single = ranked
        .iter()
        .enumerate()
        .filter(|(_, case)| case.case.cost() <= limit)
        .max_by(|(_, left), (_, right)| left.net_gain.total_cmp(&right.net_gain))
        .map(|(place, case)| (place, case.net_gain));
    if let Some((place, gain)) = best_single.filter(|&(_, gain)| gain > gained) {
        for case in ranked.iter_mut() {
            case.chosen = false;
        }
        ranked[place].chosen = true;
        gained = gain;
    }
    Certificate {
        chosen: gained,
        upper_bound: upper_bound.max(gained),
    }
}
