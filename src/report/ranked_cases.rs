//! Whom to win back first, with what speaks for each case.

use crate::error::{Error, Result};

use super::axis::{Axis, drawable};
use super::format::Unit;
use super::frame::Frame;
use super::picture::Draw;
use super::rows::{RowText, Rows};
use super::svg::{Paint, Sheet};
use super::table::{Cell, Column, Table};

/// One case: what the customer is worth, what their talk costs, what winning them back costs.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedCase {
    name: String,
    own_value: f64,
    word_of_mouth: f64,
    cost: f64,
    reason: String,
}

impl RankedCase {
    /// A case in major units of the list's currency; `name` is a pseudonym ([`mask`](super::mask)) unless the reader
    /// may see the customer. `cost` counts against the case.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless all three are finite (within ±1e14) and the cost is not negative.
    pub fn new(
        name: impl Into<String>,
        own_value: f64,
        word_of_mouth: f64,
        cost: f64,
    ) -> Result<Self> {
        for (what, value) in [
            ("own value of a case", own_value),
            ("word of mouth of a case", word_of_mouth),
            ("cost of a case", cost),
        ] {
            Error::unless(
                value.abs() <= 1e14,
                what,
                value,
                "be a number within −1e14 to 1e14",
            )?;
        }
        Error::unless(cost >= 0.0, "cost of a case", cost, "be 0 or more")?;
        Ok(Self {
            name: name.into(),
            own_value,
            word_of_mouth,
            cost,
            reason: String::new(),
        })
    }

    /// The same with its reasons in words.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// Own value plus word of mouth minus cost.
    #[must_use]
    pub fn net(&self) -> f64 {
        self.own_value + self.word_of_mouth - self.cost
    }
}

/// Cases in the order given, first one first: bars for own value and word of mouth, cost to the other side of zero,
/// the net value at the right.
///
/// ```
/// use tillit::measure::Currency;
/// use tillit::report::{RankedCase, RankedCases, Unit, mask};
///
/// let unit = Unit::whole_money(Currency::new("EUR")?);
/// let case = RankedCase::new(mask("4711"), 320.0, 540.0, 60.0)?.with_reason("voucher 14 weeks late");
/// assert_eq!(case.net(), 800.0);
/// let chart = RankedCases::new(unit, vec![case])?;
/// # let _ = chart;
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RankedCases {
    unit: Unit,
    cases: Vec<RankedCase>,
}

/// Name and paint class of the three parts of a case.
const PARTS: [(&str, &str); 3] = [
    ("own value regained", "part0"),
    ("word of mouth", "part1"),
    ("cost", "neutral"),
];

impl RankedCases {
    /// Cases, best first.
    ///
    /// # Errors
    /// [`Error::Empty`] without cases.
    pub fn new(unit: Unit, cases: Vec<RankedCase>) -> Result<Self> {
        if cases.is_empty() {
            return Err(Error::Empty {
                what: "a list of ranked cases".into(),
                remedy: "give at least one case, or a picture without data".into(),
            });
        }
        for case in &cases {
            drawable("net value of a case", case.net())?;
        }
        Ok(Self { unit, cases })
    }
}

/// From and to of the three parts, stacked away from zero on either side.
fn spans(case: &RankedCase) -> [(f64, f64); 3] {
    let (mut above, mut below) = (0.0, 0.0);
    [case.own_value, case.word_of_mouth, -case.cost].map(|part| {
        let edge = if part >= 0.0 { &mut above } else { &mut below };
        let from = *edge;
        *edge += part;
        (from, *edge)
    })
}

impl Draw for RankedCases {
    fn draw(&self, sheet: &mut Sheet) {
        let mut paints: Vec<Paint> = Vec::new();
        for (place, (_, class)) in PARTS.iter().enumerate() {
            paints.push(sheet.paint(place, class));
        }
        let legend: Vec<_> = paints
            .iter()
            .zip(PARTS)
            .map(|(paint, (name, _))| (paint.clone(), name.to_owned()))
            .collect();
        let top = sheet.legend(0.0, 14.0, &legend) + 14.0;
        let axis = Axis::new("Value regained, and cost to the left of zero", self.unit);
        let ends = self
            .cases
            .iter()
            .flat_map(spans)
            .flat_map(|(from, to)| [from, to]);
        let ticks = axis.ticks(ends, if sheet.is_narrow() { 3.0 } else { 5.0 });
        let texts: Vec<_> = self
            .cases
            .iter()
            .zip(1..)
            .map(|(case, rank)| RowText {
                name: format!("{rank}. {}", case.name),
                note: case.reason.clone(),
                value: self.unit.write(case.net()),
            })
            .collect();
        let rows = Rows::lay(sheet, &texts, top);
        let frame = Frame {
            left: rows.left,
            right: rows.right,
            top,
            bottom: rows.bottom,
        };
        let labels = self.unit.tick_labels(&ticks);
        let scale = frame.name_numbers(sheet, &axis.heading(), &ticks, &labels);
        rows.rule(sheet, &ticks, &scale);
        for (case, lane) in self.cases.iter().zip(&rows.lanes) {
            for (((from, to), paint), (part, _)) in spans(case).into_iter().zip(&paints).zip(PARTS)
            {
                let hint = format!("{}, {part}: {}", case.name, self.unit.write(to - from));
                sheet.bar(
                    (scale.at(from), lane.middle - 8.0),
                    (scale.at(to), lane.middle + 8.0),
                    paint,
                    &hint,
                );
            }
        }
    }

    fn table(&self, caption: String) -> Table {
        let with_reasons = self.cases.iter().any(|case| !case.reason.is_empty());
        let mut columns = vec![Column::number("Rank"), Column::text("Case")];
        columns.extend(["Own value", "Word of mouth", "Cost", "Net"].map(Column::number));
        if with_reasons {
            columns.push(Column::text("Why"));
        }
        let rows = self
            .cases
            .iter()
            .zip(1..)
            .map(|(case, rank)| {
                let mut row = vec![Cell::count(rank), Cell::Text(case.name.clone())];
                row.extend(
                    [case.own_value, case.word_of_mouth, case.cost, case.net()]
                        .map(|value| Cell::Number(value, self.unit)),
                );
                if with_reasons {
                    row.push(Cell::Text(case.reason.clone()));
                }
                row
            })
            .collect();
        Table::of(caption, columns, rows)
    }
}
