//! The running account of evidence that one relationship has produced.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::journey::Dimension;
use crate::measure::{Probability, Timestamp};

use super::{Evidence, EvidenceRules, Posterior, Weight};

/// Evidence for and against, open obligations, and what each broken one has cost. Entries come in order of time;
/// entries at the same moment count in the order in which they are made.
///
/// The rules (see [`EvidenceRules`]; m is the stake):
/// - An overdue and open obligation counts as provisional evidence against: loss · m · (1 − v), with
///   v = 1 / (1 + days overdue / max(days from making to deadline, 1)). It is gone once the obligation is closed. A
///   deadline that was moved in time is counted from the first making (convention).
/// - Fulfilled: m · v for; if late, then m · (1 − v) against, whereby a promise of integrity that is merely late counts
///   as one of benevolence. Broken: m against. Waived: nothing.
/// - Evidence against weighs loss · amount · (integrity factor if it concerns integrity) · (1 + bitterness · b), where b
///   is the belief just before from what is recorded, 0 for ability. A breach of integrity first takes a share from all
///   good evidence. Deception is never forgotten.
/// - A recovery adds the mean of its three kinds of justice times the loss recorded for the obligation; over several
///   recoveries at most the cap times that loss.
///
/// ```
/// use tillit::journey::Dimension;
/// use tillit::measure::Timestamp;
/// use tillit::trust::{EvidenceAccount, EvidenceRules, Weight};
///
/// let day = |day: i64| Timestamp::from_micros(day * 86_400_000_000);
/// let mut account = EvidenceAccount::new(EvidenceRules::felt());
/// account.promise(day(0), "answer", Some(day(20)), Weight::ONE, Dimension::Ability)?;
/// assert_eq!(account.reading(day(20))?.posterior().expected(), 0.5);
/// account.fulfil(day(40), &"answer", None)?;
/// let reading = account.reading(day(40))?;
/// assert_eq!(reading.posterior().evidence().positive(), 0.5);
/// assert_eq!(reading.posterior().evidence().negative(), 1.125);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct EvidenceAccount<K> {
    rules: EvidenceRules,
    now: Timestamp,
    positive: f64,
    negative: f64,
    /// Evidence against that is never forgotten.
    permanent: f64,
    open: BTreeMap<K, Obligation>,
    losses: BTreeMap<K, Loss>,
}

#[derive(Clone, Copy, Debug)]
struct Obligation {
    made: Timestamp,
    due: Option<Timestamp>,
    stake: f64,
    dimension: Dimension,
}

impl Obligation {
    /// How much of its worth a fulfilment at `at` still has.
    fn worth_at(&self, at: Timestamp) -> f64 {
        self.due.map_or(1.0, |due| worth(self.made, due, at))
    }
}

/// 1 up to the deadline, then falling with the days overdue, relative to the days promised.
pub(super) fn worth(made: Timestamp, due: Timestamp, at: Timestamp) -> f64 {
    if at <= due {
        1.0
    } else {
        1.0 / (1.0 + at.days_since(due) / due.days_since(made).max(1.0))
    }
}

/// What an obligation has cost, undecayed, and the share made good.
#[derive(Clone, Copy, Debug, Default)]
struct Loss {
    amount: f64,
    made_good: f64,
}

impl<K: Ord> EvidenceAccount<K> {
    /// An account without entries.
    #[must_use]
    pub fn new(rules: EvidenceRules) -> Self {
        Self {
            rules,
            now: Timestamp::MIN,
            positive: 0.0,
            negative: 0.0,
            permanent: 0.0,
            open: BTreeMap::new(),
            losses: BTreeMap::new(),
        }
    }

    /// A promise is made. Made again while it is open, its deadline is moved.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the last entry is later, as for all entries.
    pub fn promise(
        &mut self,
        at: Timestamp,
        key: K,
        due: Option<Timestamp>,
        stake: Weight,
        dimension: Dimension,
    ) -> Result<()> {
        if self.open.contains_key(&key) {
            return self.renegotiate(at, &key, due);
        }
        self.advance(at)?;
        let obligation = Obligation {
            made: at,
            due,
            stake: stake.value(),
            dimension,
        };
        self.open.insert(key, obligation);
        Ok(())
    }

    /// A deadline is moved; without effect once it has passed.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the last entry is later.
    pub fn renegotiate(&mut self, at: Timestamp, key: &K, due: Option<Timestamp>) -> Result<()> {
        self.advance(at)?;
        if let Some(obligation) = self.open.get_mut(key)
            && obligation.due.is_none_or(|old| at <= old)
        {
            obligation.due = due;
        }
        Ok(())
    }

    /// A promise is carried out, in time or late. A dimension given here overrides the promise's.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the last entry is later.
    pub fn fulfil(&mut self, at: Timestamp, key: &K, dimension: Option<Dimension>) -> Result<()> {
        self.advance(at)?;
        let Some((key, obligation)) = self.open.remove_entry(key) else {
            return Ok(());
        };
        let worth = obligation.worth_at(at);
        self.positive += obligation.stake * worth;
        if worth < 1.0 {
            let dimension = match dimension.unwrap_or(obligation.dimension) {
                Dimension::Integrity => Dimension::Benevolence,
                other => other,
            };
            let loss = self.lose(obligation.stake * (1.0 - worth), dimension, false);
            self.record(key, loss);
        }
        Ok(())
    }

