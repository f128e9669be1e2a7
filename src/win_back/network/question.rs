//! The question put to a network: these detractors, these hearers, this money.

use crate::error::{Error, Result};
use crate::measure::{Currency, Probability};
use crate::win_back::Budget;
use crate::word_of_mouth::network::{
    Attempts, Cascade, Effort, Network, Person, SavedCurve, Search,
};

use super::detractor::NetworkDetractor;
use super::plan::{ConversionPlan, SilencePlan};

/// Whom to win back on a known network.
///
/// [`WinBackRanking`](crate::win_back::WinBackRanking) takes the gains of different customers to be independent. Here they are not: a hearer whom two
/// detractors reach is lost until both are silent. What is saved by a choice is
///
/// - *word of mouth*: the losses of hearers who would hear from nobody else, times the probability that all attempts of the choice on whom they
///   would hear from succeed, and
/// - *own value*: what each detractor's own staying is worth, times the probability of success.
///
/// Detractors are disappointed already, so their column of losses counts as 0: what they are worth is their own value.
///
/// ```
/// use tillit::measure::{Currency, ExpectedMoney, Probability};
/// use tillit::win_back::network::{NetworkDetractor, NetworkWinBack};
/// use tillit::word_of_mouth::network::{Cascade, EdgeList, Search};
///
/// let network = EdgeList::new().read("ada cy\nbo cy\nbo di\n".as_bytes())?;
/// let euro = Currency::new("EUR")?;
/// let losses = vec![0.0, 40.0, 0.0, 70.0]; // ada, cy, bo, di in order of appearance
/// let detractors = ["ada", "bo"].map(|id| NetworkDetractor::new(id, euro));
/// let cascade = Cascade::uniform(&network, Probability::ONE);
/// let question = NetworkWinBack::new(cascade, euro, losses, detractors.to_vec())?;
/// let plan = question.silence(&Search::new(1))?;
/// assert_eq!(plan.harm()?, ExpectedMoney::new(110.0, euro)?);
/// assert_eq!(plan.steps()[0].id, "bo");
/// assert_eq!((plan.steps()[0].saved, plan.steps()[1].saved), (70.0, 110.0));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NetworkWinBack<'n> {
    cascade: Cascade<'n>,
    currency: Currency,
    losses: Vec<f64>,
    detractors: Vec<NetworkDetractor>,
    attempts: Attempts,
}

impl<'n> NetworkWinBack<'n> {
    /// The question. `losses` holds, for each person of the network in its order, what it costs in major units of `currency` that this person
    /// hears the ill word: probability of being lost times what is then lost.
    ///
    /// # Errors
    /// [`Error::Empty`] without detractors; [`Error::MixedCurrencies`]; [`Error::InvalidText`] with an id that is not in the
    /// network; [`Error::BadColumnValue`] with the row of a detractor named twice or of a loss that is not finite and at
    /// least 0; [`Error::UnequalLengths`] unless there is one loss per person.
    pub fn new(
        cascade: Cascade<'n>,
        currency: Currency,
        mut losses: Vec<f64>,
        detractors: Vec<NetworkDetractor>,
    ) -> Result<Self> {
        let network = cascade.network();
        if let Some(other) = detractors.iter().find(|d| d.currency() != currency) {
            return Err(Error::MixedCurrencies {
                left: currency.to_string(),
                right: other.currency().to_string(),
            });
        }
        checked_column("losses of the hearers", &losses, network)?;
        let persons: Vec<Person> = detractors
            .iter()
            .map(|detractor| {
                network.find(detractor.id()).ok_or(Error::InvalidText {
                    what: "detractor".into(),
                    found: detractor.id().to_owned(),
                    expected: "the id of a person in the network".into(),
                })
            })
            .collect::<Result<_>>()?;
        for &person in &persons {
            losses[person as usize] = 0.0;
        }
        let success: Vec<Probability> = detractors.iter().map(NetworkDetractor::success).collect();
        let own_values = detractors.iter().map(NetworkDetractor::own_value).collect();
        let mut attempts = Attempts::new(persons)?
            .with_success(&success)?
            .with_own_values(own_values)?;
        if detractors.iter().any(|detractor| detractor.cost() > 0.0) {
            attempts =
                attempts.with_costs(detractors.iter().map(NetworkDetractor::cost).collect())?;
        }
        Ok(Self {
            cascade,
            currency,
            losses,
            detractors,
            attempts,
        })
    }

