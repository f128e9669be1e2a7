//! One `[[fact]]` of a mapping: what a row says happened, if it happened.

use toml::{Table, Value};

use crate::error::{Error, Result};
use crate::journey::Fact;
use crate::measure::{Currency, RatingScale};

use super::amount;
use super::columns::{Columns, TimeSlot};
use super::condition::Condition;
use super::contact::ContactRule;
use super::feedback::{ExpectationRule, FeedbackRule};
use super::need::NeedRule;
use super::promise::PromiseRule;
use super::purchase::{PurchaseRule, RefundRule};
use super::reading::Fault;
use super::row::{Outcome, Row};
use super::section::{Section, instead_of};
use super::wording::Wording;

/// A kind of fact, with the keys that only it has.
type Kind = (&'static str, &'static [&'static str]);

const KINDS: &[Kind] = &[
    ("visit", &["at"]),
    ("expectation", &["at", "rating", "scale", "blank"]),
    ("feedback", &["at", "asked", "rating", "scale", "blank"]),
    (
        "promise",
        &[
            "name",
            "maker",
            "maker_column",
            "made",
            "due",
            "due_days",
            "dimension",
            "stake",
            "renegotiated_at",
            "renegotiated_due",
            "fulfilled",
            "broken",
            "broken_at",
            "deception",
            "waived",
            "waived_at",
        ],
    ),
    (
        "contact",
        &[
            "at",
            "by",
            "asked",
            "reason",
            "reason_column",
            "passed_to",
            "passed_to_column",
        ],
    ),
    ("need_known", &["at", "need", "need_column"]),
    ("need_asked", &["at", "need", "need_column"]),
    ("purchase", &["at", "cancelled"]),
    ("refund", &["at"]),
    ("recommendation", &["at"]),
    ("case_closed", &["at"]),
];

const COMMON: [&str; 6] = [
    "kind",
    "touchpoint",
    "touchpoint_column",
    "when",
    "unless",
    "required",
];

#[derive(Clone, Debug)]
pub(super) struct FactRule {
    /// The time without which the fact did not happen.
    at: TimeSlot,
    touchpoint: Option<Wording>,
    when: Option<Condition>,
    unless: Option<Condition>,
    required: bool,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Visit,
    Recommendation,
    CaseClosed,
    Expectation(ExpectationRule),
    Feedback(FeedbackRule),
    Promise(Box<PromiseRule>),
    Contact(ContactRule),
    Need(NeedRule),
    Purchase(PurchaseRule),
    Refund(RefundRule),
}

impl FactRule {
    /// The fact that stands as number `number` (from 1) in the mapping.
    pub(super) fn parse(
        number: usize,
        table: &Table,
        columns: &mut Columns,
        currency: Option<Currency>,
    ) -> Result<Self> {
        let place = format!("fact {number}");
        let refused = |reason: String| Error::Mapping {
            key: format!("{place}: kind"),
            reason,
        };
        let names: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        let kind = match table.get("kind") {
            None => return Err(refused(format!("is missing: {}", instead_of("", &names)))),
            Some(Value::String(kind)) => kind.as_str(),
            Some(_) => return Err(refused("must be a text".into())),
        };
        let Some((kind, own)) = KINDS.iter().find(|(name, _)| *name == kind) else {
            return Err(refused(format!(
                "is {kind:?}, which is no kind: {}",
                instead_of(kind, &names)
            )));
        };
        let place = match table.get("name") {
            Some(Value::String(name)) => format!("{place} ({kind} {name:?})"),
            _ => format!("{place} ({kind})"),
        };
        let mut known = [&COMMON[..], own].concat();
        if matches!(*kind, "purchase" | "refund") {
            known.extend(amount::KEYS);
        }
        let section = Section::new(&place, table, &known)?;
        let content = match *kind {
            "visit" => Content::Visit,
            "recommendation" => Content::Recommendation,
            "case_closed" => Content::CaseClosed,
            "expectation" => Content::Expectation(ExpectationRule::parse(&section, columns)?),
            "feedback" => Content::Feedback(FeedbackRule::parse(&section, columns)?),
            "promise" => Content::Promise(Box::new(PromiseRule::parse(&section, columns)?)),
            "contact" => Content::Contact(ContactRule::parse(&section, columns)?),
            "need_known" => Content::Need(NeedRule::parse(&section, columns, false)?),
            "need_asked" => Content::Need(NeedRule::parse(&section, columns, true)?),
            "refund" => Content::Refund(RefundRule::parse(&section, columns, currency)?),
            _ => Content::Purchase(PurchaseRule::parse(&section, columns, currency)?),
        };
        Ok(Self {
            at: match &content {
                Content::Promise(promise) => promise.made(),
                _ => columns.needed_time(&section, "at")?,
            },
            touchpoint: Wording::parse(&section, "touchpoint", "touchpoint_column", columns)?,
            when: Condition::parse(&section, "when", columns)?,
            unless: Condition::parse(&section, "unless", columns)?,
            required: section.flag("required")?,
            content,
        })
    }

    /// The promise's name, if it is a promise.
    pub(super) fn promise(&self) -> Option<&str> {
        match &self.content {
            Content::Promise(promise) => Some(promise.name()),
            _ => None,
        }
    }

    /// The scale, if it is feedback.
    pub(super) fn feedback_scale(&self) -> Option<RatingScale> {
        match &self.content {
            Content::Feedback(feedback) => Some(feedback.scale()),
            _ => None,
        }
    }

    /// Whether it reads money.
    pub(super) fn reads_money(&self) -> bool {
        matches!(self.content, Content::Purchase(_) | Content::Refund(_))
    }

    pub(super) fn read<'r>(
        &'r self,
        row: &Row<'r>,
        outcome: &mut Outcome<'r>,
    ) -> Result<(), Fault> {
        let holds = |condition: &Option<Condition>, otherwise: bool| match condition {
            Some(condition) => condition.holds(row),
            None => Ok(otherwise),
        };
        if !holds(&self.when, true)? || holds(&self.unless, false)? {
            return Ok(());
        }
        let at = row.time(self.at);
        if self.required && at.is_none() {
            let slot = row.mapping.columns.column_of(self.at);
            return Err(row.fault(slot, "", "empty, but the mapping requires this fact"));
        }
        outcome.touchpoint = match &self.touchpoint {
            Some(touchpoint) => touchpoint.read(row)?,
            None => None,
        };
        if let Content::Feedback(feedback) = &self.content {
            return feedback.read(at, row, outcome);
        }
        let Some(at) = at else {
            return Ok(());
        };
        match &self.content {
            Content::Visit => outcome.push(at.at, Fact::Visit),
            Content::Recommendation => outcome.push(at.at, Fact::Recommendation),
            Content::CaseClosed => outcome.push(at.at, Fact::CaseClosed),
            Content::Expectation(expectation) => expectation.read(at, row, outcome)?,
            Content::Feedback(feedback) => feedback.read(Some(at), row, outcome)?,
            Content::Promise(promise) => promise.read(at, row, outcome)?,
            Content::Contact(contact) => contact.read(at, row, outcome)?,
            Content::Need(need) => need.read(at, row, outcome)?,
            Content::Purchase(purchase) => purchase.read(at, row, outcome)?,
            Content::Refund(refund) => refund.read(at, row, outcome)?,
        }
        Ok(())
    }
}
