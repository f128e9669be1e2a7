//! A chart with its title, its description in words and its numbers.

use super::area_chart::AreaChart;
use super::bar_chart::BarChart;
use super::course_chart::CourseChart;
use super::heat_map::HeatMap;
use super::histogram::Histogram;
use super::interval_chart::IntervalChart;
use super::lettering::wrap;
use super::line_chart::LineChart;
use super::ranked_cases::RankedCases;
use super::svg::{Anchor, LINE, SIZE, Sheet};
use super::table::Table;
use super::timeline::Timeline;

/// Width of the layout for pages and paper, in pixels.
const WIDE: f64 = 720.0;
/// Width of the layout for telephones.
const NARROW: f64 = 350.0;

/// What every kind of chart can do.
pub(super) trait Draw {
    /// Draws itself as wide as the sheet and sets the sheet's height.
    fn draw(&self, sheet: &mut Sheet);
    /// The numbers it shows.
    fn table(&self, caption: String) -> Table;
}

/// The kinds of charts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Chart {
    /// Values with intervals.
    Interval(IntervalChart),
    /// Courses side by side.
    Courses(CourseChart),
    /// Parts of a whole over time.
    Area(AreaChart),
    /// Horizontal bars.
    Bars(BarChart),
    /// Cases in order.
    Ranked(RankedCases),
    /// Counts by class.
    Histogram(Histogram),
    /// Numbers by row and column.
    Heat(HeatMap),
    /// Courses of numbers compared.
    Lines(LineChart),
    /// Events by day.
    Timeline(Timeline),
}

macro_rules! chart_of {
    ($($kind:ident($chart:ty)),*) => {
        $(impl From<$chart> for Chart {
            fn from(chart: $chart) -> Self {
                Self::$kind(chart)
            }
        })*
    };
}

chart_of!(
    Interval(IntervalChart),
    Courses(CourseChart),
    Area(AreaChart),
    Bars(BarChart),
    Ranked(RankedCases),
    Histogram(Histogram),
    Heat(HeatMap),
    Lines(LineChart),
    Timeline(Timeline)
);

impl Chart {
    fn kind(&self) -> &dyn Draw {
        match self {
            Self::Interval(chart) => chart,
            Self::Courses(chart) => chart,
            Self::Area(chart) => chart,
            Self::Bars(chart) => chart,
            Self::Ranked(chart) => chart,
            Self::Histogram(chart) => chart,
            Self::Heat(chart) => chart,
            Self::Lines(chart) => chart,
            Self::Timeline(chart) => chart,
        }
    }
}

/// A picture of a report: a title that says what is seen, a description in words for those who do not see it, the
/// chart, and below it the numbers as a table.
///
/// It is laid out twice, for pages and for telephones; the style sheet shows one of the two.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    title: String,
    description: String,
    content: Content,
}

#[derive(Clone, Debug, PartialEq)]
enum Content {
    Chart(Box<Chart>),
    Nothing { reason: String },
}

impl Picture {
    /// A picture of a chart. The description says in words what a seeing reader takes from it.
    #[must_use]
    pub fn new(
        title: impl Into<String>,
        description: impl Into<String>,
        chart: impl Into<Chart>,
    ) -> Self {
        Self {
            title: title.into(),
            description: description.into(),
            content: Content::Chart(Box::new(chart.into())),
        }
    }

    /// An empty frame that says why there is nothing to see.
    #[must_use]
    pub fn without_data(title: impl Into<String>, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self {
            title: title.into(),
            description: format!("No data: {reason}"),
            content: Content::Nothing { reason },
        }
    }

    /// The title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The description in words.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The numbers behind it; none if there are no data.
    #[must_use]
    pub fn table(&self) -> Option<Table> {
        match &self.content {
            Content::Chart(chart) => Some(chart.kind().table(self.title.clone())),
            Content::Nothing { .. } => None,
        }
    }

    /// Both layouts as SVG elements for a page, their ids beginning with `id`, which must be its own on the page and
    /// made of letters, digits and hyphens. Colours come from the page's style sheet.
    #[must_use]
    pub fn to_svg(&self, id: &str) -> [String; 2] {
        [("wide", WIDE), ("narrow", NARROW)].map(|(layout, width)| {
            let mut sheet = Sheet::new(format!("{id}-{layout}"), width);
            match &self.content {
                Content::Chart(chart) => chart.kind().draw(&mut sheet),
                Content::Nothing { reason } => draw_nothing(&mut sheet, reason),
            }
            sheet.finish(&self.title, &self.description, layout)
        })
    }
}

fn draw_nothing(sheet: &mut Sheet, reason: &str) {
    let middle = sheet.width() / 2.0;
    let lines = wrap(reason, sheet.width() - 60.0, SIZE);
    sheet.text((middle, 44.0), Anchor::Middle, "value", "No data");
    sheet.lines((middle, 68.0), Anchor::Middle, "muted", &lines);
    sheet.set_height(68.0 + LINE * lines.len() as f64 + 26.0);
}
