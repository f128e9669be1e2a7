//! One customer's purchases and refunds in constant size.

use crate::error::{Error, Result};

use crate::value::observed::settled_days::SettledDays;

/// So many of the latest purchase days stay open to refunds.
pub(super) const WINDOW: usize = 3;

/// What one customer's bookings, taken day after day, come to.
///
/// Purchase days form a stack: a purchase day goes on top, a refund takes from the top. The upper [`WINDOW`] days are
/// kept, those below are settled. A stretch of days that begins in the middle may take from what lies below it, which it
/// cannot see; it notes how much, and how high it had grown before it did, since that tells what of the stretch below
/// was settled by then. So two stretches put together are in the state in which one pass over both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct PurchaseTally {
    settled: SettledDays,
    /// Days and amounts of the upper days, the oldest first; zero beyond `kept`.
    days: [i32; WINDOW],
    minors: [i64; WINDOW],
    kept: u8,
    /// The highest the stack has been, counted up to [`WINDOW`].
    peak: u8,
    /// Refunds (zero or negative) that found an empty stack, by the peak until then.
    owed: [i64; WINDOW + 1],
    /// Days that refunds made void.
    void_days: u32,
    /// The day of the first booking.
    begins: i32,
    open: OpenDay,
}

/// The latest day with bookings, to which more may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct OpenDay {
    day: i32,
    /// Sum of the purchases; `None` on a day of refunds alone.
    purchases: Option<i64>,
    /// Sum of the refunds, zero or negative.
    refunds: i64,
}

impl OpenDay {
    fn book(&mut self, minor: i64) -> Result<()> {
        if minor < 0 {
            self.refunds = sum(self.refunds, minor)?;
        } else {
            self.purchases = Some(sum(self.purchases.unwrap_or(0), minor)?);
        }
        Ok(())
    }
}

impl PurchaseTally {
    /// Nothing booked yet, beginning on `day`.
    pub(super) fn new(day: i32) -> Self {
        Self {
            settled: SettledDays::default(),
            days: [0; WINDOW],
            minors: [0; WINDOW],
            kept: 0,
            peak: 0,
            owed: [0; WINDOW + 1],
            void_days: 0,
            begins: day,
            open: OpenDay {
                day,
                purchases: None,
                refunds: 0,
            },
        }
    }

    /// Books an amount on a day that must not lie before the latest.
    pub(super) fn book(&mut self, customer: u32, day: i32, minor: i64) -> Result<()> {
        if day < self.open.day {
            return Err(Error::NeedsAllDays {
                customer,
                reason: format!(
                    "day {day} came after day {}, but a tally takes a customer's days in order",
                    self.open.day
                )
                .into(),
            });
        }
        if day > self.open.day {
            self.close(customer)?;
            self.open = OpenDay {
                day,
                purchases: None,
                refunds: 0,
            };
        }
        self.open.book(minor)
    }

    /// Takes a stretch of days of which all lie after or all before one's own.
    pub(super) fn joined(&self, customer: u32, other: &Self) -> Result<Self> {
        let (earlier, later) = if self.begins <= other.begins {
            (self, other)
        } else {
            (other, self)
        };
        if earlier.open.day >= later.begins {
            return Err(Error::NeedsAllDays {
                customer,
                reason: format!(
                    "one piece holds days {} to {}, the other {} to {}, but tallies join only where one ends before the \
                     other begins (merge neighbouring pieces first)",
                    earlier.begins, earlier.open.day, later.begins, later.open.day
                )
                .into(),
            });
        }
        let mut joined = *earlier;
        joined.close(customer)?;
        for (peak, &owed) in later.owed.iter().enumerate() {
            if owed < 0 {
                joined.rise(peak)?;
                joined.take(customer, owed)?;
            }
        }
        joined.rise(usize::from(later.peak))?;
        joined.settled.append(&later.settled)?;
        for (day, minor) in later.kept() {
            joined.keep(day, minor);
        }
        joined.void_days = joined.void_days.saturating_add(later.void_days);
        joined.open = later.open;
        Ok(joined)
    }

    /// The sums when no more bookings come, the refunds (zero or negative) without a purchase, and the days made void.
    pub(super) fn finish(&self, customer: u32) -> Result<(SettledDays, i64, usize)> {
        let mut all = *self;
        all.close(customer)?;
        all.settle_down_to(0)?;
        let unmatched = all
            .owed
            .iter()
            .try_fold(0, |total, &owed| sum(total, owed))?;
        Ok((all.settled, unmatched, all.void_days as usize))
    }

