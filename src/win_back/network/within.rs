//! What to do with a budget: the best beginning of the order, or a choice beside it, and what no choice exceeds.

use crate::error::{Error, Result};
use crate::win_back::Budget;

use super::plan::SilencePlan;

/// Whom to win back within a budget, with what no choice within it can exceed.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BudgetedPlan {
    /// Whom to win back: a beginning of the order, or another choice that was found.
    pub ids: Vec<String>,
    /// Value saved, before costs.
    pub saved: f64,
    /// What that costs.
    pub cost: f64,
    /// No choice within the budget saves more than this beyond its costs, in the worlds of these values.
    pub net_at_most: f64,
}

impl BudgetedPlan {
    /// Value saved minus costs.
    #[must_use]
    pub fn net(&self) -> f64 {
        self.saved - self.cost
    }

    /// The net value as a share of the bound, from 0 to 1; 1 where nothing is to be gained.
    #[must_use]
    pub fn certificate(&self) -> f64 {
        if self.net_at_most > 0.0 {
            (self.net() / self.net_at_most).clamp(0.0, 1.0)
        } else {
            1.0
        }
    }
}

impl SilencePlan {
    /// How many to win back, in this order, within a budget: the beginning with the highest value saved minus costs; of equals the shorter.
    ///
    /// Only beginnings of this one order are compared, and a better choice may leave the order: [`for_budget`](Self::for_budget) looks
    /// further and bounds what any choice can be worth. The certificate of the step that ends the beginning speaks about choices at *its*
    /// price, not about all that the budget would allow.
    ///
    /// # Errors
    /// [`Error::MixedCurrencies`].
    pub fn within(&self, budget: Budget) -> Result<usize> {
        self.check(budget)?;
        let (mut best, mut most) = (0, 0.0);
        for (count, step) in (1..).zip(self.steps()) {
            if fits(budget, count, step.cost) && step.net() > most {
                (best, most) = (count, step.net());
            }
        }
        Ok(best)
    }

    /// The best that was found within a budget: the beginning of [`within`](Self::within), or one of the other choices that stand beside the
    /// order where that is worth more after costs.
    ///
    /// The bound comes from those of the steps: what costs more than one beginning and no more than the next saves at most what the next
    /// one's bound says. A limit on attempts that cost money allows at most the sum of so many of the dearest.
    ///
    /// # Errors
    /// [`Error::MixedCurrencies`].
    pub fn for_budget(&self, budget: Budget) -> Result<BudgetedPlan> {
        let count = self.within(budget)?;
        let beginning = self.steps().iter().take(count);
        let end = count.checked_sub(1).and_then(|last| self.steps().get(last));
        let mut best = BudgetedPlan {
            ids: beginning.map(|step| step.id.clone()).collect(),
            saved: end.map_or(0.0, |step| step.saved),
            cost: end.map_or(0.0, |step| step.cost),
            net_at_most: 0.0,
        };
        for other in self.steps().iter().filter_map(|step| step.other.as_ref()) {
            if fits(budget, other.ids.len(), other.cost) && other.saved - other.cost > best.net() {
                best.ids.clone_from(&other.ids);
                (best.saved, best.cost) = (other.saved, other.cost);
            }
        }
        // Sums in another order may fall a hair short.
        best.net_at_most = self.net_at_most(budget).max(best.net());
        Ok(best)
    }

    fn net_at_most(&self, budget: Budget) -> f64 {
        let steps = self.steps();
        let is_free = steps.iter().all(|step| step.attempt_cost == 0.0);
        let price = match budget {
            Budget::Unlimited => f64::INFINITY,
            Budget::Money(limit) => limit.amount(),
            Budget::Attempts(limit) => {
                let mut costs: Vec<f64> = steps.iter().map(|step| step.attempt_cost).collect();
                costs.sort_by(|a, b| b.total_cmp(a));
                costs.iter().take(limit).sum()
            }
        };
        let (mut most, mut before) = (0.0_f64, 0.0);
        for (count, step) in (1..).zip(steps) {
            // Where nothing costs anything the bounds count attempts.
            let allows = match budget {
                Budget::Attempts(limit) if is_free => count <= limit,
                _ => before <= Budget::costs_up_to(price),
            };
            if !allows {
                break;
            }
            most = most.max(step.at_most - before);
            before = step.cost;
        }
        most
    }

    fn check(&self, budget: Budget) -> Result<()> {
        match budget {
            Budget::Money(limit) if limit.currency() != self.currency() => {
                Err(Error::MixedCurrencies {
                    left: self.currency().to_string(),
                    right: limit.currency().to_string(),
                })
            }
            _ => Ok(()),
        }
    }
}

fn fits(budget: Budget, count: usize, cost: f64) -> bool {
    match budget {
        Budget::Unlimited => true,
        Budget::Attempts(limit) => count <= limit,
        Budget::Money(limit) => cost <= Budget::costs_up_to(limit.amount()),
    }
}
