//! [`Canvas`]: the few strokes a figure is made of, drawn with plotters into SVG text.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle as Box, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, FontTransform, RGBAColor, ShapeStyle, TextStyle};

use super::layout::Rectangle;
use super::look::{Look, Marker};

/// A point in pixels, from the upper left corner.
pub(super) type Point = (f64, f64);

/// Plotters' coordinates are whole numbers: it draws on a grid this much finer than a pixel.
const FINENESS: f64 = 4.0;
/// Plotters divides font sizes by this before it writes them.
const PLOTTERS_FONT: f64 = 1.24;
/// Half the height of a marker, in pixels.
const MARKER: f64 = 3.2;

/// A colour with opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ink((u8, u8, u8), f64);

impl Ink {
    /// Of the sheet.
    pub(super) const WHITE: Self = Self((0xFF, 0xFF, 0xFF), 1.0);
    /// Of text.
    pub(super) const BLACK: Self = Self((0x22, 0x22, 0x22), 1.0);
    /// Of text that matters less.
    pub(super) const GREY: Self = Self((0x59, 0x59, 0x59), 1.0);
    /// Of frames.
    pub(super) const FRAME: Self = Self((0x99, 0x99, 0x99), 1.0);
    /// Of grids.
    pub(super) const GRID: Self = Self((0xE6, 0xE6, 0xE6), 1.0);

    /// Of a line.
    pub(super) fn of(look: Look) -> Self {
        Self(look.colour, 1.0)
    }

    fn colour(self) -> RGBAColor {
        let (red, green, blue) = self.0;
        RGBAColor(red, green, blue, self.1)
    }

    fn stroke(self, width: f64) -> ShapeStyle {
        ShapeStyle { color: self.colour(), filled: false, stroke_width: fine(width).unsigned_abs() }
    }

    fn fill(self) -> ShapeStyle {
        ShapeStyle { color: self.colour(), filled: true, stroke_width: 0 }
    }
}

/// Where a text lies from its point.
#[derive(Clone, Copy)]
pub(super) struct Place(HPos, VPos);

impl Place {
    /// To the right and below.
    pub(super) const BELOW: Self = Self(HPos::Left, VPos::Top);
    /// Below, centred.
    pub(super) const CENTRED_BELOW: Self = Self(HPos::Center, VPos::Top);
    /// To the right, at the same height.
    pub(super) const RIGHT: Self = Self(HPos::Left, VPos::Center);
    /// To the left, at the same height.
    pub(super) const LEFT: Self = Self(HPos::Right, VPos::Center);
    /// Around the point.
    pub(super) const CENTRED: Self = Self(HPos::Center, VPos::Center);
}

/// A white sheet.
pub(super) struct Canvas<'a>(DrawingArea<SVGBackend<'a>, Shift>);

/// What `paint` draws on a sheet of a size in pixels, as SVG with a title for those who cannot see it.
pub(super) fn sheet(width: f64, height: f64, title: &str, paint: impl FnOnce(&Canvas<'_>)) -> String {
    let (units_wide, units_high) = (fine(width).unsigned_abs(), fine(height).unsigned_abs());
    let mut drawn = String::new();
    let canvas = Canvas(SVGBackend::with_string(&mut drawn, (units_wide, units_high)).into_drawing_area());
    canvas.filled(Rectangle { left: 0.0, top: 0.0, right: width, bottom: height }, Ink::WHITE);
    paint(&canvas);
    drop(canvas);
    // The opening tag of plotters says that a unit is a pixel: here it is a part of one.
    // What nearly every element repeats is said once, or is the default. In a text, quotes are escaped.
    let inside = drawn.split_once('>').map_or("", |(_, inside)| inside);
    let inside = inside.replace(" opacity=\"1\"", "").replace(" font-family=\"sans-serif\"", "");
    let title = escaped(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {units_wide} {units_high}\" font-family=\"sans-serif\" \
         role=\"img\">\n<title>{title}</title>{inside}"
    )
}

/// The dashes of a straight line; it begins with one.
pub(super) fn dashes(from: Point, to: Point) -> impl Iterator<Item = (Point, Point)> {
    const DASH: f64 = 9.0;
    const PERIOD: f64 = 15.0;
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    let along = move |distance: f64| {
        let part = (distance / length).min(1.0);
        (from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1))
    };
    let starts = (0..).map(|number| f64::from(number) * PERIOD).take_while(move |start| *start < length);
    starts.map(move |start| (along(start), along(start + DASH)))
}