    /// It becomes certain that a promise is not carried out. A dimension given here overrides the promise's.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the last entry is later.
    pub fn break_promise(
        &mut self,
        at: Timestamp,
        key: &K,
        dimension: Option<Dimension>,
        deception: bool,
    ) -> Result<()> {
        self.advance(at)?;
        let Some((key, obligation)) = self.open.remove_entry(key) else {
            return Ok(());
        };
        let dimension = dimension.unwrap_or(obligation.dimension);
        let loss = self.lose(obligation.stake, dimension, deception);
        self.record(key, loss);
        Ok(())
    }

    /// The reason for a promise falls away.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the last entry is later.
    pub fn waive(&mut self, at: Timestamp, key: &K) -> Result<()> {
        self.advance(at)?;
        self.open.remove(key);
        Ok(())
    }

    /// The company speaks without being asked: evidence for.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the last entry is later.
    pub fn unasked_word(&mut self, at: Timestamp, stake: Weight) -> Result<()> {
        self.advance(at)?;
        self.positive += self.rules.contact.value() * stake.value();
        Ok(())
    }

    /// The customer has to ask for what is owed, or to drag out a reason: evidence against, of benevolence.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the last entry is later.
    pub fn chase(&mut self, at: Timestamp, stake: Weight) -> Result<()> {
        self.advance(at)?;
        let amount = self.rules.contact.value() * stake.value();
        self.lose(amount, Dimension::Benevolence, false);
        Ok(())
    }

    /// The customer asks something: an implicit promise of benevolence to answer within the reply norm. Asking again
    /// does not move its deadline.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the last entry is later.
    pub fn question(&mut self, at: Timestamp, key: K) -> Result<()> {
        if self.open.contains_key(&key) {
            return self.advance(at);
        }
        // The cast saturates, which is what the ends of time need.
        #[allow(clippy::cast_possible_truncation)]
        let norm = (self.rules.reply_within * 86_400e6).round() as i64;
        let due = Timestamp::from_micros(at.micros().saturating_add(norm));
        self.promise(
            at,
            key,
            Some(due),
            self.rules.contact,
            Dimension::Benevolence,
        )
    }

    /// The company makes up for a loss, found just to the degree of `justice`.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the last entry is later.
    pub fn recover(&mut self, at: Timestamp, key: &K, justice: Probability) -> Result<()> {
        self.advance(at)?;
        if let Some(loss) = self.losses.get_mut(key) {
            let left = (self.rules.recovery_cap.value() - loss.made_good).max(0.0);
            let share = justice.value().min(left);
            loss.made_good += share;
            self.positive += share * loss.amount;
        }
        Ok(())
    }

    /// What the account says at `at`, entries of that moment included.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if an entry is later: take a copy of the account before going on.
    pub fn reading(&self, at: Timestamp) -> Result<Reading> {
        self.comes_after(at)?;
        let days = self.days_to(at);
        let positive = self.positive * self.rules.half_life_of_good.left_after(days);
        let recorded =
            self.negative * self.rules.half_life_of_bad.left_after(days) + self.permanent;
        let provisional: f64 = self
            .open
            .values()
            .map(|open| self.rules.loss.value() * open.stake * (1.0 - open.worth_at(at)))
            .sum();
        Ok(Reading {
            at,
            provisional,
            posterior: Evidence::sound(positive, recorded + provisional)
                .from_prior(self.rules.prior),
        })
    }

    /// Obligations that are open.
    #[must_use]
    pub fn open_obligations(&self) -> usize {
        self.open.len()
    }

    fn lose(&mut self, amount: f64, dimension: Dimension, deception: bool) -> f64 {
        let belief = if dimension == Dimension::Ability {
            0.0
        } else {
            let negative = self.negative + self.permanent;
            self.positive / (self.rules.prior.weight().value() + self.positive + negative)
        };
        let mut loss =
            self.rules.loss.value() * amount * (1.0 + self.rules.bitterness.value() * belief);
        if dimension == Dimension::Integrity {
            loss *= self.rules.integrity.value();
            self.positive *= self.rules.old_evidence_discount.complement().value();
        }
        if deception {
            self.permanent += loss;
        } else {
            self.negative += loss;
        }
        loss
    }

    fn record(&mut self, key: K, loss: f64) {
        self.losses.entry(key).or_default().amount += loss;
    }

    fn advance(&mut self, at: Timestamp) -> Result<()> {
        self.comes_after(at)?;
        let days = self.days_to(at);
        self.positive *= self.rules.half_life_of_good.left_after(days);
        self.negative *= self.rules.half_life_of_bad.left_after(days);
        self.now = at;
        Ok(())
    }

    fn days_to(&self, at: Timestamp) -> f64 {
        if self.now == Timestamp::MIN {
            0.0
        } else {
            at.days_since(self.now)
        }
    }

    fn comes_after(&self, at: Timestamp) -> Result<()> {
        if at < self.now {
            return Err(Error::Contradiction {
                what: "the order of entries in an account of evidence".into(),
                reason: format!("{at} comes after {}", self.now),
            });
        }
        Ok(())
    }
}

/// What an account says at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Reading {
    at: Timestamp,
    provisional: f64,
    posterior: Posterior,
}

impl Reading {
    /// When.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The part of the evidence against that comes from overdue and open obligations, and goes with them.
    #[must_use]
    pub fn provisional(&self) -> f64 {
        self.provisional
    }

    /// Evidence, mean and band.
    #[must_use]
    pub fn posterior(&self) -> Posterior {
        self.posterior
    }
}
