//! Whom to win back first, and what is at stake where.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::journey::{AsOf, CustomerIndex, Segmentation, mask};
use crate::measure::{Currency, ExpectedMoney, Probability, Sentiment, SentimentRule, Span};
use crate::promise::PromiseLedger;
use crate::win_back::{
    Budget, Certificate, Disappointment, RankedCase, Reason, Stakes, WinBackCase, WinBackRanking,
};
use crate::word_of_mouth::{Talk, Teller};

use super::{Assumptions, AuditOptions, WorthFinding};

/// Cases in the order in which to take them.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct WinBackFinding {
    /// Currency of the amounts.
    pub currency: Currency,
    /// Customers who were let down lately and are not content since.
    pub disappointed: u64,
    /// How many of them are worth an attempt within the budget.
    pub chosen: u64,
    /// What those attempts cost.
    pub spent: f64,
    /// How close the choice is to the best possible one.
    pub certificate: Certificate,
    /// Probability that a disappointed customer who has not said so is a detractor, from those who were served late and
    /// have spoken.
    pub silent_detractors: Option<f64>,
    /// The first cases.
    pub first: Vec<CaseFinding>,
    /// Value at stake by segmentation: the largest first, the last row for all others.
    pub by_segment: BTreeMap<String, Vec<SegmentStakes>>,
}

/// One case.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CaseFinding {
    /// Pseudonym of the customer.
    pub customer: String,
    /// Pseudonym of the case.
    pub case: Option<String>,
    /// Expected own value regained by an attempt: success times what a recovery regains.
    pub own_value: f64,
    /// Expected word of mouth avoided by an attempt.
    pub word_of_mouth: f64,
    /// Cost of the attempt.
    pub cost: f64,
    /// Expected net gain.
    pub net_gain: f64,
    /// Whether it is worth an attempt within the budget.
    pub chosen: bool,
    /// Why.
    pub reasons: Vec<String>,
}

/// What is at stake in one group of cases.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SegmentStakes {
    /// The group; "other" for all groups not shown, "none" for cases of no group.
    pub label: String,
    /// Groups summed up in this row.
    pub groups: u64,
    /// Disappointed customers.
    pub customers: u64,
    /// Own value they are expected to take with them if nothing is done.
    pub own_value: f64,
    /// What their talk is expected to cost if nothing is done.
    pub word_of_mouth: f64,
}

/// What is known when cases are weighed.
pub(super) struct Weighing<'a> {
    pub(super) view: AsOf<'a>,
    pub(super) ledger: &'a PromiseLedger,
    pub(super) rule: Option<SentimentRule>,
    pub(super) worth: &'a WorthFinding,
    pub(super) talk: &'a Talk,
    pub(super) assumptions: &'a Assumptions,
    /// Share of detractors among those who were served late and have spoken.
    pub(super) silent_detractors: Option<f64>,
}

impl WinBackFinding {
    pub(super) fn of(weighing: &Weighing<'_>, options: &AuditOptions) -> Result<Self> {
        let within = Span::from_days(f64::from(options.disappointed_within_days))?;
        let disappointed =
            Disappointment::find(weighing.view, weighing.ledger, weighing.rule, within)?;
        let ranks = value_ranks(weighing.worth);
        let cases = disappointed
            .into_iter()
            .map(|case| weighing.case(case, &ranks))
            .collect::<Result<Vec<WinBackCase>>>()?;
        let by_segment = weighing
            .view
            .log()
            .segmentations()
            .iter()
            .map(|segmentation| {
                (
                    segmentation.name().to_owned(),
                    by_segment(&cases, segmentation, options.rows),
                )
            })
            .collect();
        let assumptions = weighing.assumptions;
        let budget = match (assumptions.budget, assumptions.attempts) {
            (Some(limit), _) => Budget::Money(ExpectedMoney::new(limit, weighing.worth.currency)?),
            (None, Some(limit)) => Budget::Attempts(limit),
            (None, None) => Budget::Unlimited,
        };
        let disappointed = cases.len() as u64;
        let ranking = WinBackRanking::weigh(cases, budget)?;
        Ok(Self {
            currency: weighing.worth.currency,
            disappointed,
            chosen: ranking.chosen().count() as u64,
            spent: ranking.spent(),
            certificate: ranking.certificate(),
            silent_detractors: weighing.silent_detractors,
            first: ranking
                .cases()
                .iter()
                .take(options.rows)
                .map(|case| weighing.shown(case))
                .collect(),
            by_segment,
        })
    }
}

