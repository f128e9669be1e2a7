//! Histories from the first part of the purchases, and what the rest of them holds back to judge a forecast.

use crate::error::Result;
use crate::measure::TimeUnit;

use crate::value::observed::purchase_days::{Booking, PurchaseDay, Rows, exact_sum};
use crate::value::{Holdout, PurchaseCalendar, PurchaseDays, PurchaseSummary};

impl PurchaseDays {
    /// Histories as seen at the end of day `calibration_end`, what the same customers did from the next day to
    /// `holdout_end` in the rows of the histories, and the purchases of these customers by day over both.
    ///
    /// What happens in the holdout never changes a history. A purchase day of the holdout counts if it stands at its
    /// end; a refund that reaches back beyond its beginning is the calibration's loss and appears nowhere.
    ///
    /// ```
    /// use tillit::measure::{Currency, TimeUnit};
    /// use tillit::value::PurchaseDays;
    ///
    /// let mut days = PurchaseDays::new(Currency::new("EUR")?);
    /// for (customer, day, cents) in [(0, 0, 4_990), (0, 14, 2_500), (0, 40, 1_900), (1, 3, 9_900), (2, 35, 700)] {
    ///     days.push(customer, day, cents);
    /// }
    /// let (summary, holdout, calendar) = days.split(27, 55, TimeUnit::Week)?;
    /// assert_eq!(summary.histories().repeat_purchases(), [1, 0]);
    /// // The third customer came too late to be judged.
    /// assert_eq!(holdout.purchases(), [1, 0]);
    /// assert_eq!((calendar.calibration_repeats(), calendar.holdout_repeats()), (1, 1));
    /// # Ok::<(), tillit::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Overflow`](crate::Error::Overflow) as [`Self::summarise`]; [`Error::OutOfRange`](crate::Error::OutOfRange) if `holdout_end` is not later than
    /// `calibration_end`; [`Error::Empty`](crate::Error::Empty) if no purchase stands at the end of the calibration.
    pub fn split(
        &self,
        calibration_end: i32,
        holdout_end: i32,
        unit: TimeUnit,
    ) -> Result<(PurchaseSummary, Holdout, PurchaseCalendar)> {
        let mut bookings: Vec<Booking> = self
            .bookings
            .iter()
            .copied()
            .filter(|booking| booking.day <= holdout_end)
            .collect();
        bookings.sort_unstable();
        let (mut rows, mut later) = (Rows::default(), Rows::default());
        let mut standing: Vec<PurchaseDay> = Vec::new();
        let (mut purchases, mut spend_minor) = (Vec::new(), Vec::new());
        let (mut first_days, mut repeat_days) = (Vec::new(), Vec::new());
        let mut after_calibration = self.bookings.len() - bookings.len();
        for of_customer in bookings.chunk_by(|left, right| left.customer == right.customer) {
            let (before, after) = of_customer
                .split_at(of_customer.partition_point(|booking| booking.day <= calibration_end));
            after_calibration += after.len();
            standing.clear();
            book(&mut rows, before, &mut standing)?;
            let [first, repeats @ ..] = standing.as_slice() else {
                continue;
            };
            first_days.push(first.day);
            repeat_days.extend(repeats.iter().map(|repeat| repeat.day));
            rows.close(of_customer[0].customer, &standing, calibration_end, unit)?;
            book(&mut later, after, &mut standing)?;
            let held_out =
                &standing[standing.partition_point(|stands| stands.day <= calibration_end)..];
            purchases.push(u32::try_from(held_out.len()).unwrap_or(u32::MAX));
            spend_minor.push(exact_sum(held_out.iter().map(|stands| stands.minor))?);
            repeat_days.extend(held_out.iter().map(|stands| stands.day));
        }
        let calendar =
            PurchaseCalendar::of(calibration_end, holdout_end, &first_days, repeat_days)?;
        let holdout =
            Holdout::new(calendar.holdout()?, purchases)?.with_spend(self.currency, spend_minor)?;
        Ok((
            self.summary(rows, after_calibration, unit)?,
            holdout,
            calendar,
        ))
    }
}

/// Books one customer's days in order on top of what stands so far.
fn book(rows: &mut Rows, bookings: &[Booking], standing: &mut Vec<PurchaseDay>) -> Result<()> {
    bookings
        .chunk_by(|left, right| left.day == right.day)
        .try_for_each(|of_day| rows.book_day(of_day, standing))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::measure::{Currency, TimeUnit};
    use crate::value::PurchaseDays;

    fn of(bookings: &[(u32, i32, i64)]) -> PurchaseDays {
        let mut days = PurchaseDays::new(Currency::new("EUR").unwrap());
        for &(customer, day, minor) in bookings {
            days.push(customer, day, minor);
        }
        days
    }

    #[test]
    fn a_refund_in_the_holdout_leaves_the_calibration_as_it_was_seen() {
        let days = of(&[
            (7, 0, 1000),
            (7, 5, 300),
            (7, 12, 400),
            (7, 15, 200),
            (7, 16, -700),
            (8, 3, 100),
            (8, 4, -100),
            (8, 13, 900),
        ]);
        let (summary, holdout, calendar) = days.split(10, 20, TimeUnit::Day).unwrap();
        assert_eq!(summary, days.summarise(10, TimeUnit::Day).unwrap());
        assert_eq!(summary.histories().repeat_purchases(), [1]);
        // The refund takes both days of the holdout and reaches into the calibration.
        assert_eq!(holdout.purchases(), [0]);
        assert_eq!(holdout.spend().unwrap().next().unwrap().minor(), 0);
        assert_eq!(calendar.calibration_repeats(), 1);
        assert_eq!(calendar.holdout_repeats(), 0);
    }

    proptest! {
        #[test]
        fn what_was_known_at_the_end_of_calibration_does_not_depend_on_the_holdout(
            bookings in prop::collection::vec((0_u32..6, 0_i32..40, -300_i64..900), 1..60),
        ) {
            let days = of(&bookings);
            let known = days.summarise(20, TimeUnit::Week).unwrap();
            prop_assume!(!known.histories().is_empty());
            let (summary, holdout, calendar) = days.split(20, 39, TimeUnit::Week).unwrap();
            let repeats: u32 = known.histories().repeat_purchases().iter().sum();
            prop_assert_eq!(summary, known);
            prop_assert_eq!(calendar.calibration_repeats(), u64::from(repeats));
            let held_out: u32 = holdout.purchases().iter().sum();
            prop_assert_eq!(calendar.holdout_repeats(), u64::from(held_out));
        }
    }
}
