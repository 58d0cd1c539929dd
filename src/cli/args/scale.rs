//! How the dimensions grow, and along which way a measurement follows them.

use clap::Args;

use crate::document::{Diagnostic, Diagnostics, and, shorten};
use crate::graph::{Graph, Ray, RayError, Scaling};

/// How the dimensions grow.
#[derive(Args, Debug)]
pub(crate) struct ScaleOption {
    /// The dimensions that grow: `d_k`, tied: `d_model=n,heads=n^1/2`, or apart: `d_model=n,heads=n,d_k=m`; what is large without
    /// growing: `d_model=n,heads=large`
    #[arg(long, value_name = "SCALE")]
    scale: String,
}

/// Along which way of growing a network is measured.
#[derive(Args, Debug)]
pub(crate) struct AlongOption {
    /// Of several scale variables the one that grows, the others fixed, like `m`; or how others grow with it, like `n=m^2`
    #[arg(long, value_name = "RAY")]
    along: Option<String>,
}

impl ScaleOption {
    /// The scaling, in as many scale variables as it names.
    pub(crate) fn read(&self, graph: &Graph) -> Result<Scaling, Diagnostics> {
        scaling(&self.scale, graph)
    }

    /// The scaling, and the way along which it is measured.
    pub(crate) fn course(&self, along: &AlongOption, graph: &Graph) -> Result<Ray, Diagnostics> {
        along.course(&self.scale, graph)
    }
}

impl AlongOption {
    /// The scaling that a text says, and the way along which it is measured.
    pub(crate) fn course(&self, scale: &str, graph: &Graph) -> Result<Ray, Diagnostics> {
        let open = scaling(scale, graph)?;
        let course = match &self.along {
            Some(along) => Ray::parse(along, &open),
            None => Ray::only(&open),
        };
        course.map_err(|error| course_failed(&error, self.along.as_deref(), &open).into())
    }
}

/// Why a scaling cannot be measured along a way, with what to do.
fn course_failed(error: &RayError, along: Option<&str>, open: &Scaling) -> Diagnostic {
    let wrong = Diagnostic::new(error.code(), error.to_string()).hint(error.hint());
    match along {
        Some(along) => wrong
            .note(format!("`--along {}`", shorten(along)))
            .note(format!("the scale variables are {}", and(&open.variables))),
        None => wrong,
    }
}

/// The scaling that `--scale` says.
pub(crate) fn scaling(text: &str, graph: &Graph) -> Result<Scaling, Diagnostics> {
    let scaling = Scaling::parse(text, graph).map_err(|error| {
        let known = graph.dimensions.iter().map(|dimension| dimension.name.as_str());
        let wrong = Diagnostic::new("scale", error.to_string()).hint(error.hint());
        wrong
            .note(format!("`--scale {}`", shorten(text)))
            .note(format!("the dimensions are {}", known.collect::<Vec<_>>().join(", ")))
    });
    Ok(scaling?)
}

/// The scaling that `--scale` says, in one scale variable.
pub(crate) fn tied(text: &str, graph: &Graph) -> Result<Scaling, Diagnostics> {
    let scaling = scaling(text, graph)?;
    one_variable(&scaling)?;
    Ok(scaling)
}

/// The scaling for hyperparameters that are given: what a network declares to be large is fixed, since its powers are in their base
/// values. It is refused to call more large.
pub(crate) fn nothing_large(scaling: &Scaling, graph: &Graph) -> Result<Scaling, Diagnostics> {
    if scaling.large.iter().all(|id| graph.dimension(*id).large) {
        return Ok(scaling.grown());
    }
    let rules = "what is called large is for rules that are derived, by `derive`, `explain` and `measure`";
    Err(Diagnostic::new("large", rules).hint("leave it out here: it does not grow").into())
}

/// The scaling for rules of any number of steps: as [`nothing_large`], which are told of the first alone.
pub(crate) fn nothing_large_later(scaling: &Scaling, graph: &Graph) -> Result<Scaling, Diagnostics> {
    if let Ok(grown) = nothing_large(scaling, graph) {
        return Ok(grown);
    }
    let first = "what is called large without growing is told of the first step only";
    Err(Diagnostic::new("large", first).hint("let it grow, or leave out `--at later`").into())
}

/// Refuses a scaling in several scale variables.
pub(crate) fn one_variable(scaling: &Scaling) -> Result<(), Diagnostics> {
    match Ray::only(scaling) {
        Ok(_) => Ok(()),
        Err(error) => {
            let wrong = course_failed(&error, None, scaling);
            Err(wrong.hint("tie the dimensions, like `d_model=n,heads=n^1/2`").into())
        }
    }
}
