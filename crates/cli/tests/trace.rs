//! `vunglam trace` as a person runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn query(folder: &Path, cases: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vunglam"))
        .args(["trace", "query", "--query", "Q3", "--cases", cases, "--dir"])
        .arg(folder)
        .output()
        .expect("the binary runs")
}

fn record(numbers: [u32; 4]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

#[test]
fn who_was_there_is_told_from_files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("a temporary file");
    let visits = [
        [1, 7, 100, 60],
        [2, 7, 130, 60],
        [2, 7, 129, 40],
        [3, 7, 131, 60],
        [4, 8, 100, 60],
    ];
    put("checkins.bin", &visits.map(record).concat());
    put("cases.csv", b"person,onset,isolation\n1,7200,11200\n3,1,2\n");
    let told = query(folder.path(), "1");
    assert_eq!(String::from_utf8_lossy(&told.stdout), "2,2,61\n");
    let nobody = query(folder.path(), "2");
    assert_eq!(String::from_utf8_lossy(&nobody.stdout), "2,4,158\n");

    let too_many = query(folder.path(), "3");
    assert!(!too_many.status.success());
    put("checkins.bin", &[0; 15]);
    let cut = query(folder.path(), "1");
    assert!(String::from_utf8_lossy(&cut.stderr).contains("in the middle of a record"));
    put("checkins.bin", &[]);
    assert!(query(folder.path(), "1").stdout.is_empty());
}

/// The answers that three other programs agreed on.
#[test]
fn the_published_answers_are_given_byte_for_byte() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var("VUNGLAM_TEST_DATA").map_or(beside, PathBuf::from);
    let folder = data.join("../research/trace-golden");
    if !folder.exists() {
        eprintln!("not run: there is no {}", folder.display());
        return;
    }
    for (cases, file) in [("1", "Q3_1.csv"), ("20", "Q3_20.csv")] {
        let golden = std::fs::read(folder.join(file)).expect("a golden file");
        let told = query(&folder, cases);
        assert!(told.status.success());
        assert!(!golden.is_empty() && told.stdout == golden, "{file}");
    }
}
