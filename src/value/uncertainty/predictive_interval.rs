//! What a single customer may do.

use std::fmt;

use crate::error::{Error, Result};
use crate::measure::{
    Currency, DiscountRate, Interval, Probability, Span, TimeUnit, critical_value,
};
use crate::numeric::random::RandomStream;
use crate::numeric::{fill_column, quantile};

use crate::value::uncertainty::directions::directions;
use crate::value::{
    FittedPurchaseModel, Horizon, ParametricModel, PurchaseHistory, SimulatedModel, SimulatedSpend,
    Valuation,
};

/// How a prediction is made.
///
/// | option | default | meaning | range | source |
/// |---|---|---|---|---|
/// | seed | none: say it | which futures and parameters are drawn | | |
/// | draws | 1,000 | futures (for value) and parameter sets (with doubt) that are drawn | at least 1 | convention: 5 % tails rest on 50 draws |
/// | parameters | known | whether the doubt of the parameters widens the interval | | |
///
/// With parameters in doubt each draw takes a parameter set of its own from the normal distribution around the fit in its
/// coordinates: Laplace's approximation to the posterior with a flat prior there (Tierney and Kadane 1986, Journal of the
/// American Statistical Association 81).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Prediction {
    seed: u64,
    draws: u32,
    parameters_in_doubt: bool,
}

impl Prediction {
    /// The defaults with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            draws: 1_000,
            parameters_in_doubt: false,
        }
    }

    /// So many draws.
    #[must_use]
    pub fn with_draws(mut self, draws: u32) -> Self {
        self.draws = draws;
        self
    }

    /// Lets the doubt of the parameters widen the interval.
    #[must_use]
    pub fn with_parameters_in_doubt(mut self) -> Self {
        self.parameters_in_doubt = true;
        self
    }

    fn require_draws(self) -> Result<()> {
        Error::unless(
            self.draws >= 1,
            "number of draws",
            f64::from(self.draws),
            "be at least 1",
        )
    }

    /// The model with the parameters of draw `number`; `axes` from [`directions`], none where the parameters are known.
    fn drawn<Model: ParametricModel>(
        self,
        model: &Model,
        axes: &[Vec<f64>],
        stream: u64,
    ) -> Result<Model> {
        let mut random = RandomStream::new(self.seed, stream);
        let mut at = model.coordinates();
        for axis in axes {
            let steps = random.normal();
            for (coordinate, part) in at.iter_mut().zip(axis) {
                *coordinate += steps * part;
            }
        }
        model.at_coordinates(&at)
    }

    fn axes<Model: ParametricModel>(self, model: &Model) -> Result<Vec<Vec<f64>>> {
        if self.parameters_in_doubt {
            directions(model)
        } else {
            Ok(Vec::new())
        }
    }
}

/// Where a single customer's purchases or value will lie with a stated probability.
///
/// Chance is in it: it does not shrink to a point however much data there are. For the doubt of an *expectation* see
/// [`ParameterInterval`](crate::value::ParameterInterval); the two must not be confused, and neither can be made into the
/// other.
///
/// ```
/// use tillit::measure::{Probability, Span, TimeUnit};
/// use tillit::value::{FittedBgNbd, Prediction, PredictiveInterval, PurchaseHistory};
///
/// let model = FittedBgNbd::from_parameters(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let customer = PurchaseHistory::new(2, 30.43, 38.86, TimeUnit::Week)?;
/// let ahead = Span::new(39.0, TimeUnit::Week)?;
/// let level = Probability::new(0.9)?;
/// let purchases = PredictiveInterval::of_purchases(&model, &customer, ahead, level, Prediction::new(1))?;
/// // 1.226 are expected; none at all is as possible as four.
/// assert_eq!((purchases.low(), purchases.high()), (0.0, 4.0));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PredictiveInterval {
    expected: f64,
    interval: Interval,
    currency: Option<Currency>,
    parameters_in_doubt: bool,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    PredictiveInterval { expected: f64, interval: Interval, currency: Option<Currency>, parameters_in_doubt: bool }
    if |predicted: &Self| {
        let Self { expected, ref interval, currency, .. } = *predicted;
        critical_value::normal(interval.level())?;
        // The mean of a skewed law may lie outside.
        for (what, number) in [
            ("expectation", expected),
            ("lower limit", interval.low()),
            ("upper limit", interval.high()),
        ] {
            Error::unless(number.is_finite(), what, number, "be finite")?;
            let counts = currency.is_some() || number >= 0.0;
            Error::unless(counts, what, number, "not be negative where purchases are counted")?;
        }
        let whole = interval.low().fract() == 0.0 && interval.high().fract() == 0.0;
        let counts = currency.is_some() || whole;
        Error::unless(counts, "upper limit", interval.high(), "be whole, and so the lower, where purchases are counted")
    }
}

