//! The BG/BB model: one opportunity to buy per period, and customers may leave before each.

use crate::error::{Error, Result};
use crate::measure::{DiscountRate, Probability, Span, TimeUnit};

use crate::value::beta_bernoulli::fit::{NAME, fit_law};
use crate::value::beta_bernoulli::law::BetaBernoulli;
use crate::value::contract::tenures::require_period;
use crate::value::observed::opportunities::UseRecord;
use crate::value::{
    FitReport, FittedPurchaseModel, Horizon, PurchaseHistories, PurchaseHistory, PurchaseModel,
    PurchaseOpportunities,
};

/// The BG/BB purchase model (Fader, Hardie and Shang 2010, "Customer-base analysis in a discrete-time noncontractual
/// setting").
///
/// There is one opportunity to buy at the end of each period: a yearly appeal for donations, a cruise season, a campaign.
/// At its start a customer leaves for good with probability θ, else buys with probability p; θ differs between customers
/// as B(γ, δ), p as B(α, β). Customers may have had different numbers of opportunities.
///
/// It is discrete and still an ordinary [`PurchaseModel`]: a history is x purchases, the last after `t_x` and seen for n
/// periods, and every question of the trait has a discrete answer, with whole periods counted in each span. So lifetime
/// values and comparisons with the models of continuous time need nothing of their own; times that are no whole number of
/// periods are refused. Someone who has counts of alike customers instead of histories fits with
/// [`BgBb::fit_opportunities`].
///
/// ```
/// use tillit::measure::{DiscountRate, Span, TimeUnit};
/// use tillit::value::{FittedBgBb, FittedPurchaseModel, Horizon, PurchaseHistory};
///
/// // The published fit to six years of donations.
/// let year = Span::new(1.0, TimeUnit::Year)?;
/// let model = FittedBgBb::from_parameters(1.204, 0.750, 0.657, 2.783, year)?;
/// let donor = PurchaseHistory::new(2, 4.0, 6.0, TimeUnit::Year)?;
/// let next = model.probability_alive_at_next_opportunity(&donor)?;
/// assert_eq!(format!("{:.2}", next.value()), "0.59");
/// assert!(model.discounted_purchases(&donor, DiscountRate::annual(0.1)?, Horizon::Unlimited)? < 2.0);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BgBb {
    start: Option<BetaBernoulli>,
    period: Option<Span>,
}

impl BgBb {
    /// Starts the search at the parameters of `earlier`, such as last year's fit. The optimum does not depend on the start.
    #[must_use]
    pub fn starting_at(mut self, earlier: &FittedBgBb) -> Self {
        self.start = Some(earlier.law);
        self
    }

    /// Time from one opportunity to the next; by default one unit of the histories' time. A period of no length is
    /// refused when fitting.
    #[must_use]
    pub fn with_period(mut self, period: Span) -> Self {
        self.period = Some(period);
        self
    }

    /// Maximum likelihood on counts of alike customers, with one opportunity per period (by default a year).
    ///
    /// # Errors
    /// [`Error::Empty`] without customers. [`Error::TooFew`] with fewer than 10 customers who bought again, or if nobody had
    /// three opportunities: with fewer, there are not more different records than parameters.
    /// [`Error::CannotTell`] if the likelihood has no peak, or a parameter's standard error exceeds its value.
    pub fn fit_opportunities(&self, purchases: &PurchaseOpportunities) -> Result<FittedBgBb> {
        let period = match self.period {
            Some(period) => period,
            None => Span::new(1.0, TimeUnit::Year)?,
        };
        require_period(period)?;
        let (law, report) = fit_law(purchases, self.start)?;
        Ok(FittedBgBb {
            law,
            period,
            report: Some(report),
        })
    }
}

impl PurchaseModel for BgBb {
    type Fitted = FittedBgBb;

