//! The doubt of an answer, from fitting again to customers drawn anew.

use crate::error::{Error, Result};
#[cfg(feature = "serde")]
use crate::measure::stored::require_column;
use crate::measure::{Interval, Probability, critical_value};
use crate::numeric::random::RandomStream;
use crate::numeric::{fill_costly_column, quantile};

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
/// | replicates | none: say it | 1,000 serves for limits at 90 or 95 %, 100 for a standard error | convention |
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
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BootstrapSample {
    value: f64,
    answers: Vec<f64>,
    failures: usize,
    first_failure: Option<String>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    BootstrapSample { value: f64, answers: Vec<f64>, failures: usize, first_failure: Option<String> }
    if |sample: &Self| {
        Error::unless(sample.value.is_finite(), "bootstrapped value", sample.value, "be finite")?;
        require_column("answers", &sample.answers, f64::is_finite, "be finite")?;
        let (answered, failures) = (sample.answers.len(), sample.failures);
        Error::unless(answered >= 2, "number of answers", answered as f64, "be at least 2")?;
        let told = failures <= answered && (failures > 0) == sample.first_failure.is_some();
        Error::unless(told, "failures", failures as f64, "not outnumber the answers, and name the first if there is one")
    }
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
        let outcomes = fill_costly_column(self.replicates, |number| {
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

#[cfg(test)]
mod tests {
    use super::Bootstrap;
    use crate::Error;
    use crate::measure::{Probability, Span, TimeUnit};
    use crate::value::uncertainty::simulated::{beta_geometric, with_spend};
    use crate::value::{
        BgBb, BgNbd, FittedContractModel, FittedPurchaseModel, FittedSpendModel, GammaGamma,
        ParameterInterval, PurchaseHistories, PurchaseModel, PurchaseOpportunities, Quantity,
        RefittedModel, Resampled, ShiftedBetaGeometric, Tenures,
    };

    fn cohort() -> Tenures {
        let year = Span::new(1.0, TimeUnit::Year).unwrap();
        Tenures::from_survivors(year, &[1000, 869, 743, 653, 593, 551, 517, 491]).unwrap()
    }

    #[test]
    fn where_the_curvature_is_sound_the_bootstrap_agrees_with_the_delta_method() {
        let histories = beta_geometric(2000, [0.5, 6.0, 0.8, 2.4], false, 1);
        let customer = histories.get(3).unwrap();
        let ahead = Span::new(30.0, TimeUnit::Week).unwrap();
        let sample = Bootstrap::new(3, 300)
            .of(&BgNbd::default(), &histories, |model| {
                model.expected_purchases(&customer, ahead)
            })
            .unwrap();
        assert_eq!(sample.failures(), 0, "{:?}", sample.first_failure());
        let fitted = BgNbd::default().fit(&histories).unwrap();
        let level = Probability::new(0.9).unwrap();
        let delta = ParameterInterval::of(&fitted, level, Quantity::Positive, |model| {
            model.expected_purchases(&customer, ahead)
        })
        .unwrap();
        // The standard deviation of 300 numbers is known to 4 %.
        let ratio = sample.standard_error() / delta.standard_error();
        assert!((ratio - 1.0).abs() < 0.17, "{ratio}");
        assert!(sample.bias().abs() < 0.5 * sample.standard_error());
        assert!(
            sample
                .interval(level)
                .unwrap()
                .contains(fitted.expected_purchases(&customer, ahead).unwrap())
        );
    }

    #[test]
    fn the_same_seed_draws_the_same_customers_on_any_number_of_threads() {
        let run = |seed| {
            Bootstrap::new(seed, 20)
                .of(&ShiftedBetaGeometric::default(), &cohort(), |model| {
                    Ok(model.survival(9)?.value())
                })
                .unwrap()
        };
        let first = run(1);
        assert_eq!(first, run(1));
        assert_ne!(first, run(2));
        #[cfg(feature = "parallel")]
        for threads in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            assert_eq!(first, pool.install(|| run(1)));
        }
    }

    #[test]
    fn records_drawn_anew_are_what_their_weights_say() {
        let histories = with_spend(
            beta_geometric(9, [2.0, 6.0, 0.8, 2.4], false, 4),
            [6.0, 4.0, 15.0],
            1,
        );
        let drawn = histories
            .with_customers_per_record(&[0, 2, 0, 1, 0, 0, 0, 0, 3])
            .unwrap();
        let rows: Vec<_> = [1, 1, 3, 8, 8, 8].map(|row| histories.get(row)).into();
        assert_eq!((0..6).map(|row| drawn.get(row)).collect::<Vec<_>>(), rows);
        let table = cohort();
        let weights = table.customers_per_record();
        assert_eq!(weights.iter().sum::<u64>(), 1000);
        assert_eq!(table.with_customers_per_record(&weights).unwrap(), table);
        let mut donors = PurchaseOpportunities::new();
        donors.record_many(2, 4, 6, 30).unwrap();
        donors.record_many(0, 0, 6, 70).unwrap();
        let weights = donors.customers_per_record();
        assert_eq!(donors.with_customers_per_record(&weights).unwrap(), donors);
    }

    #[test]
    fn purchases_and_spend_are_fitted_to_the_same_customers() {
        let histories = with_spend(
            beta_geometric(600, [0.9, 6.0, 0.8, 2.4], false, 4),
            [6.0, 4.0, 15.0],
            1,
        );
        let models = (BgNbd::default(), GammaGamma::default());
        let customer = histories.get(5).unwrap();
        let ahead = Span::new(30.0, TimeUnit::Week).unwrap();
        let sample = Bootstrap::new(3, 20)
            .of(&models, &histories, |(purchases, spend)| {
                Ok(purchases.expected_purchases(&customer, ahead)?
                    * spend.expected_mean_spend(&customer)?.amount())
            })
            .unwrap();
        assert!(sample.standard_error() > 0.0);
    }

    #[test]
    fn replicates_that_cannot_be_fitted_are_counted_and_too_many_of_them_refused() {
        let histories = beta_geometric(600, [0.9, 6.0, 0.8, 2.4], false, 4);
        let median = Bootstrap::new(1, 40)
            .of(&BgNbd::default(), &histories, |model| Ok(model.r()))
            .unwrap()
            .interval(Probability::new(0.2).unwrap())
            .unwrap();
        let only_below = |limit: f64| {
            Bootstrap::new(1, 40).of(&BgNbd::default(), &histories, move |model| {
                Ok(if model.r() < limit { 1.0 } else { f64::NAN })
            })
        };
        let sample = only_below(median.high()).unwrap();
        assert!(sample.failures() > 0 && sample.failures() <= 20);
        assert!(sample.first_failure().unwrap().contains("finite"));
        assert!(matches!(
            only_below(median.low() * 0.99),
            Err(Error::TooFew { .. })
        ));
        let nobody = PurchaseHistories::from_columns(TimeUnit::Week, vec![], vec![], vec![]);
        assert!(BgNbd::default().refit(&nobody.unwrap(), None).is_err());
        assert!(
            BgBb::default()
                .refit(&PurchaseOpportunities::new(), None)
                .is_err()
        );
    }
}
