//! Why an experiment cannot be run.

use thiserror::Error;

/// What is wrong with an experiment. Each has a hint that can be typed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SimulateError {
    /// The scaling has several independent scale variables: sizes would not form one sequence.
    #[error("sizes cannot follow several scale variables at once: `{}`", .0.join("`, `"))]
    SeveralVariables(Vec<String>),
    /// The scaled dimension counts layers, and there is only one: it has none before it.
    #[error("a stack of one layer of `{0}` has no layers to add up")]
    OneLayer(String),
    /// Fewer than two sizes: no slope.
    #[error("a slope needs at least two sizes, found {0}")]
    TooFewValues(usize),
    /// A size is not above the one before it (or above zero).
    #[error("size `{0}` is not above the one before it")]
    NotIncreasing(usize),
    /// A tied dimension would not have a whole size at a value.
    #[error("dimension `{dimension}`, {base} at the first value, has no whole size at `{value}`")]
    NotWhole {
        /// The dimension.
        dimension: String,
        /// Its size at the first value.
        base: usize,
        /// The value at which it has none.
        value: usize,
        /// Values at which every dimension has a whole size; may be empty.
        working: Vec<usize>,
    },
    /// A size is above 2^32.
    #[error("dimension `{dimension}` is too large at `{value}`")]
    TooLarge {
        /// The dimension.
        dimension: String,
        /// The value at which it is so large.
        value: usize,
    },
    /// The arrays of one run would not fit.
    #[error("a run at `{value}` needs {}, more than {}", bytes(*needed), bytes((*allowed).into()))]
    Memory {
        /// The value at which they do not fit.
        value: usize,
        /// Bytes needed.
        needed: u128,
        /// Bytes allowed.
        allowed: u64,
    },
    /// No seed was asked for.
    #[error("a measurement needs at least one seed")]
    NoSeeds,
    /// More runs than anyone could wait for.
    #[error("{0} seeds at every size are too many")]
    TooManySeeds(u64),
    /// An activation without a function.
    #[error("activation `{0}` has no function to compute")]
    UnknownFunction(String),
    /// The base of a multiplier or parameter is not a finite number.
    #[error("the base of `{name}` is not a number: `{base}`")]
    Base {
        /// The multiplier or parameter.
        name: String,
        /// Its base as written.
        base: String,
    },
    /// An exponent that would be written with too many digits.
    #[error("an exponent of `{name}` has more than {most} characters")]
    LongExponent {
        /// The multiplier or parameter.
        name: String,
        /// The most characters.
        most: usize,
    },
    /// A list with an entry for each parameter or multiplier has another number of entries.
    #[error("the graph asks for {expected} {what}, found {found}")]
    Count {
        /// What is listed.
        what: &'static str,
        /// How many entries the graph asks for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
}

impl SimulateError {
    /// What kind of mistake it is, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "simulate"
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::SeveralVariables(_) => "measure one scale variable at a time".into(),
            Self::OneLayer(_) => "start from two layers, like `--values 2,4,8,16,32`".into(),
            Self::TooFewValues(_) => "name increasing sizes, like `--values 64,128,256`".into(),
            Self::NotIncreasing(_) => "name sizes from small to large, each once, from 1 on".into(),
            Self::NotWhole { working, .. } if working.is_empty() => {
                "use powers with small denominators, or other sizes in the architecture file".into()
            }
            Self::NotWhole { working, .. } => {
                let values: Vec<String> = working.iter().map(ToString::to_string).collect();
                format!("these work: `--values {}`", values.join(","))
            }
            Self::TooLarge { .. } => "leave out the largest values".into(),
            Self::Memory { .. } => "leave out the largest values, or allow more with `--memory`".into(),
            Self::NoSeeds => "ask for some, like `--seeds 8`".into(),
            Self::TooManySeeds(_) => "ask for fewer, like `--seeds 8`".into(),
            Self::UnknownFunction(name) => format!("give the rule of `{name}` a `function`"),
            Self::Base { .. } => "write a number like `0.125`, or `1/sqrt(dimension)`".into(),
            Self::LongExponent { .. } => "use exponents with smaller denominators".into(),
            Self::Count { .. } => "make the list from the same graph".into(),
        }
    }
}

/// A number of bytes in words, rounded up.
pub(crate) fn bytes(count: u128) -> String {
    const UNITS: [(&str, u32); 4] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    for (unit, shift) in UNITS {
        if count >> shift > 0 {
            return format!("{} {unit}", count.div_ceil(1 << shift));
        }
    }
    format!("{count} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_much_memory_is_told_in_round_numbers() {
        let error = SimulateError::Memory { value: 4096, needed: 9 << 30, allowed: 8 << 30 };
        assert_eq!(error.to_string(), "a run at `4096` needs 9 GiB, more than 8 GiB");
        assert_eq!(bytes(1 << 10), "1 KiB");
        assert_eq!(bytes(1000), "1000 bytes");
    }
}
