//! What the validator says: one finding, and all of them.

use super::rule::{Rule, Severity};
use mpegg_runtime::{Error, ErrorKind};
use serde::Serialize;
use std::fmt;

/// A place where an input breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The ID of the rule.
    pub rule: &'static str,
    /// The clause of the standard.
    pub clause: String,
    /// The absolute position in the input, in bits from 0: of the field that is wrong, else of the box.
    pub bit: Option<u64>,
    /// The field, as `mpegg dump` names it.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.severity, self.rule)?;
        if let Some(bit) = self.bit {
            write!(f, " at bit {bit} (byte {})", bit / 8)?;
        }
        if !self.path.is_empty() {
            write!(f, ", {}", self.path)?;
        }
        write!(f, ": {} ({})", self.message, self.clause)
    }
}

/// Everything that was found in an input.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The findings, in the order of their positions.
    pub findings: Vec<Finding>,
    /// Rules that are broken more often than is told, and how many findings were left out.
    pub more: Vec<(&'static Rule, u64)>,
    /// Whether an error ended the reading of the input or of a part of it; the kind of the first.
    pub unreadable: Option<ErrorKind>,
}

impl Report {
    /// How many findings of a severity there are, with those that were left out.
    pub fn count(&self, severity: Severity) -> u64 {
        let told = self.findings.iter().filter(|finding| finding.severity == severity).count() as u64;
        let more = self.more.iter().filter(|(rule, _)| rule.severity == severity).map(|(_, many)| *many);
        more.fold(told, u64::saturating_add)
    }

    /// Whether nothing worse than notes was found.
    pub fn conforms(&self) -> bool {
        self.count(Severity::Error) == 0 && self.count(Severity::Warning) == 0
    }
}

/// Where a finding belongs, as long as it is not known better.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A bit of the input and the path of what stands there.
    Known { bit: Option<u64>, path: String },
    /// A field (path below the box, empty: the box itself) of the box whose Key stands at this byte of the input.
    InBox { at: u64, below: String },
}

/// A finding before its place is known.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub rule: &'static Rule,
    /// Where it is not that of the rule.
    pub clause: Option<&'static str>,
    pub place: Place,
    pub message: String,
}

/// A path below a box: the name of a field and its subscripts.
pub(super) fn field(name: &str, index: &[u64]) -> String {
    index.iter().fold(name.to_owned(), |path, number| format!("{path}[{number}]"))
}

/// So many findings of a rule are told; the rest is counted.
const TOLD: usize = 100;

/// Gathers findings.
#[derive(Default)]
pub(super) struct Findings {
    drafts: Vec<Draft>,
    /// By rule (its address): how many.
    counts: std::collections::HashMap<usize, u64>,
    more: Vec<(&'static Rule, u64)>,
    unreadable: Option<ErrorKind>,
    hidden: bool,
}

impl Findings {
    /// A field of the box at this byte.
    pub fn field(&mut self, rule: &'static Rule, at: u64, name: &str, index: &[u64], message: impl Into<String>) {
        self.add(Draft { rule, clause: None, place: Place::InBox { at, below: field(name, index) }, message: message.into() });
    }

    /// A field further inside the box at this byte: `adts[1].n_tiles`.
    pub fn below(&mut self, rule: &'static Rule, at: u64, below: impl Into<String>, message: impl Into<String>) {
        self.add(Draft { rule, clause: None, place: Place::InBox { at, below: below.into() }, message: message.into() });
    }

    /// A box as a whole.
    pub fn of_box(&mut self, rule: &'static Rule, at: u64, message: impl Into<String>) {
        self.below(rule, at, "", message);
    }

    /// An error that ended reading.
    pub fn error(&mut self, error: &Error) {
        let rule = super::walked::of_error(error.kind());
        self.unreadable.get_or_insert(error.kind());
        // What lacks only what it refers to hides nothing.
        self.hidden |= error.kind() != ErrorKind::CrossReference;
        let place = Place::Known { bit: error.position(), path: error.path() };
        self.add(Draft { rule, clause: error.clause(), place, message: error.message() });
    }

    /// Whether an error has ended the reading of a part of the input, in which there may be anything.
    pub fn is_unreadable(&self) -> bool {
        self.hidden
    }

    /// Any finding.
    pub fn add(&mut self, draft: Draft) {
        let count = self.counts.entry(std::ptr::from_ref(draft.rule).addr()).or_default();
        *count = count.saturating_add(1);
        if *count <= TOLD as u64 {
            self.drafts.push(draft);
            return;
        }
        match self.more.iter_mut().find(|(rule, _)| std::ptr::eq(*rule, draft.rule)) {
            Some((_, more)) => *more = more.saturating_add(1),
            None => self.more.push((draft.rule, 1)),
        }
    }

    /// What has been gathered, to find out where it stands.
    pub fn drafts(&mut self) -> &mut Vec<Draft> {
        &mut self.drafts
    }

    /// The report, in the order of positions.
    pub fn finish(self) -> Report {
        let mut findings: Vec<Finding> = self.drafts.into_iter().map(finding).collect();
        findings.sort_by(|a, b| a.bit.cmp(&b.bit).then_with(|| a.path.cmp(&b.path)).then_with(|| a.rule.cmp(b.rule)));
        findings.dedup();
        Report { findings, more: self.more, unreadable: self.unreadable }
    }
}

fn finding(draft: Draft) -> Finding {
    let (bit, path) = match draft.place {
        Place::Known { bit, path } => (bit, path),
        // The box was not met again: it is at least known where it stands.
        Place::InBox { at, below } => (Some(at.saturating_mul(8)), below),
    };
    let Rule { severity, id, clause, .. } = draft.rule;
    Finding { severity: *severity, rule: id.as_ref(), clause: draft.clause.unwrap_or(clause).to_owned(), bit, path, message: draft.message }
}
