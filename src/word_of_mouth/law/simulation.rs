//! The same law by playing it out: an independent check, with its standard error.

use crate::error::{Error, Result};
#[cfg(feature = "serde")]
use crate::measure::{Currency, Probability};
use crate::measure::{Estimate, ExpectedMoney};
use crate::numeric::random::RandomStream;
use crate::numeric::sum_in_chunks;

use super::super::{Talk, TellerGroup};
use super::branching::Branching;

/// Most hearers, over all worlds, that a simulation may be expected to draw: minutes.
const MOST_HEARERS: f64 = 1e10;

/// Talk played out in many worlds with random numbers from a seed. The same seed gives the same bits on any number of
/// threads: each world has its own stream, and sums are added in a fixed order.
///
/// ```
/// use tillit::measure::{Currency, ExpectedMoney, Probability};
/// use tillit::word_of_mouth::{Simulation, Sway, Talk, Teller, TellerGroup};
///
/// let hearer = ExpectedMoney::new(1200.0, Currency::new("EUR")?)?;
/// let talk = Talk::new(hearer, Sway::losing(Probability::new(0.05)?), Sway::NONE, Sway::NONE)?;
/// let tellers = [TellerGroup::of(&talk, Teller::Detractor, 1)];
/// let played = Simulation::run(&talk, &tellers, 20_000, 7)?;
/// let error = played.lost().standard_error().unwrap();
/// assert!((played.lost().value() - 0.6).abs() < 4.0 * error);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct Simulation {
    lost: Estimate,
    nobody_lost: Estimate,
    word_of_mouth: Estimate,
    variance_of_lost: f64,
    mean_loss: ExpectedMoney,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    lost: Estimate,
    nobody_lost: Estimate,
    word_of_mouth: Estimate,
    variance_of_lost: f64,
    currency: Currency,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for Simulation {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        for (what, value) in [
            ("mean number lost", parts.lost.value()),
            ("variance of the number lost", parts.variance_of_lost),
        ] {
            Error::unless(
                (0.0..=f64::MAX).contains(&value),
                what,
                value,
                "be finite and at least 0",
            )?;
        }
        Probability::new(parts.nobody_lost.value())?;
        let mean_loss = ExpectedMoney::new(parts.word_of_mouth.value(), parts.currency)?;
        Ok(Self {
            lost: parts.lost,
            nobody_lost: parts.nobody_lost,
            word_of_mouth: parts.word_of_mouth,
            variance_of_lost: parts.variance_of_lost,
            mean_loss,
        })
    }
}

#[cfg(feature = "serde")]
impl From<Simulation> for Parts {
    fn from(played: Simulation) -> Self {
        Self {
            currency: played.mean_loss.currency(),
            lost: played.lost,
            nobody_lost: played.nobody_lost,
            word_of_mouth: played.word_of_mouth,
            variance_of_lost: played.variance_of_lost,
        }
    }
}

impl Simulation {
    /// Plays the talk of all groups in `worlds` worlds.
    ///
    /// # Errors
    /// [`Error::TooFew`] below 2 worlds; [`Error::CannotTell`] as for [`super::LostLaw::of`], and if hearers without end or
    /// more than 1e10 in all are to be expected; [`Error::Overflow`] if squares of what is lost are no numbers.
    pub fn run(talk: &Talk, groups: &[TellerGroup], worlds: u32, seed: u64) -> Result<Self> {
        if worlds < 2 {
            return Err(Error::TooFew {
                what: "worlds of a simulation".into(),
                found: worlds as usize,
                needed: 2,
                remedy: "a standard error needs at least two".into(),
            });
        }
        let tellers = groups
            .iter()
            .map(|group| {
                let (reach, sway) = (group.reach(), group.sway());
                let teller = Branching::new(talk, reach, group.connectedness(), sway)?;
                Ok((teller, group.customers()))
            })
            .collect::<Result<Vec<_>>>()?;
        let mut expected = 0.0;
        for (teller, count) in &tellers {
            let hearers = teller.hearers().map_or(f64::INFINITY, |all| all.mean);
            expected += (1.0 + hearers) * *count as f64 * f64::from(worlds);
        }
        // Infinite where talk has no end.
        if expected > MOST_HEARERS {
            return Err(Error::CannotTell {
                question: "by simulation what is lost".into(),
                reason: format!("{expected:.1e} hearers would have to be drawn: use the exact law")
                    .into(),
            });
        }
        let (value, saved) = (
            talk.hearer_value().amount(),
            talk.acquisition_cost().amount(),
        );
        let sums = sum_in_chunks(worlds as usize, |range| {
            let mut sums = [0.0; 5];
            for world in range {
                let mut random = RandomStream::new(seed, world as u64);
                let mut swayed = [0_u64; 3];
                for (teller, count) in &tellers {
                    for _ in 0..*count {
                        let one = teller.play(&mut random);
                        for (sum, one) in swayed.iter_mut().zip(one) {
                            *sum += one;
                        }
                    }
                }
                let [lost, won, anyway] = swayed.map(|count| count as f64);
                let loss = (lost - won) * value - anyway * saved;
                let nobody = f64::from(u8::from(swayed[0] == 0));
                for (sum, one) in
                    sums.iter_mut()
                        .zip([lost, lost * lost, nobody, loss, loss * loss])
                {
                    *sum += one;
                }
            }
            sums
        });
        if !sums.iter().all(|sum| sum.is_finite()) {
            return Err(Error::Overflow {
                what: "the square of what is lost".into(),
            });
        }
        let n = f64::from(worlds);
        let [lost, squares, nobody, loss, loss_squares] = sums.map(|sum| sum / n);
        let variance = |mean: f64, squares: f64| ((squares - mean * mean) * n / (n - 1.0)).max(0.0);
        let estimate = |mean: f64, variance: f64| {
            Estimate::new(mean, worlds as usize).with_standard_error((variance / n).sqrt())
        };
        Ok(Self {
            lost: estimate(lost, variance(lost, squares)),
            nobody_lost: estimate(nobody, variance(nobody, nobody)),
            word_of_mouth: estimate(loss, variance(loss, loss_squares)),
            variance_of_lost: variance(lost, squares),
            mean_loss: ExpectedMoney::new(loss, talk.currency())?,
        })
    }

    /// Mean number of hearers lost.
    #[must_use]
    pub fn lost(&self) -> &Estimate {
        &self.lost
    }

    /// Variance of the number lost between worlds.
    #[must_use]
    pub fn variance_of_lost(&self) -> f64 {
        self.variance_of_lost
    }

    /// Probability that nobody is lost.
    #[must_use]
    pub fn nobody_lost(&self) -> &Estimate {
        &self.nobody_lost
    }

    /// Mean cost of the talk in major units, gains negative.
    #[must_use]
    pub fn word_of_mouth(&self) -> &Estimate {
        &self.word_of_mouth
    }

    /// The same as money.
    #[must_use]
    pub fn mean_loss(&self) -> ExpectedMoney {
        self.mean_loss
    }
}
