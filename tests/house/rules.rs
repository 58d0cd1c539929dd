//! The rules of the house, each as what it finds wrong.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use crate::imports::uses;
use crate::source::House;

/// Something that breaks a rule: the files or names it is about, and what to do.
pub(crate) struct Complaint {
    pub(crate) about: Vec<String>,
    pub(crate) text: String,
}

/// What breaks a rule for now, and why.
pub(crate) type Exceptions = &'static [(&'static str, &'static str)];

/// Every complaint that no exception speaks of, and every exception that no complaint needs.
pub(crate) fn wrong(complaints: &[Complaint], exceptions: Exceptions) -> Vec<String> {
    let speaks_of = |name: &str, complaint: &Complaint| complaint.about.iter().any(|about| about == name);
    let excused = |complaint: &&Complaint| exceptions.iter().any(|(name, _)| speaks_of(name, complaint));
    let told =
        complaints.iter().filter(|complaint| !excused(complaint)).map(|complaint| complaint.text.clone());
    let unneeded =
        exceptions.iter().filter(|(name, _)| !complaints.iter().any(|complaint| speaks_of(name, complaint)));
    let unneeded = unneeded.map(|(name, why)| {
        format!("`{name}` ({why}) holds now: take it from the exceptions at the top of tests/house/main.rs")
    });
    told.chain(unneeded).collect()
}

/// As many files as may use each other in a circle.
pub(crate) const LOOP: usize = 4;

/// As many entries as a folder may have, files and folders.
pub(crate) const FOLDER: usize = 21;

/// As many lines as a file may have.
pub(crate) const FILE: usize = 400;

/// Uses of modules that stand below in the table of phases, and modules that do not stand in it.
pub(crate) fn uses_from_below(house: &House) -> Vec<Complaint> {
    let layer = |index: usize| house.sources[index].module.first();
    let place = |name: &String| house.layers.iter().position(|layer| layer == name);
    let mut complaints = Vec::new();
    let modules: BTreeSet<&String> = (0..house.sources.len()).filter_map(layer).collect();
    for module in modules.iter().filter(|module| place(module).is_none()) {
        complaints.push(Complaint {
            about: vec![(*module).clone()],
            text: format!(
                "`{module}` does not stand in the table of phases of src/lib.rs: give it a row below all it uses"
            ),
        });
    }
    for found in uses(house) {
        let (Some(user), Some(used)) = (layer(found.from), layer(found.to)) else { continue };
        if place(user) < place(used) {
            let [from, to] = [found.from, found.to].map(|index| &house.sources[index].path);
            complaints.push(Complaint {
                about: vec![from.clone()],
                text: format!(
                    "src/{from} uses src/{to}, but `{used}` stands below `{user}` in the table of phases of src/lib.rs: \
                     move what is used up to `{user}` or above, or what uses it down to `{used}`"
                ),
            });
        }
    }
    complaints
}

/// Files that use each other in a circle, more than [`LOOP`] of them.
pub(crate) fn loops(house: &House) -> Vec<Complaint> {
    let mut graph = DiGraph::<usize, ()>::new();
    let nodes: Vec<_> = (0..house.sources.len()).map(|index| graph.add_node(index)).collect();
    let uses: BTreeSet<(usize, usize)> =
        uses(house).into_iter().filter(|found| !found.door).map(|found| (found.from, found.to)).collect();
    for (from, to) in &uses {
        graph.add_edge(nodes[*from], nodes[*to], ());
    }
    let path = |index: &usize| house.sources[*index].path.clone();
    let mut complaints = Vec::new();
    for circle in tarjan_scc(&graph).iter().filter(|circle| circle.len() > LOOP) {
        let files: BTreeSet<usize> = circle.iter().map(|node| graph[*node]).collect();
        let within = uses.iter().filter(|(from, to)| files.contains(from) && files.contains(to));
        let lines: Vec<String> =
            within.map(|(from, to)| format!("  src/{} uses src/{}", path(from), path(to))).collect();
        complaints.push(Complaint {
            about: files.iter().map(path).collect(),
            text: format!(
                "{} files use each other in a circle, where at most {LOOP} may: give what they share a file of its own, \
                 or pass it as an argument\n{}",
                files.len(),
                lines.join("\n")
            ),
        });
    }
    complaints
}

/// Names that more than one public type has.
pub(crate) fn names_used_twice(house: &House) -> Vec<Complaint> {
    let mut places = BTreeMap::<&str, Vec<&str>>::new();
    for source in &house.sources {
        for triple in source.words.windows(3) {
            if triple[0] == "pub"
                && ["struct", "enum", "trait", "type", "union"].contains(&triple[1].as_str())
            {
                places.entry(&triple[2]).or_default().push(&source.path);
            }
        }
    }
    let twice = places.into_iter().filter(|(_, files)| files.len() > 1);
    twice
        .map(|(name, files)| Complaint {
            about: vec![name.to_owned()],
            text: format!(
                "public types of the name `{name}` are declared in src/{}: rename the lesser one after what it is",
                files.join(" and in src/")
            ),
        })
        .collect()
}

/// Folders with more than [`FOLDER`] entries.
pub(crate) fn crowded_folders<T>(root: &str, files: &[(String, T)]) -> Vec<Complaint> {
    let mut entries = BTreeMap::<String, BTreeSet<&str>>::new();
    for (path, _) in files {
        let mut folder = root.to_owned();
        for name in path.split('/') {
            entries.entry(folder.clone()).or_default().insert(name);
            folder = format!("{folder}/{name}");
        }
    }
    let crowded = entries.into_iter().filter(|(_, names)| names.len() > FOLDER);
    crowded
        .map(|(folder, names)| Complaint {
            about: vec![folder.clone()],
            text: format!(
                "{folder} has {} entries, where at most {FOLDER} may be: give those that belong together a folder",
                names.len()
            ),
        })
        .collect()
}

