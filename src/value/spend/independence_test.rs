//! Whether spend per purchase is independent of how often someone buys, which Gamma–Gamma takes for granted.

use crate::error::{Error, Result};
use crate::measure::{Estimate, Interval, Probability, critical_value};
use crate::numeric::random::RandomStream;
use crate::numeric::{associate, fill_column, incomplete_gamma, power_of_two_below};

use crate::value::PurchaseHistories;
use crate::value::spend::independence::{SpendIndependence, SpendVerdict};

/// The test of independence of spend and purchases among customers with repeat purchases of positive value.
///
/// | option | default | meaning | range | source |
/// |---|---|---|---|---|
/// | `permutations` | 999 | random reorderings of the means against the purchases; their number limits the p-value from below | from 19 | convention |
/// | `seed` | 1 | which random reorderings | any | convention |
/// | `level` | 0.95 | of the intervals; a p-value below what is left of 1 counts as a sign | inside 0 to 1 | convention |
/// | `small` | 0.05 | a misstatement of mean spend per purchase up to here does not matter, however sure | from 0 | convention |
///
/// Pearson's correlation speaks of means, and value is a matter of means, so the verdict follows it. Its permutation test is
/// studentised, which makes it right also where only the spread of the means changes with the number of purchases, as it
/// does under Gamma–Gamma (`DiCiccio` and Romano 2017, "Robust permutation tests for correlation and regression coefficients").
/// The rank correlation is untouched by a few very large customers, but not zero under Gamma–Gamma: the mean of few skewed
/// amounts has a lower median. It is there for comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SpendIndependenceTest {
    permutations: usize,
    seed: u64,
    level: Probability,
    small: f64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    SpendIndependenceTest { permutations: usize, seed: u64, level: Probability, small: f64 }
    if |test: &Self| {
        let Self { permutations, level, small, .. } = *test;
        test.with_permutations(permutations)?.with_level(level)?.with_small(small).map(drop)
    }
}

impl Default for SpendIndependenceTest {
    fn default() -> Self {
        Self {
            permutations: 999,
            seed: 1,
            level: Probability::new(0.95).unwrap_or(Probability::HALF),
            small: 0.05,
        }
    }
}

impl SpendIndependenceTest {
    /// With this many reorderings. From 20,000 customers on none are made: the normal distribution takes their place.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] below 19, with which no p-value of one twentieth can be reached.
    pub fn with_permutations(mut self, permutations: usize) -> Result<Self> {
        Error::unless(
            permutations >= 19,
            "permutations",
            permutations as f64,
            "be at least 19",
        )?;
        self.permutations = permutations;
        Ok(self)
    }

    /// With these random reorderings.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// With intervals of this level, and a p-value below what is left of 1 as a sign.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless it lies strictly between 0 and 1.
    pub fn with_level(mut self, level: Probability) -> Result<Self> {
        critical_value::normal(level)?;
        self.level = level;
        Ok(self)
    }

    /// With misstatements up to this share as too small to matter.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if it is negative or not finite.
    pub fn with_small(mut self, small: f64) -> Result<Self> {
        Error::unless(
            small >= 0.0 && small.is_finite(),
            "small",
            small,
            "be finite and not negative",
        )?;
        self.small = small;
        Ok(self)
    }

