//! Which file uses which: the paths of a source, followed through the names that folders give on.
//!
//! `crate::graph::Op` is a use of the file that declares `Op`, not of `graph/mod.rs`, which only names it. What a folder gives on
//! with `pub use` is a door and no use, unless the folder's own file speaks of it.

use std::collections::BTreeSet;

use crate::source::{House, Source};

/// A name that a source brings in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    /// What it is called here; `*` for everything.
    pub(crate) name: String,
    /// Whether it is given on.
    pub(crate) given_on: bool,
}

/// The imports among words, and the words that are left without them.
pub(crate) fn imports(words: &[String]) -> (Vec<Import>, Vec<String>) {
    let (mut imports, mut rest) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < words.len() {
        // `impl Trait + use<'a>` names lifetimes.
        if words[at] == "use" && words.get(at + 1).is_some_and(|next| next != "<") {
            let given_on = rest.last().is_some_and(|word: &String| word == "pub" || word == ")");
            let length = words[at..].iter().take_while(|word| *word != ";").count();
            for (path, name) in leaves(&words[at + 1..at + length]) {
                imports.push(Import { path, name, given_on });
            }
            at += length + 1;
        } else {
            rest.push(words[at].clone());
            at += 1;
        }
    }
    (imports, rest)
}

/// The paths of a tree `a::{b, c::{self, d as e}}`, each with its name.
fn leaves(tree: &[String]) -> Vec<(Vec<String>, String)> {
    let (mut leaves, mut stem, mut stems) = (Vec::new(), Vec::<String>::new(), Vec::new());
    let mut alias = None;
    let mut words = tree.iter().map(String::as_str).chain([","]);
    let mut end = |stem: &mut Vec<String>, depth: usize, alias: Option<String>| {
        if stem.len() > depth {
            if stem.len() > 1 && stem.last().is_some_and(|last| last == "self") {
                stem.pop();
            }
            let name = alias.or_else(|| stem.last().cloned()).unwrap_or_default();
            leaves.push((stem.clone(), name));
        }
        stem.truncate(depth);
    };
    while let Some(word) = words.next() {
        let depth = stems.last().copied().unwrap_or(0);
        match word {
            "{" => stems.push(stem.len()),
            "}" => {
                end(&mut stem, depth, alias.take());
                stems.pop();
                // Its stem is no import of its own.
                stem.truncate(stems.last().copied().unwrap_or(0));
            }
            "," => end(&mut stem, depth, alias.take()),
            "::" => {}
            "as" => alias = words.next().map(str::to_owned),
            name => stem.push(name.to_owned()),
        }
    }
    leaves
}

/// The paths of at least two names among words without imports.
pub(crate) fn paths(words: &[String]) -> Vec<Vec<String>> {
    let is_name = |word: &String| word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let mut paths = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let mut path = Vec::new();
        if is_name(&words[at]) {
            path.push(words[at].clone());
            while words.get(at + 1).is_some_and(|word| word == "::") && words.get(at + 2).is_some_and(is_name)
            {
                path.push(words[at + 2].clone());
                at += 2;
            }
        }
        if path.len() > 1 {
            paths.push(path);
        }
        at += 1;
    }
    paths
}

/// One file uses another.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Whether the first only gives on what the second declares.
    pub(crate) door: bool,
}

/// Every use among the files of a house.
pub(crate) fn uses(house: &House) -> BTreeSet<Use> {
    let mut uses = BTreeSet::new();
    for (from, source) in house.sources.iter().enumerate() {
        for import in &source.imports {
            let door = import.given_on && !source.words.contains(&import.name);
            let to = house.declared(source, &import.path, 0);
            uses.extend(to.filter(|to| *to != from).map(|to| Use { from, to, door }));
        }
        for path in paths(&source.words) {
            let to = house.declared(source, &path, 0);
            uses.extend(to.filter(|to| *to != from).map(|to| Use { from, to, door: false }));
        }
    }
    uses
}

