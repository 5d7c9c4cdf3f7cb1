//! Items: tables, code tables, functions, constants, foreign values, parts, the hierarchy.

use super::tokens::{Bracket, Kind, Mark};
use super::{Failed, Parsed, Parser};
use crate::ast::{Code, Enum, ExprKind, File, Item, ItemKind, Level, Mandatory, Name, Param, ParamKind, Scope, Table, TableKind};
use crate::diagnostic::Diagnostic;

/// The words that introduce items.
pub(super) const ITEMS: [&str; 10] = ["box", "container", "struct", "process", "enum", "fn", "const", "foreign", "part", "hierarchy"];

/// What stands in front of an item.
#[derive(Default)]
struct Front {
    doc: Vec<String>,
    clause: Option<String>,
    table: Option<u16>,
}

impl Parser {
    /// The whole file.
    pub(super) fn items(&mut self) -> File {
        let mut file = File::default();
        while *self.kind() != Kind::End {
            let start = self.at;
            self.nesting = 0;
            self.rows_depth = 0;
            match self.item() {
                Ok(item) => file.items.push(item),
                Err(Failed) => self.next_item(start),
            }
        }
        file
    }

    /// Skips to what can start an item.
    fn next_item(&mut self, start: usize) {
        while *self.kind() != Kind::End {
            let token = self.look(0);
            let starts = match &token.kind {
                Kind::Doc(_) | Kind::Sign("#") => true,
                Kind::Word(word) => ITEMS.contains(&word.as_str()),
                _ => false,
            };
            if starts && token.first && token.depth == 0 && self.at > start {
                return;
            }
            self.step();
        }
    }

    fn item(&mut self) -> Parsed<Item> {
        let front = self.front()?;
        let start = self.at;
        let word = match self.kind() {
            Kind::Word(word) if ITEMS.contains(&word.as_str()) => word.clone(),
            Kind::Bad => return Err(Failed),
            Kind::End => {
                let message = "documentation or an attribute without an item behind it";
                let found = Diagnostic::new("MG005", &self.here(), message, "expected an item");
                return self.fail(found);
            }
            _ => {
                let label = "expected an item";
                let found = Diagnostic::new("MG006", &self.here(), "this is not an item", label);
                let help = format!("items start with one of: {}", ITEMS.join(", "));
                return self.fail(found.help(help));
            }
        };
        self.step();
        let kind = match word.as_str() {
            "box" => self.table(TableKind::Box)?,
            "container" => self.table(TableKind::Container)?,
            "struct" => self.table(TableKind::Struct)?,
            "process" => self.table(TableKind::Process)?,
            "enum" => self.codes()?,
            "fn" => {
                let name = self.name("the name of the function")?;
                self.open(Bracket::Round)?;
                let params = self.list(Bracket::Round, |parser| parser.name("a parameter"))?;
                self.sign("=")?;
                let value = self.expr()?;
                ItemKind::Fn { name, params, value }
            }
            "const" => {
                let name = self.name("the name of the constant")?;
                self.sign("=")?;
                let value = self.expr()?;
                ItemKind::Const { name, value }
            }
            "foreign" => {
                let name = self.name("the name of the value")?;
                let part = self.text("the part that defines it, as a text")?.text;
                ItemKind::Foreign { name, part }
            }
            "part" => {
                let name = self.name("the name of the part")?;
                let title = self.text("what the standard calls it, as a text")?;
                ItemKind::Part { name, title }
            }
            _ => {
                let levels = self.levels()?;
                ItemKind::Hierarchy(levels)
            }
        };
        Ok(Item { doc: front.doc.join("\n"), clause: front.clause, table: front.table, kind, span: self.since(start) })
    }

    /// Documentation and attributes.
    fn front(&mut self) -> Parsed<Front> {
        let mut front = Front::default();
        loop {
            self.mark(Mark::Line);
            if let Kind::Doc(line) = self.kind() {
                front.doc.push(line.clone());
                self.step();
                continue;
            }
            if !self.is_sign("#") {
                return Ok(front);
            }
            self.step();
            self.open(Bracket::Square)?;
            self.list(Bracket::Square, |parser| parser.attribute(&mut front))?;
        }
    }

    fn attribute(&mut self, front: &mut Front) -> Parsed<()> {
        let start = self.at;
        let name = self.name("`clause` or `table`")?;
        let twice = match name.text.as_str() {
            "clause" => {
                self.sign("=")?;
                let text = self.text("the number of the clause, as a text")?.text;
                front.clause.replace(text).is_some()
            }
            "table" => {
                self.sign("=")?;
                let Kind::Int(number) = *self.kind() else {
                    return self.unexpected("the number of the table");
                };
                let Ok(number) = u16::try_from(number) else {
                    let message = "the number of a table is at most 65535";
                    let found = Diagnostic::new("MG004", &self.here(), message, "too large");
                    return self.fail(found);
                };
                self.step();
                front.table.replace(number).is_some()
            }
            "form" | "columns" => {
                let message = format!("`{}` belongs to rows", name.text);
                let label = "not an attribute of items";
                return self.fail(Diagnostic::new("MG005", &name.span, message, label));
            }
            _ => {
                let message = format!("unknown attribute `{}`", name.text);
                let found = Diagnostic::new("MG005", &name.span, message, "not an attribute");
                let help = "items have `#[clause = \"...\", table = N]`";
                return self.fail(found.help(help));
            }
        };
        if twice {
            let message = format!("`{}` is given twice", name.text);
            let found = Diagnostic::new("MG005", &self.since(start), message, "the second one");
            return self.fail(found);
        }
        Ok(())
    }

