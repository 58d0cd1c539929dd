//! What the page on a study says.

use std::collections::BTreeSet;

use super::agreement::{Agreement, in_words};
use super::study::{Comparison, Findings, Study};
use super::{Level, Page, Part, number};
use crate::exponent::Exponent;
use crate::report::Report;
use crate::report::derivation::Derived;
use crate::report::dims::{Dims, Entry};
use crate::report::document::{Block, Cell, Document, Grid};
use crate::report::figure::{self, Named};
use crate::simulate::{Measurement, Precision, Quantity, TOLERANCE};

/// Most quantities that are listed of one measurement.
const MOST_LISTED: usize = 5;

impl Findings<'_> {
    /// The page on what a study found. `command` is what makes it again.
    #[must_use]
    pub fn page(&self, study: &Study<'_>, command: &str) -> Page {
        let mut page = Page::new(format!("{}: what can grow, and how", study.architecture.graph.title));
        introduction(&mut page, study);
        page.head(Level::Section, "What can grow");
        for (dims, optimizer) in self.dims.iter().zip(&study.optimizers) {
            page.head(Level::Subsection, format!("With {}", optimizer.about.name));
            page.parts.push(Part::Text(without_headings(dims.document())));
        }
        page.head(Level::Section, "Prediction against measurement");
        self.agreement(&mut page, study);
        let mut scaling = None;
        for comparison in &self.measured {
            if scaling.replace(&comparison.entry.name) != Some(&comparison.entry.name) {
                page.head(Level::Section, heading(&comparison.entry));
            }
            measured(&mut page, study, comparison);
        }
        if self.dims.iter().flat_map(Dims::entries).any(|entry| !entry.is_scalable()) {
            page.head(Level::Section, "What cannot grow, and why");
            self.conflicts(&mut page);
        }
        page.head(Level::Section, "How this page was made");
        facts(&mut page, study, command);
        page
    }

    /// How many quantities of every measurement came out as predicted, and how flat the flat ones are.
    fn agreement(&self, page: &mut Page, study: &Study<'_>) {
        page.say(format!(
            "Every measured slope beside its predicted exponent. A slope *agrees* within {TOLERANCE} and twice its \
             standard error; a *crossover* still drifts towards its exponent, so the sizes are too small to tell; \
             otherwise it *disagrees*. Counted are forward and backward magnitudes and angles of all nodes, the \
             update of every node by every parameter, and the gradients and contributions of all parameters. The \
             last column looks at what the derived rule keeps constant: updates and forward magnitudes of nodes, \
             contributions of parameters.",
        ).replace('*', ""));
        let columns = [
            ("scaling", "scaling"),
            ("optimizer", "optimizer"),
            ("parameterization", "parameterization"),
            ("agrees", "agrees"),
            ("crossover", "crossover"),
            ("disagrees", "disagrees"),
            ("distance", "largest distance"),
            ("steepest", "steepest slope of what should be flat"),
        ];
        let mut grid = Grid::new("n", &columns);
        for comparison in &self.measured {
            let flat = flat(&comparison.derived);
            for (name, measurement) in columns_of(study, comparison) {
                let agreement = Agreement { graph: &study.architecture.graph, measurement };
                let counts = agreement.counts();
                let steepest = agreement.steepest(&flat).map(|measured| {
                    let what = in_words(agreement.graph, measured.quantity);
                    format!("{} ({what})", number::slope(measured.slope))
                });
                grid.rows.push(vec![
                    Cell::name(&comparison.entry.name),
                    Cell::words(&comparison.entry.question.optimizer.about.name),
                    Cell::words(name),
                    Cell::Number(counts.agrees.to_string()),
                    Cell::Number(counts.crossover.to_string()),
                    Cell::Number(counts.disagrees.to_string()),
                    agreement
                        .largest_distance()
                        .map_or(Cell::Empty, |distance| Cell::Number(number::error(distance))),
                    steepest.map_or(Cell::Empty, Cell::Words),
                ]);
            }
        }
        page.tabulate(grid);
    }

    /// Every impossible or refused scaling with its reasons; the same ones of several optimizers once.
    fn conflicts(&self, page: &mut Page) {
        let mut told: Vec<(String, Vec<Block>, Vec<&str>)> = Vec::new();
        for entry in self.dims.iter().flat_map(Dims::entries).filter(|entry| !entry.is_scalable()) {
            let optimizer = entry.question.optimizer.about.name.as_str();
            let blocks = match &entry.answer {
                Ok(answer) => Derived { question: &entry.question, answer }.blocks(),
                Err(error) => vec![Block::Paragraph(format!("refused: {error}; {}", error.hint()))],
            };
            let name = heading(entry);
            match told.iter_mut().find(|(other, held, _)| *other == name && *held == blocks) {
                Some((.., optimizers)) => optimizers.push(optimizer),
                None => told.push((name, blocks, vec![optimizer])),
            }
        }
        for (name, blocks, optimizers) in told {
            page.head(Level::Subsection, format!("{name}, with {}", optimizers.join(" and ")));
            page.parts.push(Part::Text(Document(blocks)));
        }
    }
}

fn introduction(page: &mut Page, study: &Study<'_>) {
    let about = &study.desiderata.about;
    page.say(format!(
        "Which sizes of this network can grow, how its hyperparameters must change with them, and whether a \
         simulation of the same network behaves as predicted. Asked of the hyperparameters is `{}`: {}.",
        about.name, about.summary
    ));
    page.say(
        "Everything is told in powers of `n`, the factor by which a scaling grows: `W_O ~ n^-1` shrinks in \
         proportion to it, and what is not named stays as it is. A rule is derived exactly, and each one on this \
         page was accepted by a checker that knows nothing of the solver. `unique` means that no other exponents \
         meet the requirements.",
    );
}

