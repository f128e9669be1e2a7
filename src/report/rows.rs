//! Pictures made of rows: a name, a lane to draw in, a value at the right edge.

use super::axis::{Scale, Ticks};
use super::lettering::{width_of, wrap};
use super::svg::{Anchor, LINE, SIZE, Sheet};

/// What stands beside a lane.
#[derive(Clone, Debug, Default)]
pub(super) struct RowText {
    pub(super) name: String,
    pub(super) note: String,
    pub(super) value: String,
}

/// A lane in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    pub(super) top: f64,
    pub(super) middle: f64,
    pub(super) bottom: f64,
}

/// Rows laid out under each other. Names wrap and are never cut: beside their lane where there is room, above it on
/// a narrow sheet.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) lanes: Vec<Lane>,
    pub(super) bottom: f64,
}

impl Rows {
    /// Writes names, notes and values below `top` and leaves lanes between them.
    pub(super) fn lay(sheet: &mut Sheet, texts: &[RowText], top: f64) -> Self {
        let widest = |text: fn(&RowText) -> &str| {
            texts
                .iter()
                .map(|row| width_of(text(row), SIZE))
                .fold(0.0, f64::max)
        };
        let narrow = sheet.is_narrow();
        let value_room = widest(|row| &row.value);
        let (names, left) = if narrow {
            (sheet.width(), 8.0)
        } else {
            let names = widest(|row| &row.name)
                .max(widest(|row| &row.note))
                .clamp(40.0, sheet.width() * 0.36);
            (names, names + 14.0)
        };
        let right = if value_room > 0.0 {
            sheet.width() - value_room - 12.0
        } else {
            sheet.width() - 14.0
        };
        // A value too wide for its column on a telephone leaves the lane at least a third.
        let right = right.max(left + (sheet.width() - left) / 3.0);
        let mut y = top;
        let mut lanes = Vec::with_capacity(texts.len());
        for row in texts {
            let name = wrap(&row.name, names, SIZE);
            let note = if row.note.is_empty() {
                Vec::new()
            } else {
                wrap(&row.note, names, SIZE)
            };
            let text_height = LINE * (name.len() + note.len()) as f64;
            let height = if narrow {
                24.0
            } else {
                text_height.max(22.0) + 10.0
            };
            let (first_line, lane_top) = if narrow {
                (y + 20.0, y + text_height + 11.0)
            } else {
                (y + (height - text_height) / 2.0 + 13.0, y)
            };
            let (x, anchor) = if narrow {
                (0.0, Anchor::Start)
            } else {
                (names, Anchor::End)
            };
            sheet.lines((x, first_line), anchor, "label", &name);
            let below = first_line + LINE * name.len() as f64;
            sheet.lines((x, below), anchor, "muted", &note);
            let lane = Lane {
                top: lane_top,
                middle: lane_top + height / 2.0,
                bottom: lane_top + height,
            };
            if !row.value.is_empty() {
                let at = (sheet.width(), lane.middle + 4.5);
                sheet.text(at, Anchor::End, "value", &row.value);
            }
            y = lane.bottom;
            lanes.push(lane);
        }
        Self {
            left,
            right,
            lanes,
            bottom: y,
        }
    }

    /// Grid lines through the lanes, at these ticks.
    pub(super) fn rule(&self, sheet: &mut Sheet, ticks: &Ticks, scale: &Scale) {
        for &value in ticks.values() {
            let x = scale.at(value);
            let class = if value == 0.0 { "base" } else { "grid" };
            self.rule_at(sheet, x, class);
        }
    }

    /// A line through all lanes.
    pub(super) fn rule_at(&self, sheet: &mut Sheet, x: f64, class: &str) {
        for lane in &self.lanes {
            sheet.line((x, lane.top), (x, lane.bottom), class);
        }
    }
}
