//! The doubt that the parameters bring into the answers for many customers.

use crate::error::{Error, Result};
use crate::measure::{Currency, DiscountRate, Probability, Span, critical_value};

use crate::value::lifetime_value::spend_column;
use crate::value::model::column;
use crate::value::uncertainty::directions::{STEP, directions, moved, slope};
use crate::value::uncertainty::distinct::DistinctHistories;
use crate::value::{
    FittedPurchaseModel, FittedSpendModel, Horizon, ParameterInterval, ParametricModel,
    PurchaseHistories, Quantity, Valuation,
};

/// [`ParameterInterval`]s of many answers at once, in columns.
///
/// Two columns are computed beside the fit for each parameter and one at it, each with all the sharing that the column
/// functions know; the ready-made questions answer alike histories once.
///
/// ```
/// use tillit::measure::{Probability, Span, TimeUnit};
/// use tillit::value::{MbgNbd, ParameterIntervals, PurchaseHistories, PurchaseModel};
///
/// let counts: Vec<u32> = (0..300).map(|row| row * row % 17 * (row % 3)).collect();
/// let active_for = counts.iter().zip(0..).map(|(&x, row)| if x > 0 { 5.0 + f64::from(row % 15) } else { 0.0 });
/// let histories =
///     PurchaseHistories::from_columns(TimeUnit::Week, counts.clone(), active_for.collect(), vec![20.0; 300])?;
/// let model = MbgNbd::default().fit(&histories)?;
/// let ahead = Span::new(26.0, TimeUnit::Week)?;
/// let expected = ParameterIntervals::expected_purchases(&model, &histories, ahead, Probability::new(0.9)?)?;
/// let third = expected.get(2).unwrap();
/// assert!(third.low() < third.value() && third.value() < third.high());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterIntervals {
    quantity: Quantity,
    level: Probability,
    critical: f64,
    /// As the model answers.
    found: Vec<f64>,
    /// Standard errors on the scale of the quantity.
    errors: Vec<f64>,
}

impl ParameterIntervals {
    /// What `answers` says of `model`, row by row, with limits at the nominal `level`.
    ///
    /// # Errors
    /// As [`ParameterInterval::of`]; [`Error::UnequalLengths`] if `answers` gives columns of different lengths.
    pub fn of<Model: ParametricModel>(
        model: &Model,
        level: Probability,
        quantity: Quantity,
        answers: impl Fn(&Model) -> Result<Vec<f64>>,
    ) -> Result<Self> {
        let critical = critical_value::normal(level)?;
        let found = answers(model)?;
        for &number in &found {
            quantity.to_scale(number)?;
        }
        let mut errors = vec![0.0; found.len()];
        for direction in directions(model)? {
            let plus = answers(&moved(model, &direction, STEP)?)?;
            let minus = answers(&moved(model, &direction, -STEP)?)?;
            if plus.len() != found.len() || minus.len() != found.len() {
                return Err(Error::UnequalLengths {
                    left: "the answers at the fit",
                    left_len: found.len(),
                    right: "the answers beside it",
                    right_len: plus.len(),
                });
            }
            for (error, (&plus, &minus)) in errors.iter_mut().zip(plus.iter().zip(&minus)) {
                let slope = slope(quantity.to_scale(plus)?, quantity.to_scale(minus)?);
                *error += slope * slope;
            }
        }
        for error in &mut errors {
            *error = error.sqrt();
        }
        Ok(Self {
            quantity,
            level,
            critical,
            found,
            errors,
        })
    }

