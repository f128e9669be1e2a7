//! What each customer is still worth, by a model where the data carry one, else by what was observed.

use crate::error::{Error, Result};
use crate::journey::JourneyLog;
use crate::measure::{Currency, DiscountRate, Span, TimeUnit};
use crate::value::{
    BgNbd, FitReport, FittedPurchaseModel, GammaGamma, Horizon, LifetimeValues, PurchaseModel,
    PurchaseSummary, Valuation,
};

use super::{Assumptions, PurchaseFinding};

/// What customers are still worth over the horizon.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct WorthFinding {
    /// How it was found, in words.
    pub method: String,
    /// Why the purchase model was refused, if it was.
    pub model_refused: Option<String>,
    /// The fitted purchase model.
    pub purchases: Option<ModelFinding>,
    /// The fitted spend model.
    pub spend: Option<ModelFinding>,
    /// Currency of the amounts.
    pub currency: Currency,
    /// Share of revenue that counts as contribution; 1 means that amounts are revenue.
    pub margin: f64,
    /// How far ahead, in days.
    pub horizon_days: f64,
    /// Effective discount rate per year.
    pub discount_rate: f64,
    /// Expected value of all customers together, in major units.
    pub total: f64,
    /// Expected value of a customer on average.
    pub mean: f64,
    /// Mean probability that a customer is still one; only a model can tell.
    pub mean_probability_alive: Option<f64>,
    /// By customer, in the log's order, in major units; 0 for customers without a purchase that stands.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub by_customer: Vec<f64>,
}

/// A fitted model in numbers and words.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ModelFinding {
    /// Its name.
    pub model: String,
    /// Parameters with their standard errors.
    pub parameters: Vec<(String, f64, Option<f64>)>,
    /// Maximum of the log-likelihood.
    pub log_likelihood: f64,
    /// What to beware of.
    pub warnings: Vec<String>,
    /// The same in words.
    pub words: String,
}

impl ModelFinding {
    fn of(report: &FitReport) -> Self {
        Self {
            model: report.model().to_owned(),
            parameters: report
                .parameters()
                .iter()
                .map(|parameter| {
                    (
                        parameter.name().to_owned(),
                        parameter.value(),
                        parameter.standard_error(),
                    )
                })
                .collect(),
            log_likelihood: report.log_likelihood(),
            warnings: report.warnings().iter().map(ToString::to_string).collect(),
            words: report.to_string(),
        }
    }
}

/// What a model makes of the histories, row by row.
struct Modelled {
    values: LifetimeValues,
    mean_probability_alive: f64,
    purchases: Option<ModelFinding>,
    spend: Option<ModelFinding>,
}

impl WorthFinding {
    /// `in_weeks` and `observed` summarise the same purchases; `None` if nobody has bought.
    pub(super) fn of(
        log: &JourneyLog,
        in_weeks: &PurchaseSummary,
        observed: &PurchaseFinding,
        assumptions: Option<&Assumptions>,
    ) -> Result<Option<Self>> {
        if in_weeks.histories().is_empty() {
            return Ok(None);
        }
        let margin = assumptions.map_or(1.0, |given| given.contribution_margin.value());
        let horizon_days = assumptions.map_or(365.0, |given| given.horizon_days);
        let yearly = assumptions.map_or(0.10, |given| given.discount_rate);
        let (horizon, rate) = (
            Span::from_days(horizon_days)?,
            DiscountRate::annual(yearly)?,
        );
        let modelled = match modelled(in_weeks, horizon, rate, margin) {
            Ok(modelled) => Ok(modelled),
            Err(
                refusal @ (Error::CannotTell { .. }
                | Error::TooFew { .. }
                | Error::Empty { .. }
                | Error::DidNotConverge { .. }),
            ) => Err(refusal.to_string()),
            Err(broken) => return Err(broken),
        };
        let rows = in_weeks.histories().len();
        let (method, amounts) = match &modelled {
            Ok(modelled) => (
                "expected purchases by BG/NBD times expected spend by Gamma–Gamma, discounted continuously".to_owned(),
                modelled.values.amounts().to_vec(),
            ),
            Err(_) => (
                "observed repeat purchases per customer and day times mean spend per purchase day, the same for \
                 every customer, discounted continuously"
                    .to_owned(),
                vec![observed_worth(observed, horizon, rate, margin); rows],
            ),
        };
        let mut by_customer = vec![0.0; log.customers()];
        for (row, &amount) in amounts.iter().enumerate() {
            if let Some(customer) = in_weeks.histories().customer(row) {
                by_customer[customer as usize] = amount;
            }
        }
        let total: f64 = amounts.iter().sum();
        let (model_refused, modelled) = match modelled {
            Ok(modelled) => (None, Some(modelled)),
            Err(reason) => (Some(reason), None),
        };
        Ok(Some(Self {
            method,
            model_refused,
            mean_probability_alive: modelled
                .as_ref()
                .map(|modelled| modelled.mean_probability_alive),
            purchases: modelled
                .as_ref()
                .and_then(|modelled| modelled.purchases.clone()),
            spend: modelled.and_then(|modelled| modelled.spend),
            currency: observed.currency,
            margin,
            horizon_days,
            discount_rate: yearly,
            total,
            mean: total / rows as f64,
            by_customer,
        }))
    }
}

fn modelled(
    summary: &PurchaseSummary,
    horizon: Span,
    rate: DiscountRate,
    margin: f64,
) -> Result<Modelled> {
    let histories = summary.histories();
    let purchases = BgNbd::default().fit(histories)?;
    let spend = GammaGamma::default().fit(histories)?;
    let valuation = Valuation::Continuous {
        rate,
        horizon: Horizon::Within(horizon),
    };
    let margin = crate::measure::Probability::new(margin)?;
    let values = LifetimeValues::of(histories, &purchases, &spend, margin, valuation)?;
    let alive = purchases.probability_alive_column(histories)?;
    Ok(Modelled {
        values,
        mean_probability_alive: alive.iter().sum::<f64>() / alive.len() as f64,
        purchases: purchases.report().map(ModelFinding::of),
        spend: spend.report().map(ModelFinding::of),
    })
}

/// Purchases come at the observed rate, each worth the mean: rate × mean × ∫ exp(−δ t) dt over the horizon.
fn observed_worth(
    observed: &PurchaseFinding,
    horizon: Span,
    rate: DiscountRate,
    margin: f64,
) -> f64 {
    let per_day = observed
        .repeats_per_day
        .as_ref()
        .map_or(0.0, crate::measure::Estimate::value);
    let spend = observed.mean_spend_per_purchase_day.unwrap_or_default();
    let force = rate.continuous_per(TimeUnit::Day);
    let days = if force > 0.0 {
        -(-force * horizon.days()).exp_m1() / force
    } else {
        horizon.days()
    };
    margin * per_day * spend * days
}
