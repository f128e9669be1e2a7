//! A shop that delivers, promises, disappoints and asks, in ways that are known.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta};

use crate::error::{Error, Result};
use crate::measure::{Currency, Money, Probability, Span, TimeUnit, Timestamp};
use crate::numeric::random::RandomStream;

use super::{Buying, OrderStatus, ScoreResponse, SimulatedOrder, SimulatedOrders, Spending};

/// The first day; a Monday.
const OPENS: NaiveDate = match NaiveDate::from_ymd_opt(2023, 1, 2) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// Something that makes orders late: how common it is, how many days it takes, and what it adds to the log odds of late.
struct Circumstance {
    name: &'static str,
    weight: u64,
    days: u64,
    log_odds: f64,
}

const fn circumstance(name: &'static str, weight: u64, days: u64, log_odds: f64) -> Circumstance {
    Circumstance {
        name,
        weight,
        days,
        log_odds,
    }
}

const REGIONS: [Circumstance; 4] = [
    circumstance("central", 4, 2, 0.0),
    circumstance("coast", 3, 3, 0.3),
    circumstance("north", 2, 6, 0.9),
    circumstance("islands", 1, 8, 1.4),
];

const CATEGORIES: [Circumstance; 4] = [
    circumstance("books", 3, 1, 0.0),
    circumstance("lamps", 3, 2, 0.2),
    circumstance("garden", 2, 3, 0.5),
    circumstance("furniture", 2, 6, 1.0),
];

/// Added to the log odds of late by the month of purchase.
const LOG_ODDS_BY_MONTH: [f64; 12] = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7, 0.9];

const SELLERS: u64 = 12;
/// Days that every promise adds to what region and category need.
const PADDING_DAYS: u64 = 6;
const MEAN_EXTRA_PADDING_DAYS: f64 = 1.5;
const MEAN_DAYS_EARLY: f64 = 5.0;
/// A late parcel comes 1 + a geometric number of days late, 6 on average.
const END_OF_DELAY: f64 = 0.2;
const CANCELED: f64 = 0.015;
const MEAN_DAYS_TO_ANSWER: f64 = 1.5;
/// Customers appear, evenly, in this first part of the observation.
const ENTRY: f64 = 0.7;
/// As [`SentimentRule::standard`](crate::measure::SentimentRule::standard) has it for 1 to 5.
const DETRACTOR_UP_TO: u8 = 3;

const DAYS_PER_WEEK: f64 = 7.0;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// A shop with known truth: the same settings and seed give the same bytes.
///
/// | setting | default | meaning | range | source |
/// | --- | --- | --- | --- | --- |
/// | `customers` | 600 | how many customers appear, evenly over the first 70 % of the window | any | convention |
/// | `window` | 730 days | how long the shop is observed, from 2023-01-02 on | up to 100 years | convention |
/// | `buying` | [`Buying`] | who comes back, and when | | BG/NBD |
/// | `spending` | [`Spending`] | what an order is worth | | Gamma–Gamma |
/// | `score_response` | [`ScoreResponse`] | how the score answers to early and late days | | convention |
/// | `late` | 0.04 | probability of late for books sent to the central region outside November and December | 0 to 1 | convention |
/// | `letdown_leaves` | 0.35 | probability to leave for good when a parcel arrives late and feels like 3 or less, told or not, over and above ordinary leaving | 0 to 1 | convention |
/// | `answers_on_time` | 0.55 | probability to answer the survey about a delivery on time | 0 to 1 | convention |
/// | `answers_late` | 0.70 | the same about a late one: the disappointed answer more readily | 0 to 1 | convention |
///
/// Fixed, all by convention: the log odds of late rise by 0.3, 0.9 and 1.4 in the regions coast, north and islands, by 0.2,
/// 0.5 and 1.0 in the categories lamps, garden and furniture, and by 0.7 and 0.9 in November and December
/// ([`late_probability`](Self::late_probability) adds them up). Promises are padded: parcels on time come five days early
/// on average; late ones come six days late. 1.5 % of orders are canceled. Twelve sellers differ in nothing. The survey goes out
/// the day after delivery.
///
/// With `letdown_leaves` 0, purchases are exactly BG/NBD.
///
/// ```
/// use tillit::{measure::Currency, simulate::Shop};
///
/// let shop = Shop::new(7, Currency::new("EUR")?)?.with_customers(50);
/// let table = shop.open()?;
/// assert_eq!(table.to_csv(), shop.open()?.to_csv());
/// assert!(table.orders().len() >= 50);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Shop {
    seed: u64,
    currency: Currency,
    customers: u32,
    window: Window,
    buying: Buying,
    spending: Spending,
    score_response: ScoreResponse,
    late: Probability,
    letdown_leaves: Probability,
    answers_on_time: Probability,
    answers_late: Probability,
}

/// A length of observation that the calendar can hold.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Span", into = "Span")
)]
struct Window(Span);

impl TryFrom<Span> for Window {
    type Error = Error;

