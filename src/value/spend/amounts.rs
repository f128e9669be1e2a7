//! What customers paid, purchase by purchase.

use crate::error::{Error, Result};
use crate::measure::Currency;

/// The amounts of single purchases, kept as three numbers per customer: how many, their sum, and the sum of their logarithms.
/// The Gamma–Gamma likelihood of single purchases needs no more.
///
/// Where the fit shall serve customers described by their mean *repeat* spend, give the purchases after the first.
///
/// ```
/// use tillit::{measure::Currency, value::PurchaseAmounts};
///
/// let dollar = Currency::new("USD")?;
/// let amounts = PurchaseAmounts::from_purchases(dollar, &[7, 7, 9], &[12.0, 15.5, 80.0])?;
/// assert_eq!((amounts.customers(), amounts.purchases()), (2, 3));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Columns", into = "Columns")
)]
pub struct PurchaseAmounts {
    currency: Currency,
    counts: Vec<u32>,
    totals: Vec<f64>,
    sums_of_logarithms: Vec<f64>,
    left_out: usize,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Columns {
    currency: Currency,
    counts: Vec<u32>,
    totals: Vec<f64>,
    sums_of_logarithms: Vec<f64>,
    left_out: usize,
}

#[cfg(feature = "serde")]
impl TryFrom<Columns> for PurchaseAmounts {
    type Error = Error;

    fn try_from(columns: Columns) -> Result<Self> {
        let amounts = Self::from_sums(
            columns.currency,
            columns.counts,
            columns.totals,
            columns.sums_of_logarithms,
        )?;
        Ok(Self {
            left_out: columns.left_out,
            ..amounts
        })
    }
}

#[cfg(feature = "serde")]
impl From<PurchaseAmounts> for Columns {
    fn from(amounts: PurchaseAmounts) -> Self {
        Self {
            currency: amounts.currency,
            counts: amounts.counts,
            totals: amounts.totals,
            sums_of_logarithms: amounts.sums_of_logarithms,
            left_out: amounts.left_out,
        }
    }
}

const SUM_RULE: &str = "be positive and finite";
const LOGARITHM_RULE: &str =
    "be finite and not above what equal amounts of the same total would give";

/// By the inequality of the means n purchases of this total cannot have a larger sum of logarithms; rounding aside.
pub(in crate::value) fn sums_are_sound(count: u32, total: f64, sum_of_logarithms: f64) -> bool {
    let count = f64::from(count);
    let most = count * (total / count).ln();
    let rounding = 1e-9 * (1.0 + most.abs() + count);
    sum_of_logarithms.is_finite() && sum_of_logarithms <= most + rounding
}

impl PurchaseAmounts {
    /// One row per purchase: whose it was, and its amount in major units. Rows may come in any order, which leaves no trace.
    /// Purchases of amount zero are left out and counted.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`], or [`Error::BadColumnValue`] for an amount that is negative or not finite.
    pub fn from_purchases(currency: Currency, customers: &[u32], amounts: &[f64]) -> Result<Self> {
        if customers.len() != amounts.len() {
            return Err(Error::UnequalLengths {
                left: "customers",
                left_len: customers.len(),
                right: "amounts",
                right_len: amounts.len(),
            });
        }
        let mut kept = Vec::with_capacity(amounts.len());
        let mut left_out = 0;
        for (row, (&customer, &amount)) in customers.iter().zip(amounts).enumerate() {
            if amount == 0.0 {
                left_out += 1;
                continue;
            }
            if !(amount > 0.0 && amount.is_finite()) {
                return Err(bad_value(
                    "amounts",
                    row,
                    amount,
                    "be finite and not negative",
                ));
            }
            kept.push((customer, amount.to_bits()));
        }
        // Ascending amounts (whose bits ascend with them): the order of the rows leaves no trace in any sum.
        kept.sort_unstable();
        let (mut counts, mut totals, mut sums_of_logarithms) = (Vec::new(), Vec::new(), Vec::new());
        for of_customer in kept.chunk_by(|left, right| left.0 == right.0) {
            let amounts = of_customer.iter().map(|&(_, bits)| f64::from_bits(bits));
            counts.push(u32::try_from(of_customer.len()).unwrap_or(u32::MAX));
            totals.push(amounts.clone().sum());
            sums_of_logarithms.push(amounts.map(f64::ln).sum());
        }
        Ok(Self {
            left_out,
            ..Self::from_sums(currency, counts, totals, sums_of_logarithms)?
        })
    }

