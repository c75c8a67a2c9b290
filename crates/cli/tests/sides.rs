//! The two processes that `vunglam serve` starts: neither holds a file of the other, and both end with their parent.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("vunglam-sides-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn configure(&self, side: &str) -> PathBuf {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let file = self.0.join(format!("{side}.toml"));
        let data = self.0.join(side).display().to_string();
        fs::write(&file, format!("listen = \"{free}\"\ndata = {data:?}\n")).unwrap();
        file
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Starts both sides and waits until both say that they listen.
fn serve(folder: &Folder) -> (Child, BufReader<ChildStderr>) {
    let mut parent = Command::new(env!("CARGO_BIN_EXE_vunglam"))
        .arg("serve")
        .arg("--keys-config")
        .arg(folder.configure("keys"))
        .arg("--authority-config")
        .arg(folder.configure("authority"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(parent.stderr.take().unwrap());
    let (mut listening, mut lines) = (0, String::new());
    // A side that does not come up is started again and again.
    while listening < 2 && lines.lines().count() < 50 {
        let mut line = String::new();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "the log ended before both listen");
        listening += u32::from(line.contains("\"listening\""));
        lines.push_str(&line);
    }
    if listening < 2 {
        parent.kill().unwrap();
    }
    assert_eq!(listening, 2, "{lines}");
    (parent, log)
}

/// Returns the files that each child holds open, by the role it was started with.
fn open_files(parent: u32) -> Vec<(String, Vec<PathBuf>)> {
    // Each thread lists the processes that it started.
    let threads = fs::read_dir(format!("/proc/{parent}/task")).unwrap();
    let children: String = threads
        .map(|thread| fs::read_to_string(thread.unwrap().path().join("children")).unwrap_or_default())
        .collect();
    let files_of = |process: &str| {
        let handles = fs::read_dir(Path::new("/proc").join(process).join("fd")).unwrap();
        handles
            .filter_map(|handle| fs::read_link(handle.unwrap().path()).ok())
            .collect()
    };
    let role_of = |process: &str| {
        let command = fs::read_to_string(Path::new("/proc").join(process).join("cmdline")).unwrap();
        let mut words = command.split('\0').skip_while(|word| *word != "--role");
        words.nth(1).expect("children are started with a role").to_owned()
    };
    children
        .split_whitespace()
        .map(|process| (role_of(process), files_of(process)))
        .collect()
}

#[test]
fn neither_process_holds_a_file_of_the_other_and_both_end_with_their_parent() {
    let folder = Folder::new();
    let (mut parent, mut log) = serve(&folder);
    let sides = open_files(parent.id());
    parent.kill().unwrap();
    parent.wait().unwrap();
    // Both hold the other end of the log: it ends when they have.
    log.read_to_string(&mut String::new()).unwrap();

    let holds = |role: &str, of: &str| {
        let (_, files) = sides.iter().find(|(side, _)| side == role).expect("the side runs");
        files.iter().any(|file| file.starts_with(folder.0.join(of)))
    };
    assert_eq!(sides.len(), 2);
    assert!(holds("keys", "keys") && holds("authority", "authority"), "{sides:?}");
    assert!(!holds("keys", "authority"), "{sides:?}");
    assert!(!holds("authority", "keys"), "{sides:?}");
}
