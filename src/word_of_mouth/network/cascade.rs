//! The independent cascade: whoever hears of it tries once to pass it on over each arc.

use fearless_simd::{Level, dispatch};
#[cfg(feature = "parallel")]
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::measure::Probability;

use super::chance;
use super::control;
use super::effort::{Effort, Method, Spread};
use super::graph::{Network, Person};
use super::lanes::{self, LanePlan, Lanes};
use super::skips::{SkipPlan, Skips};

/// Fewest groups of 64 worlds from which a standard error is told.
const FEWEST_GROUPS: u64 = 32;
/// From so many worlds on lanes are taken where jumping could be: worlds share their work, and the control leaves less noise.
const MANY: u64 = 4096;

/// The probability with which each arc passes the word on.
#[derive(Clone, Debug)]
enum Chances {
    Equal(f64),
    Own(Vec<f64>),
}

/// How the worlds of one question are drawn.
enum Kernel {
    /// Jumping, at this probability.
    Skips(f64),
    Lanes,
}

/// Independent cascade on a network: each arc (u, v) passes the word on once, with its probability, when u hears of it
/// (Kempe, Kleinberg & Tardos 2003, "Maximizing the spread of influence through a social network", KDD).
///
/// Memory beside the network's: 8 bytes per arc unless all arcs have one probability; while worlds are drawn 24 bytes per arc
/// and 16 per person, and for each thread 64 per person and up to 8 more ([`Method::Lanes`]) or 4 ([`Method::Skips`]).
///
/// ```
/// use tillit::measure::Probability;
/// use tillit::word_of_mouth::network::{Cascade, Effort, Network};
///
/// let friends = Network::from_arcs(3, [(0, 1), (1, 2)])?;
/// let cascade = Cascade::uniform(&friends, Probability::new(0.5)?);
/// let spread = cascade.spread(&[0], &Effort::worlds(1, 10_000))?;
/// assert!((spread.value - 1.75).abs() < 4.0 * spread.standard_error + 1e-9);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cascade<'n> {
    network: &'n Network,
    chances: Chances,
}

impl<'n> Cascade<'n> {
    /// The same probability on each arc.
    #[must_use]
    pub fn uniform(network: &'n Network, chance: Probability) -> Self {
        Self {
            network,
            chances: Chances::Equal(chance.value()),
        }
    }

    /// Weighted cascade: one over the number of arcs that lead to the hearer, so that each hears as much in all
    /// (Kempe, Kleinberg & Tardos 2003, section 2).
    #[must_use]
    pub fn weighted(network: &'n Network) -> Self {
        let arcs_in = network.arcs_in();
        let chances = network
            .heads()
            .iter()
            .map(|&head| 1.0 / f64::from(arcs_in[head as usize]))
            .collect();
        Self {
            network,
            chances: Chances::Own(chances),
        }
    }

    /// A probability for each arc, in the network's order (by tail, then head).
    ///
    /// # Errors
    /// [`Error::UnequalLengths`], and [`Error::BadColumnValue`] with the first arc whose probability does not lie within 0 to 1.
    pub fn own(network: &'n Network, chances: Vec<f64>) -> Result<Self> {
        if chances.len() != network.arcs() {
            return Err(Error::UnequalLengths {
                left: "the network's arcs",
                left_len: network.arcs(),
                right: "the probabilities",
                right_len: chances.len(),
            });
        }
        if let Some(row) = chances.iter().position(|p| !(0.0..=1.0).contains(p)) {
            return Err(Error::BadColumnValue {
                column: "probabilities of the arcs".into(),
                row,
                found: chances[row],
                allowed: "lie within 0 to 1".into(),
            });
        }
        Ok(Self {
            network,
            chances: Chances::Own(chances),
        })
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &'n Network {
        self.network
    }

