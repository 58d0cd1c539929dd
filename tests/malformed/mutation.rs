//! Whatever is done to a valid file, reading it ends soon, without a panic, and every complaint has a place in the
//! file and a message. `FSCALE_MUTATIONS=200000 cargo test --release --test malformed` tries more files than the default.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fscale::architecture::{Architecture, HyperparameterFile};
use fscale::document::{Diagnostics, Source};
use fscale::graph::Graph;
use fscale::rule::RuleBook;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const ACTIVATIONS: [&str; 5] = ["relu", "gelu", "silu", "tanh", "identity"];

const ARCHITECTURES: [&str; 4] = [
    include_str!("../../rules/architectures/transformer.toml"),
    include_str!("../../rules/architectures/mlp.toml"),
    include_str!("../../rules/architectures/moe.toml"),
    include_str!("many-at-once.toml"),
];

const HYPERPARAMETERS: &str = r#"
optimizer = "sgd"
[init]
W_O = { heads = "-1/2", d_v = 1 }
[lr]
W_O = { heads = "-1" }
W_1.d_ff = "3/4"
[multiplier]
attention = { d_k = "-1" }
W_U.d_model = "-1"
"#;

const STABILISED: &str = r#"
optimizer = "muon-adamw"
[init]
matrices = { d_model = "-1/2" }
"W_*" = { heads = 1 }
[weight_decay]
"*_Q".d_model = 1
output = {}
[epsilon]
"*" = { d_model = -1 }
"#;

/// Far more than any file of this size takes, far less than a hang.
const LONGEST: Duration = Duration::from_secs(5);

/// What may stand where another word stood.
const TOKENS: [&str; 40] = [
    "\"\"",
    "\"b\"",
    "\"btd\"",
    "\"di,bti->btd\"",
    "\"bthk,bshk->bhts\"",
    "[",
    "]",
    "{",
    "}",
    "[[",
    "]]",
    "=",
    ",",
    "->",
    "99999999999999999999",
    "1e999",
    "-0.0",
    "nan",
    "1_000",
    "0x10",
    "true",
    "\"1/sqrt(d_k)\"",
    "\"n^1/2\"",
    "\"x\"",
    "[\"x\", \"x\"]",
    "ünïcödé",
    "\u{0}",
    "\u{feff}",
    "\"\\u0000\"",
    "'''",
    "\"\"\"",
    "#",
    "\r",
    "\"input\"",
    "\"linear\"",
    "\"bilinear\"",
    "\"softmax\"",
    "\"output\"",
    "1979-05-27",
    "\"d_model=n,heads=n^1/0\"",
];

/// What may stand where another value stood.
const VALUES: [&str; 24] = [
    "\"\"",
    "\"b\"",
    "\"btd\"",
    "\"di,bti->btd\"",
    "\"bthk,bshk->bhts\"",
    "9223372036854775807",
    "1e308",
    "-0.0",
    "nan",
    "0x10",
    "1_000",
    "true",
    "\"1/sqrt(d_k)\"",
    "\"x\"",
    "[]",
    "[\"x\", \"x\"]",
    "{}",
    "[{}]",
    "\"ünïcödé\"",
    "\"\\u0000\"",
    "1979-05-27",
    "{ kind = \"depth\", size = 1 }",
    "\"\"\"\n\"\"\"",
    "\"d_model=n,heads=n^1/0\"",
];