impl Weighing<'_> {
    fn case(&self, found: Disappointment, ranks: &[f64]) -> Result<WinBackCase> {
        let currency = self.worth.currency;
        let customer = found.customer.index();
        let detractor = match found.sentiment {
            Some(Sentiment::Detractor) => 1.0,
            Some(_) => 0.0,
            None => self.silent_detractors.unwrap_or(1.0),
        };
        let talk_of = |teller| {
            Ok::<f64, crate::Error>(self.talk.impact_of(teller, 0.0, 1.0)?.word_of_mouth())
        };
        let (bad, good) = (
            talk_of(Teller::Detractor)?,
            talk_of(Teller::RecoveredDetractor)?,
        );
        let leaves = self.assumptions.leaves_if_recovered.value()
            + detractor
                * (self.assumptions.leaves_if_disappointed.value()
                    - self.assumptions.leaves_if_recovered.value());
        let stakes = Stakes {
            own_value: ExpectedMoney::new(self.worth.by_customer[customer], currency)?,
            leaves_if_nothing_is_done: Probability::new(leaves)?,
            leaves_if_recovered: self.assumptions.leaves_if_recovered,
            word_of_mouth_if_nothing_is_done: ExpectedMoney::new(detractor * bad, currency)?,
            word_of_mouth_if_recovered: ExpectedMoney::new(good, currency)?,
            success: self.assumptions.attempt_success,
            cost: ExpectedMoney::new(self.assumptions.attempt_cost, currency)?,
        };
        let mut reasons = found.reasons;
        if self.worth.model_refused.is_none() && ranks[customer] <= 0.1 {
            reasons.push(Reason::Valuable {
                above: Probability::new(ranks[customer])?,
            });
        }
        WinBackCase::new(found.customer, found.case, stakes, reasons)
    }

    fn shown(&self, ranked: &RankedCase) -> CaseFinding {
        let case = &ranked.case;
        let log = self.view.log();
        let success = case.stakes().success.value();
        CaseFinding {
            customer: mask(log.customer_key(case.customer())),
            case: case.case().map(|case| mask(log.case_key(case))),
            own_value: success * case.own_value_regained(),
            word_of_mouth: success * case.word_of_mouth_avoided(),
            cost: case.cost(),
            net_gain: ranked.net_gain,
            chosen: ranked.chosen,
            reasons: case.reasons().iter().map(ToString::to_string).collect(),
        }
    }
}

/// For each customer the share of customers who are worth more.
fn value_ranks(worth: &WorthFinding) -> Vec<f64> {
    let mut sorted = worth.by_customer.clone();
    sorted.sort_by(f64::total_cmp);
    let customers = sorted.len().max(1) as f64;
    worth
        .by_customer
        .iter()
        .map(|value| {
            (sorted.len() - sorted.partition_point(|other| other <= value)) as f64 / customers
        })
        .collect()
}

fn by_segment(
    cases: &[WinBackCase],
    segmentation: &Segmentation,
    rows: usize,
) -> Vec<SegmentStakes> {
    let mut groups: BTreeMap<Option<usize>, SegmentStakes> = BTreeMap::new();
    let mut customers: BTreeMap<Option<usize>, CustomerIndex> = BTreeMap::new();
    for case in cases {
        let group = case.case().and_then(|of| segmentation.group_of(of));
        let label = group
            .and_then(|group| segmentation.labels().get(group))
            .map_or("none", AsRef::as_ref);
        let stakes = groups.entry(group).or_insert_with(|| SegmentStakes {
            label: label.to_owned(),
            groups: 1,
            customers: 0,
            own_value: 0.0,
            word_of_mouth: 0.0,
        });
        // Cases come in order of customers, one a customer.
        if customers.insert(group, case.customer()) != Some(case.customer()) {
            stakes.customers += 1;
        }
        let given = case.stakes();
        stakes.own_value += given.leaves_if_nothing_is_done.value() * given.own_value.amount();
        stakes.word_of_mouth += given.word_of_mouth_if_nothing_is_done.amount();
    }
    let mut sorted: Vec<SegmentStakes> = groups.into_values().collect();
    let at_stake = |stakes: &SegmentStakes| stakes.own_value + stakes.word_of_mouth;
    sorted.sort_by(|left, right| {
        at_stake(right)
            .total_cmp(&at_stake(left))
            .then_with(|| left.label.cmp(&right.label))
    });
    let others = sorted.split_off(rows.min(sorted.len()));
    if !others.is_empty() {
        let sum = |part: fn(&SegmentStakes) -> f64| others.iter().map(part).sum();
        sorted.push(SegmentStakes {
            label: "other".to_owned(),
            groups: others.len() as u64,
            customers: others.iter().map(|stakes| stakes.customers).sum(),
            own_value: sum(|stakes| stakes.own_value),
            word_of_mouth: sum(|stakes| stakes.word_of_mouth),
        });
    }
    sorted
}
