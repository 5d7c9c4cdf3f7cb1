//! The Rust types of a table as text, in the layout that the generator uses.

use crate::emit::layout::{self, Item, Structure};
use crate::ir::{Enum, Schema, Table, camel_case, snake_case};

/// What a field of a Rust type comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A field of the table.
    Slot(usize),
    /// A named loop, by its variable.
    Loop(usize),
    /// Nothing in the table.
    None,
}

/// A field.
pub(super) struct RustField {
    /// In how many structures it stands.
    pub depth: usize,
    /// What it comes from.
    pub origin: Origin,
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: String,
}

/// The fields of the type of a table, those of its inner structures behind the field that holds them. `None`: it has no type.
pub(super) fn fields(schema: &Schema, table: &Table) -> Option<Vec<RustField>> {
    crate::emit::has_type(table).then(|| {
        let mut out = vec![];
        if !table.forms.is_empty() {
            out.push(RustField { depth: 0, origin: Origin::None, name: "form".to_owned(), ty: "u8".to_owned() });
        }
        for item in &layout::of_table(table).items {
            nested(schema, table, item, 0, &mut out);
        }
        out
    })
}

fn nested(schema: &Schema, table: &Table, item: &Item, depth: usize, out: &mut Vec<RustField>) {
    let Some((origin, name, ty)) = field(schema, table, item) else { return };
    out.push(RustField { depth, origin, name, ty });
    if let Item::Elements { structure, .. } = item {
        for item in &structure.items {
            nested(schema, table, item, depth + 1, out);
        }
    }
}

fn field(schema: &Schema, table: &Table, item: &Item) -> Option<(Origin, String, String)> {
    match item {
        Item::Value(value) => {
            let slot = table.slots.get(value.slot)?;
            let ty = plain(&layout::value_type(schema, slot, value).to_string());
            let ty = match (value.list, value.optional) {
                (true, _) => format!("Vec<{ty}>"),
                (false, true) => format!("Option<{ty}>"),
                (false, false) => ty,
            };
            Some((Origin::Slot(value.slot), layout::field_name(slot).to_string(), ty))
        }
        Item::Elements { var, name, structure } => {
            let ty = if structure.columns { structure.name.clone() } else { format!("Vec<{}>", structure.name) };
            Some((Origin::Loop(*var), snake_case(name), ty))
        }
    }
}

/// `:: mpegg_runtime :: bits :: Ascii < 4usize >` as `Ascii<4>`.
fn plain(tokens: &str) -> String {
    let mut out: String = tokens.split_whitespace().collect();
    while let Some(start) = out.find("::mpegg_runtime::") {
        let path: usize = out.get(start..).map_or(0, |rest| rest.chars().take_while(|c| *c == ':' || *c == '_' || c.is_alphanumeric()).count());
        let name = out.get(start..start + path).and_then(|path| path.rsplit("::").next()).unwrap_or_default().to_owned();
        out.replace_range(start..start + path, &name);
    }
    out.replace("usize", "")
}

/// The declarations of the type of a table and of its inner structures.
pub(super) fn declarations(schema: &Schema, table: &Table) -> Option<String> {
    crate::emit::has_type(table).then(|| {
        let mut out = String::new();
        let form = if table.forms.is_empty() { "" } else { "    pub form: u8,\n" };
        declare(schema, table, &layout::of_table(table), form, &mut out);
        out
    })
}

fn declare(schema: &Schema, table: &Table, structure: &Structure, form: &str, out: &mut String) {
    let fields: Vec<_> = structure.items.iter().filter_map(|item| field(schema, table, item)).collect();
    let lines: String = fields.iter().map(|(_, name, ty)| format!("    pub {name}: {ty},\n")).collect();
    let gap = if out.is_empty() { "" } else { "\n" };
    let body = if lines.is_empty() && form.is_empty() { " {}\n".to_owned() } else { format!(" {{\n{form}{lines}}}\n") };
    *out += &format!("{gap}pub struct {}{body}", structure.name);
    for item in &structure.items {
        if let Item::Elements { structure, .. } = item {
            declare(schema, table, structure, "", out);
        }
    }
}

/// The declaration of the type of a code table.
pub(super) fn codes(codes: &Enum) -> String {
    let variants = codes.codes.iter().filter_map(|(code, _, name, _)| Some(format!("    {}, // {code}\n", camel_case(name.as_deref()?))));
    format!("pub enum {} {{\n{}    Unknown(u64),\n}}\n", codes.type_name(), variants.collect::<String>())
}
