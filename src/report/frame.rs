//! The ruled area of a picture: grid lines, names of ticks, headings of both axes.

use chrono::NaiveDate;

use super::axis::{Scale, Ticks, day_number, day_ticks};
use super::lettering::{width_of, wrap};
use super::svg::{Anchor, LINE, SIZE, Sheet};

/// The plotting area in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Frame {
    /// Where plotting areas end on a sheet.
    pub(super) fn right_of(sheet: &Sheet) -> f64 {
        sheet.width() - 14.0 - sheet.reserved_right()
    }

    /// Rules a plotting area of `height` below `top`: the heading of the upright axis on its own lines, `room` for
    /// words, then grid lines with their names. Returns the area and the upright scale.
    pub(super) fn ruled(
        sheet: &mut Sheet,
        top: f64,
        room: f64,
        height: f64,
        heading: &str,
        ticks: &Ticks,
        labels: &[String],
    ) -> (Self, Scale) {
        let heading = wrap(heading, sheet.width(), SIZE);
        sheet.lines((0.0, top), Anchor::Start, "heading", &heading);
        let widest = labels
            .iter()
            .map(|label| width_of(label, SIZE))
            .fold(0.0, f64::max);
        let top = top + LINE * heading.len() as f64 - 1.0 + room;
        let frame = Self {
            left: widest + 10.0,
            right: Self::right_of(sheet),
            top,
            bottom: top + height,
        };
        let scale = ticks.scale(frame.bottom, frame.top);
        for (&value, label) in ticks.values().iter().zip(labels) {
            let y = scale.at(value);
            let class = if value == 0.0 { "base" } else { "grid" };
            sheet.line((frame.left, y), (frame.right, y), class);
            sheet.text((widest, y + 4.5), Anchor::End, "tick", label);
        }
        (frame, scale)
    }

    /// Names numbers below the area; returns the scale and closes the sheet below the heading.
    pub(super) fn name_numbers(
        &self,
        sheet: &mut Sheet,
        heading: &str,
        ticks: &Ticks,
        labels: &[String],
    ) -> Scale {
        let overhang = labels
            .last()
            .map_or(0.0, |label| width_of(label, SIZE) / 2.0);
        let end = self.right.min(sheet.width() - overhang);
        let start = labels.first().map_or(self.left, |label| {
            self.left.max(width_of(label, SIZE) / 2.0)
        });
        let scale = ticks.scale(start, end);
        let widest = labels
            .iter()
            .map(|label| width_of(label, SIZE) + 8.0)
            .fold(0.0, f64::max);
        let room = (end - start) / (labels.len().max(2) - 1) as f64;
        let mut every = 1;
        while room * f64::from(every) < widest && every < 64 {
            every += 1;
        }
        // Counted from zero where there is one, so that the ticks with names stay round.
        let zero = ticks.values().iter().position(|&value| value == 0.0);
        let every = usize::try_from(every).unwrap_or(1);
        for (place, (&value, label)) in ticks.values().iter().zip(labels).enumerate() {
            let x = scale.at(value);
            sheet.line((x, self.bottom), (x, self.bottom + 5.0), "base");
            if place.abs_diff(zero.unwrap_or(0)).is_multiple_of(every) {
                sheet.text((x, self.bottom + 20.0), Anchor::Middle, "tick", label);
            }
        }
        self.close(sheet, heading, 20.0);
        scale
    }

    /// Names days below the area; returns the scale over day numbers and closes the sheet.
    pub(super) fn name_days(&self, sheet: &mut Sheet, first: NaiveDate, last: NaiveDate) -> Scale {
        let (low, high) = (day_number(first), day_number(last));
        let scale = Scale {
            low: if low < high { low } else { low - 0.5 },
            high: if low < high { high } else { high + 0.5 },
            start: self.left,
            end: self.right,
        };
        let most = if sheet.is_narrow() { 5 } else { 10 };
        for tick in day_ticks(first, last, most) {
            let x = scale.at(day_number(tick.date));
            sheet.line((x, self.bottom), (x, self.bottom + 5.0), "base");
            let half = width_of(&tick.label, SIZE).max(width_of(&tick.year, SIZE)) / 2.0;
            let x = x.min(sheet.width() - half).max(half);
            sheet.text((x, self.bottom + 20.0), Anchor::Middle, "tick", &tick.label);
            if !tick.year.is_empty() {
                let at = (x, self.bottom + 20.0 + LINE);
                sheet.text(at, Anchor::Middle, "tick strong", &tick.year);
            }
        }
        sheet.set_height(self.bottom + 20.0 + LINE + 8.0);
        scale
    }

    /// Names places 0, 1, 2 … below the area, skipping names where there is no room; closes the sheet.
    pub(super) fn name_categories(
        &self,
        sheet: &mut Sheet,
        heading: &str,
        labels: &[&str],
    ) -> Scale {
        let count = labels.len().max(1) as f64;
        let scale = Scale {
            low: -0.5,
            high: count - 0.5,
            start: self.left,
            end: self.right,
        };
        let slot = (self.right - self.left) / count;
        let mut every = 1_u32;
        while slot * f64::from(every) < 38.0 && f64::from(every) < count {
            every += 1;
        }
        let room = slot * f64::from(every) - 6.0;
        let mut deepest = 1;
        let every = usize::try_from(every).unwrap_or(1);
        for (place, label) in labels.iter().enumerate().step_by(every) {
            let lines = wrap(label, room.max(32.0), SIZE);
            let half = room.max(32.0) / 2.0;
            let x = scale.at(place as f64).clamp(half, sheet.width() - half);
            sheet.lines((x, self.bottom + 20.0), Anchor::Middle, "tick", &lines);
            deepest = deepest.max(lines.len());
        }
        self.close(sheet, heading, 20.0 + LINE * (deepest - 1) as f64);
        scale
    }

    fn close(&self, sheet: &mut Sheet, heading: &str, names: f64) {
        let heading = wrap(heading, sheet.width() - 4.0, SIZE);
        let at = (sheet.width() - 2.0, self.bottom + names + LINE + 6.0);
        sheet.lines(at, Anchor::End, "heading", &heading);
        sheet.set_height(at.1 + LINE * (heading.len() - 1) as f64 + 8.0);
    }
}
