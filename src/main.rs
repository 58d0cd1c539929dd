//! The program: parse, run, show the diagnostic, exit.

use std::process::ExitCode;

use fscale::cli::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::read();
    match arguments.run() {
        Ok(answer) => answer.into(),
        Err(diagnostics) => {
            arguments.show(&diagnostics);
            ExitCode::from(2)
        }
    }
}
