//! What is believed of a customer's mean spend once the purchases are seen, beyond its expectation.

use crate::error::{Error, Result};
use crate::measure::{ExpectedMoney, Interval, Probability};
use crate::numeric::gamma_quantile;

use crate::value::PurchaseHistory;
use crate::value::spend::evidence::undefined;
use crate::value::spend::gamma_gamma::FittedGammaGamma;

/// A customer's own mean is p / ν with ν ~ Γ(p x + q, v + x z̄): an inverse gamma distribution (Fader and Hardie 2013).
impl FittedGammaGamma {
    /// Standard deviation of what is still unknown of the customer's own mean.
    ///
    /// # Errors
    /// [`Error::CannotTell`] unless p x + q lies above 2; [`Error::MixedCurrencies`].
    pub fn deviation_of_mean(&self, history: &PurchaseHistory) -> Result<ExpectedMoney> {
        let (count, mean) = self.observed(history)?;
        // Added in this order, p x + (q − 2) keeps the digits of a q near 2.
        let shape = self.p() * count;
        let (above_one, above_two) = (shape + (self.q() - 1.0), shape + (self.q() - 2.0));
        if above_two > 0.0 {
            let deviation = self.p() * (self.v() + count * mean) / (above_one * above_two.sqrt());
            ExpectedMoney::new(deviation, self.currency())
        } else {
            Err(undefined(
                "how far a customer's mean spend may lie from its expectation",
                "2",
                above_two + 2.0,
            ))
        }
    }

    /// The amount below which the customer's own mean spend lies with `probability`. It exists also where the expectation
    /// does not; a half gives the median.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a probability of 0 or 1 or a quantile too large for a number;
    /// [`Error::MixedCurrencies`].
    pub fn quantile_of_mean(
        &self,
        history: &PurchaseHistory,
        probability: Probability,
    ) -> Result<ExpectedMoney> {
        strictly_inside("probability", probability)?;
        self.limit_of_mean(
            history,
            probability.value(),
            probability.complement().value(),
        )
    }

    /// The amount with these probabilities below and above it, which together make one.
    fn limit_of_mean(
        &self,
        history: &PurchaseHistory,
        below: f64,
        above: f64,
    ) -> Result<ExpectedMoney> {
        let (count, mean) = self.observed(history)?;
        let (shape, rate) = (self.p() * count + self.q(), self.v() + count * mean);
        // A large mean is a small ν.
        let amount = self.p() * rate / gamma_quantile(shape, above, below);
        ExpectedMoney::new(amount, self.currency())
    }

    /// The interval in which the customer's own mean spend lies with probability `level`, as much left out below as above.
    /// It speaks of the mean, not of the next purchase, and takes the model's parameters as known.
    ///
    /// ```
    /// use tillit::measure::{Currency, ExpectedMoney, Probability, TimeUnit};
    /// use tillit::value::{FittedGammaGamma, PurchaseHistory};
    ///
    /// let dollar = Currency::new("USD")?;
    /// let model = FittedGammaGamma::from_parameters(6.25, 3.74, 15.44, dollar)?;
    /// let customer = PurchaseHistory::new(2, 30.43, 38.86, TimeUnit::Week)?
    ///     .with_mean_repeat_spend(ExpectedMoney::new(22.35, dollar)?)?;
    /// let interval = model.credible_interval_of_mean(&customer, Probability::new(0.9)?)?;
    /// assert!(interval.contains(24.66) && interval.low() > 15.0 && interval.high() < 40.0);
    /// # Ok::<(), tillit::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Self::quantile_of_mean`].
    pub fn credible_interval_of_mean(
        &self,
        history: &PurchaseHistory,
        level: Probability,
    ) -> Result<Interval> {
        strictly_inside("level", level)?;
        let outside = 0.5 * level.complement().value();
        let low = self.limit_of_mean(history, outside, 1.0 - outside)?;
        let high = self.limit_of_mean(history, 1.0 - outside, outside)?;
        Interval::new(
            low.amount(),
            high.amount(),
            level,
            "posterior of Gamma-Gamma",
        )
    }

