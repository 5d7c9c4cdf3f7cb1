//! The page that leads to all others.

use super::{Page, Site, escape, grid, inline, prose};
use crate::ast::Scope;
use crate::export::facts;
use crate::export::pieces::Writer;
use crate::ir::{Foreign, Level};

/// The search box works on what is on the page; without scripts it is not shown.
const FILTER: &str = "<script>
(function () {
  var box = document.getElementById('filter'), field = document.getElementById('find');
  var status = document.getElementById('found');
  box.hidden = false;
  var rows = document.querySelectorAll('[data-find]');
  var items = document.querySelectorAll('.tree li');
  function filter() {
    var words = field.value.toLowerCase().split(/\\s+/).filter(Boolean), shown = 0;
    function fits(text) { return words.every(function (word) { return text.indexOf(word) >= 0; }); }
    rows.forEach(function (row) {
      var fit = fits(row.getAttribute('data-find').toLowerCase());
      row.closest('tr').hidden = !fit;
      shown += fit ? 1 : 0;
    });
    items.forEach(function (item) { item.hidden = !fits(item.textContent.toLowerCase()); });
    document.querySelectorAll('main section').forEach(function (section) {
      var left = section.querySelector('tbody tr:not([hidden]), .tree li:not([hidden])');
      section.hidden = words.length > 0 && !left;
    });
    status.textContent = words.length ? shown + ' found' : '';
  }
  field.addEventListener('input', filter);
  if (field.value) { filter(); }
})();
</script>
";

/// The index.
pub(super) fn page(site: &Site) -> String {
    let schema = site.atlas.schema;
    let head = format!(
        "<h1>MPEG-G tables</h1>\n<p class=\"lead\">The syntax tables of ISO/IEC 23092 as the toolkit reads and writes them: {} tables, {} code tables.</p>\n\
         <form id=\"filter\" role=\"search\" hidden onsubmit=\"return false\"><label for=\"find\">Find a table, key, field or code</label>\n\
         <input id=\"find\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"> <output id=\"found\" for=\"find\"></output></form>\n",
        schema.tables.len(),
        schema.enums.len(),
    );
    site.page(&Page {
        title: "MPEG-G tables".to_owned(),
        trail: "<a href=\"index.html\" aria-current=\"page\">MPEG-G tables</a>".to_owned(),
        head,
        sections: vec![
            ("hierarchy", "Hierarchy", hierarchy(site)),
            ("tables", "Tables by clause", tables(site)),
            ("codes", "Code tables", codes(site)),
            ("functions", "Functions and numbers", functions(site)),
            ("foreign", "Values of other parts", foreign(site)),
        ],
        neighbours: String::new(),
        script: FILTER,
    })
}

/// A cell that the search box looks at.
fn found_by(words: &str, inner: &str) -> String {
    format!("<span data-find=\"{}\">{inner}</span>", escape(words))
}

fn hierarchy(site: &Site) -> String {
    let Some(item) = site.atlas.hierarchy() else { return String::new() };
    let place = facts::printed_at(item.clause.as_deref().unwrap_or(""), item.table);
    format!(
        "<details class=\"about\"><summary>{}</summary>\n{}</details>\n\
         <p class=\"legend\"><span class=\"mark\">*</span> mandatory <span class=\"mark\">+</span> mandatory for sequencing data \
         <span class=\"mark\">#</span> mandatory for annotation data <span class=\"scope\">file</span> <span class=\"scope\">transport</span> only there</p>\n\
         <div class=\"tree\">\n{}</div>\n",
        escape(&place),
        prose(&item.doc),
        levels(site, &site.atlas.schema.hierarchy)
    )
}

fn levels(site: &Site, levels: &[Level]) -> String {
    if levels.is_empty() {
        return String::new();
    }
    let item = |level: &Level| {
        let table = facts::of_level(site.atlas.schema, level).and_then(|number| site.atlas.table(number));
        let key = format!("<span class=\"key\">{}</span>", escape(&level.key));
        let name = match table {
            Some(table) if table.name == level.key => format!("<a href=\"{}\">{key}</a>", site.table_file(table)),
            Some(table) => format!("<a href=\"{}\">{key} <code>{}</code></a>", site.table_file(table), super::breakable(&table.name)),
            None => key,
        };
        let mark = match facts::mark(level.mandatory) {
            "" => String::new(),
            mark => format!(" <abbr class=\"mark\" title=\"{}\">{mark}</abbr>", facts::mandatory(level.mandatory)),
        };
        let scope = match level.scope {
            Scope::Both => String::new(),
            Scope::File => " <span class=\"scope\">file</span>".to_owned(),
            Scope::Transport => " <span class=\"scope\">transport</span>".to_owned(),
        };
        format!("<li>{name}{mark}{scope} <span class=\"clause\">{}</span>{}</li>\n", escape(&level.clause), self::levels(site, &level.children))
    };
    format!("<ul>\n{}</ul>\n", levels.iter().map(item).collect::<String>())
}

