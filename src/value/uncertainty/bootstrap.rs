//! The doubt of an answer, from fitting again to customers drawn anew.

use crate::error::{Error, Result};
use crate::measure::{Interval, Probability, critical_value};
use crate::numeric::random::RandomStream;
use crate::numeric::{fill_column_of_long_rows, quantile};

use crate::value::{RefittedModel, Resampled};

/// The nonparametric bootstrap: as many customers as there were are drawn anew, with replacement, the model is fitted
/// again, and what the answer does over many such draws is its doubt (Efron 1979, "Bootstrap methods: another look at the
/// jackknife", The Annals of Statistics 7).
///
/// It needs no curvature of the likelihood, so it serves where a ridge or a degenerate limit leaves no standard errors, and
/// it does not take the model for true. Each replicate has a random stream of its own: the same seed gives the same bits on
/// any number of threads.
///
/// | option | default | meaning | source |
/// |---|---|---|---|
/// | seed | none: say it | which customers are drawn | |
/// | replicates | none: say it | 1,000 for limits at 90 or 95 % | Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, section 19.3 |
///
/// ```
/// use tillit::measure::{Probability, Span, TimeUnit};
/// use tillit::value::{Bootstrap, FittedContractModel, ShiftedBetaGeometric, Tenures};
///
/// let year = Span::new(1.0, TimeUnit::Year)?;
/// let cohort = Tenures::from_survivors(year, &[1000, 869, 743, 653, 593, 551, 517, 491])?;
/// let twelfth = Bootstrap::new(7, 200)
///     .of(&ShiftedBetaGeometric::default(), &cohort, |model| Ok(model.survival(12)?.value()))?;
/// assert_eq!((twelfth.answers().len(), twelfth.failures()), (200, 0));
/// assert!(twelfth.interval(Probability::new(0.9)?)?.contains(0.378));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bootstrap {
    seed: u64,
    replicates: usize,
}

/// What an answer did over the replicates.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BootstrapSample {
    value: f64,
    answers: Vec<f64>,
    failures: usize,
    first_failure: Option<String>,
}

impl Bootstrap {
    /// So many replicates of this seed.
    #[must_use]
    pub fn new(seed: u64, replicates: usize) -> Self {
        Self { seed, replicates }
    }

    /// What `answer` says of `model` fitted to `data`, and of the model fitted to each replicate from there. Replicates
    /// that cannot be fitted or answered are counted and left out.
    ///
    /// # Errors
    /// What the fit to `data` itself or its answer refuses, and [`Error::TooFew`] if fewer than half of the replicates, or
    /// fewer than two, could be fitted and answered with a finite number.
    pub fn of<Model: RefittedModel>(
        &self,
        model: &Model,
        data: &Model::Data,
        answer: impl Fn(&Model::Fitted) -> Result<f64> + Sync,
    ) -> Result<BootstrapSample> {
        let fitted = model.refit(data, None)?;
        let value = answer(&fitted)?;
        let customers = data.customers_per_record();
        let ends: Vec<u64> = customers
            .iter()
            .scan(0, |sum, &more| {
                *sum += more;
                Some(*sum)
            })
            .collect();
        let all = ends.last().copied().unwrap_or(0);
        let one_each = customers.iter().all(|&c| c == 1);
        let replicate = |number: usize| {
            let mut random = RandomStream::new(self.seed, number as u64);
            let mut drawn = vec![0; customers.len()];
            for _ in 0..all {
                let customer = random.below(all);
                let record = if one_each {
                    usize::try_from(customer).unwrap_or(usize::MAX)
                } else {
                    ends.partition_point(|&end| end <= customer)
                };
                drawn[record] += 1;
            }
            let again = model.refit(&data.with_customers_per_record(&drawn)?, Some(&fitted))?;
            let found = answer(&again)?;
            Error::unless(
                found.is_finite(),
                "answer of a replicate",
                found,
                "be finite",
            )?;
            Ok(found)
        };
        let outcomes = fill_column_of_long_rows(self.replicates, |number| {
            Ok(replicate(number).map_err(|error: Error| error.to_string()))
        })?;
        let mut sample = BootstrapSample {
            value,
            answers: Vec::with_capacity(outcomes.len()),
            failures: 0,
            first_failure: None,
        };
        for outcome in outcomes {
            match outcome {
                Ok(found) => sample.answers.push(found),
                Err(reason) => {
                    sample.failures += 1;
                    sample.first_failure.get_or_insert(reason);
                }
            }
        }
        let needed = self.replicates.div_ceil(2).max(2);
        if sample.answers.len() < needed {
            return Err(Error::TooFew {
                what: "replicates that could be fitted and answered".into(),
                found: sample.answers.len(),
                needed,
                remedy: sample
                    .first_failure
                    .map_or_else(
                        || "ask for more replicates".to_owned(),
                        |reason| format!("the first that could not: {reason}"),
                    )
                    .into(),
            });
        }
        Ok(sample)
    }
}

impl BootstrapSample {
    /// The answer of the fit to the data themselves.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The answers of the replicates that could be fitted, in the order of their numbers.
    #[must_use]
    pub fn answers(&self) -> &[f64] {
        &self.answers
    }

    /// Replicates that could not be fitted or answered. They are not in the interval, so many of them make it too narrow.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.failures
    }

    /// Why the first of them could not.
    #[must_use]
    pub fn first_failure(&self) -> Option<&str> {
        self.first_failure.as_deref()
    }

    fn mean(&self) -> f64 {
        self.answers.iter().sum::<f64>() / self.answers.len() as f64
    }

    /// Mean of the replicates less the value: the bias that the estimate may have.
    #[must_use]
    pub fn bias(&self) -> f64 {
        self.mean() - self.value
    }

    /// Standard deviation of the replicates.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.answers.iter().map(|a| (a - mean).powi(2)).sum();
        (squares / (self.answers.len() as f64 - 1.0)).sqrt()
    }

    /// The percentile interval: the quantiles (type 7) of the replicates (Efron and Tibshirani 1993, chapter 13).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the level lies strictly between 0 and 1.
    pub fn interval(&self, level: Probability) -> Result<Interval> {
        critical_value::normal(level)?;
        let mut ascending: Vec<(f64, u64)> = self.answers.iter().map(|&a| (a, 1)).collect();
        ascending.sort_by(|left, right| left.0.total_cmp(&right.0));
        let tail = 0.5 * (1.0 - level.value());
        let at = |share| quantile(&ascending, share).unwrap_or(self.value);
        Interval::new(
            at(tail),
            at(1.0 - tail),
            level,
            "bootstrap percentiles, parameters only",
        )
    }
}
