//! Lists in and out, on both databases, through the operations: taken, checked, entered once, and exported whole.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::World;
use common::desk::{scope_of, seat};
use server::ServiceError;
use server::auth::{self, Session};
use server::cases::chain::chain_of;
use server::cases::contacts::{ContactFilter, ContactOrder, list_contacts};
use server::cases::files::{CaseFilter, NewCaseFile, Subject, list_files, open_case};
use server::cases::model::{CaseFile, CaseState};
use server::civil::CivilDate;
use server::codes::Finding;
use server::exchange::sheet::{self, OutFormat, SheetError};
use server::exchange::{
    self, ExportAsk, ExportWords, Field, Import, ImportState, Incoming, Kind, Options, Standing, UploadError, Words,
};
use server::people::{self, Identity};

async fn officer(world: &World, login: &str, role: &str, code: &str) -> Session {
    let (scope, place) = scope_of(world, code);
    seat(world, login, role, scope, place).await;
    auth::session_of(&world.both.authority, login).await.unwrap()
}

async fn case(world: &World, by: &Session, label: &str) -> CaseFile {
    let app = &world.both.authority;
    let today = CivilDate::today(world.clock.now());
    let new = NewCaseFile {
        subject: Subject::New(Box::new(Identity {
            name: "Nguyễn Văn Mười".into(),
            ..Identity::default()
        })),
        label: Some(label.into()),
        state: CaseState::Confirmed,
        finding: Finding::Confirmed,
        test_date: today,
        onset_date: None,
        unit: app.geo.by_code("28249", today).unwrap().id,
        is_listed: false,
    };
    open_case(app, by, new).await.unwrap()
}

async fn take(world: &World, by: &Session, kind: Kind, bytes: &[u8]) -> Result<Import, UploadError> {
    let app = &world.both.authority;
    let mut incoming = Incoming::new(app);
    incoming.push(bytes).map_err(UploadError::Sheet)?;
    let options = Options {
        unit: Some("28249".into()),
        level: 2,
        ..Options::default()
    };
    exchange::upload(app, by, kind, options, incoming).await
}

/// Takes a list, has it checked, and returns how it stands then.
async fn checked(world: &World, by: &Session, kind: Kind, bytes: &[u8]) -> Import {
    let app = &world.both.authority;
    let list = take(world, by, kind, bytes).await.unwrap();
    let id = &list.import_id;
    exchange::check(app, by, id, list.fields.clone(), list.options.clone())
        .await
        .unwrap();
    exchange::go_on(app, by, id).await.unwrap();
    exchange::find_import(app, by, id).await.unwrap()
}

async fn entered(world: &World, by: &Session, kind: Kind, bytes: &[u8]) -> Import {
    let app = &world.both.authority;
    let list = checked(world, by, kind, bytes).await;
    exchange::enter(app, by, &list.import_id).await.unwrap();
    exchange::go_on(app, by, &list.import_id).await.unwrap();
    exchange::find_import(app, by, &list.import_id).await.unwrap()
}

/// A messy list of `rows` contacts of two cases; every tenth row has one of three faults. Returns it and the wrong rows.
fn messy(rows: usize) -> (String, usize) {
    let mut text = String::from("TRUNG TÂM Y TẾ;;;;;;\nSTT;Họ và tên;Năm sinh;Giới;SĐT;Mã ca;Ngày tiếp xúc\n");
    let mut wrong = 0;
    for at in 0..rows {
        let (mut phone, mut case, mut day) = (
            format!("09{:08}", 10_000_000 + at * 7),
            format!("BN-{}", at % 2 + 1),
            "10/7/2021",
        );
        if at % 10 == 3 {
            wrong += 1;
            match at % 3 {
                0 => phone = "0912".into(),
                1 => case = "BN-77".into(),
                _ => day = "31/6/2021",
            }
        }
        let name = ["Nguyễn Thị", "Trần Văn", "Lê Hoàng", "Phạm Thị"][at % 4];
        let given = ["An", "Bình", "Châu", "Dung", "Giang", "Hà", "Khánh"][at % 7];
        let middle = ["Kim", "Ngọc", "Minh", "Thanh", "Thu"][at / 7 % 5];
        text.push_str(&format!(
            "{};{name} {middle} {given};{};{};{phone};{case};{day}\n",
            at + 1,
            1940 + at % 70,
            if at % 2 == 0 { "nữ" } else { "nam" }
        ));
    }
    (text, wrong)
}

