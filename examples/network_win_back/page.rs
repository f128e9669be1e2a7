//! The same as a page with pictures.

use tillit::report::{
    Axis, Cell, Column, KeyFigure, Line, LineChart, Picture, Report, Section, Table, Tone, Unit,
};
use tillit::word_of_mouth::network::SavedCurve;

use crate::Outcome;
use crate::answer::{Answer, RULES, WORLDS};
use crate::words::{percent, percent_down, whole};

impl Answer<'_> {
    fn picture(&self) -> Outcome<Picture> {
        let (steps, unit) = (self.plan.steps(), Unit::whole_money(self.it.currency));
        let place = |count: usize| count as f64;
        let line = |curve: &SavedCurve| -> Vec<(f64, f64)> {
            let saved = curve.saved.iter().enumerate();
            saved.map(|(count, &saved)| (place(count), saved)).collect()
        };
        let ours = &self.curves[0];
        let doubt = ours.saved.iter().zip(&ours.standard_errors);
        let band = doubt
            .map(|(saved, error)| (saved - 1.96 * error, saved + 1.96 * error))
            .collect();
        let mut bound = vec![(0.0, 0.0)];
        bound.extend(
            (1..)
                .zip(steps)
                .map(|(count, step)| (place(count), step.at_most)),
        );
        let mut lines = vec![
            Line::new("this order", line(ours))?.with_band(band)?.main(),
            Line::new("no choice can save more", bound)?.limit(),
        ];
        for (rule, curve) in RULES.iter().zip(&self.curves[1..]) {
            lines.push(Line::new(*rule, line(curve))?);
        }
        let mut chart = LineChart::new(
            Axis::new("Customers won back", Unit::count()),
            Axis::new("Value saved", unit),
            lines,
        )?;
        let paying = self.paying()?;
        if paying > 0 && paying < steps.len() {
            chart = chart.with_mark(
                place(paying),
                format!("the first {paying} pay for themselves"),
            )?;
        }
        let first = self.first().len();
        let rival = self.best_rival(first);
        Ok(Picture::new(
            "Value saved against number of customers won back",
            format!(
                "With {first} won back this order saves {}, \u{201c}{}\u{201d} saves {}; all {} together {}. The shade is the 95% band of chance.",
                unit.write(ours.saved[first]),
                RULES[rival - 1],
                unit.write(self.curves[rival].saved[first]),
                steps.len(),
                unit.write(self.whole())
            ),
            chart,
        ))
    }

    fn who_first(&self) -> Outcome<Table> {
        let unit = Unit::whole_money(self.it.currency);
        let rows = (1..).zip(self.first()).map(|(place, step)| {
            vec![
                Cell::count(place),
                step.id.as_str().into(),
                Cell::count(self.hearers(step)),
                Cell::Number(step.single_impact, unit),
                Cell::Number(step.added, unit),
                Cell::Number(step.saved, unit),
                Cell::Number(step.standard_error, unit),
                Cell::Number(step.certificate(), Unit::percent(1)),
            ]
        });
        let mut columns = vec![Column::number("Place"), Column::text("Customer")];
        columns.extend(
            [
                "Hearers",
                "Their word alone",
                "Adds",
                "Saved so far",
                "± standard error",
                "At least this share of the best",
            ]
            .map(Column::number),
        );
        Ok(Table::new(
            "Whom to win back first",
            columns,
            rows.collect(),
        )?)
    }

    fn comparison(&self) -> Outcome<Table> {
        let unit = Unit::whole_money(self.it.currency);
        let rows = self.sizes().into_iter().map(|count| {
            let mut row = vec![
                Cell::count(count),
                Cell::Number(self.plan.steps()[count - 1].at_most, unit),
            ];
            row.extend(
                self.curves
                    .iter()
                    .map(|curve| Cell::Number(curve.saved[count], unit)),
            );
            row
        });
        let mut columns = vec![
            Column::number("Won back"),
            Column::number("No choice saves more than"),
            Column::number("This order"),
        ];
        columns.extend(RULES.map(Column::number));
        Ok(Table::new(
            "Against rules of thumb",
            columns,
            rows.collect(),
        )?)
    }

    pub(crate) fn report(&self) -> Outcome<Report> {
        let (it, plan) = (self.it, &self.plan);
        let paying = self.paying()?;
        let last = self.first().last().ok_or("there are no detractors")?;
        let harm = plan.harm_estimate();
        let mut report = Report::new("Whom to win back first")
            .with_subtitle(format!("{}: {}", self.trust.title, self.trust.size()))
            .with_headline(self.headline()?)
            .with_key_figure(
                KeyFigure::new("Lost if nobody is won back", it.money(harm.value()))
                    .with_doubt(format!(
                        "standard error {}, {} worlds",
                        it.money(harm.standard_error().unwrap_or(0.0)),
                        whole(harm.observations())
                    ))
                    .with_help(format!(
                        "What the word of {} detractors costs; their own leaving comes on top.",
                        plan.steps().len()
                    ))
                    .with_tone(Tone::Bad),
            )
            .with_key_figure(
                KeyFigure::new(
                    format!("Saved by the first {}", self.first().len()),
                    it.money(last.saved),
                )
                .with_doubt(format!("standard error {}", it.money(last.standard_error)))
                .with_help(format!(
                    "{} by word not spoken, {} by their own staying.",
                    it.money(last.word_of_mouth_avoided),
                    it.money(last.own_value_regained)
                ))
                .with_tone(Tone::Good),
            )
            .with_key_figure(
                KeyFigure::new(
                    "At least this share of the best",
                    percent_down(last.certificate()),
                )
                .with_help(format!(
                    "No choice of {} saves more than {}.",
                    self.first().len(),
                    it.money(last.at_most)
                )),
            );
        if let Some(step) = paying.checked_sub(1).map(|place| &plan.steps()[place]) {
            report = report.with_key_figure(
                KeyFigure::new(
                    "Pay for themselves",
                    format!("{paying} of {}", plan.steps().len()),
                )
                .with_help(format!(
                    "They cost {} and save {}.",
                    it.money(step.cost),
                    it.money(step.saved)
                )),
            );
        }
        let saved = Section::new("What each further one saves")
            .with_picture(self.picture()?)
            .with_paragraph(self.certificate().unwrap_or_default())
            .with_note("A hearer is spared only when everyone they would hear from is won back. So the last voice that reaches many is worth more than the first, and no single order is best for every budget.")
            .with_table(self.comparison()?);
        let who = Section::new("Who comes first")
            .with_table(self.who_first()?)
            .with_note("“Their word alone” is what this one would cost if no other spoke. “Adds” is what winning them back adds to those before: word no longer heard and own value.");
        let how = Section::new("What was assumed")
            .with_paragraph(format!(
                "The network was {}. {} {} detractors were drawn by seed, each person's chance in proportion to the number of hearers.",
                self.trust.origin,
                self.trust.left_out(),
                plan.steps().len()
            ))
            .with_paragraph(format!(
                "A person listens to {} of the voices they trust on average, however many these are, and passes on what they heard in the same way. A hearer is lost with probability {}. Customers' values are drawn by seed. Winning a detractor back succeeds with probability {}, costs {} and adds {} to the probability of staying.",
                it.attention,
                percent(it.lost),
                percent(it.success),
                it.money(it.cost),
                percent(it.stays)
            ));
        Ok(report
            .with_section(saved)
            .with_section(who)
            .with_section(how)
            .with_colophon(format!(
                "Independent cascade (Kempe, Kleinberg & Tardos 2003); order chosen in {WORLDS} worlds, all values from {} others, seed {}.",
                whole(usize::try_from(plan.worlds())?),
                it.seed
            )))
    }
}
