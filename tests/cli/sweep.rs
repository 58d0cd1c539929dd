//! A measurement in shares, on as many machines as one likes, is the measurement on one.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Outcome, fscale};

/// A folder with a plan.
struct Planned {
    folder: tempfile::TempDir,
    options: Vec<&'static str>,
}

const OPTIONS: [&str; 7] = ["mlp", "--scale", "width", "--values", "8,16,32", "--seeds", "4"];

impl Planned {
    fn new(options: &[&'static str]) -> Self {
        let planned = Self { folder: tempfile::tempdir().unwrap(), options: options.to_vec() };
        let plan = planned.path("plan.json");
        let outcome = fscale(&[&["sweep", "plan"], options, &["--out", &plan]].concat());
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
        planned
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// What the command says, without the folder.
    fn sweep(&self, command: &str, more: &[&str]) -> Outcome {
        let plan = self.path("plan.json");
        let mut outcome = fscale(&[&["sweep", command, &plan], more].concat());
        let folder = format!("{}/", self.folder.path().display());
        outcome.stderr = outcome.stderr.replace(&folder, "");
        outcome.stdout = outcome.stdout.replace(&folder, "");
        outcome
    }

    fn run(&self, more: &[&str]) -> String {
        let outcome = self.sweep("run", &[more, &["--out", &self.path("results")]].concat());
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
        outcome.stdout
    }

    fn measure(&self, more: &[&str]) -> Outcome {
        fscale(&[&["measure"], self.options.as_slice(), more].concat())
    }
}

#[test]
fn merged_shares_are_a_measurement_to_the_byte() {
    let sweeps: [&[&str]; 2] = [
        &OPTIONS,
        &[
            "tests/networks/two-blocks.toml",
            "--hp=standard",
            "--optimizer=adam",
            "--scale=d_ff",
            "--values=4,8",
            "--seeds=2",
            "--seed=5",
            "--precision=f64",
        ],
    ];
    for options in sweeps {
        let planned = Planned::new(options);
        for share in ["0/3", "1/3", "2/3"] {
            planned.run(&["--shard", share]);
        }
        let results = planned.path("results");
        for format in ["text", "json", "csv", "markdown", "latex", "jsonl"] {
            let merged = planned.sweep("merge", &[&results, "--format", format]);
            let measured = planned.measure(&["--format", format]);
            assert!(merged.stdout == measured.stdout && measured.stdout.len() > 1000, "{format}");
            assert_eq!((merged.status, merged.stderr), (measured.status, measured.stderr));
        }
    }
}

#[test]
fn whatever_is_measured_is_planned_run_and_merged() {
    let planned = Planned { folder: tempfile::tempdir().unwrap(), options: Vec::new() };
    let [net, hp, plan, results] =
        ["net.toml", "hp.toml", "plan.json", "results"].map(|name| planned.path(name));
    fs::write(&net, super::resume::NET).unwrap();
    let text = "optimizer = \"sgd\"\n[lr]\nW_1 = { width = \"-1/999983\", d_in = \"-999979/999961\" }\n";
    fs::write(&hp, text).unwrap();
    let options = [&net, "--hp", &hp, "--scale", "width=n,d_in=n", "--values", "4,8", "--seeds", "2"];
    assert_eq!(fscale(&[["sweep", "plan"].as_slice(), &options, &["--out", &plan]].concat()).stderr, "");
    assert!(fs::read_to_string(&plan).unwrap().contains("\"W_1\":\"-999"), "the sum is written");
    planned.run(&["--shard", "0/1"]);
    let measured = fscale(&[["measure"].as_slice(), &options].concat());
    let folder = format!("{}/", planned.folder.path().display());
    assert_eq!(planned.sweep("merge", &[&results]).stdout, measured.stdout.replace(&folder, ""));
}

#[test]
fn the_rules_of_a_folder_are_in_the_plan() {
    let rules = tempfile::tempdir().unwrap();
    let ops = rules.path().join("ops");
    fs::create_dir(&ops).unwrap();
    let relu = format!("{}/rules/ops/relu.toml", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(relu).unwrap();
    let bent = text.replace("function = \"relu\"", "function = \"leaky_relu\"");
    fs::write(ops.join("relu.toml"), &bent).unwrap();
    let folder = rules.path().to_str().unwrap().to_owned();
    let planned = Planned { folder: tempfile::tempdir().unwrap(), options: OPTIONS.to_vec() };
    let plan = planned.path("plan.json");
    let outcome =
        fscale(&[&["sweep", "plan"], OPTIONS.as_slice(), &["--rules", &folder, "--out", &plan]].concat());
    assert_eq!(outcome.stderr, "");
    let measured = planned.measure(&["--rules", &folder]);
    assert_ne!(measured.stdout, planned.measure(&[]).stdout, "the rule matters");
    drop(rules);
    planned.run(&["--shard", "0/1"]);
    assert_eq!(planned.sweep("merge", &[&planned.path("results")]).stdout, measured.stdout);
}

#[test]
fn a_share_that_is_killed_goes_on_where_it_stopped() {
    let planned = Planned::new(&["mlp", "--scale", "width", "--values", "32,64,128", "--seeds", "24"]);
    let results = planned.path("results");
    for wait in [0, 5, 20, 40, 60, 80] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fscale"))
            .args(["sweep", "run", &planned.path("plan.json"), "--shard", "0/2", "--out", &results])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    planned.run(&["--shard", "0/2"]);
    let said = planned.run(&["--shard", "0/2"]);
    assert!(said.contains(" of them before"), "{said}");
    planned.run(&["--shard", "1/2"]);
    assert!(planned.sweep("merge", &[&results]).stdout == planned.measure(&[]).stdout);
    let files = fs::read_dir(&results).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let files: Vec<String> = files.collect();
    let runs: Vec<&str> = files.iter().flat_map(|text| text.lines().skip(1)).collect();
    assert_eq!((runs.len(), runs.iter().collect::<BTreeSet<_>>().len()), (72, 72), "every run once");
}

#[test]
fn the_merged_file_is_one_of_results() {
    let planned = Planned::new(&OPTIONS);
    planned.run(&["--shard", "0/2"]);
    planned.run(&["--shard", "1/2"]);
    let merged = planned.path("merged.jsonl");
    let outcome = planned.sweep("merge", &[&planned.path("results"), "--out", &merged]);
    let written = fs::read(&merged).unwrap();
    assert_eq!(planned.measure(&["--results", &merged]).stdout, outcome.stdout);
    assert!(fs::read(&merged).unwrap() == written, "nothing is run again");
    assert_eq!(planned.sweep("merge", &[&merged, &merged]).stdout, outcome.stdout, "what is twice is once");
}

#[test]
fn the_share_is_that_of_the_scheduler() {
    let planned = Planned::new(&OPTIONS);
    let run = |variables: &[(&str, &str)], more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_fscale"))
            .args(["sweep", "run", "plan.json", "--out", "results"])
            .args(more)
            .current_dir(planned.folder.path())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stderr), text(output.stdout))
    };
    let slurm =
        [("SLURM_ARRAY_TASK_ID", "1"), ("SLURM_ARRAY_TASK_COUNT", "3"), ("SLURM_ARRAY_TASK_MIN", "0")];
    let (status, stderr, stdout) = run(&slurm, &[]);
    assert_eq!((status, stderr.as_str()), (Some(0), "share 1/3 by Slurm\n"));
    assert!(stdout.starts_with("wrote results/share-1-of-3.jsonl: "), "{stdout}");
    let (_, stderr, _) = run(&slurm, &["--shard", "0/3"]);
    assert_eq!(stderr, "", "what is named counts");
    let (_, stderr, _) = run(&[("JOB_COMPLETION_INDEX", "2"), ("FSCALE_SHARES", "3")], &[]);
    assert_eq!(stderr, "share 2/3 by Kubernetes\n");
    assert_eq!(planned.sweep("merge", &[&planned.path("results")]).stdout, planned.measure(&[]).stdout);
    let (status, stderr, _) = run(&[("JOB_COMPLETION_INDEX", "2")], &[]);
    let said = "error[share]: Kubernetes does not say how many shares there are\n  = hint: say how many there are, \
                like `--shares 4`\n";
    assert_eq!((status, stderr.as_str()), (Some(2), said));
    let (status, stderr, _) = run(&[], &[]);
    let said = "error[share]: no share is named, and no scheduler gives one\n  = hint: name one, like `--shard 0/4`; \
                `--shard 0/1` is everything\n";
    assert_eq!((status, stderr.as_str()), (Some(2), said));
}

