//! A fuzzer without coverage, for machines that have nothing but a Rust compiler.
//!
//! `fuzz --seconds 60 [--target NAME] [--seed S]` changes the inputs of `tests/corpus` and runs the targets on them in turn, each in a process
//! of its own. A panic, a wrong result, too much memory or more than two seconds end it: the input goes to `tests/corpus/failures` and the exit
//! code is 1. `--known TEXT` goes on after failures whose message has this text; they are counted. `fuzz --target NAME --replay FILE..` runs inputs
//! once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mpegg_tests::alloc::Counting;
use mpegg_tests::fuzzing::{Random, Shape, mutate};
use mpegg_tests::inputs::here;
use mpegg_tests::targets::{TARGETS, Target, target};
use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What one input may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a target runs before it is the next one's turn.
const TURN: u64 = 20;

fn main() -> ExitCode {
    match Options::parse().and_then(|options| options.run()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(usage) => {
            eprintln!("{usage}");
            eprintln!("usage: fuzz [--seconds N] [--target NAME] [--seed S] [--known TEXT].. [--replay FILE..]");
            eprintln!("targets: {}", TARGETS.map(|target| target.name).join(" "));
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Options {
    seconds: u64,
    target: Option<&'static Target>,
    seed: u64,
    known: Vec<String>,
    replay: Vec<PathBuf>,
    /// Where a worker says what it runs.
    worker: Option<PathBuf>,
}

impl Options {
    fn parse() -> Result<Options, String> {
        let mut options = Options { seconds: 60, seed: 1, ..Options::default() };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            let number = |text: String| text.parse::<u64>().map_err(|_| format!("`{text}` is no number"));
            match argument.as_str() {
                "--seconds" => options.seconds = number(value()?)?,
                "--seed" => options.seed = number(value()?)?,
                "--target" => {
                    let name = value()?;
                    options.target = Some(target(&name).ok_or_else(|| format!("there is no target `{name}`"))?);
                }
                "--known" => options.known.push(value()?),
                "--worker" => options.worker = Some(PathBuf::from(value()?)),
                "--replay" => options.replay.extend(arguments.by_ref().map(PathBuf::from)),
                _ => return Err(format!("`{argument}` is not known")),
            }
        }
        Ok(options)
    }

    fn run(self) -> Result<bool, String> {
        match (&self.worker, self.target) {
            (Some(state), Some(target)) => work(target, &self, state),
            (Some(_), None) => Err("--worker needs --target".to_owned()),
            _ if !self.replay.is_empty() => self.replay_all(),
            _ => self.lead(),
        }
    }

    fn replay_all(&self) -> Result<bool, String> {
        let Some(target) = self.target else { return Err("--replay needs --target".to_owned()) };
        let mut fine = true;
        keep_panics();
        for path in &self.replay {
            let data = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            let start = Instant::now();
            let result = attempt(target, &data);
            let said = result.as_ref().map_or_else(|why| why.clone(), |()| "fine".to_owned());
            println!("{} {} ({} ms): {said}", target.name, path.display(), start.elapsed().as_millis());
            fine &= result.is_ok();
        }
        Ok(fine)
    }

    /// Runs a process for each turn of each target.
    fn lead(&self) -> Result<bool, String> {
        let targets: Vec<&Target> = self.target.map_or_else(|| TARGETS.iter().collect(), |target| vec![target]);
        let end = Instant::now() + Duration::from_secs(self.seconds);
        let turn = (self.seconds / targets.len() as u64).clamp(1, TURN);
        let state = std::env::temp_dir().join(format!("mpegg-fuzz-{}", std::process::id()));
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut seed = self.seed;
        let mut fine = true;
        'all: loop {
            for target in &targets {
                let left = end.saturating_duration_since(Instant::now()).as_secs();
                if left == 0 || !fine {
                    break 'all;
                }
                let mut command = Command::new(&program);
                command.args(["--target", target.name, "--seconds", &turn.min(left).max(1).to_string(), "--seed", &seed.to_string()]);
                self.known.iter().for_each(|text| {
                    command.args(["--known", text]);
                });
                let status = command.arg("--worker").arg(&state).status().map_err(|error| error.to_string())?;
                match status.code() {
                    Some(0) => {}
                    Some(1) => fine = false,
                    // The stack overflowed, or memory ended: the worker could not say so.
                    code => {
                        let data = running(&state)?;
                        report(target, &data, &format!("the process ended ({code:?}, {status})"))?;
                        fine = false;
                    }
                }
            }
            seed += 1;
        }
        let _ = fs::remove_file(&state);
        Ok(fine)
    }
}

/// The input that a worker was running.
fn running(state: &Path) -> Result<Vec<u8>, String> {
    let bytes = fs::read(state).map_err(|error| error.to_string())?;
    let (length, data) = bytes.split_first_chunk::<8>().ok_or("the worker ran nothing")?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|error| error.to_string())?;
    data.get(..length).map(<[u8]>::to_vec).ok_or_else(|| "the worker's input is cut".to_owned())
}

