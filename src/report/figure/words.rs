//! Sizes and widths of text. Nothing is known of the reader's font, so widths are estimates on the wide side.

/// Font size of the figure's title, in pixels.
pub(super) const TITLE: f64 = 16.0;
/// Font size of headings and axis labels.
pub(super) const NORMAL: f64 = 12.5;
/// Font size of tick labels and legends.
pub(super) const SMALL: f64 = 11.5;

/// Width of a text at a font size, in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    size * text.chars().map(em).sum::<f64>()
}

/// The text, cut with an ellipsis if it is wider than `room`.
pub(super) fn fit(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.into();
    }
    let mut used = size * em('…');
    let short = text.chars().take_while(|letter| {
        used += size * em(*letter);
        used <= room
    });
    short.collect::<String>().trim_end().to_owned() + "…"
}

/// Width of a letter in wide sans-serif fonts, like DejaVu Sans, in units of the font size.
fn em(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' => 0.34,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' => 0.41,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 0.98,
        other if other.is_ascii_lowercase() || other.is_ascii_digit() => 0.62,
        other if other.is_ascii() => 0.72,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_does_not_fit_ends_in_an_ellipsis_and_then_fits() {
        assert_eq!(fit("W_1", SMALL, 60.0), "W_1");
        let cut = fit("a_layer_with_a_long_name", SMALL, 60.0);
        assert_eq!(cut, "a_layer…");
        assert!(width(&cut, SMALL) <= 60.0);
    }

    #[test]
    fn without_any_room_only_the_ellipsis_is_left() {
        assert_eq!(fit("name", SMALL, 0.0), "…");
    }
}
