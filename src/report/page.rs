//! The report as it is put together, before it becomes HTML or Markdown.

use crate::measure::Estimate;

use super::format::Unit;
use super::picture::Picture;
use super::table::Table;
use super::tone::Tone;

/// One number that a reader should take along, with its doubt.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyFigure {
    label: String,
    value: String,
    doubt: String,
    help: String,
    tone: Tone,
}

impl KeyFigure {
    /// A label and a value already written.
    #[must_use]
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            doubt: String::new(),
            help: String::new(),
            tone: Tone::Neutral,
        }
    }

    /// An estimate in its unit, its interval or standard error as doubt.
    #[must_use]
    pub fn of(label: impl Into<String>, estimate: &Estimate, unit: Unit) -> Self {
        Self::new(label, unit.write(estimate.value())).with_doubt(unit.write_doubt(estimate))
    }

    /// The same with its doubt in words: an interval, what it rests on.
    #[must_use]
    pub fn with_doubt(mut self, doubt: impl Into<String>) -> Self {
        self.doubt = doubt.into();
        self
    }

    /// The same with a sentence on what it means.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The same as good or bad news.
    #[must_use]
    pub fn with_tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// The label.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The value as written.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The doubt in words, empty if none was given.
    #[must_use]
    pub fn doubt(&self) -> &str {
        &self.doubt
    }

    /// What it means, empty if nothing was said.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }

    /// Good or bad news.
    #[must_use]
    pub fn tone(&self) -> Tone {
        self.tone
    }
}

/// What a section is made of, in reading order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    Paragraph(String),
    KeyFigures(Vec<KeyFigure>),
    Picture(Picture),
    Table(Table),
    Note(String),
}

/// A chapter of the report. What is added first is read first; key figures added one after another stand side by
/// side.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    heading: String,
    blocks: Vec<Block>,
}

impl Section {
    /// An empty section.
    #[must_use]
    pub fn new(heading: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            blocks: Vec::new(),
        }
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn with_paragraph(mut self, words: impl Into<String>) -> Self {
        self.blocks.push(Block::Paragraph(words.into()));
        self
    }

    /// Adds a key figure.
    #[must_use]
    pub fn with_key_figure(mut self, figure: KeyFigure) -> Self {
        if let Some(Block::KeyFigures(figures)) = self.blocks.last_mut() {
            figures.push(figure);
        } else {
            self.blocks.push(Block::KeyFigures(vec![figure]));
        }
        self
    }

    /// Adds a picture.
    #[must_use]
    pub fn with_picture(mut self, picture: Picture) -> Self {
        self.blocks.push(Block::Picture(picture));
        self
    }

    /// Adds a table.
    #[must_use]
    pub fn with_table(mut self, table: Table) -> Self {
        self.blocks.push(Block::Table(table));
        self
    }

    /// Adds a note in smaller print: an assumption, a limit, a source.
    #[must_use]
    pub fn with_note(mut self, words: impl Into<String>) -> Self {
        self.blocks.push(Block::Note(words.into()));
        self
    }

    /// The heading.
    #[must_use]
    pub fn heading(&self) -> &str {
        &self.heading
    }

    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }
}

/// A report: title, what one should take along, then section by section. It becomes one HTML file that loads nothing
/// from anywhere, or Markdown with the same numbers. The same report gives the same bytes.
///
/// ```
/// use tillit::report::{KeyFigure, Report, Section, Tone};
///
/// let report = Report::new("Where do we fall short?")
///     .with_as_of("As of 31 Aug 2018")
///     .with_headline("One delivery in fifteen came late, and late customers are lost customers.")
///     .with_key_figure(KeyFigure::new("Delivered late", "6.81%").with_tone(Tone::Bad))
///     .with_section(Section::new("Promises").with_paragraph("1,822 of 26,764 deliveries."));
/// assert!(report.to_html().starts_with("<!doctype html>"));
/// assert!(report.to_markdown().contains("## Promises"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    title: String,
    subtitle: String,
    as_of: String,
    headline: String,
    summary: Section,
    sections: Vec<Section>,
    colophon: Vec<String>,
}

impl Report {
    /// A report without content.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            subtitle: String::new(),
            as_of: String::new(),
            headline: String::new(),
            summary: Section::new("At a glance"),
            sections: Vec::new(),
            colophon: Vec::new(),
        }
    }

    /// The same with a line under the title: the data, the period.
    #[must_use]
    pub fn with_subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = subtitle.into();
        self
    }

    /// The same with the day that "now" means.
    #[must_use]
    pub fn with_as_of(mut self, as_of: impl Into<String>) -> Self {
        self.as_of = as_of.into();
        self
    }

    /// The same with the one sentence a reader in a hurry should take along.
    #[must_use]
    pub fn with_headline(mut self, headline: impl Into<String>) -> Self {
        self.headline = headline.into();
        self
    }

    /// Adds a key figure to the summary on top.
    #[must_use]
    pub fn with_key_figure(mut self, figure: KeyFigure) -> Self {
        self.summary = self.summary.with_key_figure(figure);
        self
    }

    /// Adds a paragraph to the summary on top.
    #[must_use]
    pub fn with_summary(mut self, words: impl Into<String>) -> Self {
        self.summary = self.summary.with_paragraph(words);
        self
    }

    /// Adds a section.
    #[must_use]
    pub fn with_section(mut self, section: Section) -> Self {
        self.sections.push(section);
        self
    }

    /// Adds a line to the foot of the page: how it was made, what was assumed.
    #[must_use]
    pub fn with_colophon(mut self, words: impl Into<String>) -> Self {
        self.colophon.push(words.into());
        self
    }

    /// The title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The line under the title.
    #[must_use]
    pub fn subtitle(&self) -> &str {
        &self.subtitle
    }

    /// The day that "now" means.
    #[must_use]
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// The one sentence.
    #[must_use]
    pub fn headline(&self) -> &str {
        &self.headline
    }

    /// The sections in reading order, without the summary.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    pub(super) fn summary(&self) -> &Section {
        &self.summary
    }

    pub(super) fn colophon(&self) -> &[String] {
        &self.colophon
    }
}
