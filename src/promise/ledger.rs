//! Every promise that was made, with what became of it.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::error::{Error, Result};
use crate::journey::{AsOf, CaseIndex, CustomerIndex, Dimension, Due, Fact, LoggedEvent, Promise};
use crate::measure::{Timestamp, Zone};

use super::PromiseState;

/// How a promise was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum HowClosed {
    /// Carried out, in time or late, by whomever.
    Fulfilled,
    /// It became certain that it would not be carried out.
    Broken {
        /// Whether the customer was deceived.
        deception: bool,
    },
    /// Its reason fell away, without blame.
    Waived,
}

/// The end of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Closing {
    /// How.
    pub how: HowClosed,
    /// When.
    pub at: Timestamp,
}

/// A new deadline for an open promise, agreed before the old one had passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Renegotiation {
    /// When the new deadline was agreed.
    pub at: Timestamp,
    /// The new deadline; `None` if from now on no day is named.
    pub due: Option<Due>,
}

/// When a fulfilment counts as late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum LatenessRule {
    /// A deadline given as a day lasts to the end of that day.
    #[default]
    EndOfDay,
    /// A deadline given as a day ends when that day begins: the common mistake of comparing with a date that was read
    /// as midnight. Kept so that the difference can be shown.
    StartOfDay,
}

/// One promise to one customer and what became of it, as far as the ledger's view knows.
#[derive(Clone, Debug, PartialEq)]
pub struct PromiseRecord {
    customer: CustomerIndex,
    case: Option<CaseIndex>,
    name: u32,
    maker: u32,
    dimension: Dimension,
    stake: f64,
    made: Timestamp,
    first_due: Option<Due>,
    renegotiations: Vec<Renegotiation>,
    closing: Option<Closing>,
    /// Last moment that keeps the promise under the deadline in force; the end of time without a deadline.
    keeps_until: Timestamp,
}

impl PromiseRecord {
    fn new(
        event: LoggedEvent<'_>,
        promise: &Promise<'_>,
        name: u32,
        maker: u32,
        zone: Zone,
    ) -> Self {
        Self {
            customer: event.customer(),
            case: event.case(),
            name,
            maker,
            dimension: promise.dimension,
            stake: promise.stake,
            made: event.at(),
            first_due: promise.due,
            renegotiations: Vec::new(),
            closing: None,
            keeps_until: keeps_until(promise.due, zone),
        }
    }

    /// To whom it was made.
    #[must_use]
    pub fn customer(&self) -> CustomerIndex {
        self.customer
    }

    /// The case in which it was made.
    #[must_use]
    pub fn case(&self) -> Option<CaseIndex> {
        self.case
    }

    /// Place of its name in [`PromiseLedger::names`].
    #[must_use]
    pub fn name_index(&self) -> usize {
        self.name as usize
    }

    /// Place of its maker in [`PromiseLedger::makers`].
    #[must_use]
    pub fn maker_index(&self) -> usize {
        self.maker as usize
    }

    /// Which side of trust it speaks to.
    #[must_use]
    pub fn dimension(&self) -> Dimension {
        self.dimension
    }

    /// How much hangs on it, relative to an ordinary promise.
    #[must_use]
    pub fn stake(&self) -> f64 {
        self.stake
    }

    /// When it was made.
    #[must_use]
    pub fn made(&self) -> Timestamp {
        self.made
    }

    /// The deadline in force; `None` if no day is named.
    #[must_use]
    pub fn due(&self) -> Option<Due> {
        self.renegotiations
            .last()
            .map_or(self.first_due, |renegotiation| renegotiation.due)
    }

    /// The deadline in force at `moment`.
    #[must_use]
    pub fn due_at(&self, moment: Timestamp) -> Option<Due> {
        self.renegotiations
            .iter()
            .rev()
            .find(|renegotiation| renegotiation.at <= moment)
            .map_or(self.first_due, |renegotiation| renegotiation.due)
    }

    /// The deadline that was named first.
    #[must_use]
    pub fn first_due(&self) -> Option<Due> {
        self.first_due
    }

    /// The new deadlines, in order.
    #[must_use]
    pub fn renegotiations(&self) -> &[Renegotiation] {
        &self.renegotiations
    }

    /// How and when it ended; `None` while it is open.
    #[must_use]
    pub fn closing(&self) -> Option<Closing> {
        self.closing
    }

    /// When it was carried out; `None` if it was not.
    #[must_use]
    pub fn fulfilled(&self) -> Option<Timestamp> {
        match self.closing {
            Some(Closing {
                how: HowClosed::Fulfilled,
                at,
            }) => Some(at),
            _ => None,
        }
    }