    /// One row per customer: how many purchases, what they cost together in major units, and the sum of the natural
    /// logarithms of the single amounts.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`], or [`Error::BadColumnValue`] for a count of 0, a total that is not positive, or a sum of
    /// logarithms larger than that of equal amounts.
    pub fn from_sums(
        currency: Currency,
        counts: Vec<u32>,
        totals: Vec<f64>,
        sums_of_logarithms: Vec<f64>,
    ) -> Result<Self> {
        for (column, len) in [
            ("totals", totals.len()),
            ("sums_of_logarithms", sums_of_logarithms.len()),
        ] {
            if len != counts.len() {
                return Err(Error::UnequalLengths {
                    left: "counts",
                    left_len: counts.len(),
                    right: column,
                    right_len: len,
                });
            }
        }
        for (row, &count) in counts.iter().enumerate() {
            let (total, logarithms) = (totals[row], sums_of_logarithms[row]);
            if count == 0 {
                return Err(bad_value("counts", row, 0.0, "be at least 1"));
            }
            if !(total > 0.0 && total.is_finite()) {
                return Err(bad_value("totals", row, total, SUM_RULE));
            }
            if !sums_are_sound(count, total, logarithms) {
                return Err(bad_value(
                    "sums_of_logarithms",
                    row,
                    logarithms,
                    LOGARITHM_RULE,
                ));
            }
        }
        Ok(Self {
            currency,
            counts,
            totals,
            sums_of_logarithms,
            left_out: 0,
        })
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Customers with a purchase.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.counts.len()
    }

    /// Purchases of all customers.
    #[must_use]
    pub fn purchases(&self) -> u64 {
        self.counts.iter().map(|&count| u64::from(count)).sum()
    }

    /// Purchases of amount zero, which were left out.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    pub(in crate::value) fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Count, total and sum of logarithms of each customer.
    pub(in crate::value) fn sums(&self) -> impl Iterator<Item = (u32, f64, f64)> + '_ {
        (0..self.counts.len()).map(|row| {
            (
                self.counts[row],
                self.totals[row],
                self.sums_of_logarithms[row],
            )
        })
    }

    /// Mean amount of each customer.
    pub(in crate::value) fn means(&self) -> Vec<f64> {
        let rows = self.counts.iter().zip(&self.totals);
        rows.map(|(&count, total)| total / f64::from(count))
            .collect()
    }
}

fn bad_value(column: &'static str, row: usize, found: f64, allowed: &'static str) -> Error {
    Error::BadColumnValue {
        column: column.into(),
        row,
        found,
        allowed: allowed.into(),
    }
}

#[cfg(test)]
pub(in crate::value) mod tests {
    use super::PurchaseAmounts;
    use crate::measure::{Currency, TimeUnit};
    use crate::numeric::random::RandomStream;
    use crate::value::{FittedGammaGamma, GammaGamma, PurchaseHistories};

    pub(in crate::value) fn euro() -> Currency {
        Currency::new("EUR").unwrap()
    }

    /// One row per purchase of a Gamma–Gamma population.
    pub(in crate::value) fn simulated(
        customers: u32,
        [p, q, v]: [f64; 3],
        seed: u64,
    ) -> (Vec<u32>, Vec<f64>) {
        let (mut whose, mut amounts) = (Vec::new(), Vec::new());
        for customer in 0..customers {
            let mut random = RandomStream::new(seed, u64::from(customer));
            let nu = random.gamma(q) / v;
            for _ in 0..=random.poisson(1.8) {
                whose.push(customer);
                amounts.push(random.gamma(p) / nu);
            }
        }
        (whose, amounts)
    }

    /// The same customers as counts and means.
    pub(in crate::value) fn summarised(amounts: &PurchaseAmounts) -> PurchaseHistories {
        let rows = amounts.customers();
        let counts = amounts.counts().to_vec();
        PurchaseHistories::from_columns(TimeUnit::Week, counts, vec![1.0; rows], vec![2.0; rows])
            .unwrap()
            .with_mean_repeat_spend(euro(), amounts.means())
            .unwrap()
    }

