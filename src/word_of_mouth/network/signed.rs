//! Good and ill word at once: the independent cascade in which an opinion may turn for the worse as it travels.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::measure::Probability;

use super::cascade::{Cascade, in_blocks};
use super::chance;
use super::effort::{Effort, Method, Spread};
use super::graph::Person;

/// What a teller says at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Opinion {
    /// Speaks well.
    Good,
    /// Speaks ill.
    Ill,
    /// Speaks well with the probability of the quality factor, else ill.
    ByQuality,
}

/// Independent cascade with negative opinions, IC-N (Chen et al. 2011, "Influence maximization in social networks when negative opinions
/// may emerge and propagate", SDM, section 2).
///
/// Who hears ill word speaks ill; who hears good word speaks well with the probability `quality`, else ill. Word travels one arc
/// per step; of those who reach a person in the same step one, chosen at random, counts; nobody changes their mind.
///
/// A teller named twice with one opinion counts once; with two opinions they are refused, for nothing would say which one counts.
#[derive(Clone, Debug)]
pub struct SignedCascade<'n> {
    cascade: Cascade<'n>,
    quality: f64,
}

/// Expected numbers of persons (or sums of values) who end with good and with ill word.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SignedSpread {
    /// Those who heard good word and speak well, good tellers included.
    pub good: Spread,
    /// Those who speak ill, ill tellers included.
    pub ill: Spread,
}

/// Sums over the worlds of a block.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    good: [f64; 2],
    ill: [f64; 2],
}

/// Worlds in a block.
const WORLDS: u64 = 64;

/// Working memory of one thread: who speaks how, and who reached whom in the present step.
struct Steps {
    /// 0 not reached, 1 good, 2 ill.
    says: Vec<u8>,
    touched: Vec<Person>,
    now: Vec<Person>,
    next: Vec<Person>,
    /// Tellers who reached this person in this step, and whether the one that counts speaks ill.
    reached_by: Vec<u32>,
    ill_counts: Vec<bool>,
}

impl<'n> SignedCascade<'n> {
    /// A cascade whose good word stays good with the probability `quality` at each hearer.
    #[must_use]
    pub fn new(cascade: Cascade<'n>, quality: Probability) -> Self {
        Self {
            cascade,
            quality: quality.value(),
        }
    }

    /// Expected numbers of persons with good and with ill word.
    ///
    /// Worlds are run one by one, in blocks of 64 and at least 1024; the effort's method and control do not apply.
    ///
    /// # Errors
    /// As [`Cascade::spread`]; [`Error::Contradiction`] with a teller named with two opinions.
    pub fn spread(&self, tellers: &[(Person, Opinion)], effort: &Effort) -> Result<SignedSpread> {
        let ones = vec![1.0; self.cascade.network().persons()];
        self.expected_values(tellers, &ones, &ones, effort)
    }

    /// Expected sums of `when_good` over those with good word and of `when_ill` over those with ill word.
    ///
    /// # Errors
    /// As [`Cascade::expected_loss`]; [`Error::Contradiction`] with a teller named with two opinions.
    pub fn expected_values(
        &self,
        tellers: &[(Person, Opinion)],
        when_good: &[f64],
        when_ill: &[f64],
        effort: &Effort,
    ) -> Result<SignedSpread> {
        let network = self.cascade.network();
        self.checked_tellers(tellers)?;
        effort.check()?;
        network.checked_values(when_good)?;
        network.checked_values(when_ill)?;
        let seed = chance::mixed(effort.seed());
        let mut blocks = effort.first().div_ceil(WORLDS).max(16);
        let mut all: Vec<Totals> = Vec::new();
        loop {
            all.extend(in_blocks(
                all.len() as u64..blocks,
                || Steps::new(network.persons()),
                |steps, block| {
                    let mut totals = Totals::default();
                    for world in block * WORLDS..(block + 1) * WORLDS {
                        let (good, ill) = steps.world(
                            self,
                            tellers,
                            chance::key(seed, world),
                            when_good,
                            when_ill,
                        );
                        totals.good[0] += good;
                        totals.good[1] += good * good;
                        totals.ill[0] += ill;
                        totals.ill[1] += ill * ill;
                    }
                    totals
                },
            ));
            let worlds = blocks * WORLDS;
            let good = moments(all.iter().map(|totals| totals.good), worlds);
            let ill = moments(all.iter().map(|totals| totals.ill), worlds);
            let wanted = [good, ill].map(|side| {
                effort
                    .wanted(worlds, side.value, side.standard_error)
                    .div_ceil(WORLDS)
            });
            if wanted[0].max(wanted[1]) <= blocks {
                return Ok(SignedSpread { good, ill });
            }
            blocks = wanted[0].max(wanted[1]);
        }
    }