    /// Promise-versus-delivery gap: calendar day of fulfilment minus day of the deadline, in days of `zone`. Negative
    /// is early, positive late; `None` without a fulfilment or without a deadline.
    #[must_use]
    pub fn gap_days(&self, zone: Zone) -> Option<i64> {
        let fulfilled = self.fulfilled()?;
        let due = self.due()?;
        Some((zone.date_of(fulfilled) - due.date(zone)).num_days())
    }

    /// How many times as long as promised it took, in calendar days of `zone` from making to fulfilment and to the first
    /// deadline; `None` without a fulfilment or a first deadline, or if it was due on the day it was made.
    #[must_use]
    pub fn times_as_long(&self, zone: Zone) -> Option<f64> {
        let made = zone.date_of(self.made);
        let promised = (self.first_due?.date(zone) - made).num_days();
        let taken = (zone.date_of(self.fulfilled()?) - made).num_days();
        (promised > 0).then(|| taken as f64 / promised as f64)
    }

    /// Whether it was carried out late; `None` without a fulfilment or without a deadline. Carried out exactly at the
    /// deadline is in time.
    #[must_use]
    pub fn is_late(&self, rule: LatenessRule, zone: Zone) -> Option<bool> {
        let fulfilled = self.fulfilled()?;
        let deadline = match (self.due()?, rule) {
            (Due::Day(date), LatenessRule::StartOfDay) => zone.start_of(date),
            _ => self.keeps_until,
        };
        Some(fulfilled > deadline)
    }

    /// The last moment that keeps it under the deadline in force; the end of time without a deadline.
    #[must_use]
    pub fn keeps_until(&self) -> Timestamp {
        self.keeps_until
    }

    /// From when it has been overdue, or would have been had it not been closed; `None` without a deadline.
    pub(super) fn overdue_from(&self) -> Option<Timestamp> {
        let after = self.keeps_until.micros().checked_add(1)?;
        let agreed = self.renegotiations.last().map_or(self.made, |last| last.at);
        Some(Timestamp::from_micros(after).max(agreed))
    }

    fn renegotiate(&mut self, at: Timestamp, due: Option<Due>, zone: Zone) -> bool {
        let in_time = at <= self.keeps_until;
        if in_time {
            self.renegotiations.push(Renegotiation { at, due });
            self.keeps_until = keeps_until(due, zone);
        }
        in_time
    }
}

fn keeps_until(due: Option<Due>, zone: Zone) -> Timestamp {
    due.map_or(Timestamp::MAX, |due| due.last_moment(zone))
}

/// All promises of a view, in order of customer, then of making.
///
/// A promise is told apart by customer, case and name. Made again while it is open, it counts as renegotiated. A new
/// deadline that comes after the old one has passed changes nothing: what is missed stays missed. The first closing
/// counts; facts about promises that are not open are counted in [`unmatched`](Self::unmatched), except as
/// [`closed_before_made`](Self::closed_before_made) says.
///
/// ```
/// use chrono::NaiveDate;
/// use tillit::journey::{Due, Event, Fact, JourneyLogBuilder, Promise};
/// use tillit::measure::{Timestamp, Zone};
/// use tillit::promise::{PromiseLedger, PromiseState};
///
/// let day = |d| NaiveDate::from_ymd_opt(2019, 2, d).unwrap_or_default();
/// let answer = Promise::named("answer").by("importer").due(Due::Day(day(18)));
/// let mut builder = JourneyLogBuilder::new(Zone::UTC);
/// builder.push(Event::new("ada", Timestamp::parse("2019-02-01T09:00:00Z")?, Fact::PromiseMade(answer)))?;
/// builder.push(Event::new(
///     "ada",
///     Timestamp::parse("2019-02-21T09:00:00Z")?,
///     Fact::PromiseFulfilled { promise: "answer" },
/// ))?;
/// let log = builder.build();
///
/// let ledger = PromiseLedger::of(log.whole());
/// let record = &ledger.records()[0];
/// assert_eq!(ledger.state_on(record, day(10))?, PromiseState::Pending { days_left: Some(8) });
/// assert_eq!(ledger.state_on(record, day(20))?, PromiseState::BrokenStillOpen { overdue_days: 2 });
/// assert_eq!(ledger.state_on(record, day(21))?, PromiseState::Late { days_late: 3 });
/// assert_eq!(record.gap_days(ledger.zone()), Some(3));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PromiseLedger {
    zone: Zone,
    moment: Timestamp,
    last_fact: Option<Timestamp>,
    records: Vec<PromiseRecord>,
    names: Vec<Box<str>>,
    makers: Vec<Box<str>>,
    unmatched: usize,
    closed_before_made: usize,
    renegotiated_too_late: usize,
}

