//! One teller's talk as a branching process: each hearer is swayed or not, and tells others or not.

use std::f64::consts::TAU;

use crate::error::{Error, Result};
use crate::measure::Probability;
use crate::numeric::random::RandomStream;
use crate::numeric::{Complex, Cumulants, power_series};

use super::super::{Reach, RetellerReach, Sway, Talk, Teller};
use super::told::Told;

/// What endless talk may bring beyond the generations that are computed, in hearers expected.
const NEGLIGIBLE: f64 = 1e-17;
/// Most generations computed for endless talk; it needs more where each teller brings 0.998 further tellers.
const MOST_GENERATIONS: f64 = 20_000.0;

/// Terms of an endless law that are right to their own last digits.
const SETTLED: usize = 64;

/// Who tells whom.
#[derive(Clone, Debug)]
pub(in super::super) struct Branching<'a> {
    first: Told<'a>,
    retold: Told<'a>,
    retelling: f64,
    decay: f64,
    sway: Sway,
    /// Generations computed.
    depth: u32,
    endless: bool,
    /// Endless and without decay: all generations are alike.
    steady: bool,
}

/// By how many units a hearer changes what is counted, if lost, won, or referred who would have come anyway.
pub(super) type Steps = [i64; 3];

/// The probabilities of these three in the first generation; 0 for what is not counted.
pub(super) type Counting = [f64; 3];

/// Where a generating function is evaluated: z^step − 1 for each of the three steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place([Complex; 3]);

impl Place {
    /// z = e^(2πi turn / turns).
    #[allow(
        clippy::cast_possible_wrap,
        reason = "turns up to two million, steps up to a million"
    )]
    pub(super) fn on_the_circle(turn: usize, turns: usize, steps: Steps) -> Self {
        let turns = turns as i64;
        Self(steps.map(|step| {
            // Reduced in whole numbers, so that a long step costs no digits.
            let turned = (turn as i64 * step).rem_euclid(turns);
            let turned = if 2 * turned > turns {
                turned - turns
            } else {
                turned
            };
            let angle = TAU * (turned as f64 / turns as f64);
            let half = (0.5 * angle).sin();
            Complex::new(-2.0 * half * half, angle.sin())
        }))
    }

    /// z = e^t.
    pub(super) fn real(t: f64, steps: Steps) -> Self {
        Self(steps.map(|step| Complex::new((t * step as f64).exp_m1(), 0.0)))
    }

    /// z = 0, where only the lost are counted.
    pub(super) const NOTHING: Self =
        Self([Complex { re: -1.0, im: 0.0 }, Complex::ZERO, Complex::ZERO]);
}