/// One thing done to a text; positions are fractions of what there is.
#[derive(Clone, Debug)]
enum Mutation {
    DeleteLine(prop::sample::Index),
    DuplicateLine(prop::sample::Index),
    SwapLines(prop::sample::Index, prop::sample::Index),
    CopyWord(prop::sample::Index, prop::sample::Index),
    ReplaceWord(prop::sample::Index, &'static str),
    ReplaceChar(prop::sample::Index, char),
    DeleteChar(prop::sample::Index),
    FlipByte(prop::sample::Index, u8),
    Truncate(prop::sample::Index),
    Nest(prop::sample::Index, &'static str, usize),
    LongWord(prop::sample::Index, usize),
    DeleteBlock(prop::sample::Index),
    SwapBlocks(prop::sample::Index, prop::sample::Index),
    CopyValue(prop::sample::Index, prop::sample::Index),
    ReplaceValue(prop::sample::Index, &'static str),
    ReplaceLetter(prop::sample::Index, char),
}

/// Mutations after which most files are TOML still, so that what is checked behind the syntax is reached.
fn gentle() -> impl Strategy<Value = Mutation> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        2 => at().prop_map(Mutation::DeleteLine),
        1 => at().prop_map(Mutation::DeleteBlock),
        1 => (at(), at()).prop_map(|(a, b)| Mutation::SwapBlocks(a, b)),
        4 => (at(), at()).prop_map(|(a, b)| Mutation::CopyValue(a, b)),
        3 => (at(), prop::sample::select(&VALUES[..])).prop_map(|(a, value)| Mutation::ReplaceValue(a, value)),
        4 => (at(), prop::sample::select(&['b', 't', 's', 'd', 'x', 'q', ',', '>', '1', 'é'][..]))
            .prop_map(|(a, letter)| Mutation::ReplaceLetter(a, letter)),
    ]
}

/// Any mutation.
fn rough() -> impl Strategy<Value = Mutation> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        3 => at().prop_map(Mutation::DeleteLine),
        3 => at().prop_map(Mutation::DuplicateLine),
        3 => (at(), at()).prop_map(|(a, b)| Mutation::SwapLines(a, b)),
        6 => (at(), at()).prop_map(|(a, b)| Mutation::CopyWord(a, b)),
        6 => (at(), prop::sample::select(&TOKENS[..])).prop_map(|(a, token)| Mutation::ReplaceWord(a, token)),
        3 => (at(), any::<char>()).prop_map(|(a, letter)| Mutation::ReplaceChar(a, letter)),
        3 => at().prop_map(Mutation::DeleteChar),
        2 => (at(), any::<u8>()).prop_map(|(a, byte)| Mutation::FlipByte(a, byte)),
        1 => at().prop_map(Mutation::Truncate),
        1 => (at(), prop::sample::select(&["[", "[[", "{a=", "a.", "\"\\"][..]), 1..3000_usize)
            .prop_map(|(a, bracket, depth)| Mutation::Nest(a, bracket, depth)),
        1 => (at(), 1..5000_usize).prop_map(|(a, length)| Mutation::LongWord(a, length)),
    ]
}

/// The byte ranges of words: runs of what TOML needs no quotes for, and texts in quotes.
fn words(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        if letter.is_whitespace() || "={}[],".contains(letter) {
            if start < at {
                words.push(start..at);
            }
            start = at + letter.len_utf8();
        }
    }
    words
}

/// The byte ranges of values: what stands behind the first `=` of a line.
fn values(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut values = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(equals) = line.find('=') {
            values.push(start + equals + 1..start + line.trim_end_matches('\n').len());
        }
        start += line.len();
    }
    values
}

