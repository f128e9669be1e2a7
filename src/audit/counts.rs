//! How much there is of everything.

use std::collections::BTreeMap;

use crate::journey::{AsOf, CaseIndex, FactKind};

/// Counts over the view.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Counts {
    /// Orders, tickets, contracts.
    pub cases: u64,
    /// Customers of whom something is known.
    pub customers: u64,
    /// Facts.
    pub facts: u64,
    /// Neighbouring facts of one customer at the same moment.
    pub ties: u64,
    /// First purchase, on the log's wall clock.
    pub first_purchase: Option<String>,
    /// Last purchase, on the log's wall clock.
    pub last_purchase: Option<String>,
    /// How many customers have how many cases.
    pub cases_per_customer: BTreeMap<u64, u64>,
    /// Each way in which cases are grouped.
    pub segments: BTreeMap<String, SegmentCounts>,
}

/// Cases by the groups of one segmentation.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SegmentCounts {
    /// Number of groups.
    pub groups: u64,
    /// Cases of the largest groups.
    pub cases: BTreeMap<String, u64>,
    /// Cases of all other groups together.
    pub other: u64,
    /// Cases of no group.
    pub none: u64,
}

impl Counts {
    pub(super) fn of(view: AsOf<'_>, rows: usize) -> Self {
        let log = view.log();
        let mut known = vec![false; log.cases()];
        let mut counts = Self {
            cases: 0,
            customers: 0,
            facts: 0,
            ties: 0,
            first_purchase: None,
            last_purchase: None,
            cases_per_customer: BTreeMap::new(),
            segments: BTreeMap::new(),
        };
        let (mut first, mut last) = (None, None);
        for journey in view.journeys() {
            counts.customers += 1;
            let mut cases = 0;
            let mut before = None;
            for event in journey.events() {
                counts.facts += 1;
                counts.ties += u64::from(before.replace(event.at()) == Some(event.at()));
                if let Some(case) = event.case()
                    && !std::mem::replace(&mut known[case.index()], true)
                {
                    cases += 1;
                }
                if event.kind() == FactKind::Purchase {
                    first = Some(first.map_or(event.at(), |earlier| event.at().min(earlier)));
                    last = last.max(Some(event.at()));
                }
            }
            counts.cases += cases;
            *counts.cases_per_customer.entry(cases).or_default() += 1;
        }
        let written = |moment| {
            view.zone()
                .wall_clock(moment)
                .format("%Y-%m-%d %H:%M:%S")
                .to_string()
        };
        counts.first_purchase = first.map(written);
        counts.last_purchase = last.map(written);
        for segmentation in log.segmentations() {
            let cases = log.case_indices().filter(|case| known[case.index()]);
            let grouped = SegmentCounts::of(cases, |case| segmentation.label_of(case), rows);
            counts
                .segments
                .insert(segmentation.name().to_owned(), grouped);
        }
        counts
    }
}

impl SegmentCounts {
    fn of<'log>(
        cases: impl Iterator<Item = CaseIndex>,
        label_of: impl Fn(CaseIndex) -> Option<&'log str>,
        rows: usize,
    ) -> Self {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let mut summary = Self::default();
        for case in cases {
            match label_of(case) {
                Some(label) => *counts.entry(label).or_default() += 1,
                None => summary.none += 1,
            }
        }
        summary.groups = counts.len() as u64;
        let mut largest: Vec<(&str, u64)> = counts.into_iter().collect();
        largest.sort_by_key(|&(label, count)| (std::cmp::Reverse(count), label));
        summary.other = largest.iter().skip(rows).map(|&(_, count)| count).sum();
        summary.cases = largest
            .into_iter()
            .take(rows)
            .map(|(label, count)| (label.to_owned(), count))
            .collect();
        summary
    }
}