impl<'a> Branching<'a> {
    /// One teller with this reach, connectedness and effect, in a world as `talk` describes it.
    pub(super) fn new(
        talk: &'a Talk,
        reach: &'a Reach,
        connectedness: f64,
        sway: Sway,
    ) -> Result<Self> {
        if let Some(market) = talk.market() {
            return Err(Error::CannotTell {
                question: "the exact law of what is lost".into(),
                reason: format!(
                    "it takes each hearer for another person, but a market of {market} persons is stated: ask \
                     Talk::without_market, which gives an upper limit, or the closed form"
                )
                .into(),
            });
        }
        let first = Told::new(reach, connectedness, "the teller")?;
        let retelling = talk.retelling().value();
        let retold = match talk.reteller_reach() {
            _ if retelling == 0.0 => first,
            RetellerReach::LikeTheTeller => first,
            RetellerReach::Stated(reach) => Told::new(reach, 1.0, "a reteller")?,
        };
        let (decay, mean) = (talk.decay().value(), first.cumulants().mean);
        let growth = retelling * decay * retold.cumulants().mean;
        let depth = match talk.generations().count() {
            Some(count) => count,
            None if mean == 0.0 || growth == 0.0 => 1,
            None if growth >= 1.0 => return Err(Error::NeedsMarket { growth, row: None }),
            None => {
                let depth = (NEGLIGIBLE * (1.0 - growth) / mean).ln() / growth.ln();
                if depth > MOST_GENERATIONS {
                    return Err(Error::CannotTell {
                        question: "the exact law of what is lost".into(),
                        reason: format!(
                            "each teller brings {growth} further tellers, so talk takes too long to die out: state a \
                             number of generations"
                        )
                        .into(),
                    });
                }
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a whole number up to 20000, negative ones and 0 become 1"
                )]
                let depth = depth.ceil().max(1.0) as u32;
                depth
            }
        };
        Ok(Self {
            first,
            retold,
            retelling,
            decay,
            sway,
            depth: if retelling * retold.cumulants().mean == 0.0 {
                1
            } else {
                depth
            },
            endless: talk.generations().count().is_none(),
            steady: talk.generations().count().is_none() && talk.decay() == Probability::ONE,
        })
    }

    pub(super) fn sway(&self) -> Sway {
        self.sway
    }

    /// P(at least one hearer is lost), each of the first generation with probability `lost`.
    pub(in super::super) fn at_least_one(&self, lost: f64) -> f64 {
        let lost = self.deviation(Place::NOTHING, [lost, 0.0, 0.0]);
        (-lost.re).clamp(0.0, 1.0)
    }

    /// G(z) − 1, G being the generating function of what is counted: with F beyond the last generation 1,
    /// `F_g(z) = (1 + Σ p (z^step − 1)) (1 − ρ + ρ A(F_{g+1}(z)))` and `G = A(F_1)`, all kept as what they differ from 1 by, so that no digits are lost next to z = 1.
    pub(super) fn deviation(&self, place: Place, counting: Counting) -> Complex {
        let mut hearer = Complex::ZERO;
        for generation in (0..self.depth).rev() {
            let left = self.effect(generation);
            let mut counted = Complex::ZERO;
            for (step, chance) in place.0.iter().zip(counting) {
                if chance > 0.0 {
                    counted = counted + step.scaled(left * chance);
                }
            }
            let mut next = counted;
            if self.retelling > 0.0 {
                let onward = self.retold.deviation(hearer).scaled(self.retelling);
                next = counted.compounded(onward);
            }
            // Generations that are alike can stop where they have converged.
            let converged = self.steady && next == hearer;
            hearer = next;
            if converged {
                break;
            }
        }
        self.first.deviation(hearer)
    }

    /// The probabilities of 0, 1, … units counted, each hearer counting for so many units with such a probability.
    pub(super) fn series(&self, length: usize, outcomes: &[(usize, f64)]) -> Vec<f64> {
        let mut hearer = counted(length, outcomes, self.effect(self.depth - 1));
        for generation in (0..self.depth - 1).rev() {
            let next = self.counted_onward(&hearer, outcomes, self.effect(generation));
            // Generations that are alike can stop where nothing changes any more, whether or not there is an end.
            let converged = self.decay >= 1.0 && next == hearer;
            hearer = next;
            if converged {
                break;
            }
        }
        if self.steady {
            // Small probabilities come from longer talk than the mean does; the first ones do not depend on the others.
            let mut head = hearer[..length.min(SETTLED)].to_vec();
            for _ in 0..self.depth.saturating_add(64) {
                let next = self.counted_onward(&head, outcomes, 1.0);
                let converged = next == head;
                head = next;
                if converged {
                    break;
                }
            }
            hearer[..head.len()].copy_from_slice(&head);
        }
        self.first.series(&hearer)
    }

    /// What [`counted`] says with all whom he brings about, each of those whom he tells counting for `hearer`.
    fn counted_onward(&self, hearer: &[f64], outcomes: &[(usize, f64)], left: f64) -> Vec<f64> {
        let counted = counted(hearer.len(), outcomes, left);
        if self.retelling == 0.0 {
            return counted;
        }
        let mut onward = self.retold.series(hearer);
        for c in &mut onward {
            *c *= self.retelling;
        }
        if let Some(first) = onward.first_mut() {
            *first += 1.0 - self.retelling;
        }
        power_series::product(&onward, &counted)
    }

    /// Cumulants of what all hearers are worth, each being worth `value` with `probability` in the first generation.
    pub(super) fn cumulants(&self, outcomes: &[(f64, f64)]) -> Cumulants {
        let offspring = self.offspring();
        let hearer = if self.steady {
            settled(Cumulants::of_outcomes(outcomes), offspring)
        } else {
            (0..self.depth)
                .rev()
                .fold(Cumulants::default(), |beyond, generation| {
                    let left = self.effect(generation);
                    let here: Vec<(f64, f64)> =
                        outcomes.iter().map(|&(v, p)| (v, p * left)).collect();
                    Cumulants::of_outcomes(&here).plus(offspring.compound(beyond))
                })
        };
        self.first.cumulants().compound(hearer)
    }

    /// Cumulants of the number of hearers; `None` if it has no end.
    pub(super) fn hearers(&self) -> Option<Cumulants> {
        let (one, offspring) = (Cumulants::new(1.0, 0.0, 0.0), self.offspring());
        let hearer = if !self.endless {
            (0..self.depth).fold(Cumulants::default(), |beyond, _| {
                one.plus(offspring.compound(beyond))
            })
        } else if offspring.mean < 1.0 {
            settled(one, offspring)
        } else {
            return None;
        };
        Some(self.first.cumulants().compound(hearer))
    }

    /// Most hearers there can be; `None` without such a limit.
    pub(super) fn most_hearers(&self) -> Option<f64> {
        let first = self.first.most()?;
        if self.retelling == 0.0 || first == 0.0 {
            return Some(first);
        }
        let onward = self.retold.most()?;
        if self.endless && onward > 0.0 {
            return None;
        }
        Some(first * (1..self.depth).fold(1.0, |sum, _| 1.0 + onward * sum))
    }

    /// Multiplications that one evaluation takes, about.
    pub(super) fn work(&self) -> f64 {
        let onward = if self.retelling > 0.0 {
            self.retold.work()
        } else {
            0.0
        };
        self.first.work() + f64::from(self.depth) * (onward + 2.0)
    }

    /// Generations computed.
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// Plays one teller's talk: lost, won, and referred who would have come anyway.
    pub(super) fn play(&self, random: &mut RandomStream) -> [u64; 3] {
        let mut swayed = [0; 3];
        let mut hearing = self.first.draw(random);
        let mut generation = 0;
        while hearing > 0 && (self.endless || generation < self.depth) {
            let left = self.effect(generation);
            let limits = shares(self.sway).map(|share| share * left);
            let mut next = 0;
            for _ in 0..hearing {
                let mut chance = random.uniform();
                for (count, limit) in swayed.iter_mut().zip(limits) {
                    if chance < limit {
                        *count += 1;
                        break;
                    }
                    chance -= limit;
                }
                if self.retelling > 0.0 && random.chance(self.retelling) {
                    next += self.retold.draw(random);
                }
            }
            hearing = next;
            generation += 1;
        }
        swayed
    }

    /// How many new hearers one hearer brings.
    fn offspring(&self) -> Cumulants {
        Cumulants::of_outcomes(&[(1.0, self.retelling)]).compound(self.retold.cumulants())
    }

    /// Factor on the effect in a generation, the first being 0.
    fn effect(&self, generation: u32) -> f64 {
        if self.steady {
            1.0
        } else {
            self.decay.powf(f64::from(generation))
        }
    }
}

