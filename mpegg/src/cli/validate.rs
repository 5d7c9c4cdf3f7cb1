//! `mpegg validate` and `mpegg quickcheck`.

use super::args::InputKind;
use super::input::source;
use super::output::stdout;
use super::status::{Failure, Status};
use crate::validate::{Report, Rule, Severity, rule, rules};
use crate::walk::Kind;
use clap::{Args as ClapArgs, ValueEnum};
use mpegg_runtime::source::ReadAhead;
use mpegg_runtime::{Error, ErrorKind, Limits, Result as Done};
use serde::Serialize;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// `validate`.
#[derive(ClapArgs, Debug)]
pub struct ValidateArgs {
    /// Files, transport streams or streams of data units; - is stdin
    #[arg(value_name = "FILE", required_unless_present = "explain")]
    pub paths: Vec<PathBuf>,
    /// Take the inputs as this, whatever they look like
    #[arg(long = "as", value_name = "KIND")]
    pub kind: Option<InputKind>,
    /// How to print findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Tell of findings of this severity and worse ones
    #[arg(long, value_enum, default_value_t = Level::Warning)]
    pub level: Level,
    /// What a rule says, by its ID; without an ID, all rules
    #[arg(long, value_name = "ID", num_args = 0..=1, conflicts_with = "paths")]
    pub explain: Option<Option<String>>,
}

/// How to print findings.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line for each finding, and one for each input
    Text,
    /// An object a line for each finding
    Json,
}

/// The least severity that counts.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Everything; notes alone do not fail
    Note,
    /// What is against the standard
    Warning,
    /// Errors only: warnings do not fail either
    Error,
}

/// `quickcheck`.
#[derive(ClapArgs, Debug)]
pub struct QuickcheckArgs {
    /// Files, transport streams or streams of data units; - is stdin
    #[arg(value_name = "FILE", required = true)]
    pub paths: Vec<PathBuf>,
    /// Take the inputs as this, whatever they look like
    #[arg(long = "as", value_name = "KIND")]
    pub kind: Option<InputKind>,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Severity {
        match level {
            Level::Note => Severity::Note,
            Level::Warning => Severity::Warning,
            Level::Error => Severity::Error,
        }
    }
}

/// A finding as an object.
#[derive(Serialize)]
struct InFile<'a> {
    file: String,
    #[serde(flatten)]
    finding: &'a crate::validate::Finding,
}

/// Runs `validate`.
pub fn validate(args: &ValidateArgs) -> Result<Status, Failure> {
    let mut out = stdout();
    if let Some(id) = &args.explain {
        let status = explain(id.as_deref(), &mut out)?;
        out.flush().map_err(Failure::output)?;
        return Ok(status);
    }
    let level = Severity::from(args.level);
    let mut worst = Status::Fine;
    for path in &args.paths {
        let Some(report) = checked(path, args.kind, &mut worst, crate::validate::validate)? else { continue };
        match args.format {
            Format::Text => text(path, &report, level, &mut out),
            Format::Json => json(path, &report, level, &mut out),
        }
        .map_err(Failure::output)?;
        worst = worse(worst, status(&report, level));
    }
    out.flush().map_err(Failure::output)?;
    Ok(worst)
}

/// Runs `quickcheck`: silent on what is fine, a line for each input that is not.
pub fn quickcheck(args: &QuickcheckArgs) -> Result<Status, Failure> {
    let mut worst = Status::Fine;
    for path in &args.paths {
        let Some(report) = checked(path, args.kind, &mut worst, crate::validate::quickcheck)? else { continue };
        let status = status(&report, Severity::Note);
        if let Some(first) = report.findings.iter().find(|finding| finding.severity > Severity::Note).filter(|_| status != Status::Fine) {
            eprintln!("mpegg: {}: {first}", path.display());
        }
        worst = worse(worst, status);
    }
    Ok(worst)
}

