//! What is planted: how customers buy, spend, answer and leave.

use crate::error::{Error, Result};

fn positive(what: &'static str, value: f64) -> Result<()> {
    Error::unless(
        value > 0.0 && value.is_finite(),
        what,
        value,
        "be finite and above 0",
    )
}

/// How often customers come back: the BG/NBD model (Fader, Hardie & Lee 2005, "Counting your customers the easy way").
///
/// Each customer buys at a rate of their own, gamma distributed, and after each *repeat* purchase leaves for good with a
/// probability of their own, beta distributed. Time is counted in weeks.
///
/// | parameter | in the paper | default | meaning | range |
/// | --- | --- | --- | --- | --- |
/// | `rate_shape` | r | 1.1 | shape of the purchase rates | above 0 |
/// | `rate_scale` | α | 12 | rate parameter of the purchase rates: the mean rate is `rate_shape / rate_scale` a week | above 0 |
/// | `leave_shape` | a | 0.8 | the mean probability to leave is `leave_shape / (leave_shape + stay_shape)` | above 0 |
/// | `stay_shape` | b | 2.4 | see above | above 0 |
///
/// The defaults are a convention, of the size found for consumer goods.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "[f64; 4]", into = "[f64; 4]")
)]
pub struct Buying {
    pub(super) rate_shape: f64,
    pub(super) rate_scale: f64,
    pub(super) leave_shape: f64,
    pub(super) stay_shape: f64,
}

impl Buying {
    /// The four parameters, in the order of the table.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless all are finite and above 0.
    pub fn new(
        rate_shape: f64,
        rate_scale: f64,
        leave_shape: f64,
        stay_shape: f64,
    ) -> Result<Self> {
        positive("shape of the purchase rates", rate_shape)?;
        positive("scale of the purchase rates", rate_scale)?;
        positive("leave shape", leave_shape)?;
        positive("stay shape", stay_shape)?;
        Ok(Self {
            rate_shape,
            rate_scale,
            leave_shape,
            stay_shape,
        })
    }

    /// The four parameters, in the order of the table.
    #[must_use]
    pub fn parameters(self) -> [f64; 4] {
        [
            self.rate_shape,
            self.rate_scale,
            self.leave_shape,
            self.stay_shape,
        ]
    }
}

impl Default for Buying {
    fn default() -> Self {
        Self {
            rate_shape: 1.1,
            rate_scale: 12.0,
            leave_shape: 0.8,
            stay_shape: 2.4,
        }
    }
}

impl TryFrom<[f64; 4]> for Buying {
    type Error = Error;

    fn try_from([rate_shape, rate_scale, leave_shape, stay_shape]: [f64; 4]) -> Result<Self> {
        Self::new(rate_shape, rate_scale, leave_shape, stay_shape)
    }
}

impl From<Buying> for [f64; 4] {
    fn from(buying: Buying) -> Self {
        buying.parameters()
    }
}

/// What customers pay per order: the Gamma–Gamma model (Fader & Hardie 2013, "The Gamma–Gamma model of monetary value"),
/// independent of how often they buy.
///
/// | parameter | in the paper | default | meaning | range |
/// | --- | --- | --- | --- | --- |
/// | `order_shape` | p | 6 | how alike the orders of one customer are | above 0 |
/// | `customer_shape` | q | 4 | how alike the customers are | above 1, so that a mean exists |
/// | `scale` | γ | 35 | in major units; the mean order is `order_shape × scale / (customer_shape − 1)` | above 0 |
///
/// The defaults are a convention: a mean order of 70.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "[f64; 3]", into = "[f64; 3]")
)]
pub struct Spending {
    pub(super) order_shape: f64,
    pub(super) customer_shape: f64,
    pub(super) scale: f64,
}

impl Spending {
    /// The three parameters, in the order of the table.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] outside the ranges of the table.
    pub fn new(order_shape: f64, customer_shape: f64, scale: f64) -> Result<Self> {
        positive("shape of one customer's orders", order_shape)?;
        Error::unless(
            customer_shape > 1.0 && customer_shape.is_finite(),
            "shape of the customers",
            customer_shape,
            "be finite and above 1",
        )?;
        positive("scale of spending", scale)?;
        Ok(Self {
            order_shape,
            customer_shape,
            scale,
        })
    }

    /// The three parameters, in the order of the table.
    #[must_use]
    pub fn parameters(self) -> [f64; 3] {
        [self.order_shape, self.customer_shape, self.scale]
    }