    /// [`FittedPurchaseModel::expected_purchases`] of every row.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn expected_purchases<Model: ParametricModel + FittedPurchaseModel>(
        model: &Model,
        histories: &PurchaseHistories,
        within: Span,
        level: Probability,
    ) -> Result<Self> {
        Self::of_distinct(histories, model, level, Quantity::Positive, |model, few| {
            model.expected_purchases_column(few, within)
        })
    }

    /// [`FittedPurchaseModel::probability_alive`] of every row.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn probability_alive<Model: ParametricModel + FittedPurchaseModel>(
        model: &Model,
        histories: &PurchaseHistories,
        level: Probability,
    ) -> Result<Self> {
        Self::of_distinct(histories, model, level, Quantity::LnShare, |model, few| {
            column(few, |history| model.ln_probability_alive(history))
        })
    }

    /// [`FittedPurchaseModel::discounted_purchases`] of every row.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn discounted_purchases<Model: ParametricModel + FittedPurchaseModel>(
        model: &Model,
        histories: &PurchaseHistories,
        rate: DiscountRate,
        horizon: Horizon,
        level: Probability,
    ) -> Result<Self> {
        let valuation = Valuation::Continuous { rate, horizon };
        Self::valued_purchases(model, histories, valuation, level)
    }

    fn valued_purchases<Model: ParametricModel + FittedPurchaseModel>(
        model: &Model,
        histories: &PurchaseHistories,
        valuation: Valuation,
        level: Probability,
    ) -> Result<Self> {
        Self::of_distinct(histories, model, level, Quantity::Positive, |model, few| {
            valuation.column(model, few)
        })
    }

    fn of_distinct<Model: ParametricModel>(
        histories: &PurchaseHistories,
        model: &Model,
        level: Probability,
        quantity: Quantity,
        answers: impl Fn(&Model, &PurchaseHistories) -> Result<Vec<f64>>,
    ) -> Result<Self> {
        let distinct = DistinctHistories::of(histories)?;
        let few = Self::of(model, level, quantity, |model| {
            answers(model, &distinct.histories)
        })?;
        Ok(Self {
            found: distinct.spread(&few.found),
            errors: distinct.spread(&few.errors),
            ..few
        })
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The interval in `row`; `None` beyond the end.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<ParameterInterval> {
        let found = *self.found.get(row)?;
        let scaled = self.quantity.to_scale(found).ok()?;
        let error = self.errors[row];
        ParameterInterval::on_scale(
            self.quantity,
            found,
            scaled,
            error,
            self.critical,
            self.level,
        )
        .ok()
    }

    /// All intervals, row by row.
    pub fn iter(&self) -> impl Iterator<Item = ParameterInterval> + '_ {
        (0..self.len()).filter_map(|row| self.get(row))
    }

    /// Values at the fitted parameters.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.found
            .iter()
            .map(|&found| self.quantity.value(found))
            .collect()
    }

    /// Lower and upper limit of every row.
    #[must_use]
    pub fn limits(&self) -> Vec<(f64, f64)> {
        self.iter()
            .map(|interval| (interval.low(), interval.high()))
            .collect()
    }
}

/// The residual value of every customer with the doubt of purchase and spend parameters, in one currency.
///
/// The value is a product of discounted purchases and mean spend, whose estimates are independent
/// ([`IndependentFits`](crate::value::IndependentFits)): the variances of their logarithms add, so each model is moved for
/// itself and alike purchase histories are answered once.
///
/// ```
/// use tillit::measure::{Currency, DiscountRate, ExpectedMoney, Probability, TimeUnit};
/// use tillit::value::{
///     FixedSpend, Horizon, LifetimeValueIntervals, MbgNbd, PurchaseHistories, PurchaseModel, Valuation,
/// };
///
/// let counts: Vec<u32> = (0..300).map(|row| row * row % 17 * (row % 3)).collect();
/// let active_for = counts.iter().zip(0..).map(|(&x, row)| if x > 0 { 5.0 + f64::from(row % 15) } else { 0.0 });
/// let histories =
///     PurchaseHistories::from_columns(TimeUnit::Week, counts.clone(), active_for.collect(), vec![20.0; 300])?;
/// let model = MbgNbd::default().fit(&histories)?;
/// let spend = FixedSpend(ExpectedMoney::new(35.0, Currency::new("USD")?)?);
/// let valuation = Valuation::Continuous { rate: DiscountRate::annual(0.15)?, horizon: Horizon::Unlimited };
/// let (margin, level) = (Probability::new(0.3)?, Probability::new(0.9)?);
/// let values = LifetimeValueIntervals::of(&histories, &model, &spend, margin, valuation, level)?;
/// assert_eq!((values.amounts().len(), values.currency().code()), (300, "USD"));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LifetimeValueIntervals {
    currency: Currency,
    amounts: ParameterIntervals,
}

