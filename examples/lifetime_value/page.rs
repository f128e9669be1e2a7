//! The page: did the forecast come true, who is still there, and what is that worth?

use chrono::NaiveDate;
use tillit::Result;
use tillit::measure::TimeUnit;
use tillit::report::{
    Axis, Bar, BarChart, Course, CourseChart, HeatMap, KeyFigure, Picture, Report, Section, Table,
    Tone, Unit, day,
};
use tillit::value::{FrequencyGroup, HoldoutAccuracy, PurchaseHistory, TrackedPeriod};

use crate::candidate::Candidate;
use crate::purchases::Purchases;
use crate::worth::Worth;

/// All that the page tells.
pub(crate) struct Findings<'a> {
    pub(crate) purchases: &'a Purchases,
    pub(crate) candidates: &'a [Candidate],
    pub(crate) chosen: &'a Candidate,
    pub(crate) naive: &'a HoldoutAccuracy,
    pub(crate) worth: &'a Worth,
    pub(crate) warnings: &'a [String],
}

impl Findings<'_> {
    pub(crate) fn report(&self, tables: [Table; 6]) -> Result<Report> {
        let [
            parameters,
            likelihoods,
            errors,
            spend,
            best_purchases,
            best_values,
        ] = tables;
        let (worth, accuracy) = (self.worth, &self.chosen.accuracy);
        let tenth = Unit::percent(0).write(worth.tenths()[0]);
        let off = |accuracy: &HoldoutAccuracy| {
            accuracy.expected_total() / accuracy.actual_total().max(1) as f64 - 1.0
        };
        let tone = match off(accuracy).abs() {
            share if share < 0.15 => Tone::Good,
            share if share < 0.3 => Tone::Caution,
            _ => Tone::Bad,
        };
        let words = |share: f64| {
            let size = Unit::percent(0).write(share.abs());
            format!("{size} too {}", if share < 0.0 { "few" } else { "many" })
        };
        let mut forecast = Section::new("Did the forecast come true?")
            .with_paragraph(format!(
                "The models saw the purchases until {} and foretold the rest, until {}. What came then is the judge.",
                day(self.purchases.calibration_end),
                day(self.purchases.last)
            ))
            .with_picture(self.cumulative()?)
            .with_picture(self.weekly()?)
            .with_picture(self.by_frequency()?)
            .with_table(errors)
            .with_table(likelihoods.folded())
            .with_table(parameters.folded());
        for warning in self.warnings {
            forecast = forecast.with_note(format!("Beware. {warning}."));
        }
        let page = Report::new("What is each customer worth?")
            .with_subtitle(format!("{}: {} customers", self.purchases.name, Unit::count().write(worth.histories.len() as f64)))
            .with_as_of(format!("As of {}", day(self.purchases.last)))
            .with_headline(format!(
                "The best tenth of the customers holds {tenth} of the value that is still to come: know them by name, and \
                 notice when they fall silent."
            ))
            .with_key_figure(
                KeyFigure::new("Value still to come", worth.unit.write(worth.total())).with_doubt(format!(
                    "contribution at {} margin, discounted at {} a year",
                    Unit::percent(0).write(worth.margin.value()),
                    Unit::percent(0).write(worth.rate)
                )),
            )
            .with_key_figure(
                KeyFigure::new("Held by the best tenth", tenth)
                    .with_doubt(format!("{} customers", worth.descending.len() / 10)),
            )
            .with_key_figure(
                KeyFigure::new(format!("Forecast by {}", self.chosen.name()), words(off(accuracy)))
                    .with_doubt(format!(
                        "{} purchases expected, {} came; at the own past rate of each: {}",
                        Unit::count().write(accuracy.expected_total()),
                        Unit::count().write(accuracy.actual_total() as f64),
                        words(off(self.naive))
                    ))
                    .with_tone(tone),
            )
            .with_section(forecast)
            .with_section(
                Section::new("Who is still there?")
                    .with_picture(self.alive()?)
                    .with_note(format!(
                        "P(alive) is the probability that a customer has not left for good, by {} fitted to everything until {}.",
                        worth.fitted.model().name(),
                        day(self.purchases.last)
                    )),
            )
            .with_section(
                Section::new("What are they worth?")
                    .with_picture(self.tenths()?)
                    .with_picture(self.distribution()?)
                    .with_picture(self.best()?)
                    .with_table(best_values)
                    .with_table(best_purchases)
                    .with_note(
                        "The parameter interval says where the expectation may lie, given what the data tell of the model; more data \
                         narrow it. The predictive interval says what this one customer may do: chance is in it, and no \
                         amount of data takes it out.",
                    )
                    .with_table(spend.folded())
                    .with_note(format!("Is spend independent of how often someone buys? {}", worth.spend_in_words())),
            )
            .with_colophon(
                "Pareto/NBD: Schmittlein, Morrison and Colombo (1987). BG/NBD: Fader, Hardie and Lee (2005). MBG/NBD: Batislam, \
                 Denizel and Filiztekin (2007). Gamma–Gamma: Fader, Hardie and Lee (2005). Fitted by maximum likelihood; \
                 parameter intervals by the delta method.",
            )
;
        Ok(self.with_source(page))
    }

    fn with_source(&self, page: Report) -> Report {
        if !self.purchases.is_sample {
            return page;
        }
        page.with_colophon(
            "The CDNOW sample: Fader and Hardie (2001), “Forecasting repeat sales at CDNOW: a case study”, Interfaces 31(3).",
        )
    }

    fn weeks(&self) -> Vec<NaiveDate> {
        let periods = self.chosen.tracking.periods().iter();
        periods
            .filter_map(|period| NaiveDate::from_num_days_from_ce_opt(period.last_day()))
            .collect()
    }

    fn over_weeks(
        &self,
        heading: &str,
        actual: Vec<f64>,
        expected: impl Fn(&Candidate) -> Vec<f64>,
    ) -> Result<CourseChart> {
        let mut courses = vec![Course::new("What came", actual)?.as_reference()];
        for candidate in self.candidates {
            courses.push(Course::new(candidate.name(), expected(candidate))?);
        }
        let known = self.chosen.tracking.calibration().len();
        let weeks = |count: usize| format!("{count} weeks");
        Ok(CourseChart::over_days(
            Axis::new(heading, Unit::count()).with_range(0.0, 1.0)?,
            self.weeks(),
            courses,
        )?
        .with_boundary(
            known.saturating_sub(1),
            format!("known to the models, {}", weeks(known)),
            format!("forecast, {}", weeks(self.chosen.tracking.holdout().len())),
        ))
    }

    fn cumulative(&self) -> Result<Picture> {
        let actual = self.chosen.tracking.cumulative_actual();
        let chart = self.over_weeks(
            "Repeat purchases since the beginning",
            actual.iter().map(|&sum| sum as f64).collect(),
            |candidate| candidate.tracking.cumulative_expected(),
        )?;
        let strays = self
            .candidates
            .iter()
            .filter_map(|candidate| candidate.tracking.largest_cumulative_error())
            .fold(0.0, f64::max);
        let last = actual.last().copied().unwrap_or(0) as f64;
        let ends: Vec<String> = self
            .candidates
            .iter()
            .map(|candidate| {
                let end = candidate
                    .tracking
                    .cumulative_expected()
                    .last()
                    .copied()
                    .unwrap_or(0.0);
                format!("{} {}", candidate.name(), Unit::count().write(end))
            })
            .collect();
        Ok(Picture::new(
            format!(
                "Over all {} weeks no model strays more than {} from the sum",
                actual.len(),
                Unit::percent(0).write((100.0 * strays).ceil() / 100.0)
            ),
            format!(
                "Repeat purchases added up week by week: {} in all. Expected of customers of whom only the first day is known: {}.",
                Unit::count().write(last),
                ends.join(", ")
            ),
            chart,
        ))
    }

    fn weekly(&self) -> Result<Picture> {
        let periods = self.chosen.tracking.periods();
        let chart = self.over_weeks(
            "Repeat purchases a week",
            periods
                .iter()
                .map(|period| period.actual() as f64)
                .collect(),
            |candidate| {
                candidate
                    .tracking
                    .periods()
                    .iter()
                    .map(TrackedPeriod::expected)
                    .collect()
            },
        )?;
        let misses: Vec<_> = periods
            .iter()
            .map(|period| (period.actual() as f64 - period.expected(), period))
            .collect();
        let highest = misses.iter().max_by(|one, two| one.0.total_cmp(&two.0));
        let highest = highest.map_or(String::new(), |(_, period)| {
            let date =
                NaiveDate::from_num_days_from_ce_opt(period.last_day()).map_or(String::new(), day);
            format!(
                " Furthest above {}: the week to {date}, {} instead of {}.",
                self.chosen.name(),
                period.actual(),
                Unit::count().write(period.expected())
            )
        });
        Ok(Picture::new(
            "The models draw the tide, not the waves",
            format!("Repeat purchases in each week. They know no season and no campaign.{highest}"),
            chart,
        ))
    }

    fn by_frequency(&self) -> Result<Picture> {
        let groups = self.chosen.accuracy.by_frequency();
        let seen: Vec<usize> = (0..groups.len())
            .filter(|&place| groups[place].customers() > 0)
            .collect();
        let means =
            |accuracy: &HoldoutAccuracy, mean: fn(&FrequencyGroup) -> Option<f64>| -> Vec<f64> {
                let groups = accuracy.by_frequency();
                seen.iter()
                    .map(|&place| mean(&groups[place]).unwrap_or(0.0))
                    .collect()
            };
        let names = seen
            .iter()
            .map(|&place| {
                let more = if groups[place].and_more() {
                    " and more"
                } else {
                    ""
                };
                format!("{}{more}", groups[place].repeat_purchases())
            })
            .collect();
        let mut courses = vec![
            Course::new(
                "What came",
                means(&self.chosen.accuracy, FrequencyGroup::mean_actual),
            )?
            .as_reference(),
        ];
        for candidate in self.candidates {
            courses.push(Course::new(
                candidate.name(),
                means(&candidate.accuracy, FrequencyGroup::mean_expected),
            )?);
        }
        courses.push(Course::new(
            "Own past rate",
            means(self.naive, FrequencyGroup::mean_expected),
        )?);
        let chart = CourseChart::over_categories(
            "Repeat purchases while the models watched",
            names,
            Axis::new(
                "Purchases per customer in the forecast weeks",
                Unit::plain(2),
            )
            .with_range(0.0, 1.0)?,
            courses,
        )?;
        let (came, naive) = (groups.last(), self.naive.by_frequency().last());
        let heaviest = came
            .and_then(FrequencyGroup::mean_actual)
            .zip(naive.and_then(FrequencyGroup::mean_expected));
        let words = heaviest.map_or(String::new(), |(came, naive)| {
            format!(
                " For the most frequent the own past rate says {naive:.1}, but {came:.1} came: some have left, and some were lucky."
            )
        });
        Ok(Picture::new(
            "Who judges by past pace overrates the best customers",
            format!(
                "Mean purchases in the forecast weeks, by how often customers had come back before.{words}"
            ),
            chart,
        ))
    }

    /// P(alive) of customers watched as long as the longest, by silence and frequency.
    fn alive(&self) -> Result<Picture> {
        let model = self.worth.fitted.model();
        let longest = self
            .worth
            .histories
            .observed_for()
            .iter()
            .copied()
            .fold(0.0, f64::max);
        let step = (longest / 10.0).floor().max(1.0);
        let silences: Vec<f64> = (0..10)
            .map(|row| step * f64::from(row))
            .filter(|&weeks| weeks < longest)
            .collect();
        let counts = [1, 2, 3, 5, 8, 12, 20, 30];
        let mut cells = Vec::new();
        for &silence in &silences {
            let mut row = Vec::new();
            for count in counts {
                let active_for = longest - silence;
                // So many purchase days must find room.
                row.push(if active_for * 7.0 < f64::from(count) {
                    None
                } else {
                    let history = PurchaseHistory::new(count, active_for, longest, TimeUnit::Week)?;
                    Some(model.probability_alive(&history)?.value())
                });
            }
            cells.push(row);
        }
        let percent = Unit::percent(0);
        let middle = silences.len() / 3;
        let (few, many) = (cells[middle][0], cells[middle][5]);
        let once = PurchaseHistory::new(0, 0.0, longest, TimeUnit::Week)?;
        let once = percent.write(model.probability_alive(&once)?.value());
        let words = few.zip(many).map_or(String::new(), |(few, many)| {
            format!(
                " After {} weeks without a purchase: {} for one who came back once, {} for one who did twelve times.",
                silences[middle],
                percent.write(few),
                percent.write(many)
            )
        });
        let chart = HeatMap::new(
            "Weeks since the last purchase",
            silences.iter().map(ToString::to_string).collect(),
            "Repeat purchases so far",
            counts.iter().map(ToString::to_string).collect(),
            percent,
            cells,
        )?;
        Ok(Picture::new(
            "From a frequent buyer, silence is a farewell",
            format!(
                "Probability that a customer whose first purchase lies {longest:.0} weeks back is still there; {once} for one who never came back.{words}"
            ),
            chart,
        ))
    }

    fn tenths(&self) -> Result<Picture> {
        let tenths = self.worth.tenths();
        let mut bars = Vec::new();
        for (place, &share) in tenths.iter().enumerate() {
            let name = match place {
                0 => "Best tenth".to_owned(),
                9 => "Last tenth".to_owned(),
                1 => "2nd tenth".to_owned(),
                2 => "3rd tenth".to_owned(),
                _ => format!("{}th tenth", place + 1),
            };
            bars.push(Bar::new(name, share)?);
        }
        let half: f64 = tenths[5..].iter().sum();
        Ok(Picture::new(
            format!(
                "The best tenth holds {}, the lower half {}",
                Unit::percent(0).write(tenths[0]),
                Unit::percent(0).write(half)
            ),
            "Share of all value still to come, by tenths of the customers from the most to the least valuable.",
            BarChart::new(
                "Customers",
                Axis::new("Share of the value still to come", Unit::percent(1)),
                bars,
            )?,
        ))
    }

    /// The most valuable customers, each with what chance may make of the expectation.
    fn best(&self) -> Result<Picture> {
        let mut bars = Vec::new();
        for best in &self.worth.best {
            let (low, high) = best.value_predictive;
            let bar = Bar::new(best.name.clone(), best.value)?.with_interval(low, high)?;
            bars.push(bar.with_note(format!(
                "{} repeats, alive {}",
                best.repeat_purchases,
                Unit::percent(0).write(best.alive)
            )));
        }
        let words = self.worth.best.first().map_or(String::new(), |best| {
            let unit = Unit::count();
            format!(
                " {}: on average {} ({} by what the data leave open), but anything from {}.",
                best.name,
                self.worth.unit.write(best.value),
                unit.write_interval(best.value_parameter.0, best.value_parameter.1),
                self.worth
                    .unit
                    .write_interval(best.value_predictive.0, best.value_predictive.1)
            )
        });
        Ok(Picture::new(
            "Even of the best, any one may bring little",
            format!(
                "Value still to come from each of the most valuable customers, with the 90% predictive interval.{words}"
            ),
            BarChart::new(
                "Customer",
                Axis::new("Value still to come", self.worth.unit),
                bars,
            )?,
        ))
    }

    /// Customers by value in bands that grow by a factor of two or so, with the share of the value in each.
    fn distribution(&self) -> Result<Picture> {
        let values = &self.worth.descending;
        let (all, unit) = (values.len(), self.worth.unit);
        let lowest = values[all - 1 - all / 10].max(1.0);
        let highest = values[all / 100];
        let mut edges = Vec::new();
        let mut power = 10.0_f64.powf(lowest.log10().floor());
        while power <= highest {
            edges.extend(
                [1.0, 2.0, 5.0]
                    .map(|nice| nice * power)
                    .into_iter()
                    .filter(|&edge| edge >= lowest && edge <= highest),
            );
            power *= 10.0;
        }
        let mut bars = Vec::new();
        for band in 0..=edges.len() {
            let from = if band == 0 {
                f64::NEG_INFINITY
            } else {
                edges[band - 1]
            };
            let to = edges.get(band).copied().unwrap_or(f64::INFINITY);
            let inside: Vec<f64> = values
                .iter()
                .copied()
                .filter(|&value| value >= from && value < to)
                .collect();
            let name = match (band, to.is_finite()) {
                (0, true) => format!("below {}", unit.write(to)),
                (_, true) => unit.write_interval(from, to),
                _ => format!("over {}", unit.write(from)),
            };
            let share = inside.iter().sum::<f64>() / self.worth.total();
            bars.push(
                Bar::new(name, inside.len() as f64)?
                    .with_note(format!("{} of the value", Unit::percent(0).write(share))),
            );
        }
        let mean = self.worth.total() / all as f64;
        let below = values.iter().filter(|&&value| value < mean).count();
        Ok(Picture::new(
            format!(
                "{} of the customers are worth less than the mean",
                Unit::percent(0).write(below as f64 / all as f64)
            ),
            format!(
                "Customers by the value still to come from each. The mean is {}, the median {}.",
                unit.write(mean),
                unit.write(values[all / 2])
            ),
            BarChart::new(
                "Value still to come",
                Axis::new("Customers", Unit::count()),
                bars,
            )?,
        ))
    }
}
