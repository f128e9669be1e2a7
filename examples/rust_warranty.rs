//! The rust warranty: an answer promised in four to six weeks that took four months, and then was no.
//!
//! `cargo run --example rust_warranty` prints how each promise stood day by day, the customer's trust, the silence, and
//! what the refusal costs under assumptions that it states. Persons, dates and amounts are made up to fit a true story.

use chrono::{NaiveDate, NaiveTime};
use tillit::Result;
use tillit::journey::{
    Contact, CustomerIndex, Dimension, Due, Event, Fact, JourneyLog, JourneyLogBuilder,
    LoggedEvent, Promise,
};
use tillit::measure::{Currency, ExpectedMoney, Probability, Timestamp, Zone};
use tillit::promise::{PromiseLedger, PromiseState, Silence};
use tillit::trust::{EvidenceRules, FeltTrust};
use tillit::word_of_mouth::{BreakEven, Reach, Sway, Talk, Teller};

const ANSWER: &str = "an answer";
const WARRANTY: &str = "no rust, or we mend it";
const WORD: &str = "the manager gets back";

fn main() -> Result<()> {
    let log = what_happened()?;
    println!("The rust warranty\n=================");
    for customer in log.customer_indices() {
        tell_days(&log, customer)?;
        tell_silence(&log, customer);
    }
    tell_cost()
}

/// The story as dated facts. Before it lie nine good years, told as one kept promise each.
fn what_happened() -> Result<JourneyLog> {
    let visit = date(2019, 1, 7);
    let call = date(2019, 4, 8);
    let refusal = date(2019, 5, 8);
    let reply = date(2019, 5, 21);
    let again = date(2019, 6, 4);
    let answer = Promise::named(ANSWER)
        .by("workshop")
        .due(Due::Day(date(2019, 2, 18)))
        .speaking_to(Dimension::Benevolence);
    let warranty = Promise::named(WARRANTY)
        .by("car maker")
        .speaking_to(Dimension::Integrity);
    let word = Promise::named(WORD)
        .by("marketing manager")
        .due(Due::Day(date(2019, 5, 26)))
        .speaking_to(Dimension::Benevolence);
    let too_old = Contact::answer().because("the rust has been there too long");
    let former_owner = Contact::answer()
        .because("a former owner did not come back")
        .passing_to("workshop");
    let good_years = (2010..2019).flat_map(|year| {
        let promise = "yearly service";
        let due = Due::Day(date(year, 6, 30));
        [
            (
                date(year, 6, 1),
                Fact::PromiseMade(Promise::named(promise).due(due)),
            ),
            (date(year, 6, 20), Fact::PromiseFulfilled { promise }),
        ]
    });
    let facts = [
        (visit, Fact::Contact(Contact::unasked())),
        (visit, Fact::PromiseMade(answer)),
        (visit, Fact::PromiseMade(warranty)),
        (call, Fact::Contact(Contact::chasing())),
        (call, Fact::Contact(Contact::answer())),
        (refusal, Fact::PromiseFulfilled { promise: ANSWER }),
        // The reason had to be asked for, but within the call that brought the answer: that is no further contact.
        (refusal, Fact::Contact(too_old)),
        (
            refusal,
            Fact::PromiseBroken {
                promise: WARRANTY,
                deception: false,
            },
        ),
        (date(2019, 5, 20), Fact::Contact(Contact::chasing())),
        (reply, Fact::PromiseMade(word)),
        (again, Fact::PromiseFulfilled { promise: WORD }),
        (again, Fact::Contact(former_owner)),
        (date(2019, 6, 10), Fact::Contact(Contact::chasing())),
    ];
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    for (day, fact) in good_years.chain(facts) {
        let event = Event::new("customer", noon(day), fact);
        let rusting = day >= visit;
        builder.push(if rusting {
            event.in_case("rust")
        } else {
            event
        })?;
    }
    Ok(builder.build())
}

const DAYS: [(i32, u32, u32, &str); 13] = [
    (2019, 1, 6, "nine good years lie behind"),
    (
        2019,
        1,
        7,
        "rust; the workshop promises an answer in four to six weeks",
    ),
    (2019, 2, 10, "nothing yet, and nothing is wrong yet"),
    (2019, 2, 18, "the last day of the six weeks"),
    (2019, 2, 19, "day 43: this answer is overdue"),
    (
        2019,
        4,
        8,
        "three months without a word; the customer calls; no decision exists",
    ),
    (2019, 5, 7, "still nothing"),
    (2019, 5, 8, "refused; the reason has to be dragged out"),
    (
        2019,
        5,
        21,
        "the customer has written; the manager replies and promises to get back",
    ),
    (2019, 5, 27, "the manager has not"),
    (
        2019,
        6,
        4,
        "the workshop repeats the refusal, for another reason",
    ),
    (2019, 6, 10, "a second letter: promises, honour, loopholes"),
    (2019, 7, 10, "no answer"),
];

/// Each day with the promises open or closed by then and the customer's trust, from what was known on that day.
fn tell_days(log: &JourneyLog, customer: CustomerIndex) -> Result<()> {
    for (year, month, day, event) in DAYS {
        let day = date(year, month, day);
        let today = log.as_of(log.zone().end_of(day));
        let felt = FeltTrust::of(customer, today, &EvidenceRules::felt())?;
        let band = felt.band(Probability::new(FeltTrust::BAND)?)?;
        println!("\n{day}  {event}");
        println!(
            "            trust {:.2} ({:.2} to {:.2}) {}",
            felt.value(),
            band.low(),
            band.high(),
            bar(felt.value()),
        );
        let ledger = PromiseLedger::of(today);
        for name in [ANSWER, WARRANTY, WORD] {
            for record in ledger.named(name) {
                let state: PromiseState = ledger.state_on(record, day)?;
                println!("            {name}: {state}");
            }
        }
    }
    Ok(())
}

