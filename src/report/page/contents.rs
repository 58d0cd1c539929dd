//! What the page on a study says.

use std::collections::BTreeSet;

use super::agreement::Agreement;
use super::heading::heading;
use super::{Element, Level, Page, impossible, number};
use crate::derive::{Survey, Surveyed};
use crate::exact::Exponent;
use crate::graph::{Quantity, QuantityKind};
use crate::report::Report;
use crate::report::answer::derivation::Derived;
use crate::report::answer::dims::Dims;
use crate::report::answer::scaling_table;
use crate::report::explain::crossover::Sizes;
use crate::report::figure::{self, NamedMeasurement, Shown};
use crate::report::format::document::{Block, Cell, Document, Grid, counted};
use crate::report::reference::words;
use crate::simulate::{Measurement, Precision, TOLERANCE};
use crate::study::Summary;
use crate::study::scalings::{Compared, Findings, Study};

/// Most quantities that are listed of one measurement.
const MOST_LISTED: usize = 5;

impl Findings {
    /// The page on what a study found. `command` is what makes it again.
    #[must_use]
    pub fn page(&self, study: &Study<'_>, command: &str) -> Page {
        let mut page = Page::new(format!("{}: what can grow, and how", study.architecture.graph.title));
        introduction(&mut page, study);
        page.head(Level::Section, "What can grow");
        for (survey, optimizer) in self.surveys.iter().zip(&study.optimizers) {
            page.head(Level::Subsection, format!("With {}", optimizer.about.name));
            page.parts.push(Element::Text(without_headings(Dims(survey).document())));
        }
        page.head(Level::Section, "Prediction against measurement");
        self.agreement(&mut page, study);
        let mut scaling = None;
        for compared in &self.measured {
            if scaling.replace(&compared.surveyed.name) != Some(&compared.surveyed.name) {
                page.head(Level::Section, heading(&compared.surveyed));
            }
            measured(&mut page, study, compared);
        }
        if self.surveys.iter().flat_map(Survey::scalings).any(|surveyed| !surveyed.is_scalable()) {
            page.head(Level::Section, "What cannot grow, and why");
            page.say(
                "What a requirement says in hyperparameters is told where it is short. The whole derivation, the proof \
                 that they contradict each other and its check are the answer of `fscale explain --scale SCALE`.",
            );
            impossible::tell(&mut page, &self.surveys);
        }
        words(&mut page, study);
        page.head(Level::Section, "How this page was made");
        facts(&mut page, study, command);
        page
    }

    /// How many compared quantities of all measurements came out how.
    #[must_use]
    pub fn summary(&self, study: &Study<'_>) -> Summary {
        let mut total = Summary::default();
        for compared in &self.measured {
            for (_, measurement) in columns_of(study, compared) {
                let summary = Agreement { graph: &study.architecture.graph, measurement }.summary();
                total.agrees += summary.agrees;
                total.crossover += summary.crossover;
                total.disagrees += summary.disagrees;
            }
        }
        total
    }

    /// How many quantities of every measurement came out as predicted, and how flat the flat ones are.
    fn agreement(&self, page: &mut Page, study: &Study<'_>) {
        page.say(format!(
            "Every measured slope beside its predicted exponent. A slope agrees within {TOLERANCE} and half its \
             95% confidence interval (at most 0.15); it is in a crossover where its curve is significantly bent and fits \
             the sum of powers that is predicted, so the sizes are too small, or where among so many slopes one so far off \
             may be chance, so the seeds are too few; otherwise it disagrees. Compared are forward and backward magnitudes, angles, gradients, contributions, \
             and the update of every node by every single parameter. The update by all parameters together, which the \
             figures draw, is a sum: it crosses over from one power to another, and is not compared."
        ));
        let Summary { agrees, crossover, disagrees, .. } = self.summary(study);
        page.say(format!(
            "{} slopes: agrees {agrees}, crossover {crossover}, disagrees {disagrees}.",
            agrees + crossover + disagrees
        ));
        page.say(
            "The last column is about what the derived rule keeps constant: of forward magnitudes, updates by single \
             parameters and contributions with a predicted exponent of 0, the one with the steepest measured slope.",
        );
        let columns = [
            ("scaling", "scaling"),
            ("optimizer", "optimizer"),
            ("parameterization", "parameterization"),
            ("agrees", "agrees"),
            ("crossover", "crossover"),
            ("disagrees", "disagrees"),
            ("distance", "largest distance"),
            ("steepest", "steepest of what should be flat"),
        ];
        let mut grid = Grid::new("n", &columns);
        for compared in &self.measured {
            let flat = flat(&compared.derived);
            for (name, measurement) in columns_of(study, compared) {
                let agreement = Agreement { graph: &study.architecture.graph, measurement };
                let summary = agreement.summary();
                let steepest = agreement.steepest(&flat).map(|measured| {
                    let what = measured.quantity.words(agreement.graph);
                    format!("{} ({what})", number::slope(measured.slope))
                });
                grid.rows.push(vec![
                    Cell::name(&compared.surveyed.name),
                    Cell::words(&compared.surveyed.question.optimizer.about.name),
                    Cell::words(name),
                    Cell::Number(summary.agrees.to_string()),
                    Cell::Number(summary.crossover.to_string()),
                    Cell::Number(summary.disagrees.to_string()),
                    agreement
                        .largest_distance()
                        .map_or(Cell::Empty, |distance| Cell::Number(number::error(distance))),
                    steepest.map_or(Cell::Empty, Cell::Words),
                ]);
            }
        }
        page.tabulate(grid);
    }
}

