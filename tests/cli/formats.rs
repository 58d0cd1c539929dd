//! The same answer in every format.

use super::fscale;

fn written(format: &str) -> String {
    fscale(&["derive", "--scale", "d_k", "--optimizer", "adamw", "--format", format]).stdout
}

#[test]
fn csv_has_a_row_for_each_hyperparameter() {
    let csv = written("csv");
    assert!(
        csv.starts_with("parameter,kind,init,lr,weight_decay,epsilon,value\r\nW_E,weight,0,0,0,0,\r\n"),
        "{csv}"
    );
    assert!(csv.ends_with("attention,multiplier,,,,,-1\r\n"), "{csv}");
    for record in csv.split_terminator("\r\n") {
        assert_eq!(record.matches(',').count(), 6, "{record}");
    }
}

#[test]
fn csv_quotes_what_holds_a_comma() {
    let csv = fscale(&["derive", "--scale", "d_v", "--format", "csv"]).stdout;
    assert!(csv.contains("U,W_K,\"update(W_K, k) = 0\"\r\n"), "{csv}");
}

#[test]
fn csv_has_a_row_for_each_line_of_a_derivation() {
    let csv = fscale(&["explain", "--scale", "d_k", "--node", "n1", "--format", "csv"]).stdout;
    let begin = "depth,quantity,exponent,rule,says\r\n0,forward(n1),0,layer_norm,0\r\n0,backward(n1),";
    assert!(csv.starts_with(begin), "{csv}");
}

#[test]
fn markdown_raises_exponents() {
    let markdown = written("markdown");
    assert!(
        markdown.contains(
            "| parameter | init | learning rate | weight decay | epsilon |\n|---|---|---|---|---|\n"
        )
    );
    assert!(markdown.contains("| `attention` | n<sup>-1</sup> |\n"), "{markdown}");
}

#[test]
fn latex_escapes_names_and_closes_what_it_opens() {
    for scale in ["d_k", "d_v", "d_model"] {
        for command in ["derive", "explain"] {
            let latex = fscale(&[command, "--scale", scale, "--format", "latex"]).stdout;
            for environment in ["tabular", "itemize", "flushleft"] {
                let count = |mark: &str| latex.matches(&format!("\\{mark}{{{environment}}}")).count();
                assert_eq!(count("begin"), count("end"), "{latex}");
            }
            let mut depth = 0_i32;
            let mut before = ' ';
            for c in latex.chars() {
                match (before, c) {
                    ('\\', _) => {}
                    (_, '{') => depth += 1,
                    (_, '}') => depth -= 1,
                    (_, '_') => panic!("a bare underscore in {latex}"),
                    _ => {}
                }
                before = if (before, c) == ('\\', '\\') { ' ' } else { c };
            }
            assert_eq!(depth, 0, "{latex}");
        }
    }
}

#[test]
fn the_same_question_gives_the_same_bytes() {
    for format in ["text", "markdown", "latex", "csv", "json"] {
        assert_eq!(written(format), written(format), "{format}");
    }
}

#[test]
fn a_table_of_mixed_optimizers_says_whose_each_row_is_and_others_do_not() {
    let written = |optimizer: &str, format: &str| {
        let scale = "d_model=n,heads=n,d_ff=n";
        let asked = ["derive", "--scale", scale, "--optimizer", optimizer, "--format", format];
        fscale(&asked).stdout.replace('\r', "")
    };
    let cases = [
        ("text", "W_2        muon-original  n^-1/2", "W_U        adamw          n^-1 "),
        ("markdown", "| `W_2` | muon-original | n<sup>-1/2</sup> |", "| `W_U` | adamw | n<sup>-1</sup> |"),
        ("latex", "\\texttt{W\\_2} & muon-original & $n^{-1/2}$ &", "\\texttt{W\\_U} & adamw & $n^{-1}$ &"),
        ("csv", "W_2,weight,muon-original,-1/2,", "W_U,weight,adamw,-1,"),
        (
            "json",
            "\"W_2\": {\n      \"optimizer\": \"muon-original\",",
            "\"W_U\": {\n      \"optimizer\": \"adamw\",",
        ),
    ];
    for (format, matrix, readout) in cases {
        let mixed = written("muon-adamw", format);
        assert!(mixed.contains(matrix) && mixed.contains(readout), "{mixed}");
        let alone = written("adamw", format);
        // The answer names its optimizer once.
        assert_eq!(alone.matches("adamw").count(), usize::from(format != "csv"), "{alone}");
    }
    let csv = written("muon-adamw", "csv");
    assert!(csv.starts_with("parameter,kind,optimizer,init,lr,weight_decay,epsilon,value\n"), "{csv}");
    assert!(csv.ends_with("attention,multiplier,,,,,,0\n"), "{csv}");
}
