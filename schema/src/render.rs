//! Diagnostics as text in the manner of rustc, and as JSON lines.

use crate::ast::Span;
use crate::diagnostic::{Diagnostic, Source};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::fmt::Write;
use std::ops::Range;

/// Shows diagnostics with the lines they are about, ready to print.
///
/// A span outside of its text points at the end of the text; one of an unknown file shows no text.
pub fn render(diagnostics: &[Diagnostic], sources: &[Source], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in diagnostics {
        let mut group = Level::ERROR.primary_title(diagnostic.message.as_str()).id(diagnostic.code).elements(None::<annotate_snippets::Message>);
        if let Some(source) = sources.get(diagnostic.span.file) {
            let (line, shown, place) = excerpt(&source.text, &diagnostic.span);
            let label = Some(diagnostic.label.as_str()).filter(|label| !label.is_empty());
            let mut annotation = AnnotationKind::Primary.span(place);
            if let Some(label) = label {
                annotation = annotation.label(label);
            }
            let snippet = Snippet::source(shown).path(source.name.as_str()).line_start(line).annotation(annotation);
            group = group.element(snippet);
        }
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        text.push_str(&renderer.render(&[group]));
        text.push_str("\n\n");
    }
    text
}

/// Shows diagnostics as JSON, one object a line: code, message, file, line, column, end_line, end_column, label, help. Lines
/// and columns count from 1, columns in characters; where the file is unknown they are null.
pub fn render_json(diagnostics: &[Diagnostic], sources: &[Source]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let source = sources.get(diagnostic.span.file);
        let place = source.map(|source| {
            let place = within(&source.text, &diagnostic.span);
            (line_and_column(&source.text, place.start), line_and_column(&source.text, place.end))
        });
        let object = serde_json::json!({
            "code": diagnostic.code,
            "message": diagnostic.message,
            "file": source.map(|source| &source.name),
            "line": place.map(|(start, _)| start.0),
            "column": place.map(|(start, _)| start.1),
            "end_line": place.map(|(_, end)| end.0),
            "end_column": place.map(|(_, end)| end.1),
            "label": diagnostic.label,
            "help": diagnostic.help,
        });
        // Writing to a string does not fail.
        let _ = writeln!(text, "{object}");
    }
    text
}

/// The nearest place that lies in the text, between characters.
fn within(text: &str, span: &Span) -> Range<usize> {
    let start = floor(text, span.bytes.start);
    let end = ceiling(text, span.bytes.end);
    start..end.max(start)
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceiling(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(start..).unwrap_or("").chars().count() + 1;
    (line, column)
}

/// The lines of a place, the number of the first, and the place within them.
fn excerpt<'a>(text: &'a str, span: &Span) -> (usize, &'a str, Range<usize>) {
    let place = within(text, span);
    let before = text.get(..place.start).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let after = text.get(place.end..).unwrap_or("");
    let end = place.end + after.find('\n').unwrap_or(after.len());
    let carriage_return = end > place.end && text.get(..end).is_some_and(|text| text.ends_with('\r'));
    let end = end - usize::from(carriage_return);
    let shown = text.get(start..end).unwrap_or("");
    (line, shown, place.start - start..place.end - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> [Source; 1] {
        [Source { name: "a.mgs".to_owned(), text: "struct ä {\n    é u(8)\r\n}\n".to_owned() }]
    }

    fn at(bytes: Range<usize>) -> Diagnostic {
        let span = Span { file: 0, bytes };
        Diagnostic::new("MG011", &span, "unknown name `é`", "not defined here").help("define it")
    }

    #[test]
    fn looks_like_rustc() {
        let text = render(&[at(16..18)], &sources(), false);
        let expected = "error[MG011]: unknown name `é`
 --> a.mgs:2:5
  |
2 |     é u(8)
  |     ^ not defined here
  |
  = help: define it

";
        assert_eq!(text, expected);
        assert!(render(&[at(16..18)], &sources(), true).contains('\u{1b}'));
    }

    #[test]
    fn any_span_renders() {
        let mut unknown = at(0..4);
        unknown.span.file = 7;
        assert_eq!(render(&[unknown.clone()], &sources(), false), "error[MG011]: unknown name `é`\n |\n = help: define it\n\n");
        assert!(render_json(&[unknown], &sources()).contains("\"line\":null"));
        for start in 0..40 {
            for end in (0..40).chain([usize::MAX]) {
                let found = [at(start..end)];
                assert!(render(&found, &sources(), false).contains("a.mgs"));
                assert!(render_json(&found, &sources()).ends_with("}\n"));
            }
        }
        let long = [Source { name: "b.mgs".to_owned(), text: "ü".repeat(1_000_000) }];
        assert!(render(&[at(1_000_001..1_000_003)], &long, false).len() < 20_000);
        let empty = [Source { name: "c.mgs".to_owned(), text: String::new() }];
        assert!(render(&[at(0..0), at(3..9)], &empty, false).contains("c.mgs"));
    }

    #[test]
    fn json_counts_characters_from_one() {
        let line = render_json(&[at(16..20)], &sources());
        assert_eq!(
            line,
            "{\"code\":\"MG011\",\"message\":\"unknown name `é`\",\"file\":\"a.mgs\",\"line\":2,\"column\":5,\"end_line\":2,\"end_column\":8,\"label\":\"not defined here\",\"help\":\"define it\"}\n"
        );
    }
}