fn apply(text: String, mutation: &Mutation) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let char_at = |index: &prop::sample::Index| {
        let starts: Vec<(usize, char)> = text.char_indices().collect();
        (!starts.is_empty()).then(|| starts[index.index(starts.len())])
    };
    let replaced = |range: std::ops::Range<usize>, with: &str| {
        let mut text = text.clone();
        text.replace_range(range, with);
        text
    };
    let word = |index: &prop::sample::Index| {
        let words = words(&text);
        (!words.is_empty()).then(|| words[index.index(words.len())].clone())
    };
    let value = |index: &prop::sample::Index| {
        let values = values(&text);
        (!values.is_empty()).then(|| values[index.index(values.len())].clone())
    };
    match mutation {
        Mutation::DeleteLine(at) => {
            lines.remove(at.index(lines.len()));
            lines.join("\n")
        }
        Mutation::DuplicateLine(at) => {
            let at = at.index(lines.len());
            lines.insert(at, lines[at]);
            lines.join("\n")
        }
        Mutation::SwapLines(a, b) => {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
            lines.join("\n")
        }
        Mutation::CopyWord(from, to) => match (word(from), word(to)) {
            (Some(from), Some(to)) => replaced(to, &text[from]),
            (None, _) | (_, None) => text,
        },
        Mutation::ReplaceWord(at, token) => word(at).map_or(text.clone(), |word| replaced(word, token)),
        Mutation::ReplaceChar(at, letter) => char_at(at).map_or(text.clone(), |(start, old)| {
            replaced(start..start + old.len_utf8(), &letter.to_string())
        }),
        Mutation::DeleteChar(at) => {
            char_at(at).map_or(text.clone(), |(start, old)| replaced(start..start + old.len_utf8(), ""))
        }
        Mutation::FlipByte(at, byte) => {
            let mut bytes = text.into_bytes();
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] ^= byte;
            }
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Mutation::Truncate(at) => char_at(at).map_or(text.clone(), |(start, _)| text[..start].to_owned()),
        Mutation::Nest(at, bracket, depth) => {
            char_at(at).map_or(text.clone(), |(start, _)| replaced(start..start, &bracket.repeat(*depth)))
        }
        Mutation::DeleteBlock(at) => {
            let mut blocks: Vec<&str> = text.split("\n\n").collect();
            blocks.remove(at.index(blocks.len()));
            blocks.join("\n\n")
        }
        Mutation::SwapBlocks(a, b) => {
            let mut blocks: Vec<&str> = text.split("\n\n").collect();
            let (a, b) = (a.index(blocks.len()), b.index(blocks.len()));
            blocks.swap(a, b);
            blocks.join("\n\n")
        }
        Mutation::CopyValue(from, to) => match (value(from), value(to)) {
            (Some(from), Some(to)) => replaced(to, &text[from]),
            (None, _) | (_, None) => text,
        },
        Mutation::ReplaceValue(at, new) => value(at).map_or(text.clone(), |value| replaced(value, new)),
        Mutation::ReplaceLetter(at, letter) => {
            let letters: Vec<usize> =
                text.char_indices().filter(|(_, old)| old.is_ascii_alphabetic()).map(|(at, _)| at).collect();
            if letters.is_empty() {
                return text;
            }
            let at = letters[at.index(letters.len())];
            replaced(at..at + 1, &letter.to_string())
        }
        Mutation::LongWord(at, length) => {
            word(at).map_or(text.clone(), |word| replaced(word, &format!("\"{}\"", "b".repeat(*length))))
        }
    }
}

/// Every complaint has a place in the file and a message, and can be shown.
fn check(source: &Source, wrong: &Diagnostics) -> Result<(), TestCaseError> {
    prop_assert!(!wrong.is_empty());
    for diagnostic in &wrong.0 {
        prop_assert!(!diagnostic.message.trim().is_empty());
        prop_assert!(!diagnostic.message.contains('\n'), "{}", diagnostic.message);
        prop_assert!(diagnostic.hint.is_some(), "{diagnostic}");
        prop_assert_ne!(diagnostic.code, "not-understood", "{}", diagnostic);
        let Some(place) = &diagnostic.place else {
            return Err(TestCaseError::fail(format!("no place: {diagnostic}")));
        };
        let line = source.text.split('\n').nth(place.line - 1);
        let Some(line) = line else {
            return Err(TestCaseError::fail(format!("no such line: {diagnostic}")));
        };
        prop_assert!(place.column <= line.chars().count() + 1, "{diagnostic}");
        prop_assert!(diagnostic.to_string().len() < 10_000, "{diagnostic}");
    }
    Ok(())
}

fn cases() -> u32 {
    std::env::var("FSCALE_MUTATIONS").ok().and_then(|cases| cases.parse().ok()).unwrap_or(512)
}

