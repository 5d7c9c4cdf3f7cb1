//! The exporters on the tables of the standard, and on small schemas where a detail matters.

use super::{Coverage, html, show};
use crate::{Schema, Source, compile, standard, tables};
use std::collections::{BTreeMap, BTreeSet};

fn all() -> (Schema, Vec<Source>) {
    (standard().unwrap_or_default(), tables::sources())
}

fn small(text: &str) -> (Schema, Vec<Source>) {
    let sources = vec![Source { name: "small.mgs".to_owned(), text: text.to_owned() }];
    let schema = compile(&sources);
    assert!(schema.is_ok(), "{schema:?}");
    (schema.unwrap_or_default(), sources)
}

fn shown(text: &str, name: &str, width: usize) -> String {
    let (schema, sources) = small(text);
    show(&schema, &sources, name, width, false).unwrap_or_default()
}

const SMALL: &str = r#"
/// What it is.
#[clause = "1.2", table = 3]
box thing "thng" (mode: 0..=1) {
    mode
    count_of    u(8) = count(item)
    let width = mode ? 16 : 8
    for (i = 0; i < count_of; i++) {
        item[i] u(width)
    }
    if (mode) {
        require count_of > 0
        kind    u(2) as sort
    } else if (count_of > 1) {
        /// The first item is not 0.
        where item[0] != 0 : "1.2.1" as first_item
        late    u(5)
    } else {
        remark "nothing"
    }
    for (i = 0; i < count_of; i++) {
        data[i] u(8) as bytes
    }
    while (!byte_aligned()) { nesting_zero_bit f(1) }
}

/// Sorts.
#[clause = "1.3"]
enum sort : u(2) { 0 = none, 1 = some, 2..=3 reserved }
"#;

