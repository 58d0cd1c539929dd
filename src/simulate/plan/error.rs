//! Why an experiment cannot be run.

use std::fmt;

/// What is wrong with an experiment. Each has a hint that can be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimulateError {
    /// The scaling has several independent scale variables: sizes would not form one sequence.
    SeveralVariables(Vec<String>),
    /// The scaled dimension counts layers, and there is only one: it has none before it.
    OneLayer(String),
    /// Fewer than two sizes: no slope.
    TooFewValues(usize),
    /// A size is not above the one before it (or above zero).
    NotIncreasing(usize),
    /// A tied dimension would not have a whole size at a value.
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
    TooLarge {
        /// The dimension.
        dimension: String,
        /// The value at which it is so large.
        value: usize,
    },
    /// The arrays of one run would not fit.
    Memory {
        /// The value at which they do not fit.
        value: usize,
        /// Bytes needed.
        needed: u128,
        /// Bytes allowed.
        allowed: u64,
    },
    /// No seed was asked for.
    NoSeeds,
    /// More runs than anyone could wait for.
    TooManySeeds(u64),
    /// An activation without a function.
    UnknownFunction(String),
    /// The base of a multiplier or parameter is not a finite number.
    Base {
        /// The multiplier or parameter.
        name: String,
        /// Its base as written.
        base: String,
    },
    /// An exponent that would be written with too many digits.
    LongExponent {
        /// The multiplier or parameter.
        name: String,
        /// The most characters.
        most: usize,
    },
    /// A list with an entry for each parameter or multiplier has another number of entries.
    Count {
        /// What is listed.
        what: &'static str,
        /// How many entries the graph asks for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
}

impl fmt::Display for SimulateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SeveralVariables(names) => {
                write!(f, "sizes cannot follow several scale variables at once: `{}`", names.join("`, `"))
            }
            Self::OneLayer(name) => write!(f, "a stack of one layer of `{name}` has no layers to add up"),
            Self::TooFewValues(found) => write!(f, "a slope needs at least two sizes, found {found}"),
            Self::NotIncreasing(value) => write!(f, "size `{value}` is not above the one before it"),
            Self::NotWhole { dimension, base, value, .. } => {
                write!(
                    f,
                    "dimension `{dimension}`, {base} at the first value, has no whole size at `{value}`"
                )
            }
            Self::TooLarge { dimension, value } => {
                write!(f, "dimension `{dimension}` is too large at `{value}`")
            }
            Self::Memory { value, needed, allowed } => {
                write!(
                    f,
                    "a run at `{value}` needs {}, more than {}",
                    bytes(*needed),
                    bytes((*allowed).into())
                )
            }
            Self::NoSeeds => write!(f, "a measurement needs at least one seed"),
            Self::TooManySeeds(seeds) => write!(f, "{seeds} seeds at every size are too many"),
            Self::UnknownFunction(name) => write!(f, "activation `{name}` has no function to compute"),
            Self::Base { name, base } => {
                write!(f, "the base of `{name}` is not a number: `{base}`")
            }
            Self::LongExponent { name, most } => {
                write!(f, "an exponent of `{name}` has more than {most} characters")
            }
            Self::Count { what, expected, found } => {
                write!(f, "the graph asks for {expected} {what}, found {found}")
            }
        }
    }
}

impl std::error::Error for SimulateError {}

impl SimulateError {
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