    /// As [`BgBb::fit_opportunities`].
    ///
    /// # Errors
    /// Those of [`BgBb::fit_opportunities`], and [`Error::OutOfRange`] if a time is no whole number of periods or there
    /// are more purchases than opportunities.
    fn fit(&self, histories: &PurchaseHistories) -> Result<FittedBgBb> {
        let period = match self.period {
            Some(period) => period,
            None => Span::new(1.0, histories.unit())?,
        };
        require_period(period)?;
        let purchases = PurchaseOpportunities::from_histories(histories, period)?;
        self.clone()
            .with_period(period)
            .fit_opportunities(&purchases)
    }
}

/// A BG/BB model with known parameters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct FittedBgBb {
    law: BetaBernoulli,
    period: Span,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    parameters: [f64; 4],
    period: Span,
    report: Option<FitReport>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for FittedBgBb {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let [alpha, beta, gamma, delta] = parts.parameters;
        let model = Self::from_parameters(alpha, beta, gamma, delta, parts.period)?;
        Ok(Self {
            report: FitReport::about(parts.report, &[NAME], &[alpha, beta, gamma, delta])?,
            ..model
        })
    }
}

#[cfg(feature = "serde")]
impl From<FittedBgBb> for Parts {
    fn from(model: FittedBgBb) -> Self {
        Self {
            parameters: [model.alpha(), model.beta(), model.gamma(), model.delta()],
            period: model.period,
            report: model.report,
        }
    }
}

impl FittedBgBb {
    /// A model with given parameters: p ~ B(`alpha`, `beta`), θ ~ B(`gamma`, `delta`), one opportunity per `period`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless all four are positive and finite and the period is longer than 0.
    pub fn from_parameters(
        alpha: f64,
        beta: f64,
        gamma: f64,
        delta: f64,
        period: Span,
    ) -> Result<Self> {
        for (name, value) in [
            ("alpha", alpha),
            ("beta", beta),
            ("gamma", gamma),
            ("delta", delta),
        ] {
            Error::unless(
                value > 0.0 && value.is_finite(),
                name,
                value,
                "be positive and finite",
            )?;
        }
        require_period(period)?;
        Ok(Self {
            law: BetaBernoulli {
                alpha,
                beta,
                gamma,
                delta,
            },
            period,
            report: None,
        })
    }

    /// First parameter of the distribution of the chance to buy: its mean is α / (α + β).
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.law.alpha
    }

    /// Second parameter of the distribution of the chance to buy.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.law.beta
    }

    /// First parameter of the distribution of the probability to leave: its mean is γ / (γ + δ).
    #[must_use]
    pub fn gamma(&self) -> f64 {
        self.law.gamma
    }

    /// Second parameter of the distribution of the probability to leave.
    #[must_use]
    pub fn delta(&self) -> f64 {
        self.law.delta
    }

    /// Time from one opportunity to the next.
    #[must_use]
    pub fn period(&self) -> Span {
        self.period
    }

    /// Probability that the customer will be there at the next opportunity. The field's P(alive) of this model is this
    /// one; [`FittedPurchaseModel::probability_alive`] is that of having been there at the last one.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if a time is no whole number of periods or there are more purchases than opportunities.
    pub fn probability_alive_at_next_opportunity(
        &self,
        history: &PurchaseHistory,
    ) -> Result<Probability> {
        let record = self.record(history)?;
        let staying = self.law.staying(record);
        let stays = staying.delta / (staying.gamma + staying.delta);
        Probability::new(self.law.ln_probability_alive(record).exp() * stays)
    }

    fn record(&self, history: &PurchaseHistory) -> Result<UseRecord> {
        UseRecord::of(history, self.period)
    }

    /// Opportunities within a span ahead.
    fn opportunities(&self, ahead: Span) -> f64 {
        /// A span of whole periods must not count one less because of rounding.
        const ROUNDING: f64 = 1e-9;
        (ahead.days() / self.period.days() + ROUNDING).floor()
    }

    /// The same as a count of things to be done one by one.
    pub(in crate::value) fn opportunities_within(&self, ahead: Span) -> Result<u32> {
        /// Convention; a sum over the opportunities has one term for each.
        const MOST_OPPORTUNITIES: f64 = 1e6;
        let opportunities = self.opportunities(ahead);
        Error::unless(
            opportunities <= MOST_OPPORTUNITIES,
            "number of opportunities ahead",
            opportunities,
            "not exceed a million",
        )?;
        // Whole and within range, as just checked.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let opportunities = opportunities as u32;
        Ok(opportunities)
    }

    fn probability(&self, law: &BetaBernoulli, count: u32, within: Span) -> Result<f64> {
        Ok(law.probability_of_purchases(count, self.opportunities_within(within)?))
    }
}

