//! `mpegg mux` and `mpegg demux` as processes: pipes, exit codes, what is printed, and what is left where they are killed.

use super::command::{mpegg, told};
use mpegg_tests::carrying::packets;
use mpegg_tests::command::binary;
use mpegg_tests::inputs::here;
use mpegg_tests::maker::random::{Rng, sequencing_file};
use mpegg_tests::maker::write;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

fn sample() -> String {
    here("../samples/sample.mgg").display().to_string()
}

/// Runs `demux` on packets that are written to its stdin; gives the exit code, the file, and what it says.
fn demux(stream: &[u8], options: &[&str], folder: &Path) -> (Option<i32>, Option<Vec<u8>>, String) {
    let made = folder.join("made.mgg");
    let _ = fs::remove_file(&made);
    let mut child = Command::new(binary())
        .args(["demux", "-", "-o"])
        .arg(&made)
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command may end before it has read all.
    let _ = child.stdin.take().unwrap().write_all(stream);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), fs::read(&made).ok(), String::from_utf8(said).unwrap())
}

#[test]
fn through_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let (stream, made) = (folder.path().join("sample.stream"), folder.path().join("made.mgg"));
    let by_name = mpegg(["mux".as_ref(), sample().as_ref(), "-o".as_ref(), stream.as_os_str()]);
    assert_eq!(by_name.status.code(), Some(0), "{}", told(&by_name));
    // Streams have no place for the index of a table, and the command says so.
    assert!(told(&by_name).contains("atix"), "{}", told(&by_name));
    let mut mux = Command::new(binary()).args(["mux", &sample(), "-o", "-"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut piped = vec![];
    mux.stdout.take().unwrap().read_to_end(&mut piped).unwrap();
    assert!(mux.wait().unwrap().success());
    assert!(piped == fs::read(&stream).unwrap());
    let by_name = mpegg(["demux".as_ref(), stream.as_os_str(), "-o".as_ref(), made.as_os_str()]);
    assert_eq!(by_name.status.code(), Some(0), "{}", told(&by_name));
    let (code, through_pipe, _) = demux(&piped, &[], folder.path());
    assert_eq!(code, Some(0));
    let to_stdout = mpegg(["demux".as_ref(), stream.as_os_str(), "-o".as_ref(), "-".as_ref()]);
    assert!(through_pipe.as_deref() == Some(to_stdout.stdout.as_slice()));
}

#[test]
fn losses_and_statistics() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = fs::read(sample()).unwrap();
    let mut all = packets(&bytes, &mpegg::transport::MuxOptions { packet_size: 100, repeat_tables: 0 }).unwrap();
    // An access unit of which the first packet is lost.
    let lost = all.iter().position(|packet| packet[5..].starts_with(b"aucn") && packet[2] & 0x80 == 0).unwrap();
    let sid = (u16::from(all[lost][0]) << 5) | u16::from(all[lost][1] >> 3);
    all.remove(lost);
    let stream = all.concat();
    let (code, made, said) = demux(&stream, &[], folder.path());
    assert_eq!((code, made.is_none()), (Some(4), true), "{said}");
    assert!(said.contains("(byte ") && said.contains(&format!("stream {sid}")), "{said}");
    let (code, made, said) = demux(&stream, &["--on-loss", "drop", "--stats"], folder.path());
    assert_eq!((code, made.is_some()), (Some(0), true), "{said}");
    let row: Vec<&str> =
        said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).find(|row| row.first() == Some(&sid.to_string().as_str())).unwrap();
    assert!(row.contains(&"aucn_M") || row.iter().any(|word| word.starts_with("aucn")), "{row:?}");
    let (code, _, said) = demux(&stream, &["--mode", "dsc", "--no-mit"], folder.path());
    assert_eq!(code, Some(2), "{said}");
    let (code, _, said) = demux(&[], &[], folder.path());
    assert_eq!(code, Some(4), "{said}");
    let full = mpegg(["mux", &sample(), "-o", "/dev/full"]);
    assert_eq!(full.status.code(), Some(2), "{}", told(&full));
    let whole = folder.path().join("whole.stream");
    fs::write(&whole, packets(&bytes, &Default::default()).unwrap().concat()).unwrap();
    let full = mpegg(["demux".as_ref(), whole.as_os_str(), "-o".as_ref(), "/dev/full".as_ref()]);
    assert_eq!(full.status.code(), Some(2), "{}", told(&full));
    let size = mpegg(["mux", &sample(), "-o", "-", "--packet-size", "5"]);
    assert_eq!(size.status.code(), Some(2), "{}", told(&size));
}

/// Killed wherever it is, `demux` leaves the whole file or none, whether the stream is still coming or not.
#[test]
fn killed() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = write::file(&sequencing_file(5).file);
    let stream = packets(&bytes, &Default::default()).unwrap().concat();
    let (code, whole, said) = demux(&stream, &["--mode", "dsc"], folder.path());
    assert_eq!(code, Some(0), "{said}");
    let made = folder.path().join("made.mgg");
    let mut rng = Rng::new(17);
    for round in 0..200 {
        let _ = fs::remove_file(&made);
        let arguments = ["demux", "-", "--mode", "dsc", "-o"];
        let mut child = Command::new(binary()).args(arguments).arg(&made).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let count = if round % 2 == 0 { rng.between(0, stream.len() as u64) as usize } else { stream.len() };
        let _ = input.write_all(&stream[..count]);
        if round % 2 == 1 {
            // The stream ends: the file is being written, for some rounds.
            drop(input);
            for _ in 0..rng.between(0, 2000) {
                std::thread::yield_now();
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        let found = fs::read(&made).ok();
        assert!(found.is_none() || found == whole, "round {round}, {count} bytes");
        assert!(round % 2 == 1 || found.is_none(), "round {round}: a file of half a stream");
    }
}
