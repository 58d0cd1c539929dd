//! Mistakes of usage: what the parser of arguments refuses, told like every other mistake.

use std::error::Error as _;
use std::ffi::OsString;
use std::process;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error};

use crate::cli::{Arguments, DiagnosticFormat};
use crate::document::Diagnostic;

/// Shows what was asked for instead of an answer (help, the version) or what is wrong, and ends the process.
pub(crate) fn end(error: &Error, arguments: &[OsString]) -> ! {
    let format = format(arguments);
    match (error.kind(), format) {
        (ErrorKind::DisplayHelp | ErrorKind::DisplayVersion, _)
        | (ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, DiagnosticFormat::Text) => error.exit(),
        _ => format.show(&diagnostic(error, arguments).into()),
    }
    process::exit(error.exit_code())
}

/// What `--diagnostic-format` says, read without understanding the rest.
fn format(arguments: &[OsString]) -> DiagnosticFormat {
    let options = arguments.split(|argument| argument == "--").next().unwrap_or_default();
    let joined = options.iter().any(|argument| argument == "--diagnostic-format=json");
    let apart = options.windows(2).any(|pair| pair[0] == "--diagnostic-format" && pair[1] == "json");
    if joined || apart { DiagnosticFormat::Json } else { DiagnosticFormat::Text }
}

fn diagnostic(error: &Error, arguments: &[OsString]) -> Diagnostic {
    let mut diagnostic = Diagnostic::new("usage", message(error));
    if let Some(known) = told(error, ContextKind::ValidValue) {
        diagnostic = diagnostic.note(format!("the values are {known}"));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let words: Vec<&str> = usage.split_whitespace().skip_while(|word| *word == "Usage:").collect();
        diagnostic = diagnostic.note(format!("usage: {}", words.join(" ")));
    }
    let is_file = told(error, ContextKind::InvalidValue).is_some_and(|value| value == "`toml`");
    if is_file && told(error, ContextKind::InvalidArg).is_some_and(|option| option.contains("--format")) {
        return diagnostic.hint("a hyperparameter file is what `fscale derive --format toml` writes");
    }
    let suggestions =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    match suggestions.into_iter().find_map(|kind| nearest(error, kind)) {
        Some(near) => diagnostic.hint(format!("did you mean {near}?")),
        None => diagnostic.hint(format!("see `{} --help`", command(arguments))),
    }
}

fn message(error: &Error) -> String {
    let context = |kind| told(error, kind).unwrap_or_default();
    let argument = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => format!("unknown argument {argument}"),
        ErrorKind::InvalidSubcommand => {
            format!("unknown command {}", context(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("missing {argument}"),
        ErrorKind::InvalidValue if value == "``" => format!("{argument} has no value"),
        ErrorKind::InvalidValue => format!("{value} is no value of {argument}"),
        ErrorKind::ValueValidation => match error.source() {
            Some(why) => format!("{value} is no value of {argument}: {why}"),
            None => format!("{value} is no value of {argument}"),
        },
        ErrorKind::ArgumentConflict => match context(ContextKind::PriorArg) {
            prior if prior == argument => format!("{argument} is given twice"),
            prior => format!("{argument} cannot be used with {prior}"),
        },
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "no command is named".into()
        }
        ErrorKind::NoEquals
        | ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::InvalidUtf8
        | ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::Io
        | ErrorKind::Format
        | _ => in_its_words(error),
    }
}

/// What the parser itself says, in the first line.
fn in_its_words(error: &Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).replace('\'', "`")
}

/// What a context holds, between backticks; nothing if it holds nothing.
fn told(error: &Error, kind: ContextKind) -> Option<String> {
    let quoted = |text: &String| format!("`{text}`");
    let held = error.get(kind)?;
    if let ContextValue::String(text) = held {
        return Some(quoted(text));
    }
    let ContextValue::Strings(texts) = held else { return None };
    let texts: Vec<String> = texts.iter().map(quoted).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The nearest of the suggestions, which come by rising likeness.
fn nearest(error: &Error, kind: ContextKind) -> Option<String> {
    if let Some(ContextValue::Strings(texts)) = error.get(kind) {
        return texts.last().map(|text| format!("`{text}`"));
    }
    told(error, kind)
}

/// The command that was meant, as it is called: `fscale sweep run`.
fn command(arguments: &[OsString]) -> String {
    let program = Arguments::command();
    let (mut command, mut called) = (&program, String::from("fscale"));
    for argument in arguments.iter().skip(1) {
        if let Some(named) = command.find_subcommand(argument) {
            called = format!("{called} {}", named.get_name());
            command = named;
        }
    }
    called
}