/// What the words of the page mean.
fn words(page: &mut Page, study: &Study<'_>) {
    page.head(Level::Section, "Words");
    page.say("What the words of this page mean, as `fscale rule notation` tells it.");
    for (group, grid) in study.book.notations.values().flat_map(words::grids) {
        page.head(Level::Subsection, group);
        page.tabulate(grid);
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
         meet the requirements. Words are defined near the end, under Words.",
    );
}

/// One scaling with one optimizer: rule, figure, what does not agree, data.
fn measured(page: &mut Page, study: &Study<'_>, compared: &Compared) {
    let surveyed = &compared.surveyed;
    let graph = &study.architecture.graph;
    let short = format!("{} with {}", short_name(surveyed), surveyed.question.optimizer.about.name);
    page.head(Level::Subsection, &short);
    rule(page, surveyed);
    let columns = columns_of(study, compared);
    let named: Vec<NamedMeasurement<'_>> =
        columns.iter().map(|(name, measurement)| NamedMeasurement { name, measurement }).collect();
    let file = unused_name(page, &short);
    let beside = columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" beside ");
    page.parts.push(Element::Figure {
        name: file.clone(),
        description: format!("Against size, {beside}; dashed: predicted slopes"),
        figure: figure::figure(
            &format!("{}: {short}", graph.title),
            graph,
            &surveyed.measured,
            &named,
            &Shown::Everything,
        ),
    });
    for (position, (column, measurement)) in columns.iter().enumerate() {
        let agreement = Agreement { graph, measurement };
        let worst = agreement.worst(MOST_LISTED);
        if !worst.is_empty() {
            page.say(format!("Farthest from prediction, {column}:"));
            page.tabulate(agreement.table(&worst));
            let sizes = Sizes::of(graph, &surveyed.measured, &measurement.values);
            page.parts.push(Element::Text(Document(vec![Block::List(agreement.reasons(sizes))])));
        }
        let suffix = if position + 1 == columns.len() { "derived" } else { "standard" };
        page.parts.push(Element::Data {
            name: format!("{file}-{suffix}"),
            words: format!("All slopes and magnitudes, {column}"),
            grid: agreement.data(),
        });
    }
}

/// The derived rule in a line, and as a table if anything changes.
fn rule(page: &mut Page, surveyed: &Surveyed) {
    let Ok(answer) = &surveyed.answer else { return };
    let Some(table) = answer.feasible() else { return };
    let derived = Derived { answer };
    let which = if table.unique { "The only rule" } else { "One of several rules" };
    page.say(format!("{which}: {}.", derived.in_short()));
    if !table.is_constant() {
        let blocks = scaling_table::grids(table);
        page.parts.push(Element::Text(Document(blocks)));
    }
}

/// The measurements of a scaling with their names, the standard one first; one alone if they are the same.
fn columns_of<'m>(study: &Study<'_>, compared: &'m Compared) -> Vec<(String, &'m Measurement)> {
    let standard = &study.standard.about.name;
    let derived = format!("derived ({})", study.desiderata.about.name);
    if compared.is_standard {
        vec![(figure::also(&derived, standard), &compared.derived)]
    } else {
        vec![(standard.clone(), &compared.standard), (derived, &compared.derived)]
    }
}

/// What the derived rule keeps constant: of forward magnitudes, updates by single parameters and contributions.
fn flat(derived: &Measurement) -> BTreeSet<Quantity> {
    let constant = derived.quantities.iter().filter(|measured| {
        let shown = match measured.quantity.kind() {
            QuantityKind::Forward | QuantityKind::Contribution => true,
            QuantityKind::Update => !measured.quantity.is_total(),
            QuantityKind::Change | QuantityKind::Backward | QuantityKind::Gradient | QuantityKind::Angle => {
                false
            }
        };
        shown && measured.predicted.as_ref().is_some_and(Exponent::is_zero)
    });
    constant.map(|measured| measured.quantity).collect()
}

fn facts(page: &mut Page, study: &Study<'_>, command: &str) {
    let graph = &study.architecture.graph;
    page.parts.push(Element::Text(Document(vec![Block::Verbatim(vec![command.to_owned()])])));
    let sizes = graph.dimensions.iter().map(|dimension| format!("{} = {}", dimension.name, dimension.size));
    let ladder = &study.ladder;
    let values =
        |first: usize, doublings: u32| format!("{first} to {}", first.saturating_mul(1 << doublings.min(62)));
    let precision =
        Precision::NAMES.iter().find(|(_, precision)| *precision == study.runs.simulation.precision);
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
            "{}, derived from {}; arrays in {}, sums in double precision",
            counted(study.runs.seeds, "seed"),
            study.runs.base_seed,
            precision.map_or("", |(name, _)| name)
        ),
        format!(
            "a slope is fitted by least squares over the larger half of the sizes; responses to the step are exact \
             to first order in the learning rate; {}: {}",
            study.standard.about.name, study.standard.about.summary
        ),
    ];
    page.parts.push(Element::Text(Document(vec![Block::List(items.into())])));
}

/// What people call a scaling, or else the dimension.
fn short_name(surveyed: &Surveyed) -> &str {
    surveyed.called.as_ref().unwrap_or(&surveyed.name)
}

/// A name for the files of a figure and its data, like `width-by-heads-with-adam`, that no other figure has.
fn unused_name(page: &Page, title: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' };
    let name: String = title.chars().map(plain).collect();
    let is_used = |wanted: &str| {
        page.parts.iter().any(|part| matches!(part, Element::Figure { name, .. } if name == wanted))
    };
    let mut unused = name.clone();
    let mut number = 1;
    while is_used(&unused) {
        number += 1;
        unused = format!("{name}-{number}");
    }
    unused
}

/// The page has headings of its own.
fn without_headings(mut document: Document) -> Document {
    document.0.retain(|block| !matches!(block, Block::Heading(_)));
    document
}
