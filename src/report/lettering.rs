//! How wide a text will be, without a font at hand.

/// Width in pixels of `text` at this font size, on the generous side for the usual sans-serif fonts.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    let em: f64 = text
        .chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' => 0.32,
            ' ' | 'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '-' | '/' | '"' => 0.40,
            'm' | 'w' | 'M' | 'W' | '%' | '@' | '−' | '→' | '←' => 0.92,
            letter if letter.is_ascii_uppercase() => 0.71,
            letter if u32::from(letter) < 0x1100 => 0.61,
            _ => 1.05,
        })
        .sum();
    em * size
}

/// `text` in lines no wider than `width`: broken at spaces and after `_`, `-`, `/`, and inside words only where a
/// word alone is too wide. No letter is lost.
pub(super) fn wrap(text: &str, width: f64, size: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in text
        .split_whitespace()
        .flat_map(|word| word.split_inclusive(['_', '-', '/']).enumerate())
    {
        let (place, piece) = piece;
        let space = place == 0 && !line.is_empty();
        let needed = width_of(&line, size)
            + width_of(piece, size)
            + if space { width_of(" ", size) } else { 0.0 };
        if needed > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        } else if space {
            line.push(' ');
        }
        for letter in piece.chars() {
            let mut buffer = [0; 4];
            let letter: &str = letter.encode_utf8(&mut buffer);
            if !line.is_empty() && width_of(&line, size) + width_of(letter, size) > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(letter);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{width_of, wrap};

    #[test]
    fn wrapped_lines_fit_and_lose_no_letter() {
        let text =
            "furniture_living_room and a Donaudampfschifffahrtsgesellschaftskapitän, 客户体验";
        for width in [30.0, 60.0, 100.0, 400.0] {
            let lines = wrap(text, width, 12.0);
            assert!(lines.iter().all(|line| width_of(line, 12.0) <= width));
            let kept: String = lines.concat().split_whitespace().collect();
            assert_eq!(kept, text.split_whitespace().collect::<String>());
        }
        assert_eq!(wrap("", 50.0, 12.0), [""]);
        assert_eq!(wrap("one two", 500.0, 12.0), ["one two"]);
    }
}
