//! The models that are set side by side, and what each says.

use tillit::Result;
use tillit::measure::{Span, TimeUnit};
use tillit::report::{Cell, Column, Table, Unit};
use tillit::value::{
    BgNbd, FittedBgNbd, FittedMbgNbd, FittedParetoNbd, FittedPurchaseModel, Holdout,
    HoldoutAccuracy, MbgNbd, ParetoNbd, PurchaseCalendar, PurchaseHistories, PurchaseModel,
    Tracking,
};

/// A fitted model that keeps its type: intervals move its parameters.
pub(crate) enum Fitted {
    Pareto(FittedParetoNbd),
    Bg(FittedBgNbd),
    Mbg(FittedMbgNbd),
}

/// Parameters in the order of the report and log-likelihood, as the literature prints them for the sample.
const PUBLISHED: [(&str, [f64; 4], f64); 3] = [
    ("Pareto/NBD", [0.553, 10.578, 0.606, 11.669], -9595.0),
    ("BG/NBD", [0.243, 4.414, 0.793, 2.426], -9582.4),
    ("MBG/NBD", [0.525, 6.183, 0.891, 1.614], -9582.1),
];

impl Fitted {
    /// The models, each fitted or refused.
    pub(crate) fn all(histories: &PurchaseHistories) -> [(&'static str, Result<Self>); 3] {
        [
            (
                "Pareto/NBD",
                ParetoNbd::default().fit(histories).map(Self::Pareto),
            ),
            ("BG/NBD", BgNbd::default().fit(histories).map(Self::Bg)),
            ("MBG/NBD", MbgNbd::default().fit(histories).map(Self::Mbg)),
        ]
    }

    /// The same kind of model on other histories.
    pub(crate) fn again(&self, histories: &PurchaseHistories) -> Result<Self> {
        match self {
            Self::Pareto(earlier) => ParetoNbd::default()
                .starting_at(earlier)
                .fit(histories)
                .map(Self::Pareto),
            Self::Bg(earlier) => BgNbd::default()
                .starting_at(earlier)
                .fit(histories)
                .map(Self::Bg),
            Self::Mbg(earlier) => MbgNbd::default()
                .starting_at(earlier)
                .fit(histories)
                .map(Self::Mbg),
        }
    }

    pub(crate) fn model(&self) -> &dyn FittedPurchaseModel {
        match self {
            Self::Pareto(model) => model,
            Self::Bg(model) => model,
            Self::Mbg(model) => model,
        }
    }
}

/// A model that has seen the calibration, held against the holdout.
pub(crate) struct Candidate {
    pub(crate) fitted: Fitted,
    pub(crate) accuracy: HoldoutAccuracy,
    pub(crate) tracking: Tracking,
}

impl Candidate {
    pub(crate) fn of(
        fitted: Fitted,
        histories: &PurchaseHistories,
        holdout: &Holdout,
        calendar: &PurchaseCalendar,
    ) -> Result<Self> {
        let model = fitted.model();
        Ok(Self {
            accuracy: HoldoutAccuracy::of(model, histories, holdout)?,
            tracking: Tracking::of(calendar, model, Span::new(1.0, TimeUnit::Week)?)?,
            fitted,
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.fitted.model().name()
    }
}

/// Parameters with standard errors, beside the published ones where there are any.
pub(crate) fn parameters(candidates: &[Candidate], with_published: bool) -> Result<Table> {
    let mut rows = Vec::new();
    for candidate in candidates {
        let published = PUBLISHED
            .iter()
            .find(|(name, ..)| with_published && *name == candidate.name());
        let Some(report) = candidate.fitted.model().report() else {
            continue;
        };
        for (place, parameter) in report.parameters().iter().enumerate() {
            let mut row = vec![
                candidate.name().into(),
                parameter.name().into(),
                Cell::Number(parameter.value(), Unit::plain(4)),
                Cell::optional(parameter.standard_error(), Unit::plain(4)),
            ];
            if with_published {
                let value = published.and_then(|(_, values, _)| values.get(place).copied());
                row.push(Cell::optional(value, Unit::plain(3)));
            }
            rows.push(row);
        }
    }
    let mut columns = vec![Column::text("Model"), Column::text("Parameter")];
    columns.extend(["Fitted", "Standard error"].map(Column::number));
    if with_published {
        columns.push(Column::number("Published"));
    }
    Table::new("Parameters (time in weeks)", columns, rows)
}

/// Likelihoods and criteria.
pub(crate) fn likelihoods(candidates: &[Candidate], with_published: bool) -> Result<Table> {
    let mut rows = Vec::new();
    for candidate in candidates {
        let Some(report) = candidate.fitted.model().report() else {
            continue;
        };
        let mut row = vec![
            candidate.name().into(),
            Cell::Number(report.log_likelihood(), Unit::plain(2)),
        ];
        if with_published {
            let published = PUBLISHED
                .iter()
                .find(|(name, ..)| *name == candidate.name());
            row.push(Cell::optional(
                published.map(|published| published.2),
                Unit::plain(1),
            ));
        }
        row.extend([report.aic(), report.bic()].map(|value| Cell::Number(value, Unit::plain(1))));
        row.push(Cell::optional(
            candidate.accuracy.log_likelihood(),
            Unit::plain(1),
        ));
        rows.push(row);
    }
    let mut columns = vec![Column::text("Model"), Column::number("Log-likelihood")];
    if with_published {
        columns.push(Column::number("Published"));
    }
    columns.extend(["AIC", "BIC", "Log-likelihood of the holdout"].map(Column::number));
    Table::new("How well the models fit", columns, rows)
}

/// Errors of the forecasts, the naive one last.
pub(crate) fn errors(candidates: &[Candidate], naive: &HoldoutAccuracy) -> Result<Table> {
    let all = candidates
        .iter()
        .map(|candidate| &candidate.accuracy)
        .chain([naive]);
    let rows = all
        .map(|accuracy| {
            let total = accuracy.expected_total();
            let off = total / accuracy.actual_total().max(1) as f64 - 1.0;
            vec![
                accuracy.forecast().into(),
                Cell::Number(total, Unit::count()),
                Cell::Number(accuracy.actual_total() as f64, Unit::count()),
                Cell::Number(off, Unit::percent(1)),
                Cell::Number(accuracy.mean_absolute_error(), Unit::plain(4)),
                Cell::Number(accuracy.root_mean_squared_error(), Unit::plain(4)),
                Cell::optional(accuracy.correlation(), Unit::plain(4)),
            ]
        })
        .collect();
    let mut columns = vec![Column::text("Forecast")];
    columns.extend(
        [
            "Purchases expected",
            "Came",
            "Off by",
            "Mean absolute error",
            "Root mean squared error",
            "Correlation",
        ]
        .map(Column::number),
    );
    Table::new(
        "Forecast of the holdout, customer by customer",
        columns,
        rows,
    )
}