fn report(target: &Target, data: &[u8], why: &str) -> Result<(), String> {
    let folder = here("corpus/failures");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let hash = data.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    let path = folder.join(format!("{}-{hash:016x}", target.name));
    fs::write(&path, data).map_err(|error| error.to_string())?;
    println!("FAILED {}: {why}\n  input: {} ({} bytes)", target.name, path.display(), data.len());
    Ok(())
}

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs a target; a panic is what it says and where.
fn attempt(target: &Target, data: &[u8]) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(|| (target.run)(data))) {
        Ok(result) => result,
        Err(_) => Err(PANIC.with(|text| text.borrow().clone())),
    }
}

fn keep_panics() {
    std::panic::set_hook(Box::new(|panic| PANIC.with(|text| *text.borrow_mut() = panic.to_string())));
}

struct Corpus {
    shape: Shape,
    files: Vec<Vec<u8>>,
}

fn corpus(target: &Target) -> Vec<Corpus> {
    let read = |folder: &&str| {
        let mut paths: Vec<PathBuf> = fs::read_dir(here("corpus").join(folder)).map_or(vec![], |entries| entries.flatten().map(|entry| entry.path()).collect());
        paths.sort();
        Corpus { shape: Shape::of(folder), files: paths.iter().filter_map(|path| fs::read(path).ok()).collect() }
    };
    target.corpus.iter().map(read).filter(|corpus| !corpus.files.is_empty()).collect()
}

/// Runs changed inputs until the time is over; another thread does it, so that this one can see that it takes too long.
fn work(target: &'static Target, options: &Options, state: &Path) -> Result<bool, String> {
    let (seconds, seed) = (options.seconds, options.seed);
    let corpus = corpus(target);
    if corpus.is_empty() {
        return Err(format!("no corpus for {}", target.name));
    }
    let file = File::create(state).map_err(|error| format!("{}: {error}", state.display()))?;
    let (say, hear) = channel();
    let end = Instant::now() + Duration::from_secs(seconds);
    let known = options.known.clone();
    std::thread::spawn(move || rounds(target, &corpus, seed, end, file, &known, &say));
    let mut busy: Option<Vec<u8>> = None;
    loop {
        match hear.recv_timeout(PATIENCE) {
            Ok(Message::Running(data)) => busy = Some(data),
            Ok(Message::Done(runs, skipped)) => {
                let skipped = if skipped > 0 { format!(", {skipped} known failures") } else { String::new() };
                println!("{:<12} seed {seed}: {runs} runs in {seconds} s{skipped}", target.name);
                return Ok(true);
            }
            Ok(Message::Failed(data, why)) => {
                report(target, &smaller(target, data, &why), &why)?;
                return Ok(false);
            }
            Err(RecvTimeoutError::Timeout) => {
                let data = busy.take().map_or_else(|| running(state), Ok)?;
                report(target, &data, &format!("longer than {PATIENCE:?}"))?;
                return Ok(false);
            }
            Err(RecvTimeoutError::Disconnected) => return Err("the worker's thread ended".to_owned()),
        }
    }
}

enum Message {
    /// Still alive; sent now and then with what is running.
    Running(Vec<u8>),
    /// Runs, and known failures among them.
    Done(u64, u64),
    Failed(Vec<u8>, String),
}

fn rounds(target: &Target, corpus: &[Corpus], seed: u64, end: Instant, mut state: File, known: &[String], say: &Sender<Message>) {
    keep_panics();
    let name = target.name.bytes().fold(seed.wrapping_mul(0x100_0000_01b3), |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut random = Random::new(name);
    let (mut runs, mut skipped) = (0, 0);
    let mut told = Instant::now();
    while Instant::now() < end {
        let from = &corpus[random.below(corpus.len())];
        let (first, second) = (&from.files[random.below(from.files.len())], &from.files[random.below(from.files.len())]);
        let data = mutate(&mut random, from.shape, first, second);
        let mut noted = (data.len() as u64).to_le_bytes().to_vec();
        noted.extend(&data);
        let _ = state.seek(SeekFrom::Start(0)).and_then(|_| state.write_all(&noted));
        let start = Instant::now();
        if start.duration_since(told) > PATIENCE / 8 {
            told = start;
            let _ = say.send(Message::Running(data.clone()));
        }
        let result = attempt(target, &data);
        runs += 1;
        if let Err(why) = result {
            if known.iter().any(|text| why.contains(text.as_str())) {
                skipped += 1;
                continue;
            }
            let _ = say.send(Message::Failed(data, why));
            return;
        }
        if start.elapsed() > PATIENCE {
            let _ = say.send(Message::Failed(data, format!("longer than {PATIENCE:?}")));
            return;
        }
    }
    let _ = say.send(Message::Done(runs, skipped));
}

/// Takes pieces out of a failing input for as long as it fails in the same way.
fn smaller(target: &Target, mut data: Vec<u8>, why: &str) -> Vec<u8> {
    keep_panics();
    // Numbers differ between inputs that fail for the same reason.
    let reason = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).take(80).collect::<String>();
    let wanted = reason(why);
    let end = Instant::now() + Duration::from_secs(10);
    let mut piece = data.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < data.len() && Instant::now() < end {
            let mut less = data.clone();
            less.drain(at..(at + piece).min(less.len()));
            if attempt(target, &less).is_err_and(|why| reason(&why) == wanted) {
                data = less;
            } else {
                at += piece;
            }
        }
        piece /= 2;
    }
    data
}
