//! What is on a page.

use std::sync::Arc;

use super::*;
use crate::architecture::Architecture;
use crate::exact::Exponent;
use crate::report::figure::{Course, Panels, Series};
use crate::report::format::document::Cell;
use crate::rule::RuleBook;
use crate::simulate::{Finished, Ladder, Runs};
use crate::study::scalings::Study;

fn page() -> Page {
    let mut page = Page::new("How a <block> scales");
    page.head(Level::Section, "d_k");
    page.say("the multiplier `attention` ~ n^-1");
    let mut grid = Grid::new("n", &[("parameter", "parameter"), ("lr", "learning rate")]);
    grid.rows.push(vec![Cell::name("W_Q"), Cell::Power(Exponent::HALF)]);
    page.tabulate(grid.clone());
    let curve = Course { magnitudes: vec![1.0, 2.0], predicted: Some(Exponent::ONE) };
    let line = Series { label: "q".into(), curves: vec![curve] };
    let row =
        Panels { title: "Updates".into(), y_label: "rms".into(), kind: "node".into(), lines: vec![line] };
    let figure = Figure {
        title: "d_k".into(),
        subtitle: String::new(),
        columns: vec!["standard".into()],
        x_label: "d_k".into(),
        sizes: vec![16, 32],
        rows: vec![row],
    };
    page.parts.push(Element::Figure {
        name: "d_k-sgd".into(),
        description: "updates against d_k".into(),
        figure,
    });
    page.parts.push(Element::Data { name: "d_k-sgd".into(), words: "all slopes".into(), grid });
    page
}

#[test]
fn a_page_is_markdown_with_figures_and_data_beside_it() {
    let written = write(&page());
    insta::assert_snapshot!(written.markdown, @r"
    # How a \<block\> scales

    ## d\_k

    the multiplier `attention` \~ n^-1

    | parameter | learning rate |
    |---|---|
    | `W_Q` | n<sup>1/2</sup> |

    ![updates against d\_k](d_k-sgd.svg)

    [all slopes](d_k-sgd.csv)
    ");
    let names: Vec<&str> = written.beside.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["d_k-sgd.csv", "d_k-sgd.svg"]);
    assert_eq!(written.beside[0].contents, "parameter,lr\r\nW_Q,1/2\r\n");
}

#[test]
fn the_html_page_needs_nothing_from_outside() {
    let html = write(&page()).html;
    assert!(html.contains("<title>How a &lt;block&gt; scales</title>"));
    assert!(html.contains("<figure>\n<svg"));
    assert!(html.contains("<td>n<sup>1/2</sup></td>"));
    for outside in ["<img", "<script", "<link", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "`{outside}` in the page");
    }
    let links = html.matches("http").count();
    assert_eq!(links, html.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
}

#[test]
fn the_same_page_gives_the_same_bytes() {
    assert_eq!(write(&page()), write(&page()));
}

/// Sizes too small to be of use.
const SMALL: Ladder =
    Ladder { feature: 4, sample: 2, depth: 2, doublings_alone: 1, doublings_tied: 1, doublings_depth: 1 };

#[test]
fn the_page_on_a_study_draws_what_can_grow_and_explains_what_cannot() {
    let book = Arc::new(RuleBook::embedded().unwrap());
    let text = &book.architecture("transformer").unwrap().text;
    let architecture = Architecture::parse(text, &book.activations()).unwrap();
    let study = Study {
        architecture: &architecture,
        book: &book,
        optimizers: vec![book.optimizer("sgd").unwrap(), book.optimizer("adam").unwrap()],
        desiderata: book.desiderata("fsc").unwrap(),
        standard: book.parameterization("standard").unwrap(),
        ladder: SMALL,
        runs: Runs::default().seeds(1),
    };
    let page = || study.run(&Finished::none(), &|_| {}).unwrap().page(&study, "fscale report");
    let written = write(&page());
    assert_eq!(written, write(&page()), "the same study gives the same bytes");
    let drawings = written.beside.iter().filter(|file| file.name.ends_with(".svg")).count();
    let data = written.beside.iter().filter(|file| file.name.ends_with(".csv")).count();
    assert_eq!((drawings, data), (14, 4 + 2 * 10));
    for told in [
        "| `d_k` | scalable | unique | multiplier attention \\~ n^-1; lr W\\_Q, W\\_K \\~ n |",
        "note: `d_out` is a size of the output: ",
        "### width by heads with adam",
        "(width-by-heads-with-adam.svg)",
        "### d\\_out, with sgd",
        "- C on `W_U` requires `contribution(W_U) = 0`: contribution(W\\_U) = lr(W\\_U) + 2 backward(out) + |d\\_out|",
        "1 seed, derived from 0; arrays in f32",
    ] {
        assert!(written.markdown.contains(told), "`{told}` is not told");
    }
}
