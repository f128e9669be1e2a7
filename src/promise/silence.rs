//! How long a customer heard nothing, and how often they had to ask.

use chrono::NaiveDate;

use crate::journey::{AsOf, CaseIndex, CustomerIndex, Fact, Initiator, LoggedEvent};

/// What a customer heard from the company, in calendar days of the log's zone, as far as a view knows.
///
/// A *word* of the company is a contact by it, a promise made, moved, carried out, broken or waived, a need asked
/// about, a recovery. A request for feedback is not: it asks, it does not tell (convention). A contact that answers
/// because the customer asked is a word, but not an *unasked* one.
///
/// ```
/// use tillit::journey::{Contact, Event, Fact, JourneyLogBuilder};
/// use tillit::measure::{Timestamp, Zone};
/// use tillit::promise::Silence;
///
/// let mut builder = JourneyLogBuilder::new(Zone::UTC);
/// for (day, contact) in [
///     ("2019-01-07T09:00:00Z", Contact::unasked()),
///     ("2019-04-08T09:00:00Z", Contact::chasing()),
///     ("2019-04-08T10:00:00Z", Contact::answer()),
///     ("2019-05-08T09:00:00Z", Contact::unasked()),
/// ] {
///     builder.push(Event::new("ada", Timestamp::parse(day)?, Fact::Contact(contact)))?;
/// }
/// let log = builder.build();
/// let today = log.as_of(Timestamp::parse("2019-05-18T12:00:00Z")?);
/// let silence = log.customer_indices().next().map(|ada| Silence::towards(ada, today));
/// let silence = silence.ok_or(tillit::Error::Overflow { what: "nobody".into() })?;
///
/// assert_eq!(silence.longest_days(), Some(91));
/// assert_eq!(silence.longest_unasked_days(), Some(121));
/// assert_eq!(silence.running_days(), Some(10));
/// assert_eq!(silence.chasing_contacts(), 1);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Silence {
    today: NaiveDate,
    words: Vec<NaiveDate>,
    unasked_words: Vec<NaiveDate>,
    chasing: Vec<NaiveDate>,
}

impl Silence {
    /// What the customer heard in all cases and outside of any.
    #[must_use]
    pub fn towards(customer: CustomerIndex, view: AsOf<'_>) -> Self {
        Self::over(view.journey(customer).events(), view.date())
    }

    /// What the customer heard about one case.
    #[must_use]
    pub fn about(case: CaseIndex, view: AsOf<'_>) -> Self {
        let events = view
            .log()
            .customer_of(case)
            .into_iter()
            .flat_map(|customer| view.journey(customer).events())
            .filter(|event| event.case() == Some(case));
        Self::over(events, view.date())
    }

    fn over<'log>(events: impl Iterator<Item = LoggedEvent<'log>>, today: NaiveDate) -> Self {
        let mut silence = Self {
            today,
            words: Vec::new(),
            unasked_words: Vec::new(),
            chasing: Vec::new(),
        };
        for event in events {
            let unasked = match event.fact() {
                Fact::Contact(contact) if contact.by == Initiator::Company => !contact.asked,
                Fact::Contact(contact) => {
                    if contact.asked {
                        silence.chasing.push(event.date());
                    }
                    continue;
                }
                Fact::PromiseMade(_)
                | Fact::PromiseRenegotiated { .. }
                | Fact::PromiseFulfilled { .. }
                | Fact::PromiseBroken { .. }
                | Fact::PromiseWaived { .. }
                | Fact::NeedAsked(_)
                | Fact::Recovery { .. } => true,
                _ => continue,
            };
            silence.words.push(event.date());
            if unasked {
                silence.unasked_words.push(event.date());
            }
        }
        silence
    }

    /// The longest wait between two words; `None` with fewer than two.
    #[must_use]
    pub fn longest_days(&self) -> Option<i64> {
        longest_gap(&self.words)
    }

    /// The longest wait between two words that the customer did not have to ask for; `None` with fewer than two.
    #[must_use]
    pub fn longest_unasked_days(&self) -> Option<i64> {
        longest_gap(&self.unasked_words)
    }

    /// Days since the last word; `None` if there never was one.
    #[must_use]
    pub fn running_days(&self) -> Option<i64> {
        self.words
            .last()
            .map(|&last| (self.today - last).num_days())
    }

    /// How often the customer had to ask for what the company owed.
    #[must_use]
    pub fn chasing_contacts(&self) -> usize {
        self.chasing.len()
    }

    /// The days on which the customer had to ask.
    #[must_use]
    pub fn chasing_days(&self) -> &[NaiveDate] {
        &self.chasing
    }

    /// The days of the company's words.
    #[must_use]
    pub fn words(&self) -> &[NaiveDate] {
        &self.words
    }
}

fn longest_gap(days: &[NaiveDate]) -> Option<i64> {
    days.windows(2)
        .map(|pair| (pair[1] - pair[0]).num_days())
        .max()
}
