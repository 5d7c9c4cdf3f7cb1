//! What the walk itself tells: errors, bits that are not as they should be, and the rules of the schema.

use super::finding::{Draft, Findings, Place};
use super::model::Tails;
use super::rule::{self, Rule, rules};
use super::structure::Structure;
use crate::tables::descriptions;
use crate::walk::{Kind, Step, Tracker, Visitor};
use mpegg_runtime::table::Field;
use mpegg_runtime::walk::{BoxHead, ChildRow, FieldEvent, FieldValue, Finding, FindingKind, RuleEvent, StructEvent, Value, Visitor as FieldVisitor};
use mpegg_runtime::{Error, ErrorKind};

rules! {
    /// The input ends, or a box ends, before what the tables say is there.
    TRUNCATED: Error "parse.truncated" "6.2"
    /// The bits contradict the tables, so that reading cannot go on behind them.
    MALFORMED: Error "parse.malformed" "6.2"
    /// A code that is reserved decides what follows: what it means is not known.
    UNSUPPORTED: Error "parse.unsupported" "6.2"
    /// The input asks for more than the limits of this program allow.
    LIMIT: Error "parse.limit" "6.2"
    /// A structure that is needed to read another one is not there.
    REFERENCE: Error "parse.reference" "6.2"
    /// A fixed pattern has the bits that the table prints.
    FIXED: Error "bits.fixed" "4.2.3"
    /// Bits that only fill up a byte are zero.
    PADDING: Warning "bits.padding" "R5"
    /// Reserved bits are zero.
    RESERVED: Warning "bits.reserved" "R5"
    /// A box ends where its table ends.
    GAP: Error "box.gap" "6.2"
    /// A box has the form that the table prints. Existing software leaves out the last reserved_flag of the dataset header.
    FORM: Warning "box.form" "R8"
}

/// The rule that an error breaks.
pub(super) fn of_error(kind: ErrorKind) -> &'static Rule {
    match kind {
        ErrorKind::Truncated { .. } => &TRUNCATED,
        ErrorKind::Unsupported => &UNSUPPORTED,
        ErrorKind::Limit => &LIMIT,
        ErrorKind::CrossReference => &REFERENCE,
        _ => &MALFORMED,
    }
}

/// A visitor that gathers findings.
pub(super) struct Walked<'f> {
    findings: &'f mut Findings,
    place: Tracker,
    structure: Structure,
    kind: Kind,
    /// Whether the file is of the first edition: what is reserved now may have had a meaning.
    first_edition: bool,
    /// Bytes of boxes that count for nothing, because an `offs` makes another instance the valid one; and the one around, if any.
    ignored: std::collections::HashSet<u64>,
    inside_ignored: u32,
    /// The first bits of the boxes around, and what was found at their ends.
    around: Vec<u64>,
    tails: Tails,
    /// Whether headers only are read.
    quick: bool,
}

/// The boxes that are read where headers only are.
const HEADERS: [[u8; 4]; 10] = [*b"flhd", *b"dghd", *b"rfgn", *b"lbll", *b"dthd", *b"pars", *b"dshd", *b"athd", *b"aghd", *b"offs"];

/// So many boxes with something behind their last row are kept apart.
const TAILS: usize = 10_000;

impl<'f> Walked<'f> {
    /// What stands in the boxes at the bytes `ignored` is passed over.
    pub fn new(kind: Kind, quick: bool, findings: &'f mut Findings, ignored: std::collections::HashSet<u64>) -> Self {
        let (place, structure) = (Tracker::default(), Structure::default());
        Walked { findings, place, structure, kind, first_edition: false, ignored, inside_ignored: 0, around: vec![], tails: Tails::new(), quick }
    }

    /// The walk has come to the end of so many bits. Which boxes have something behind their last row.
    pub fn finish(self, bits: u64) -> Tails {
        if self.kind == Kind::File {
            self.structure.finish(bits, self.findings);
        }
        self.tails
    }

    /// What stands from this bit on is no part of the box.
    fn tail(&mut self, bit: u64) {
        if let Some(start) = self.around.last().copied().filter(|_| self.tails.len() < TAILS) {
            self.tails.insert(self.place.absolute(start) / 8, bit.saturating_sub(start));
        }
    }

    fn add(&mut self, rule: &'static Rule, clause: Option<&'static str>, bit: u64, path: String, message: String) {
        if self.inside_ignored == 0 {
            let place = Place::Known { bit: Some(self.place.absolute(bit)), path };
            self.findings.add(Draft { rule, clause, place, message });
        }
    }