impl PredictiveInterval {
    /// The number of purchases of a customer within a span ahead: the smallest whole numbers at which the cumulated
    /// probability reaches (1 − level) / 2 and (1 + level) / 2, so that at least `level` lies within. From the exact
    /// probabilities; with parameters in doubt from their mean over the draws.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the level lies strictly between 0 and 1 and there is at least one draw;
    /// [`Error::CannotTell`] if the parameters shall be in doubt but have no covariance, or if the upper limit lies beyond a
    /// million; what the model refuses.
    pub fn of_purchases<Model: ParametricModel + FittedPurchaseModel>(
        model: &Model,
        history: &PurchaseHistory,
        within: Span,
        level: Probability,
        prediction: Prediction,
    ) -> Result<Self> {
        const MOST: u32 = 1_000_000;
        critical_value::normal(level)?;
        prediction.require_draws()?;
        let models: Vec<Model> = if prediction.parameters_in_doubt {
            let axes = prediction.axes(model)?;
            (0..u64::from(prediction.draws))
                .map(|draw| prediction.drawn(model, &axes, draw))
                .collect::<Result<_>>()?
        } else {
            vec![model.at_coordinates(&model.coordinates())?]
        };
        let share = 1.0 / models.len() as f64;
        let mut expected = 0.0;
        for model in &models {
            expected += share * model.expected_purchases(history, within)?;
        }
        let tail = 0.5 * (1.0 - level.value());
        let (mut below, mut low) = (0.0, None);
        for count in 0..MOST {
            for model in &models {
                let probability = model.probability_of_purchases(history, count, within)?;
                below += share * probability.value();
            }
            if below >= tail {
                low.get_or_insert(count);
            }
            if below >= 1.0 - tail {
                let low = low.unwrap_or(count);
                return Ok(Self {
                    expected,
                    interval: Interval::new(
                        f64::from(low),
                        f64::from(count),
                        level,
                        "predictive, number of purchases",
                    )?,
                    currency: None,
                    parameters_in_doubt: prediction.parameters_in_doubt,
                });
            }
        }
        Err(Error::CannotTell {
            question: "how many purchases there may be".into(),
            reason: "more than a million are possible: ask for a shorter span".into(),
        })
    }

