//! Numbers as people read them: grouped thousands, a true minus sign, units in words.

use chrono::{Datelike, NaiveDate};

use crate::measure::{Currency, Estimate};

use super::axis::Ticks;

/// What a number counts, which decides how it is written.
///
/// ```
/// use tillit::measure::Currency;
/// use tillit::report::Unit;
///
/// assert_eq!(Unit::count().write(27_540.0), "27,540");
/// assert_eq!(Unit::percent(2).write(0.068_077), "6.81%");
/// assert_eq!(Unit::days(1).write(-11.796), "−11.8 days");
/// let real = Currency::new("BRL")?;
/// assert_eq!(Unit::money(real).write(4_449_788.03), "4,449,788.03 BRL");
/// assert_eq!(Unit::whole_money(real).write(4_449_788.03), "4,449,788 BRL");
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    kind: Kind,
    decimals: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Percent,
    Days,
    Money(Currency),
}

impl Unit {
    /// Whole things: orders, customers.
    #[must_use]
    pub fn count() -> Self {
        Self::plain(0)
    }

    /// A bare number with so many digits after the point.
    #[must_use]
    pub fn plain(decimals: u8) -> Self {
        Self::new(Kind::Plain, decimals)
    }

    /// A share from 0 to 1, written per hundred.
    #[must_use]
    pub fn percent(decimals: u8) -> Self {
        Self::new(Kind::Percent, decimals)
    }

    /// Days.
    #[must_use]
    pub fn days(decimals: u8) -> Self {
        Self::new(Kind::Days, decimals)
    }

    /// Major units of a currency, with the digits of its minor unit.
    #[must_use]
    pub fn money(currency: Currency) -> Self {
        Self::new(Kind::Money(currency), currency.minor_digits())
    }

    /// Major units of a currency, rounded to whole ones.
    #[must_use]
    pub fn whole_money(currency: Currency) -> Self {
        Self::new(Kind::Money(currency), 0)
    }

    fn new(kind: Kind, decimals: u8) -> Self {
        Self {
            kind,
            decimals: usize::from(decimals.min(9)),
        }
    }

    /// `value` with its unit. What is not a number is written as a dash, what is unbounded as ∞.
    #[must_use]
    pub fn write(&self, value: f64) -> String {
        let number = self.bare(value);
        match self.kind {
            Kind::Plain => number,
            Kind::Percent => format!("{number}%"),
            Kind::Days if number == "1" || number == "−1" => format!("{number} day"),
            Kind::Days => format!("{number} days"),
            Kind::Money(currency) => format!("{number} {currency}"),
        }
    }

    /// `low` to `high`, the unit said once.
    ///
    /// ```
    /// use tillit::report::Unit;
    ///
    /// assert_eq!(Unit::days(0).write_interval(-26.0, 3.0), "−26 to 3 days");
    /// assert_eq!(Unit::percent(1).write_interval(0.065, 0.071), "6.5 to 7.1%");
    /// ```
    #[must_use]
    pub fn write_interval(&self, low: f64, high: f64) -> String {
        format!("{} to {}", self.bare(low), self.write(high))
    }

    /// The doubt of an estimate in words: its interval with level, or its standard error, and the observations
    /// behind it.
    ///
    /// ```
    /// use tillit::measure::{Estimate, Interval, Probability};
    /// use tillit::report::Unit;
    ///
    /// let interval = Interval::new(2.168, 2.307, Probability::new(0.95)?, "Welch")?;
    /// let score = Estimate::new(2.2375, 1781).with_interval(interval);
    /// assert_eq!(Unit::plain(2).write_doubt(&score), "95% interval 2.17 to 2.31, from 1,781");
    /// # Ok::<(), tillit::Error>(())
    /// ```
    #[must_use]
    pub fn write_doubt(&self, estimate: &Estimate) -> String {
        let from = grouped(estimate.observations() as f64, 0);
        if let Some(interval) = estimate.interval() {
            let level = interval.level().value() * 100.0;
            let decimals = u8::from(level.fract().abs() > 1e-9);
            format!(
                "{}% interval {}, from {from}",
                grouped(level, decimals),
                self.write_interval(interval.low(), interval.high()),
            )
        } else if let Some(error) = estimate.standard_error() {
            format!("standard error {}, from {from}", self.write(error))
        } else {
            format!("from {from}")
        }
    }

    /// What stands beside an axis: the unit, where the numbers alone do not say it.
    pub(super) fn suffix(self) -> Option<String> {
        match self.kind {
            Kind::Plain | Kind::Percent => None,
            Kind::Days => Some("days".into()),
            Kind::Money(currency) => Some(currency.to_string()),
        }
    }

    /// The number a reader sees per unit of value: 100 for percent.
    pub(super) fn shown_per_unit(self) -> f64 {
        if self.kind == Kind::Percent {
            100.0
        } else {
            1.0
        }
    }

