//! A sweep under the schedulers it is meant for: a real Slurm, brought up for the test on this machine, and GNU parallel.
//! Where they are not installed, the tests say so on stderr and do nothing.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_fscale");
const OPTIONS: [&str; 7] = ["mlp", "--scale", "width", "--values", "8,16,32", "--seeds", "3"];

/// Where a program is, if it is installed; also where only administrators look.
fn installed(program: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&folders).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Whether all programs are there; says which one is not.
fn all_installed(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| installed(program).is_none());
    if let Some(missing) = missing {
        eprintln!("skipped: `{missing}` is not installed");
    }
    missing.is_none()
}

/// Runs a command in a folder, with this program first on the path and no scheduler around it.
fn run(folder: &Path, command: &mut Command) -> Output {
    let mut path = vec![Path::new(PROGRAM).parent().unwrap().to_owned()];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    command.current_dir(folder).env("PATH", env::join_paths(path).unwrap());
    for variable in ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "PARALLEL_SEQ", "FSCALE_SHARES"] {
        command.env_remove(variable);
    }
    command.output().unwrap()
}

/// What the program prints.
fn fscale(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, Command::new(PROGRAM).args(arguments));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A folder with a plan in it. Its name has what a script must quote.
fn planned() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("a sweep's ").tempdir().unwrap();
    fscale(folder.path(), &[&["sweep", "plan"], OPTIONS.as_slice(), &["--out", "plan.json"]].concat());
    folder
}

/// What is merged is what one machine measures.
fn assert_merged(folder: &Path, results: &str) {
    for format in ["text", "json"] {
        let merged = fscale(folder, &["sweep", "merge", "plan.json", results, "--format", format]);
        let measured = fscale(folder, &[&["measure"], OPTIONS.as_slice(), &["--format", format]].concat());
        assert_eq!(merged, measured);
    }
}

#[test]
fn a_job_array_of_slurm_measures_what_one_machine_does() {
    if !all_installed(&["bash", "munged", "slurmctld", "slurmd", "sbatch", "sinfo"]) {
        return;
    }
    let folder = planned();
    let (folder, cluster) = (folder.path(), tempfile::tempdir().unwrap());
    let plan = folder.join("plan.json");
    let slurm =
        ["sweep", "slurm", plan.to_str().unwrap(), "--shares", "3", "--time", "5", "--partition", "all"];
    let wanted = ["--results", "the results", "--out", "job.sbatch"];
    fscale(folder, &[slurm.as_slice(), &wanted].concat());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/cluster.sh");
    let submit = ["sbatch", "--wait", "job.sbatch"];
    let output = run(folder, Command::new("bash").arg(script).arg(cluster.path()).args(submit));
    let said = String::from_utf8_lossy(&output.stderr);
    let logs = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let logs = logs.filter(|path| path.extension().is_some_and(|ending| ending == "out"));
    let logs: Vec<String> = logs.map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(output.status.success(), "{said}\n{}", logs.join("\n"));
    assert_eq!(fs::read_dir(folder.join("the results")).unwrap().count(), 3, "{}", logs.join("\n"));
    assert_merged(folder, "the results");
}

#[test]
fn gnu_parallel_gives_each_process_its_share() {
    let named = installed("parallel").map(|path| run(&env::temp_dir(), Command::new(path).arg("--version")));
    if !named.is_some_and(|output| String::from_utf8_lossy(&output.stdout).contains("GNU parallel")) {
        eprintln!("skipped: GNU parallel is not installed");
        return;
    }
    let folder = planned();
    let parallel = |option: &str, out: &str, share: [&str; 2], arguments: &[&str]| {
        let run_share = [option, "fscale", "sweep", "run", "plan.json", "--out", out];
        let mut command = Command::new("parallel");
        let output = run(folder.path(), command.args(run_share).args(share).arg(":::").args(arguments));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(fs::read_dir(folder.path().join(out)).unwrap().count(), arguments.len());
        assert_merged(folder.path(), out);
        String::from_utf8(output.stderr).unwrap()
    };
    parallel("--will-cite", "named", ["--shard", "{}/3"], &["0", "1", "2"]);
    // Without arguments of their own, the processes differ only in what is set for them.
    let said = parallel("-n0", "given", ["--shares", "4"], &["a", "b", "c", "d"]);
    assert!(said.contains("share 3/4 by GNU parallel"), "{said}");
}
