//! No input makes the program panic, or take time or memory without bound.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Outcome, fscale};

/// As many letters as no width can be.
const MANY: usize = 70_000;

/// The program with at most so many KiB of memory and so many threads asked for.
#[cfg(target_os = "linux")]
fn confined(memory: &str, threads: &str, arguments: &[&str]) -> Outcome {
    let script = "ulimit -v $0; exec \"$@\"";
    let output = Command::new("bash")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("RAYON_NUM_THREADS", threads)
        .args(["-c", script, memory, env!("CARGO_BIN_EXE_fscale")])
        .args(arguments)
        .output()
        .unwrap();
    Outcome::of(output)
}

/// A rule file of a folder with some of its text replaced, below a folder of rules.
fn changed_rule(rules: &Path, rule: &str, changes: &[(&str, &str)]) {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(rule);
    let mut text = fs::read_to_string(built_in).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let path = rules.join(rule);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn a_name_of_any_length_is_refused_or_shown() {
    let scale = format!("d_k={}", "n".repeat(MANY));
    let outcome = fscale(&["derive", "--scale", &scale]);
    let first = outcome.stderr.lines().next().unwrap();
    let head = "n".repeat(60);
    assert_eq!(
        (outcome.status, first),
        (2, &*format!("error[scale]: the scale variable `{head}…` has more than 64 letters"))
    );
    for scale in
        [format!("d_k=n^{}", "1".repeat(MANY)), "k".repeat(MANY), format!("d_k={}", "-".repeat(MANY))]
    {
        let outcome = fscale(&["derive", "--scale", &scale]);
        assert_eq!(outcome.status, 2);
        assert!(
            outcome.stderr.starts_with("error[scale]: ") && outcome.stderr.len() < 1000,
            "{}",
            outcome.stderr
        );
    }
}

#[test]
fn a_label_or_summary_of_any_length_is_shown_whole() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path();
    let long = "F".repeat(MANY);
    let summary = "label = \"F\"";
    changed_rule(rules, "desiderata/fsc.toml", &[(summary, &format!("label = \"{long}\""))]);
    changed_rule(rules, "desiderata/signal.toml", &[("summary = \"", &format!("summary = \"{long} "))]);
    let rules = rules.to_str().unwrap();
    let formats = ["text", "markdown", "latex", "csv", "json"].map(|format| ["list", "--format", format]);
    let cases: [&[&str]; 5] = [
        &["explain", "--scale", "d_v"],
        &["explain", "mlp", "--scale", "width", "--all"],
        &["judge", "--hp", "standard", "--scale", "d_ff"],
        &["dims", "mlp"],
        &["rule", "signal"],
    ];
    for arguments in cases.into_iter().chain(formats.iter().map(|list| &list[..])) {
        let outcome = fscale(&[arguments, &["--rules", rules]].concat());
        assert!(outcome.status < 2 && outcome.stderr.is_empty(), "{arguments:?}: {}", outcome.stderr);
    }
}

#[test]
fn an_expression_of_many_fractions_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut response = String::from("response     = \"lr");
    (0..4000).for_each(|number| write!(response, " + 1/{}", 999_983 - number).unwrap());
    changed_rule(folder.path(), "optimizers/sgd.toml", &[("response     = \"lr", &response)]);
    for arguments in [
        ["check", folder.path().join("optimizers/sgd.toml").to_str().unwrap()],
        ["list", &format!("--rules={}", folder.path().display())],
    ] {
        let outcome = fscale(&arguments);
        assert_eq!(outcome.status, 2);
        let said = "error[expression]: an expression of more than 1000 bytes\n";
        assert!(outcome.stderr.starts_with(said) && outcome.stderr.len() < 2000, "{}", outcome.stderr);
    }
}

