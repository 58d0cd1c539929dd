//! Pipes, devices and sockets where a file is asked for: none is waited for.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;

use super::fscale;

/// Whoever waits so long waits for ever.
const FOR_EVER: Duration = Duration::from_secs(60);

fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// The status and what is said, if the program ends.
fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fscale"));
    let output = program.args(arguments).timeout(FOR_EVER).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn what_is_no_regular_file_is_refused_wherever_a_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir_all(path("rules/ops")).unwrap();
    for name in ["p.toml", "p.json", "p.jsonl", "rules/ops/p.toml"] {
        make_pipe(Path::new(&path(name)));
    }
    let _socket = UnixListener::bind(path("socket.toml")).unwrap();
    let plan = ["sweep", "plan", "mlp", "--scale", "width", "--values", "8,16", "--out", &path("plan.json")];
    assert_eq!(fscale(&plan).status, 0);
    let runs = path("p.jsonl");
    let cases: [(&[&str], &str); 17] = [
        (&["check", &path("p.toml")], "p.toml"),
        (&["check", &path("p.json")], "p.json"),
        (&["check", &path("socket.toml")], "socket.toml"),
        (&["check", "/dev/zero"], "/dev/zero"),
        (&["check", "/dev/null"], "/dev/null"),
        (&["dims", &path("p.toml")], "p.toml"),
        (&["predict", "mlp", "--scale=width", "--hp", &path("p.toml")], "p.toml"),
        (&["derive", "mlp", "--scale=width", "--given", &path("p.toml")], "p.toml"),
        (&["derive", "mlp", "--scale=width", "--alignment", &path("p.toml")], "p.toml"),
        (&["explain", "mlp", "--scale=width", "--hp", &path("p.toml")], "p.toml"),
        (&["equiv", "mup", &path("p.toml"), "--arch=mlp"], "p.toml"),
        (&["list", "--rules", &path("rules")], "ops/p.toml"),
        (&["measure", "mlp", "--scale=width", "--values=8,16", "--results", &runs], "p.jsonl"),
        (&["measure", "mlp", "--scale=width", "--values=8,16", "--results=/dev/full"], "/dev/full"),
        (&["sweep", "run", &path("p.json"), "--shard=0/1", "--out", &path("results")], "p.json"),
        (&["sweep", "run", &path("plan.json"), "--shard=0/1", "--out", &runs], "p.jsonl"),
        (&["sweep", "merge", &path("plan.json"), &runs], "p.jsonl"),
    ];
    for (arguments, named) in cases {
        let (status, said) = ended(arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {said}");
        assert!(said.contains(&format!("{named}` is no regular file\n  = hint: ")), "{said}");
    }
}

/// What a shell hands over is read, once: nobody can read it again.
#[test]
fn a_pipe_that_was_handed_over_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let hp = "optimizer = \"sgd\"\n[init]\nW_2 = { width = \"-1/2\" }\n";
    let file = folder.path().join("hp.toml");
    fs::write(&file, hp).unwrap();
    let predict = ["predict", "mlp", "--scale=width", "--hp"];
    let by_file = fscale(&[predict.as_slice(), &[file.to_str().unwrap()]].concat());
    assert_eq!(by_file.stderr, "");
    let told = |output: std::process::Output| {
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(by_file.status), [].as_slice()));
        String::from_utf8(output.stdout).unwrap()
    };
    let by_file = |name: &str| by_file.stdout.replace(file.to_str().unwrap(), name);

    let mut program = Command::new(env!("CARGO_BIN_EXE_fscale"));
    let piped = program.args(predict).arg("/dev/stdin").write_stdin(hp).timeout(FOR_EVER).output();
    assert_eq!(told(piped.unwrap()), by_file("/dev/stdin"));

    let substituted = "exec \"$0\" predict mlp --scale width --hp <(cat hp.toml) --format json";
    let named = "(cat hp.toml > named &) ; { sleep 0.2; exec \"$0\" check /dev/stdin --arch mlp; } < named";
    make_pipe(&folder.path().join("named"));
    for (script, said) in [(substituted, "\"schema\""), (named, "well formed")] {
        let mut shell = Command::new("bash");
        shell.args(["-c", script, env!("CARGO_BIN_EXE_fscale")]).current_dir(folder.path());
        let output = shell.timeout(FOR_EVER).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.contains(said), "{stdout}{}", String::from_utf8(output.stderr).unwrap());
    }
}
