//! One HTML page that needs nothing else: figures inside, its own style, no script.

use pulldown_cmark::html::push_html;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::Piece;

const STYLE: &str = include_str!("style.css");

/// The page as HTML.
pub(super) fn html(title: &str, pieces: &[Piece]) -> String {
    let mut name = String::new();
    push_html(&mut name, [Event::Text(title.into())].into_iter());
    let mut body = String::new();
    for piece in pieces {
        match piece {
            Piece::Markdown(text) => push_html(&mut body, events(text)),
            Piece::Drawing { description, svg, .. } => {
                body.push_str(&format!("<figure>\n{svg}<figcaption>"));
                push_html(&mut body, events(description));
                body.push_str("</figcaption>\n</figure>\n");
            }
        }
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{name}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// Markdown with GitHub's tables, each in a box that scrolls when the table is too wide.
fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES).flat_map(|event| {
        let before = matches!(event, Event::Start(Tag::Table(_))).then_some("<div class=\"scroll\">\n");
        let after = matches!(event, Event::End(TagEnd::Table)).then_some("</div>\n");
        let html = |text: Option<&'static str>| text.map(|text| Event::Html(text.into()));
        html(before).into_iter().chain([event]).chain(html(after))
    })
}