    fn table(&mut self, kind: TableKind) -> Parsed<ItemKind> {
        let name = self.name("the name of the table")?;
        let key = match kind {
            TableKind::Box | TableKind::Container => Some(self.text("its key, as a text")?),
            TableKind::Struct | TableKind::Process => None,
        };
        let mut params = Vec::new();
        if self.is_open(Bracket::Round) {
            self.step();
            params = self.list(Bracket::Round, Self::param)?;
        }
        let mut forms = Vec::new();
        if self.eat_word("forms") {
            self.open(Bracket::Round)?;
            forms = self.list(Bracket::Round, |parser| parser.name("a form"))?;
        }
        let rows = self.block()?;
        Ok(ItemKind::Table(Table { kind, name, key, params, forms, rows }))
    }

    /// `name: NAME`, `name: NAME[]`, `name: NAME[][]`, `name: from..=to`.
    fn param(&mut self) -> Parsed<Param> {
        let name = self.name("a parameter")?;
        self.sign(":")?;
        let from = self.expr()?;
        if self.eat_sign("..=") {
            let to = self.expr()?;
            let kind = ParamKind::Number(from, to);
            return Ok(Param { name, kind });
        }
        let ExprKind::Name(text) = from.kind else {
            return self.unexpected("`..=`");
        };
        let one = Name { text, span: from.span };
        let mut lists = 0;
        while lists < 2 && self.is_open(Bracket::Square) {
            self.step();
            self.close(Bracket::Square)?;
            lists += 1;
        }
        let kind = match lists {
            0 => ParamKind::One(one),
            1 => ParamKind::Many(one),
            _ => ParamKind::Grouped(one),
        };
        Ok(Param { name, kind })
    }

    /// `NAME : u(n) { .. }`.
    fn codes(&mut self) -> Parsed<ItemKind> {
        let name = self.name("the name of the enum")?;
        self.sign(":")?;
        if !self.eat_word("u") {
            return self.unexpected("`u(n)`");
        }
        self.open(Bracket::Round)?;
        let bits = self.expr()?;
        self.close(Bracket::Round)?;
        let codes = self.lines(|parser| {
            let code = parser.code()?;
            parser.eat_sign(",");
            Ok(code)
        })?;
        Ok(ItemKind::Enum(Enum { name, bits, codes }))
    }

    /// `0 = name "doc"`, `3..=5 reserved`, `6.. reserved`.
    fn code(&mut self) -> Parsed<Code> {
        let mut doc = Vec::new();
        while let Kind::Doc(line) = self.kind() {
            doc.push(line.clone());
            self.mark(Mark::Line);
            self.step();
        }
        self.mark(Mark::Line);
        let start = self.at;
        let from = self.int("a code")?;
        let to = if self.eat_sign("..=") {
            Some(self.int("the last code")?)
        } else if self.eat_sign("..") {
            None
        } else {
            Some(from)
        };
        let named = self.eat_sign("=");
        let name = if self.eat_word("reserved") {
            None
        } else if named {
            Some(self.name("the name of the code")?)
        } else {
            return self.unexpected("`=` or `reserved`");
        };
        if let Kind::Text(text) = self.kind()
            && self.same_line()
        {
            doc.push(text.clone());
            self.step();
        }
        Ok(Code { from, to, name, doc: doc.join("\n"), span: self.since(start) })
    }

    fn int(&mut self, what: &str) -> Parsed<u64> {
        let Kind::Int(value) = *self.kind() else {
            return self.unexpected(what);
        };
        self.step();
        Ok(value)
    }

    /// The lines of the hierarchy in braces.
    fn levels(&mut self) -> Parsed<Vec<Level>> {
        self.lines(Self::level)
    }

    /// `KEY "clause" [file|transport] [* | + | #] [{ nested }]`.
    fn level(&mut self) -> Parsed<Level> {
        let key = match self.kind() {
            Kind::Text(_) => self.text("a key")?,
            _ => self.name("a key")?,
        };
        let clause = self.text("the clause, as a text")?.text;
        let scope = if self.same_line() && self.eat_word("file") {
            Scope::File
        } else if self.same_line() && self.eat_word("transport") {
            Scope::Transport
        } else {
            Scope::Both
        };
        let mandatory = if self.eat_sign("*") {
            Mandatory::Both
        } else if self.eat_sign("+") {
            Mandatory::Sequencing
        } else if self.eat_sign("#") {
            Mandatory::Annotation
        } else {
            Mandatory::No
        };
        let children = if self.is_open(Bracket::Curly) { self.levels()? } else { Vec::new() };
        Ok(Level { key, clause, scope, mandatory, children })
    }
}