fn words() -> (String, impl Fn(&str) -> String + Sync, impl Fn(Field) -> String + Sync) {
    (
        "Lý do".to_owned(),
        |word: &str| format!("lỗi {word}"),
        |field: Field| field.word().to_owned(),
    )
}

async fn errors(world: &World, by: &Session, import_id: &str, only_bad: bool) -> Vec<Vec<String>> {
    let (heading, fault, field) = words();
    let words = Words {
        heading,
        fault: &fault,
        field: &field,
    };
    let file = exchange::error_workbook(&world.both.authority, by, import_id, only_bad, &words)
        .await
        .unwrap();
    rows_of(file)
}

fn rows_of(mut file: File) -> Vec<Vec<String>> {
    let format = sheet::format_of(&mut file).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    let mut rows = Vec::new();
    sheet::read(file, format, &mut |row| {
        rows.push(row);
        Ok(())
    })
    .unwrap();
    rows
}

fn csv(rows: &[Vec<String>]) -> String {
    let lines: Vec<String> = rows.iter().map(|row| row.join(";")).collect();
    lines.join("\n")
}

async fn contacts(world: &World, by: &Session) -> usize {
    let filter = ContactFilter {
        limit: 100_000,
        ..ContactFilter::default()
    };
    list_contacts(&world.both.authority, by, ContactOrder::Newest, &filter)
        .await
        .unwrap()
        .len()
}