fn try_all(texts: &'static [&'static str], read: impl Fn(&Source) -> Result<(), Diagnostics>) {
    let mut runner =
        TestRunner::new(Config { cases: cases(), failure_persistence: None, ..Config::default() });
    let mutations = prop_oneof![
        2 => prop::collection::vec(gentle(), 1..5),
        1 => prop::collection::vec(rough(), 1..5),
    ];
    let strategy = (prop::sample::select(texts), mutations);
    runner
        .run(&strategy, |(text, mutations)| {
            let text = mutations.iter().fold(text.to_owned(), apply);
            let source = Source::new("mutated.toml", text);
            let start = Instant::now();
            let read = read(&source);
            prop_assert!(start.elapsed() < LONGEST, "took {:?}", start.elapsed());
            read.err().map_or(Ok(()), |wrong| check(&source, &wrong))
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// What the interpreters trust of a graph that was accepted.
fn assert_sound(graph: &Arc<Graph>) {
    for id in graph.nodes() {
        assert!(graph.operands(id).iter().all(|operand| *operand < id), "operands come first");
        assert!(!graph.consumers(id).is_empty() || graph.is_output(id), "only outputs are sinks");
    }
    assert!(graph.parameter_ids().all(|id| !graph.uses(id).is_empty()), "every parameter is used");
    assert!(!graph.parameters.is_empty(), "something is trained");
}

#[test]
fn no_mutation_of_an_architecture_breaks_its_reader() {
    try_all(&ARCHITECTURES, |source| {
        Architecture::parse(source, &ACTIVATIONS).map(|architecture| assert_sound(&architecture.graph))
    });
}

#[test]
fn no_mutation_of_a_hyperparameter_file_breaks_its_reader() {
    let source = Source::new("transformer.toml", ARCHITECTURES[0]);
    let graph = Architecture::parse(&source, &ACTIVATIONS).unwrap().graph;
    let book = RuleBook::embedded().unwrap();
    let read = |source: &Source| HyperparameterFile::read(source, &graph, &book).map(drop);
    try_all(&[HYPERPARAMETERS, STABILISED], read);
}

/// Files of the largest size that make every search as long as it gets.
#[test]
fn the_worst_large_files_are_refused_soon() {
    let lines = |line: &dyn Fn(usize) -> String, count: usize| (0..count).map(line).collect::<String>();
    let head = "name='x'\n[dimensions]\nbatch={kind='sample',size=2}\nd={kind='feature',size=2}\n[axes]\nb='batch'\nd='d'\n";
    let node = |i: usize, input: &str| format!("[[node]]\nname='n{i}'\nop='relu'\ninput='{input}'\n");
    let long = "y".repeat(60);
    let cases = [
        ("unknown operands", head.to_owned() + &lines(&|i| node(i, &format!("{long}{i}")), 9000)),
        ("one cycle", head.to_owned() + &lines(&|i| node(i, &format!("n{}", (i + 1) % 9000)), 9000)),
        ("own operands", head.to_owned() + &lines(&|i| node(i, &format!("n{i}")), 9000)),
        ("one name", head.to_owned() + &lines(&|_| node(1, "n1"), 9000)),
        (
            "operands of one node",
            format!("{head}[[node]]\nname='a'\nop='add'\ninputs=[{}]\n", "'a',".repeat(200_000)),
        ),
        (
            "numbers for texts",
            format!("{head}[[node]]\nname='a'\nop='add'\ninputs=[{}]\n", "1,".repeat(400_000)),
        ),
        ("unknown keys", lines(&|i| format!("key{i}=1\n"), 80_000)),
        (
            "one long einsum",
            format!("{head}[[node]]\nname='a'\nop='linear'\neinsum='{}'\n", "bd,".repeat(300_000)),
        ),
        ("one long name", format!("{head}[[node]]\nname='{}'\nop='linear'\n", "n".repeat(1_000_000))),
        ("ties", head.to_owned() + &lines(&|i| format!("[[tie]]\nname='t{i}'\nscale='{long}'\n"), 9000)),
        ("axes", lines(&|i| format!("[[axes]]\nk{i}=''\n"), 50_000)),
    ];
    for (name, text) in cases {
        let source = Source::new(name, text);
        let start = Instant::now();
        let wrong = Architecture::parse(&source, &ACTIVATIONS).unwrap_err();
        assert!(start.elapsed() < LONGEST, "{name} took {:?}", start.elapsed());
        check(&source, &wrong).unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
}