    /// Tests the customers on whom Gamma–Gamma would be fitted.
    ///
    /// ```
    /// use tillit::measure::{Currency, TimeUnit};
    /// use tillit::value::{PurchaseHistories, SpendIndependenceTest, SpendVerdict};
    ///
    /// let counts: Vec<u32> = (0..60).map(|row| 1 + row % 5).collect();
    /// let means = counts.iter().zip(0..).map(|(&x, row)| 10.0 * f64::from(x) + f64::from(row % 7)).collect();
    /// let histories = PurchaseHistories::from_columns(TimeUnit::Week, counts, vec![9.0; 60], vec![10.0; 60])?
    ///     .with_mean_repeat_spend(Currency::new("EUR")?, means)?;
    /// let found = SpendIndependenceTest::default().run(&histories)?;
    /// assert_eq!(found.verdict(), SpendVerdict::RisesWithPurchases);
    /// # Ok::<(), tillit::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Empty`] if the histories have no spend column, [`Error::TooFew`] with fewer than 10 usable customers,
    /// [`Error::CannotTell`] if purchases or means are the same for all.
    pub fn run(&self, histories: &PurchaseHistories) -> Result<SpendIndependence> {
        /// As for the fit of Gamma–Gamma.
        const FEWEST_CUSTOMERS: usize = 10;
        let (_, means) = histories.mean_repeat_spend().ok_or(Error::Empty {
            what: "the column of mean repeat spend".into(),
            remedy: "give it with with_mean_repeat_spend".into(),
        })?;
        // No correlation depends on the unit of money, but squares of very large and very small amounts leave the numbers.
        let scale = power_of_two_below(means.iter().copied().fold(0.0, f64::max));
        let points: Vec<(f64, f64, u64)> = histories
            .repeat_purchases()
            .iter()
            .zip(means)
            .filter(|&(&x, &mean)| x > 0 && mean > 0.0)
            .map(|(&x, &mean)| (f64::from(x), mean / scale, 1))
            .collect();
        if points.len() < FEWEST_CUSTOMERS {
            return Err(Error::TooFew {
                what:
                    "customers with repeat purchases of positive value for the test of independence"
                        .into(),
                found: points.len(),
                needed: FEWEST_CUSTOMERS,
                remedy: "use the observed mean spend".into(),
            });
        }
        let found = associate(&points).ok_or(Error::CannotTell {
            question: "whether spend moves with the number of purchases".into(),
            reason: "all customers have the same number of purchases, or the same mean spend"
                .into(),
        })?;
        let (x, y) = (
            Column::of(points.iter().map(|point| point.0)),
            Column::of(points.iter().map(|point| point.1)),
        );
        let pearson_p_value = self.p_value(&x, &y, studentised)?;
        let rank_p_value = self.p_value(&x.ranks(), &y.ranks(), plain)?;
        let purchases: f64 = points.iter().map(|point| point.0).sum();
        let revenue: f64 = points.iter().map(|point| point.0 * point.1).sum();
        let misstatement = revenue / purchases / y.mean - 1.0;
        let is_sign = |p_value: Probability| p_value.value() <= self.level.complement().value();
        let matters = misstatement.abs() > self.small;
        let verdict = match (is_sign(pearson_p_value), matters) {
            (true, false) => SpendVerdict::TooSmallToMatter,
            (true, true) if misstatement > 0.0 => SpendVerdict::RisesWithPurchases,
            (true, true) => SpendVerdict::FallsWithPurchases,
            (false, true) if is_sign(rank_p_value) => SpendVerdict::Undecided,
            (false, _) => SpendVerdict::NoSignAgainst,
        };
        let customers = points.len() as f64;
        let (pearson, rank) = (found.pearson, found.spearman);
        let rank_error =
            ((1.0 + 0.5 * rank * rank) / (customers - 3.0)).sqrt() * (1.0 - rank * rank);
        Ok(SpendIndependence {
            pearson: self.estimate(pearson, influence_error(&x, &y, pearson), points.len())?,
            pearson_p_value,
            rank: self.estimate(rank, rank_error, points.len())?,
            rank_p_value,
            misstatement,
            verdict,
        })
    }

    /// With an interval on Fisher's scale, artanh r.
    fn estimate(&self, r: f64, error: f64, customers: usize) -> Result<Estimate> {
        let bare = 1.0 - r * r;
        let (low, high) = if bare > 0.0 {
            let half = critical_value::normal(self.level)? * error / bare;
            ((r.atanh() - half).tanh(), (r.atanh() + half).tanh())
        } else {
            (r, r)
        };
        let interval = Interval::new(low, high, self.level, "normal on Fisher's scale")?;
        Ok(Estimate::new(r, customers)
            .with_standard_error(error)
            .with_interval(interval))
    }

