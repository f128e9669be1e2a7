//! Two models fitted independently, seen as one.

use crate::error::{Error, Result};

use crate::value::ParametricModel;

/// A purchase model and a spend model as one model with the coordinates of both.
///
/// The likelihood of purchases does not contain the spend parameters and that of mean spend, given the number of
/// purchases, not the purchase parameters (the independence assumption of Fader, Hardie and Lee 2005, "RFM and CLV"). So
/// their estimates are independent, and the covariance has a block for each and zeros between.
///
/// ```
/// use tillit::measure::{Currency, ExpectedMoney};
/// use tillit::value::{FittedBgNbd, FixedSpend, IndependentFits, ParametricModel};
/// use tillit::measure::TimeUnit;
///
/// let purchases = FittedBgNbd::from_parameters(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let spend = FixedSpend(ExpectedMoney::new(35.0, Currency::new("USD")?)?);
/// assert_eq!(IndependentFits::new(purchases, spend).coordinates().len(), 4);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct IndependentFits<Purchases, Spend> {
    purchases: Purchases,
    spend: Spend,
    covariance: Option<Vec<f64>>,
}

impl<Purchases: ParametricModel, Spend: ParametricModel> IndependentFits<Purchases, Spend> {
    /// Both as one.
    #[must_use]
    pub fn new(purchases: Purchases, spend: Spend) -> Self {
        let (first, second) = (purchases.coordinates().len(), spend.coordinates().len());
        let both = first + second;
        let covariance = purchases
            .covariance()
            .zip(spend.covariance())
            .filter(|(left, right)| left.len() == first * first && right.len() == second * second)
            .map(|(left, right)| {
                let mut joint = vec![0.0; both * both];
                for row in 0..first {
                    joint[row * both..row * both + first]
                        .copy_from_slice(&left[row * first..][..first]);
                }
                for row in 0..second {
                    joint[(first + row) * both + first..][..second]
                        .copy_from_slice(&right[row * second..][..second]);
                }
                joint
            });
        Self {
            purchases,
            spend,
            covariance,
        }
    }

    /// The purchase model.
    #[must_use]
    pub fn purchases(&self) -> &Purchases {
        &self.purchases
    }

    /// The spend model.
    #[must_use]
    pub fn spend(&self) -> &Spend {
        &self.spend
    }
}

impl<Purchases: ParametricModel, Spend: ParametricModel> ParametricModel
    for IndependentFits<Purchases, Spend>
{
    fn coordinates(&self) -> Vec<f64> {
        let mut coordinates = self.purchases.coordinates();
        coordinates.extend(self.spend.coordinates());
        coordinates
    }

    fn at_coordinates(&self, coordinates: &[f64]) -> Result<Self> {
        let first = self.purchases.coordinates().len();
        let (left, right) = coordinates
            .split_at_checked(first)
            .ok_or(Error::UnequalLengths {
                left: "the coordinates of the purchase model",
                left_len: first,
                right: "the coordinates given",
                right_len: coordinates.len(),
            })?;
        Ok(Self {
            purchases: self.purchases.at_coordinates(left)?,
            spend: self.spend.at_coordinates(right)?,
            covariance: None,
        })
    }

    fn covariance(&self) -> Option<&[f64]> {
        self.covariance.as_deref()
    }
}