/// The report of an input; one that cannot be read is told of, and the next one has its turn.
fn checked(
    path: &Path,
    kind: Option<InputKind>,
    worst: &mut Status,
    check: fn(&dyn mpegg_runtime::source::Source, Kind, &Limits) -> Done<Report>,
) -> Result<Option<Report>, Failure> {
    let report = source(path).and_then(|source| {
        let source = ReadAhead::new(source);
        let kind = kind.map_or_else(|| Kind::of(&source), |kind| Ok(kind.into()));
        kind.and_then(|kind| check(&source, kind, &Limits::default())).map_err(|error: Error| Failure::input(path, error))
    });
    match report {
        Ok(report) => Ok(Some(report)),
        Err(failure) => {
            eprintln!("mpegg: {failure}");
            *worst = worse(*worst, failure.status());
            Ok(None)
        }
    }
}

fn status(report: &Report, level: Severity) -> Status {
    match report.unreadable {
        Some(ErrorKind::Unsupported) => Status::Unsupported,
        Some(ErrorKind::Limit) => Status::Limit,
        Some(_) => Status::Malformed,
        None if report.count(Severity::Error) > 0 => Status::Findings,
        None if report.count(Severity::Warning) > 0 && level < Severity::Error => Status::Findings,
        None => Status::Fine,
    }
}

/// Of two inputs the worse one decides: what cannot be opened, then what cannot be read, then findings.
fn worse(a: Status, b: Status) -> Status {
    let rank = |status: Status| match status {
        Status::Fine => 0,
        Status::Findings => 1,
        Status::Unsupported => 2,
        Status::Limit => 3,
        Status::Malformed => 4,
        _ => 5,
    };
    if rank(b) > rank(a) { b } else { a }
}

fn text(path: &Path, report: &Report, level: Severity, out: &mut impl Write) -> io::Result<()> {
    let name = path.display();
    for finding in report.findings.iter().filter(|finding| finding.severity >= level) {
        writeln!(out, "{name}: {finding}")?;
    }
    for (rule, more) in report.more.iter().filter(|(rule, _)| rule.severity >= level) {
        writeln!(out, "{name}: {}[{}]: {more} more of these", rule.severity, rule.id)?;
    }
    let counts = [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter(|severity| *severity >= level);
    let counts: Vec<String> = counts.map(|severity| (severity, report.count(severity))).filter(|(_, many)| *many > 0).map(counted).collect();
    let counts = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    writeln!(out, "{name}: {counts}")
}

fn counted((severity, many): (Severity, u64)) -> String {
    format!("{many} {severity}{}", if many == 1 { "" } else { "s" })
}

fn json(path: &Path, report: &Report, level: Severity, out: &mut impl Write) -> io::Result<()> {
    for finding in report.findings.iter().filter(|finding| finding.severity >= level) {
        serde_json::to_writer(&mut *out, &InFile { file: path.display().to_string(), finding })?;
        writeln!(out)?;
    }
    Ok(())
}

fn explain(id: Option<&str>, out: &mut impl Write) -> Result<Status, Failure> {
    let Some(id) = id else {
        for rule in rules() {
            writeln!(out, "{:<40} {:<8} {:<16} {}", rule.id, rule.severity.to_string(), rule.clause, one_line(rule)).map_err(Failure::output)?;
        }
        return Ok(Status::Fine);
    };
    let Some(rule) = rule(id) else {
        return Err(Failure::Other(format!("there is no rule `{id}`; `mpegg validate --explain` lists them"), Status::Usage));
    };
    writeln!(out, "{}\n{}, {}\n\n{}", rule.id, rule.severity, rule.clause, one_line(rule)).map_err(Failure::output)?;
    if let Some(condition) = rule.condition {
        writeln!(out, "\n    {condition}").map_err(Failure::output)?;
    }
    Ok(Status::Fine)
}

fn one_line(rule: &Rule) -> String {
    rule.text.split_whitespace().collect::<Vec<_>>().join(" ")
}