fn first_sentence(doc: &str) -> String {
    let paragraph = doc.split("\n\n").next().unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |end| end + 1);
    inline(paragraph.get(..end).unwrap_or(&paragraph))
}

fn tables(site: &Site) -> String {
    let row = |number: usize| {
        let table = site.atlas.table(number)?;
        let fields: Vec<&str> = table.slots.iter().map(|slot| slot.name.as_str()).collect();
        let printed = table.number.map(|number| number.to_string()).unwrap_or_default();
        let key = table.key.clone().unwrap_or_default();
        let find = format!("{} {key} {} table {printed} {} {}", table.name, table.clause, facts::kind(table.kind), fields.join(" "));
        let name = format!("<a href=\"{}\"><code>{}</code></a>", site.table_file(table), super::breakable(&table.name));
        Some(vec![
            escape(&table.clause),
            printed,
            found_by(&find, &name),
            if key.is_empty() { String::new() } else { format!("<span class=\"key\">{}</span>", escape(&key)) },
            facts::kind(table.kind).to_owned(),
            first_sentence(&table.doc),
        ])
    };
    let rows: Vec<Vec<String>> = site.in_order().into_iter().filter_map(row).collect();
    grid("plain", "Tables by clause", &["Clause", "Table", "Name", "Key", "Kind", "What it is"], &rows)
}

fn codes(site: &Site) -> String {
    let rows = site.atlas.schema.enums.iter().map(|codes| {
        let names: Vec<&str> = codes.codes.iter().filter_map(|(_, _, name, _)| name.as_deref()).collect();
        let printed = codes.number.map(|number| number.to_string()).unwrap_or_default();
        let name = format!("<a href=\"{}\"><code>{}</code></a>", site.codes_file(codes), super::breakable(&codes.name));
        let find = format!("{} {} table {printed} {}", codes.name, codes.clause, names.join(" "));
        vec![escape(&codes.clause), printed, found_by(&find, &name), codes.bits.to_string(), first_sentence(&codes.doc)]
    });
    grid("plain", "Code tables", &["Clause", "Table", "Name", "Bits", "What it is"], &rows.collect::<Vec<_>>())
}

fn functions(site: &Site) -> String {
    let writer = Writer { atlas: site.atlas, table: usize::MAX, printed: false };
    let cell = |name: &str, head: String| format!("<code id=\"fn-{}\" data-find=\"{}\">{}</code>", escape(name), escape(name), escape(&head));
    let mut rows: Vec<Vec<String>> = vec![];
    for function in site.atlas.functions() {
        let params: Vec<&str> = function.params.iter().map(|param| param.text.as_str()).collect();
        let value = writer.expr(function.value).text();
        let place = facts::printed_at(function.item.clause.as_deref().unwrap_or(""), function.item.table);
        let head = format!("{}({})", function.name, params.join(", "));
        rows.push(vec![cell(function.name, head), format!("<code>{}</code>", escape(&value)), inline(&function.item.doc), escape(&place)]);
    }
    for (item, name, value) in site.atlas.constants() {
        let place = facts::printed_at(item.clause.as_deref().unwrap_or(""), item.table);
        let value = writer.expr(value).text();
        rows.push(vec![cell(name, name.to_owned()), format!("<code>{}</code>", escape(&value)), inline(&item.doc), escape(&place)]);
    }
    if rows.is_empty() { String::new() } else { grid("plain", "Functions and numbers", &["Name", "Value", "What it is", "Where"], &rows) }
}

fn foreign(site: &Site) -> String {
    let rows = site.atlas.schema.foreign.iter().map(|foreign| {
        let Foreign { name, part, table } = foreign;
        let users: Vec<String> = site.atlas.foreign_users(name).into_iter().map(|table| site.table_link(table)).collect();
        let cell = format!("<code id=\"foreign-{0}\" data-find=\"{0} {1}\">{2}</code>", escape(name), escape(part), super::breakable(name));
        let opened = table.map_or(String::new(), |table| site.table_link(table));
        vec![cell, escape(part), inline(site.atlas.foreign_doc(name)), opened, users.join(", ")]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() { String::new() } else { grid("plain", "Values of other parts", &["Name", "Defined by", "What it is", "Opened by", "Stands in"], &rows) }
}