    /// The share of orders of the second column, the one found included, whose `statistic` lies at least as far from zero.
    fn p_value(
        &self,
        x: &Column,
        y: &Column,
        statistic: fn(&[f64], &[f64]) -> f64,
    ) -> Result<Probability> {
        /// From here on the reorderings and the normal distribution agree to three digits.
        const NORMAL_FROM: usize = 20_000;
        let found = statistic(&x.deviations, &y.deviations).abs();
        if x.deviations.len() >= NORMAL_FROM {
            return Probability::new(incomplete_gamma(0.5, 0.5 * found * found).1);
        }
        let reordered = fill_column(self.permutations, |permutation| {
            let mut random = RandomStream::new(self.seed, permutation as u64);
            let mut order = y.deviations.clone();
            // Fisher and Yates.
            for last in (1..order.len()).rev() {
                let other = usize::try_from(random.below(last as u64 + 1)).unwrap_or(last);
                order.swap(last, other);
            }
            Ok(statistic(&x.deviations, &order).abs())
        })?;
        let as_far = reordered
            .iter()
            .filter(|&&other| other >= found * (1.0 - 1e-12))
            .count();
        Probability::new((as_far as f64 + 1.0) / (self.permutations as f64 + 1.0))
    }
}

/// A column about its mean.
struct Column {
    mean: f64,
    deviations: Vec<f64>,
}

impl Column {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut deviations: Vec<f64> = values.collect();
        let mean = deviations.iter().sum::<f64>() / deviations.len() as f64;
        for value in &mut deviations {
            *value -= mean;
        }
        Self { mean, deviations }
    }

    /// Its ranks, ties at their mean rank.
    fn ranks(&self) -> Self {
        let mut order: Vec<usize> = (0..self.deviations.len()).collect();
        order.sort_by(|&a, &b| self.deviations[a].total_cmp(&self.deviations[b]));
        let mut ranks = vec![0.0; order.len()];
        let mut passed = 0;
        let equal =
            |&a: &usize, &b: &usize| self.deviations[a].total_cmp(&self.deviations[b]).is_eq();
        for tied in order.chunk_by(equal) {
            let rank = passed as f64 + 0.5 * (tied.len() as f64 + 1.0);
            passed += tied.len();
            for &row in tied {
                ranks[row] = rank;
            }
        }
        Self::of(ranks.into_iter())
    }
}

/// Σ dx dy / √Σ dx² dy²: standard normal for large samples in which x and y are uncorrelated, dependent or not.
fn studentised(x: &[f64], y: &[f64]) -> f64 {
    let (mut sum, mut squares) = (0.0, 0.0);
    for (dx, dy) in x.iter().zip(y) {
        let product = dx * dy;
        sum += product;
        squares += product * product;
    }
    if squares > 0.0 {
        sum / squares.sqrt()
    } else {
        0.0
    }
}

/// √(n − 1) times the correlation: standard normal for large samples in which x and y are independent.
fn plain(x: &[f64], y: &[f64]) -> f64 {
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (dx, dy) in x.iter().zip(y) {
        xy += dx * dy;
        xx += dx * dx;
        yy += dy * dy;
    }
    xy / (xx * yy).sqrt() * (x.len() as f64 - 1.0).sqrt()
}

/// The standard error of Pearson's correlation `r` from each customer's influence zx zy − r (zx² + zy²) / 2.
fn influence_error(x: &Column, y: &Column, r: f64) -> f64 {
    let customers = x.deviations.len() as f64;
    let variance =
        |column: &Column| column.deviations.iter().map(|d| d * d).sum::<f64>() / customers;
    let (xx, yy) = (variance(x), variance(y));
    let scale = (xx * yy).sqrt();
    let influences = x.deviations.iter().zip(&y.deviations).map(|(dx, dy)| {
        let influence = dx * dy / scale - 0.5 * r * (dx * dx / xx + dy * dy / yy);
        influence * influence
    });
    influences.sum::<f64>().sqrt() / customers
}