    fn try_from(span: Span) -> Result<Self> {
        Error::unless(
            span.in_units(TimeUnit::Year) <= 100.0,
            "days of observation",
            span.days(),
            "be no longer than 100 years",
        )?;
        Ok(Self(span))
    }
}

impl From<Window> for Span {
    fn from(window: Window) -> Self {
        window.0
    }
}

impl Shop {
    /// A shop with the default truth.
    ///
    /// # Errors
    /// None with the defaults as they stand; the checked types of the settings ask for a `Result`.
    pub fn new(seed: u64, currency: Currency) -> Result<Self> {
        Ok(Self {
            seed,
            currency,
            customers: 600,
            window: Window(Span::from_days(730.0)?),
            buying: Buying::default(),
            spending: Spending::default(),
            score_response: ScoreResponse::default(),
            late: Probability::new(0.04)?,
            letdown_leaves: Probability::new(0.35)?,
            answers_on_time: Probability::new(0.55)?,
            answers_late: Probability::new(0.7)?,
        })
    }

    /// Sets how many customers appear. The first customers of a larger shop are those of a smaller one.
    #[must_use]
    pub fn with_customers(mut self, customers: u32) -> Self {
        self.customers = customers;
        self
    }

    /// Sets how long the shop is observed.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] beyond 100 years.
    pub fn with_window(mut self, window: Span) -> Result<Self> {
        self.window = window.try_into()?;
        Ok(self)
    }

    /// Sets who comes back, and when.
    #[must_use]
    pub fn with_buying(mut self, buying: Buying) -> Self {
        self.buying = buying;
        self
    }

    /// Sets what an order is worth.
    #[must_use]
    pub fn with_spending(mut self, spending: Spending) -> Self {
        self.spending = spending;
        self
    }

    /// Sets how the score answers to early and late days.
    #[must_use]
    pub fn with_score_response(mut self, score_response: ScoreResponse) -> Self {
        self.score_response = score_response;
        self
    }

    /// Sets how often parcels are late where nothing adds to it.
    #[must_use]
    pub fn with_late(mut self, late: Probability) -> Self {
        self.late = late;
        self
    }

    /// Sets how many leave for good after a letdown.
    #[must_use]
    pub fn with_letdown_leaves(mut self, letdown_leaves: Probability) -> Self {
        self.letdown_leaves = letdown_leaves;
        self
    }

    /// Sets how many answer the survey after deliveries on time and late.
    #[must_use]
    pub fn with_answers(mut self, on_time: Probability, late: Probability) -> Self {
        self.answers_on_time = on_time;
        self.answers_late = late;
        self
    }

    /// How scores answer to early and late days.
    #[must_use]
    pub fn score_response(&self) -> ScoreResponse {
        self.score_response
    }

    /// The planted probability that an order is late; `None` for a region, category or month (1 to 12) that the shop does
    /// not know.
    #[must_use]
    pub fn late_probability(&self, region: &str, category: &str, month: u32) -> Option<f64> {
        let region = REGIONS.iter().find(|known| known.name == region)?;
        let category = CATEGORIES.iter().find(|known| known.name == category)?;
        let month = usize::try_from(month).ok()?.checked_sub(1)?;
        let added = region.log_odds + category.log_odds + LOG_ODDS_BY_MONTH.get(month)?;
        let late = self.late.value();
        // late / (1 − late) × e^added as odds, written so that 0 and 1 stay what they are.
        let raised = late * added.exp();
        Some(raised / (raised + (1.0 - late)))
    }

    /// Runs the shop and returns its order table.
    ///
    /// # Errors
    /// [`Error::Overflow`] if a day lies beyond the calendar.
    pub fn open(&self) -> Result<SimulatedOrders> {
        let window = self.window.0.days();
        let observed_until = moment(window)?;
        let mut orders = Vec::new();
        for customer in 0..self.customers {
            // A stream per customer: no customer's history depends on how many others there are.
            let random = RandomStream::new(self.seed, u64::from(customer));
            self.live(customer, random, &mut orders)?;
        }
        orders.sort_by(|a, b| {
            (a.purchased_at, a.customer.as_str()).cmp(&(b.purchased_at, b.customer.as_str()))
        });
        for (i, order) in orders.iter_mut().enumerate() {
            order.order = format!("o{:05}", i + 1);
        }
        Ok(SimulatedOrders {
            orders,
            observed_until,
        })
    }

    /// One customer's purchases from the first to the last that is seen.
    fn live(
        &self,
        customer: u32,
        mut random: RandomStream,
        orders: &mut Vec<SimulatedOrder>,
    ) -> Result<()> {
        let window = self.window.0.days();
        let mut day = random.uniform() * ENTRY * window;
        let per_day = random.gamma(self.buying.rate_shape) / self.buying.rate_scale / DAYS_PER_WEEK;
        let leaves = random.beta(self.buying.leave_shape, self.buying.stay_shape);
        let spending_rate = random.gamma(self.spending.customer_shape) / self.spending.scale;
        let region = pick(&REGIONS, &mut random);
        let mut let_down_on = f64::INFINITY;
        let mut first = true;
        while day < window.min(let_down_on) {
            let amount = random.gamma(self.spending.order_shape) / spending_rate;
            let (order, left) = self.serve(customer, region, day, amount, &mut random)?;
            orders.push(order);
            let_down_on = let_down_on.min(left);
            if !first && random.chance(leaves) {
                break;
            }
            first = false;
            day += random.exponential() / per_day;
        }
        Ok(())
    }

