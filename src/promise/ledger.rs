//! Every promise that was made, with what became of it.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::error::{Error, Result};
use crate::journey::{AsOf, CaseIndex, Due, Fact};
use crate::measure::{Timestamp, Zone};

use super::{HowClosed, PromiseRecord, PromiseState};

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
                                record.close(how, event.at());
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
                        ledger.records[place].close(how, event.at());
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
