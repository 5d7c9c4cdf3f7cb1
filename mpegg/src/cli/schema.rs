//! `mpegg schema`: the schema language's own commands.

use super::args::{SchemaCommand, SchemaFormat};
use super::input::text;
use super::output::{Output, stdout};
use super::status::{Failure, Status};
use mpegg_schema::{Diagnostic, Schema, Source};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Runs one of them.
pub fn run(command: SchemaCommand) -> Result<Status, Failure> {
    match command {
        SchemaCommand::Check { files, format } => check(&files, format),
        SchemaCommand::Fmt { files, check } => fmt(&files, check),
        SchemaCommand::Explain { code } => explain(code.as_deref()),
        SchemaCommand::Show { name, schema, width } => show(name.as_deref(), &schema, width),
        SchemaCommand::Doc { output } => doc(&output),
        SchemaCommand::Coverage { files, json } => coverage(&files, json),
    }
}

/// The files, or without any those that the command carries.
fn sources(files: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    if files.is_empty() {
        return Ok(mpegg_schema::tables::sources());
    }
    files.iter().map(|path| Ok(Source { name: path.display().to_string(), text: text(path)? })).collect()
}

fn compiled(sources: &[Source]) -> Result<Schema, Failure> {
    mpegg_schema::compile(sources).map_err(|found| {
        report(&found, sources, SchemaFormat::Text);
        Failure::Other(format!("{} errors in the schema", found.len()), Status::Schema)
    })
}

/// Diagnostics to stderr, or as JSON to stdout.
fn report(found: &[Diagnostic], sources: &[Source], format: SchemaFormat) {
    match format {
        SchemaFormat::Text => eprint!("{}", mpegg_schema::render::render(found, sources, std::io::stderr().is_terminal())),
        SchemaFormat::Json => print!("{}", mpegg_schema::render::render_json(found, sources)),
    }
}

fn check(files: &[PathBuf], format: SchemaFormat) -> Result<Status, Failure> {
    let sources = sources(files)?;
    match mpegg_schema::compile(&sources) {
        Ok(schema) => {
            if format == SchemaFormat::Text {
                let boxes = schema.tables.iter().filter(|table| table.key.is_some()).count();
                let mut out = stdout();
                let line =
                    format!("{} files: {} tables ({boxes} of them boxes), {} code tables, no errors", sources.len(), schema.tables.len(), schema.enums.len());
                writeln!(out, "{line}").and_then(|()| out.flush()).map_err(Failure::output)?;
            }
            Ok(Status::Fine)
        }
        Err(found) => {
            report(&found, &sources, format);
            Ok(Status::Schema)
        }
    }
}

fn fmt(files: &[PathBuf], check: bool) -> Result<Status, Failure> {
    let mut status = Status::Fine;
    for path in files {
        let source = Source { name: path.display().to_string(), text: text(path)? };
        let formatted = match mpegg_schema::format::format(&source.text) {
            Ok(formatted) => formatted,
            Err(found) => {
                report(&found, &[source], SchemaFormat::Text);
                status = Status::Schema;
                continue;
            }
        };
        if path == Path::new("-") {
            let mut out = stdout();
            out.write_all(formatted.as_bytes()).and_then(|()| out.flush()).map_err(Failure::output)?;
        } else if formatted != source.text {
            if check {
                eprintln!("mpegg: {} is not formatted", path.display());
                status = Status::Findings;
            } else {
                let mut out = Output::open(Some(path))?;
                out.write_all(formatted.as_bytes()).map_err(Failure::output)?;
                out.finish()?;
            }
        }
    }
    Ok(status)
}

fn show(name: Option<&str>, files: &[PathBuf], width: Option<usize>) -> Result<Status, Failure> {
    let sources = sources(files)?;
    let schema = compiled(&sources)?;
    let mut out = stdout();
    let terminal = std::io::stdout().is_terminal();
    let Some(name) = name else {
        for table in schema.tables.iter().filter(|table| table.number.is_some() || table.key.is_some() || table.part > 0) {
            let number = table.number.map_or(String::new(), |number| format!("Table {number}"));
            let key = table.key.as_deref().unwrap_or("");
            // Of a named part the clauses are not known; its title takes their place.
            writeln!(out, "{number:<9} {:<9} {key:<5} {}", table.clause, table.name).map_err(Failure::output)?;
        }
        return out.flush().map_err(Failure::output).map(|()| Status::Fine);
    };
    let width = width.or_else(|| std::env::var("COLUMNS").ok()?.parse().ok()).unwrap_or(160);
    match mpegg_schema::export::show(&schema, &sources, name, width, terminal) {
        Some(text) => {
            out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::output)?;
            Ok(Status::Fine)
        }
        None => Err(Failure::Other(format!("no table is called {name}; `mpegg schema show` lists them"), Status::Usage)),
    }
}

fn doc(folder: &Path) -> Result<Status, Failure> {
    let sources = sources(&[])?;
    let schema = compiled(&sources)?;
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    let pages = mpegg_schema::export::html(&schema, &sources);
    for (name, content) in &pages {
        let path = folder.join(name);
        let mut out = Output::open(Some(&path))?;
        out.write_all(content.as_bytes()).map_err(|error| Failure::file(&path, &error))?;
        out.finish()?;
    }
    eprintln!("mpegg: {} files; open {}", pages.len(), folder.join("index.html").display());
    Ok(Status::Fine)
}

fn coverage(files: &[PathBuf], json: bool) -> Result<Status, Failure> {
    let sources = sources(&[])?;
    let schema = compiled(&sources)?;
    let mut coverage = mpegg_schema::export::Coverage::new();
    for path in files {
        super::coverage::hits(path, &mut coverage)?;
    }
    let report = coverage.report(&schema, &sources);
    let mut out = stdout();
    if json {
        serde_json::to_writer_pretty(&mut out, &report).map_err(|error| Failure::output(error.into()))?;
        writeln!(out).map_err(Failure::output)?;
    } else {
        write!(out, "{report}").map_err(Failure::output)?;
    }
    out.flush().map_err(Failure::output)?;
    Ok(Status::Fine)
}

fn explain(code: Option<&str>) -> Result<Status, Failure> {
    let mut out = stdout();
    match code {
        Some(code) => {
            let Some(explanation) = mpegg_schema::explain::explain(&code.to_uppercase()) else {
                return Err(Failure::Other(format!("there is no diagnostic {code}; `mpegg schema explain` lists them"), Status::Usage));
            };
            writeln!(out, "{}", explanation.trim_end()).map_err(Failure::output)?;
        }
        None => {
            for (code, title, _) in mpegg_schema::explain::CODES {
                writeln!(out, "{code}  {title}").map_err(Failure::output)?;
            }
        }
    }
    out.flush().map_err(Failure::output)?;
    Ok(Status::Fine)
}
