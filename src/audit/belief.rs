//! How reliable the company and those who promise in its name have been.

use crate::error::{Error, Result};
use crate::journey::AsOf;
use crate::measure::{Estimate, Probability};
use crate::promise::PromiseLedger;
use crate::trust::{BaseRate, Reliabilities, Reliability, ReliabilityRules};

use super::AuditOptions;

/// Reliability: the probability that the next promise is kept, from all promises so far, later ones weighing more.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TrustFinding {
    /// Of all promises together, with its band.
    pub all: Estimate,
    /// The makers of promises, the least reliable first; makers with few promises are left to `makers_not_shown`.
    pub makers: Vec<PartyFinding>,
    /// Makers not shown.
    pub makers_not_shown: u64,
    /// By segmentation: the groups, the least reliable first.
    pub by_segment: Vec<(String, Vec<PartyFinding>)>,
}

/// One party.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PartyFinding {
    /// Its name.
    pub name: String,
    /// Its reliability with its band.
    pub reliability: Estimate,
}

impl TrustFinding {
    /// `None` without promises.
    pub(super) fn of(
        view: AsOf<'_>,
        ledger: &PromiseLedger,
        options: &AuditOptions,
    ) -> Result<Option<Self>> {
        if ledger.records().is_empty() {
            return Ok(None);
        }
        // A party alone has nobody to be compared with: nothing is presumed.
        let given = ReliabilityRules::default().with_base_rate(BaseRate::Given(Probability::HALF));
        let at = view.moment();
        let all = Reliabilities::by(ledger, at, &given, |_| ())?;
        let Some(all) = all.parties().get(&()) else {
            return Ok(None);
        };
        let all = all.estimate(options.level)?;
        let estimated = ReliabilityRules::default().with_base_rate(BaseRate::Estimated);
        let makers = or_given(&given, &estimated, |rules| {
            Reliabilities::by_maker(ledger, at, rules)
        })?;
        let (makers, makers_not_shown) =
            least_reliable(makers.parties().iter().map(named), options)?;
        let mut by_segment = Vec::new();
        for segmentation in view.log().segmentations() {
            let groups = or_given(&given, &estimated, |rules| {
                Reliabilities::by_segment(ledger, at, rules, segmentation)
            })?;
            let groups = groups
                .parties()
                .iter()
                .map(|(label, party)| (label.unwrap_or("none"), party));
            let (groups, _) = least_reliable(groups, options)?;
            if groups.len() > 1 {
                by_segment.push((segmentation.name().to_owned(), groups));
            }
        }
        Ok(Some(Self {
            all,
            makers,
            makers_not_shown,
            by_segment,
        }))
    }
}

fn named<'a>((name, party): (&&'a str, &'a Reliability)) -> (&'a str, &'a Reliability) {
    (if name.is_empty() { "unknown" } else { name }, party)
}

/// With the base rate estimated from the parties where there are enough of them, else with the given one.
fn or_given<T>(
    given: &ReliabilityRules,
    estimated: &ReliabilityRules,
    of: impl Fn(&ReliabilityRules) -> Result<T>,
) -> Result<T> {
    match of(estimated) {
        Err(Error::CannotTell { .. }) => of(given),
        other => other,
    }
}

fn least_reliable<'a>(
    parties: impl Iterator<Item = (&'a str, &'a Reliability)>,
    options: &AuditOptions,
) -> Result<(Vec<PartyFinding>, u64)> {
    let all: Vec<(&str, &Reliability)> = parties.collect();
    let count = all.len();
    let enough = |party: &Reliability| party.promises() as u64 >= options.least_rows_per_segment;
    let mut shown: Vec<(&str, &Reliability)> =
        all.into_iter().filter(|(_, party)| enough(party)).collect();
    shown.sort_by(|left, right| {
        left.1
            .value()
            .total_cmp(&right.1.value())
            .then_with(|| left.0.cmp(right.0))
    });
    shown.truncate(options.rows);
    let findings = shown
        .iter()
        .map(|(name, party)| {
            Ok(PartyFinding {
                name: (*name).to_owned(),
                reliability: party.estimate(options.level)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let not_shown = (count - findings.len()) as u64;
    Ok((findings, not_shown))
}