impl LifetimeValueIntervals {
    /// What [`LifetimeValues::of`](crate::value::LifetimeValues::of) says, with limits at the nominal `level`.
    ///
    /// # Errors
    /// As [`LifetimeValues::of`](crate::value::LifetimeValues::of) and [`ParameterInterval::of`].
    pub fn of<Purchases, Spend>(
        histories: &PurchaseHistories,
        model: &Purchases,
        spend: &Spend,
        margin: Probability,
        valuation: Valuation,
        level: Probability,
    ) -> Result<Self>
    where
        Purchases: ParametricModel + FittedPurchaseModel,
        Spend: ParametricModel + FittedSpendModel,
    {
        let (currency, _) = spend_column(histories, spend)?;
        let each = ParameterIntervals::of(spend, level, Quantity::Positive, |spend| {
            Ok(spend_column(histories, spend)?.1)
        })?;
        let mut amounts = ParameterIntervals::valued_purchases(model, histories, valuation, level)?;
        for row in 0..amounts.len() {
            amounts.found[row] *= margin.value() * each.found[row];
            amounts.errors[row] = amounts.errors[row].hypot(each.errors[row]);
        }
        Ok(Self { currency, amounts })
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Amounts in major units, row by row as in the histories.
    #[must_use]
    pub fn amounts(&self) -> &ParameterIntervals {
        &self.amounts
    }
}

#[cfg(test)]
mod tests {
    use crate::Error;
    use crate::error::Result;
    use crate::measure::{
        Currency, DiscountRate, ExpectedMoney, Probability, Span, TimeUnit, critical_value,
    };
    use crate::value::uncertainty::simulated::{beta_geometric, pareto, with_spend};
    use crate::value::{
        BgNbd, ContractModel, FittedBgNbd, FittedContractModel, FittedPurchaseModel,
        FittedSpendModel, FixedSpend, GammaGamma, Horizon, IndependentFits, LifetimeValueIntervals,
        ParameterInterval, ParameterIntervals, ParametricModel, ParetoNbd, PurchaseModel, Quantity,
        ShiftedBetaGeometric, Tenures, Valuation,
    };

    fn level() -> Probability {
        Probability::new(0.9).unwrap()
    }

    fn weeks(count: f64) -> Span {
        Span::new(count, TimeUnit::Week).unwrap()
    }

    /// √(g′ Σ g) with the gradient from eighth-order differences in the coordinates themselves, at steps that have
    /// nothing to do with standard errors.
    fn error_by_gradient<Model: ParametricModel>(
        model: &Model,
        answer: impl Fn(&Model) -> Result<f64>,
    ) -> f64 {
        const H: f64 = 0.02;
        let at = model.coordinates();
        let slopes: Vec<f64> = (0..at.len())
            .map(|index| {
                let pair = |k: f64| {
                    let at = |h: f64| {
                        let mut moved = at.clone();
                        moved[index] += h;
                        answer(&model.at_coordinates(&moved).unwrap()).unwrap()
                    };
                    at(k * H) - at(-k * H)
                };
                (672.0 * pair(1.0) - 168.0 * pair(2.0) + 32.0 * pair(3.0) - 3.0 * pair(4.0))
                    / (840.0 * H)
            })
            .collect();
        let covariance = model.covariance().unwrap();
        let mut variance = 0.0;
        for (row, left) in slopes.iter().enumerate() {
            for (column, right) in slopes.iter().enumerate() {
                variance += left * right * covariance[row * slopes.len() + column];
            }
        }
        variance.sqrt()
    }

    fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
        assert!(
            (found - expected).abs() <= tolerance * expected.abs(),
            "{what}: {found} {expected}"
        );
    }

