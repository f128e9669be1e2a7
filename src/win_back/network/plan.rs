//! Answers on a network, in money: an order with what each beginning saves, and a choice whose good word reaches most.

use crate::error::Result;
use crate::measure::{Currency, Estimate, ExpectedMoney};
use crate::word_of_mouth::network::{Conversion, SilenceOrder};

use super::question::NetworkWinBack;

/// Whom to win back first, second, third, so that least is lost to ill word and own leaving, with the value saved by each beginning.
///
/// No single order is best for every budget (what is saved is supermodular, see
/// [`SilenceOrder`]); [`PlanStep::other`] says where another choice was found better.
/// Amounts are in major units of [`currency`](Self::currency), from worlds that had no part in the choice.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SilencePlan {
    currency: Currency,
    harm: f64,
    harm_standard_error: f64,
    worlds: u64,
    all_choices_tried: bool,
    steps: Vec<PlanStep>,
}

/// One place of a [`SilencePlan`].
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PlanStep {
    /// Whom to win back at this place: the id in the network.
    pub id: String,
    /// What this detractor's word would cost if no other spoke; silencing them never adds more.
    pub single_impact: f64,
    /// Value this attempt adds to those before it, by word of mouth and own value.
    pub added: f64,
    /// Value saved by this attempt and those before it: word of mouth and own value, before costs.
    pub saved: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The part of it that is own value.
    pub own_value_regained: f64,
    /// The part of it that is word of mouth.
    pub word_of_mouth_avoided: f64,
    /// What this attempt and those before it cost.
    pub cost: f64,
    /// What this attempt alone costs.
    pub attempt_cost: f64,
    /// No choice of so many (where attempts cost money: no choice that costs no more) saves more than this, in the worlds of these values.
    pub at_most: f64,
    /// A choice at the same price that saved more in the worlds of the choice.
    pub other: Option<OtherPlan>,
}

/// A choice that is better than the order's beginning at one price.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct OtherPlan {
    /// Whom to win back.
    pub ids: Vec<String>,
    /// Value saved.
    pub saved: f64,
    /// What it costs.
    pub cost: f64,
    /// How much more than the order saves at this place; below 0 if the advantage did not last in other worlds.
    pub ahead: f64,
    /// Standard error of that difference.
    pub ahead_standard_error: f64,
}

impl PlanStep {
    /// Value saved minus costs.
    #[must_use]
    pub fn net(&self) -> f64 {
        self.saved - self.cost
    }

    /// Value saved as a share of the bound, from 0 to 1.
    #[must_use]
    pub fn certificate(&self) -> f64 {
        if self.at_most > 0.0 {
            self.saved / self.at_most
        } else {
            1.0
        }
    }
}

impl SilencePlan {
    pub(super) fn of(question: &NetworkWinBack<'_>, order: SilenceOrder) -> Self {
        let ids = |persons: &[u32]| -> Vec<String> {
            let persons = persons.iter().map(|&person| question.detractor(person));
            persons.flatten().map(|d| d.id().to_owned()).collect()
        };
        let costs = |persons: &[u32]| -> f64 {
            let persons = persons.iter().map(|&person| question.detractor(person));
            persons.flatten().fold(0.0, |sum, d| sum + d.cost())
        };
        let (mut own, mut cost) = (0.0, 0.0);
        let mut steps = Vec::with_capacity(order.steps.len());
        for step in order.steps {
            let Some(detractor) = question.detractor(step.person) else {
                continue;
            };
            own += detractor.success().value() * detractor.own_value();
            cost += detractor.cost();
            steps.push(PlanStep {
                id: detractor.id().to_owned(),
                single_impact: step.single_impact,
                added: step.added,
                saved: step.saved,
                standard_error: step.standard_error,
                own_value_regained: own,
                word_of_mouth_avoided: step.saved - own,
                cost,
                attempt_cost: detractor.cost(),
                at_most: step.at_most,
                other: step.other_choice.map(|other| OtherPlan {
                    ids: ids(&other.won_back),
                    cost: costs(&other.won_back),
                    saved: other.saved,
                    ahead: other.ahead,
                    ahead_standard_error: other.ahead_standard_error,
                }),
            });
        }
        Self {
            currency: question.currency(),
            harm: order.harm,
            harm_standard_error: order.harm_standard_error,
            worlds: order.worlds,
            all_choices_tried: order.all_choices_tried,
            steps,
        }
    }

    /// First to win back first.
    #[must_use]
    pub fn steps(&self) -> &[PlanStep] {
        &self.steps
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What the detractors' word costs if nobody is won back.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) if it exceeds what a number can hold.
    pub fn harm(&self) -> Result<ExpectedMoney> {
        ExpectedMoney::new(self.harm, self.currency)
    }

    /// The same with its standard error, in major units.
    #[must_use]
    pub fn harm_estimate(&self) -> Estimate {
        let worlds = usize::try_from(self.worlds).unwrap_or(usize::MAX);
        Estimate::new(self.harm, worlds).with_standard_error(self.harm_standard_error)
    }

    /// Worlds in which the values were found.
    #[must_use]
    pub fn worlds(&self) -> u64 {
        self.worlds
    }

    /// Whether every choice was tried at each size, so that [`PlanStep::other`] is absent only where the order is best in the worlds of the choice.
    #[must_use]
    pub fn all_choices_tried(&self) -> bool {
        self.all_choices_tried
    }
}

/// Whose good word, once they are won back, is worth most, in the order chosen.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ConversionPlan {
    /// Whom to win back.
    pub ids: Vec<String>,
    /// What that costs, in major units.
    pub cost: f64,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The choice with its value (good word and own value) in independent worlds, and its bounds.
    pub conversion: Conversion,
}

impl ConversionPlan {
    pub(super) fn of(question: &NetworkWinBack<'_>, conversion: Conversion) -> Self {
        let persons = conversion.won_back.iter();
        let chosen: Vec<_> = persons
            .filter_map(|&person| question.detractor(person))
            .collect();
        Self {
            ids: chosen.iter().map(|d| d.id().to_owned()).collect(),
            // The empty sum is −0, which would print as such.
            cost: 0.0 + chosen.iter().map(|d| d.cost()).sum::<f64>(),
            currency: question.currency(),
            conversion,
        }
    }

    /// Expected value of the good word and of the own values regained, before costs.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) if it exceeds what a number can hold.
    pub fn gained(&self) -> Result<ExpectedMoney> {
        ExpectedMoney::new(self.conversion.validated.value, self.currency)
    }
}
