//! Money booked, in whole minor units, and money expected, with a decimal point.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A currency by its ISO 4217 code, with the number of decimal digits of its minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct Currency {
    code: [u8; 3],
    minor_digits: u8,
}

/// ISO 4217 currencies whose minor unit is not a hundredth.
const UNUSUAL_MINOR_DIGITS: [(&str, u8); 26] = [
    ("BIF", 0),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("ISK", 0),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("PYG", 0),
    ("RWF", 0),
    ("UGX", 0),
    ("UYI", 0),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
    ("BHD", 3),
    ("IQD", 3),
    ("JOD", 3),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("TND", 3),
    ("CLF", 4),
    ("UYW", 4),
];

impl Currency {
    /// The currency with this three-letter code; the minor unit follows ISO 4217, a hundredth for unlisted codes.
    ///
    /// # Errors
    /// [`Error::InvalidText`] unless `code` is three capital letters.
    pub fn new(code: &str) -> Result<Self> {
        let letters: Option<[u8; 3]> = code.as_bytes().try_into().ok();
        match letters {
            Some(letters) if letters.iter().all(u8::is_ascii_uppercase) => {
                let minor_digits = UNUSUAL_MINOR_DIGITS
                    .iter()
                    .find(|(unusual, _)| *unusual == code)
                    .map_or(2, |&(_, digits)| digits);
                Ok(Self {
                    code: letters,
                    minor_digits,
                })
            }
            _ => Err(Error::InvalidText {
                what: "currency".into(),
                found: code.into(),
                expected: "three capital letters such as EUR".into(),
            }),
        }
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // Three ASCII capitals by construction.
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// Decimal digits of the minor unit: 2 for cents.
    #[must_use]
    pub fn minor_digits(self) -> u8 {
        self.minor_digits
    }

    /// Minor units in one major unit: 100 for cents.
    #[must_use]
    pub fn minor_per_major(self) -> i64 {
        10_i64.pow(u32::from(self.minor_digits))
    }

    fn same_as(self, other: Self) -> Result<()> {
        if self == other {
            Ok(())
        } else {
            Err(Error::MixedCurrencies {
                left: self.to_string(),
                right: other.to_string(),
            })
        }
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(code: &str) -> Result<Self> {
        Self::new(code)
    }
}

impl TryFrom<String> for Currency {
    type Error = Error;

    fn try_from(code: String) -> Result<Self> {
        Self::new(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Money that changed hands: whole minor units of one currency. Negative amounts are refunds or costs.
///
/// ```
/// use tillit::measure::{Currency, Money};
///
/// let real = Currency::new("BRL")?;
/// let paid = Money::parse("136.23", real)?;
/// assert_eq!(paid.minor(), 13_623);
/// assert_eq!(paid.plus(Money::from_minor(77, real))?.to_string(), "137.00 BRL");
/// assert!(paid.plus(Money::from_minor(1, Currency::new("EUR")?)).is_err());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` minor units (cents).
    #[must_use]
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// `major` whole major units (euros).
    ///
    /// # Errors
    /// [`Error::Overflow`] if the minor units do not fit 64 bits.
    pub fn from_major(major: i64, currency: Currency) -> Result<Self> {
        let minor = major
            .checked_mul(currency.minor_per_major())
            .ok_or(Error::Overflow {
                what: "an amount of money".into(),
            })?;
        Ok(Self { minor, currency })
    }

    /// Reads a decimal number with a point, such as `-1234.5`. More digits than the minor unit has are refused
    /// unless they are zeros: nothing is rounded away silently.
    ///
    /// # Errors
    /// [`Error::InvalidText`] if it is not such a number, [`Error::Overflow`] if it does not fit.
    pub fn parse(text: &str, currency: Currency) -> Result<Self> {
        let refused = || Error::InvalidText {
            what: "amount".into(),
            found: text.into(),
            expected: format!(
                "a decimal number with at most {} digits after the point",
                currency.minor_digits
            )
            .into(),
        };
        let trimmed = text.trim();
        let (negative, digits) = match trimmed.as_bytes().first() {
            Some(b'-') => (true, &trimmed[1..]),
            Some(b'+') => (false, &trimmed[1..]),
            _ => (false, trimmed),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let kept = usize::from(currency.minor_digits).min(fraction.len());
        let (fraction, beyond) = fraction.split_at_checked(kept).ok_or_else(refused)?;
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty())
            || !all_digits(whole)
            || !all_digits(fraction)
            || !beyond.bytes().all(|b| b == b'0')
        {
            return Err(refused());
        }
        let padding = usize::from(currency.minor_digits) - fraction.len();
        let shifted = whole
            .bytes()
            .chain(fraction.bytes())
            .chain(std::iter::repeat_n(b'0', padding))
            .try_fold(0_i64, |sum, digit| {
                sum.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
            });
        let magnitude = shifted.ok_or(Error::Overflow {
            what: "an amount of money".into(),
        })?;
        Ok(Self {
            minor: if negative { -magnitude } else { magnitude },
            currency,
        })
    }

    /// Minor units.
    #[must_use]
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// Major units with a decimal point.
    #[must_use]
    pub fn major(self) -> f64 {
        self.minor as f64 / self.currency.minor_per_major() as f64
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Error::MixedCurrencies`], or [`Error::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self> {
        self.currency.same_as(other.currency)?;
        let minor = self.minor.checked_add(other.minor).ok_or(Error::Overflow {
            what: "a sum of money".into(),
        })?;
        Ok(Self {
            minor,
            currency: self.currency,
        })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = usize::from(self.currency.minor_digits);
        let sign = if self.minor < 0 { "-" } else { "" };
        let per_major = self.currency.minor_per_major().unsigned_abs();
        let (whole, part) = (
            self.minor.unsigned_abs() / per_major,
            self.minor.unsigned_abs() % per_major,
        );
        let number = if digits == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{part:0digits$}")
        };
        write!(f, "{number} {}", self.currency)
    }
}

/// Money that is expected rather than booked: a finite number of major units in one currency.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "(f64, Currency)", into = "(f64, Currency)")
)]
pub struct ExpectedMoney {
    amount: f64,
    currency: Currency,
}

impl ExpectedMoney {
    /// An expected amount in major units; negative amounts are expected losses or gains as the context says.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless it is finite.
    pub fn new(amount: f64, currency: Currency) -> Result<Self> {
        Error::unless(amount.is_finite(), "expected amount", amount, "be finite")?;
        Ok(Self { amount, currency })
    }

    /// Major units.
    #[must_use]
    pub fn amount(self) -> f64 {
        self.amount
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Error::MixedCurrencies`], or [`Error::OutOfRange`] if the sum is not finite.
    pub fn plus(self, other: Self) -> Result<Self> {
        self.currency.same_as(other.currency)?;
        Self::new(self.amount + other.amount, self.currency)
    }
}

impl TryFrom<(f64, Currency)> for ExpectedMoney {
    type Error = Error;

    fn try_from((amount, currency): (f64, Currency)) -> Result<Self> {
        Self::new(amount, currency)
    }
}

impl From<ExpectedMoney> for (f64, Currency) {
    fn from(expected: ExpectedMoney) -> Self {
        (expected.amount, expected.currency)
    }
}

impl From<Money> for ExpectedMoney {
    fn from(money: Money) -> Self {
        Self {
            amount: money.major(),
            currency: money.currency,
        }
    }
}

impl fmt::Display for ExpectedMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.*} {}",
            usize::from(self.currency.minor_digits),
            self.amount,
            self.currency
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Currency, Money};

    #[test]
    fn amounts_read_back_as_they_print() {
        for (code, texts) in [
            ("EUR", ["0.00", "-0.05", "1234567.89", "0.10"]),
            ("JPY", ["0", "-5", "1234567", "10"]),
            ("KWD", ["0.001", "-0.050", "7.000", "1.234"]),
        ] {
            let currency = Currency::new(code).unwrap();
            for text in texts {
                assert_eq!(
                    Money::parse(text, currency).unwrap().to_string(),
                    format!("{text} {code}")
                );
            }
        }
    }

    #[test]
    fn amounts_that_would_lose_a_digit_are_refused() {
        let euro = Currency::new("EUR").unwrap();
        for text in [
            "",
            ".",
            "-",
            "1,5",
            "1.005",
            "1e3",
            "NaN",
            "99999999999999999999",
            "1.0é0",
            "--1",
            "0x10",
        ] {
            assert!(
                Money::parse(text, euro).is_err(),
                "{text:?} must be refused"
            );
        }
        assert_eq!(Money::parse("1.5000", euro).unwrap().minor(), 150);
        assert_eq!(Money::parse(".5", euro).unwrap().minor(), 50);
        assert_eq!(Money::parse("12.", euro).unwrap().minor(), 1200);
    }
}