    /// One order, and the day on which it drives the customer away (infinite if it does not).
    fn serve(
        &self,
        customer: u32,
        region: &Circumstance,
        day: f64,
        amount: f64,
        random: &mut RandomStream,
    ) -> Result<(SimulatedOrder, f64)> {
        let category = pick(&CATEGORIES, random);
        let seller = random.below(SELLERS) + 1;
        let purchased_on = date(day)?;
        let late = self
            .late_probability(region.name, category.name, purchased_on.month())
            .unwrap_or_default();
        let allowed =
            region.days + category.days + PADDING_DAYS + random.poisson(MEAN_EXTRA_PADDING_DAYS);
        let is_late = random.chance(late);
        let needed = if is_late {
            allowed + 1 + random.geometric(END_OF_DELAY)
        } else {
            allowed - random.poisson(MEAN_DAYS_EARLY).min(allowed - 1)
        };
        let days_late = needed.cast_signed() - allowed.cast_signed();
        let arrives = day.floor() + needed as f64 + (8.0 + 12.0 * random.uniform()) / 24.0;
        let felt = self.felt_score(days_late, random);
        let answers = random.chance(if is_late {
            self.answers_late.value()
        } else {
            self.answers_on_time.value()
        });
        let asked = arrives.floor() + 1.0;
        let answered = asked + 9.0 / 24.0 + random.exponential() * MEAN_DAYS_TO_ANSWER;
        let drives_away =
            is_late && felt <= DETRACTOR_UP_TO && random.chance(self.letdown_leaves.value());
        let canceled = random.chance(CANCELED);

        let window = self.window.0.days();
        let arrived = !canceled && arrives < window;
        let was_asked = arrived && asked < window;
        let has_answered = was_asked && answers && answered < window;
        let minor = (amount * self.currency.minor_per_major() as f64).round();
        let order = SimulatedOrder {
            order: String::new(),
            customer: format!("c{:05}", u64::from(customer) + 1),
            region: region.name.to_owned(),
            category: category.name.to_owned(),
            seller: format!("seller-{seller:02}"),
            status: match (canceled, arrived) {
                (true, _) => OrderStatus::Canceled,
                (false, true) => OrderStatus::Delivered,
                (false, false) => OrderStatus::Shipped,
            },
            purchased_at: moment(day)?,
            promised_date: purchased_on
                .checked_add_days(Days::new(allowed))
                .ok_or_else(beyond_the_calendar)?,
            delivered_at: arrived.then(|| moment(arrives)).transpose()?,
            // The cast saturates; nobody pays nothing.
            #[allow(clippy::cast_possible_truncation)]
            paid: Money::from_minor((minor as i64).max(1), self.currency),
            asked_date: was_asked.then(|| date(asked)).transpose()?,
            score: has_answered.then_some(felt),
            answered_at: has_answered.then(|| moment(answered)).transpose()?,
        };
        let left = if drives_away && arrived {
            arrives
        } else {
            f64::INFINITY
        };
        Ok((order, left))
    }

    /// What the customer feels, from 1 to 5, told or not: 1 + a beta-binomial count out of 4 with the planted mean.
    fn felt_score(&self, days_late: i64, random: &mut RandomStream) -> u8 {
        let share = (self.score_response.mean_score(days_late) - 1.0) / 4.0;
        let agreement = self.score_response.agreement;
        let leaning = if share > 0.0 && share < 1.0 {
            random.beta(share * agreement, (1.0 - share) * agreement)
        } else {
            share
        };
        (0..4).fold(1, |score, _| score + u8::from(random.chance(leaning)))
    }
}

/// One of `choices`, by weight.
fn pick<'a>(choices: &'a [Circumstance; 4], random: &mut RandomStream) -> &'a Circumstance {
    let mut left = random.below(choices.iter().map(|choice| choice.weight).sum());
    let [first, others @ ..] = choices;
    let mut picked = first;
    for next in others {
        if left < picked.weight {
            break;
        }
        left -= picked.weight;
        picked = next;
    }
    picked
}

fn beyond_the_calendar() -> Error {
    Error::Overflow {
        what: "a day of the simulated shop".into(),
    }
}

/// The day that lies `day` days after opening.
fn date(day: f64) -> Result<NaiveDate> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let days = Days::new(day as u64);
    OPENS.checked_add_days(days).ok_or_else(beyond_the_calendar)
}

/// The moment `day` days after opening, to the second.
fn moment(day: f64) -> Result<Timestamp> {
    #[allow(clippy::cast_possible_truncation)]
    let seconds = (day.fract() * SECONDS_PER_DAY) as i64;
    let midnight = date(day)?.and_time(NaiveTime::MIN).and_utc();
    Ok(Timestamp::from(midnight + TimeDelta::seconds(seconds)))
}