    /// Labels for the ticks of an axis, short and all alike.
    pub(super) fn tick_labels(self, ticks: &Ticks) -> Vec<String> {
        let factor = self.shown_per_unit();
        let largest = ticks.values().iter().fold(0.0_f64, |largest, value| {
            largest.max((value * factor).abs())
        });
        let (per, letter) = thousands(largest);
        let decimals = decimals_of(ticks.step() * factor / per);
        let percent = if self.kind == Kind::Percent { "%" } else { "" };
        let label = |value: &f64| {
            let number = grouped(value * factor / per, decimals);
            let letter = if number == "0" { "" } else { letter };
            format!("{number}{letter}{percent}")
        };
        ticks.values().iter().map(label).collect()
    }

    /// At most about five characters, for cells too small for more.
    pub(super) fn short(self, value: f64) -> String {
        let shown = value * self.shown_per_unit();
        let (per, letter) = thousands(shown.abs());
        let decimals = if per > 1.0 && (shown / per).abs() < 99.95 {
            1
        } else if per > 1.0 {
            0
        } else {
            self.decimals.min(2)
        };
        let percent = if self.kind == Kind::Percent { "%" } else { "" };
        let number = grouped(shown / per, u8::try_from(decimals).unwrap_or(0));
        format!("{number}{letter}{percent}")
    }

    fn bare(self, value: f64) -> String {
        let decimals = u8::try_from(self.decimals).unwrap_or(0);
        grouped(value * self.shown_per_unit(), decimals)
    }
}

fn thousands(largest: f64) -> (f64, &'static str) {
    match largest {
        x if x >= 1e13 => (1e12, "T"),
        x if x >= 1e9 => (1e9, "B"),
        x if x >= 1e6 => (1e6, "M"),
        x if x >= 1e4 => (1e3, "k"),
        _ => (1.0, ""),
    }
}

/// Digits after the point that tell multiples of `step` apart.
fn decimals_of(step: f64) -> u8 {
    let mut scaled = step;
    for decimals in 0..9 {
        if (scaled - scaled.round()).abs() < 1e-6 * scaled.abs() {
            return decimals;
        }
        scaled *= 10.0;
    }
    9
}

/// A number with commas between thousands, `decimals` digits after the point (at most 9) and a true minus sign;
/// never a minus before zero. A dash where there is no number.
///
/// ```
/// use tillit::report::grouped;
///
/// assert_eq!(grouped(1_234_567.891, 2), "1,234,567.89");
/// assert_eq!(grouped(-0.001, 2), "0.00");
/// assert_eq!(grouped(f64::NAN, 2), "–");
/// ```
#[must_use]
pub fn grouped(value: f64, decimals: u8) -> String {
    if value.is_nan() {
        return "–".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "−∞" }.into();
    }
    let digits = format!("{:.*}", usize::from(decimals.min(9)), value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut written = String::with_capacity(digits.len() + 8);
    if value < 0.0 && digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        written.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    if !fraction.is_empty() {
        written.push('.');
        written.push_str(fraction);
    }
    written
}

/// A day as `31 Aug 2018`.
#[must_use]
pub fn day(date: NaiveDate) -> String {
    format!("{} {} {}", date.day(), month(date), date.year())
}

/// The month's first three letters.
pub(super) fn month(date: NaiveDate) -> &'static str {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    MONTHS
        .into_iter()
        .zip(1..)
        .find_map(|(name, number)| (number == date.month()).then_some(name))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Unit, day, grouped};
    use chrono::NaiveDate;

    #[test]
    fn thousands_are_grouped_on_both_sides_of_zero() {
        for (value, decimals, written) in [
            (0.0, 0, "0"),
            (-0.0, 1, "0.0"),
            (999.0, 0, "999"),
            (1000.0, 0, "1,000"),
            (-1_000_000.5, 1, "−1,000,000.5"),
            (999.999, 2, "1,000.00"),
            (f64::INFINITY, 0, "∞"),
        ] {
            assert_eq!(grouped(value, decimals), written);
        }
    }

    #[test]
    fn units_say_singular_and_plural() {
        assert_eq!(Unit::days(0).write(1.0), "1 day");
        assert_eq!(Unit::days(0).write(0.0), "0 days");
        assert_eq!(Unit::days(1).write(1.0), "1.0 days");
    }

    #[test]
    fn short_numbers_keep_their_size() {
        assert_eq!(Unit::count().short(27_540.0), "27.5k");
        assert_eq!(Unit::count().short(275_400.0), "275k");
        assert_eq!(Unit::percent(1).short(0.0681), "6.8%");
        assert_eq!(Unit::count().short(9_999.0), "9,999");
    }

    #[test]
    fn days_are_written_in_the_order_of_speech() {
        let date = NaiveDate::from_ymd_opt(2018, 8, 31).unwrap();
        assert_eq!(day(date), "31 Aug 2018");
    }
}