impl PromiseLedger {
    /// Reads the promises out of a view. One pass over its events.
    #[must_use]
    pub fn of(view: AsOf<'_>) -> Self {
        let mut names = Names::default();
        let mut makers = Names::default();
        let mut ledger = Self {
            zone: view.zone(),
            moment: view.moment(),
            last_fact: None,
            records: Vec::new(),
            names: Vec::new(),
            makers: Vec::new(),
            unmatched: 0,
            closed_before_made: 0,
            renegotiated_too_late: 0,
        };
        let mut standings: HashMap<(Option<CaseIndex>, u32), Standing> = HashMap::new();
        for journey in view.journeys() {
            standings.clear();
            for event in journey.events() {
                ledger.last_fact = ledger.last_fact.max(Some(event.at()));
                let (promise, how) = match event.fact() {
                    Fact::PromiseMade(promise) => {
                        let name = names.number_of(promise.name);
                        let standing = standings.entry((event.case(), name));
                        let standing = standing.or_insert(Standing::Closed);
                        if let Standing::Open(place) = *standing {
                            ledger.renegotiate(place, event.at(), promise.due);
                            continue;
                        }
                        let maker = makers.number_of(promise.maker);
                        let mut record =
                            PromiseRecord::new(event, &promise, name, maker, ledger.zone);
                        match *standing {
                            Standing::ClosedFirst(how, day) if day == event.date() => {
                                let at = event.at();
                                record.closing = Some(Closing { how, at });
                                ledger.unmatched -= 1;
                                ledger.closed_before_made += 1;
                                *standing = Standing::Closed;
                            }
                            _ => *standing = Standing::Open(ledger.records.len()),
                        }
                        ledger.records.push(record);
                        continue;
                    }
                    Fact::PromiseRenegotiated { promise, due } => {
                        let key = (event.case(), names.number_of(promise));
                        match standings.get(&key) {
                            Some(&Standing::Open(place)) => {
                                ledger.renegotiate(place, event.at(), due);
                            }
                            _ => ledger.unmatched += 1,
                        }
                        continue;
                    }
                    Fact::PromiseFulfilled { promise } => (promise, HowClosed::Fulfilled),
                    Fact::PromiseBroken { promise, deception } => {
                        (promise, HowClosed::Broken { deception })
                    }
                    Fact::PromiseWaived { promise } => (promise, HowClosed::Waived),
                    _ => continue,
                };
                let key = (event.case(), names.number_of(promise));
                match standings.get_mut(&key) {
                    Some(standing @ &mut Standing::Open(place)) => {
                        ledger.records[place].closing = Some(Closing {
                            how,
                            at: event.at(),
                        });
                        *standing = Standing::Closed;
                    }
                    Some(_) => ledger.unmatched += 1,
                    None => {
                        standings.insert(key, Standing::ClosedFirst(how, event.date()));
                        ledger.unmatched += 1;
                    }
                }
            }
        }
        ledger.names = names.into_texts();
        ledger.makers = makers.into_texts();
        ledger
    }

    fn renegotiate(&mut self, place: usize, at: Timestamp, due: Option<Due>) {
        if !self.records[place].renegotiate(at, due, self.zone) {
            self.renegotiated_too_late += 1;
        }
    }

    /// The promises, in order of customer, then of making.
    #[must_use]
    pub fn records(&self) -> &[PromiseRecord] {
        &self.records
    }

    /// The ledger with nothing in it but the promises called `name`.
    #[must_use]
    pub fn only(&self, name: &str) -> Self {
        Self {
            records: self.named(name).cloned().collect(),
            ..self.clone()
        }
    }

