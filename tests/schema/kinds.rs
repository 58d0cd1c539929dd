//! The types of all answers, by the names of their schemas.

use std::fmt::Debug;

use fscale::report::json::{
    CertificateAnswer, CheckAnswer, DeriveAnswer, DeriveLaterAnswer, DiagnosticsAnswer, DimsAnswer,
    DimsLaterAnswer, Envelope, EquivAnswer, ExplainAnswer, JudgeAnswer, JudgeLaterAnswer, ListAnswer,
    MeasureAnswer, MeasureLine, PredictAnswer, PredictLaterAnswer, RuleAnswer, StepsAnswer, TrialAnswer,
};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A kind of answer.
pub(crate) struct Kind {
    /// The name of its schema.
    pub(crate) name: &'static str,
    /// What it is of.
    title: &'static str,
    /// Its schema, as it is written.
    pub(crate) schema: fn(&Kind) -> String,
    /// Reads an answer and writes it again; twice it is the same value.
    pub(crate) again: fn(&str) -> serde_json::Result<String>,
}

pub(crate) const KINDS: [Kind; 19] = [
    whole::<CheckAnswer>("check", "the answer of `check` to a file without mistakes"),
    whole::<CertificateAnswer>("check-certificate", "the answer of `check` to a certificate"),
    whole::<DeriveAnswer>(
        "derive",
        "the answer of `derive`, and of `measure` where the scaling is impossible",
    ),
    whole::<DeriveLaterAnswer>("derive-later", "the answer of `derive --at later`"),
    whole::<DiagnosticsAnswer>("diagnostics", "what `--diagnostic-format json` writes on stderr"),
    whole::<DimsAnswer>("dims", "the answer of `dims`"),
    whole::<DimsLaterAnswer>("dims-later", "the answer of `dims --at later`"),
    whole::<EquivAnswer>("equiv", "the answer of `equiv`"),
    whole::<ExplainAnswer>("explain", "the answer of `explain`"),
    whole::<JudgeAnswer>("judge", "the answer of `judge`"),
    whole::<JudgeLaterAnswer>("judge-later", "the answer of `judge --at later`"),
    whole::<ListAnswer>("list", "the answer of `list`"),
    whole::<MeasureAnswer>("measure", "the answer of `measure` and `sweep merge`"),
    Kind {
        name: "measure-lines",
        title: "a line of `measure --format jsonl` and `sweep merge --format jsonl`",
        schema: schema::<MeasureLine>,
        again: |text| twice::<MeasureLine>(text, |line| serde_json::to_string(line).unwrap()),
    },
    whole::<TrialAnswer>("measure-random", "the answer of `measure --random`"),
    whole::<StepsAnswer>("measure-steps", "the answer of `measure --steps`"),
    whole::<PredictAnswer>("predict", "the answer of `predict`"),
    whole::<PredictLaterAnswer>("predict-later", "the answer of `predict --at later` and `predict --steps`"),
    whole::<RuleAnswer>("rule", "the answer of `rule`"),
];

const fn whole<T>(name: &'static str, title: &'static str) -> Kind
where
    T: Debug + DeserializeOwned + JsonSchema + PartialEq + Serialize,
{
    Kind { name, title, schema: schema::<Envelope<T>>, again: |text| twice(text, Envelope::<T>::write) }
}

fn schema<T: JsonSchema>(kind: &Kind) -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".into(), kind.title.into());
    schema.remove("description");
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

fn twice<T>(text: &str, write: impl Fn(&T) -> String) -> serde_json::Result<String>
where
    T: Debug + DeserializeOwned + PartialEq,
{
    let read: T = serde_json::from_str(text)?;
    let written = write(&read);
    assert_eq!(serde_json::from_str::<T>(&written)?, read);
    Ok(written)
}