    #[test]
    fn both_fits_find_the_truth_and_single_purchases_know_p_better() {
        let truth = [2.5, 3.5, 30.0];
        let (whose, rows) = simulated(6000, truth, 4);
        let amounts = PurchaseAmounts::from_purchases(euro(), &whose, &rows).unwrap();
        let single = GammaGamma::default().fit_purchases(&amounts).unwrap();
        let means = GammaGamma::default().fit(&summarised(&amounts)).unwrap();
        let errors = |model: &FittedGammaGamma| -> Vec<f64> {
            let parameters = model.report().unwrap().parameters();
            for (parameter, truth) in parameters.iter().zip(truth) {
                let error = parameter.standard_error().unwrap();
                assert!(
                    (parameter.value() - truth).abs() < 3.0 * error,
                    "{parameter:?} {truth}"
                );
            }
            parameters
                .iter()
                .map(|p| p.standard_error().unwrap())
                .collect()
        };
        let (of_single, of_means) = (errors(&single), errors(&means));
        println!("standard errors of p, q, v: single {of_single:?}, means {of_means:?}");
        assert!(
            of_single[0] < 0.25 * of_means[0],
            "{of_single:?} {of_means:?}"
        );
        assert!(
            of_single
                .iter()
                .zip(&of_means)
                .all(|(single, means)| single < means)
        );
    }

    #[test]
    fn over_many_samples_the_standard_errors_say_how_far_the_fits_scatter() {
        let truth = [2.5, 3.5, 30.0];
        let samples = 200_u32;
        let mut outside = [0; 3];
        for seed in 0..samples {
            let (whose, rows) = simulated(400, truth, 100 + u64::from(seed));
            let amounts = PurchaseAmounts::from_purchases(euro(), &whose, &rows).unwrap();
            let fitted = GammaGamma::default().fit_purchases(&amounts).unwrap();
            let parameters = fitted.report().unwrap().parameters();
            for ((count, parameter), truth) in outside.iter_mut().zip(parameters).zip(truth) {
                let relative = parameter.standard_error().unwrap() / parameter.value();
                // 90 % interval of the logarithm.
                *count += u32::from((parameter.value() / truth).ln().abs() > 1.645 * relative);
            }
        }
        // 20 of 200 expected, three binomial standard errors are 12.7.
        println!("outside the 90 % interval of {samples}: {outside:?}");
        assert!(
            outside.iter().all(|&count| (8..=32).contains(&count)),
            "{outside:?}"
        );
    }

    #[test]
    fn the_sums_say_what_the_rows_say_and_impossible_sums_are_refused() {
        let rows = [10.0, 20.0, 0.0, 5.0];
        let amounts = PurchaseAmounts::from_purchases(euro(), &[3, 3, 3, 1], &rows).unwrap();
        let logs = vec![5.0_f64.ln(), 10.0_f64.ln() + 20.0_f64.ln()];
        let sums = PurchaseAmounts::from_sums(euro(), vec![1, 2], vec![5.0, 30.0], logs).unwrap();
        assert_eq!((amounts.left_out(), sums.left_out()), (1, 0));
        assert_eq!(
            (amounts.counts(), amounts.means()),
            (sums.counts(), sums.means())
        );
        for (counts, totals, logs) in [
            (vec![2], vec![20.0], vec![4.7]),
            (vec![0], vec![20.0], vec![1.0]),
            (vec![1], vec![-20.0], vec![1.0]),
            (vec![1], vec![20.0], vec![f64::NAN]),
            (vec![1, 1], vec![20.0], vec![1.0]),
        ] {
            assert!(PurchaseAmounts::from_sums(euro(), counts, totals, logs).is_err());
        }
        assert!(PurchaseAmounts::from_purchases(euro(), &[1], &[-1.0]).is_err());
        assert!(PurchaseAmounts::from_purchases(euro(), &[1], &[f64::NAN]).is_err());
        assert!(PurchaseAmounts::from_purchases(euro(), &[1, 2], &[1.0]).is_err());
        assert!(GammaGamma::default().fit_purchases(&amounts).is_err());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn stored_amounts_come_back_and_broken_ones_do_not() {
        let amounts =
            PurchaseAmounts::from_purchases(euro(), &[3, 3, 1], &[10.0, 20.0, 5.0]).unwrap();
        let text = serde_json::to_string(&amounts).unwrap();
        assert_eq!(
            serde_json::from_str::<PurchaseAmounts>(&text).unwrap(),
            amounts
        );
        assert!(serde_json::from_str::<PurchaseAmounts>(&text.replace("30.0", "-30.0")).is_err());
    }
}
