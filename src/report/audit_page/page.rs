//! The page from top to bottom.

use crate::audit::Audit;
use crate::error::Result;
use crate::report::{Report, day};

use super::fall_short::fall_short;
use super::glance::glance;
use super::glance::headline;
use super::happened::happened;
use super::limits::limits;
use super::losses::detractors;
use super::losses::first;
use super::told::told;
use super::voices::believe;
use super::voices::said;
use super::worth::worth;

impl Report {
    /// The page of an audit: at a glance, then question by question, each number with its doubt, pictures with the
    /// numbers behind them, and at the end what could not be told and what was assumed.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) if an amount is too large for a picture (beyond 10¹⁴).
    pub fn of_audit(audit: &Audit) -> Result<Self> {
        let title = audit
            .source
            .as_ref()
            .map(|source| source.title.as_str())
            .filter(|title| !title.is_empty());
        let mut report = Self::new(title.unwrap_or("Customer audit"))
            .with_subtitle(
                "What were they told, where do we fall short, and whom do we win back first?",
            )
            .with_as_of(format!("As of {} ({})", day(audit.as_of), audit.zone))
            .with_headline(headline(audit));
        for figure in glance(audit) {
            report = report.with_key_figure(figure);
        }
        report = report.with_section(happened(audit)?);
        for (place, promise) in audit.promises.iter().enumerate() {
            report = report.with_section(told(promise)?);
            report = report.with_section(fall_short(promise, place == 0)?);
        }
        if let Some(trust) = &audit.trust {
            report = report.with_section(believe(trust)?);
        }
        if let Some(score) = &audit.score {
            report = report.with_section(said(score)?);
        }
        if audit.rfm.is_some() || audit.worth.is_some() {
            report = report.with_section(worth(audit)?);
        }
        if let Some(talk) = &audit.word_of_mouth {
            report = report.with_section(detractors(talk)?);
        }
        if let Some(win_back) = &audit.win_back {
            report = report.with_section(first(win_back)?);
        }
        report = report.with_section(limits(audit)?);
        Ok(report.with_colophon(
            "Customers and cases appear under pseudonyms. Intervals are at the nominal 95 % level unless said otherwise.",
        ))
    }
}
