//! The same report as Markdown.

use super::page::{Block, KeyFigure, Report, Section};
use super::picture::Picture;
use super::table::{Cell, Column, Table};

/// Text that Markdown shows as it is, on one line.
fn plain(text: &str) -> String {
    let letters: Vec<char> = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|letter| !letter.is_control())
        .collect();
    let mut safe = String::with_capacity(text.len() + 8);
    let is_word = |place: Option<usize>| {
        place
            .and_then(|place| letters.get(place))
            .is_some_and(|letter| letter.is_alphanumeric())
    };
    for (place, &letter) in letters.iter().enumerate() {
        let special = match letter {
            '\\' | '`' | '*' | '|' | '<' | '>' | '[' | ']' | '~' | '$' => true,
            // Inside a word an underscore is a letter like any other.
            '_' => !(is_word(place.checked_sub(1)) && is_word(Some(place + 1))),
            '&' => is_word(Some(place + 1)) || letters.get(place + 1) == Some(&'#'),
            '#' | '=' => place == 0,
            '+' | '-' => place == 0 && !is_word(Some(1)),
            // "2018. A good year" would open a numbered list.
            '.' | ')' => {
                place > 0
                    && letters[..place].iter().all(char::is_ascii_digit)
                    && !is_word(Some(place + 1))
            }
            _ => false,
        };
        if special {
            safe.push('\\');
        }
        safe.push(letter);
    }
    safe
}

impl Report {
    /// The report as Markdown (with the tables of GitHub's dialect): the same words, key figures and tables, and
    /// each picture as the table of its numbers.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut parts = vec![format!("# {}", plain(self.title()))];
        for line in [self.subtitle(), self.as_of()] {
            if !line.is_empty() {
                parts.push(plain(line));
            }
        }
        if !self.headline().is_empty() {
            parts.push(format!("**{}**", plain(self.headline())));
        }
        for section in std::iter::once(self.summary()).chain(self.sections()) {
            if section.blocks().is_empty() && std::ptr::eq(section, self.summary()) {
                continue;
            }
            parts.extend(section_parts(section));
        }
        if !self.colophon().is_empty() {
            parts.push("---".into());
            parts.extend(self.colophon().iter().map(|words| plain(words)));
        }
        let mut markdown = parts.join("\n\n");
        markdown.push('\n');
        markdown
    }
}

impl Table {
    /// The table as Markdown, its caption above it; figures stand right.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        format!("*{}*\n\n{}", plain(self.caption()), lines(self))
    }
}

fn lines(table: &Table) -> String {
    let line = |cells: &mut dyn Iterator<Item = String>| {
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let mut text = line(&mut table.columns().iter().map(|column| plain(column.heading())));
    text.push_str(&line(&mut table.columns().iter().map(|column| {
        if column.is_numeric() { "---:" } else { "---" }.to_owned()
    })));
    for row in table.rows().iter().map(Vec::as_slice).chain(table.other()) {
        text.push_str(&line(&mut row.iter().map(|cell| plain(&cell.written()))));
    }
    if let Some(total) = table.total() {
        let bold = |cell: &Cell| match cell {
            Cell::Missing => String::new(),
            cell => format!("**{}**", plain(&cell.written())),
        };
        text.push_str(&line(&mut total.iter().map(bold)));
    }
    text.truncate(text.trim_end().len());
    text
}

fn section_parts(section: &Section) -> Vec<String> {
    let mut parts = vec![format!("## {}", plain(section.heading()))];
    for block in section.blocks() {
        match block {
            Block::Paragraph(words) => parts.push(plain(words)),
            Block::KeyFigures(figures) => parts.push(lines(&key_figure_table(figures))),
            Block::Picture(picture) => parts.extend(picture_parts(picture)),
            Block::Table(table) => parts.push(table.to_markdown()),
            Block::Note(words) => parts.push(format!("> {}", plain(words))),
        }
    }
    parts
}

fn picture_parts(picture: &Picture) -> Vec<String> {
    let mut parts = vec![
        format!("### {}", plain(picture.title())),
        plain(picture.description()),
    ];
    parts.extend(picture.table().map(|table| lines(&table)));
    parts
}

fn key_figure_table(figures: &[KeyFigure]) -> Table {
    let columns = vec![
        Column::text("Key figure"),
        Column::number("Value"),
        Column::text("Doubt"),
        Column::text("Sign"),
        Column::text("Meaning"),
    ];
    let rows = figures
        .iter()
        .map(|figure| {
            let sign = figure.tone().sign().map_or("", |(_, word)| word);
            [
                figure.label(),
                figure.value(),
                figure.doubt(),
                sign,
                figure.help(),
            ]
            .map(Cell::from)
            .to_vec()
        })
        .collect();
    Table::of(String::new(), columns, rows)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn text_shows_as_it_is() {
        for (text, markdown) in [
            ("a|b", "a\\|b"),
            ("bed_bath_table", "bed_bath_table"),
            ("_so_", "\\_so\\_"),
            ("# no heading", "\\# no heading"),
            ("2018. A year", "2018\\. A year"),
            ("4.29", "4.29"),
            ("two\nlines", "two lines"),
            ("R&D &lt;", "R\\&D \\&lt;"),
        ] {
            assert_eq!(plain(text), markdown);
        }
    }
}
