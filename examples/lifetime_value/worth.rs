//! What customers are worth as of the last day, and how sure that is.

use chrono::Datelike;
use tillit::Result;
use tillit::measure::{DiscountRate, Probability, Span, TimeUnit};
use tillit::report::{Cell, Column, Table, Unit, mask};
use tillit::value::{
    FittedGammaGamma, FittedSpendModel, FrequencySpend, GammaGamma, Horizon,
    LifetimeValueIntervals, LifetimeValues, ParameterIntervals, Prediction, PredictiveInterval,
    PurchaseHistories, SimulatedModel, SimulatedSpend, SpendIndependence, SpendIndependenceTest,
    SpendVerdict, Valuation,
};

use crate::candidate::Fitted;
use crate::purchases::Purchases;

/// How many of the most valuable customers are shown.
const SHOWN: usize = 20;

/// One of the most valuable customers. Intervals: of the expectation (parameters), then of what may happen (predictive).
pub(crate) struct Best {
    pub(crate) name: String,
    pub(crate) repeat_purchases: u32,
    pub(crate) weeks_silent: f64,
    pub(crate) alive: f64,
    pub(crate) purchases: f64,
    pub(crate) purchases_parameter: (f64, f64),
    pub(crate) purchases_predictive: (f64, f64),
    pub(crate) value: f64,
    pub(crate) value_parameter: (f64, f64),
    pub(crate) value_predictive: (f64, f64),
    /// The same by the other spend model, where the test of independence speaks for a comparison.
    pub(crate) value_by_other: Option<f64>,
}

/// What customers are worth by one spend model.
struct Valued {
    amounts: Vec<f64>,
    /// Rows, the most valuable first.
    order: Vec<usize>,
    best: Vec<Best>,
}

pub(crate) struct Worth {
    pub(crate) histories: PurchaseHistories,
    pub(crate) fitted: Fitted,
    /// The spend model as the calibration alone gives it.
    pub(crate) calibration_spend: FittedGammaGamma,
    pub(crate) independence: SpendIndependence,
    /// Factor on spend for each doubling of purchases; where it can be fitted.
    per_doubling: Option<f64>,
    /// Whether everything rests on spend by frequency, as the test advises.
    uses_frequency: bool,
    /// The whole value by the spend model that is not used, where both can be fitted.
    other_total: Option<f64>,
    pub(crate) margin: Probability,
    pub(crate) rate: f64,
    pub(crate) unit: Unit,
    /// Values of all customers, highest first.
    pub(crate) descending: Vec<f64>,
    pub(crate) best: Vec<Best>,
}

impl Worth {
    /// Fits the chosen model and the spend again to everything that is known, and values everyone.
    pub(crate) fn of(
        purchases: &Purchases,
        chosen: &Fitted,
        calibration: &PurchaseHistories,
        margin: f64,
        rate: f64,
    ) -> Result<Self> {
        let summary = purchases
            .days
            .summarise(purchases.last.num_days_from_ce(), TimeUnit::Week)?;
        let histories = summary.histories().clone();
        let fitted = chosen.again(&histories)?;
        let independent = GammaGamma::default().fit(&histories)?;
        let by_frequency = FrequencySpend::default().fit(&histories).ok();
        let margin = Probability::new(margin)?;
        let valuation = Valuation::Continuous {
            rate: DiscountRate::annual(rate)?,
            horizon: Horizon::Unlimited,
        };
        let independence = SpendIndependenceTest::default().run(calibration)?;
        let is_advised = matches!(
            independence.verdict(),
            SpendVerdict::RisesWithPurchases | SpendVerdict::FallsWithPurchases
        );
        let (question, names) = ((&histories, margin, valuation), purchases);
        let by_other = |spend: &dyn FittedSpendModel| {
            LifetimeValues::of(&histories, fitted.model(), spend, margin, valuation)
        };
        let (uses_frequency, mut valued, other) = match &by_frequency {
            Some(spend) if is_advised => (
                true,
                Valued::of(question, names, &fitted, spend)?,
                Some(by_other(&independent)?),
            ),
            other => (
                false,
                Valued::of(question, names, &fitted, &independent)?,
                other.as_ref().map(|spend| by_other(spend)).transpose()?,
            ),
        };
        let compares = match independence.verdict() {
            SpendVerdict::NoSignAgainst | SpendVerdict::TooSmallToMatter => false,
            // Also what later verdicts may be called.
            _ => true,
        };
        if let Some(other) = other.as_ref().filter(|_| compares) {
            for (best, &row) in valued.best.iter_mut().zip(&valued.order) {
                best.value_by_other = Some(other.amounts()[row]);
            }
        }
        let descending = valued.order.iter().map(|&row| valued.amounts[row]);
        let descending = descending.collect();
        Ok(Self {
            histories,
            fitted,
            per_doubling: by_frequency.map(|spend| spend.per_doubling()),
            uses_frequency,
            other_total: other.map(|values| values.amounts().iter().sum()),
            calibration_spend: GammaGamma::default().fit(calibration)?,
            independence,
            margin,
            rate,
            unit: Unit::whole_money(purchases.currency),
            descending,
            best: valued.best,
        })
    }

