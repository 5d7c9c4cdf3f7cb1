//! Numbered diagnostics: what is wrong with a schema, where, and how to mend it.

use crate::ast::Span;
use serde::Serialize;

/// One finding of the compiler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its number, for example `MG021`; [`crate::explain`] says more about it.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// The place, with a label for it.
    pub span: Span,
    /// What stands under the carets.
    pub label: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without help; the label is the message's short form.
    pub fn new(code: &'static str, span: &Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Diagnostic { code, message: message.into(), span: span.clone(), label: label.into(), help: None }
    }

    /// Adds how to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A source file of a compilation.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// Its name, shown in diagnostics.
    pub name: String,
    /// Its text.
    pub text: String,
}