/// One ordinarily connected teller of a class.
pub(in super::super) fn one_teller(talk: &Talk, teller: Teller) -> Result<Branching<'_>> {
    Branching::new(talk, talk.reach(teller), 1.0, talk.sway(teller))
}

/// Probabilities that a hearer is lost, won, or referred who would have come anyway.
pub(super) fn shares(sway: Sway) -> [f64; 3] {
    [
        sway.lost().value(),
        sway.won().value(),
        sway.would_have_come().value(),
    ]
}

/// The cumulants c with c = here + offspring.compound(c), for fewer than one offspring on average.
fn settled(here: Cumulants, offspring: Cumulants) -> Cumulants {
    let rest = 1.0 - offspring.mean;
    let mean = here.mean / rest;
    let variance = (here.variance + offspring.variance * mean * mean) / rest;
    let third =
        (here.third + 3.0 * offspring.variance * mean * variance + offspring.third * mean.powi(3))
            / rest;
    Cumulants::new(mean, variance, third)
}
/// What one hearer counts for himself, as a power series.
fn counted(length: usize, outcomes: &[(usize, f64)], left: f64) -> Vec<f64> {
    let counted: f64 = outcomes.iter().map(|(_, chance)| chance * left).sum();
    let mut series = power_series::constant(length, 1.0 - counted);
    for &(units, chance) in outcomes {
        if let Some(coefficient) = series.get_mut(units) {
            *coefficient += chance * left;
        }
    }
    series
}
