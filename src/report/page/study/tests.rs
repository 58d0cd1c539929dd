//! What a study finds out, at sizes too small to be of use.

use super::*;
use crate::simulate::Runs;
use std::sync::Arc;
use std::sync::Mutex;

struct Setting {
    book: Arc<RuleBook>,
    architecture: Architecture,
}

impl Setting {
    fn transformer() -> Self {
        let book = Arc::new(RuleBook::embedded().unwrap());
        let text = &book.architecture("transformer").unwrap().text;
        let architecture = Architecture::parse(text, &book.activations()).unwrap();
        Self { book, architecture }
    }

    fn study(&self, ladder: Ladder) -> Study<'_> {
        Study {
            architecture: &self.architecture,
            book: &self.book,
            optimizers: vec![self.book.optimizer("sgd").unwrap(), self.book.optimizer("adam").unwrap()],
            desiderata: self.book.desiderata("fsc").unwrap(),
            standard: self.book.parameterization("standard").unwrap(),
            ladder,
            runs: Runs::default().seeds(1),
        }
    }
}

const SMALL: Ladder =
    Ladder { feature: 4, sample: 2, depth: 2, doublings_alone: 1, doublings_tied: 1, doublings_depth: 1 };

#[test]
fn every_possible_scaling_is_measured_and_progress_ends_at_all() {
    let setting = Setting::transformer();
    let seen = Mutex::new(Vec::new());
    let findings = setting
        .study(SMALL)
        .run(&Finished::none(), &|progress| seen.lock().unwrap().push((progress.done, progress.all)))
        .unwrap();
    let measured = findings.measured.iter();
    let measured: Vec<String> = measured
        .map(|held| format!("{} {}", held.entry.name, held.entry.question.optimizer.about.name))
        .collect();
    let names = ["batch", "context", "d_in", "heads", "d_k", "d_ff", "d_model=n,heads=n,d_ff=n"];
    let expected: Vec<String> = names
        .iter()
        .flat_map(|name| ["sgd", "adam"].map(|optimizer| format!("{name} {optimizer}")))
        .collect();
    assert_eq!(measured, expected);
    let standard: Vec<bool> = findings.measured.iter().map(|held| held.is_standard).collect();
    assert_eq!(standard.iter().position(|same| !same), Some(4), "batch and context need no rule");
    let mut seen = seen.into_inner().unwrap();
    seen.sort_unstable();
    let all = 4 * 2 + 10 * 4;
    assert_eq!(seen, (1..=all).map(|done| (done, all)).collect::<Vec<_>>());
}

/// For studies that fail: they do so before the first simulation.
fn nothing(progress: Progress<'_>) {
    panic!("{} is simulated", progress.what);
}

#[test]
fn what_cannot_be_simulated_is_named_before_anything_is() {
    let setting = Setting::transformer();
    let none = Finished::none();
    let error = setting.study(Ladder { doublings_alone: 0, ..SMALL }).run(&none, &nothing).unwrap_err();
    assert_eq!(error.to_string(), "batch with sgd: a slope needs at least two sizes, found 1");
    assert_eq!(error.why.hint(), "name increasing sizes, like `--values 64,128,256`");
    let error = setting.study(Ladder { doublings_tied: 0, ..SMALL }).run(&none, &nothing).unwrap_err();
    assert_eq!(
        error.to_string(),
        "d_model=n,heads=n,d_ff=n with sgd: a slope needs at least two sizes, found 1"
    );
}

#[test]
fn a_study_goes_on_from_what_was_simulated_before() {
    let setting = Setting::transformer();
    let study = setting.study(SMALL);
    let kept = Mutex::new(Finished::none());
    let whole = study
        .run(&Finished::none(), &|progress| {
            if progress.done % 3 == 0 {
                kept.lock().unwrap().add(progress.ended);
            }
        })
        .unwrap();
    let seen = Mutex::new(Vec::new());
    let resumed =
        study.run(&kept.into_inner().unwrap(), &|progress| seen.lock().unwrap().push(progress.done)).unwrap();
    let all = 4 * 2 + 10 * 4;
    let mut seen = seen.into_inner().unwrap();
    seen.sort_unstable();
    assert_eq!(seen, (all / 3 + 1..=all).collect::<Vec<_>>());
    for (whole, resumed) in whole.measured.iter().zip(&resumed.measured) {
        // What has no slope is NaN, which is not equal to itself.
        assert_eq!(format!("{:?}", whole.derived), format!("{:?}", resumed.derived));
        assert_eq!(format!("{:?}", whole.standard), format!("{:?}", resumed.standard));
    }
}

#[test]
fn the_page_on_a_study_draws_what_can_grow_and_explains_what_cannot() {
    let setting = Setting::transformer();
    let study = setting.study(SMALL);
    let page = || study.run(&Finished::none(), &|_| {}).unwrap().page(&study, "fscale report");
    let written = super::super::write(&page());
    assert_eq!(written, super::super::write(&page()), "the same study gives the same bytes");
    let drawings = written.beside.iter().filter(|file| file.name.ends_with(".svg")).count();
    let data = written.beside.iter().filter(|file| file.name.ends_with(".csv")).count();
    assert_eq!((drawings, data), (14, 4 + 2 * 10));
    for told in [
        "| `d_k` | scalable | unique | multiplier attention \\~ n^-1; lr W\\_Q, W\\_K \\~ n |",
        "note: `d_out` is a size of the output: ",
        "### width by heads with adam",
        "(width-by-heads-with-adam.svg)",
        "### d\\_out, with sgd",
        "- C on `W_U` requires `contribution(W_U) = 0`: contribution(W\\_U) = lr(W\\_U) + 2 backward(out) + |d\\_out|",
        "1 seed, derived from 0; arrays in f32",
    ] {
        assert!(written.markdown.contains(told), "`{told}` is not told");
    }
}
