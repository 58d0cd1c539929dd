//! Where answers go: tried before the work, and never over what is read.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::Outcome;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fscale");

/// A folder with a file of every kind that a command reads.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let rules = format!("{}/rules", env!("CARGO_MANIFEST_DIR"));
        fs::create_dir_all(folder.path("rules/ops")).unwrap();
        fs::create_dir(folder.path("out")).unwrap();
        fs::copy(format!("{rules}/architectures/mlp.toml"), folder.path("net.toml")).unwrap();
        fs::copy(format!("{rules}/alignments/full.toml"), folder.path("late.toml")).unwrap();
        fs::copy(format!("{rules}/ops/relu.toml"), folder.path("rules/ops/relu.toml")).unwrap();
        fs::write(folder.path("hp.toml"), "optimizer = \"sgd\"\n").unwrap();
        let planned = folder.run("sweep plan net.toml --scale width --values 8,16 --seeds 1 --out plan.json");
        assert_eq!((planned.status, planned.stderr.as_str()), (0, ""));
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program in the folder.
    fn run(&self, arguments: &str) -> Outcome {
        let mut program = Command::new(PROGRAM);
        let output = program.current_dir(self.0.path()).args(arguments.split(' ')).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Outcome {
            status: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Everything that is in it, folders as well.
    fn contents(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let (mut contents, mut left) = (BTreeMap::new(), vec![self.0.path().to_owned()]);
        while let Some(folder) = left.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    left.push(path.clone());
                }
                contents.insert(path.clone(), fs::read(path).ok());
            }
        }
        contents
    }

    /// What is said when nothing is done, and everything stays as it was.
    fn refused(&self, arguments: &str) -> String {
        let before = self.contents();
        let Outcome { status, stdout, stderr } = self.run(arguments);
        assert_eq!((status, stdout.as_str()), (2, ""), "{arguments}: {stderr}");
        assert!(self.contents() == before, "{arguments}");
        stderr
    }
}

#[test]
fn no_command_writes_over_what_it_reads() {
    let folder = Folder::new();
    fs::copy(folder.path("net.toml"), folder.path("out/report.md")).unwrap();
    fs::copy(folder.path("net.toml"), folder.path("out/d.svg")).unwrap();
    let cases = [
        ("derive net.toml --scale width", "--certificate", "./net.toml", "net.toml"),
        (
            "derive mlp --rules rules --scale width",
            "--certificate",
            "rules/ops/relu.toml",
            "rules/ops/relu.toml",
        ),
        ("derive mlp --scale width --given hp.toml", "--certificate", "out/../hp.toml", "hp.toml"),
        ("derive mlp --scale width --alignment late.toml", "--certificate", "late.toml", "late.toml"),
        ("explain mlp --scale width --hp hp.toml", "--certificate", "hp.toml", "hp.toml"),
        ("measure net.toml --scale width --values 8,16", "--results", "net.toml", "net.toml"),
        ("measure net.toml --scale width --hp hp.toml --values 8,16", "--results", "hp.toml", "hp.toml"),
        ("measure net.toml --random 1", "--results", "net.toml", "net.toml"),
        ("figure out/d.svg --scale width", "--out", "out/d.svg", "out/d.svg"),
        ("figure mlp --scale width --results d.svg", "--out", "./d.svg", "d.svg"),
        ("report out/report.md", "--out", "out", "out/report.md"),
        ("report out/d.svg", "--out", "out", "out/d.svg"),
        ("sweep plan net.toml --scale width", "--out", "net.toml", "net.toml"),
        ("sweep plan net.toml --scale width --hp hp.toml", "--out", "hp.toml", "hp.toml"),
        ("sweep merge plan.json net.toml", "--out", "plan.json", "plan.json"),
        ("sweep slurm plan.json --shares 2", "--out", "plan.json", "plan.json"),
    ];
    for (command, option, output, input) in cases {
        let said = folder.refused(&format!("{command} {option} {output}"));
        let file = if command.starts_with("report") { input } else { output };
        let expected = format!(
            "error[output]: `{option} {file}` would overwrite `{input}`, which is read\n  = hint: give `{option}` \
             another place\n"
        );
        assert_eq!(said, expected, "{command}");
    }
    fs::rename(folder.path("plan.json"), folder.path("plan.jsonl")).unwrap();
    let said = folder.refused("sweep run plan.jsonl --shard 0/1 --out plan.jsonl");
    assert!(said.contains("`--out plan.jsonl` would overwrite `plan.jsonl`, which is read"), "{said}");
}

