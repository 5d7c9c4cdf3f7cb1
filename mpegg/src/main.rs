//! Scratch.
use mpegg::{dump, walk};
use mpegg_runtime::source::FileSource;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let source = FileSource::open(&args[2]).unwrap();
    let kind = walk::Kind::of(&source).unwrap();
    let out = std::io::BufWriter::new(std::io::stdout());
    let options = dump::Options::default();
    let limits = mpegg_runtime::Limits::default();
    let errors = if args[1] == "text" {
        dump::dump(&source, kind, &options, &limits, &mut dump::Text::new(out)).unwrap()
    } else {
        dump::dump(&source, kind, &options, &limits, &mut dump::JsonLines(out)).unwrap()
    };
    for error in &errors { eprintln!("{error}"); }
    if !errors.is_empty() { std::process::exit(4) }
}
