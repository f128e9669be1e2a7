//! Whose good word reaches most, where an attempt to win somebody back may fail.

use crate::error::Result;

use super::attempts::Attempts;
use super::budget::Budget;
use super::cascade::Cascade;
use super::convert::Conversion;
use super::graph::{Network, Person};
use super::search::Search;
use super::silence::checked_gains;

impl Cascade<'_> {
    /// As [`convert`](Self::convert), where each attempt succeeds only with its probability and brings back the own value too.
    ///
    /// An attempt is one more coin: each detractor gets an arc from the attempt, which carries with the probability of success, and the
    /// attempt itself holds the own value regained. So the guarantee of `convert` holds unchanged. Budget: `limit` in the unit of the
    /// attempts' costs, or a number of attempts where they have none. The persons in the answer are the detractors.
    ///
    /// ```
    /// use tillit::measure::Probability;
    /// use tillit::word_of_mouth::network::{Attempts, Cascade, Network, Search};
    ///
    /// // Both reach one hearer, but the second hardly lets himself be won back.
    /// let network = Network::from_arcs(4, [(0, 2), (1, 3)])?;
    /// let cascade = Cascade::uniform(&network, Probability::ONE);
    /// let attempts = Attempts::new(vec![0, 1])?
    ///     .with_success(&[Probability::new(0.5)?, Probability::new(0.1)?])?;
    /// let found = cascade.convert_attempts(&attempts, &[0.0, 0.0, 4.0, 9.0], 1.0, &Search::new(1))?;
    /// assert_eq!(found.won_back, [0]);
    /// # Ok::<(), tillit::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`silence`](Self::silence); [`Error::OutOfRange`](crate::Error::OutOfRange) unless the limit is finite and at least 0;
    /// [`Error::Overflow`](crate::Error::Overflow) where persons and attempts together exceed 32 bits.
    pub fn convert_attempts(
        &self,
        attempts: &Attempts,
        values: &[f64],
        limit: f64,
        search: &Search,
    ) -> Result<Conversion> {
        attempts.check(self.network())?;
        checked_gains(self, values)?;
        let network = self.network();
        let persons = network.persons();
        let number = Network::numbered(
            persons + attempts.detractors().len(),
            "persons and attempts",
        )?;
        let heads = network.heads().iter();
        let told = network.tails().into_iter().zip(heads.copied());
        let first = Network::numbered(persons, "persons")?;
        let tried = (first..).zip(attempts.detractors().iter().copied());
        // Attempts come after all persons, so that the arcs keep their order.
        let extended = Network::from_arcs(number, told.chain(tried))?;
        let mut chances: Vec<f64> = (0..network.arcs()).map(|arc| self.chance(arc)).collect();
        chances.extend_from_slice(attempts.success());
        let mut values = values.to_vec();
        values.extend(attempts.own_values_regained());
        let mut costs = vec![1.0; persons];
        costs.extend(attempts.costs_or_ones());
        let candidates: Vec<Person> = (first..number).collect();
        // Also where attempts are counted.
        let money = Budget::money_or_nothing(costs, limit)?;
        let budget = if attempts.costs().is_some() {
            money
        } else {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            // Saturates, and no more are needed.
            Budget::persons((limit + 1e-9) as Person)
        };
        let mut found =
            Cascade::own(&extended, chances)?.convert(&candidates, &values, &budget, search)?;
        for person in &mut found.won_back {
            *person = attempts.detractors()[(*person - first) as usize];
        }
        Ok(found)
    }
}
