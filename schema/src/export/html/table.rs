//! The page of a table.

use super::{Page, Site, breakable, diagram, escape, grid, list, prose, scrolling};
use crate::ast::Span;
use crate::export::facts;
use crate::export::pieces::Text;
use crate::export::printed::{self, Helper, HelperKind, Line, Role};
use crate::export::rust;
use crate::ir::{SlotKind, Table};
use std::collections::BTreeSet;

/// The page.
pub(super) fn page(site: &Site, number: usize, table: &Table) -> String {
    let lines = printed::lines(site.atlas, number);
    let helpers = printed::helpers(site.atlas, number);
    let order = site.in_order();
    let at = order.iter().position(|other| *other == number).unwrap_or(0);
    let neighbour = |at: Option<usize>, class: &str, before: &str, behind: &str| {
        let link = at.and_then(|at| order.get(at)).map(|number| site.table_link(*number));
        link.map_or("<span></span>".to_owned(), |link| format!("<span class=\"{class}\">{before}{link}{behind}</span>"))
    };
    let rust = rust::declarations(site.atlas.schema, table);
    site.page(&Page {
        title: format!("{} · MPEG-G tables", table.name),
        trail: trail(site, table),
        head: head(table),
        sections: vec![
            ("syntax", "Syntax", syntax(site, number, &lines)),
            ("layout", "Bit layout", diagram::diagram(site, table, &lines)),
            ("fields", "Fields, conditions and counts", fields(site, table, &lines)),
            ("parameters", "Parameters", parameters(site, table)),
            ("forms", "Forms", list(&table.forms.iter().map(|form| format!("<code>{}</code>", escape(form))).collect::<Vec<_>>())),
            ("values", "Values that no bits carry", values(site, table, &lines, &helpers)),
            ("required", "Needed to read on", conditions(site, &helpers, &HelperKind::Require)),
            ("rules", "Rules", rules(site, &helpers)),
            ("size", "Size", list(&facts::sizes(table).iter().map(|text| escape(text)).collect::<Vec<_>>())),
            ("code-tables", "Code tables", codes(site, table)),
            ("stands", "Where it stands", stands(site, number, table)),
            ("users", "Tables that depend on it", list(&users(site, number))),
            ("source", "Schema", source(site, &table.span)),
            ("rust", "Rust type", rust.map_or(String::new(), |text| code("Rust type", &text))),
        ],
        neighbours: neighbour(at.checked_sub(1), "before", "← ", "") + &neighbour(at.checked_add(1), "after", "", " →"),
        script: "",
    })
}

fn head(table: &Table) -> String {
    let key = table.key.as_ref().map_or(String::new(), |key| format!(" <span class=\"key\">{}</span>", escape(key)));
    let meta = format!("{} · {}", facts::kind(table.kind), facts::printed_at(&table.clause, table.number));
    format!("<h1>{}{key}</h1>\n<p class=\"meta\">{}</p>\n{}", breakable(&table.name), escape(&meta), prose(&table.doc))
}

/// The way from the index: through the boxes around, where Table 10 has this one.
fn trail(site: &Site, table: &Table) -> String {
    const STEP: &str = " <span aria-hidden=\"true\">›</span> ";
    let schema = site.atlas.schema;
    let mut out = "<a href=\"index.html\">MPEG-G tables</a>".to_owned();
    let above = facts::places(schema, table).into_iter().next().map(|place| place.path).unwrap_or_default();
    for key in above.iter().take(above.len().saturating_sub(1)) {
        let found = schema.tables.iter().find(|table| table.key.as_deref() == Some(*key) || table.part == 0 && table.name == **key);
        out += STEP;
        out += &found.map_or(escape(key), |table| format!("<a href=\"{}\">{}</a>", site.table_file(table), escape(key)));
    }
    out + STEP + &format!("<span aria-current=\"page\">{}</span>", escape(&table.name))
}

