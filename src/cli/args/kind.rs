//! [`Described`]: what a file describes, told by its folder or by its keys.

use std::path::Path;

use crate::document::Source;
use crate::rule::Folder;

/// What a file describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Described {
    Rule(Folder),
    Hyperparameters,
}

/// Keys that tell what a file describes, unless a text under `init`, `lr` or `multiplier` has told that it is a
/// parameterization; the first that is there decides.
const TELLING: [(&str, Described); 14] = [
    ("dimensions", Described::Rule(Folder::Architectures)),
    ("node", Described::Rule(Folder::Architectures)),
    ("require", Described::Rule(Folder::Desiderata)),
    ("step", Described::Rule(Folder::Optimizers)),
    ("response", Described::Rule(Folder::Optimizers)),
    ("forward", Described::Rule(Folder::Ops)),
    ("component", Described::Rule(Folder::Ops)),
    ("update", Described::Rule(Folder::Alignments)),
    ("activation", Described::Rule(Folder::Alignments)),
    ("word", Described::Rule(Folder::Reference)),
    ("optimizer", Described::Hyperparameters),
    ("multiplier", Described::Hyperparameters),
    ("init", Described::Rule(Folder::Parameterizations)),
    ("lr", Described::Rule(Folder::Parameterizations)),
];

impl Described {
    /// By the name of the folder that the file lies in.
    pub(crate) fn by_folder(path: &Path) -> Option<Self> {
        let folder = path.parent().and_then(Path::file_name)?;
        Folder::ALL.into_iter().find(|kind| folder == kind.name()).map(Self::Rule)
    }

    /// By the keys of the file; nothing if none of them tells, or the text is not TOML.
    pub(crate) fn by_keys(source: &Source) -> Option<Self> {
        let document = toml_edit::Document::parse(source.text.as_str()).ok()?;
        let is_text = |key: &&str| document.get(key).is_some_and(toml_edit::Item::is_str);
        if !document.contains_key("optimizer") && ["init", "lr", "multiplier"].iter().any(is_text) {
            return Some(Self::Rule(Folder::Parameterizations));
        }
        TELLING.iter().find(|(key, _)| document.contains_key(key)).map(|(_, described)| *described)
    }
}
