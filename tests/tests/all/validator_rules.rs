//! Each rule of the validator has an input that keeps it, and a change of that input that breaks it.
//!
//! A line of `rules/*.txt` is: the ID of a rule, the input, what is changed (see `edits`), and what else the change breaks.

use mpegg::Limits;
use mpegg::source::Bytes;
use mpegg::validate::{rules, validate};
use mpegg::walk::Kind;
use mpegg_tests::edits::edit;
use mpegg_tests::inputs::{here, samples, vectors};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

struct Case {
    line: String,
    rule: String,
    input: String,
    edits: String,
    too: BTreeSet<String>,
}

fn cases() -> Vec<Case> {
    let mut paths: Vec<_> = fs::read_dir(here("rules")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut cases = vec![];
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut parts = line.split('|').map(str::trim);
            let mut part = || parts.next().unwrap_or("").to_owned();
            let (rule, input, edits, too) = (part(), part(), part(), part());
            cases.push(Case { line: line.to_owned(), rule, input, edits, too: too.split_whitespace().map(str::to_owned).collect() });
        }
    }
    cases
}

fn inputs() -> BTreeMap<String, Vec<u8>> {
    let vectors = vectors().into_iter().map(|vector| (vector.name, vector.bytes));
    vectors.chain(samples().into_iter().map(|input| (input.name, input.bytes))).collect()
}

/// The rules that an input breaks.
fn broken(bytes: &[u8], limits: &Limits) -> BTreeSet<String> {
    let kind = Kind::of(&Bytes(bytes)).unwrap();
    let report = validate(&Bytes(bytes), kind, limits).unwrap();
    for finding in &report.findings {
        assert!(finding.bit.is_some_and(|bit| bit <= bytes.len() as u64 * 8), "no place: {finding}");
    }
    report.findings.iter().map(|finding| finding.rule.to_owned()).collect()
}

fn check(case: &Case, inputs: &BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let bytes = inputs.get(&case.input).ok_or_else(|| format!("there is no input {}", case.input))?;
    let before = broken(bytes, &Limits::default());
    if before.contains(&case.rule) {
        return Err("the input breaks the rule already".to_owned());
    }
    // What one rule is about stands in no input: limits that are lower.
    let after = match case.edits.strip_prefix("depth ") {
        Some(depth) => broken(bytes, &Limits { depth: depth.parse().unwrap(), ..Limits::default() }),
        None => broken(&edit(bytes, &case.edits)?, &Limits::default()),
    };
    let mut wanted: BTreeSet<String> = case.too.clone();
    wanted.insert(case.rule.clone());
    let found: BTreeSet<String> = after.difference(&before).cloned().collect();
    if found != wanted {
        return Err(format!("breaks {found:?}"));
    }
    Ok(())
}

#[test]
fn each_rule_is_kept_and_broken() {
    let (cases, inputs) = (cases(), inputs());
    let wrong: Vec<String> = cases.iter().filter_map(|case| check(case, &inputs).err().map(|why| format!("{}\n    {why}", case.line))).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn no_rule_is_without_a_case() {
    let covered: BTreeSet<String> = cases().into_iter().map(|case| case.rule).collect();
    let all: BTreeSet<String> = rules().iter().map(|rule| rule.id.to_string()).collect();
    let missing: Vec<&String> = all.difference(&covered).collect();
    assert!(missing.is_empty(), "{} of {} rules without a case: {missing:?}", missing.len(), all.len());
    let unknown: Vec<&String> = covered.difference(&all).collect();
    assert!(unknown.is_empty(), "no rules: {unknown:?}");
}

#[test]
fn rules_have_ids_of_their_own_and_explanations() {
    let mut seen = BTreeSet::new();
    for rule in rules() {
        assert!(seen.insert(&rule.id), "two rules are called {}", rule.id);
        assert!(rule.text.trim().len() > 10 && rule.text.trim().ends_with('.'), "{}: {}", rule.id, rule.text);
        assert!(!rule.clause.is_empty(), "{}", rule.id);
    }
}
