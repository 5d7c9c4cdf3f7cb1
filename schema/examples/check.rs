//! Scratch.
fn main() {
    let sources = mpegg_schema::tables::sources();
    match mpegg_schema::compile(&sources) {
        Ok(schema) => println!("{} tables, {} enums", schema.tables.len(), schema.enums.len()),
        Err(found) => {
            for d in found {
                let source = &sources[d.span.file];
                let line = source.text.get(..d.span.bytes.start).map_or(0, |t| t.matches('\n').count() + 1);
                let text = source.text.lines().nth(line.saturating_sub(1)).unwrap_or("");
                println!("{}:{line}: {} {} [{}] | {}", source.name, d.code, d.message, d.label, text.trim());
            }
        }
    }
}
