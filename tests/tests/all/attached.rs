//! Boxes put into files that exist: in place where an `offs` stands ready, else by writing anew.

use mpegg::decapsulate::Chunks;
use mpegg::encapsulate::repack::{Change, repack};
use mpegg::encapsulate::{Spool, attach::Attachment, attach::Target};
use mpegg::file::File;
use mpegg::source::Bytes;
use mpegg_tests::command::mpegg;
use mpegg_tests::units;
use std::fs;
use std::path::{Path, PathBuf};

use super::repacked::{findings, repacked};

/// The sample, with an `offs` ready for each key.
fn ready(keys: &[&[u8; 4]]) -> Vec<u8> {
    let sample = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/sample.mgg")).unwrap();
    let change = Change { placeholders: keys.iter().map(|key| **key).collect(), ..Change::default() };
    repacked(&sample, &change).unwrap().0
}

struct Work(tempfile::TempDir);

impl Work {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn attach(&self, more: &[&str]) -> (Option<i32>, String) {
        let file = self.path("file.mgg");
        let mut arguments = vec!["attach".as_ref(), file.as_os_str()];
        arguments.extend(more.iter().map(std::ffi::OsStr::new));
        let output = mpegg(arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn get(&self, path: &str) -> Vec<u8> {
        let file = self.path("file.mgg");
        mpegg(["get".as_ref(), file.as_os_str(), path.as_ref()]).stdout
    }
}

const BOXES: [(&str, &[&str], &str); 9] = [
    ("dgmd", &[], "dgcn[0].dgmd.DG_metadata_value"),
    ("dgcd", &[], "dgcn[0].dgcd.DG_CDL_value"),
    ("dgpr", &["--group", "0"], "dgcn[0].dgpr.DG_protection_value"),
    ("rfmd", &["--reference", "1"], "dgcn[0].rfmd[1].reference_metadata_value"),
    ("dtmd", &["--dataset", "0:2"], "dgcn[0].dtcn[1].dtmd.DT_metadata_value"),
    ("dtmt", &["--dataset", "1"], "dgcn[0].dtcn[0].dtmt.DT_metrics_value"),
    ("dtcd", &["--dataset", "1"], "dgcn[0].dtcn[0].dtcd.DT_CDL_value"),
    ("dtpr", &["--dataset", "4"], "dgcn[0].dtcn[3].dtpr.DT_protection_value"),
    ("atcd", &["--dataset", "3", "--table", "1"], "dgcn[0].dtcn[2].atcn[0].atcd.AT_CDL_value"),
];

#[test]
fn each_box_in_place_and_anew() {
    let all: Vec<&[u8; 4]> = BOXES.iter().map(|(key, _, _)| key.as_bytes().try_into().unwrap()).collect();
    for ready_keys in [&all[..], &[]] {
        let work = Work(tempfile::tempdir().unwrap());
        let before = ready(ready_keys);
        let units_before = units::of_file(&File::new(Bytes(&before)).unwrap()).unwrap();
        fs::write(work.path("file.mgg"), &before).unwrap();
        let value = work.path("value");
        for (number, (key, place, field)) in BOXES.iter().enumerate() {
            // A second one replaces the first; that has to be written anew.
            for round in 0..2 {
                let length = fs::metadata(work.path("file.mgg")).unwrap().len();
                let bytes = format!("value {number}.{round}").repeat(1 + number * 700);
                fs::write(&value, &bytes).unwrap();
                let arguments: Vec<&str> = ["--box", *key, value.to_str().unwrap()].into_iter().chain(place.iter().copied()).collect();
                assert_eq!(work.attach(&arguments), (Some(0), String::new()), "{key}");
                assert!(work.get(field) == bytes.as_bytes(), "{key} in round {round}");
                let made = fs::read(work.path("file.mgg")).unwrap();
                assert_eq!(findings(&made), Vec::<String>::new(), "{key}");
                assert!(units::of_file(&File::new(Bytes(&made)).unwrap()).unwrap() == units_before, "{key}");
                if round == 0 && !ready_keys.is_empty() {
                    let in_front = made.iter().zip(&before).filter(|(a, b)| a != b).count();
                    assert!(made.len() as u64 > length && (number > 0 || in_front <= 8), "{key} is not put behind the others");
                }
            }
        }
        let left: Vec<_> = fs::read_dir(work.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }
}

#[test]
fn labels() {
    let work = Work(tempfile::tempdir().unwrap());
    fs::write(work.path("file.mgg"), ready(&[b"labl"])).unwrap();
    let labels = r#"[{"label_ID": "new", "datasets": [{"dataset_ID": 1, "regions": [{"region": "toyA:1-300", "classes": ["P"]}]}, {"dataset_ID": 2}]}]"#;
    fs::write(work.path("labels.json"), labels).unwrap();
    let path = work.path("labels.json");
    assert_eq!(work.attach(&["--box", "labl", path.to_str().unwrap()]), (Some(0), String::new()));
    let made = fs::read(work.path("file.mgg")).unwrap();
    assert_eq!(findings(&made), Vec::<String>::new());
    let file = File::new(Bytes(&made)).unwrap();
    let labels = file.group(None).unwrap().labels().unwrap();
    assert_eq!((labels.len(), labels[0].label_id.as_str(), labels[0].datasets[0].regions[0].end_pos), (1, "new", 299));
}

#[test]
fn what_cannot_be_attached() {
    let work = Work(tempfile::tempdir().unwrap());
    let before = ready(&[]);
    fs::write(work.path("file.mgg"), &before).unwrap();
    let value = work.path("value");
    fs::write(&value, "dtmd but no box").unwrap();
    let value = value.to_str().unwrap();
    for (arguments, code, part) in [
        (vec!["--box", "dtmd", value], 2, "--dataset"),
        (vec!["--box", "rfmd", value], 2, "--reference"),
        (vec!["--box", "atcd", "--dataset", "3", value], 2, "--table"),
        (vec!["--box", "dtmd", "--dataset", "7", value], 2, "no dataset 7"),
        (vec!["--box", "dgmd", "--group", "7", value], 2, "no dataset group 7"),
        (vec!["--box", "rfmd", "--reference", "7", value], 2, "no reference 7"),
        (vec!["--box", "atcd", "--dataset", "3", "--table", "7", value], 2, "no annotation table 7"),
        (vec!["--box", "dtmd", "--dataset", "1", "--as", "box", value], 4, "no box"),
        (vec!["--box", "dgmd", "--as", "box", value], 2, "no box `dgmd`"),
        (vec!["--box", "labl", value], 2, "value"),
        (vec!["--box", "auhd", value], 2, "an offs can address"),
        (vec!["--box", "dgmd", "nowhere"], 2, "nowhere"),
    ] {
        let (found, message) = work.attach(&arguments);
        assert!(found == Some(code) && message.contains(part), "{arguments:?}: {found:?} {message}");
        assert!(fs::read(work.path("file.mgg")).unwrap() == before, "{arguments:?}");
    }
}

/// What a crash can leave behind the last box is no obstacle: zeros, or a box that nothing addresses.
#[test]
fn after_a_crash() {
    let before = ready(&[b"dgpr"]);
    let units_before = units::of_file(&File::new(Bytes(&before)).unwrap()).unwrap();
    let addressed: Vec<u8> = [b"dgpr", &[0, 0, 0, 0, 0, 0, 0, 40][..], &[0; 28]].concat();
    for tail in [vec![0; 12], vec![0; 100_000], addressed] {
        let left: Vec<u8> = before.iter().copied().chain(tail).collect();
        assert!(units::of_file(&File::new(Bytes(&left)).unwrap()).unwrap() == units_before);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.mgg");
        fs::write(&path, &left).unwrap();
        let attachment = Attachment::new(&File::open(&path).unwrap(), *b"dgpr", Target::Group(None), vec![7; 9000]).unwrap();
        attachment.append(&mut fs::OpenOptions::new().read(true).write(true).open(&path).unwrap()).unwrap();
        let made = fs::read(&path).unwrap();
        let file = File::new(Bytes(&made)).unwrap();
        assert!(units::of_file(&file).unwrap() == units_before);
        let node = file.group(None).unwrap().node().child(*b"dgpr").unwrap().unwrap();
        assert!(node.bytes().unwrap().ends_with(&[7; 9000]));
    }
    // Other bytes behind the last box are an error, and so are too few for a box.
    for tail in [vec![0; 11], vec![1; 12]] {
        let left: Vec<u8> = before.iter().copied().chain(tail).collect();
        assert!(File::new(Bytes(&left)).unwrap().groups().is_err());
    }
    // A file that is written anew is rid of zeros.
    let left: Vec<u8> = before.iter().copied().chain(vec![0; 100]).collect();
    let (file, spool) = (File::new(Bytes(&left)).unwrap(), Spool::new());
    let mut out = vec![];
    repack(&file, &spool, &Change::default()).unwrap().write(Chunks::new(&mut out)).unwrap();
    assert!(out == before);
}
