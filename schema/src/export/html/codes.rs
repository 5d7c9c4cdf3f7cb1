//! The page of a code table.

use super::{Page, Site, escape, grid, inline, list, prose};
use crate::export::facts;
use crate::ir::Enum;

/// The page.
pub(super) fn page(site: &Site, number: usize, codes: &Enum) -> String {
    let (name, place) = (escape(&codes.name), facts::printed_at(&codes.clause, codes.number));
    let bits = if codes.bits == 1 { "1 bit".to_owned() } else { format!("{} bits", codes.bits) };
    let mut meta = vec!["code table".to_owned(), bits];
    meta.extend((!place.is_empty()).then_some(place));
    let head = format!("<h1>{}</h1>\n<p class=\"meta\">{}</p>\n{}", super::breakable(&codes.name), escape(&meta.join(" · ")), prose(&codes.doc));
    let neighbour = |number: Option<usize>, rel: &str, arrow: (&str, &str)| {
        let link = number.map(|number| site.codes_link(number)).filter(|link| !link.is_empty());
        link.map_or("<span></span>".to_owned(), |link| format!("<span class=\"{rel}\">{}{link}{}</span>", arrow.0, arrow.1))
    };
    site.page(&Page {
        title: format!("{} · MPEG-G tables", codes.name),
        trail: format!(
            "<a href=\"index.html\">MPEG-G tables</a> <span aria-hidden=\"true\">›</span> <a href=\"index.html#codes\">Code tables</a> \
             <span aria-hidden=\"true\">›</span> <span aria-current=\"page\">{name}</span>"
        ),
        head,
        sections: vec![
            ("codes", "Codes", code_rows(codes)),
            ("fields", "Fields with these codes", users(site, number)),
            ("source", "Schema", super::table::source(site, site.atlas.codes_span(codes))),
            ("rust", "Rust type", rust(codes)),
        ],
        neighbours: neighbour(number.checked_sub(1), "before", ("← ", "")) + &neighbour(number.checked_add(1), "after", ("", " →")),
        script: "",
    })
}

fn code_rows(codes: &Enum) -> String {
    let documented = codes.codes.iter().any(|(.., doc)| !doc.trim().is_empty());
    let rows = codes.codes.iter().map(|(first, last, name, doc)| {
        let name = match name {
            Some(name) => format!("<code>{}</code>", super::breakable(name)),
            None => "<span class=\"quiet\">reserved</span>".to_owned(),
        };
        let mut row = vec![facts::code_range(*first, *last), format!("{:0width$b}", first, width = codes.bits as usize), name];
        if first != last
            && let Some(bits) = row.get_mut(1)
        {
            bits.clear();
        }
        row.extend(documented.then(|| inline(doc)));
        row
    });
    let heads: &[&str] = if documented { &["Code", "Bits", "Name", "What it means"] } else { &["Code", "Bits", "Name"] };
    grid("plain codes", "Codes", heads, &rows.collect::<Vec<_>>())
}

fn users(site: &Site, number: usize) -> String {
    let users = site.atlas.schema.tables.iter().enumerate().filter_map(|(at, table)| {
        let fields = facts::codes(table).into_iter().find(|(codes, _)| *codes == number)?.1;
        let file = site.table_file(table);
        let links: Vec<String> =
            fields.iter().map(|name| format!("<a href=\"{file}#f-{0}\"><code>{1}</code></a>", escape(name), super::breakable(name))).collect();
        Some(format!("{}: {}", site.table_link(at), links.join(", ")))
    });
    list(&users.collect::<Vec<_>>())
}

fn rust(codes: &Enum) -> String {
    super::table::code("Rust type", &crate::export::rust::codes(codes))
}