    /// The spend model on which all values rest, as it is called.
    pub(crate) fn spend_name(&self) -> &'static str {
        spend_name(self.uses_frequency)
    }

    pub(crate) fn total(&self) -> f64 {
        self.descending.iter().sum()
    }

    /// Shares of the whole value in ten equal parts of the customers, the most valuable first.
    pub(crate) fn tenths(&self) -> Vec<f64> {
        let (all, total) = (self.descending.len(), self.total());
        (0..10)
            .map(|tenth| {
                let part = &self.descending[tenth * all / 10..(tenth + 1) * all / 10];
                part.iter().sum::<f64>() / total
            })
            .collect()
    }

    /// What would change with the other spend model; empty where that cannot be fitted.
    pub(crate) fn way_out(&self) -> String {
        let (Some(factor), Some(other)) = (self.per_doubling, self.other_total) else {
            return String::new();
        };
        format!(
            "With FrequencySpend each doubling of purchases multiplies spend by {factor:.3}. Values rest on {}: all \
             customers together are worth {}, by {} {}.",
            self.spend_name(),
            self.unit.write(self.total()),
            spend_name(!self.uses_frequency),
            self.unit.write(other)
        )
    }

    /// On what the values rest where the test does not settle it.
    pub(crate) fn caution(&self) -> Option<String> {
        let advice = match self.independence.verdict() {
            SpendVerdict::NoSignAgainst | SpendVerdict::TooSmallToMatter => return None,
            _ if self.uses_frequency => return None,
            SpendVerdict::RisesWithPurchases | SpendVerdict::FallsWithPurchases => {
                "the test of independence points to FrequencySpend, which cannot be fitted here"
            }
            _ if self.other_total.is_some() => {
                "the test of independence is undecided: the table gives the value by FrequencySpend beside them"
            }
            _ => "the test of independence is undecided, and FrequencySpend cannot be fitted here",
        };
        Some(format!(
            "all values, their order and their intervals rest on Gamma–Gamma, though {advice}"
        ))
    }

    /// What the test of independence says, and what the way out would change.
    pub(crate) fn spend_in_words(&self) -> String {
        format!(
            "Correlation of purchases and mean spend {:.3}, p = {:.3}: {}. {}",
            self.independence.pearson().value(),
            self.independence.pearson_p_value().value(),
            self.independence.verdict(),
            self.way_out()
        )
    }

    /// The most valuable customers with both kinds of intervals: what they buy, and what they are worth.
    pub(crate) fn tables(&self) -> Result<[Table; 2]> {
        let (count, money) = (Unit::plain(1), self.unit);
        let between =
            |unit: Unit, limits: (f64, f64)| Cell::Text(unit.write_interval(limits.0, limits.1));
        let purchases = self.best.iter().map(|best| {
            vec![
                best.name.as_str().into(),
                Cell::Number(f64::from(best.repeat_purchases), Unit::count()),
                Cell::Number(best.weeks_silent, Unit::plain(1)),
                Cell::Number(best.alive, Unit::percent(0)),
                Cell::Number(best.purchases, count),
                between(count, best.purchases_parameter),
                between(Unit::count(), best.purchases_predictive),
            ]
        });
        let other = format!("By {}", spend_name(!self.uses_frequency));
        let compares = self.best.iter().any(|best| best.value_by_other.is_some());
        let mut of_value = vec!["Lifetime value"];
        if compares {
            of_value.push(&other);
        }
        let values = self.best.iter().map(|best| {
            let mut row = vec![best.name.as_str().into(), Cell::Number(best.value, money)];
            if compares {
                row.push(Cell::optional(best.value_by_other, money));
            }
            row.push(between(Unit::count(), best.value_parameter));
            row.push(between(money, best.value_predictive));
            row
        });
        let intervals = ["Parameter interval, 90%", "Predictive interval, 90%"];
        let columns = |first: &[&str]| {
            let numbers = first
                .iter()
                .chain(&intervals)
                .map(|name| Column::number(*name));
            std::iter::once(Column::text("Customer"))
                .chain(numbers)
                .collect()
        };
        Ok([
            Table::new(
                format!(
                    "The {} most valuable customers: what they still buy",
                    self.best.len()
                ),
                columns(&[
                    "Repeat purchases",
                    "Weeks silent",
                    "P(alive)",
                    "Purchases in a year",
                ]),
                purchases.collect(),
            )?,
            Table::new(
                format!(
                    "The {} most valuable customers: what they are still worth",
                    self.best.len()
                ),
                columns(&of_value),
                values.collect(),
            )?,
        ])
    }
}

