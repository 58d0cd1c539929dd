//! `fscale figure`: magnitudes against size, a line per node, standard beside derived.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Reply;
use crate::architecture::Architecture;
use crate::cli::args::fixed::PreferOption;
use crate::cli::args::hyperparameters::{DERIVED, Parameterized, Stated, derived, parameterized};
use crate::cli::args::options::{
    DesiderataOption, NetworkOptions, ResultsOption, derive_failed, question_named, simulate_failed, unknown,
};
use crate::cli::args::scale::{AlongOption, ScaleOption};
use crate::cli::args::simulation::MemoryOption;
use crate::cli::io::progress::Progress;
use crate::cli::io::results::Results;
use crate::cli::io::{output, target};
use crate::derive::{Search, derive_by};
use crate::document::{Diagnostic, Diagnostics};
use crate::graph::{Graph, Hyperparameters, Ray, Role};
use crate::propagate::Question;
use crate::report::answer::derivation::Derived;
use crate::report::figure::{self, NamedMeasurement, Shown};
use crate::report::{Format, render};
use crate::rule::RuleBook;
use crate::simulate::{Experiment, Ladder, Measurement, Runs};
use crate::study::verify::Verification;

/// Arguments of `figure`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Figure {
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    scale: ScaleOption,
    #[command(flatten)]
    along: AlongOption,
    /// The optimizer of every parameter; a hyperparameter file names its own [default: sgd]
    #[arg(long, value_name = "NAME")]
    optimizer: Option<String>,
    #[command(flatten)]
    desiderata: DesiderataOption,
    #[command(flatten)]
    prefer: PreferOption,
    /// Draw a built-in parameterization or a hyperparameter file beside the standard one, instead of what is `derived`
    #[arg(long, value_name = "FILE")]
    hp: Option<String>,
    /// Sizes of the first dimension of `--scale`, increasing [default: as in the report, 64 doubled six times, or
    /// 8 for a sample dimension; for a tie the size in the file doubled seven times]
    #[arg(long, value_name = "SIZES", value_delimiter = ',')]
    values: Vec<usize>,
    /// How many seeds
    #[arg(long, value_name = "COUNT", default_value_t = Runs::SEEDS)]
    seeds: u64,
    /// What all random numbers are derived from
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    memory: MemoryOption,
    #[command(flatten)]
    results: ResultsOption,
    /// Draw only these nodes and the parameters used there, like `x,h,r`: a large network has more than can be told
    /// apart [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    nodes: Vec<String>,
    /// The file to write
    #[arg(long, value_name = "FILE.svg")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  fscale figure --scale d_k --out d_k.svg
  fscale figure --scale d_model=n,heads=n,d_ff=n --optimizer adam --out width.svg
  fscale figure mlp --scale width --values 64,256,1024 --out width.svg
  fscale figure --scale d_ff --nodes h,r,z,out --out d_ff.svg

Exit status: 0 drawn, 1 the scaling is impossible (nothing is drawn), 2 bad input.";

/// A parameterization to be drawn.
struct Column {
    name: String,
    hyperparameters: Hyperparameters,
}

impl Figure {
    pub(super) fn run(&self) -> Result<Reply, Diagnostics> {
        refuse_other_than_svg(&self.out)?;
        let book = self.network.rules()?;
        self.try_files(&book)?;
        let architecture = self.network.read(&book)?;
        let graph = &architecture.graph;
        self.prefer.refuse_idle(self.hp.as_deref())?;
        let course = self.scale.course(&self.along, graph)?;
        let scaling = &course.scaling;
        let shown = self.shown(graph)?;
        let open = course.open.clone();
        let hp = match self.hp.as_deref().filter(|hp| *hp != DERIVED) {
            Some(hp) => Some((hp, Stated::read(hp, graph, &book)?)),
            None => None,
        };
        let optimizer = match &hp {
            Some((_, hp)) => &hp.optimizer(self.optimizer.as_deref(), &book)?.about.name,
            None => self.optimizer.as_deref().unwrap_or("sgd"),
        };
        let question = question_named(graph, &book, optimizer, &self.desiderata, open)?;
        let Some(columns) = self.columns(hp, &question, &course)? else { return Ok(Reply::No) };
        let runs = Runs::at(self.values.as_slice()).seeds(self.seeds).base_seed(self.seed);
        let verification = Verification {
            graph,
            book: &book,
            optimizer: &question.optimizer,
            scaling,
            runs: runs.simulated(self.memory.simulation()).or_on(&Ladder::default(), graph, scaling),
        };
        let (measurements, kept) = self.measure(&verification, &columns, &architecture)?;
        let named = columns.iter().zip(&measurements);
        let named: Vec<NamedMeasurement<'_>> =
            named.map(|(column, measurement)| NamedMeasurement { name: &column.name, measurement }).collect();
        let title = format!("{}, {}", graph.title, question.optimizer.about.name);
        let drawn = figure::draw(&figure::figure(&title, graph, scaling, &named, &shown));
        let written = output::write_or_print(&self.out, &drawn)
            .and_then(|()| output::tell(&format!("wrote {}\n", self.out.display())));
        Diagnostics::both(written, kept)?;
        Ok(Reply::Yes)
    }

