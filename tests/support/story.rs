//! What a log holds, told for tests.

use tillit::journey::{Fact, JourneyLog, LoggedEvent};

/// Every event as one line, customer by customer.
pub(crate) fn story(log: &JourneyLog) -> Vec<String> {
    log.whole()
        .journeys()
        .flat_map(|journey| {
            let customer = journey.customer_key().to_owned();
            journey.events().map(move |event| {
                format!(
                    "{customer} {} {:?} {:?} {:?}",
                    event.at(),
                    event.case().map(|case| log.case_key(case)),
                    event.touchpoint(),
                    event.fact()
                )
            })
        })
        .collect()
}

/// Every fact, customer by customer.
pub(crate) fn facts(log: &JourneyLog) -> Vec<Fact<'_>> {
    let journeys = log.whole().journeys();
    journeys
        .flat_map(|journey| journey.events().map(LoggedEvent::fact).collect::<Vec<_>>())
        .collect()
}
