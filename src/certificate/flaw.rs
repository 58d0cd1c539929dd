//! [`Flaw`]: what is wrong with a certificate, and where.

/// What is wrong with a certificate, and where in the document: a JSON pointer (RFC 6901).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

impl Flaw {
    pub(super) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }

    /// The same, where the document is a part of another.
    pub(super) fn below(self, place: &str) -> Self {
        Self { pointer: format!("{place}{}", self.pointer), message: self.message }
    }
}