/// What the customer heard about the case, and how often only because they asked.
fn tell_silence(log: &JourneyLog, customer: CustomerIndex) {
    let today = date(2019, 7, 10);
    let view = log.as_of(log.zone().end_of(today));
    let case = view.journey(customer).events().find_map(LoggedEvent::case);
    println!("\nThe silence, as of {today}");
    if let Some(silence) = case.map(|case| Silence::about(case, view)) {
        let [longest, unasked, running] = [
            silence.longest_days(),
            silence.longest_unasked_days(),
            silence.running_days(),
        ]
        .map(|days| days.unwrap_or(0));
        println!("  longest wait for a word              {longest:>4} days");
        println!("  longest wait for one not asked for   {unasked:>4} days");
        println!("  since the last word                  {running:>4} days");
        println!(
            "  times the customer had to ask        {:>4}  (a call, a letter and a second letter)",
            silence.chasing_contacts()
        );
    }
}

// What no log can tell. Every number is a guess made for this story, not a finding.
/// Contribution still to come from the customer. The customer's own sum: the price of the car, doubled by all that comes
/// with it, and as much again in the years ahead. Of 300 000 a car these are 600 000 ahead, of which a tenth stays.
const CUSTOMER: f64 = 60_000.0;
/// What mending the two front wings would have cost, and refusing saves.
const REPAIR: f64 = 20_000.0;
const LEAVES_IF_REFUSED: f64 = 0.8;
const LEAVES_IF_HELPED: f64 = 0.1;
const HEARER_LOST: f64 = 0.02;
const HEARER_WON: f64 = 0.01;
/// The customer told the story in a book as well.
const READERS: u32 = 1_000;

/// What refusing costs in the customer's own value and in word of mouth, and how few lost readers undo what it saves.
fn tell_cost() -> Result<()> {
    let money = |amount| ExpectedMoney::new(amount, Currency::new("SEK")?);
    let (customer, repair) = (money(CUSTOMER)?, money(REPAIR)?);
    let good_word = Sway::winning(Probability::new(HEARER_WON)?);
    let talk = Talk::new(
        customer,
        Sway::losing(Probability::new(HEARER_LOST)?),
        good_word,
        good_word,
    )?
    .with_own_loss(Teller::Detractor, Probability::new(LEAVES_IF_REFUSED)?)
    .with_own_loss(
        Teller::RecoveredDetractor,
        Probability::new(LEAVES_IF_HELPED)?,
    );

    println!("\nWhat it costs: nothing here is measured, these are the assumptions");
    println!("  a customer or a reader is still worth  {CUSTOMER} SEK");
    println!("  mending costs, and refusing saves      {REPAIR} SEK");
    println!(
        "  the customer leaves                    {LEAVES_IF_REFUSED} if refused, {LEAVES_IF_HELPED} if helped"
    );
    println!("  who hears ill of the brand is lost     {HEARER_LOST}");
    println!("  who hears well of it is won            {HEARER_WON}");
    println!(
        "  persons told (convention)              9 to 15 if refused, 4 to 6 if helped, on average {} and {}",
        talk.reach(Teller::Detractor).mean(),
        talk.reach(Teller::RecoveredDetractor).mean(),
    );

    println!(
        "\nExpected loss in SEK, gains negative   own value  word of mouth    repair     total"
    );
    let in_print = talk
        .clone()
        .with_reach(Teller::Detractor, Reach::exactly(READERS));
    let in_a_book = format!("refuse, and {READERS} readers hear");
    let nothing = money(0.0)?;
    for (choice, talk, teller, spent) in [
        ("refuse", &talk, Teller::Detractor, nothing),
        (in_a_book.as_str(), &in_print, Teller::Detractor, nothing),
        ("mend", &talk, Teller::RecoveredDetractor, repair),
    ] {
        let impact = talk.impact_of(teller, CUSTOMER, 1.0)?;
        println!(
            "  {choice:<35} {:>10.0} {:>14.0} {:>9.0} {:>9.0}",
            impact.own_loss(),
            impact.word_of_mouth(),
            spent.amount(),
            spent.plus(money(impact.impact())?)?.amount(),
        );
    }

    println!("\nHow many must turn away until refusing is a bad deal, even if the customer stays");
    tell_break_even("Told to 9 to 15 persons:", &talk, repair)?;
    tell_break_even(&format!("Told to {READERS} readers:"), &in_print, repair)
}

fn tell_break_even(audience: &str, talk: &Talk, saving: ExpectedMoney) -> Result<()> {
    let refusal = BreakEven::of(talk, Teller::Detractor, saving)?;
    let chance = refusal.loss_probability().map_or_else(
        || "not even if all are lost".to_owned(),
        |chance| format!("or a chance of {:.3} % for each", 100.0 * chance.value()),
    );
    println!("  {audience}");
    println!(
        "    readers lost for certain             {:>4}  ({chance})",
        refusal.hearers()
    );
    println!(
        "    at least one is lost, as assumed     {:>6.1} %",
        100.0 * refusal.at_least_one_lost()?.value()
    );
    Ok(())
}

fn bar(share: f64) -> String {
    let full = (0..20)
        .filter(|&step| f64::from(step) < 20.0 * share)
        .count();
    format!("{}{}", "#".repeat(full), ".".repeat(20 - full))
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day in the calendar")
}

fn noon(day: NaiveDate) -> Timestamp {
    let noon = NaiveTime::from_hms_opt(12, 0, 0).expect("a time of day");
    day.and_time(noon).and_utc().into()
}
