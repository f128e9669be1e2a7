//! "It is enough that one reader turns away": when refusing costs more than it saves.

use crate::error::{Error, Result};
use crate::measure::{ExpectedMoney, Probability};

use super::{RetellerReach, Talk, Teller};

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
        let needed = saving / (value * hearers);
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

    /// Probability that at least one hearer is lost, over all generations, hearers independent of each other and the
    /// market unlimited.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if a law of reach is stated by its mean alone, or generations are endless.
    pub fn at_least_one_lost(&self) -> Result<Probability> {
        let cannot = |reason: &'static str| Error::CannotTell {
            question: "how probable it is that nobody is lost".into(),
            reason: reason.into(),
        };
        let mean_alone = || cannot("only the mean of a reach is stated: state its law");
        let generations = self
            .talk
            .generations()
            .count()
            .ok_or_else(|| cannot("generations are endless: state their number"))?;
        let reach = self.talk.reach(self.teller);
        let retold = match self.talk.reteller_reach() {
            RetellerReach::LikeTheTeller => reach,
            RetellerReach::Stated(reach) => reach,
        };
        let lost = self.talk.sway(self.teller).lost().value();
        let retelling = self.talk.retelling().value();
        // From the last generation inwards: a hearer and all who hear through him are spared.
        let mut spared = 1.0;
        for generation in (0..generations).rev() {
            let lost_here = lost * self.talk.decay().value().powf(f64::from(generation));
            let onward = if generation + 1 == generations {
                1.0
            } else {
                retold.generating_function(spared).ok_or_else(mean_alone)?
            };
            spared = (1.0 - lost_here) * (1.0 - retelling + retelling * onward);
        }
        let nobody = reach.generating_function(spared).ok_or_else(mean_alone)?;
        Probability::new((1.0 - nobody).clamp(0.0, 1.0))
    }
}