/// Files with more than [`FILE`] lines.
pub(crate) fn long_files<T: AsRef<str>>(root: &str, files: &[(String, T)]) -> Vec<Complaint> {
    let lines = files.iter().map(|(path, text)| (path, text.as_ref().lines().count()));
    lines
        .filter(|(_, lines)| *lines > FILE)
        .map(|(path, lines)| Complaint {
            about: vec![path.clone()],
            text: format!(
                "{root}/{path} has {lines} lines, where at most {FILE} may be: give one of its ideas a file"
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "//! | [`first`] | | |\n//! | [`last`](mod@last) | | |\nmod first; mod last;";

    fn texts(complaints: Vec<Complaint>) -> Vec<String> {
        complaints.into_iter().map(|complaint| complaint.text).collect()
    }

    #[test]
    fn a_use_from_below_is_found() {
        let files = [
            ("lib.rs", TABLE),
            ("first.rs", "fn f() { crate::last::g() }"),
            ("last/mod.rs", "pub fn g() {}"),
        ];
        let expected = "src/first.rs uses src/last/mod.rs, but `last` stands below `first` in the table of phases of src/lib.rs: \
                        move what is used up to `first` or above, or what uses it down to `last`";
        assert_eq!(texts(uses_from_below(&House::of(&files))), [expected]);
        let turned =
            [("lib.rs", TABLE), ("first.rs", "pub fn f() {}"), ("last/mod.rs", "use crate::first::f;")];
        assert!(uses_from_below(&House::of(&turned)).is_empty());
    }

    #[test]
    fn a_module_without_a_row_is_found() {
        let files = [("lib.rs", TABLE), ("other.rs", "")];
        let expected =
            "`other` does not stand in the table of phases of src/lib.rs: give it a row below all it uses";
        assert_eq!(texts(uses_from_below(&House::of(&files))), [expected]);
    }

    /// A circle of so many files in `last`, each of which uses the next.
    fn circle(length: usize) -> House {
        let file = |at: usize| {
            let next = (at + 1) % length;
            (format!("last/f{at}.rs"), format!("use super::f{next}::T{next}; pub struct T{at};"))
        };
        House::of(&(0..length).map(file).collect::<Vec<_>>())
    }

    #[test]
    fn a_long_circle_is_found_and_a_short_one_is_not() {
        assert!(loops(&circle(LOOP)).is_empty());
        let complaints = loops(&circle(LOOP + 1));
        assert_eq!(complaints.len(), 1);
        assert_eq!(
            complaints[0].about,
            ["last/f0.rs", "last/f1.rs", "last/f2.rs", "last/f3.rs", "last/f4.rs"]
        );
        assert!(
            complaints[0].text.ends_with("  src/last/f4.rs uses src/last/f0.rs"),
            "{}",
            complaints[0].text
        );
    }

    #[test]
    fn a_circle_through_the_names_of_a_folder_is_found() {
        let mut files =
            vec![("last/mod.rs".to_owned(), "pub use {a::A, b::B, c::C, d::D, e::E};".to_owned())];
        for (file, uses) in [("a", "B"), ("b", "C"), ("c", "D"), ("d", "E"), ("e", "A")] {
            let text = format!("use super::{uses}; pub struct {};", file.to_uppercase());
            files.push((format!("last/{file}.rs"), text));
        }
        assert_eq!(loops(&House::of(&files))[0].about.len(), 5);
    }

    #[test]
    fn a_name_used_twice_is_found() {
        let files = [
            ("a.rs", "pub struct Table; pub(crate) enum Row {} pub trait Own {}"),
            ("b.rs", "pub type Table = u8; pub struct Row; #[cfg(test)] mod tests { pub struct Own; }"),
        ];
        let expected = "public types of the name `Table` are declared in src/a.rs and in src/b.rs: rename the lesser one after what it is";
        assert_eq!(texts(names_used_twice(&House::of(&files))), [expected]);
    }

    #[test]
    fn an_exception_excuses_what_it_names_and_is_wrong_where_it_is_not_needed() {
        let complaint =
            |about: &str| Complaint { about: vec![about.into()], text: format!("{about} is wrong") };
        let complaints = [complaint("a"), complaint("b")];
        let unneeded = "`c` (later) holds now: take it from the exceptions at the top of tests/house/main.rs";
        assert_eq!(wrong(&complaints, &[("a", "for now"), ("c", "later")]), ["b is wrong", unneeded]);
    }

    #[test]
    fn a_crowded_folder_and_a_long_file_are_found() {
        let mut files: Vec<(String, String)> =
            (0..FOLDER).map(|at| (format!("a/f{at}.rs"), "\n".repeat(FILE))).collect();
        assert!(crowded_folders("src", &files).is_empty() && long_files("src", &files).is_empty());
        files.push(("a/below/one.rs".into(), "\n".repeat(FILE + 1)));
        assert_eq!(
            texts(crowded_folders("src", &files)),
            ["src/a has 22 entries, where at most 21 may be: give those that belong together a folder"]
        );
        assert_eq!(
            texts(long_files("src", &files)),
            ["src/a/below/one.rs has 401 lines, where at most 400 may be: give one of its ideas a file"]
        );
    }
}
