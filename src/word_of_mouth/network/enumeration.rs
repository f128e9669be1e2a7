//! The exact law of a small cascade, by going through all worlds.

use crate::error::{Error, Result};
#[cfg(feature = "serde")]
use crate::measure::stored::require_column;

use super::cascade::Cascade;
use super::graph::Person;

/// Most arcs that may or may not pass the word on: 2²⁰ worlds take about a second.
const MOST_ARCS: usize = 20;

/// The exact law of a cascade on a small network.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ExactSpread {
    /// Expected sum of the values of those who hear of it, the tellers included.
    pub mean: f64,
    /// Variance of that sum.
    pub variance: f64,
    /// Probability of each person to hear of it.
    pub hears: Vec<f64>,
    /// Probability that exactly so many persons hear of it, by that number from 0.
    pub persons_law: Vec<f64>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    ExactSpread { mean: f64, variance: f64, hears: Vec<f64>, persons_law: Vec<f64> }
    if |exact: &Self| {
        /// Of sums over all worlds.
        const ROUNDING: f64 = 1e-9;
        let Self { mean, variance, .. } = *exact;
        Error::unless(mean.is_finite(), "mean", mean, "be finite")?;
        let sound = variance >= 0.0 && variance.is_finite();
        Error::unless(sound, "variance", variance, "be finite and not negative")?;
        if exact.persons_law.len() != exact.hears.len() + 1 {
            return Err(Error::UnequalLengths {
                left: "the persons and nobody",
                left_len: exact.hears.len() + 1,
                right: "the law of their number",
                right_len: exact.persons_law.len(),
            });
        }
        for (column, numbers) in [("hears", &exact.hears), ("persons_law", &exact.persons_law)] {
            let share = |number: f64| (-ROUNDING..=1.0 + ROUNDING).contains(&number);
            require_column(column, numbers, share, "lie within 0 to 1")?;
        }
        let whole: f64 = exact.persons_law.iter().sum();
        Error::unless((whole - 1.0).abs() <= ROUNDING, "sum of the law", whole, "be 1")
    }
}

/// A sum that keeps what rounding drops (Neumaier 1974).
#[derive(Clone, Copy, Debug, Default)]
struct CarefulSum {
    sum: f64,
    dropped: f64,
}

impl CarefulSum {
    fn add(&mut self, term: f64) {
        let next = self.sum + term;
        self.dropped += if self.sum.abs() >= term.abs() {
            (self.sum - next) + term
        } else {
            (term - next) + self.sum
        };
        self.sum = next;
    }

    fn total(self) -> f64 {
        self.sum + self.dropped
    }
}

impl Cascade<'_> {
    /// The exact law, by enumeration of all worlds; for small networks and for checking.
    ///
    /// ```
    /// use tillit::measure::Probability;
    /// use tillit::word_of_mouth::network::{Cascade, Network};
    ///
    /// let diamond = Network::from_arcs(4, [(0, 1), (0, 2), (1, 3), (2, 3)])?;
    /// let exact = Cascade::uniform(&diamond, Probability::new(0.5)?).exact(&[0], &[1.0; 4])?;
    /// assert_eq!(exact.mean, 39.0 / 16.0);
    /// # Ok::<(), tillit::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`expected_loss`](Self::expected_loss); [`Error::OutOfRange`] with more than 20 arcs whose probability is neither 0 nor 1.
    pub fn exact(&self, tellers: &[Person], values: &[f64]) -> Result<ExactSpread> {
        let network = self.network();
        let tellers = network.checked("tellers", tellers)?;
        network.checked_values(values)?;
        let coin_arcs: Vec<usize> = (0..network.arcs())
            .filter(|&arc| self.chance(arc) > 0.0 && self.chance(arc) < 1.0)
            .collect();
        Error::unless(
            coin_arcs.len() <= MOST_ARCS,
            "number of arcs with a probability between 0 and 1",
            coin_arcs.len() as f64,
            "be at most 20 to go through all worlds",
        )?;
        let persons = network.persons();
        let mut live: Vec<bool> = (0..network.arcs())
            .map(|arc| self.chance(arc) >= 1.0)
            .collect();
        let mut hears = vec![CarefulSum::default(); persons];
        let mut law = vec![CarefulSum::default(); persons + 1];
        let mut mean = CarefulSum::default();
        let mut worlds = Vec::with_capacity(1 << coin_arcs.len());
        for world in 0..1_u32 << coin_arcs.len() {
            let mut weight = 1.0;
            for (place, &arc) in coin_arcs.iter().enumerate() {
                live[arc] = world >> place & 1 == 1;
                let chance = self.chance(arc);
                weight *= if live[arc] { chance } else { 1.0 - chance };
            }
            let reached = reachable(self, &tellers, &live);
            let mut value = 0.0;
            let mut count = 0;
            for person in 0..persons {
                if reached[person] {
                    value += values[person];
                    count += 1;
                    hears[person].add(weight);
                }
            }
            law[count].add(weight);
            mean.add(weight * value);
            worlds.push((weight, value));
        }
        let mean = mean.total();
        let mut variance = CarefulSum::default();
        for (weight, value) in worlds {
            variance.add(weight * (value - mean).powi(2));
        }
        Ok(ExactSpread {
            mean,
            variance: variance.total(),
            hears: hears.into_iter().map(CarefulSum::total).collect(),
            persons_law: law.into_iter().map(CarefulSum::total).collect(),
        })
    }
}

/// Who is reached from the tellers over live arcs.
fn reachable(cascade: &Cascade<'_>, tellers: &[Person], live: &[bool]) -> Vec<bool> {
    let network = cascade.network();
    let mut reached = vec![false; network.persons()];
    let mut stack = tellers.to_vec();
    for &teller in tellers {
        reached[teller as usize] = true;
    }
    while let Some(teller) = stack.pop() {
        for arc in network.arcs_of(teller) {
            let hearer = network.heads()[arc];
            if live[arc] && !reached[hearer as usize] {
                reached[hearer as usize] = true;
                stack.push(hearer);
            }
        }
    }
    reached
}
