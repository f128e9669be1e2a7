//! The headline and the figures at a glance.

use crate::audit::Audit;
use crate::promise::PromiseStage;
use crate::report::{KeyFigure, Tone, Unit};

use super::words::{count, customers, money, percent};

pub(super) fn headline(audit: &Audit) -> String {
    let kept = audit.promises.first().and_then(|promise| {
        let late = promise.late_share_calendar.as_ref()?.value();
        let contrast = promise.score_on_time_vs_late_calendar.as_ref();
        let scores = contrast.map_or_else(String::new, |contrast| {
            format!(
                ", and the score falls from {:.2} in time to {:.2} late",
                contrast.mean_on_time.value(),
                contrast.mean_late.value()
            )
        });
        let overdue = match promise.states.get(PromiseStage::BrokenStillOpen.label()) {
            None | Some(0) => String::new(),
            Some(&open) => format!(" Overdue and still open: {}.", count(open)),
        };
        Some(format!(
            "Of “{}”, {} of what was carried out came late{scores}.{overdue}",
            promise.promise,
            percent(late, 2)
        ))
    });
    let first = audit.win_back.as_ref().map(|win_back| {
        format!(
            " {} let down lately and not content since; {} worth an attempt to win back now.",
            customers(win_back.disappointed, "was", "were"),
            if win_back.chosen == 1 {
                "one is".to_owned()
            } else {
                format!("{} are", count(win_back.chosen))
            }
        )
    });
    match (kept, first) {
        (None, None) => format!(
            "{} customers, {} facts; what they were told{} is not in this table.",
            count(audit.counts.customers),
            count(audit.counts.facts),
            if audit.score.is_none() {
                " and how they felt"
            } else {
                ""
            }
        ),
        (kept, first) => kept.unwrap_or_default() + first.as_deref().unwrap_or_default(),
    }
}

pub(super) fn glance(audit: &Audit) -> Vec<KeyFigure> {
    let mut figures = vec![
        KeyFigure::new("Customers", count(audit.counts.customers)).with_help(format!(
            "{} cases, {} facts",
            count(audit.counts.cases),
            count(audit.counts.facts)
        )),
    ];
    if let Some(promise) = audit.promises.first()
        && let Some(late) = &promise.late_share_calendar
    {
        figures.push(
            KeyFigure::of(
                format!("“{}” late", promise.promise),
                late,
                Unit::percent(2),
            )
            .with_tone(Tone::Bad)
            .with_help("of those carried out"),
        );
    }
    if let Some(score) = &audit.score {
        figures.push(
            KeyFigure::of("Mean score", &score.mean, Unit::plain(2)).with_help(format!(
                "{} answers on {}",
                count(score.n),
                score.scale
            )),
        );
    }
    if let Some(paid) = &audit.money {
        figures.push(
            KeyFigure::new("Paid", money(paid.paid_total, paid.currency)).with_help(format!(
                "{} after refunds",
                money(paid.paid_total_net_of_refunds, paid.currency)
            )),
        );
    }
    if let Some(talk) = &audit.word_of_mouth {
        figures.push(
            KeyFigure::new(
                "Detractors cost",
                money(
                    talk.detractors_own_loss + talk.detractors_word_of_mouth,
                    talk.currency,
                ),
            )
            .with_tone(Tone::Bad)
            .with_help(format!(
                "{} detractors, under the assumptions stated",
                count(talk.detractors)
            )),
        );
    }
    if let Some(win_back) = &audit.win_back {
        figures.push(
            KeyFigure::new(
                "Win-back gains",
                money(win_back.certificate.chosen, win_back.currency),
            )
            .with_tone(Tone::Good)
            .with_help(format!(
                "{} attempts, costs taken off",
                count(win_back.chosen)
            )),
        );
    }
    figures
}