    /// Expected number of persons who hear of it, the tellers included.
    ///
    /// # Errors
    /// [`Error::BadColumnValue`] with a teller who is not in the network; [`Error::TooFew`] for an effort of no worlds;
    /// [`Error::Contradiction`] if it asks for [`Method::Skips`] where arcs differ.
    pub fn spread(&self, tellers: &[Person], effort: &Effort) -> Result<Spread> {
        self.expected_loss(tellers, &vec![1.0; self.network.persons()], effort)
    }

    /// Expected sum of the values of those who hear of it, the tellers included; give them the value 0 to leave them out.
    ///
    /// A value is what it costs that this person hears it (probability of being lost times what is then lost), in any
    /// unit; negative for a gain.
    ///
    /// # Errors
    /// As [`spread`](Self::spread); [`Error::UnequalLengths`] and [`Error::BadColumnValue`] for the values.
    pub fn expected_loss(
        &self,
        tellers: &[Person],
        values: &[f64],
        effort: &Effort,
    ) -> Result<Spread> {
        self.balance(&[(1.0, tellers)], values, effort)
    }

    /// What telling by `first` costs beyond telling by `second`, in the same worlds: what both bring about drops out, and with it
    /// most of the noise.
    ///
    /// # Errors
    /// As [`expected_loss`](Self::expected_loss).
    pub fn difference(
        &self,
        first: &[Person],
        second: &[Person],
        values: &[f64],
        effort: &Effort,
    ) -> Result<Spread> {
        self.balance(&[(1.0, first), (-1.0, second)], values, effort)
    }

    /// The signed sum over several sets of tellers in common worlds.
    fn balance(
        &self,
        sides: &[(f64, &[Person])],
        values: &[f64],
        effort: &Effort,
    ) -> Result<Spread> {
        effort.check()?;
        self.network.checked_values(values)?;
        let mut signed = Vec::new();
        for &(sign, tellers) in sides {
            let tellers = self.network.checked("tellers", tellers)?;
            let control = if effort.control() {
                control::weights(self, &tellers, values)
            } else {
                vec![0.0; values.len()]
            };
            signed.push((sign, tellers, control));
        }
        Ok(match self.kernel(effort)? {
            Kernel::Skips(chance) => self.by_skips(chance, &signed, values, effort),
            Kernel::Lanes => self.by_lanes(&signed, values, effort),
        })
    }

    /// Jumping pays while worlds are a few small trees and few of them are wanted; beyond that worlds share their work, and the
    /// control leaves less noise because it knows who has been reached.
    fn kernel(&self, effort: &Effort) -> Result<Kernel> {
        match (effort.method(), &self.chances) {
            (Some(Method::Skips), Chances::Own(_)) => Err(Error::Contradiction {
                what: "the effort".into(),
                reason: "jumping from success to success needs one probability for all arcs".into(),
            }),
            (Some(Method::Skips), &Chances::Equal(chance)) => Ok(Kernel::Skips(chance)),
            (None, &Chances::Equal(chance)) if effort.first() < MANY && self.is_sparse(chance) => {
                Ok(Kernel::Skips(chance))
            }
            _ => Ok(Kernel::Lanes),
        }
    }

    /// At most one success per five persons: far below the point where one telling brings about another.
    fn is_sparse(&self, chance: f64) -> bool {
        chance * self.network.arcs() as f64 <= 0.2 * self.network.persons() as f64
    }