/// Letters that a terminal would obey reach it from no file and no argument, in no format.
#[test]
fn what_a_terminal_would_obey_is_not_shown() {
    let is_shown = |text: &str| {
        text.chars().all(|letter| {
            "\n\r".contains(letter) || !(letter.is_control() || "\u{202e}\u{2028}\u{200f}".contains(letter))
        })
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let escapes = "\\u001b[31m\\u009b\\u202e\\u0007";
    let net = format!("name = \"a\"\ntitle = \"{escapes}\"\n[dimensions]\nn = {{ kind = \"{escapes}\" }}\n");
    fs::write(&path, net).unwrap();
    let file = path.to_str().unwrap();
    changed_rule(
        folder.path(),
        "desiderata/fsc.toml",
        &[("summary = \"", &format!("summary = \"{escapes}"))],
    );
    let rules = folder.path().to_str().unwrap();
    let raw = "\u{1b}[31m\u{9b}\u{202e}\u{2028}\u{200f}";
    let outcomes = [
        fscale(&["check", file]),
        fscale(&["derive", raw, "--scale", raw]),
        fscale(&["derive", "--scale", raw, "--optimizer", raw]),
        fscale(&["list", "--rules", rules]),
        fscale(&["list", "--rules", rules, "--format", "markdown"]),
        fscale(&["list", "--rules", rules, "--format", "json"]),
        fscale(&["rule", "fsc", "--rules", rules]),
        fscale(&["check", &format!("{raw}.toml")]),
        fscale(&["sweep", "plan", "mlp", "--scale", "width", "--out", &format!("{rules}/{raw}.json")]),
        fscale(&[
            "figure",
            "mlp",
            "--scale",
            "width",
            "--values",
            "4,8",
            "--out",
            &format!("{rules}/{raw}.svg"),
        ]),
    ];
    for outcome in outcomes {
        assert!(
            is_shown(&outcome.stdout) && is_shown(&outcome.stderr),
            "{:?}{:?}",
            outcome.stdout,
            outcome.stderr
        );
    }
}

/// The same bytes, whatever can be started.
#[cfg(target_os = "linux")]
#[test]
fn threads_that_cannot_be_started_are_done_without() {
    let measure = ["measure", "mlp", "--scale", "width", "--values", "8,16,32", "--seeds", "4"];
    let whole = fscale(&measure);
    assert_eq!(whole.stderr, "");
    for (memory, threads) in [("300000", "64"), ("600000", "64"), ("600000", "1000"), ("unlimited", "3")] {
        let outcome = confined(memory, threads, &measure);
        assert_eq!(
            (outcome.status, outcome.stderr.as_str()),
            (whole.status, ""),
            "{memory} KiB, {threads} threads"
        );
        assert!(outcome.stdout == whole.stdout, "{memory} KiB, {threads} threads");
    }
}

/// A network of relus in a row behind a linear map, and what is known of it.
fn relus(count: usize) -> String {
    let mut text = String::from(
        "name = \"relus\"\n[dimensions]\nb = { kind = \"sample\", size = 4 }\ni = { kind = \"feature\", size = 4 }\n\
         d = { kind = \"feature\", size = 4 }\n[axes]\nb = \"b\"\ni = \"i\"\nd = \"d\"\n[loss]\nop = \"mse\"\n",
    );
    writeln!(text, "output = \"r{count}\"").unwrap();
    text.push_str("[[node]]\nname = \"u\"\nop = \"input\"\naxes = \"bi\"\n");
    text.push_str(
        "[[node]]\nname = \"r0\"\nop = \"linear\"\ninput = \"u\"\nweight = \"W\"\neinsum = \"di,bi->bd\"\n",
    );
    for number in 1..=count {
        writeln!(text, "[[node]]\nname = \"r{number}\"\nop = \"relu\"\ninput = \"r{}\"", number - 1).unwrap();
    }
    text
}

/// The more rows there are, the fewer ways out are tried, and that is said.
#[test]
fn a_long_chain_is_explained_with_fewer_ways_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relus.toml");
    fs::write(&path, relus(3000)).unwrap();
    let outcome = fscale(&["explain", path.to_str().unwrap(), "--scale", "d"]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    assert!(
        outcome.stdout.contains("too\nlarge for all ties and multipliers to be tried"),
        "{}",
        outcome.stdout
    );
}

/// Growth with 50 powers, one over each of the first primes: every exponent has a denominator of five words, and a step with
/// such a number costs as much as a hundred others.
#[test]
fn powers_without_a_common_denominator_are_answered() {
    let letters: Vec<char> = ('a'..='z').chain('A'..='Z').filter(|letter| *letter != 'b').take(50).collect();
    let primes = (2..).filter(|number: &u32| (2..*number).all(|divisor| !number.is_multiple_of(divisor)));
    let mut text = String::from("name = \"powers\"\n[dimensions]\nb = { kind = \"sample\", size = 4 }\n");
    letters
        .iter()
        .for_each(|letter| writeln!(text, "d_{letter} = {{ kind = \"feature\", size = 4 }}").unwrap());
    text.push_str("[axes]\nb = \"b\"\n");
    letters.iter().for_each(|letter| writeln!(text, "{letter} = \"d_{letter}\"").unwrap());
    let (first, second) = letters.split_at(25);
    let [first, second] = [first, second].map(|half| half.iter().collect::<String>());
    writeln!(text, "[[node]]\nname = \"h0\"\nop = \"input\"\naxes = \"b{first}\"").unwrap();
    for layer in 0..12 {
        let (from, to) = if layer % 2 == 0 { (&first, &second) } else { (&second, &first) };
        let next = layer + 1;
        writeln!(
            text,
            "[[node]]\nname = \"h{next}\"\nop = \"linear\"\ninput = \"h{layer}\"\nweight = \"W{next}\""
        )
        .unwrap();
        writeln!(text, "einsum = \"{to}{from},b{from}->b{to}\"").unwrap();
    }
    text.push_str("[loss]\nop = \"mse\"\noutput = \"h12\"\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("powers.toml");
    fs::write(&path, text).unwrap();
    let scale: Vec<String> =
        letters.iter().zip(primes).map(|(letter, prime)| format!("d_{letter}=n^1/{prime}")).collect();
    for desiderata in ["fsc", "paper"] {
        let (net, scale) = (path.to_str().unwrap(), scale.join(","));
        let outcome = fscale(&["derive", net, "--scale", &scale, "--desiderata", desiderata]);
        assert!(outcome.status < 2, "{desiderata}: {}", outcome.stderr);
    }
}

/// A residual network with its layers written out: `add` of the stream and two weights behind a norm, with biases if asked for.
fn residual(layers: usize, has_biases: bool) -> String {
    let mut text = String::from(
        "name = \"residual\"\n[dimensions]\nb = { kind = \"sample\", size = 4 }\n\
         i = { kind = \"feature\", size = 4 }\nd = { kind = \"feature\", size = 4 }\n\
         f = { kind = \"feature\", size = 4 }\no = { kind = \"feature\", size = 4 }\n\
         [axes]\nb = \"b\"\ni = \"i\"\nd = \"d\"\nf = \"f\"\no = \"o\"\n",
    );
    let mut node = |name: &str, rest: &str| writeln!(text, "[[node]]\nname = \"{name}\"\n{rest}").unwrap();
    node("u", "op = \"input\"\naxes = \"bi\"");
    node("x0", "op = \"linear\"\ninput = \"u\"\nweight = \"W_E\"\neinsum = \"di,bi->bd\"");
    for layer in 0..layers {
        let next = layer + 1;
        node(&format!("n{next}"), &format!("op = \"rms_norm\"\ninput = \"x{layer}\"\nover = \"d\""));
        node(
            &format!("h{next}"),
            &format!("op = \"linear\"\ninput = \"n{next}\"\nweight = \"W{next}\"\neinsum = \"fd,bd->bf\""),
        );
        let hidden = if has_biases { "c" } else { "h" };
        if has_biases {
            node(
                &format!("c{next}"),
                &format!("op = \"bias\"\ninput = \"h{next}\"\nparameter = \"b{next}\"\naxes = \"f\""),
            );
        }
        node(
            &format!("y{next}"),
            &format!(
                "op = \"linear\"\ninput = \"{hidden}{next}\"\nweight = \"V{next}\"\neinsum = \"df,bf->bd\""
            ),
        );
        node(&format!("x{next}"), &format!("op = \"add\"\ninputs = [\"x{layer}\", \"y{next}\"]"));
    }
    node("n", &format!("op = \"rms_norm\"\ninput = \"x{layers}\"\nover = \"d\""));
    node("out", "op = \"linear\"\ninput = \"n\"\nweight = \"W_U\"\neinsum = \"od,bd->bo\"");
    text + "[loss]\nop = \"mse\"\noutput = \"out\"\n"
}

/// What other solutions there are is told as far as its own share of the effort goes.
#[test]
fn layers_that_are_written_out_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("residual.toml");
    for (has_biases, scale, desiderata) in
        [(false, "o", "stable"), (false, "o", "signal"), (true, "d=n,f=n", "fsc")]
    {
        fs::write(&path, residual(10, has_biases)).unwrap();
        let arguments = ["derive", path.to_str().unwrap(), "--scale", scale, "--desiderata", desiderata];
        let outcome = fscale(&arguments);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
    }
}