on_each_database! {
    async fn wrong_rows_come_back_with_reasons_and_only_they_are_entered_after(world) {
        let tracer = officer(world, "tracer", "tracer", "815").await;
        case(world, &tracer, "BN-1").await;
        case(world, &tracer, "BN-2").await;
        let (text, wrong) = messy(1203);
        let list = entered(world, &tracer, Kind::Contacts, text.as_bytes()).await;
        assert_eq!((list.total, list.bad, list.state), (1203, wrong as i64, ImportState::Done));
        assert_eq!((list.entered, list.known), (1203 - wrong as i64, 0));
        assert_eq!(contacts(world, &tracer).await, 1203 - wrong);

        // The same list again: every row with its reason behind it.
        let back = errors(world, &tracer, &list.import_id, false).await;
        assert_eq!(back.len(), 1204);
        assert_eq!(back[0].last().unwrap(), "Lý do");
        let with_reason = back.iter().filter(|row| row.last().unwrap().starts_with("lỗi ")).count();
        assert_eq!(with_reason, wrong);
        let only = errors(world, &tracer, &list.import_id, true).await;
        assert_eq!(only.len(), wrong + 1);
        let reasons: BTreeMap<&str, usize> = only[1..].iter().fold(BTreeMap::new(), |mut all, row| {
            *all.entry(row.last().unwrap().as_str()).or_default() += 1;
            all
        });
        assert_eq!(reasons.keys().copied().collect::<Vec<_>>(), ["lỗi bad-day", "lỗi bad-phone", "lỗi unknown-case"]);

        // Mended, the whole workbook enters exactly what was wrong.
        let mended: Vec<Vec<String>> = back
            .into_iter()
            .enumerate()
            .map(|(at, mut row)| {
                if row.last().unwrap().starts_with("lỗi ") {
                    (row[4], row[5], row[6]) = (format!("03{at:08}"), "BN-1".into(), "9/7/2021".into());
                }
                row
            })
            .collect();
        let again = entered(world, &tracer, Kind::Contacts, csv(&mended).as_bytes()).await;
        assert_eq!((again.bad, again.entered, again.known), (0, wrong as i64, 1203 - wrong as i64));
        assert_eq!(contacts(world, &tracer).await, 1203);

        // The same file twice creates nothing.
        let twice = entered(world, &tracer, Kind::Contacts, text.as_bytes()).await;
        assert_eq!((twice.entered, twice.known), (0, 1203 - wrong as i64));
        assert_eq!(contacts(world, &tracer).await, 1203);
        assert_eq!(people::count(&world.both.authority).await.unwrap(), 1205);
    }

    async fn a_process_that_dies_in_the_middle_is_gone_on_after(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        case(world, &tracer, "BN-1").await;
        case(world, &tracer, "BN-2").await;
        let (text, wrong) = messy(2000);
        let list = checked(world, &tracer, Kind::Contacts, text.as_bytes()).await;
        exchange::enter(app, &tracer, &list.import_id).await.unwrap();
        exchange::go_on_for(app, &tracer, &list.import_id, 2).await.unwrap();
        let half = exchange::find_import(app, &tracer, &list.import_id).await.unwrap();
        // Title and heading were the first two of the first 500 rows read; a tenth of the rest is wrong.
        assert_eq!((half.state, half.entered), (ImportState::Entering, 998 - 100));
        // Another process has it until its lease is over.
        exchange::go_on(app, &tracer, &list.import_id).await.unwrap();
        assert_eq!(contacts(world, &tracer).await, 898);
        world.clock.advance(121);
        exchange::go_on(app, &tracer, &list.import_id).await.unwrap();
        let done = exchange::find_import(app, &tracer, &list.import_id).await.unwrap();
        assert_eq!((done.state, done.entered, done.known), (ImportState::Done, 2000 - wrong as i64, 0));
        assert_eq!(contacts(world, &tracer).await, 2000 - wrong);
    }

    async fn a_list_belongs_to_who_took_it_and_ends_after_a_day(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let lead = officer(world, "lead", "team_lead", "82").await;
        case(world, &tracer, "BN-1").await;
        let (text, _) = messy(40);
        let list = checked(world, &tracer, Kind::Contacts, text.as_bytes()).await;
        let id = &list.import_id;
        assert!(matches!(exchange::find_import(app, &lead, id).await, Err(ServiceError::NotFound { .. })));
        assert!(matches!(exchange::enter(app, &lead, id).await, Err(ServiceError::NotFound { .. })));
        assert!(matches!(exchange::discard(app, &lead, id).await, Err(ServiceError::NotFound { .. })));
        world.clock.advance(86_400);
        exchange::purge(app).await.unwrap();
        let gone = exchange::find_import(app, &tracer, id).await.unwrap();
        assert_eq!(gone.state, ImportState::Expired);
        assert!(matches!(exchange::enter(app, &tracer, id).await, Err(ServiceError::Conflict { .. })));
        let tables = app.db.table_counts().await.unwrap();
        assert_eq!(tables.iter().find(|(name, _)| name == "import_chunk").unwrap().1, 0);
    }

    async fn columns_named_once_are_known_the_next_time(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let other = officer(world, "other", "tracer", "82").await;
        let text = "Người gặp;Ai;Khi nào\nNguyễn Thị Lan;0912345678;10/7/2021\nTrần Văn Bảy;0912345679;11/7/2021\n";
        let words = |list: &Import| list.fields.iter().map(|field| field.word()).collect::<Vec<_>>();
        let list = take(world, &tracer, Kind::Contacts, text.as_bytes()).await.unwrap();
        assert_eq!(words(&list), ["name", "phone", "exposed-on"]);
        let named: Vec<Field> = ["name", "ignored", "exposed-on"].map(|word| Field::parse(word).unwrap()).into();
        exchange::check(app, &tracer, &list.import_id, named, list.options.clone()).await.unwrap();
        let next = text.replace("Lan", "Loan");
        let again = take(world, &tracer, Kind::Contacts, next.as_bytes()).await.unwrap();
        assert_eq!(words(&again), ["name", "ignored", "exposed-on"]);
        // Another unit names its own, and a list of cases is another list.
        let elsewhere = take(world, &other, Kind::Contacts, next.as_bytes()).await.unwrap();
        assert_eq!(words(&elsewhere), ["name", "phone", "exposed-on"]);
    }

    async fn somebody_known_by_telephone_is_not_made_twice(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        case(world, &tracer, "BN-1").await;
        case(world, &tracer, "BN-2").await;
        let first = "Họ tên;SĐT;Năm sinh;Mã ca;Ngày tiếp xúc\nNguyễn Thị Lan;0912345678;1990;BN-1;10/7/2021\n";
        entered(world, &tracer, Kind::Contacts, first.as_bytes()).await;
        // Without marks, the number with its country code, another case: the same person, a new contact.
        let second = "Họ tên;SĐT;Năm sinh;Mã ca;Ngày tiếp xúc\nNguyen Thi Lan;+84912345678;1990;BN-2;10/7/2021\n";
        let list = entered(world, &tracer, Kind::Contacts, second.as_bytes()).await;
        assert_eq!((list.entered, list.known), (1, 0));
        assert_eq!(people::count(app).await.unwrap(), 3);
        assert_eq!(contacts(world, &tracer).await, 2);
    }

    async fn exports_are_recorded_and_large_ones_need_a_second_person(world) {
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let lead = officer(world, "lead", "team_lead", "82").await;
        let scientist = officer(world, "scientist", "epidemiologist", "82").await;
        case(world, &tracer, "BN-1").await;
        case(world, &tracer, "BN-2").await;
        let (text, wrong) = messy(300);
        entered(world, &tracer, Kind::Contacts, text.as_bytes()).await;
        let all = ExportAsk { kind: Kind::Contacts, state: None, generation: None, case_id: None };
        let rows = 300 - wrong as i64;
        assert_eq!(exchange::count(app, &tracer, &all).await.unwrap(), rows);
        assert!(matches!(export(world, &tracer, &all, OutFormat::Csv).await, Err(ServiceError::Conflict { .. })));
        assert_eq!(exchange::standing(app, &tracer, &all, rows).await.unwrap(), Standing::NeedsApproval);
        exchange::ask_approval(app, &tracer, &all).await.unwrap();
        assert_eq!(exchange::standing(app, &tracer, &all, rows).await.unwrap(), Standing::Asked);
        let waiting = auth::list_approvals(app, &lead).await.unwrap();
        auth::decide(app, &lead, &waiting[0].approval_id, true).await.unwrap();
        // For exactly this, and once.
        let other = ExportAsk { kind: Kind::Contacts, state: Some("new".into()), ..all.clone() };
        assert!(matches!(export(world, &tracer, &other, OutFormat::Csv).await, Err(ServiceError::Conflict { .. })));
        let text = export(world, &tracer, &all, OutFormat::Csv).await.unwrap();
        assert!(text.contains("Nguyễn Thị") && text.contains(&format!("rows={}", rows + 1)), "{text}");
        assert!(matches!(export(world, &tracer, &all, OutFormat::Csv).await, Err(ServiceError::Conflict { .. })));

        // A word of yesterday is none.
        exchange::ask_approval(app, &tracer, &all).await.unwrap();
        let waiting = auth::list_approvals(app, &lead).await.unwrap();
        let asked = waiting.iter().find(|approval| approval.decided_at.is_none()).unwrap();
        auth::decide(app, &lead, &asked.approval_id, true).await.unwrap();
        assert!(matches!(exchange::standing(app, &tracer, &all, rows).await.unwrap(), Standing::Approved(..)));
        world.clock.advance(86_401);
        assert_eq!(exchange::standing(app, &tracer, &all, rows).await.unwrap(), Standing::NeedsApproval);

        // Who never sees names gets none.
        let few = ExportAsk { kind: Kind::Cases, state: None, generation: None, case_id: None };
        let text = export(world, &scientist, &few, OutFormat::Csv).await.unwrap();
        assert!(text.contains("BN-1") && !text.contains("Nguyễn") && !text.contains("0912"), "{text}");
        let text = export(world, &tracer, &few, OutFormat::Csv).await.unwrap();
        assert!(text.contains("Nguyễn Văn Mười"), "{text}");
    }

    async fn files_that_are_no_lists_are_refused_and_leave_nothing(world) {
        let tracer = officer(world, "tracer", "tracer", "815").await;
        let keys = world.both.authority.people.keyring().table_counts().await.unwrap();
        for (bytes, error) in [
            (&b""[..], SheetError::Empty),
            (b"PK\x03\x04", SheetError::Damaged),
            ("Họ tên;SĐT\n".as_bytes(), SheetError::Empty),
            (b"\xff\xfea\0", SheetError::Encoding),
        ] {
            match take(world, &tracer, Kind::Contacts, bytes).await {
                Err(UploadError::Sheet(found)) => assert_eq!(found, error),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(world.both.authority.people.keyring().table_counts().await.unwrap(), keys);
        let auditor = officer(world, "auditor", "auditor", "82").await;
        assert!(matches!(
            take(world, &auditor, Kind::Contacts, b"a;b\n1;2").await,
            Err(UploadError::Service(ServiceError::NotAllowed))
        ));
    }

    async fn a_published_line_list_comes_in_with_its_links(world) {
        let Some(path) = data("outbreaks/patients.json") else { return };
        let app = &world.both.authority;
        let tracer = officer(world, "tracer", "tracer", "82").await;
        let bytes = std::fs::read(&path).unwrap();
        let list = entered(world, &tracer, Kind::Cases, &bytes).await;
        assert_eq!((list.total, list.bad, list.entered, list.links), (288, 0, 288, 85));
        let truth = peer("check_chain.py", &path);
        let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
        assert_eq!((truth["cases"].as_u64(), truth["links"].as_u64()), (Some(288), Some(85)));

        let filter = CaseFilter { limit: 1000, ..CaseFilter::default() };
        let cases = list_files(app, &tracer, &filter).await.unwrap();
        assert_eq!(cases.len(), 288);
        let mut generations: BTreeMap<String, usize> = BTreeMap::new();
        for case in &cases {
            if generations.contains_key(&case.label) {
                continue;
            }
            for link in chain_of(app, &tracer, &case.case_id).await.unwrap() {
                generations.insert(link.case.unwrap().label, link.generation);
            }
        }
        let expected: BTreeMap<String, usize> = serde_json::from_value(truth["generations"].clone()).unwrap();
        assert_eq!(generations, expected);

        let again = entered(world, &tracer, Kind::Cases, &bytes).await;
        assert_eq!((again.entered, again.known, again.links), (0, 288, 0));
    }
}

async fn export(world: &World, by: &Session, ask: &ExportAsk, format: OutFormat) -> Result<String, ServiceError> {
    let words = ExportWords {
        heading: exchange::columns(ask.kind).iter().map(|id| (*id).to_owned()).collect(),
        state: &|id| id.to_owned(),
    };
    let done = exchange::export(&world.both.authority, by, ask, format, &words).await?;
    let mut file = done.file;
    let mut text = Vec::new();
    file.read_to_end(&mut text).unwrap();
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A file of the public data; nothing where it is not there.
fn data(name: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var("VUNGLAM_TEST_DATA").map_or(beside, PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// Runs a program of `examples/peers`, which needs Python alone, on a file.
fn peer(script: &str, file: &Path) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/peers");
    let run = Command::new("python3")
        .current_dir(folder)
        .arg(script)
        .arg(file)
        .output()
        .expect("python3 checks lists: install it or put it on the PATH");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

/// The control row and the cells of what is exported, read by another program.
#[tokio::test]
async fn another_program_finds_an_export_whole() {
    let world = World::in_memory().await;
    let tracer = officer(&world, "tracer", "tracer", "815").await;
    let hostile = ["=cmd()", "+84", "-1", "@x", "\"a\";b", "dòng\nhai", "'lẻ"];
    let mut text = String::from("Họ tên;SĐT;Mã ca;Ngày tiếp xúc;Nơi tiếp xúc\n");
    for (at, place) in hostile.iter().enumerate() {
        let quoted = place.replace('"', "\"\"");
        text.push_str(&format!("Trần Thị Ba;09123456{at:02};BN-1;10/7/2021;\"{quoted}\"\n"));
    }
    case(&world, &tracer, "BN-1").await;
    let list = entered(&world, &tracer, Kind::Contacts, text.as_bytes()).await;
    assert_eq!((list.entered, list.bad), (7, 0));
    let ask = ExportAsk {
        kind: Kind::Contacts,
        state: None,
        generation: None,
        case_id: None,
    };
    let folder = tempfile::tempdir().unwrap();
    for format in [OutFormat::Csv, OutFormat::Xlsx] {
        let words = ExportWords {
            heading: exchange::columns(ask.kind).iter().map(|id| (*id).to_owned()).collect(),
            state: &|id| id.to_owned(),
        };
        let mut done = exchange::export(&world.both.authority, &tracer, &ask, format, &words)
            .await
            .unwrap();
        let path = folder.path().join(format!("list.{}", format.word()));
        std::io::copy(&mut done.file, &mut File::create(&path).unwrap()).unwrap();
        let rows: Vec<Vec<String>> = serde_json::from_str(&peer("check_list.py", &path)).unwrap();
        assert_eq!(rows.len(), 8, "{format:?}");
        let mut places: Vec<&str> = rows[1..].iter().map(|row| row[13].as_str()).collect();
        places.sort_unstable();
        let mut expected = hostile.to_vec();
        expected.sort_unstable();
        assert_eq!(places, expected, "{format:?}");
    }
}
