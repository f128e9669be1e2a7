//! Expectation and experience, touchpoint by touchpoint or segment by segment.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::journey::{AsOf, CaseIndex, Fact, Segmentation};
use crate::measure::{Merge, Rating};

use super::ExpectationGap;

/// One line of an [`ExpectationTable`].
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ExpectationRow {
    label: Option<String>,
    gap: ExpectationGap,
}

impl ExpectationRow {
    /// The touchpoint or segment; `None` for facts without one.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Experience, expectation and gap there.
    #[must_use]
    pub fn gap(&self) -> &ExpectationGap {
        &self.gap
    }
}

/// Experience and gap by touchpoint or by segment, never only as one mean.
///
/// A pair is the last rating that a case gave at a touchpoint and the last expectation that it had stated there before
/// that rating. What a customer does outside any case counts as one case of its own.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ExpectationTable {
    whole: ExpectationGap,
    rows: Vec<ExpectationRow>,
}

/// What one case said at one touchpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    asked: bool,
    expected: Option<Rating>,
    /// Experience, with the expectation that stood when it was given.
    experienced: Option<(Rating, Option<Rating>)>,
}

impl ExpectationTable {
    /// By touchpoint, in order of name, facts at no touchpoint first.
    ///
    /// # Errors
    /// Passes on errors of merging; none arise from a log.
    pub fn by_touchpoint(view: AsOf<'_>) -> Result<Self> {
        let groups = grouped(view, |_, touchpoint| touchpoint.map(str::to_owned));
        Self::of_rows(groups.into_iter())
    }

    /// By the groups of a segmentation, in its order, cases of no group last.
    ///
    /// # Errors
    /// As [`by_touchpoint`](Self::by_touchpoint).
    pub fn by_segment(view: AsOf<'_>, segmentation: &Segmentation) -> Result<Self> {
        let labels = segmentation.labels();
        let groups = grouped(view, |case, _| {
            case.and_then(|case| segmentation.group_of(case))
                .unwrap_or(labels.len())
        });
        Self::of_rows(
            groups
                .into_iter()
                .map(|(group, gap)| (labels.get(group).map(ToString::to_string), gap)),
        )
    }

    fn of_rows(rows: impl Iterator<Item = (Option<String>, ExpectationGap)>) -> Result<Self> {
        let rows: Vec<ExpectationRow> = rows
            .map(|(label, gap)| ExpectationRow { label, gap })
            .collect();
        let mut whole = ExpectationGap::default();
        for row in &rows {
            whole.merge(&row.gap)?;
        }
        Ok(Self { whole, rows })
    }

    /// All rows together.
    #[must_use]
    pub fn whole(&self) -> &ExpectationGap {
        &self.whole
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[ExpectationRow] {
        &self.rows
    }

    /// The row with this label.
    #[must_use]
    pub fn row(&self, label: &str) -> Option<&ExpectationRow> {
        self.rows.iter().find(|row| row.label() == Some(label))
    }
}

fn grouped<K: Ord>(
    view: AsOf<'_>,
    group: impl Fn(Option<CaseIndex>, Option<&str>) -> K,
) -> BTreeMap<K, ExpectationGap> {
    let mut groups: BTreeMap<K, ExpectationGap> = BTreeMap::new();
    for journey in view.journeys() {
        let mut cases: BTreeMap<(Option<CaseIndex>, Option<&str>), Said> = BTreeMap::new();
        for event in journey.events() {
            let said = cases.entry((event.case(), event.touchpoint())).or_default();
            match event.fact() {
                Fact::FeedbackAsked => said.asked = true,
                Fact::ExpectationStated(rating) => said.expected = Some(rating),
                Fact::Feedback(rating) => said.experienced = Some((rating, said.expected)),
                _ => {}
            }
        }
        for ((case, touchpoint), said) in cases {
            let gap = groups.entry(group(case, touchpoint)).or_default();
            if said.asked {
                gap.record_asked();
            }
            if let Some((experience, Some(expectation))) = said.experienced {
                gap.record(experience, expectation);
            }
        }
    }
    groups
}
