//! A sheet to draw on: SVG marks whose numbers are finite and whose texts are escaped.

use std::fmt::Write as _;

use super::html::escaped;
use super::lettering::width_of;

/// Font size of labels in pictures, in pixels; the style sheet says the same.
pub(super) const SIZE: f64 = 13.0;
/// From one line of text to the next.
pub(super) const LINE: f64 = 17.0;

/// Where a text hangs on its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn class(self) -> &'static str {
        match self {
            Self::Start => "",
            Self::Middle => " mid",
            Self::End => " end",
        }
    }
}

/// A drawing in the making.
#[derive(Debug)]
pub(super) struct Sheet {
    id: String,
    width: f64,
    height: f64,
    reserved_right: f64,
    marks: String,
    patterns: String,
}

impl Sheet {
    pub(super) fn new(id: String, width: f64) -> Self {
        Self {
            id,
            width,
            height: 0.0,
            reserved_right: 0.0,
            marks: String::new(),
            patterns: String::new(),
        }
    }

    pub(super) fn width(&self) -> f64 {
        self.width
    }

    /// Whether this is the layout for a telephone.
    pub(super) fn is_narrow(&self) -> bool {
        self.width < 500.0
    }

    /// Keeps the plotting area this much narrower, for names at the ends of lines.
    pub(super) fn reserve_right(&mut self, width: f64) {
        self.reserved_right = width;
    }

    pub(super) fn reserved_right(&self) -> f64 {
        self.reserved_right
    }

    pub(super) fn set_height(&mut self, height: f64) {
        self.height = height;
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        self.put(format_args!(
            r#"<line class="{class}" x1="{}" y1="{}" x2="{}" y2="{}"/>"#,
            pixel(from.0),
            pixel(from.1),
            pixel(to.0),
            pixel(to.1)
        ));
    }

    /// A rectangle between two corners, with words for the pointer that rests on it.
    pub(super) fn bar(&mut self, from: (f64, f64), to: (f64, f64), paint: &Paint, hint: &str) {
        let (left, right) = (from.0.min(to.0), from.0.max(to.0));
        let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
        self.put(format_args!(
            r#"<rect {paint} x="{}" y="{}" width="{}" height="{}">"#,
            pixel(left),
            pixel(top),
            pixel(right - left),
            pixel(bottom - top)
        ));
        self.put(format_args!("<title>{}</title></rect>", escaped(hint)));
    }

    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, class: &str, hint: &str) {
        self.put(format_args!(
            r#"<circle class="{class}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>"#,
            pixel(at.0),
            pixel(at.1),
            pixel(radius),
            escaped(hint)
        ));
    }

    /// A closed shape through these corners.
    pub(super) fn shape(&mut self, corners: &[(f64, f64)], paint: &Paint, hint: &str) {
        let points = points(corners);
        self.put(format_args!(
            r#"<polygon {paint} points="{points}"><title>{}</title></polygon>"#,
            escaped(hint)
        ));
    }

    /// A line through these corners.
    pub(super) fn stroke(&mut self, corners: &[(f64, f64)], class: &str) {
        let points = points(corners);
        self.put(format_args!(
            r#"<polyline class="{class}" points="{points}"/>"#
        ));
    }

    pub(super) fn text(&mut self, at: (f64, f64), anchor: Anchor, class: &str, text: &str) {
        self.put(format_args!(
            r#"<text class="{class}{}" x="{}" y="{}">{}</text>"#,
            anchor.class(),
            pixel(at.0),
            pixel(at.1),
            escaped(text)
        ));
    }

    /// Several lines of text, the first with its baseline at `at`.
    pub(super) fn lines(&mut self, at: (f64, f64), anchor: Anchor, class: &str, lines: &[String]) {
        let mut y = at.1;
        for line in lines {
            self.text((at.0, y), anchor, class, line);
            y += LINE;
        }
    }

    /// The paint of the `index`-th series: a colour of the palette, or that of `class`, with a pattern so that
    /// neighbours differ without colour too. The first is plain.
    pub(super) fn paint(&mut self, index: usize, class: &str) -> Paint {
        let lines = match index % 7 {
            1 => "M-2 2L2 -2M0 8L8 0M6 10L10 6",
            2 => "M4 4h.01",
            3 => "M-2 6L2 10M0 0L8 8M6 -2L10 2",
            4 => "M0 4H8",
            5 => "M4 0V8",
            6 => "M0 4H8M4 0V8",
            _ => return Paint::Class(format!("area {class}")),
        };
        let name = format!("{}-paint-{index}", self.id);
        let definition = format!(
            r#"<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="{class}" width="8" height="8"/><path class="hatch{}" d="{lines}"/></pattern>"#,
            if index % 7 == 2 { " dotted" } else { "" }
        );
        if !self.patterns.contains(&format!("id=\"{name}\"")) {
            self.patterns.push_str(&definition);
        }
        Paint::Pattern(name)
    }

    /// A row of swatches with their names, broken into lines; returns the baseline of the last line.
    pub(super) fn legend(&mut self, left: f64, top: f64, entries: &[(Paint, String)]) -> f64 {
        let (mut x, mut y) = (left, top);
        for (paint, name) in entries {
            let needed = 18.0 + width_of(name, SIZE) + 16.0;
            if x > left && x + needed > self.width {
                x = left;
                y += LINE + 3.0;
            }
            self.bar((x, y - 10.0), (x + 12.0, y + 2.0), paint, name);
            self.text((x + 18.0, y), Anchor::Start, "label", name);
            x += needed;
        }
        y
    }

    /// The finished element, with its title and description for those who do not see it.
    pub(super) fn finish(self, title: &str, description: &str, class: &str) -> String {
        let Self {
            id,
            width,
            height,
            marks,
            patterns,
            ..
        } = self;
        let patterns = if patterns.is_empty() {
            patterns
        } else {
            format!("<defs>{patterns}</defs>")
        };
        format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\
             <title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>{patterns}{marks}</svg>",
            pixel(width),
            pixel(height),
            escaped(title),
            escaped(description),
        )
    }

    fn put(&mut self, mark: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.marks.write_fmt(mark);
    }
}

/// How a mark is filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Class(String),
    Pattern(String),
}

impl Paint {
    pub(super) fn class(class: &str) -> Self {
        Self::Class(class.to_owned())
    }
}

impl std::fmt::Display for Paint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Class(class) => write!(f, r#"class="{class}""#),
            Self::Pattern(name) => write!(f, r#"class="area" fill="url(#{name})""#),
        }
    }
}

/// A pixel with at most two digits after the point.
fn pixel(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".into()
    } else {
        text.into()
    }
}

fn points(corners: &[(f64, f64)]) -> String {
    let corners: Vec<String> = corners
        .iter()
        .map(|&(x, y)| format!("{},{}", pixel(x), pixel(y)))
        .collect();
    corners.join(" ")
}