/// So many runs would take hours: what is refused is refused before them.
#[test]
fn what_cannot_be_written_is_refused_before_the_work() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("report/report.html")).unwrap();
    fs::create_dir(folder.path("folder.svg")).unwrap();
    let figure = "figure mlp --scale width --seeds 100000 --out";
    let measure = "measure mlp --scale width --seeds 100000 --results";
    let cases = [
        (figure, "folder.svg", "`folder.svg` is a folder"),
        (figure, "new.svg/", "`new.svg/` is the name of a folder"),
        (figure, "hp.toml/x.svg", "cannot write `hp.toml/x.svg`: not a directory"),
        ("report mlp --seeds 100000 --out", "hp.toml", "cannot write `hp.toml/report.md`: not a directory"),
        ("report mlp --seeds 100000 --out", "report", "`report/report.html` is a folder"),
        ("derive --scale d_k --certificate", "out", "`out` is a folder"),
        ("derive --scale d_k --certificate", "hp.toml/a/b", "cannot write `hp.toml/a/b`: not a directory"),
        ("explain --scale d_k --certificate", "out", "`out` is a folder"),
        ("sweep plan --scale d_k --out", "out", "`out` is a folder"),
        ("sweep slurm plan.json --shares 2 --out", "out", "`out` is a folder"),
        ("sweep merge plan.json out --out", "out", "`out` is a folder"),
    ];
    for (command, output, said) in cases {
        let hint = "give a file in a folder that can be written";
        let expected = format!("error[output]: {said}\n  = hint: {hint}\n");
        assert_eq!(folder.refused(&format!("{command} {output}")), expected, "{command}");
    }
    let random = "measure mlp --random 1000 --results";
    let run = "sweep run plan.json --shard 0/1 --out";
    for (command, output) in
        [(measure, "out"), (measure, "hp.toml/x"), (random, "out"), (run, "hp.toml/x.jsonl")]
    {
        let said = folder.refused(&format!("{command} {output}"));
        assert!(said.starts_with(&format!("error[results]: `{output}` cannot be used: ")), "{said}");
    }
}

#[test]
fn what_fails_later_leaves_no_file_and_no_folder() {
    let folder = Folder::new();
    for command in [
        "figure mlp --scale width --seeds 0 --results new/runs.jsonl --out new/a.svg",
        "measure mlp --scale width --seeds 0 --results new/a/runs.jsonl",
        "measure mlp --scale width --seeds 0 --until 0.1 --results new/runs.jsonl",
        "measure mlp --random 1 --seeds 0 --results new/runs.jsonl",
        "report mlp --seeds 0 --out new/report",
        "sweep plan mlp --scale width --seeds 0 --out new/plan.json",
        "sweep merge plan.json out --out new/runs.jsonl",
        "explain --scale d_k --node nowhere --certificate new/proof.json",
    ] {
        folder.refused(command);
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_what_is_read_is_not_written_over() {
    let folder = Folder::new();
    std::os::unix::fs::symlink("net.toml", folder.path("link")).unwrap();
    fs::hard_link(folder.path("net.toml"), folder.path("twin")).unwrap();
    for (one, other) in [("link", "net.toml"), ("net.toml", "./link"), ("./twin", "net.toml")] {
        let said = folder.refused(&format!("derive ./{other} --scale width --certificate {one}"));
        assert!(said.contains("which is read"), "{said}");
    }
}

/// A file to which a shell leads the answer is not replaced under it.
#[cfg(unix)]
#[test]
fn a_proof_may_go_where_the_answer_goes() {
    let folder = Folder::new();
    let script = "\"$0\" derive mlp --scale width --certificate /dev/stdout > both";
    let shell = Command::new("bash").current_dir(folder.0.path()).args(["-c", script, PROGRAM]).status();
    assert!(shell.unwrap().success());
    let both = fs::read_to_string(folder.path("both")).unwrap();
    let answer = folder.run("derive mlp --scale width --certificate proof.json").stdout;
    assert_eq!(both, fs::read_to_string(folder.path("proof.json")).unwrap() + &answer);
}

/// What is built in is read from no file, whatever files there are.
#[test]
fn a_file_that_is_called_like_what_is_built_in_is_written() {
    let folder = Folder::new();
    for _ in 0..2 {
        let outcome = folder.run("derive mlp --scale width --certificate mlp");
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    }
    assert_eq!(folder.run("check mlp").status, 0);
}