/// One scaling with one optimizer: rule, figure, what does not agree, data.
fn measured(page: &mut Page, study: &Study<'_>, comparison: &Comparison<'_>) {
    let entry = &comparison.entry;
    let graph = &study.architecture.graph;
    let optimizer = &entry.question.optimizer.about.name;
    page.head(Level::Subsection, format!("{} with {optimizer}", entry.name));
    if let Ok(answer) = &entry.answer {
        let derived = Derived { question: &entry.question, answer };
        page.say(format!("In short: {}.", derived.in_short()));
        page.parts.push(Part::Text(Document(derived.blocks())));
    }
    let columns = columns_of(study, comparison);
    let named: Vec<Named<'_>> =
        columns.iter().map(|(name, measurement)| Named { name, measurement }).collect();
    let title = format!("{}: {} with {optimizer}", graph.title, entry.name);
    let name = file_name(entry);
    page.parts.push(Part::Figure {
        name: name.clone(),
        description: format!(
            "Updates, forward magnitudes and contributions against size, {}; a line for each node or parameter, \
             dashed lines have the predicted slopes",
            columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" beside ")
        ),
        figure: figure::figure(&title, graph, &entry.question.scaling, &named),
    });
    for (position, (column, measurement)) in columns.iter().enumerate() {
        let agreement = Agreement { graph, measurement };
        let worst = agreement.worst(MOST_LISTED);
        if !worst.is_empty() {
            page.say(format!("Farthest from prediction, {column}:"));
            page.tabulate(agreement.table(&worst));
        }
        let suffix = if position == 0 && columns.len() > 1 { "standard" } else { "derived" };
        page.parts.push(Part::Data {
            name: format!("{name}-{suffix}"),
            words: format!("All slopes and magnitudes, {column}"),
            grid: agreement.data(),
        });
    }
}

/// The measurements of a comparison with their names, the standard one first; one alone if they are the same.
fn columns_of<'m>(study: &Study<'_>, comparison: &'m Comparison<'_>) -> Vec<(String, &'m Measurement)> {
    let standard = &study.standard.about.name;
    let derived = &study.desiderata.about.name;
    if comparison.is_standard {
        vec![(format!("{standard} and derived ({derived})"), &comparison.derived)]
    } else {
        vec![(standard.clone(), &comparison.standard), (format!("derived ({derived})"), &comparison.derived)]
    }
}

/// What is predicted to stay constant: of updates and forward magnitudes of nodes, and of contributions.
fn flat(derived: &Measurement) -> BTreeSet<Quantity> {
    let constant = derived.quantities.iter().filter(|measured| {
        let shown = match measured.quantity {
            Quantity::Forward(_) | Quantity::Update(_) | Quantity::Contribution(_) => true,
            Quantity::Backward(_) | Quantity::UpdateBy(..) | Quantity::Gradient(_) | Quantity::Angle(_) => {
                false
            }
        };
        shown && measured.predicted.as_ref().is_some_and(Exponent::is_zero)
    });
    constant.map(|measured| measured.quantity).collect()
}

fn facts(page: &mut Page, study: &Study<'_>, command: &str) {
    let graph = &study.architecture.graph;
    page.parts.push(Part::Text(Document(vec![Block::Verbatim(vec![command.to_owned()])])));
    let sizes = graph.dimensions.iter().map(|dimension| format!("{} = {}", dimension.name, dimension.size));
    let ladder = &study.ladder;
    let values =
        |first: usize, doublings: u32| format!("{first} to {}", first.saturating_mul(1 << doublings.min(62)));
    let precision = Precision::NAMES.iter().find(|(_, precision)| *precision == study.precision);
    let items = [
        format!(
            "fscale {}; the same version, command and files give the same page",
            env!("CARGO_PKG_VERSION")
        ),
        format!("sizes where they do not grow: {}", sizes.collect::<Vec<_>>().join(", ")),
        format!(
            "measured sizes, doubled each time: feature dimensions alone {}, sample dimensions alone {}, ties a \
             factor of {} from the sizes of the file",
            values(ladder.feature, ladder.doublings_alone),
            values(ladder.sample, ladder.doublings_alone),
            values(1, ladder.doublings_tied).trim_start_matches("1 to "),
        ),
        format!(
            "{} seeds, derived from {}; arrays in {}, sums in double precision",
            study.seeds,
            study.base_seed,
            precision.map_or("", |(name, _)| name)
        ),
        format!(
            "a slope is fitted by least squares over the larger half of the sizes; responses to the step are exact \
             to first order in the learning rate; {}: {}",
            study.standard.about.name, study.standard.about.summary
        ),
    ];
    page.parts.push(Part::Text(Document(vec![Block::List(items.into())])));
}

/// The name of a scaling, with what people call it.
fn heading(entry: &Entry<'_>) -> String {
    entry.called.as_ref().map_or_else(|| entry.name.clone(), |called| format!("{called}: {}", entry.name))
}

/// `d_k-adam`, `width-by-heads-adam`
fn file_name(entry: &Entry<'_>) -> String {
    let name = entry.called.as_ref().unwrap_or(&entry.name);
    let optimizer = &entry.question.optimizer.about.name;
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' };
    format!("{name}-{optimizer}").chars().map(plain).collect()
}

/// The page has headings of its own.
fn without_headings(mut document: Document) -> Document {
    document.0.retain(|block| !matches!(block, Block::Heading(_)));
    document
}
