//! Answers as people and programs read them. One file or folder for each form.

pub mod figure;
