//! What customers are worth as of the last day, and how sure that is.

use chrono::Datelike;
use tillit::Result;
use tillit::measure::{DiscountRate, Probability, Span, TimeUnit};
use tillit::report::{Cell, Column, Table, Unit, mask};
use tillit::value::{
    FittedGammaGamma, FrequencySpend, GammaGamma, Horizon, LifetimeValueIntervals, LifetimeValues,
    ParameterIntervals, Prediction, PredictiveInterval, PurchaseHistories, SimulatedModel,
    SpendIndependence, SpendIndependenceTest, SpendVerdict, Valuation,
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
    /// The same with spend that moves with the number of purchases, where the test asks for that.
    pub(crate) value_by_frequency: Option<f64>,
}

pub(crate) struct Worth {
    pub(crate) histories: PurchaseHistories,
    pub(crate) fitted: Fitted,
    /// The spend model as the calibration alone gives it.
    pub(crate) calibration_spend: FittedGammaGamma,
    pub(crate) independence: SpendIndependence,
    /// Factor on spend for each doubling of purchases, and the whole value with it; where it can be fitted.
    pub(crate) by_frequency: Option<(f64, f64)>,
    /// Whether the test advises to use or to compare that model, which has no intervals of value.
    pub(crate) is_advised: bool,
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
        let spend = GammaGamma::default().fit(&histories)?;
        let margin = Probability::new(margin)?;
        let valuation = Valuation::Continuous {
            rate: DiscountRate::annual(rate)?,
            horizon: Horizon::Unlimited,
        };
        let values = LifetimeValues::of(&histories, fitted.model(), &spend, margin, valuation)?;
        let independence = SpendIndependenceTest::default().run(calibration)?;
        let is_advised = match independence.verdict() {
            SpendVerdict::NoSignAgainst | SpendVerdict::TooSmallToMatter => false,
            // Also what later verdicts may be called.
            _ => true,
        };
        let frequency_spend = FrequencySpend::default().fit(&histories).and_then(|spend| {
            let values = LifetimeValues::of(&histories, fitted.model(), &spend, margin, valuation)?;
            Ok((spend.per_doubling(), values.amounts().to_vec()))
        });
        let frequency_spend = frequency_spend.ok();
        let mut order: Vec<usize> = (0..histories.len()).collect();
        order.sort_by(|&one, &two| values.amounts()[two].total_cmp(&values.amounts()[one]));
        let descending = order.iter().map(|&row| values.amounts()[row]).collect();
        order.truncate(SHOWN);
        let names: Vec<String> = order
            .iter()
            .map(|&row| {
                mask(
                    histories
                        .customer(row)
                        .map_or("", |number| purchases.key(number)),
                )
            })
            .collect();
        let few = selected(&histories, &order)?;
        let ask = (&few, names.as_slice(), &spend, margin, valuation);
        let mut best = match &fitted {
            Fitted::Pareto(model) => best(model, ask),
            Fitted::Bg(model) => best(model, ask),
            Fitted::Mbg(model) => best(model, ask),
        }?;
        if let Some((_, amounts)) = frequency_spend.as_ref().filter(|_| is_advised) {
            for (best, &row) in best.iter_mut().zip(&order) {
                best.value_by_frequency = Some(amounts[row]);
            }
        }
        Ok(Self {
            histories,
            fitted,
            by_frequency: frequency_spend.map(|(factor, amounts)| (factor, amounts.iter().sum())),
            is_advised,
            calibration_spend: GammaGamma::default().fit(calibration)?,
            independence,
            margin,
            rate,
            unit: Unit::whole_money(purchases.currency),
            descending,
            best,
        })
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

    /// What would change if spend moved with the number of purchases; empty where that cannot be fitted.
    pub(crate) fn way_out(&self) -> String {
        self.by_frequency.map_or(String::new(), |(factor, total)| {
            format!(
                "With FrequencySpend each doubling of purchases multiplies spend by {factor:.3}, and all customers together \
                 are worth {} instead of {}.",
                self.unit.write(total),
                self.unit.write(self.total())
            )
        })
    }

    /// On what the values rest where the test advises another spend model than the one that has intervals.
    pub(crate) fn caution(&self) -> Option<String> {
        let total = match (self.is_advised, self.by_frequency) {
            (false, _) => return None,
            (true, Some((_, total))) => format!(
                "; by FrequencySpend they are worth {} together, and the table gives its value beside each interval",
                self.unit.write(total)
            ),
            (true, None) => ", and FrequencySpend cannot be fitted here".into(),
        };
        Some(format!(
            "all values, their order and their intervals rest on Gamma–Gamma, though the test of independence points to \
             FrequencySpend, for which there are no intervals{total}"
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
        let with_frequency = self.is_advised && self.by_frequency.is_some();
        let values = self.best.iter().map(|best| {
            let mut row = vec![best.name.as_str().into(), Cell::Number(best.value, money)];
            if with_frequency {
                row.push(Cell::optional(best.value_by_frequency, money));
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
                columns(if with_frequency {
                    &["Lifetime value", "By FrequencySpend"]
                } else {
                    &["Lifetime value"]
                }),
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

type Question<'a> = (
    &'a PurchaseHistories,
    &'a [String],
    &'a FittedGammaGamma,
    Probability,
    Valuation,
);

fn best<Model: SimulatedModel>(
    model: &Model,
    (few, names, spend, margin, valuation): Question<'_>,
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
            value_by_frequency: None,
        });
    }
    Ok(all)
}
