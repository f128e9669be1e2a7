//! "It is enough that one reader turns away": when refusing costs more than it saves.

use crate::error::{Error, Result};
use crate::measure::{ExpectedMoney, Probability};

use super::law::one_teller;
use super::{LostLaw, Talk, Teller};

/// How little talk it takes for a refusal to be a loss.
///
/// ```
/// use tillit::measure::{Currency, ExpectedMoney, Probability};
/// use tillit::word_of_mouth::{BreakEven, Sway, Talk, Teller};
///
/// let euro = Currency::new("EUR")?;
/// let money = |amount| ExpectedMoney::new(amount, euro);
/// let one_in_twelve = Sway::losing(Probability::new(1.0 / 12.0)?);
/// let talk = Talk::new(money(1200.0)?, one_in_twelve, Sway::NONE, Sway::NONE)?;
/// // Refusing a repair of 900 is a loss as soon as one hearer worth 1200 turns away ...
/// let refusal = BreakEven::of(&talk, Teller::Detractor, money(900.0)?)?;
/// assert_eq!(refusal.hearers(), 1);
/// // ... or each hearer with one chance in sixteen; that one does has a probability of 64 %.
/// assert!((refusal.loss_probability().unwrap().value() - 1.0 / 16.0).abs() < 1e-12);
/// assert!((refusal.at_least_one_lost()?.value() - 0.6426).abs() < 1e-4);
/// // For an even chance that one does, one hearer in 18 must be lost.
/// let even = refusal.loss_probability_for(Probability::new(0.5)?)?.unwrap();
/// assert!((even.value() - 0.0567).abs() < 1e-4);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BreakEven<'a> {
    talk: &'a Talk,
    teller: Teller,
    hearers: u64,
    loss_probability: Option<Probability>,
}

impl<'a> BreakEven<'a> {
    /// Sets what refusing saves against what an ordinary `teller` says about it.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the saving is at least 0 and a hearer is worth more than 0;
    /// [`Error::MixedCurrencies`]; [`Error::NeedsMarket`]; [`Error::Overflow`] if the count does not fit 53 bits.
    pub fn of(talk: &'a Talk, teller: Teller, saving: ExpectedMoney) -> Result<Self> {
        let value = talk.hearer_value();
        saving.plus(value)?;
        let (saving, value) = (saving.amount(), value.amount());
        Error::unless(saving >= 0.0, "saving of refusing", saving, "be at least 0")?;
        Error::unless(value > 0.0, "value of a hearer", value, "be above 0")?;
        let count = (saving / value).ceil();
        if count > 9_007_199_254_740_992.0 {
            return Err(Error::Overflow {
                what: "the break-even number of hearers".into(),
            });
        }
        let hearers = talk.impact_of(teller, 0.0, 1.0)?.distinct_hearers();
        let needed = saving / value / hearers;
        Ok(Self {
            talk,
            teller,
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number from 0 to 2^53"
            )]
            hearers: count as u64,
            loss_probability: Probability::new(needed).ok(),
        })
    }

    /// Hearers that must be lost until refusing no longer pays: saving / value, rounded up.
    #[must_use]
    pub fn hearers(&self) -> u64 {
        self.hearers
    }

    /// Probability of losing each hearer at which refusing and helping cost the same; `None` if refusing pays even when
    /// all hearers are lost.
    #[must_use]
    pub fn loss_probability(&self) -> Option<Probability> {
        self.loss_probability
    }

    /// Probability that at least one hearer is lost, over all generations, hearers independent of each other.
    ///
    /// # Errors
    /// As [`LostLaw::of`].
    pub fn at_least_one_lost(&self) -> Result<Probability> {
        Ok(LostLaw::of(self.talk, self.teller)?.at_least_one())
    }

    /// Probability that refusing ends as a loss: that so many hearers are lost as [`BreakEven::hearers`] says, or more.
    ///
    /// # Errors
    /// As [`LostLaw::of`].
    pub fn refusing_costs_more(&self) -> Result<Probability> {
        Ok(LostLaw::of(self.talk, self.teller)?.at_least(self.hearers))
    }

    /// Probability of losing each hearer at which at least one is lost with probability `chance`: "what must be true for
    /// an even chance that a reader turns away?" `None` if that chance is not reached although all hearers are lost,
    /// because nobody may be told.
    ///
    /// # Errors
    /// As [`LostLaw::of`].
    pub fn loss_probability_for(&self, chance: Probability) -> Result<Option<Probability>> {
        let teller = one_teller(self.talk, self.teller)?;
        let at_least_one = |lost: f64| teller.at_least_one(lost);
        if chance.value() > at_least_one(1.0) {
            return Ok(None);
        }
        if chance == Probability::ZERO {
            return Ok(Some(chance));
        }
        let (mut low, mut high) = (0.0, 1.0);
        // Ends where no number lies between: also for the smallest there are.
        loop {
            let middle = f64::midpoint(low, high);
            if !(middle > low && middle < high) {
                return Probability::new(high).map(Some);
            }
            if at_least_one(middle) < chance.value() {
                low = middle;
            } else {
                high = middle;
            }
        }
    }
}