    /// The value of a customer by simulated futures: purchases when they happen, each with its own spend times `margin`,
    /// discounted by `valuation`. Limits are the quantiles (type 7) of the draws, so they have a simulation error of their
    /// own. Without a horizon a future is followed until a unit of money is worth a millionth.
    ///
    /// # Errors
    /// As [`Self::of_purchases`], and [`Error::CannotTell`] without both a horizon and a discount rate.
    pub fn of_value<Purchases: SimulatedModel, Spend: SimulatedSpend>(
        (purchases, spend): (&Purchases, &Spend),
        history: &PurchaseHistory,
        margin: Probability,
        valuation: Valuation,
        level: Probability,
        prediction: Prediction,
    ) -> Result<Self> {
        critical_value::normal(level)?;
        prediction.require_draws()?;
        let (axes, spend_axes) = (prediction.axes(purchases)?, prediction.axes(spend)?);
        let until = end_of(valuation)?;
        let draws = fill_column(prediction.draws as usize, |draw| {
            // Four streams for each draw: two parameter sets, purchases, spend.
            let stream = 4 * draw as u64;
            let purchases = prediction.drawn(purchases, &axes, stream)?;
            let spend = prediction.drawn(spend, &spend_axes, stream + 1)?;
            let moments =
                purchases.simulated_purchases(history, until, prediction.seed, stream + 2)?;
            let amounts =
                spend.simulated_spend(history, moments.len(), prediction.seed, stream + 3)?;
            let mut value = 0.0;
            for (&moment, amount) in moments.iter().zip(amounts) {
                value += margin.value() * amount * worth_at(valuation, moment)?;
            }
            Ok(value)
        })?;
        let expected = draws.iter().sum::<f64>() / draws.len() as f64;
        let mut ascending: Vec<(f64, u64)> = draws.into_iter().map(|value| (value, 1)).collect();
        ascending.sort_by(|left, right| left.0.total_cmp(&right.0));
        let tail = 0.5 * (1.0 - level.value());
        let at = |share| quantile(&ascending, share).unwrap_or(expected);
        Ok(Self {
            expected,
            interval: Interval::new(
                at(tail),
                at(1.0 - tail),
                level,
                "predictive, simulated value",
            )?,
            currency: Some(spend.currency_of_spend()),
            parameters_in_doubt: prediction.parameters_in_doubt,
        })
    }

    /// What is expected: for a value the mean of the draws.
    #[must_use]
    pub fn expected(&self) -> f64 {
        self.expected
    }

    /// Lower limit, in purchases or major units.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.interval.low()
    }

    /// Upper limit.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.interval.high()
    }

    /// The limits with their level and method.
    #[must_use]
    pub fn interval(&self) -> &Interval {
        &self.interval
    }

    /// The currency of a value; `None` for a number of purchases.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// Whether the doubt of the parameters is in it; else the interval holds for the fitted parameters as if they were
    /// known.
    #[must_use]
    pub fn parameters_in_doubt(&self) -> bool {
        self.parameters_in_doubt
    }
}

impl fmt::Display for PredictiveInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(2);
        write!(
            f,
            "{:.digits$}, predicted within [{:.digits$}, {:.digits$}]",
            self.expected,
            self.low(),
            self.high()
        )?;
        match self.currency {
            Some(currency) => write!(f, " {currency}"),
            None => f.write_str(" purchases"),
        }
    }
}

/// How long a future must be followed.
fn end_of(valuation: Valuation) -> Result<Span> {
    /// What comes when money is worth less than this is left out.
    const WORTHLESS: f64 = 1e-6;
    match valuation {
        Valuation::Continuous {
            horizon: Horizon::Within(span),
            ..
        } => Ok(span),
        Valuation::Continuous {
            rate,
            horizon: Horizon::Unlimited,
        } => {
            let per_day = rate.continuous_per(TimeUnit::Day);
            if per_day > 0.0 {
                Span::from_days(-WORTHLESS.ln() / per_day)
            } else {
                Err(Error::CannotTell {
                    question: "how long a future must be followed".into(),
                    reason: "there is neither a horizon nor a discount rate: give one".into(),
                })
            }
        }
        Valuation::AtPeriodEnds {
            period, periods, ..
        } => Span::from_days(f64::from(periods) * period.days()),
    }
}

/// What one unit of money of a purchase at `moment` is worth now.
fn worth_at(valuation: Valuation, moment: Span) -> Result<f64> {
    let factor = |rate: DiscountRate, span: Span| rate.factor(span);
    match valuation {
        Valuation::Continuous { rate, .. } => Ok(factor(rate, moment)),
        Valuation::AtPeriodEnds { rate, period, .. } => {
            let ends = (moment.days() / period.days()).ceil();
            Ok(factor(rate, Span::from_days(ends * period.days())?))
        }
    }
}
