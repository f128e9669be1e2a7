//! The customers who talk, as columns that are checked once.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::measure::{Currency, Sentiment};

use super::Teller;
use super::lane::Lane;

/// The floating-point types that columns may have: `f64` and `f32`. Sealed.
///
/// With `f64` columns the results are those of [`super::Talk::impact_of`] to 1e-12, with `f32` to about 1e-6; totals
/// are summed in `f64` either way.
pub trait Precision: Lane {}

impl Precision for f64 {}
impl Precision for f32 {}

/// One row per customer: class, lifetime value and connectedness. Borrowed columns are not copied: 17 bytes per customer (9 with
/// `f32`), 8 (4) more in the caller's column of impacts, and 0.01 for the sums of chunks.
///
/// ```
/// use tillit::measure::{Currency, ExpectedMoney, Probability};
/// use tillit::word_of_mouth::{Audience, Sway, Talk, Teller};
///
/// let euro = Currency::new("EUR")?;
/// let tellers = [Teller::Detractor.code(), Teller::Promoter.code()];
/// let audience = Audience::new(euro, &tellers, &[2500.0_f64, 900.0], &[1.0, 1.2])?;
/// let talk = Talk::new(
///     ExpectedMoney::new(1200.0, euro)?,
///     Sway::losing(Probability::new(0.05)?),
///     Sway::winning(Probability::new(0.02)?),
///     Sway::winning(Probability::new(0.03)?),
/// )?;
/// let mut column = [0.0_f64; 2];
/// let total = audience.impact_into(&talk, &mut column)?;
/// assert!((column[0] - 720.0).abs() < 1e-9 && (column[1] + 216.0).abs() < 1e-9);
/// assert!((total.amount() - 504.0).abs() < 1e-9);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Audience<'a, T: Precision = f64> {
    currency: Currency,
    tellers: Cow<'a, [u8]>,
    lifetime_values: Cow<'a, [T]>,
    connectedness: Cow<'a, [T]>,
}

impl<'a, T: Precision> Audience<'a, T> {
    /// Borrows three columns: codes of [`Teller`], lifetime values in major units of `currency` (negative ones are
    /// allowed), and connectedness (1 for an ordinary customer, 2 for one who tells twice as many).
    ///
    /// # Errors
    /// [`Error::UnequalLengths`]; [`Error::BadColumnValue`] naming the first row with an unknown code, a lifetime value
    /// that is not finite, or a connectedness that is negative or not finite.
    pub fn new(
        currency: Currency,
        tellers: &'a [u8],
        lifetime_values: &'a [T],
        connectedness: &'a [T],
    ) -> Result<Self> {
        Self::checked(Self {
            currency,
            tellers: tellers.into(),
            lifetime_values: lifetime_values.into(),
            connectedness: connectedness.into(),
        })
    }

    /// As a survey gives it: what each customer thinks, what he is worth, everybody ordinarily connected.
    ///
    /// # Errors
    /// As [`Audience::new`].
    pub fn from_sentiments(
        currency: Currency,
        sentiments: &[Sentiment],
        lifetime_values: &'a [T],
    ) -> Result<Self> {
        Self::checked(Self {
            currency,
            tellers: sentiments
                .iter()
                .map(|&sentiment| Teller::from(sentiment).code())
                .collect(),
            lifetime_values: lifetime_values.into(),
            connectedness: vec![T::from(1_u8); sentiments.len()].into(),
        })
    }

    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tellers.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tellers.is_empty()
    }

    /// Currency of the lifetime values.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Codes of [`Teller`], one per customer.
    #[must_use]
    pub fn tellers(&self) -> &[u8] {
        &self.tellers
    }

    /// Lifetime values in major units, one per customer.
    #[must_use]
    pub fn lifetime_values(&self) -> &[T] {
        &self.lifetime_values
    }

    /// Connectedness, one per customer.
    #[must_use]
    pub fn connectedness(&self) -> &[T] {
        &self.connectedness
    }

    /// Sum of connectedness of each class.
    pub(super) fn connectedness_by_class(&self) -> [f64; 4] {
        let mut sums = [0.0; 4];
        // Sums of blocks, so that long columns lose few digits.
        for (tellers, connectedness) in self
            .tellers
            .chunks(1024)
            .zip(self.connectedness.chunks(1024))
        {
            let mut block = [0.0; 4];
            for (&teller, &value) in tellers.iter().zip(connectedness) {
                block[usize::from(teller & 3)] += value.into();
            }
            for (sum, block) in sums.iter_mut().zip(block) {
                *sum += block;
            }
        }
        sums
    }

    fn checked(self) -> Result<Self> {
        for (right, right_len) in [
            ("lifetime value", self.lifetime_values.len()),
            ("connectedness", self.connectedness.len()),
        ] {
            if right_len != self.len() {
                return Err(Error::UnequalLengths {
                    left: "teller",
                    left_len: self.len(),
                    right,
                    right_len,
                });
            }
        }
        unless_all(&self.tellers, "teller", "be 0, 1, 2 or 3", |&code| code < 4)?;
        unless_all(
            &self.lifetime_values,
            "lifetime value",
            "be finite",
            |&value| value.into().is_finite(),
        )?;
        unless_all(
            &self.connectedness,
            "connectedness",
            "be finite and at least 0",
            |&value| (0.0..=f64::MAX).contains(&value.into()),
        )?;
        Ok(self)
    }
}

/// Names the first row that is not as it should be. Looks at a block at a time without leaving early inside it, which
/// the compiler turns into vector code.
pub(super) fn unless_all<T: Copy + Into<f64>>(
    column: &[T],
    name: &'static str,
    allowed: &'static str,
    good: impl Fn(&T) -> bool,
) -> Result<()> {
    const BLOCK: usize = 1024;
    let bad_block = column
        .chunks(BLOCK)
        .position(|block| !block.iter().fold(true, |all, value| all & good(value)));
    let Some(block) = bad_block else {
        return Ok(());
    };
    let first = block * BLOCK;
    let row = column[first..]
        .iter()
        .position(|value| !good(value))
        .map_or(first, |offset| first + offset);
    Err(Error::BadColumnValue {
        column: name.into(),
        row,
        found: column[row].into(),
        allowed: allowed.into(),
    })
}
