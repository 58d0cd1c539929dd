//! [`Network`]: an architecture under the rules by which it is asked about.

use std::path::Path;
use std::sync::Arc;

use super::Architecture;
use crate::document::{Diagnostic, Diagnostics, Source, quote};
use crate::graph::Graph;
use crate::rule::RuleBook;

/// An architecture under the rules by which it is asked about: built in, or described in a file (TOML).
///
/// ```
/// use fscale::Network;
///
/// let network = Network::builtin("mlp")?;
/// assert_eq!(network.name(), "mlp");
/// assert!(network.dimensions().any(|name| name == "width"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Network {
    name: Arc<str>,
    architecture: Arc<Architecture>,
    book: Arc<RuleBook>,
}

/// The largest architecture file, in bytes.
const LARGEST: u64 = 16 << 20;

impl Network {
    /// The built-in architecture of that name, under the built-in rules; `fscale list` names all of them.
    ///
    /// # Errors
    /// If there is none of that name; the nearest is named.
    pub fn builtin(name: &str) -> Result<Self, Diagnostics> {
        Self::under(name, Arc::new(RuleBook::embedded()?))
    }

    /// The architecture of that name of other rules.
    ///
    /// # Errors
    /// If there is none of that name; the nearest is named.
    pub fn under(name: &str, book: Arc<RuleBook>) -> Result<Self, Diagnostics> {
        let text = book.architecture(name)?.text.clone();
        let architecture = Arc::new(Architecture::parse(&text, &book.activations())?);
        Ok(Self { name: name.into(), architecture, book })
    }

    /// The architecture that a text describes, under the built-in rules.
    ///
    /// ```
    /// let wrong = fscale::Network::parse("name = \"mine\"").unwrap_err();
    /// assert!(wrong.to_string().contains("the file has no `dimensions`"));
    /// ```
    ///
    /// # Errors
    /// Everything wrong with it, each with its place.
    pub fn parse(text: &str) -> Result<Self, Diagnostics> {
        Self::of_source(&Source::new("the architecture", text), Arc::new(RuleBook::embedded()?))
    }

    /// The architecture that a file describes, under the built-in rules.
    ///
    /// # Errors
    /// If the file cannot be read, or has more than 16 MiB; or everything wrong with it, each with its place.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Diagnostics> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let unreadable =
            |why: String| Diagnostic::new("unreadable", format!("{} cannot be read: {why}", quote(&name)));
        let size = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
        if size > LARGEST {
            return Err(unreadable(format!("it has {size} bytes")).hint("give an architecture file").into());
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        Self::of_source(&Source::new(name, text), Arc::new(RuleBook::embedded()?))
    }

    fn of_source(source: &Source, book: Arc<RuleBook>) -> Result<Self, Diagnostics> {
        let architecture = Arc::new(Architecture::parse(source, &book.activations())?);
        Ok(Self { name: architecture.graph.name.as_str().into(), architecture, book })
    }

    /// What it is called: by the rules, or in its text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.architecture.graph.title
    }

    /// The names of its dimensions, in the order of the text: what can be scaled.
    pub fn dimensions(&self) -> impl Iterator<Item = &str> {
        self.architecture.graph.dimensions.iter().map(|dimension| dimension.name.as_str())
    }

    /// The names of its parameters, in the order of the network.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.architecture.graph.parameters.iter().map(|parameter| parameter.name.as_str())
    }

    /// The graph.
    #[must_use]
    pub fn graph(&self) -> &Arc<Graph> {
        &self.architecture.graph
    }

    /// The checked file.
    #[must_use]
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The rules.
    #[must_use]
    pub fn book(&self) -> &Arc<RuleBook> {
        &self.book
    }
}
