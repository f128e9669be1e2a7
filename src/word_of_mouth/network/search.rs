//! How carefully to choose whom to win back.

use crate::error::{Error, Result};

use super::effort::Effort;

/// More worlds than this would not fit in memory.
const MOST_WORLDS: u64 = 1 << 24;

/// Options of a choice on a network.
///
/// | option | default | meaning | range | source |
/// | --- | --- | --- | --- | --- |
/// | worlds | 2000 | worlds in which choices among named candidates are compared | 1 to 2²⁴ | convention |
/// | slack | 0.1 | ε: the search may end once the bounds promise 1 − 1/e − ε of the best | 0 to 0.6 | Tang et al. 2018 |
/// | failure | 1 / persons | probability that the bounds do not hold | 0 to 1 | Tang et al. 2018 |
/// | optimism | 0.03 | how much better than in other worlds the choice may look in those it was made in | 0 to 1 | convention |
/// | at most | 2²⁶ | memberships of reverse sets kept, 4 bytes each and as many for the index | | convention |
/// | validation | 2048 worlds | effort of the independent simulation of the answer | | convention |
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Search {
    seed: u64,
    worlds: u64,
    slack: f64,
    failure: Option<f64>,
    optimism: f64,
    at_most: usize,
    validation: Effort,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    Search {
        seed: u64,
        worlds: u64,
        slack: f64,
        failure: Option<f64>,
        optimism: f64,
        at_most: usize,
        validation: Effort,
    }
    if |search: &Self| {
        let stated = search.with_slack(search.slack)?.with_optimism(search.optimism)?;
        search.failure.map_or(Ok(()), |failure| stated.with_failure(failure).map(drop))
    }
}

impl Search {
    /// The defaults of the table above.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            worlds: 2000,
            slack: 0.1,
            failure: None,
            optimism: 0.03,
            at_most: 1 << 26,
            validation: Effort::worlds(!seed, 2048),
        }
    }

    /// Compares choices among named candidates in this many worlds; outside the range above every choice is refused.
    #[must_use]
    pub fn with_worlds(mut self, worlds: u64) -> Self {
        self.worlds = worlds;
        self
    }

    /// With this ε.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless it lies above 0 and at most at 0.6.
    pub fn with_slack(mut self, slack: f64) -> Result<Self> {
        Error::unless(
            slack > 0.0 && slack <= 0.6,
            "slack",
            slack,
            "lie above 0 and at most at 0.6",
        )?;
        self.slack = slack;
        Ok(self)
    }

    /// With this probability that the bounds do not hold.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless it lies between 0 and 1.
    pub fn with_failure(mut self, failure: f64) -> Result<Self> {
        Error::unless(
            failure > 0.0 && failure < 1.0,
            "probability of failure",
            failure,
            "lie between 0 and 1",
        )?;
        self.failure = Some(failure);
        Ok(self)
    }

    /// Goes on until the choice looks at most this much better in its own worlds than in others.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless it lies above 0 and at most at 1.
    pub fn with_optimism(mut self, optimism: f64) -> Result<Self> {
        Error::unless(
            optimism > 0.0 && optimism <= 1.0,
            "optimism",
            optimism,
            "lie above 0 and at most at 1",
        )?;
        self.optimism = optimism;
        Ok(self)
    }

    /// Validates answers with this effort; its seed should differ from the search's.
    #[must_use]
    pub fn with_validation(mut self, effort: Effort) -> Self {
        self.validation = effort;
        self
    }

    /// Refuses a search without worlds to choose or to validate in, and one with more than fit in memory.
    pub(super) fn check(&self) -> Result<()> {
        if self.worlds == 0 {
            return Err(Error::TooFew {
                what: "worlds of the search".into(),
                found: 0,
                needed: 1,
                remedy: "choices are compared in them".into(),
            });
        }
        if self.worlds > MOST_WORLDS {
            return Err(Error::OutOfRange {
                what: "worlds of the search".into(),
                found: self.worlds as f64,
                allowed: "be at most 16777216".into(),
            });
        }
        self.validation.check()
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn worlds(&self) -> u64 {
        self.worlds
    }

    pub(super) fn slack(&self) -> f64 {
        self.slack
    }

    pub(super) fn failure(&self, persons: usize) -> f64 {
        self.failure.unwrap_or(1.0 / (persons as f64 + 1.0))
    }

    pub(super) fn optimism(&self) -> f64 {
        self.optimism
    }

    pub(super) fn at_most(&self) -> usize {
        self.at_most
    }

    pub(super) fn validation(&self) -> Effort {
        self.validation
    }
}