impl House {
    /// The file that declares what a path in a source speaks of; nothing for other crates and for modules as such.
    fn declared(&self, source: &Source, path: &[String], depth: usize) -> Option<usize> {
        // Names that name each other; none in a program that compiles.
        if depth > 20 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let mut module = source.module.clone();
        match first.as_str() {
            "crate" => return self.within(Vec::new(), rest, depth),
            "self" => return self.within(module, rest, depth),
            "super" => {
                module.pop();
                let above = rest.iter().take_while(|name| *name == "super").count();
                module.truncate(module.len().saturating_sub(above));
                return self.within(module, &rest[above..], depth);
            }
            _ => {}
        }
        let child = [&module[..], std::slice::from_ref(first)].concat();
        if self.find(&child).is_some() {
            return self.within(child, rest, depth);
        }
        self.named(source, path, depth)
    }

    /// The file that declares what a path below a module speaks of.
    fn within(&self, mut module: Vec<String>, path: &[String], depth: usize) -> Option<usize> {
        for (at, name) in path.iter().enumerate() {
            module.push(name.clone());
            if self.find(&module).is_none() {
                module.pop();
                let index = self.find(&module)?;
                let source = &self.sources[index];
                let is_given = source.imports.iter().any(|import| import.name == *name);
                return if is_given { self.named(source, &path[at..], depth) } else { Some(index) };
            }
        }
        None
    }

    /// The file that declares what a path speaks of that begins with a name that the source brings in.
    fn named(&self, source: &Source, path: &[String], depth: usize) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let import =
            source.imports.iter().find(|import| import.name == *first && import.path[..] != path[..])?;
        self.declared(source, &[&import.path[..], rest].concat(), depth + 1)
    }

    fn find(&self, module: &[String]) -> Option<usize> {
        self.sources.iter().position(|source| source.module == module)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    fn told(text: &str) -> Vec<String> {
        let (imports, _) = imports(&words(text));
        imports.iter().map(|import| format!("{} = {}", import.name, import.path.join("::"))).collect()
    }

    #[test]
    fn a_tree_of_imports_is_read() {
        let text = "use crate::a::{self, b, c::{d as e, F}, g::*};\npub use h::I;";
        let expected = [
            "a = crate::a",
            "b = crate::a::b",
            "e = crate::a::c::d",
            "F = crate::a::c::F",
            "* = crate::a::g::*",
            "I = h::I",
        ];
        assert_eq!(told(text), expected);
        assert_eq!(told("use super::super::x; fn f() -> impl A + use<'a> {}"), ["x = super::super::x"]);
    }

    #[test]
    fn a_path_in_a_line_is_read() {
        let found = paths(&words("let x = crate::a::f(&b::C::<T>::new(), y.z)"));
        let joined: Vec<String> = found.iter().map(|path| path.join("::")).collect();
        assert_eq!(joined, ["crate::a::f", "b::C"]);
    }

    fn uses_of(files: &[(&str, &str)]) -> Vec<String> {
        let house = House::of(files);
        let path = |index: usize| &house.sources[index].path;
        uses(&house)
            .iter()
            .map(|found| {
                let arrow = if found.door { "gives on" } else { "uses" };
                format!("{} {arrow} {}", path(found.from), path(found.to))
            })
            .collect()
    }

    #[test]
    fn a_use_is_of_the_file_that_declares_the_name() {
        let files = [
            ("lib.rs", "pub mod a; pub mod b;"),
            ("a/mod.rs", "mod deep; pub use deep::{Deep, Other}; pub fn f(_: Other) {}"),
            ("a/deep.rs", "pub struct Deep; pub struct Other;"),
            ("b.rs", "use crate::a::{self, Deep}; fn g() { a::f() }"),
        ];
        let expected = [
            "a/mod.rs uses a/deep.rs",
            "a/mod.rs gives on a/deep.rs",
            "b.rs uses a/deep.rs",
            "b.rs uses a/mod.rs",
        ];
        let mut found = uses_of(&files);
        found.sort();
        let mut sorted = expected.map(str::to_owned).to_vec();
        sorted.sort();
        assert_eq!(found, sorted);
    }

    #[test]
    fn what_only_tests_use_is_no_use() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "#[cfg(test)] mod tests { use crate::b::B; }"),
            ("b.rs", "pub struct B; #[cfg(test)] mod apart;"),
            ("b/apart.rs", "use crate::a::A;"),
        ];
        assert_eq!(uses_of(&files), Vec::<String>::new());
    }
}