    fn check_rows<Model: PurchaseModel>(model: &Model, histories: &crate::value::PurchaseHistories)
    where
        Model::Fitted: ParametricModel,
    {
        let model = model.fit(histories).unwrap();
        let rate = DiscountRate::annual(0.12).unwrap();
        let purchases =
            ParameterIntervals::expected_purchases(&model, histories, weeks(30.0), level())
                .unwrap();
        let alive = ParameterIntervals::probability_alive(&model, histories, level()).unwrap();
        let residual = ParameterIntervals::discounted_purchases(
            &model,
            histories,
            rate,
            Horizon::Unlimited,
            level(),
        )
        .unwrap();
        for row in (0..histories.len()).step_by(41) {
            let history = histories.get(row).unwrap();
            for (found, answer) in [
                (
                    purchases.get(row).unwrap(),
                    &(|m: &Model::Fitted| m.expected_purchases(&history, weeks(30.0)))
                        as &dyn Fn(&Model::Fitted) -> Result<f64>,
                ),
                (alive.get(row).unwrap(), &|m| {
                    Ok(m.ln_probability_alive(&history)?.exp())
                }),
                (residual.get(row).unwrap(), &|m| {
                    m.discounted_purchases(&history, rate, Horizon::Unlimited)
                }),
            ] {
                assert_close(found.value(), answer(&model).unwrap(), 1e-12, "value");
                let error = error_by_gradient(&model, answer);
                assert!(
                    (found.standard_error() - error).abs() <= 3e-6 * error + 1e-12,
                    "{} {row}: {} {error}",
                    model.name(),
                    found.standard_error()
                );
                assert!(found.low() <= found.value() && found.value() <= found.high());
            }
            assert!(alive.get(row).unwrap().high() <= 1.0);
        }
    }

    #[test]
    fn columns_have_the_errors_that_the_gradient_gives() {
        check_rows(
            &BgNbd::default(),
            &beta_geometric(1500, [0.5, 6.0, 0.8, 2.4], false, 1),
        );
        check_rows(
            &ParetoNbd::default(),
            &pareto(1500, [0.6, 10.0, 0.6, 12.0], 2),
        );
    }

    #[test]
    fn a_parameter_in_doubt_has_its_standard_error_from_the_report() {
        let histories = beta_geometric(1500, [0.5, 6.0, 0.8, 2.4], false, 1);
        let model = BgNbd::default().fit(&histories).unwrap();
        let found =
            ParameterInterval::of(&model, level(), Quantity::Positive, |model| Ok(model.b()))
                .unwrap();
        let parameter = &model.report().unwrap().parameters()[3];
        let error = parameter.standard_error().unwrap();
        assert_close(found.standard_error(), error, 1e-6, "se");
        let z = critical_value::normal(level()).unwrap();
        let high = parameter.value() * (z * error / parameter.value()).exp();
        assert_close(found.high(), high, 1e-5, "high");
    }

    #[test]
    fn the_survival_under_contract_is_as_doubtful_as_its_exact_slopes_say() {
        let year = Span::new(1.0, TimeUnit::Year).unwrap();
        let cohort =
            Tenures::from_survivors(year, &[1000, 869, 743, 653, 593, 551, 517, 491]).unwrap();
        let model = ShiftedBetaGeometric::default().fit(&cohort).unwrap();
        for (renewals, more) in [(0, 7), (2, 1), (5, 30)] {
            let exact = model.survival_estimate(renewals, more, level()).unwrap();
            let found = ParameterInterval::of(&model, level(), Quantity::LnShare, |model| {
                Ok(model.ln_survival_from(renewals, more))
            })
            .unwrap();
            let error = exact.standard_error().unwrap();
            assert_close(found.standard_error(), error, 1e-6, "se");
            assert_close(found.value(), exact.value(), 1e-14, "value");
        }
    }