    /// Exact probabilities of each person to speak well and to speak ill; for tiny networks and for checking.
    ///
    /// # Errors
    /// As [`Cascade::exact`]; [`Error::Contradiction`] with a teller named with two opinions.
    pub fn exact(&self, tellers: &[(Person, Opinion)]) -> Result<(Vec<f64>, Vec<f64>)> {
        let network = self.cascade.network();
        let persons = self.checked_tellers(tellers)?;
        // The same limit, for the number of branches grows with the arcs in the same way.
        self.cascade
            .exact(&persons, &vec![0.0; network.persons()])?;
        let mut branches = Branches {
            cascade: self,
            good: vec![0.0; network.persons()],
            ill: vec![0.0; network.persons()],
        };
        branches.start(tellers, vec![0; network.persons()], 1.0);
        Ok((branches.good, branches.ill))
    }

    /// The tellers, ascending; refuses who is not in the network, and who is said to speak in two ways.
    fn checked_tellers(&self, tellers: &[(Person, Opinion)]) -> Result<Vec<Person>> {
        let network = self.cascade.network();
        let persons: Vec<Person> = tellers.iter().map(|&(person, _)| person).collect();
        let set = network.checked("tellers", &persons)?;
        let mut first_rows = HashMap::new();
        for (row, &(person, opinion)) in tellers.iter().enumerate() {
            let (first, before) = *first_rows.entry(person).or_insert((row, opinion));
            if opinion != before {
                return Err(Error::Contradiction {
                    what: "the list of tellers".into(),
                    reason: format!(
                        "{:?} speaks {before:?} in row {first} and {opinion:?} in row {row} (counted from 0): name each teller with one opinion",
                        network.id(person).unwrap_or_default(),
                    ),
                });
            }
        }
        Ok(set)
    }
}

fn moments(sums: impl Iterator<Item = [f64; 2]>, worlds: u64) -> Spread {
    let [sum, squares] = sums.fold([0.0, 0.0], |a, b| [a[0] + b[0], a[1] + b[1]]);
    let n = worlds as f64;
    Spread {
        value: sum / n,
        standard_error: ((squares - sum * sum / n).max(0.0) / (n - 1.0) / n).sqrt(),
        worlds,
        method: Method::Skips,
    }
}

const GOOD: u8 = 1;
const ILL: u8 = 2;
/// Items that no arc has: the coins of a person's own opinion and of who is heard first.
const OPINION: u64 = 1 << 40;
const ORDER: u64 = 1 << 41;

impl Steps {
    fn new(persons: usize) -> Self {
        Self {
            says: vec![0; persons],
            touched: Vec::new(),
            now: Vec::new(),
            next: Vec::new(),
            reached_by: vec![0; persons],
            ill_counts: vec![false; persons],
        }
    }

    fn world(
        &mut self,
        signed: &SignedCascade<'_>,
        tellers: &[(Person, Opinion)],
        key: u64,
        when_good: &[f64],
        when_ill: &[f64],
    ) -> (f64, f64) {
        let stays_good = chance::threshold(signed.quality);
        let keeps = |person: Person| {
            let coin = chance::key_of_arc(key, OPINION + u64::from(person));
            chance::falls(stays_good, coin)
        };
        for &(teller, opinion) in tellers {
            if self.says[teller as usize] == 0 {
                let good = match opinion {
                    Opinion::Good => true,
                    Opinion::Ill => false,
                    Opinion::ByQuality => keeps(teller),
                };
                self.says[teller as usize] = if good { GOOD } else { ILL };
                self.now.push(teller);
                self.touched.push(teller);
            }
        }
        let network = signed.cascade.network();
        while !self.now.is_empty() {
            for &teller in &self.now {
                let mut last = None;
                for arc in network.arcs_of(teller) {
                    let hearer = network.heads()[arc];
                    // A second of several parallel arcs brings nothing new from the same teller.
                    if self.says[hearer as usize] != 0 || last == Some(hearer) {
                        continue;
                    }
                    let coin = chance::key_of_arc(key, arc as u64);
                    if !chance::falls(signed.cascade.threshold(arc), coin) {
                        continue;
                    }
                    last = Some(hearer);
                    let count = &mut self.reached_by[hearer as usize];
                    *count += 1;
                    // The k-th who gets through replaces the one that counts with probability 1 / k: all are equally likely.
                    let order = chance::key_of_arc(key, ORDER + arc as u64);
                    if *count == 1 {
                        self.next.push(hearer);
                    }
                    if chance::falls(chance::threshold(1.0 / f64::from(*count)), order) {
                        self.ill_counts[hearer as usize] = self.says[teller as usize] == ILL;
                    }
                }
            }
            for &hearer in &self.next {
                let ill = self.ill_counts[hearer as usize] || !keeps(hearer);
                self.says[hearer as usize] = if ill { ILL } else { GOOD };
                self.reached_by[hearer as usize] = 0;
                self.touched.push(hearer);
            }
            self.now.clear();
            std::mem::swap(&mut self.now, &mut self.next);
        }
        let (mut good, mut ill) = (0.0, 0.0);
        for &person in &self.touched {
            if self.says[person as usize] == GOOD {
                good += when_good[person as usize];
            } else {
                ill += when_ill[person as usize];
            }
            self.says[person as usize] = 0;
        }
        self.touched.clear();
        (good, ill)
    }
}