#[cfg(test)]
mod tests {
    use super::SpendIndependenceTest;
    use crate::measure::{Currency, Probability, TimeUnit};
    use crate::numeric::random::RandomStream;
    use crate::value::{PurchaseHistories, SpendVerdict};

    /// Gamma–Gamma customers whose scale grows with the logarithm of their purchases.
    fn simulated(customers: u64, growth: f64, seed: u64) -> PurchaseHistories {
        let (mut counts, mut means) = (Vec::new(), Vec::new());
        for customer in 0..customers {
            let mut random = RandomStream::new(seed, customer);
            let count = 1 + u32::try_from(random.poisson(1.5)).unwrap();
            let shape = 3.0 * f64::from(count);
            let scale = 20.0 * f64::from(count).powf(growth);
            let nu = random.gamma(5.0) / scale;
            counts.push(count);
            means.push(random.gamma(shape) / nu / f64::from(count));
        }
        let rows = counts.len();
        PurchaseHistories::from_columns(TimeUnit::Week, counts, vec![1.0; rows], vec![2.0; rows])
            .unwrap()
            .with_mean_repeat_spend(Currency::new("EUR").unwrap(), means)
            .unwrap()
    }

    #[test]
    fn planted_links_are_named_with_their_direction_and_size() {
        let test = SpendIndependenceTest::default();
        let verdict = |customers, growth| {
            let found = test.run(&simulated(customers, growth, 5)).unwrap();
            println!("{found}");
            found.verdict()
        };
        assert_eq!(verdict(2000, 0.0), SpendVerdict::NoSignAgainst);
        assert_eq!(verdict(2000, 0.4), SpendVerdict::RisesWithPurchases);
        assert_eq!(verdict(2000, -0.4), SpendVerdict::FallsWithPurchases);
        // With very many customers a link of no consequence is certain all the same.
        assert_eq!(verdict(60_000, 0.08), SpendVerdict::TooSmallToMatter);
    }

    #[test]
    fn under_gamma_gamma_the_test_is_wrong_as_often_as_it_says_and_the_interval_covers() {
        let level = Probability::new(0.9).unwrap();
        let test = SpendIndependenceTest::default()
            .with_permutations(199)
            .unwrap()
            .with_level(level)
            .unwrap();
        let (mut signs, mut missed) = (0, 0);
        for seed in 0..300 {
            let found = test.run(&simulated(400, 0.0, 1000 + seed)).unwrap();
            signs += u32::from(found.pearson_p_value().value() <= 0.1);
            missed += u32::from(!found.pearson().interval().unwrap().contains(0.0));
        }
        println!("of 300: {signs} signs, {missed} intervals without 0");
        // 30 expected, three binomial standard errors are 15.6.
        assert!((15..=46).contains(&signs), "{signs}");
        assert!((15..=46).contains(&missed), "{missed}");
    }

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_impossible_questions_are_refused() {
        let histories = simulated(300, 0.1, 6);
        let test = SpendIndependenceTest::default();
        assert_eq!(test.run(&histories).unwrap(), test.run(&histories).unwrap());
        let other = test.with_seed(2).run(&histories).unwrap();
        let same = test.run(&histories).unwrap();
        assert_eq!(other.pearson(), same.pearson());
        let gap = other.pearson_p_value().value() - same.pearson_p_value().value();
        assert!(gap.abs() < 0.08, "{gap}");
        let alike = PurchaseHistories::from_columns(
            TimeUnit::Week,
            vec![2; 30],
            vec![1.0; 30],
            vec![2.0; 30],
        )
        .unwrap()
        .with_mean_repeat_spend(Currency::new("EUR").unwrap(), vec![5.0; 30])
        .unwrap();
        assert!(test.run(&alike).is_err());
        assert!(test.run(&simulated(5, 0.0, 1)).is_err());
        assert!(test.with_permutations(3).is_err());
        assert!(test.with_small(f64::NAN).is_err());
        assert!(test.with_level(Probability::ONE).is_err());
    }
}
