//! The command `mpegg`.

mod args;
mod attach;
mod coverage;
mod demux;
mod extract;
mod input;
mod look;
mod make;
mod mux;
mod output;
mod pack;
mod reference;
mod repack;
mod schema;
mod status;
mod strings;
mod validate;

use args::{Args, Command};
use clap::{CommandFactory, Parser};
use status::{Failure, Status};
use std::process::ExitCode;

/// Runs the command with the arguments of the process; messages go to stderr, results to stdout.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let code = if error.use_stderr() { Status::Usage } else { Status::Fine };
            let _ = error.print();
            return code.into();
        }
    };
    match run(args) {
        Ok(status) => status.into(),
        Err(failure) => {
            eprintln!("mpegg: {failure}");
            failure.status().into()
        }
    }
}

fn run(args: Args) -> Result<Status, Failure> {
    match args.command {
        Command::Info(args) => look::info(&args),
        Command::Tree(args) => look::tree(&args),
        Command::Dump(args) => look::dump(&args),
        Command::Get(args) => look::get(&args),
        Command::Validate(args) => validate::validate(&args),
        Command::Quickcheck(args) => validate::quickcheck(&args),
        Command::Extract(args) => extract::extract(&args),
        Command::Reference(args) => reference::run(&args),
        Command::Pack(args) => pack::pack(&args),
        Command::Repack(args) => repack::repack(&args),
        Command::Attach(args) => attach::attach(&args),
        Command::ToJson(args) => look::to_json(&args),
        Command::FromJson(args) => look::from_json(&args),
        Command::Mux(args) => mux::mux(&args),
        Command::Demux(args) => demux::demux(&args),
        Command::Strings(command) => strings::run(command),
        Command::Schema(command) => schema::run(command),
        Command::Completions { shell } => {
            let mut out = output::stdout();
            clap_complete::generate(shell, &mut Args::command(), "mpegg", &mut out);
            Ok(Status::Fine)
        }
        Command::Man { output } => manual(output.as_deref()),
    }
}

/// The manual: one page to stdout, or a page for each command into a folder.
fn manual(folder: Option<&std::path::Path>) -> Result<Status, Failure> {
    match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
            clap_mangen::generate_to(Args::command(), folder).map_err(|error| Failure::file(folder, &error))?;
        }
        None => clap_mangen::Man::new(Args::command()).render(&mut output::stdout()).map_err(Failure::output)?,
    }
    Ok(Status::Fine)
}