    /// Whom to win back so that least is lost: an order with what each beginning of it saves, and bounds.
    ///
    /// Where attempts cost money the order goes by value per cost.
    ///
    /// # Errors
    /// None beyond those of [`new`](Self::new); the type is that of the calculation behind it.
    pub fn silence(&self, search: &Search) -> Result<SilencePlan> {
        let order = self
            .cascade
            .silence_order(&self.attempts, &self.losses, search)?;
        Ok(SilencePlan::of(self, order))
    }

    /// What other orders of the detractors save (the best connected first, say), each compared with the first of them.
    ///
    /// # Errors
    /// [`Error::BadColumnValue`] with the place of a person who is no detractor or comes twice.
    pub fn saved_along(&self, orders: &[Vec<Person>], effort: &Effort) -> Result<Vec<SavedCurve>> {
        self.cascade
            .saved_along(&self.attempts, orders, &self.losses, effort)
    }

    /// Whom to win back so that their good word is worth most. `gains` holds for each person of the network what it brings in major units that
    /// the person hears the good word: probability of being won times what is then won; detractors count as 0.
    ///
    /// [`Budget::Unlimited`] allows all attempts.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`], [`Error::BadColumnValue`] for the gains; [`Error::MixedCurrencies`] and [`Error::OutOfRange`] for the budget.
    pub fn convert(
        &self,
        gains: &[f64],
        budget: Budget,
        search: &Search,
    ) -> Result<ConversionPlan> {
        checked_column("gains from the hearers", gains, self.network())?;
        let mut gains = gains.to_vec();
        for &person in self.attempts.detractors() {
            gains[person as usize] = 0.0;
        }
        let all: f64 = match self.attempts.costs() {
            Some(costs) => costs.iter().sum(),
            None => self.detractors.len() as f64,
        };
        let counted;
        let (attempts, limit) = match budget {
            Budget::Unlimited => (&self.attempts, all),
            Budget::Money(limit) => {
                self.check_currency(limit.currency())?;
                let amount = limit.amount();
                Error::unless(amount >= 0.0, "budget", amount, "be finite and at least 0")?;
                // Attempts without costs fit any budget.
                let fits = self.attempts.costs().is_none();
                (&self.attempts, if fits { all } else { amount })
            }
            Budget::Attempts(count) => {
                counted = self.attempts.clone().without_costs();
                (&counted, count.min(self.detractors.len()) as f64)
            }
        };
        let found = self
            .cascade
            .convert_attempts(attempts, &gains, limit, search)?;
        Ok(ConversionPlan::of(self, found))
    }

    /// The cascade.
    #[must_use]
    pub fn cascade(&self) -> &Cascade<'n> {
        &self.cascade
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &'n Network {
        self.cascade.network()
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The detractors, in the caller's order.
    #[must_use]
    pub fn detractors(&self) -> &[NetworkDetractor] {
        &self.detractors
    }

    /// The attempts behind the detractors, row by row.
    #[must_use]
    pub fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    /// Loss by each person of the network who hears the ill word, in major units; 0 for detractors.
    #[must_use]
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// The detractor who is this person of the network.
    pub(super) fn detractor(&self, person: Person) -> Option<&NetworkDetractor> {
        let mut persons = self.attempts.detractors().iter();
        let row = persons.position(|&detractor| detractor == person)?;
        self.detractors.get(row)
    }

    pub(super) fn check_currency(&self, other: Currency) -> Result<()> {
        if other == self.currency {
            return Ok(());
        }
        Err(Error::MixedCurrencies {
            left: self.currency.to_string(),
            right: other.to_string(),
        })
    }
}

fn checked_column(column: &'static str, values: &[f64], network: &Network) -> Result<()> {
    if values.len() != network.persons() {
        return Err(Error::UnequalLengths {
            left: "the network",
            left_len: network.persons(),
            right: column,
            right_len: values.len(),
        });
    }
    let bad = values
        .iter()
        .position(|&value| !(value >= 0.0 && value.is_finite()));
    match bad {
        Some(row) => Err(Error::BadColumnValue {
            column: column.into(),
            row,
            found: values[row],
            allowed: "be finite and at least 0".into(),
        }),
        None => Ok(()),
    }
}