impl Canvas<'_> {
    /// Puts an element on the sheet. Writing to a string does not fail, so there is no error to tell.
    fn put<'e, E>(&'e self, element: &'e E)
    where
        &'e E: PointCollection<'e, (i32, i32)>,
        E: for<'b> Drawable<SVGBackend<'b>>,
    {
        let _ = self.0.draw(element);
    }

    /// A rectangle full of ink.
    pub(super) fn filled(&self, rectangle: Rectangle, ink: Ink) {
        self.put(&Box::new(corners(rectangle), ink.fill()));
    }

    /// A rectangle's outline.
    pub(super) fn outline(&self, rectangle: Rectangle, ink: Ink) {
        let Rectangle { left, top, right, bottom } = rectangle;
        self.line(&[(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], 1.0, ink);
    }

    /// A line through points.
    pub(super) fn line(&self, points: &[Point], width: f64, ink: Ink) {
        let points: Vec<_> = points.iter().copied().map(place).collect();
        self.put(&PathElement::new(points, ink.stroke(width)));
    }

    /// A marker.
    pub(super) fn marker(&self, (x, y): Point, look: Look) {
        let ink = Ink::of(look);
        let around = |offsets: &[Point]| -> Vec<(i32, i32)> {
            offsets.iter().map(|(dx, dy)| place((x + dx * MARKER, y + dy * MARKER))).collect()
        };
        let polygon = |offsets: &[Point]| self.put(&Polygon::new(around(offsets), ink.fill()));
        let stroke = |offsets: &[Point]| self.put(&PathElement::new(around(offsets), ink.stroke(1.6)));
        let circle =
            |radius: f64, style: ShapeStyle| self.put(&Circle::new(place((x, y)), fine(radius), style));
        match look.marker {
            Marker::Disc => circle(MARKER, ink.fill()),
            Marker::Ring => {
                circle(MARKER, Ink::WHITE.fill());
                circle(0.9 * MARKER, ink.stroke(1.4));
            }
            Marker::Square => polygon(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
            Marker::Diamond => polygon(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
            Marker::Up => polygon(&[(0.0, -1.2), (1.15, 0.85), (-1.15, 0.85)]),
            Marker::Down => polygon(&[(0.0, 1.2), (1.15, -0.85), (-1.15, -0.85)]),
            Marker::Cross => {
                stroke(&[(-0.95, -0.95), (0.95, 0.95)]);
                stroke(&[(-0.95, 0.95), (0.95, -0.95)]);
            }
            Marker::Plus => {
                stroke(&[(-1.2, 0.0), (1.2, 0.0)]);
                stroke(&[(0.0, -1.2), (0.0, 1.2)]);
            }
        }
    }

    /// A text at a font size in pixels.
    pub(super) fn text(&self, text: &str, size: f64, at: Point, place: Place, ink: Ink) {
        self.write(text, font(size, FontStyle::Normal), at, place, ink);
    }

    /// A text in bold.
    pub(super) fn bold(&self, text: &str, size: f64, at: Point, place: Place) {
        self.write(text, font(size, FontStyle::Bold), at, place, Ink::BLACK);
    }

    /// A text that reads upwards, centred at a point.
    pub(super) fn upwards(&self, text: &str, size: f64, at: Point, ink: Ink) {
        let font = font(size, FontStyle::Normal).transform(FontTransform::Rotate270);
        self.write(text, font, at, Place(HPos::Center, VPos::Top), ink);
    }

    fn write(&self, text: &str, font: FontDesc<'static>, at: Point, anchor: Place, ink: Ink) {
        // Control characters are not allowed in XML.
        let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
        let colour = ink.colour();
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(anchor.0, anchor.1));
        self.put(&Text::new(text, place(at), style));
    }
}

fn font(size: f64, style: FontStyle) -> FontDesc<'static> {
    FontDesc::new(FontFamily::SansSerif, size * FINENESS * PLOTTERS_FONT, style)
}

fn fine(pixels: f64) -> i32 {
    (pixels * FINENESS).round() as i32
}

fn place((x, y): Point) -> (i32, i32) {
    (fine(x), fine(y))
}

fn corners(rectangle: Rectangle) -> [(i32, i32); 2] {
    [place((rectangle.left, rectangle.top)), place((rectangle.right, rectangle.bottom))]
}

fn escaped(text: &str) -> String {
    let visible = text.chars().filter(|letter| !letter.is_control());
    visible.collect::<String>().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