fn syntax(site: &Site, number: usize, lines: &[Line]) -> String {
    let Some(table) = site.atlas.table(number) else { return String::new() };
    let mut known = BTreeSet::new();
    let mut rows = String::new();
    for line in lines {
        let anchor = line.slot.and_then(|slot| table.slots.get(slot)).map(|slot| slot.name.as_str());
        let id = anchor.filter(|name| known.insert((*name).to_owned())).map_or(String::new(), |name| format!(" id=\"f-{}\"", escape(name)));
        let class = match line.role {
            Role::Field => "field",
            Role::Control | Role::Frame => "control",
            Role::Other => "other",
        };
        let note = if line.note.is_empty() { String::new() } else { format!(" <span class=\"note\">{}</span>", escape(&line.note)) };
        let codes = line.slot.and_then(|slot| table.slots.get(slot)).and_then(|slot| slot.codes);
        let codes = codes.map_or(String::new(), |codes| format!(" <span class=\"note\">{}</span>", site.codes_link(codes)));
        let (name, kind) = (site.text(&line.name), site.text(&line.kind));
        let cells = match line.role {
            Role::Field => format!("<td class=\"name\" style=\"--depth:{}\"><code>{name}</code></td><td><code>{kind}</code>{codes}{note}</td>", line.depth),
            _ => format!("<td class=\"name\" colspan=\"2\" style=\"--depth:{}\"><code>{name}</code>{note}</td>", line.depth),
        };
        rows += &format!("<tr{id} class=\"{class}\">{cells}</tr>\n");
    }
    if rows.is_empty() {
        return rows;
    }
    let head = "<thead><tr><th scope=\"col\">Syntax</th><th scope=\"col\">Type</th></tr></thead>";
    scrolling("Syntax", &format!("<table class=\"syntax\">\n{head}\n<tbody>\n{rows}</tbody>\n</table>"))
}

/// A choice or a loop around a field.
#[derive(Clone, Default)]
struct Around {
    /// The conditions before this one, which do not hold.
    before: Vec<String>,
    /// The condition or the loop; `else` has none.
    this: Option<String>,
}

impl Around {
    fn html(&self) -> String {
        let before = self.before.iter().map(|cond| format!("not <code>{}</code>", cond.trim_start_matches("if ")));
        let this = self.this.iter().map(|text| format!("<code>{text}</code>"));
        before.chain(this).collect::<Vec<_>>().join(", ")
    }
}

/// For each field, under which conditions it is there, and how many times.
fn fields(site: &Site, table: &Table, lines: &[Line]) -> String {
    let mut around: Vec<Around> = vec![];
    let mut rows: Vec<Vec<String>> = vec![];
    for line in lines {
        let text = site.text(&line.name);
        match line.role {
            Role::Control => {
                // A brace ends what is around; an `else` turns it into its opposite.
                let ended = if text.starts_with('}') { around.pop() } else { None };
                if let Some(rest) = text.trim_start_matches("} ").strip_suffix(" {") {
                    let before = ended.map(|ended| ended.before.into_iter().chain(ended.this).collect()).unwrap_or_default();
                    let this = rest.trim_start_matches("else").trim_start();
                    around.push(Around { before, this: Some(this.to_owned()).filter(|this| !this.is_empty()) });
                }
            }
            Role::Field => rows.push(field(site, table, line, &around)),
            Role::Frame | Role::Other => {}
        }
    }
    if rows.is_empty() { String::new() } else { grid("plain", "Fields", &["Field", "Type", "There", "Values"], &rows) }
}

fn field(site: &Site, table: &Table, line: &Line, around: &[Around]) -> Vec<String> {
    let slot = line.slot.and_then(|slot| table.slots.get(slot));
    let mut there: Vec<String> = around.iter().map(Around::html).collect();
    there.extend((!line.note.is_empty()).then(|| escape(&line.note)));
    let there = if there.is_empty() { "always".to_owned() } else { there.join("<br>") };
    let counted = slot.and_then(|slot| slot.counts).and_then(|counted| table.slots.get(counted));
    let values = match (slot, counted) {
        (_, Some(counted)) => format!("the number of <a href=\"#f-{0}\"><code>{0}</code></a>", escape(&counted.name)),
        (Some(slot), _) if slot.codes.is_some() => slot.codes.map_or(String::new(), |codes| site.codes_link(codes)),
        (Some(slot), _) if slot.kind == SlotKind::Number && slot.range.low <= slot.range.high && !line.kind.text().starts_with("f(") => {
            format!("{} to {}", slot.range.low, slot.range.high)
        }
        _ => String::new(),
    };
    vec![format!("<code>{}</code>", site.text(&line.name)), format!("<code>{}</code>", site.text(&line.kind)), there, values]
}

