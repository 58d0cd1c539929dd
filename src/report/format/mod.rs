//! How answers look: text, Markdown, LaTeX, CSV, JSON.

pub mod csv;
pub mod document;
pub mod latex;
pub mod markdown;
pub mod text;
