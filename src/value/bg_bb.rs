//! The BG/BB model: one opportunity to buy per period, and customers may leave before each.

use crate::error::{Error, Result};
use crate::measure::{DiscountRate, Probability, Span, TimeUnit};
use crate::numeric::Maximum;

use super::beta_bernoulli::BetaBernoulli;
use super::fit::{FitWarning, Sample, climb, in_logarithms, report};
use super::purchase_opportunities::UseRecord;
use super::tenures::require_period;
use super::{
    FitReport, FittedPurchaseModel, Horizon, PurchaseHistories, PurchaseHistory, PurchaseModel,
    PurchaseOpportunities,
};

const NAME: &str = "BG/BB";

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
        let sample = require_evidence(purchases)?;
        let starts: Vec<Vec<f64>> = self
            .start
            .map(|law| vec![law.alpha, law.beta, law.gamma, law.delta])
            .into_iter()
            .chain([
                vec![1.0, 1.0, 0.5, 3.0],
                vec![0.3, 0.6, 0.3, 1.0],
                vec![3.0, 5.0, 1.0, 20.0],
            ])
            .collect();
        let limit = LARGEST_PARAMETER.ln();
        let law = |point: &[f64]| BetaBernoulli {
            alpha: point[0].exp(),
            beta: point[1].exp(),
            gamma: point[2].exp(),
            delta: point[3].exp(),
        };
        let end = climb(&starts, &[(-limit, limit); 4], |point| {
            let law = law(point);
            in_logarithms(
                &[law.alpha, law.beta, law.gamma, law.delta],
                &law.derivatives(purchases),
            )
        })
        .ok_or(Error::Empty {
            what: "the list of starts".into(),
            remedy: "give one".into(),
        })?;
        Ok(FittedBgBb {
            law: law(&end.point),
            period,
            report: Some(judge(sample, &end)?),
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

/// Parameters are searched between the inverse of this and this. Beyond, customers no longer differ in any visible way.
const LARGEST_PARAMETER: f64 = 1e6;

fn require_evidence(purchases: &PurchaseOpportunities) -> Result<Sample> {
    /// Convention; with fewer there is no spread of purchase chances to see.
    const FEWEST_REPEATERS: usize = 10;
    /// With n opportunities there are n (n + 1) / 2 + 1 different records.
    const FEWEST_OPPORTUNITIES: u32 = 3;
    const REMEDY: &str = "use the observed contribution per customer";
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let sample = Sample {
        model: NAME,
        customers: count(purchases.customers()),
        repeaters: count(purchases.repeaters()),
        patterns: purchases.by_use().len(),
    };
    if sample.customers == 0 {
        return Err(Error::Empty {
            what: "the purchase histories".into(),
            remedy: "give at least one customer".into(),
        });
    }
    if sample.repeaters < FEWEST_REPEATERS {
        return Err(Error::TooFew {
            what: format!("{NAME} needs customers with a repeat purchase").into(),
            found: sample.repeaters,
            needed: FEWEST_REPEATERS,
            remedy: REMEDY.into(),
        });
    }
    let most = purchases.by_use().keys().map(|record| record.n).max();
    let most = most.unwrap_or(0);
    if most < FEWEST_OPPORTUNITIES {
        return Err(Error::TooFew {
            what: format!("{NAME} needs customers with several opportunities").into(),
            found: most as usize,
            needed: FEWEST_OPPORTUNITIES as usize,
            remedy: REMEDY.into(),
        });
    }
    Ok(sample)
}

/// Decides whether the end of the search is an answer, the limit of one, or none.
fn judge(sample: Sample, end: &Maximum) -> Result<FitReport> {
    /// Below this mean probability to leave not one of a thousand opportunities is a last one.
    const NOBODY: f64 = 1e-3;
    /// Below this share of repeat buyers the fit describes a small minority.
    const FEW_REPEATERS: f64 = 0.05;
    /// A standard error of the logarithm above 1: the 95 % interval spans a factor of 50.
    const UNKNOWN: f64 = 1.0;
    let point = &end.point;
    let nobody_leaves = 1.0 / (1.0 + (point[3] - point[2]).exp()) < NOBODY;
    // On the bound of large parameters all customers are alike; on that of small ones they are extremes.
    let on_bound = |pair: [usize; 2]| pair.iter().any(|&index| end.at_bound[index]);
    let large = |pair: [usize; 2]| point[pair[0]].max(point[pair[1]]) > 0.0;
    let equal_chances = on_bound([0, 1]) && large([0, 1]);
    let equal_churn = on_bound([2, 3]) && large([2, 3]) && !nobody_leaves;
    let extremes = (on_bound([0, 1]) && !equal_chances)
        || (on_bound([2, 3]) && !(equal_churn || nobody_leaves));
    if extremes {
        return Err(Error::CannotTell {
            question: "how the chances to buy and to leave differ between customers".into(),
            reason: format!(
                "the likelihood keeps growing towards the edge (alpha = {:.1e}, beta = {:.1e}, gamma = {:.1e}, delta = \
                 {:.1e}): use the observed contribution per customer",
                point[0].exp(),
                point[1].exp(),
                point[2].exp(),
                point[3].exp()
            )
            .into(),
        });
    }
    let identified: &[usize] = match (equal_chances, nobody_leaves || equal_churn) {
        (false, false) => &[0, 1, 2, 3],
        (false, true) => &[0, 1],
        (true, false) => &[2, 3],
        (true, true) => &[],
    };
    let mut report = report(
        sample,
        &["alpha", "beta", "gamma", "delta"],
        end,
        identified,
    )?;
    for parameter in report.parameters() {
        let relative = parameter
            .standard_error()
            .map(|error| error / parameter.value());
        if let Some(relative) = relative.filter(|&relative| relative > UNKNOWN) {
            return Err(Error::CannotTell {
                question: "who will buy again".into(),
                reason: format!(
                    "{} = {:.3} has a standard error of {:.0} % of its value, so these {} repeat buyers among {} customers \
                     do not fix the model: use the observed contribution per customer",
                    parameter.name(),
                    parameter.value(),
                    100.0 * relative,
                    sample.repeaters,
                    sample.customers
                )
                .into(),
            });
        }
    }
    if equal_chances {
        report.warn(FitWarning::EqualRates);
    }
    if equal_churn {
        report.warn(FitWarning::EqualChurn);
    }
    if nobody_leaves {
        report.warn(FitWarning::NobodyLeaves);
    }
    let once = 1.0 - sample.repeaters as f64 / sample.customers as f64;
    if once > 1.0 - FEW_REPEATERS {
        report.warn(FitWarning::MostlyBoughtOnce { share: once });
    }
    Ok(report)
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
            report: parts.report,
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

    fn probability(&self, law: &BetaBernoulli, count: u32, within: Span) -> Result<f64> {
        /// Convention; the sum has one term for each.
        const MOST_OPPORTUNITIES: f64 = 1e6;
        let opportunities = self.opportunities(within);
        Error::unless(
            opportunities <= MOST_OPPORTUNITIES,
            "number of opportunities ahead",
            opportunities,
            "not exceed a million",
        )?;
        // Whole and within range, as just checked.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let opportunities = opportunities as u32;
        Ok(law.probability_of_purchases(count, opportunities))
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
