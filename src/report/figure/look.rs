//! [`Look`]: colour and marker of a line, told apart without seeing colours.

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Red, green, blue.
    pub(super) colour: (u8, u8, u8),
    /// The sign at each measured point.
    pub(super) marker: Marker,
}

/// The sign at a measured point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// A filled circle.
    Disc,
    /// A filled square.
    Square,
    /// A filled triangle, pointing up.
    Up,
    /// A filled square, standing on its corner.
    Diamond,
    /// An empty circle.
    Ring,
    /// A filled triangle, pointing down.
    Down,
    /// Two strokes, across.
    Cross,
    /// Two strokes, upright.
    Plus,
}

/// The palette of Okabe and Ito, "Color universal design" (2008), with grey for its yellow, which is too pale for
/// a line on white; neighbours contrast.
const COLOURS: [(u8, u8, u8); 8] = [
    (0x00, 0x72, 0xB2), // blue
    (0xD5, 0x5E, 0x00), // vermillion
    (0x00, 0x9E, 0x73), // bluish green
    (0xCC, 0x79, 0xA7), // reddish purple
    (0x56, 0xB4, 0xE9), // sky blue
    (0xE6, 0x9F, 0x00), // orange
    (0x00, 0x00, 0x00), // black
    (0x80, 0x80, 0x80), // grey
];

const MARKERS: [Marker; 8] = [
    Marker::Disc,
    Marker::Square,
    Marker::Up,
    Marker::Diamond,
    Marker::Ring,
    Marker::Down,
    Marker::Cross,
    Marker::Plus,
];

impl Look {
    /// The look of line number `index`; the first 64 differ, and the first 8 in colour and in marker.
    pub(super) fn of(index: usize) -> Self {
        let round = index / COLOURS.len();
        Self { colour: COLOURS[index % COLOURS.len()], marker: MARKERS[(index + round) % MARKERS.len()] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_four_lines_look_different() {
        for a in 0..64 {
            for b in 0..a {
                assert_ne!(Look::of(a), Look::of(b), "{a} and {b}");
            }
        }
    }
}