#[test]
fn missing_tasks_are_named_and_can_be_run_by_name() {
    let planned = Planned::new(&OPTIONS);
    let some = (0..3).flat_map(|seed| [8, 16, 32].map(|size| format!("width-{size}-seed-{seed}")));
    planned.run(&["--task", &some.collect::<Vec<_>>().join(",")]);
    let results = planned.path("results");
    let outcome = planned.sweep("merge", &[&results]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(outcome.stderr, @r"
    error[missing-tasks]: there is no result of `width-8-seed-3`, `width-16-seed-3`, `width-32-seed-3`
      = hint: run the shares again, or `fscale sweep run plan.json --task width-8-seed-3 --out DIR`
    ");
    planned.run(&["--task", "width-8-seed-3,width-16-seed-3,width-16-seed-0"]);
    planned.run(&["--task", "width-32-seed-3"]);
    assert_eq!(planned.sweep("merge", &[&results]).stdout, planned.measure(&[]).stdout);
    let outcome = planned.sweep("run", &["--task", "width-8-seed-7", "--out", &results]);
    assert_eq!(
        (outcome.status, outcome.stderr.as_str()),
        (2, "error[unknown-name]: unknown task `width-8-seed-7`\n  = hint: did you mean `width-8-seed-0`?\n")
    );
}

#[test]
fn results_that_contradict_each_other_or_are_of_another_plan_are_refused() {
    let planned = Planned::new(&OPTIONS);
    planned.run(&["--shard", "0/1"]);
    let whole = planned.path("results/share-0-of-1.jsonl");
    // Runs end in any order.
    let ended = fs::read_to_string(&whole).unwrap();
    let mut lines: Vec<&str> = ended.split_inclusive('\n').collect();
    lines[1..].sort_by_key(|line| {
        let run: serde_json::Value = serde_json::from_str(line).unwrap();
        (run["value"].as_u64(), run["seed"].as_u64())
    });
    let text = lines.concat();
    fs::write(&whole, &text).unwrap();
    let wrong = |name: &str, line: String| {
        let path = planned.path(name);
        fs::write(&path, [lines[0], &line].concat()).unwrap();
        path
    };
    let second: serde_json::Value = serde_json::from_str(lines[2]).unwrap();
    let changed = |key: &str, value: serde_json::Value| {
        let mut line = second.clone();
        line[key] = value;
        format!("{line}\n")
    };
    let mut magnitudes = second["magnitudes"].clone();
    magnitudes[3] = 0.5.into();
    let files = [
        wrong("differs.jsonl", changed("magnitudes", magnitudes)),
        wrong("unplanned.jsonl", changed("seed", 4.into())),
        wrong("short.jsonl", changed("magnitudes", serde_json::json!([1.0]))),
        wrong("another.jsonl", changed("experiment", "x".into())),
        wrong("half.jsonl", changed("value", 8.into()).trim_end().to_owned()),
        planned.path("network.jsonl"),
        planned.path("none.jsonl"),
    ];
    fs::write(&files[5], text.replacen("MLP", "mlp", 1)).unwrap();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let outcome = planned.sweep("merge", &[[whole.as_str()].as_slice(), &files].concat());
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(outcome.stderr, @r"
    error[merge]: line 2 of `differs.jsonl` holds another result of task `width-8-seed-1` than line 3 of `results/share-0-of-1.jsonl`
      = hint: run the task again with `--task width-8-seed-1`, and leave out the file that is wrong

    error[merge]: line 2 of `unplanned.jsonl` holds a result at size 8 with seed 4, which the plan does not have
      = hint: leave `unplanned.jsonl` out

    error[merge]: line 2 of `short.jsonl` does not hold the quantities of the network
      = hint: remove `short.jsonl` and run its tasks again

    error[merge]: line 2 of `another.jsonl` holds a result of another plan
      = hint: leave `another.jsonl` out

    error[results]: `network.jsonl` holds no results of this architecture and version
      = hint: leave it out, or run its tasks again

    error[results]: `none.jsonl` cannot be read: no such file or directory
      = hint: leave it out, or run its tasks again
    ");
}

#[test]
fn a_file_of_another_plan_is_not_written_into() {
    let planned = Planned::new(&OPTIONS);
    planned.run(&["--shard", "0/1"]);
    let file = planned.path("results/share-0-of-1.jsonl");
    let before = fs::read_to_string(&file).unwrap();
    let other = planned.path("plan.json");
    let options = ["mlp", "--scale", "width", "--values", "8,16,64", "--seeds", "4", "--out", &other];
    assert_eq!(fscale(&[["sweep", "plan"].as_slice(), &options].concat()).status, 0);
    let outcome = planned.sweep("run", &["--shard", "0/1", "--out", &planned.path("results")]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
    let place = outcome.stderr.split(" holds").next().unwrap();
    assert!(
        place.starts_with("error[results]: line ") && place.ends_with(" of `results/share-0-of-1.jsonl`")
    );
    let said = " a result at size 32 with seed ";
    assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    assert!(outcome.stderr.ends_with("  = hint: write to another folder, or remove the file\n"));
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
}

#[test]
fn a_plan_is_written_only_for_what_can_be_measured() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.json");
    let planned = |options: &[&str]| {
        let outcome = fscale(&[&["sweep", "plan"], options, &["--out", plan.to_str().unwrap()]].concat());
        assert!(!plan.exists());
        outcome
    };
    let outcome = planned(&["--scale", "d_v"]);
    assert_eq!((outcome.status, outcome.stdout), (1, fscale(&["measure", "--scale", "d_v"]).stdout));
    let outcome = planned(&["--scale", "context", "--values", "64,65536", "--memory", "8GiB"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("more than 8 GiB"), "{}", outcome.stderr);
}

#[test]
fn a_script_that_no_shell_or_scheduler_reads_is_not_written() {
    let planned = Planned::new(&OPTIONS);
    let refused = |more: &[&str], said: &str| {
        let outcome = planned.sweep("slurm", &[&["--shares", "4"], more].concat());
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    };
    refused(&["--time", "soon"], "error[script]: `soon` is no time\n");
    refused(&["--partition", "a b"], "error[script]: `a b` is no partition\n");
    refused(&["--results", "a\nb"], "error[script]: the name `a b` has a control character\n");
    refused(&["--cpus", "0"], "`0` is no value of `--cpus <COUNT>`");
    let outcome =
        planned.sweep("slurm", &["--shares=4", "--cpus=2", "--memory=100", "--results=it's", "--time=2-0"]);
    insta::assert_snapshot!(outcome.stdout, @r#"
    #!/bin/bash
    #SBATCH --job-name=fscale-width
    #SBATCH --array=0-3
    #SBATCH --ntasks=1
    #SBATCH --cpus-per-task=2
    #SBATCH --mem=100M
    #SBATCH --time=2-0

    # Submit this file from the folder in which the plan was written. When every share has ended, merge:
    #
    #   fscale sweep merge plan.json 'it'\''s'
    #
    # A share that was cut off goes on where it stopped when it is submitted again, as in `sbatch --array=3 FILE`.

    set -euo pipefail
    export RAYON_NUM_THREADS="${SLURM_CPUS_PER_TASK:-2}"
    exec fscale sweep run plan.json --shard "$SLURM_ARRAY_TASK_ID/4" --out 'it'\''s'
    "#);
}
