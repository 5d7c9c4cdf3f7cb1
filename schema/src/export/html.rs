//! The tables as a reference to browse: static pages without a network and without the need of scripts.

mod codes;
mod diagram;
mod index;
mod table;

use super::atlas::Atlas;
use super::facts;
use super::pieces::{Link, Text};
use crate::Source;
use crate::ir::{Enum, Schema, Table};

/// Name and content of each file: `index.html`, a page for each table and each code table, and `style.css`.
///
/// `sources` are the texts that the schema was compiled from.
pub fn html(schema: &Schema, sources: &[Source]) -> Vec<(String, String)> {
    let atlas = Atlas::new(schema, sources);
    let site = Site { atlas: &atlas };
    let mut files = vec![("index.html".to_owned(), index::page(&site)), ("style.css".to_owned(), include_str!("html/style.css").to_owned())];
    files.extend(schema.tables.iter().enumerate().map(|(number, table)| (site.table_file(table), table::page(&site, number, table))));
    files.extend(schema.enums.iter().enumerate().map(|(number, codes)| (site.codes_file(codes), codes::page(&site, number, codes))));
    files
}

/// What all pages are made with.
struct Site<'a, 's> {
    atlas: &'a Atlas<'s>,
}

/// The parts of a page.
struct Page {
    /// The title in the window.
    title: String,
    /// What stands above the heading: the way from the index.
    trail: String,
    /// The heading and what belongs to it.
    head: String,
    /// Sections: anchor, heading, content.
    sections: Vec<(&'static str, &'static str, String)>,
    /// Links to the neighbours.
    neighbours: String,
    /// Behind everything else.
    script: &'static str,
}

/// Text with what HTML gives a meaning replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            _ => out.push(letter),
        }
    }
    out
}

/// A long name that may be broken behind its underscores and before its subscripts.
fn breakable(name: &str) -> String {
    escape(name).replace('_', "_<wbr>").replace('[', "<wbr>[")
}

/// Documentation: paragraphs, with `code` as code.
fn prose(doc: &str) -> String {
    let paragraphs = doc.split("\n\n").filter(|text| !text.trim().is_empty());
    paragraphs.map(|text| format!("<p>{}</p>\n", inline(text))).collect()
}

/// A line of documentation.
fn inline(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::new();
    for (number, part) in words.split('`').enumerate() {
        if number % 2 == 1 {
            out += &format!("<code>{}</code>", escape(part));
        } else {
            out += &escape(part);
        }
    }
    out
}

/// `<ul>` of lines that are HTML already; nothing for none.
fn list(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let items: String = lines.iter().map(|line| format!("<li>{line}</li>\n")).collect();
    format!("<ul>\n{items}</ul>\n")
}

/// A table of cells that are HTML already, in a frame that scrolls.
fn grid(class: &str, label: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    let head: String = heads.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
    let body: String = rows
        .iter()
        .map(|row| {
            let cells: String = row.iter().map(|cell| format!("<td>{cell}</td>")).collect();
            format!("<tr>{cells}</tr>\n")
        })
        .collect();
    scrolling(label, &format!("<table class=\"{class}\">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"))
}

/// A part that scrolls sideways, reachable with the keyboard.
fn scrolling(label: &str, inner: &str) -> String {
    format!("<div class=\"scroll\" role=\"region\" aria-label=\"{}\" tabindex=\"0\">\n{inner}\n</div>\n", escape(label))
}

impl Site<'_, '_> {
    /// A name that is one of its part, as a part of the name of a file.
    fn in_part(&self, part: usize, name: &str) -> String {
        match self.atlas.schema.part_name(part) {
            "" => name.to_owned(),
            part => format!("{part}.{name}"),
        }
    }

    fn table_file(&self, table: &Table) -> String {
        format!("{}.html", self.in_part(table.part, &table.name))
    }

    fn codes_file(&self, codes: &Enum) -> String {
        format!("codes-{}.html", self.in_part(codes.part, &codes.name))
    }

