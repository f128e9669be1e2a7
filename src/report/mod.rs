//! A page to hand on: one self-contained HTML file with pictures as inline SVG, and the same numbers as Markdown.

mod area_chart;
mod audit_page;
mod axis;
mod bar_chart;
mod format;
mod frame;
mod heat_map;
mod histogram;
mod html;
mod interval_chart;
mod lettering;
mod markdown;
mod page;
mod picture;
mod ranked_cases;
mod rows;
mod summary;
mod svg;
mod table;
mod timeline;
mod tone;

pub use crate::journey::mask;
pub use area_chart::{AreaChart, Series};
pub use axis::Axis;
pub use bar_chart::{Bar, BarChart};
pub use format::{Unit, day, grouped};
pub use heat_map::HeatMap;
pub use histogram::Histogram;
pub use interval_chart::{FittedLine, IntervalChart, IntervalPoint};
pub use page::{KeyFigure, Report, Section};
pub use picture::{Chart, Picture};
pub use ranked_cases::{RankedCase, RankedCases};
pub use table::{Cell, Column, Table};
pub use timeline::{Timeline, TimelineEntry};
pub use tone::Tone;