    fn close(&mut self, customer: u32) -> Result<()> {
        if let Some(minor) = self.open.purchases {
            self.rise(1)?;
            self.keep(self.open.day, minor);
        }
        self.take(customer, self.open.refunds)
    }

    fn kept(&self) -> impl Iterator<Item = (i32, i64)> + '_ {
        let kept = usize::from(self.kept);
        self.days[..kept]
            .iter()
            .copied()
            .zip(self.minors[..kept].iter().copied())
    }

    fn keep(&mut self, day: i32, minor: i64) {
        let place = usize::from(self.kept);
        if place < WINDOW {
            self.days[place] = day;
            self.minors[place] = minor;
            self.kept += 1;
        }
    }

    /// Makes ready for the stack to grow by `by` days.
    fn rise(&mut self, by: usize) -> Result<()> {
        let height = self.settled.days() as usize + usize::from(self.kept);
        // At most the window, which a byte holds.
        #[allow(clippy::cast_possible_truncation)]
        let reached = height.saturating_add(by).min(WINDOW) as u8;
        self.peak = self.peak.max(reached);
        self.settle_down_to(WINDOW.saturating_sub(by))
    }

    fn settle_down_to(&mut self, left: usize) -> Result<()> {
        while usize::from(self.kept) > left {
            self.settled.settle(self.days[0], self.minors[0])?;
            let kept = usize::from(self.kept);
            self.days[..kept].rotate_left(1);
            self.minors[..kept].rotate_left(1);
            self.drop_top();
        }
        Ok(())
    }

    fn drop_top(&mut self) {
        self.kept -= 1;
        let place = usize::from(self.kept);
        self.days[place] = 0;
        self.minors[place] = 0;
    }

    /// Takes a refund (zero or negative) from the latest days.
    fn take(&mut self, customer: u32, refund: i64) -> Result<()> {
        let mut owed = refund;
        while owed < 0 {
            if self.kept == 0 {
                if self.settled.days() > 0 {
                    return Err(Error::NeedsAllDays {
                        customer,
                        reason: format!(
                            "a refund undoes more than the latest {WINDOW} purchase days, and a tally keeps no more open"
                        )
                        .into(),
                    });
                }
                let owed_here = &mut self.owed[usize::from(self.peak)];
                *owed_here = sum(*owed_here, owed)?;
                break;
            }
            let top = usize::from(self.kept) - 1;
            owed = sum(self.minors[top], owed)?;
            if owed > 0 {
                self.minors[top] = owed;
            } else {
                self.drop_top();
                self.void_days = self.void_days.saturating_add(1);
            }
        }
        Ok(())
    }

    #[cfg(feature = "serde")]
    pub(super) fn lies_within(&self, from: i64, until: i32) -> bool {
        i64::from(self.begins) >= from && self.open.day <= until
    }

    /// Whether any bookings could have led here.
    #[cfg(feature = "serde")]
    pub(super) fn is_sound(&self) -> bool {
        let (kept, peak) = (usize::from(self.kept), usize::from(self.peak));
        let settled = self.settled.days() as usize;
        if kept > WINDOW || peak > WINDOW {
            return false;
        }
        let mut before = self.settled.last();
        let mut ascending = true;
        for (day, minor) in self.kept() {
            ascending &= before.is_none_or(|before| before < day) && minor >= 0;
            before = Some(day);
        }
        let earliest = self
            .settled
            .standing()
            .map(|standing| standing.first)
            .or_else(|| self.kept().next().map(|(day, _)| day));
        let booked = self.open.purchases.is_some() || self.open.refunds < 0;
        self.settled.is_sound()
            && ascending
            && self.days[kept..].iter().all(|&day| day == 0)
            && self.minors[kept..].iter().all(|&minor| minor == 0)
            && peak >= (settled + kept).min(WINDOW)
            && self.owed.iter().all(|&owed| owed <= 0)
            && self.owed[peak + 1..].iter().all(|&owed| owed == 0)
            && (self.begins < self.open.day || (peak == 0 && self.owed == [0; WINDOW + 1]))
            && self.begins <= self.open.day
            && earliest.is_none_or(|earliest| earliest >= self.begins)
            && before.is_none_or(|last| last < self.open.day)
            && booked
            && self.open.purchases.is_none_or(|minor| minor >= 0)
            && self.open.refunds <= 0
    }
}

fn sum(left: i64, right: i64) -> Result<i64> {
    left.checked_add(right).ok_or(Error::Overflow {
        what: "a customer's sum of money".into(),
    })
}

/// What the documentation of the tallies states.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<PurchaseTally>() == 192);
