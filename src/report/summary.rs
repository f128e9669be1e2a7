//! The report on one screen of plain text.

use super::page::Block;
use super::{KeyFigure, Report};

/// Columns of a terminal that everybody has.
const WIDTH: usize = 100;

impl Report {
    /// The title, the headline and all key figures as plain text for a terminal, at most 100 columns wide.
    ///
    /// ```
    /// use tillit::report::{KeyFigure, Report};
    ///
    /// let report = Report::new("Orders").with_key_figure(KeyFigure::new("Delivered late", "6.81%"));
    /// assert!(report.to_summary().contains("Delivered late  6.81%"));
    /// ```
    #[must_use]
    pub fn to_summary(&self) -> String {
        let mut lines = vec![self.title().to_owned()];
        lines.extend(
            [self.as_of()]
                .into_iter()
                .filter(|line| !line.is_empty())
                .map(str::to_owned),
        );
        lines.push(String::new());
        lines.extend(wrapped(self.headline(), WIDTH));
        for section in std::iter::once(self.summary()).chain(self.sections()) {
            let figures: Vec<&KeyFigure> = section
                .blocks()
                .iter()
                .filter_map(|block| match block {
                    Block::KeyFigures(figures) => Some(figures),
                    _ => None,
                })
                .flatten()
                .collect();
            if figures.is_empty() {
                continue;
            }
            lines.push(String::new());
            lines.push(section.heading().to_owned());
            let widest = |part: fn(&KeyFigure) -> &str| {
                figures
                    .iter()
                    .map(|figure| part(figure).chars().count())
                    .max()
                    .unwrap_or(0)
            };
            let (label, value) = (widest(KeyFigure::label), widest(KeyFigure::value));
            for figure in figures {
                let rest = [figure.doubt(), figure.help()];
                let rest = rest
                    .into_iter()
                    .filter(|words| !words.is_empty())
                    .collect::<Vec<_>>()
                    .join(" · ");
                let indent = label + value + 6;
                let mut pieces = wrapped(&rest, WIDTH.saturating_sub(indent)).into_iter();
                let first = pieces.next().unwrap_or_default();
                let line = format!(
                    "  {:label$}  {:>value$}  {first}",
                    figure.label(),
                    figure.value()
                );
                lines.push(line.trim_end().to_owned());
                lines.extend(pieces.map(|piece| format!("{:indent$}{piece}", "")));
            }
        }
        lines.join("\n") + "\n"
    }
}

/// Words in lines of at most `width` columns; a longer word gets a line of its own.
fn wrapped(words: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