    /// Refuses what cannot be written, or is read: the file of results is both.
    fn try_files(&self, book: &RuleBook) -> Result<(), Diagnostics> {
        let hp = self.hp.as_ref().and_then(|named| Stated::file(named, book));
        let mut files: Vec<PathBuf> = self.network.files(book).into_iter().chain(hp).collect();
        self.results.try_file(&files)?;
        files.extend(self.results.file().map(Path::to_owned));
        target::try_file("--out", &self.out, &files)
    }

    /// The nodes to be drawn. Every unknown name is told.
    fn shown(&self, graph: &Graph) -> Result<Shown, Diagnostics> {
        if self.nodes.is_empty() {
            return Ok(Shown::Everything);
        }
        let mut errors = Diagnostics::none();
        let mut nodes = BTreeSet::new();
        for name in &self.nodes {
            match graph.find_node(name) {
                Some(id) if graph.node(id).role == Role::Input => {
                    let data =
                        Diagnostic::new("data", format!("`{name}` is data, of which nothing is drawn"));
                    errors.push(data.hint("leave it out of `--nodes`"));
                }
                Some(id) => drop(nodes.insert(id)),
                None => {
                    let names: Vec<&str> = graph.nodes().map(|id| graph.node(id).name.as_str()).collect();
                    errors.push(unknown("node", name, &names));
                }
            }
        }
        errors.or(Shown::Only(nodes))
    }

    /// The standard parameterization and the chosen one; one alone if they are the same. If it is to be derived and there
    /// is none, the conflict is the answer: it is printed, and there is nothing to draw.
    fn columns(
        &self,
        hp: Option<(&str, Stated<'_>)>,
        question: &Question,
        course: &Ray,
    ) -> Result<Option<Vec<Column>>, Diagnostics> {
        let Question { graph, book, desiderata, scaling, optimizer, .. } = question;
        let column = |name: &str, stated: &Stated<'_>| -> Result<Column, Diagnostics> {
            let Parameterized { hyperparameters, .. } =
                parameterized(name, stated, optimizer, graph, scaling)?;
            Ok(Column { name: name.into(), hyperparameters: course.of(&hyperparameters) })
        };
        let standard = column("standard", &Stated::read("standard", graph, book)?)?;
        let chosen = match &hp {
            Some((name, hp)) => column(name, hp)?,
            None => {
                let priority = self.prefer.prefer.unwrap_or_default();
                let answer = derive_by(question, Search::default(), priority);
                let answer = answer.map_err(|error| derive_failed(&error))?;
                if self.hp.is_some() {
                    derived(&answer)?;
                }
                let Some(table) = answer.feasible() else {
                    output::print(&render(&Derived { answer: &answer }, Format::Text))?;
                    return Ok(None);
                };
                let name = format!("derived ({})", desiderata.about.name);
                Column { name, hyperparameters: course.of(&table.hyperparameters()) }
            }
        };
        if chosen.hyperparameters == standard.hyperparameters {
            let name = figure::also(&chosen.name, &standard.name);
            return Ok(Some(vec![Column { name, ..chosen }]));
        }
        Ok(Some(vec![standard, chosen]))
    }

    /// The measurement of each column, and whether every run was kept. Nothing is simulated unless everything can be.
    fn measure(
        &self,
        verification: &Verification<'_>,
        columns: &[Column],
        architecture: &Architecture,
    ) -> Result<(Vec<Measurement>, Result<(), Diagnostics>), Diagnostics> {
        let experiments = columns.iter().map(|column| verification.experiment(&column.hyperparameters));
        let experiments: Vec<Experiment<'_>> = experiments.collect();
        let costs = experiments.iter().map(Experiment::costs).collect::<Result<Vec<_>, _>>();
        let costs = costs.map_err(|error| simulate_failed(&error))?;
        // Every column has the same sizes.
        let cost = |size| costs.first().map_or(0, |costs| costs.at(size).multiply_adds);
        let (results, finished) = self.results.open(architecture)?;
        let missing = experiments.iter().flat_map(|experiment| {
            let values = &experiment.runs.values;
            experiment.missing(&finished).into_iter().map(|run| cost(values[run.value]))
        });
        let progress = Progress::begin("runs", missing);
        let measure = |column: &Column| -> Result<Measurement, Diagnostic> {
            let measured = verification.measure(&column.hyperparameters, &finished, &|ended| {
                if let Some(results) = &results {
                    results.append(ended);
                }
                progress.ended(cost(ended.size));
            });
            measured.map_err(|error| Diagnostic::new("simulate", error.to_string()).hint(error.hint()))
        };
        let measurements = columns.iter().map(measure).collect::<Result<Vec<_>, _>>();
        progress.end();
        let kept = results.map_or(Ok(()), Results::close);
        Ok((measurements?, kept))
    }
}

/// Figures are SVG, whatever a file is called: another ending would mislead.
fn refuse_other_than_svg(path: &Path) -> Result<(), Diagnostic> {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg")) {
        return Ok(());
    }
    let message = format!("`{}` does not end in `.svg`, and figures are written as SVG", path.display());
    let hint = format!("write `--out {}`", path.with_extension("svg").display());
    Err(Diagnostic::new("figure-format", message).hint(hint))
}