fn parameters(site: &Site, table: &Table) -> String {
    let steering = facts::steering(site.atlas.schema, table);
    let rows = table.params.iter().enumerate().map(|(at, param)| {
        let (before, behind) = facts::param_words(param.kind);
        let inner = facts::of_param(param.kind).map(|table| site.table_link(table)).unwrap_or_default();
        let uses = if steering.contains(&at) { "the bits depend on it" } else { "for rules and children only" };
        let name = format!("<code id=\"p-{0}\">{0}</code>", escape(&param.name));
        vec![name, format!("{}{inner}{}", escape(&before), escape(behind)), uses.to_owned()]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() { String::new() } else { grid("plain", "Parameters", &["Name", "What it is", "Use"], &rows) }
}

fn text_code(site: &Site, text: &Text) -> String {
    format!("<code>{}</code>", site.text(text))
}

fn values(site: &Site, table: &Table, lines: &[Line], helpers: &[Helper]) -> String {
    let mut known: BTreeSet<String> = lines.iter().filter_map(|line| Some(table.slots.get(line.slot?)?.name.clone())).collect();
    let one = |helper: &Helper| {
        let HelperKind::Let(name) = &helper.kind else { return None };
        let code = text_code(site, &helper.text);
        Some(if known.insert(name.clone()) { format!("<span id=\"f-{}\">{code}</span>", escape(name)) } else { code })
    };
    list(&helpers.iter().filter_map(one).collect::<Vec<_>>())
}

fn conditions(site: &Site, helpers: &[Helper], kind: &HelperKind) -> String {
    list(&helpers.iter().filter(|helper| helper.kind == *kind).map(|helper| text_code(site, &helper.text)).collect::<Vec<_>>())
}

fn rules(site: &Site, helpers: &[Helper]) -> String {
    let rows = helpers.iter().filter_map(|helper| match &helper.kind {
        HelperKind::Where(name, clause) => Some(vec![escape(name), text_code(site, &helper.text), escape(clause)]),
        _ => None,
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() { String::new() } else { grid("plain", "Rules", &["Name", "What shall hold", "Clause"], &rows) }
}

fn codes(site: &Site, table: &Table) -> String {
    let one = |(codes, names): (usize, Vec<&str>)| {
        let names: Vec<String> = names.iter().map(|name| format!("<a href=\"#f-{0}\"><code>{0}</code></a>", escape(name))).collect();
        format!("{} for {}", site.codes_link(codes), names.join(", "))
    };
    list(&facts::codes(table).into_iter().map(one).collect::<Vec<_>>())
}

fn stands(site: &Site, number: usize, table: &Table) -> String {
    let mut lines = vec![];
    for place in facts::places(site.atlas.schema, table) {
        let path: Vec<String> = place.path.iter().map(|key| format!("<span class=\"key\">{}</span>", escape(key))).collect();
        let (scope, mandatory) = (facts::scope(place.level.scope), facts::mandatory(place.level.mandatory));
        lines.push(format!("{} <span class=\"note\">Table 10: {scope}, {mandatory}</span>", path.join(" › ")));
    }
    for holder in facts::holders(site.atlas.schema, number) {
        let link = site.table_link(holder.table);
        lines.push(format!("in {link} as <code>{}</code> <span class=\"note\">{}</span>", breakable(&holder.name), escape(holder.how)));
    }
    list(&lines)
}

fn users(site: &Site, number: usize) -> Vec<String> {
    facts::dependants(site.atlas.schema, number).into_iter().map(|table| site.table_link(table)).collect()
}

/// A declaration as the file has it.
pub(super) fn source(site: &Site, span: &Span) -> String {
    let (first, lines) = site.atlas.declaration(span);
    if lines.is_empty() {
        return String::new();
    }
    let place = format!("<p class=\"meta\">{}, line {first}</p>\n", escape(site.atlas.file_name(span)));
    place + &code("Schema", &lines.join("\n"))
}

/// A block of code that scrolls.
pub(super) fn code(label: &str, text: &str) -> String {
    format!("<pre class=\"code\" role=\"region\" aria-label=\"{}\" tabindex=\"0\"><code>{}</code></pre>\n", escape(label), escape(text.trim_end()))
}