    /// Where a word leads.
    fn href(&self, link: &Link) -> Option<String> {
        let schema = self.atlas.schema;
        match link {
            Link::None => None,
            Link::Table(number) => schema.tables.get(*number).map(|table| self.table_file(table)),
            Link::Field(number, name) => schema.tables.get(*number).map(|table| format!("{}#f-{name}", self.table_file(table))),
            Link::Param(name) => Some(format!("#p-{name}")),
            Link::Codes(number) => schema.enums.get(*number).map(|codes| self.codes_file(codes)),
            Link::Foreign(name) => Some(format!("index.html#foreign-{name}")),
            Link::Function(name) => Some(format!("index.html#fn-{name}")),
        }
    }

    /// Words with links.
    fn text(&self, text: &Text) -> String {
        let word = |(word, link): &(String, Link)| match self.href(link) {
            Some(href) => format!("<a href=\"{}\">{}</a>", escape(&href), breakable(word)),
            None => breakable(word),
        };
        text.0.iter().map(word).collect()
    }

    /// A table as a link, with its key.
    fn table_link(&self, number: usize) -> String {
        let Some(table) = self.atlas.table(number) else { return String::new() };
        let key = table.key.as_ref().map_or(String::new(), |key| format!(" <span class=\"key\">{}</span>", escape(key)));
        format!("<a href=\"{}\"><code>{}</code></a>{key}", self.table_file(table), breakable(&table.name))
    }

    /// A table as a link behind a name; where that says the same, only with its key.
    fn named_link(&self, name: &str, number: usize) -> String {
        let table = self.atlas.table(number);
        match table.and_then(|table| table.key.as_ref().filter(|_| table.name == name).map(|key| (table, key))) {
            Some((table, key)) => format!("<a class=\"key\" href=\"{}\">{}</a>", self.table_file(table), escape(key)),
            None => self.table_link(number),
        }
    }

    /// A code table as a link.
    fn codes_link(&self, number: usize) -> String {
        let codes = self.atlas.schema.enums.get(number);
        codes.map_or(String::new(), |codes| format!("<a href=\"{}\"><code>{}</code></a>", self.codes_file(codes), breakable(&codes.name)))
    }

    /// The tables by clause.
    fn in_order(&self) -> Vec<usize> {
        let tables = &self.atlas.schema.tables;
        let mut order: Vec<usize> = (0..tables.len()).collect();
        order.sort_by_key(|number| tables.get(*number).map(|table| (facts::clause_order(&table.clause), table.number, table.name.clone())));
        order
    }

    /// The whole page.
    fn page(&self, page: &Page) -> String {
        let shown = || page.sections.iter().filter(|(.., content)| !content.is_empty());
        let contents: String = shown().map(|(anchor, name, _)| format!("<li><a href=\"#{anchor}\">{name}</a></li>\n")).collect();
        let sections: String = shown()
            .map(|(anchor, name, content)| {
                format!("<section id=\"{anchor}\" aria-labelledby=\"h-{anchor}\">\n<h2 id=\"h-{anchor}\">{name}</h2>\n{content}</section>\n")
            })
            .collect();
        let neighbours =
            if page.neighbours.is_empty() { String::new() } else { format!("<nav class=\"neighbours\" aria-label=\"Neighbours\">{}</nav>\n", page.neighbours) };
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<link rel=\"stylesheet\" href=\"style.css\">\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#content\">Skip to the content</a>\n<header class=\"bar\"><nav aria-label=\"Way\">{trail}</nav></header>\n\
             <div class=\"frame\">\n<nav class=\"contents\" aria-label=\"On this page\">\n<p>On this page</p>\n<ul>\n{contents}</ul>\n</nav>\n\
             <main id=\"content\">\n{head}{sections}{neighbours}</main>\n</div>\n\
             <footer>Made by <code>mpegg schema doc</code> from the schema of ISO/IEC 23092. Explanations are in our own words; the standard rules.</footer>\n\
             {script}</body>\n</html>\n",
            title = escape(&page.title),
            trail = page.trail,
            head = page.head,
            script = page.script,
        )
    }
}
