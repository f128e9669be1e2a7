//! How far one customer trusts the company: the evidence as it feels.

use crate::error::Result;
use crate::journey::{AsOf, CaseIndex, CustomerIndex, Due, Fact, Initiator, LoggedEvent};
use crate::measure::{Interval, Probability, Timestamp, Zone};

use super::{EvidenceAccount, EvidenceRules, Opinion, Reading, Weight};

/// What an obligation is known by within a journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'log> {
    Promise(Option<CaseIndex>, &'log str),
    Question(Option<CaseIndex>),
}

/// One customer's felt trust at a moment, from 0 to 1: evidence with asymmetric weights and path terms. It is not a
/// probability that the next promise is kept; that is [`Reliability`](super::Reliability), and the difference between
/// the two says how much harder the company is judged than it performs.
///
/// Read from a journey: promises and their ends; a contact by the company that nobody asked for (evidence for), an
/// answer (closes the open question of its case), a contact by the customer that chases (evidence against) or does not
/// (a question, to be answered within the reply norm); recoveries.
///
/// ```
/// use chrono::NaiveDate;
/// use tillit::journey::{Due, Event, Fact, JourneyLogBuilder, Promise};
/// use tillit::measure::{Timestamp, Zone};
/// use tillit::trust::{EvidenceRules, FeltTrust};
///
/// let made = Timestamp::parse("2019-01-07T09:00:00Z")?;
/// let due = NaiveDate::from_ymd_opt(2019, 2, 18).unwrap_or_default();
/// let mut builder = JourneyLogBuilder::new(Zone::UTC);
/// let answer = Promise::named("answer").due(Due::Day(due));
/// builder.push(Event::new("ada", made, Fact::PromiseMade(answer)))?;
/// let log = builder.build();
///
/// let days = ["2019-02-18T12:00:00Z", "2019-04-08T12:00:00Z"].map(Timestamp::parse);
/// let [in_time, overdue] = days;
/// let moments = [in_time?, overdue?];
/// for ada in log.customer_indices() {
///     let path = FeltTrust::path(ada, log.whole(), &EvidenceRules::felt(), &moments)?;
///     assert_eq!(path[0].value(), 0.5);
///     assert!(path[1].value() < 0.35, "silence costs trust");
/// }
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FeltTrust {
    reading: Reading,
}

impl FeltTrust {
    /// The level of a band unless another is asked for: 0.90 (convention).
    pub const BAND: f64 = 0.90;

    /// A customer's felt trust at the view's moment. A view of the whole log stands at the end of time, when everything
    /// that can be forgotten is forgotten: give it a moment.
    ///
    /// # Errors
    /// None in practice: a journey is in order of time and its stakes are checked.
    pub fn of(customer: CustomerIndex, view: AsOf<'_>, rules: &EvidenceRules) -> Result<Self> {
        let mut account = EvidenceAccount::new(*rules);
        for event in view.journey(customer).events() {
            enter(&mut account, event, view.zone())?;
        }
        let reading = account.reading(view.moment())?;
        Ok(Self { reading })
    }

    /// A customer's felt trust at each of several moments, in one pass over the journey. Moments come in order; what the
    /// view does not know yet is not counted.
    ///
    /// # Errors
    /// [`Error::Contradiction`](crate::Error::Contradiction) if a moment lies before the one given before it.
    pub fn path(
        customer: CustomerIndex,
        view: AsOf<'_>,
        rules: &EvidenceRules,
        moments: &[Timestamp],
    ) -> Result<Vec<Self>> {
        let mut account = EvidenceAccount::new(*rules);
        let journey = view.journey(customer);
        let mut events = journey.events().peekable();
        let mut path = Vec::with_capacity(moments.len());
        for &moment in moments {
            while let Some(event) = events.next_if(|event| event.at() <= moment) {
                enter(&mut account, event, view.zone())?;
            }
            let reading = account.reading(moment)?;
            path.push(Self { reading });
        }
        Ok(path)
    }

    /// Felt trust, from 0 to 1.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.reading.posterior().expected()
    }

    /// The same as an opinion, with what is not known.
    #[must_use]
    pub fn opinion(&self) -> Opinion {
        self.reading.posterior().opinion()
    }

    /// The band that holds a share of `level` of the posterior.
    ///
    /// # Errors
    /// None in practice.
    pub fn band(&self, level: Probability) -> Result<Interval> {
        self.reading.posterior().band(level)
    }

    /// The evidence behind it.
    #[must_use]
    pub fn reading(&self) -> Reading {
        self.reading
    }
}

fn enter<'log>(
    account: &mut EvidenceAccount<Key<'log>>,
    event: LoggedEvent<'log>,
    zone: Zone,
) -> Result<()> {
    let at = event.at();
    let key = |promise| Key::Promise(event.case(), promise);
    let until = |due: Option<Due>| due.map(|due| due.last_moment(zone));
    match event.fact() {
        Fact::PromiseMade(promise) => account.promise(
            at,
            key(promise.name),
            until(promise.due),
            Weight::new(promise.stake)?,
            promise.dimension,
        ),
        Fact::PromiseRenegotiated { promise, due } => {
            account.renegotiate(at, &key(promise), until(due))
        }
        Fact::PromiseFulfilled { promise } => account.fulfil(at, &key(promise), None),
        Fact::PromiseBroken { promise, deception } => {
            account.break_promise(at, &key(promise), None, deception)
        }
        Fact::PromiseWaived { promise } => account.waive(at, &key(promise)),
        Fact::Recovery { promise, justice } => {
            let justice = Probability::new(justice.mean().clamp(0.0, 1.0))?;
            account.recover(at, &key(promise), justice)
        }
        Fact::Contact(contact) => match (contact.by, contact.asked) {
            (Initiator::Company, false) => account.unasked_word(at, Weight::ONE),
            (Initiator::Company, true) => account.fulfil(at, &Key::Question(event.case()), None),
            (Initiator::Customer, true) => account.chase(at, Weight::ONE),
            (Initiator::Customer, false) => account.question(at, Key::Question(event.case())),
        },
        _ => Ok(()),
    }
}