    /// Whether the field belongs to the part of the dataset header that the first edition used.
    fn was_in_use(&self, event: &FieldEvent<'_>) -> bool {
        self.first_edition && event.table.is_some_and(|table| table.key == Some(*b"dthd"))
    }
}

impl FieldVisitor for Walked<'_> {
    fn enter_box(&mut self, head: &BoxHead) {
        if self.inside_ignored > 0 || !self.place.is_in_pieces() && self.ignored.contains(&(head.bit / 8)) {
            self.inside_ignored = self.inside_ignored.saturating_add(1);
        }
        self.around.push(head.bit);
        let at_the_top = self.kind == Kind::File && self.place.depth() == 0;
        self.place.enter_box(head);
        self.structure.enter(head, self.place.absolute(head.bit), &self.place.prefix(), at_the_top, self.findings);
    }

    fn leave_box(&mut self, _: &BoxHead) {
        self.inside_ignored = self.inside_ignored.saturating_sub(1);
        self.structure.leave(self.findings);
        self.around.pop();
        self.place.leave();
    }

    fn enter_struct(&mut self, event: &StructEvent<'_>) {
        self.place.enter_struct(event);
    }

    fn leave_struct(&mut self) {
        self.place.leave();
    }

    fn field(&mut self, event: &FieldEvent<'_>) {
        if event.name == "minor_version" && matches!(event.value, FieldValue::Text("1900")) {
            self.first_edition = true;
        }
        if let (FieldValue::Text(text), "SubKey") = (&event.value, event.name) {
            self.structure.sub_key(text);
        }
        let FieldValue::Int(value) = event.value else { return };
        if event.name == "Offset" {
            self.structure.offset(value, self.findings);
        }
        if value != 0 && event.name.starts_with("reserved") && !self.was_in_use(event) {
            let path = self.place.path(event.name, event.index);
            let clause = event.table.map(|table| table.clause);
            self.add(&RESERVED, clause, event.bit, path, format!("{} reserved bits are {value}, not 0", event.bits));
        }
    }

    fn finding(&mut self, finding: Finding) {
        if matches!(finding.kind, FindingKind::Padding | FindingKind::Gap) {
            self.tail(finding.bit);
        }
        let rule = match finding.kind {
            FindingKind::FixedPattern => &FIXED,
            FindingKind::Padding => &PADDING,
            FindingKind::Gap => &GAP,
            // No fault of the file: an encoder that is not known here may have written them.
            FindingKind::Opaque => return,
            // A rule of the schema tells of it.
            FindingKind::OtherForm if finding.table == descriptions::STRING_INDEX.name => return,
            _ => &FORM,
        };
        let path = if finding.field.is_empty() { self.place.prefix() } else { self.place.path(finding.field, &finding.index) };
        self.add(rule, Some(finding.clause), finding.bit, path, finding.message);
    }

    fn rule(&mut self, event: &RuleEvent) {
        if event.holds != Some(false) {
            return;
        }
        let Some(rule) = rule::of_row(event.rule) else { return };
        let path = event.field.map_or_else(|| self.place.prefix(), |field| self.place.path(field, &event.index));
        let says = match (&event.value, event.field) {
            (Value::Int(number), Some(field)) => format!("{field} is {number}, but: "),
            (Value::Text(text), Some(field)) => format!("{field} is {text:?}, but: "),
            _ => "not so: ".to_owned(),
        };
        self.add(rule, None, event.bit, path, format!("{says}{}", rule.text.trim()));
    }

    fn opens(&self, _: &'static Field, _: &[u64]) -> bool {
        true
    }

    fn wants_rules(&self) -> bool {
        true
    }

    fn skips(&self, head: &BoxHead) -> bool {
        self.quick && !HEADERS.contains(&head.key)
    }
}

impl Visitor for Walked<'_> {
    fn base(&mut self, path: &[Step], _: &[(&'static str, i128)]) {
        self.place.base(path);
    }

    fn error(&mut self, error: Error) {
        let error = match error.position() {
            Some(bit) => error.moved_to(self.place.absolute(bit)),
            None => error,
        };
        self.findings.error(&error);
    }

    fn children(&mut self, rows: &[ChildRow]) {
        self.structure.rows(rows);
    }

    fn fragments(&mut self, fragments: Option<&[(u64, u64)]>) {
        self.place.fragments(fragments);
    }

    fn fields(&mut self) -> &mut dyn FieldVisitor {
        self
    }
}