/// The tree of everything that may happen, step by step.
struct Branches<'a> {
    cascade: &'a SignedCascade<'a>,
    good: Vec<f64>,
    ill: Vec<f64>,
}

impl Branches<'_> {
    /// Settles the tellers' opinions one by one.
    fn start(&mut self, tellers: &[(Person, Opinion)], says: Vec<u8>, weight: f64) {
        let Some((&(teller, opinion), rest)) = tellers.split_first() else {
            let now = (0..).take(says.len());
            let now = now.filter(|&person: &Person| says[person as usize] != 0);
            return self.step(&now.collect::<Vec<_>>(), says.clone(), weight);
        };
        if says[teller as usize] != 0 {
            return self.start(rest, says, weight);
        }
        let good = match opinion {
            Opinion::Good => 1.0,
            Opinion::Ill => 0.0,
            Opinion::ByQuality => self.cascade.quality,
        };
        for (opinion, chance) in [(GOOD, good), (ILL, 1.0 - good)] {
            if chance > 0.0 {
                let mut says = says.clone();
                says[teller as usize] = opinion;
                self.start(rest, says, weight * chance);
            }
        }
    }

    /// One step from those who spoke up last; counts the branch when there are none.
    fn step(&mut self, now: &[Person], says: Vec<u8>, weight: f64) {
        if now.is_empty() {
            for (person, &opinion) in says.iter().enumerate() {
                match opinion {
                    GOOD => self.good[person] += weight,
                    ILL => self.ill[person] += weight,
                    _ => {}
                }
            }
            return;
        }
        let network = self.cascade.cascade.network();
        // For each hearer the tellers who may get through: whether they speak ill, and with what probability.
        let mut hearers: Vec<(Person, Vec<(bool, f64)>)> = Vec::new();
        for &teller in now {
            let mut last = None;
            for arc in network.arcs_of(teller) {
                let hearer = network.heads()[arc];
                if says[hearer as usize] != 0 {
                    continue;
                }
                let chance = self.cascade.cascade.chance(arc);
                let at = hearers.iter().position(|(person, _)| *person == hearer);
                let at = at.unwrap_or_else(|| {
                    hearers.push((hearer, Vec::new()));
                    hearers.len() - 1
                });
                let tries = &mut hearers[at].1;
                match tries.last_mut() {
                    Some((_, joint)) if last == Some(hearer) => {
                        *joint = 1.0 - (1.0 - *joint) * (1.0 - chance);
                    }
                    _ => tries.push((says[teller as usize] == ILL, chance)),
                }
                last = Some(hearer);
            }
        }
        let outcomes: Vec<(Person, [f64; 3])> = hearers
            .into_iter()
            .map(|(hearer, tries)| (hearer, self.outcome(&tries)))
            .collect();
        self.combine(&outcomes, &mut Vec::new(), says, weight);
    }

    /// Probabilities of not hearing, of speaking well and of speaking ill, by going through all sets of those who get through.
    fn outcome(&self, tries: &[(bool, f64)]) -> [f64; 3] {
        let mut outcome = [0.0; 3];
        for set in 0..1_u32 << tries.len() {
            let mut weight = 1.0;
            let mut ill = 0.0;
            for (place, &(speaks_ill, chance)) in tries.iter().enumerate() {
                let through = set >> place & 1 == 1;
                weight *= if through { chance } else { 1.0 - chance };
                ill += f64::from(u8::from(through && speaks_ill));
            }
            if set == 0 {
                outcome[0] += weight;
            } else {
                let heard_good = 1.0 - ill / f64::from(set.count_ones());
                outcome[1] += weight * heard_good * self.cascade.quality;
                outcome[2] += weight * (1.0 - heard_good * self.cascade.quality);
            }
        }
        outcome
    }

    /// Goes through all joint outcomes of one step, which are independent between hearers.
    fn combine(
        &mut self,
        outcomes: &[(Person, [f64; 3])],
        next: &mut Vec<Person>,
        says: Vec<u8>,
        weight: f64,
    ) {
        let Some(((hearer, chances), rest)) = outcomes.split_first() else {
            return self.step(&next.clone(), says, weight);
        };
        for (opinion, &chance) in (0_u8..).zip(chances) {
            if chance > 0.0 {
                let mut says = says.clone();
                says[*hearer as usize] = opinion;
                let before = next.len();
                if opinion != 0 {
                    next.push(*hearer);
                }
                self.combine(rest, next, says, weight * chance);
                next.truncate(before);
            }
        }
    }
}