#[test]
fn shows_the_printed_table_beside_schema_and_rust() {
    let text = shown(SMALL, "thng", 160);
    let printed: Vec<&str> = text.lines().filter_map(|line| line.split_once('│')).map(|(printed, _)| printed.trim_end()).collect();
    let wanted = [
        "Syntax",
        "thing {",
        "  mode",
        "  count_of          u(8)",
        "",
        "  for (i = 0; i < count_of; i++) {",
        "    item[i]         u(width)",
        "  }",
        "  if (mode) {",
        "",
        "    kind            u(2)",
        "  } else if (count_of > 1) {",
        "",
        "",
        "    late            u(5)",
        "  } else {",
        "    nothing",
        "  }",
        "  for (i = 0; i < count_of; i++) {",
        "    data[i]         u(8)",
        "  }",
        "  while (!byte_aligned()) {",
        "    nesting_zero_bit  f(1)",
        "  }",
        "}",
    ];
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(printed.iter().map(|line| squeeze(line)).collect::<Vec<_>>(), wanted.map(squeeze));
    for wanted in ["item: Vec<u16>", "kind: Option<Sort>", "late: Option<u8>", "data: Vec<u8>", "struct Thing {"] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    for wanted in
        ["\nRules\n  item[0] != 0 (first_item, 1.2.1)\n", "\nNeeded to read on\n  count_of > 0\n", "width = mode ? 16 : 8", "mode: a number from 0 to 1"]
    {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn a_narrow_terminal_has_the_columns_below_each_other() {
    let text = shown(SMALL, "thing", 50);
    let (syntax, schema, rust) = (text.find("\nSyntax\n"), text.find("\nSchema\n"), text.find("\nRust\n"));
    assert!(syntax.is_some() && syntax < schema && schema < rust, "{text}");
    assert!(!text.contains('│'));
}

#[test]
fn finds_things_by_every_name() {
    let (schema, sources) = all();
    let found = |name: &str| show(&schema, &sources, name, 250, false);
    for name in
        ["dthd", "dataset_header", "DatasetHeader", "26", "data_class", "DataClass", "bits_per_symbol", "encoding_parameters", "10", "hierarchy", "block"]
    {
        assert!(found(name).is_some(), "{name}");
    }
    for name in ["", "nothing", "99", "-1", "é"] {
        assert!(found(name).is_none(), "{name}");
    }
    let both = found("18").unwrap_or_default();
    assert!(both.contains("checksum_alg == 0 ? 128 : 256") && both.contains("SHA_256"), "{both}");
    let header = found("dthd").unwrap_or_default();
    for wanted in ["dgcn > dtcn > dthd (Table 10: file and transport, mandatory)", "short_U_part", "3 annotation, 4 to 15 reserved", "DT_metadata (dtmd)"] {
        assert!(header.contains(wanted), "{wanted}\n{header}");
    }
}

#[test]
fn only_colour_differs_with_colour() {
    let (schema, sources) = all();
    for (table, width) in schema.tables.iter().zip([0, 40, 100, 190, usize::MAX].into_iter().cycle()) {
        let plain = show(&schema, &sources, &table.name, width, false).unwrap_or_default();
        let mut colour = show(&schema, &sources, &table.name, width, true).unwrap_or_default();
        while let Some(start) = colour.find('\u{1b}') {
            let end = colour.get(start..).and_then(|rest| rest.find('m')).map_or(colour.len(), |end| start + end + 1);
            colour.replace_range(start..end, "");
        }
        assert_eq!(plain, colour, "{}", table.name);
        assert!(!plain.is_empty());
    }
}

/// Every printed row of every table finds a line, and every field of every Rust type stands beside one.
#[test]
fn nothing_of_a_table_is_lost() {
    let (schema, sources) = all();
    let atlas = super::atlas::Atlas::new(&schema, &sources);
    for (number, table) in schema.tables.iter().enumerate() {
        let lines = super::printed::lines(&atlas, number);
        let slots: BTreeSet<usize> = lines.iter().filter_map(|line| line.slot.or(line.var)).collect();
        for field in super::rust::fields(&schema, table).unwrap_or_default() {
            match field.origin {
                super::rust::Origin::Slot(slot) | super::rust::Origin::Loop(slot) => assert!(slots.contains(&slot), "{}.{}", table.name, field.name),
                super::rust::Origin::None => assert_eq!(field.name, "form"),
            }
            assert!(!field.ty.contains("::") && !field.ty.contains(' '), "{}", field.ty);
        }
        let open = lines.iter().filter(|line| line.name.text().ends_with('{')).count();
        let close = lines.iter().filter(|line| line.name.text().starts_with('}')).count();
        assert_eq!(open, close, "{}", table.name);
    }
}

/// What stands between quotes behind an attribute name.
fn attributes<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let start = format!(" {name}=\"");
    page.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn all_links_lead_somewhere() {
    let (schema, sources) = all();
    let files: BTreeMap<String, String> = html(&schema, &sources).into_iter().collect();
    assert_eq!(files.len(), 2 + schema.tables.len() + schema.enums.len());
    let lower: BTreeSet<String> = files.keys().map(|name| name.to_lowercase()).collect();
    assert_eq!(lower.len(), files.len(), "names that differ in case only");
    for (name, page) in files.iter().filter(|(name, _)| name.ends_with(".html")) {
        let ids = attributes(page, "id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{name}: the same id twice");
        for href in attributes(page, "href") {
            let (file, anchor) = href.split_once('#').unwrap_or((href, ""));
            let target = if file.is_empty() { Some(page) } else { files.get(file) };
            assert!(target.is_some(), "{name}: {href}");
            assert!(anchor.is_empty() || target.is_some_and(|page| attributes(page, "id").contains(&anchor)), "{name}: {href}");
        }
        assert!(!page.contains("http:") && !page.contains("https:"), "{name} needs a network");
        for element in ["div", "section", "table", "tr", "td", "ul", "li", "code", "span", "a", "nav", "main", "pre", "p"] {
            let open = page.matches(&format!("<{element} ")).count() + page.matches(&format!("<{element}>")).count();
            assert_eq!(open, page.matches(&format!("</{element}>")).count(), "{name}: <{element}>");
        }
    }
}

#[test]
fn pages_escape_what_has_a_meaning_in_html() {
    let text = SMALL.replace("What it is.", "A `<b>` & \\\"more\\\".");
    let (schema, sources) = small(&text);
    let pages: BTreeMap<String, String> = html(&schema, &sources).into_iter().collect();
    let page = pages.get("thing.html").cloned().unwrap_or_default();
    assert!(page.contains("A <code>&lt;b&gt;</code> &amp;"), "{page}");
    assert!(!page.contains("<b>"));
}

#[test]
fn output_is_the_same_every_time() {
    let ((schema, sources), (again, texts)) = (all(), all());
    assert_eq!(html(&schema, &sources), html(&again, &texts));
    assert_eq!(show(&schema, &sources, "mitb", 200, true), show(&again, &texts, "mitb", 200, true));
}

/// Sources that are not those of the schema: less is shown, nothing breaks.
#[test]
fn foreign_sources_do_no_harm() {
    let (schema, sources) = all();
    let cut: Vec<Source> = sources.iter().map(|source| Source { name: source.name.clone(), text: "ü\n{\"".to_owned() }).collect();
    for sources in [&[][..], &cut[..]] {
        assert!(show(&schema, sources, "dthd", 120, false).is_some());
        assert!(!html(&schema, sources).is_empty());
        assert!(Coverage::new().report(&schema, sources).rows > 0);
    }
}

#[test]
fn coverage_counts_rows_and_both_sides() {
    let (schema, sources) = small(SMALL);
    let mut coverage = Coverage::new();
    let none = coverage.report(&schema, &sources);
    assert_eq!((none.hit, none.rows, none.branches_hit, none.branches), (0, 6, 0, 3));
    let wanted = ["count_of", "item", "data", "nesting_zero_bit", "kind"];
    for row in schema.table("thing").map(|table| super::atlas::flat(&table.rows)).unwrap_or_default() {
        let slot = match &row.kind {
            crate::ir::RowKind::Field(field) => field.slot,
            crate::ir::RowKind::Align { slot } => *slot,
            _ => continue,
        };
        let name = schema.table("thing").and_then(|table| table.slots.get(slot)).map_or("", |slot| slot.name.as_str());
        if wanted.contains(&name) {
            coverage.hit("thing", "1.2", row.line);
        }
    }
    coverage.hit("unknown", "1.2", 7);
    coverage.hit("thing", "1.2", 999);
    let mut merged = Coverage::new();
    merged.merge(&coverage);
    let report = merged.report(&schema, &sources);
    let text = "thing thng (Table 3): 5/6 rows, 1/3 branches\n    \
                small.mgs:17: late    u(5)\n    \
                small.mgs:11: if (mode) { [else never taken]\n    \
                small.mgs:14: } else if (count_of > 1) { [then never taken]\n\
                all tables: 5/6 rows, 1/3 branches\n";
    assert_eq!(report.to_string(), text);
    let json = serde_json::to_value(&report).unwrap_or_default();
    assert_eq!(json["tables"][0]["missing"][0], serde_json::json!({ "file": "small.mgs", "line": 17, "text": "late    u(5)" }));
    assert_eq!(json["tables"][0]["missing_branches"][0]["branch"], "else");
}

/// A loop over bytes is named by its field, not by the loop.
#[test]
fn coverage_of_bytes_names_the_field() {
    let (schema, sources) = small(SMALL);
    let report = Coverage::new().report(&schema, &sources);
    let missing: Vec<&str> = report.tables.iter().flat_map(|table| &table.missing).map(|row| row.text.as_str()).collect();
    assert!(missing.contains(&"data[i] u(8) as bytes"), "{missing:?}");
}