impl FittedPurchaseModel for FittedBgBb {
    fn name(&self) -> &'static str {
        NAME
    }

    /// The parameters have no unit of time, only a [`FittedBgBb::period`]; days stand for it.
    fn unit(&self) -> TimeUnit {
        TimeUnit::Day
    }

    fn report(&self) -> Option<&FitReport> {
        self.report.as_ref()
    }

    fn log_likelihood(&self, history: &PurchaseHistory) -> Result<f64> {
        Ok(self.law.log_likelihood(self.record(history)?))
    }

    fn ln_probability_alive(&self, history: &PurchaseHistory) -> Result<f64> {
        Ok(self.law.ln_probability_alive(self.record(history)?))
    }

    /// A moment between two opportunities counts as the earlier of them.
    fn probability_alive_after(
        &self,
        history: &PurchaseHistory,
        ahead: Span,
    ) -> Result<Probability> {
        let record = self.record(history)?;
        let staying = self.law.staying(record);
        let stays = staying.ln_probability_of_staying(self.opportunities(ahead));
        Probability::new((self.law.ln_probability_alive(record) + stays).exp())
    }

    fn survival_of_new_customer(&self, within: Span) -> Result<Probability> {
        let stays = self
            .law
            .ln_probability_of_staying(self.opportunities(within));
        Probability::new(stays.exp())
    }

    fn expected_purchases_if_alive(
        &self,
        history: &PurchaseHistory,
        from: Span,
        until: Span,
    ) -> Result<f64> {
        let staying = self.law.staying(self.record(history)?);
        let (from, until) = (self.opportunities(from), self.opportunities(until));
        if until <= from {
            return Ok(0.0);
        }
        Ok(staying.expected_purchases(from, until))
    }

    fn probability_of_purchases(
        &self,
        history: &PurchaseHistory,
        count: u32,
        within: Span,
    ) -> Result<Probability> {
        let record = self.record(history)?;
        let ln_alive = self.law.ln_probability_alive(record);
        let gone = if count == 0 { -ln_alive.exp_m1() } else { 0.0 };
        let if_alive = self.probability(&self.law.staying(record), count, within)?;
        Probability::new((gone + ln_alive.exp() * if_alive).min(1.0))
    }

    fn expected_purchases_of_new_customer(&self, within: Span) -> Result<f64> {
        Ok(self.law.expected_purchases(0.0, self.opportunities(within)))
    }

    fn probability_of_purchases_of_new_customer(
        &self,
        count: u32,
        within: Span,
    ) -> Result<Probability> {
        Probability::new(self.probability(&self.law, count, within)?.min(1.0))
    }

    fn discounted_purchases_if_alive(
        &self,
        history: &PurchaseHistory,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> Result<f64> {
        let staying = self.law.staying(self.record(history)?);
        let per_period = rate.continuous_per(TimeUnit::Day) * self.period.days();
        let count = match horizon {
            Horizon::Within(span) => Some(self.opportunities(span)),
            Horizon::Unlimited => None,
        };
        let expected = staying.discounted_purchases(per_period, count);
        if expected.is_finite() {
            return Ok(expected);
        }
        Err(Error::CannotTell {
            question: "the expected number of purchases".into(),
            reason: format!(
                "without discounting and horizon it is infinite where gamma does not exceed 1 (here {:.3}), because too \
                 many customers never leave: give one of the two",
                self.law.gamma
            )
            .into(),
        })
    }
}