    #[test]
    fn a_lifetime_value_carries_the_doubt_of_both_models() {
        let histories = with_spend(
            beta_geometric(1500, [0.5, 6.0, 0.8, 2.4], false, 1),
            [6.0, 4.0, 15.0],
            3,
        );
        let purchases = BgNbd::default().fit(&histories).unwrap();
        let spend = GammaGamma::default().fit(&histories).unwrap();
        let rate = DiscountRate::annual(0.1).unwrap();
        let horizon = Horizon::Within(weeks(52.0));
        let margin = Probability::new(0.4).unwrap();
        let valuation = Valuation::Continuous { rate, horizon };
        let values =
            LifetimeValueIntervals::of(&histories, &purchases, &spend, margin, valuation, level())
                .unwrap();
        let both = IndependentFits::new(purchases.clone(), spend.clone());
        for row in (0..histories.len()).step_by(97) {
            let history = histories.get(row).unwrap();
            let single = ParameterInterval::of(&both, level(), Quantity::Positive, |both| {
                let purchases = both
                    .purchases()
                    .discounted_purchases(&history, rate, horizon)?;
                Ok(0.4 * purchases * both.spend().expected_mean_spend(&history)?.amount())
            })
            .unwrap();
            let found = values.amounts().get(row).unwrap();
            assert_close(found.value(), single.value(), 1e-12, "value");
            assert_close(found.standard_error(), single.standard_error(), 1e-6, "se");
            assert_close(found.high(), single.high(), 1e-6, "high");
        }
        let flat = FixedSpend(ExpectedMoney::new(9.0, Currency::new("USD").unwrap()).unwrap());
        let certain =
            LifetimeValueIntervals::of(&histories, &purchases, &flat, margin, valuation, level())
                .unwrap();
        let ratio = |values: &LifetimeValueIntervals| {
            let first = values.amounts().get(0).unwrap();
            first.standard_error() / first.value()
        };
        assert!(ratio(&certain) < ratio(&values));
    }

    #[test]
    fn what_cannot_be_doubted_or_asked_is_certain_or_refused() {
        let histories = beta_geometric(1500, [0.5, 6.0, 0.8, 2.4], false, 1);
        let model = BgNbd::default().fit(&histories).unwrap();
        let alive = ParameterIntervals::probability_alive(&model, &histories, level()).unwrap();
        let once = (0..histories.len()).find(|&row| histories.repeat_purchases()[row] == 0);
        let certain = alive.get(once.unwrap()).unwrap();
        assert_eq!((certain.low(), certain.high()), (1.0, 1.0));
        let nothing =
            ParameterIntervals::expected_purchases(&model, &histories, weeks(0.0), level())
                .unwrap();
        assert_eq!(nothing.limits()[7], (0.0, 0.0));
        assert!(alive.get(histories.len()).is_none());

        let given = FittedBgNbd::from_parameters(0.5, 6.0, 0.8, 2.4, TimeUnit::Week).unwrap();
        let ask = |model: &FittedBgNbd, level, quantity, answer: f64| {
            ParameterInterval::of(model, level, quantity, |_| Ok(answer))
        };
        assert!(matches!(
            ask(&given, level(), Quantity::Any, 1.0),
            Err(Error::CannotTell { .. })
        ));
        for (level, quantity, answer) in [
            (Probability::ONE, Quantity::Any, 1.0),
            (level(), Quantity::Any, f64::NAN),
            (level(), Quantity::Share, 1.1),
            (level(), Quantity::LnShare, 0.1),
            (level(), Quantity::Positive, -0.1),
        ] {
            assert!(matches!(
                ask(&model, level, quantity, answer),
                Err(Error::OutOfRange { .. })
            ));
        }
        let one = model.at_coordinates(&[0.0; 4]).unwrap();
        assert_eq!((one.r(), one.b()), (1.0, 1.0));
        assert!(model.at_coordinates(&[0.0; 3]).is_err());
        assert!(model.at_coordinates(&[0.0, 0.0, 800.0, 0.0]).is_err());
        assert!(model.at_coordinates(&[f64::NAN; 4]).is_err());
    }
}