    /// Mean order over all customers, in major units.
    #[must_use]
    pub fn mean_order(self) -> f64 {
        self.order_shape * self.scale / (self.customer_shape - 1.0)
    }
}

impl Default for Spending {
    fn default() -> Self {
        Self {
            order_shape: 6.0,
            customer_shape: 4.0,
            scale: 35.0,
        }
    }
}

impl TryFrom<[f64; 3]> for Spending {
    type Error = Error;

    fn try_from([order_shape, customer_shape, scale]: [f64; 3]) -> Result<Self> {
        Self::new(order_shape, customer_shape, scale)
    }
}

impl From<Spending> for [f64; 3] {
    fn from(spending: Spending) -> Self {
        spending.parameters()
    }
}

/// How the mean score (1 to 5) answers to the days between promise and delivery: nearly flat on the early side, a drop at
/// zero, steep on the late side, and never below a floor.
///
/// | parameter | default | meaning | range |
/// | --- | --- | --- | --- |
/// | `on_day` | 4.3 | mean score when the parcel comes on the promised day | 1 to 5 |
/// | `per_day_early` | 0.01 | gained per day early, up to a mean of 5 | 0 to 4 |
/// | `drop` | 0.9 | lost at once when it is late | 0 to 4 |
/// | `per_day_late` | 0.22 | lost per day late | 0 to 4 |
/// | `floor` | 1.1 | the lowest mean score | 1 to `on_day` |
/// | `agreement` | 1.5 | how alike the scores of equal experiences are; small values give many ones and fives | above 0 |
///
/// A score is 1 + a beta-binomial count out of 4, so that its mean is exactly the planted one. All defaults are a convention.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "[f64; 6]", into = "[f64; 6]")
)]
pub struct ScoreResponse {
    on_day: f64,
    per_day_early: f64,
    drop: f64,
    per_day_late: f64,
    floor: f64,
    pub(super) agreement: f64,
}

impl ScoreResponse {
    /// The six parameters, in the order of the table.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] outside the ranges of the table.
    pub fn new(
        [on_day, per_day_early, drop, per_day_late, floor, agreement]: [f64; 6],
    ) -> Result<Self> {
        let score = |what, value| {
            Error::unless(
                (1.0..=5.0).contains(&value),
                what,
                value,
                "lie within 1 to 5",
            )
        };
        let change = |what, value| {
            Error::unless(
                (0.0..=4.0).contains(&value),
                what,
                value,
                "lie within 0 to 4",
            )
        };
        score("mean score on the promised day", on_day)?;
        change("score gained per day early", per_day_early)?;
        change("score lost by being late", drop)?;
        change("score lost per day late", per_day_late)?;
        score("lowest mean score", floor)?;
        Error::unless(
            floor <= on_day,
            "lowest mean score",
            floor,
            "not exceed the mean score on the promised day",
        )?;
        positive("agreement of scores", agreement)?;
        Ok(Self {
            on_day,
            per_day_early,
            drop,
            per_day_late,
            floor,
            agreement,
        })
    }

    /// The six parameters, in the order of the table.
    #[must_use]
    pub fn parameters(self) -> [f64; 6] {
        [
            self.on_day,
            self.per_day_early,
            self.drop,
            self.per_day_late,
            self.floor,
            self.agreement,
        ]
    }

    /// The planted mean score for a delivery `days_late` calendar days after the promised one; negative means early.
    #[must_use]
    pub fn mean_score(self, days_late: i64) -> f64 {
        if days_late > 0 {
            (self.on_day - self.drop - self.per_day_late * days_late as f64).max(self.floor)
        } else {
            (self.on_day - self.per_day_early * days_late as f64).min(5.0)
        }
    }
}

impl Default for ScoreResponse {
    fn default() -> Self {
        Self {
            on_day: 4.3,
            per_day_early: 0.01,
            drop: 0.9,
            per_day_late: 0.22,
            floor: 1.1,
            agreement: 1.5,
        }
    }
}

impl TryFrom<[f64; 6]> for ScoreResponse {
    type Error = Error;

    fn try_from(parameters: [f64; 6]) -> Result<Self> {
        Self::new(parameters)
    }
}

impl From<ScoreResponse> for [f64; 6] {
    fn from(response: ScoreResponse) -> Self {
        response.parameters()
    }
}
