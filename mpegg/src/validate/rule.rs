//! The rules: what the validator can find, each with an ID that stays.
//!
//! Rules about one table are in the schema, as `where` rows; their ID is the key of the box (or the name of the structure) and the name
//! of the row; for tables of Part 2 with `coding.` in front. The others stand beside the code that evaluates them.

use crate::tables::{coding, descriptions};
use mpegg_runtime::table::{Row, Table};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; the standard does not forbid it.
    Note,
    /// Not as the standard wants it, but readers can pass over it.
    Warning,
    /// Against the standard.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// A rule of the standard.
#[derive(Debug)]
pub struct Rule {
    /// Its ID.
    pub id: Cow<'static, str>,
    /// The clause, or the reading (`R5`) that this project follows.
    pub clause: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What it says, in a sentence or two.
    pub text: &'static str,
    /// Its condition, where it stands in the schema.
    pub condition: Option<&'static str>,
}

/// Rules beside the code that evaluates them: documentation, name, severity, ID, clause.
macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident: $severity:ident $id:literal $clause:literal)+) => {
        $(
            $(#[doc = $doc])+
            static $name: $crate::validate::rule::Rule = $crate::validate::rule::Rule {
                id: std::borrow::Cow::Borrowed($id),
                clause: $clause,
                severity: $crate::validate::rule::Severity::$severity,
                text: concat!($($doc),+),
                condition: None,
            };
        )+
        /// The rules of this subject.
        pub(in $crate::validate) static RULES: &[&$crate::validate::rule::Rule] = &[$(&$name),+];
    };
}
pub(super) use rules;

static OF_SCHEMA: LazyLock<Vec<(&'static mpegg_runtime::table::Rule, Rule)>> = LazyLock::new(|| {
    let mut found = vec![];
    let owner = |table: &Table| table.key.map_or_else(|| table.name.to_owned(), |key| key.escape_ascii().to_string());
    for table in descriptions::ALL {
        collect(&owner(table), table.rows, &mut found);
    }
    // Parts have tables of the same name.
    for table in coding::descriptions::ALL {
        collect(&format!("coding.{}", owner(table)), table.rows, &mut found);
    }
    found
});

fn collect(owner: &str, rows: &'static [Row], found: &mut Vec<(&'static mpegg_runtime::table::Rule, Rule)>) {
    for row in rows {
        match row {
            Row::Where(rule) => {
                let id = Cow::Owned(format!("{owner}.{}", rule.name));
                let severity = if rule.warning { Severity::Warning } else { Severity::Error };
                found.push((rule, Rule { id, clause: rule.clause, severity, text: rule.doc, condition: Some(rule.text) }));
            }
            Row::If { then, otherwise, .. } => {
                collect(owner, then, found);
                collect(owner, otherwise, found);
            }
            Row::For { body, .. } => collect(owner, body, found),
            Row::Form { row, .. } => collect(owner, std::slice::from_ref(*row), found),
            _ => {}
        }
    }
}

/// A rule of the schema.
pub(super) fn of_row(row: &'static mpegg_runtime::table::Rule) -> Option<&'static Rule> {
    OF_SCHEMA.iter().find(|(rule, _)| std::ptr::eq(*rule, row)).map(|(_, rule)| rule)
}

static ALL: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let by_hand = super::SUBJECTS.iter().flat_map(|rules| rules.iter().copied());
    let mut all: Vec<&'static Rule> = OF_SCHEMA.iter().map(|(_, rule)| rule).chain(by_hand).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
});

/// All rules, by ID.
pub fn all() -> &'static [&'static Rule] {
    &ALL
}

/// The rule of an ID.
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}
