//! The chain itself.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::error::{Error, Result};
use crate::journey::AsOf;
use crate::measure::{RatingScale, SentimentRule, TimeUnit, Timestamp};
use crate::promise::PromiseLedger;

use super::losses::{sentiments, talk};
use super::purchases::{MODEL_UNIT, purchase_days};
use super::scores::commonest_scale;
use super::stakes::Weighing;
use super::{
    Assumptions, AuditOptions, Counts, MoneyFinding, PromiseFinding, PurchaseFinding, ScoreFinding,
    Source, TalkFinding, TrustFinding, WinBackFinding, WorthFinding,
};

/// All answers about one log as of one moment. What the log cannot answer is absent, and `silences` says why.
///
/// ```
/// use tillit::audit::{Audit, AuditOptions};
/// use tillit::journey::{Event, Fact, JourneyLogBuilder};
/// use tillit::measure::{Currency, Money, Timestamp, Zone};
///
/// let mut builder = JourneyLogBuilder::new(Zone::UTC);
/// let friday = Timestamp::parse("2019-03-01T12:00:00Z")?;
/// let price = Money::from_minor(12_000, Currency::new("EUR")?);
/// builder.push(Event::new("ada", friday, Fact::Purchase(price)).in_case("order 7"))?;
/// let log = builder.build();
///
/// let audit = Audit::of(log.as_of(friday), &AuditOptions::default())?;
/// assert_eq!(audit.counts.cases, 1);
/// assert_eq!(audit.money.unwrap().paid_total, 120.0);
/// assert!(audit.score.is_none());
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Audit {
    /// The day of the view.
    pub as_of: NaiveDate,
    /// Zone in which days are counted.
    pub zone: String,
    /// Where the facts came from, if the caller says.
    pub source: Option<Source>,
    /// How much there is.
    pub counts: Counts,
    /// What was paid.
    pub money: Option<MoneyFinding>,
    /// What became of the promises, the most frequent first.
    pub promises: Vec<PromiseFinding>,
    /// How reliable promises have been.
    pub trust: Option<TrustFinding>,
    /// What customers said.
    pub score: Option<ScoreFinding>,
    /// Who bought how often.
    pub rfm: Option<PurchaseFinding>,
    /// What customers are still worth.
    pub worth: Option<WorthFinding>,
    /// What the disappointed cost.
    pub word_of_mouth: Option<TalkFinding>,
    /// Whom to win back first.
    pub win_back: Option<WinBackFinding>,
    /// What was taken as given.
    pub assumptions: Option<Assumptions>,
    /// What could not be answered, and why.
    pub silences: Vec<String>,
}

impl Audit {
    /// Runs the chain on a view of a definite moment.
    ///
    /// # Errors
    /// [`Error::Empty`] without any fact by then, [`Error::OutOfRange`] for a view of the end of time (take
    /// `log.as_of` with a day), [`Error::MixedCurrencies`] if money comes in several currencies.
    pub fn of(view: AsOf<'_>, options: &AuditOptions) -> Result<Self> {
        Error::unless(
            view.moment() < Timestamp::MAX,
            "moment of the audit",
            f64::INFINITY,
            "be a definite day: take a view as of one",
        )?;
        let counts = Counts::of(view, options.rows);
        if counts.facts == 0 {
            return Err(Error::Empty {
                what: format!("the log as of {}", view.date()).into(),
                remedy: "take a later day, or check the mapping".into(),
            });
        }
        let mut silences = Vec::new();
        let scale = options
            .sentiment
            .map(SentimentRule::scale)
            .or_else(|| commonest_scale(view));
        let rule = options
            .sentiment
            .unwrap_or_else(|| SentimentRule::standard(scale.unwrap_or(RatingScale::ZERO_TO_TEN)));
        let ledger = PromiseLedger::of(view);
        let observed_until = options
            .observed_until
            .unwrap_or_else(|| view.date())
            .min(view.date());
        let money = MoneyFinding::of(view, options.level)?;
        let score = ScoreFinding::of(view, rule, options.level)?;
        if score.is_none() {
            silences.push("Nobody was heard: the log holds no ratings.".to_owned());
        }
        let mut promises = Vec::new();
        for name in promises_by_frequency(&ledger) {
            let returns = money.is_some().then_some(observed_until);
            promises.push(PromiseFinding::of(
                view, &ledger, name, rule, options, returns,
            )?);
        }
        if promises.is_empty() {
            silences.push("Nothing was promised: the log holds no promises.".to_owned());
        }
        let trust = TrustFinding::of(view, &ledger, options)?;
        let (rfm, worth) = value(view, observed_until, options)?;
        if rfm.is_none() {
            silences.push("Nothing was bought: the log holds no purchases.".to_owned());
        }
        let mut audit = Self {
            as_of: view.date(),
            zone: view.zone().to_string(),
            source: None,
            counts,
            money,
            promises,
            trust,
            score,
            rfm,
            worth,
            word_of_mouth: None,
            win_back: None,
            assumptions: options.assumptions.clone(),
            silences,
        };
        audit.weigh_losses(view, &ledger, scale.map(|_| rule), options)?;
        Ok(audit)
    }