    fn by_skips(
        &self,
        chance: f64,
        sides: &[(f64, Vec<Person>, Vec<f64>)],
        values: &[f64],
        effort: &Effort,
    ) -> Spread {
        let plans: Vec<_> = sides
            .iter()
            .map(|(sign, tellers, control)| {
                let control = control.clone();
                let plan = SkipPlan::new(self, chance, tellers, values, control, effort.seed());
                (*sign, plan)
            })
            .collect();
        let persons = self.network.persons();
        let mut totals = Vec::new();
        let mut blocks = effort
            .first()
            .div_ceil(Skips::WORLDS)
            .max(FEWEST_GROUPS / 2);
        // Squares are taken about a guess of the mean, or they would cancel.
        let centre = Skips::new(persons).run(&plans, 0, 0.0).sum / Skips::WORLDS as f64;
        loop {
            totals.extend(in_blocks(
                totals.len() as u64..blocks,
                || Skips::new(persons),
                |skips, block| skips.run(&plans, block, centre),
            ));
            let worlds = blocks * Skips::WORLDS;
            let n = worlds as f64;
            let sum: f64 = totals.iter().map(|total| total.sum).sum();
            let squares: f64 = totals.iter().map(|total| total.squares).sum();
            let value = 0.0 + (centre + sum / n);
            let error = ((squares - sum * sum / n).max(0.0) / (n - 1.0) / n).sqrt();
            let wanted = effort.wanted(worlds, value, error).div_ceil(Skips::WORLDS);
            if wanted <= blocks {
                return Spread {
                    value,
                    standard_error: error,
                    worlds,
                    method: Method::Skips,
                };
            }
            blocks = wanted;
        }
    }

    fn by_lanes(
        &self,
        sides: &[(f64, Vec<Person>, Vec<f64>)],
        values: &[f64],
        effort: &Effort,
    ) -> Spread {
        let plans: Vec<_> = sides
            .iter()
            .map(|(sign, tellers, control)| {
                let plan = LanePlan::new(self, tellers, values, control, effort.seed());
                (*sign, plan)
            })
            .collect();
        let persons = self.network.persons();
        let level = Level::new();
        let mut totals = Vec::new();
        let mut blocks = effort
            .first()
            .div_ceil(lanes::WORLDS)
            .max(FEWEST_GROUPS / lanes::WORDS as u64);
        loop {
            totals.extend(in_blocks(
                totals.len() as u64..blocks,
                || Lanes::new(persons),
                |lanes, block| {
                    let mut total = [0.0; lanes::WORDS];
                    for (sign, plan) in &plans {
                        let side = dispatch!(level, _simd => lanes.run(plan, block));
                        for (total, side) in total.iter_mut().zip(side) {
                            *total += sign * side;
                        }
                    }
                    total
                },
            ));
            // Words of 64 worlds are independent of each other, within a block too.
            let groups = || totals.iter().flatten();
            let n = groups().count() as f64;
            let mean = groups().sum::<f64>() / n;
            let squares: f64 = groups().map(|total| (total - mean).powi(2)).sum();
            let value = 0.0 + mean / 64.0;
            let error = (squares / (n - 1.0) / n).sqrt() / 64.0;
            let worlds = blocks * lanes::WORLDS;
            let wanted = effort.wanted(worlds, value, error).div_ceil(lanes::WORLDS);
            if wanted <= blocks {
                return Spread {
                    value,
                    standard_error: error,
                    worlds,
                    method: Method::Lanes,
                };
            }
            blocks = wanted;
        }
    }

    /// Probability of an arc.
    pub(super) fn chance(&self, arc: usize) -> f64 {
        match &self.chances {
            Chances::Equal(chance) => *chance,
            Chances::Own(chances) => chances[arc],
        }
    }

    pub(super) fn threshold(&self, arc: usize) -> u64 {
        chance::threshold(self.chance(arc))
    }
}

/// Runs blocks, on all threads where there are several, and gives their results in the order of the blocks.
pub(super) fn in_blocks<S, R: Send>(
    blocks: std::ops::Range<u64>,
    memory: impl Fn() -> S + Send + Sync,
    run: impl Fn(&mut S, u64) -> R + Send + Sync,
) -> Vec<R> {
    #[cfg(feature = "parallel")]
    if rayon::current_num_threads() > 1 {
        return blocks.into_par_iter().map_init(memory, run).collect();
    }
    let mut memory = memory();
    blocks.map(|block| run(&mut memory, block)).collect()
}
