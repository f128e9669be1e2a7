//! An audit as a page, question by question.

mod fall_short;
mod glance;
mod happened;
mod limits;
mod losses;
mod page;
mod score_by_gap;
mod told;
mod voices;
mod words;
mod worth;
