//! `fscale predict --at-sizes`: powers as they are over sizes that people use.

use serde_json::json;

use super::{answer, fscale};

const ASKED: [&str; 7] = ["predict", "llama", "--hp", "standard", "--scale", "d_ff", "--optimizer"];

fn asked<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ASKED.iter().chain(&["adamw"]).chain(more).copied().collect()
}

#[test]
fn powers_over_sizes_are_told_beside_exponents() {
    let told = answer(&asked(&["--at-sizes", "d_ff=64..4096", "--seeds", "3"]));
    let at_sizes = &told["at_sizes"];
    let named = ["dimension", "from", "to", "values", "seeds", "seed"].map(|key| at_sizes[key].clone());
    let expected = json!(["d_ff", 64, 4096, [64, 128, 256, 512], 3, 0]);
    assert_eq!(json!(named), expected);
    let powers = at_sizes["powers"].as_array().unwrap();
    let of = |parameter: Option<&str>| {
        let found = powers.iter().find(|power| {
            power["quantity"] == "update" && power["node"] == "z" && power["parameter"] == json!(parameter)
        });
        found.unwrap()
    };
    let (own, whole) = (of(Some("W_2")), of(None));
    assert_eq!((&own["exponent"], &whole["exponent"]), (&json!("1"), &json!("1")));
    assert!((own["power"].as_f64().unwrap() - 1.0).abs() < 0.1, "{own}");
    // Each of ten parameters moves the node; that of `W_2` does not outweigh the others at once.
    assert!((0.4..0.8).contains(&whole["power"].as_f64().unwrap()), "{whole}");
    assert!(whole["ruled_from"].as_f64().unwrap() > 1000.0 && whole["stderr"].as_f64().unwrap() < 0.1);
    let text = fscale(&asked(&["--at-sizes", "d_ff=64..4096", "--seeds", "3"])).stdout;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("From d_ff = 64 to 4096 ") && text.contains("grow with their exponents"), "{text}");
    let csv = fscale(&asked(&["--at-sizes", "d_ff=64..4096", "--seeds", "3", "--format", "csv"])).stdout;
    assert!(csv.starts_with("quantity,node,parameter,exponent,power,power_stderr,ruled_from\r\n"), "{csv}");
    assert!(answer(&asked(&[])).get("at_sizes").is_none());
}

#[test]
fn sizes_that_cannot_be_are_refused_with_what_to_write() {
    let cases: [(&[&str], &str, &str); 7] = [
        (&["--at-sizes", "256..4096"], "is not a range of sizes", "write it like `d_ff=256..4096`"),
        (&["--at-sizes", "d_ff=4096..256"], "from 4096 to 256", "write `d_ff=256..4096`"),
        (
            &["--at-sizes", "d_model=64..256"],
            "is not the first dimension that grows",
            "write sizes of `d_ff`",
        ),
        (&["--at-sizes", "d_ff=64..256", "--seeds", "1"], "two seeds or more", "give more"),
        (&["--at-sizes", "d_ff=64..256", "--values", "64,128"], "three sizes or more", "give more"),
        (
            &["--at-sizes", "d_ff=64..256", "--values", "64,32,128"],
            "is not above the one before it",
            "small to large",
        ),
        (&["--seeds", "4"], "--at-sizes", ""),
    ];
    for (more, wrong, hint) in cases {
        let outcome = fscale(&asked(more));
        assert_eq!(outcome.status, 2, "{more:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(wrong) && outcome.stderr.contains(hint), "{}", outcome.stderr);
    }
    let apart = ["predict", "--hp", "standard", "--scale", "d_ff=n,d_k=m", "--at-sizes", "d_ff=64..256"];
    let outcome = fscale(&apart);
    assert!(outcome.status == 2 && outcome.stderr.contains("tie the dimensions"), "{}", outcome.stderr);
}
