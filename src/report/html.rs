//! The report as one HTML file.

use super::page::{Block, KeyFigure, Report, Section};
use super::picture::Picture;
use super::table::{Cell, Table};

/// Text made safe for HTML, in elements and in quoted attributes. Control characters, which HTML forbids, become
/// the replacement character.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(letter),
            letter if letter.is_control() => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

impl Report {
    /// One HTML file: style sheet and pictures inside, no script, nothing loaded. Light or dark as the reader's
    /// machine prefers, fit for telephones and paper.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut pictures = 0;
        let mut sections = String::new();
        let has_summary = !self.summary().blocks().is_empty();
        if has_summary {
            sections.push_str(&section_html(self.summary(), "summary", &mut pictures));
        }
        let mut contents = Vec::new();
        for (number, section) in self.sections().iter().enumerate() {
            let id = format!("section-{}", number + 1);
            let heading = escaped(section.heading());
            contents.push(format!("<li><a href=\"#{id}\">{heading}</a></li>"));
            sections.push_str(&section_html(section, &id, &mut pictures));
        }
        if has_summary {
            let glance = escaped(self.summary().heading());
            contents.insert(0, format!("<li><a href=\"#summary\">{glance}</a></li>"));
        }
        let contents = if contents.is_empty() {
            String::new()
        } else {
            let contents = contents.concat();
            format!("<nav aria-label=\"Contents\"><p>Contents</p><ol>{contents}</ol></nav>\n")
        };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"generator\" content=\"tillit {version}\">\n<title>{title}</title>\n<style>\n{style}</style>\n\
             </head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n\
             <header class=\"top\">{as_of}<h1>{title}</h1>{subtitle}{headline}</header>\n\
             <div class=\"columns\">\n{contents}<main id=\"main\">\n{sections}</main>\n</div>\n{foot}</body>\n</html>\n",
            version = env!("CARGO_PKG_VERSION"),
            title = escaped(self.title()),
            style = include_str!("style.css"),
            as_of = element("p", "as-of", self.as_of()),
            subtitle = element("p", "subtitle", self.subtitle()),
            headline = element("p", "headline", self.headline()),
            foot = self.foot(),
        )
    }

    fn foot(&self) -> String {
        let lines: String = self
            .colophon()
            .iter()
            .map(|words| element("p", "", words))
            .collect();
        if lines.is_empty() {
            lines
        } else {
            format!("<footer>{lines}</footer>\n")
        }
    }
}

/// An element around escaped text; nothing if there is no text.
fn element(name: &str, class: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let class = if class.is_empty() {
        String::new()
    } else {
        format!(" class=\"{class}\"")
    };
    format!("<{name}{class}>{}</{name}>", escaped(text))
}

fn section_html(section: &Section, id: &str, pictures: &mut usize) -> String {
    let mut html = format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n<h2 id=\"{id}-heading\">{}</h2>\n",
        escaped(section.heading())
    );
    for block in section.blocks() {
        match block {
            Block::Paragraph(words) => html.push_str(&element("p", "", words)),
            Block::KeyFigures(figures) => html.push_str(&cards(figures)),
            Block::Picture(picture) => {
                *pictures += 1;
                html.push_str(&figure(picture, &format!("picture-{pictures}")));
            }
            Block::Table(table) => html.push_str(&table_html(table)),
            Block::Note(words) => html.push_str(&element("p", "note", words)),
        }
        html.push('\n');
    }
    html.push_str("</section>\n");
    html
}

fn cards(figures: &[KeyFigure]) -> String {
    let cards: Vec<String> = figures
        .iter()
        .map(|figure| {
            let sign = figure.tone().sign().map_or(String::new(), |(sign, word)| {
                format!(
                    "<span class=\"sign\" aria-hidden=\"true\">{sign}</span><span class=\"unseen\"> ({word})</span>"
                )
            });
            format!(
                "<div class=\"card tone-{}\"><dt>{}{sign}</dt><dd class=\"figure\">{}</dd>{}{}</div>",
                figure.tone().class(),
                escaped(figure.label()),
                escaped(figure.value()),
                element("dd", "doubt", figure.doubt()),
                element("dd", "help", figure.help()),
            )
        })
        .collect();
    format!("<dl class=\"cards\">{}</dl>", cards.concat())
}

fn figure(picture: &Picture, id: &str) -> String {
    let [wide, narrow] = picture.to_svg(id);
    let numbers = picture.table().map_or(String::new(), |table| {
        format!(
            "<details><summary>The numbers</summary>{}</details>",
            grid(&table, false)
        )
    });
    format!(
        "<figure id=\"{id}\"><figcaption><h3>{}</h3>{}</figcaption>\n{wide}\n{narrow}\n{numbers}</figure>",
        escaped(picture.title()),
        element("p", "", picture.description()),
    )
}

fn table_html(table: &Table) -> String {
    if table.is_folded() {
        format!(
            "<details><summary>{}</summary>{}</details>",
            escaped(table.caption()),
            grid(table, false)
        )
    } else {
        grid(table, true)
    }
}

fn grid(table: &Table, with_caption: bool) -> String {
    let caption = escaped(table.caption());
    let shown = if with_caption {
        ""
    } else {
        " class=\"unseen\""
    };
    let side = |numeric: bool| if numeric { " class=\"n\"" } else { "" };
    let head: Vec<String> = table
        .columns()
        .iter()
        .map(|column| {
            let side = side(column.is_numeric());
            format!("<th scope=\"col\"{side}>{}</th>", escaped(column.heading()))
        })
        .collect();
    let line = |cells: &[Cell], class: &str| {
        let cells: Vec<String> = cells
            .iter()
            .zip(table.columns())
            .enumerate()
            .map(|(place, (cell, column))| {
                let written = cell.written();
                // Short words such as 2018-08 stay on one line.
                let side = if column.is_numeric() {
                    " class=\"n\""
                } else if written.chars().count() <= 14 {
                    " class=\"k\""
                } else {
                    ""
                };
                let text = escaped(&written);
                if place == 0 {
                    format!("<th scope=\"row\"{side}>{text}</th>")
                } else {
                    format!("<td{side}>{text}</td>")
                }
            })
            .collect();
        format!("<tr{class}>{}</tr>\n", cells.concat())
    };
    let mut body: String = table.rows().iter().map(|row| line(row, "")).collect();
    if let Some(other) = table.other() {
        body.push_str(&line(other, " class=\"other\""));
    }
    if body.is_empty() {
        let span = table.columns().len();
        body = format!("<tr><td colspan=\"{span}\" class=\"empty\">No rows</td></tr>");
    }
    let foot = table.total().map_or(String::new(), |total| {
        format!("<tfoot>{}</tfoot>", line(total, ""))
    });
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table>\
         <caption{shown}>{caption}</caption><thead><tr>{}</tr></thead>\n<tbody>{body}</tbody>{foot}</table></div>",
        head.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_cannot_leave_its_element_or_attribute() {
        assert_eq!(
            escaped("<b a=\"1\" c='2'>&amp;\u{0}"),
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;\u{fffd}"
        );
    }
}