    /// The same with where the facts came from.
    #[must_use]
    pub fn with_source(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }

    /// Word of mouth and win-back, where assumptions, money and voices allow it.
    fn weigh_losses(
        &mut self,
        view: AsOf<'_>,
        ledger: &PromiseLedger,
        rule: Option<SentimentRule>,
        options: &AuditOptions,
    ) -> Result<()> {
        let Some(assumptions) = &options.assumptions else {
            self.silences.push(
                "What detractors cost and whom to win back: no assumptions were stated, and the probability that a \
                 hearer is lost has no trustworthy default."
                    .to_owned(),
            );
            return Ok(());
        };
        let Some(worth) = &self.worth else {
            self.silences.push(
                "What detractors cost and whom to win back: no customer has a value.".to_owned(),
            );
            return Ok(());
        };
        let brought = self
            .money
            .as_ref()
            .map_or(0.0, |paid| paid.net_revenue_per_customer.value());
        let talk = talk(assumptions, worth, brought * worth.margin)?;
        if let Some(rule) = rule {
            self.word_of_mouth = TalkFinding::of(&sentiments(view, rule), worth, &talk)?;
        }
        if rule.is_none() && self.promises.is_empty() {
            self.silences.push(
                "Whom to win back first: neither promises nor ratings tell who was let down."
                    .to_owned(),
            );
            return Ok(());
        }
        let late = self
            .promises
            .first()
            .and_then(|promise| promise.score_on_time_vs_late_calendar.as_ref());
        let silent_detractors = late
            .map(|contrast| &contrast.nps_like_late)
            .filter(|said| said.n > 0)
            .map(|said| said.detractors as f64 / said.n as f64);
        let weighing = Weighing {
            view,
            ledger,
            rule,
            worth,
            talk: &talk,
            assumptions,
            silent_detractors,
        };
        self.win_back = Some(WinBackFinding::of(&weighing, options)?);
        Ok(())
    }
}

/// Names of promises, those made most often first.
fn promises_by_frequency(ledger: &PromiseLedger) -> Vec<&str> {
    let mut made: BTreeMap<&str, u64> = BTreeMap::new();
    for record in ledger.records() {
        *made.entry(ledger.name_of(record)).or_default() += 1;
    }
    // In the ledger's order, which decides between equals.
    let names = ledger.names().iter().map(AsRef::as_ref);
    let mut names: Vec<(&str, u64)> = names
        .filter_map(|name: &str| Some((name, *made.get(name)?)))
        .collect();
    names.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    names.into_iter().map(|(name, _)| name).collect()
}

fn value(
    view: AsOf<'_>,
    observed_until: NaiveDate,
    options: &AuditOptions,
) -> Result<(Option<PurchaseFinding>, Option<WorthFinding>)> {
    let Some(days) = purchase_days(view)? else {
        return Ok((None, None));
    };
    let end = observed_until.num_days_from_ce();
    let Some(rfm) = PurchaseFinding::of(
        &days.summarise(end, TimeUnit::Day)?,
        observed_until,
        options.level,
    )?
    else {
        return Ok((None, None));
    };
    let in_weeks = days.summarise(end, MODEL_UNIT)?;
    let worth = WorthFinding::of(view.log(), &in_weeks, &rfm, options.assumptions.as_ref())?;
    Ok((Some(rfm), worth))
}