fn selected(histories: &PurchaseHistories, rows: &[usize]) -> Result<PurchaseHistories> {
    let of = |column: &[f64]| rows.iter().map(|&row| column[row]).collect::<Vec<f64>>();
    let counts = rows
        .iter()
        .map(|&row| histories.repeat_purchases()[row])
        .collect();
    let few = PurchaseHistories::from_columns(
        histories.unit(),
        counts,
        of(histories.active_for()),
        of(histories.observed_for()),
    )?;
    match histories.mean_repeat_spend() {
        Some((currency, means)) => few.with_mean_repeat_spend(currency, of(means)),
        None => Ok(few),
    }
}

fn spend_name(by_frequency: bool) -> &'static str {
    if by_frequency {
        "FrequencySpend"
    } else {
        "Gamma–Gamma"
    }
}

impl Valued {
    fn of<Spend: SimulatedSpend>(
        (histories, margin, valuation): (&PurchaseHistories, Probability, Valuation),
        purchases: &Purchases,
        fitted: &Fitted,
        spend: &Spend,
    ) -> Result<Self> {
        let values = LifetimeValues::of(histories, fitted.model(), spend, margin, valuation)?;
        let amounts = values.amounts().to_vec();
        let mut order: Vec<usize> = (0..amounts.len()).collect();
        order.sort_by(|&one, &two| amounts[two].total_cmp(&amounts[one]));
        let first = &order[..SHOWN.min(order.len())];
        let name = |&row| {
            let key = histories.customer(row).map(|number| purchases.key(number));
            mask(key.unwrap_or(""))
        };
        let names: Vec<String> = first.iter().map(name).collect();
        let few = selected(histories, first)?;
        let ask = (&few, names.as_slice(), spend, margin, valuation);
        let best = match fitted {
            Fitted::Pareto(model) => best(model, ask),
            Fitted::Bg(model) => best(model, ask),
            Fitted::Mbg(model) => best(model, ask),
        }?;
        Ok(Self {
            amounts,
            order,
            best,
        })
    }
}

type Question<'a, Spend> = (
    &'a PurchaseHistories,
    &'a [String],
    &'a Spend,
    Probability,
    Valuation,
);

fn best<Model: SimulatedModel, Spend: SimulatedSpend>(
    model: &Model,
    (few, names, spend, margin, valuation): Question<'_, Spend>,
) -> Result<Vec<Best>> {
    let level = Probability::new(0.9)?;
    let year = Span::new(1.0, TimeUnit::Year)?;
    let alive = model.probability_alive_column(few)?;
    let expected = ParameterIntervals::expected_purchases(model, few, year, level)?;
    let values = LifetimeValueIntervals::of(few, model, spend, margin, valuation, level)?;
    let chance = Prediction::new(2357).with_parameters_in_doubt();
    let mut all = Vec::new();
    for (row, history) in few.iter().enumerate() {
        let (Some(purchases), Some(value)) = (expected.get(row), values.amounts().get(row)) else {
            continue;
        };
        // The number of purchases from exact probabilities; parameters known, as their doubt is small beside chance.
        let number =
            PredictiveInterval::of_purchases(model, &history, year, level, Prediction::new(1))?;
        let worth = PredictiveInterval::of_value(
            (model, spend),
            &history,
            margin,
            valuation,
            level,
            chance,
        )?;
        all.push(Best {
            name: names[row].clone(),
            repeat_purchases: history.repeat_purchases(),
            weeks_silent: history.observed_for(TimeUnit::Week) - history.active_for(TimeUnit::Week),
            alive: alive[row],
            purchases: purchases.value(),
            purchases_parameter: (purchases.low(), purchases.high()),
            purchases_predictive: (number.low(), number.high()),
            value: value.value(),
            value_parameter: (value.low(), value.high()),
            value_predictive: (worth.low(), worth.high()),
            value_by_other: None,
        });
    }
    Ok(all)
}