    /// The promises called `name`.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &PromiseRecord> {
        let wanted = self.names.iter().position(|known| &**known == name);
        self.records
            .iter()
            .filter(move |record| Some(record.name_index()) == wanted)
    }

    /// The name of a promise of this ledger.
    #[must_use]
    pub fn name_of(&self, record: &PromiseRecord) -> &str {
        self.names
            .get(record.name_index())
            .map_or("", AsRef::as_ref)
    }

    /// Who made a promise of this ledger; empty if unknown.
    #[must_use]
    pub fn maker_of(&self, record: &PromiseRecord) -> &str {
        self.makers
            .get(record.maker_index())
            .map_or("", AsRef::as_ref)
    }

    /// The names of promises, in order of first appearance.
    #[must_use]
    pub fn names(&self) -> &[Box<str>] {
        &self.names
    }

    /// The makers of promises, in order of first appearance.
    #[must_use]
    pub fn makers(&self) -> &[Box<str>] {
        &self.makers
    }

    /// The zone in which days are counted.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The moment up to which the ledger knows what happened.
    #[must_use]
    pub fn moment(&self) -> Timestamp {
        self.moment
    }

    /// When the last fact of any kind happened that the ledger's view knows of; `None` for an empty view.
    #[must_use]
    pub fn last_fact(&self) -> Option<Timestamp> {
        self.last_fact
    }

    /// Facts about promises that were not open: never made, or closed before.
    #[must_use]
    pub fn unmatched(&self) -> usize {
        self.unmatched
    }

    /// Promises whose closing lies earlier than their making, but on the same day, as when one of the two is known by
    /// its day only. They count as closed at the moment of making.
    #[must_use]
    pub fn closed_before_made(&self) -> usize {
        self.closed_before_made
    }

    /// New deadlines that came after the old ones had passed and therefore changed nothing.
    #[must_use]
    pub fn renegotiated_too_late(&self) -> usize {
        self.renegotiated_too_late
    }

    /// How a promise of this ledger stood at `moment`.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `moment` lies after the ledger's.
    pub fn state_at(&self, record: &PromiseRecord, moment: Timestamp) -> Result<PromiseState> {
        self.knows(moment)?;
        Ok(record.state_at(moment, self.zone))
    }

    /// How a promise of this ledger stood at the end of `day`.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `day` lies after the ledger's.
    pub fn state_on(&self, record: &PromiseRecord, day: NaiveDate) -> Result<PromiseState> {
        Ok(record.state_at(self.end_of(day)?, self.zone))
    }

    /// Every promise with its state at `moment`.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `moment` lies after the ledger's.
    pub fn states_at(
        &self,
        moment: Timestamp,
    ) -> Result<impl ExactSizeIterator<Item = (&PromiseRecord, PromiseState)>> {
        self.knows(moment)?;
        let zone = self.zone;
        Ok(self
            .records
            .iter()
            .map(move |record| (record, record.state_at(moment, zone))))
    }

    /// Every promise with its state at the end of `day`.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `day` lies after the ledger's.
    pub fn states_on(
        &self,
        day: NaiveDate,
    ) -> Result<impl ExactSizeIterator<Item = (&PromiseRecord, PromiseState)>> {
        self.states_at(self.end_of(day)?)
    }

    /// The end of `day`, or the ledger's moment if that comes earlier on the same day.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `day` lies after the ledger's.
    pub fn end_of(&self, day: NaiveDate) -> Result<Timestamp> {
        let moment = self.zone.end_of(day).min(self.moment);
        if day > self.zone.date_of(self.moment) {
            return Err(self.does_not_know(&day.to_string()));
        }
        Ok(moment)
    }

    fn knows(&self, moment: Timestamp) -> Result<()> {
        if moment > self.moment {
            return Err(self.does_not_know(&moment.to_string()));
        }
        Ok(())
    }

    fn does_not_know(&self, day: &str) -> Error {
        Error::CannotTell {
            question: format!("how promises stand on {day}").into(),
            reason: format!(
                "the ledger was read as of {} and knows nothing later: read it as of a later moment",
                self.moment
            )
            .into(),
        }
    }
}

/// What a pass over a journey knows about one name in one case.
#[derive(Clone, Copy)]
enum Standing {
    /// Made, in this record, and not closed.
    Open(usize),
    /// Made and closed.
    Closed,
    /// Closed on this day without ever having been made.
    ClosedFirst(HowClosed, NaiveDate),
}

/// Texts in order of first appearance.
#[derive(Default)]
struct Names<'log> {
    numbers: HashMap<&'log str, u32>,
    texts: Vec<Box<str>>,
}

impl<'log> Names<'log> {
    fn number_of(&mut self, text: &'log str) -> u32 {
        *self.numbers.entry(text).or_insert_with(|| {
            self.texts.push(text.into());
            // The log numbers its names in u32, so fewer of them fit too.
            #[allow(clippy::cast_possible_truncation)]
            let number = (self.texts.len() - 1) as u32;
            number
        })
    }

    fn into_texts(self) -> Vec<Box<str>> {
        self.texts
    }
}