    /// Standard deviation of the customers' own means in the whole population: p v / ((q − 1) √(q − 2)).
    ///
    /// # Errors
    /// [`Error::CannotTell`] unless q lies above 2.
    pub fn deviation_between_customers(&self) -> Result<ExpectedMoney> {
        if self.q() > 2.0 {
            let deviation = self.p() * self.v() / ((self.q() - 1.0) * (self.q() - 2.0).sqrt());
            return ExpectedMoney::new(deviation, self.currency());
        }
        Err(undefined(
            "how far customers differ in mean spend",
            "2",
            self.q(),
        ))
    }

    /// Standard deviation of a single purchase of a customer about whom nothing is known: between customers and within
    /// each. v √(p (p + q − 1) / (q − 2)) / (q − 1).
    ///
    /// # Errors
    /// [`Error::CannotTell`] unless q lies above 2.
    pub fn deviation_of_single_purchase(&self) -> Result<ExpectedMoney> {
        let (p, q) = (self.p(), self.q());
        if q > 2.0 {
            let deviation = self.v() * (p * (p + (q - 1.0)) / (q - 2.0)).sqrt() / (q - 1.0);
            return ExpectedMoney::new(deviation, self.currency());
        }
        Err(undefined("how far single purchases differ", "2", q))
    }
}

fn strictly_inside(what: &'static str, probability: Probability) -> Result<()> {
    let value = probability.value();
    Error::unless(
        value > 0.0 && value < 1.0,
        what,
        value,
        "lie strictly between 0 and 1",
    )
}

#[cfg(test)]
mod tests {
    use crate::measure::{Currency, ExpectedMoney, Probability, TimeUnit};
    use crate::value::{FittedGammaGamma, FittedSpendModel, PurchaseHistory};

    /// The mean and deviation of the posterior, integrated from its quantiles.
    #[test]
    fn the_quantiles_average_to_the_expectation_and_spread_by_the_deviation() {
        let dollar = Currency::new("USD").unwrap();
        let model = FittedGammaGamma::from_parameters(6.25, 5.74, 15.44, dollar).unwrap();
        for (count, mean) in [(0, 0.0), (1, 80.0), (7, 20.0)] {
            let active = if count == 0 { 0.0 } else { 1.0 };
            let mut history = PurchaseHistory::new(count, active, 2.0, TimeUnit::Week).unwrap();
            if count > 0 {
                let mean = ExpectedMoney::new(mean, dollar).unwrap();
                history = history.with_mean_repeat_spend(mean).unwrap();
            }
            let steps = 20_000_u32;
            let (mut first, mut second) = (0.0, 0.0);
            for step in 0..steps {
                let share = (f64::from(step) + 0.5) / f64::from(steps);
                let share = Probability::new(share).unwrap();
                let amount = model.quantile_of_mean(&history, share).unwrap().amount();
                first += amount / f64::from(steps);
                second += amount * amount / f64::from(steps);
            }
            let expected = model.expected_mean_spend(&history).unwrap().amount();
            let deviation = model.deviation_of_mean(&history).unwrap().amount();
            assert!((first / expected - 1.0).abs() < 1e-3, "{first} {expected}");
            let spread = (second - first * first).sqrt();
            assert!(
                (spread / deviation - 1.0).abs() < 2e-2,
                "{spread} {deviation}"
            );
            if count == 0 {
                let between = model.deviation_between_customers().unwrap().amount();
                assert!((between / deviation - 1.0).abs() < 1e-14);
            }
        }
        let single = model.deviation_of_single_purchase().unwrap().amount();
        let between = model.deviation_between_customers().unwrap().amount();
        // Law of total variance, with E[p / ν²] = p v² / ((q − 1)(q − 2)).
        let within = 6.25 * 15.44 * 15.44 / (4.74 * 3.74);
        assert!((single * single / (between * between + within) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn quantiles_exist_where_the_mean_does_not() {
        let dollar = Currency::new("USD").unwrap();
        let model = FittedGammaGamma::from_parameters(1.5, 0.7, 10.0, dollar).unwrap();
        let new = PurchaseHistory::new(0, 0.0, 2.0, TimeUnit::Week).unwrap();
        assert!(model.expected_mean_spend(&new).is_err());
        assert!(model.deviation_between_customers().is_err());
        let interval = model
            .credible_interval_of_mean(&new, Probability::new(0.8).unwrap())
            .unwrap();
        let median = model.quantile_of_mean(&new, Probability::HALF).unwrap();
        assert!(interval.contains(median.amount()));
        assert!(
            model
                .credible_interval_of_mean(&new, Probability::ONE)
                .is_err()
        );
    }
}
