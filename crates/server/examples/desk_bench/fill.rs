//! Officers, cases and contacts, entered through the operations of the desk.

use std::io::Seek;
use std::time::Instant;

use serde_json::{Value, json};
use server::auth::{self, Enrolment, NewOfficer, Role, Session};
use server::cases::{bulk, model::Outcome as CallOutcome, queue};
use server::civil::CivilDate;
use server::clock::VirtualClock;
use server::config::AuthorityConfig;
use server::exchange::sheet::{self, OutFormat};
use server::exchange::{self, ExportAsk, ExportWords, Import, ImportState, Incoming, Kind, Options, Words};
use server::geo::Tier;
use server::{AuthorityApp, messages, people};

use crate::people::{Draw, WRONG_EVERY, cases, contacts};
use crate::{OFFICERS, Outcome, PASSWORD, SECRET, START, mib, open, scope_of};

/// Contacts of a list.
const LIST: usize = 100_000;
/// Contacts of a case, on average.
const PER_CASE: usize = 150;
/// Contacts that are called and reached, so that their commune follows them.
const CALLED: usize = 2_000;
/// Contacts there are when they are exported.
const EXPORTED: usize = 200_000;

pub(crate) async fn fill(config: &AuthorityConfig, wanted: usize) -> Outcome<Value> {
    let clock = VirtualClock::new(START);
    let app = open(config, &clock).await?;
    people::finder::warm(&app).await?;
    for (login, role, unit) in OFFICERS {
        seat(&app, login, role, unit).await?;
    }
    let lead = auth::session_of(&app, "lead").await?;
    let communes = communes(&app)?;
    let mut draw = Draw(7);
    let many = (wanted / PER_CASE).max(1);
    let taken = take(&app, &lead, Kind::Cases, &cases(&mut draw, many, &communes)).await?;
    eprintln!("{many} cases in {:.1} s", taken.enter_s);
    let (mut lists, mut mended, mut exported) = (Vec::new(), Value::Null, Value::Null);
    let mut there = 0;
    while there < wanted {
        let rows = LIST.min(wanted - there);
        let (list, faulty) = contacts(&mut draw, there, rows, many, &communes);
        let before = low_water();
        let (text, wrong) = match there {
            0 => (&faulty, rows.div_ceil(WRONG_EVERY)),
            _ => (&list, 0),
        };
        let taken = take(&app, &lead, Kind::Contacts, text).await?;
        let grown = mib("VmHWM") - before;
        taken.expect(wrong, rows - wrong, 0)?;
        let (check_s, enter_s) = (taken.check_s, taken.enter_s);
        eprintln!("{rows} contacts with {there} there: checked in {check_s:.1} s, entered in {enter_s:.1} s");
        lists.push(json!({"rows": rows, "wrong": wrong, "check_s": check_s, "enter_s": enter_s, "grown_mib": grown}));
        if wrong > 0 {
            mended = mend(&app, &lead, &taken.list.import_id, &list, (wrong, rows)).await?;
        }
        there += rows;
        if there == EXPORTED {
            exported = export(&app, &lead).await?;
        }
    }
    let codes = codes(&app, &lead, many).await?;
    call(&app, CALLED.min(wanted)).await?;
    app.people.close().await;
    app.audit.close().await;
    app.db.close().await;
    Ok(json!({
        "contacts": there, "cases": many, "lists": lists, "mended": mended, "export": exported, "codes": codes,
    }))
}

async fn seat(app: &AuthorityApp, login: &str, role: &str, unit: &str) -> Outcome<()> {
    let (scope, place) = scope_of(app, unit)?;
    let new = NewOfficer {
        login: login.into(),
        name: login.into(),
        role: Role::parse(role).ok_or("no such role")?,
        scope,
        place,
    };
    let enrolment = Enrolment {
        password: PASSWORD.into(),
        secret: SECRET.to_vec(),
        code: auth::one_time_code(&SECRET, START).ok_or("no code")?,
    };
    auth::seat(app, &new, &enrolment).await?;
    Ok(())
}

/// Returns the codes of the province's communes; that of the commune tracer three times, so that it is a busy one.
fn communes(app: &AuthorityApp) -> Outcome<Vec<String>> {
    let today = CivilDate::today(START);
    let province = app.geo.by_code("82", today).map_err(|_| "no province")?.id;
    let units = app.geo.descendants(province).into_iter();
    let mut codes: Vec<String> = units
        .filter(|unit| unit.tier() == Tier::COMMUNE && unit.is_valid_on(today))
        .map(|unit| unit.code())
        .collect();
    codes.extend(["28249".to_owned(), "28249".to_owned()]);
    Ok(codes)
}

/// A list that was entered, and what that took.
struct Taken {
    list: Import,
    check_s: f64,
    enter_s: f64,
}

impl Taken {
    /// Fails when anything else came of the rows.
    fn expect(&self, bad: usize, entered: usize, known: usize) -> Outcome<()> {
        let list = &self.list;
        let is = (list.bad, list.entered, list.known);
        let wanted = (i64::try_from(bad)?, i64::try_from(entered)?, i64::try_from(known)?);
        if list.state != ImportState::Done || is != wanted {
            return Err(format!("{is:?} instead of {wanted:?} rows wrong, entered, known").into());
        }
        Ok(())
    }
}

/// Takes a list in.
async fn take(app: &AuthorityApp, by: &Session, kind: Kind, text: &str) -> Outcome<Taken> {
    let began = Instant::now();
    let mut incoming = Incoming::new(app);
    incoming.push(text.as_bytes()).map_err(|error| format!("{error:?}"))?;
    let options = Options {
        level: 2,
        ..Options::default()
    };
    let list = exchange::upload(app, by, kind, options, incoming)
        .await
        .map_err(|error| format!("{error:?}"))?;
    let id = &list.import_id;
    exchange::check(app, by, id, list.fields.clone(), list.options.clone()).await?;
    exchange::go_on(app, by, id).await?;
    let check_s = began.elapsed().as_secs_f64();
    exchange::enter(app, by, id).await?;
    exchange::go_on(app, by, id).await?;
    Ok(Taken {
        list: exchange::find_import(app, by, id).await?,
        check_s,
        enter_s: began.elapsed().as_secs_f64() - check_s,
    })
}

/// Fetches the workbook of what was wrong, and takes the mended list in twice: the first time exactly what was wrong is entered,
/// the second time nothing.
async fn mend(app: &AuthorityApp, by: &Session, import_id: &str, list: &str, rows: (usize, usize)) -> Outcome<Value> {
    let (wrong, all) = rows;
    let words = Words {
        heading: "Lý do".to_owned(),
        fault: &|fault| fault.to_owned(),
        field: &|field| field.word().to_owned(),
    };
    let began = Instant::now();
    let mut file = exchange::error_workbook(app, by, import_id, false, &words).await?;
    let workbook_s = began.elapsed().as_secs_f64();
    let mut reasons = 0;
    let format = sheet::format_of(&mut file).map_err(|error| format!("{error:?}"))?;
    file.rewind()?;
    let count = &mut |row: Vec<String>| {
        reasons += usize::from(row.last().is_some_and(|reason| reason == "bad-phone"));
        Ok(())
    };
    sheet::read(file, format, count).map_err(|error| format!("{error:?}"))?;
    if reasons != wrong {
        return Err(format!("{reasons} reasons for {wrong} wrong rows").into());
    }
    let first = take(app, by, Kind::Contacts, list).await?;
    first.expect(0, wrong, all - wrong)?;
    let second = take(app, by, Kind::Contacts, list).await?;
    second.expect(0, 0, all)?;
    let mend_s = first.check_s + first.enter_s;
    eprintln!("workbook of {wrong} wrong rows in {workbook_s:.1} s, mended list in {mend_s:.1} s");
    Ok(json!({"wrong": wrong, "workbook_s": workbook_s, "mend_s": mend_s}))
}

/// Exports all contacts as a workbook, which a second person approves.
async fn export(app: &AuthorityApp, by: &Session) -> Outcome<Value> {
    let ask = ExportAsk {
        kind: Kind::Contacts,
        state: None,
        generation: None,
        case_id: None,
    };
    exchange::ask_approval(app, by, &ask).await?;
    let second = auth::session_of(app, "epi").await?;
    for approval in auth::list_approvals(app, &second).await? {
        auth::decide(app, &second, &approval.approval_id, true).await?;
    }
    let words = ExportWords {
        heading: exchange::columns(Kind::Contacts)
            .iter()
            .map(|&id| id.to_owned())
            .collect(),
        state: &|id| id.to_owned(),
    };
    let before = low_water();
    let began = Instant::now();
    let exported = exchange::export(app, by, &ask, OutFormat::Xlsx, &words).await?;
    let (seconds, grown) = (began.elapsed().as_secs_f64(), mib("VmHWM") - before);
    let bytes = exported.file.metadata()?.len();
    eprintln!("{} rows exported in {seconds:.1} s", exported.rows);
    Ok(json!({"rows": exported.rows, "seconds": seconds, "bytes": bytes, "grown_mib": grown}))
}

/// Issues a code to every case from one list, and hands the messages over.
async fn codes(app: &AuthorityApp, by: &Session, cases: usize) -> Outcome<Value> {
    let lines = cases.min(bulk::MAX_LINES);
    let list: String = (1..=lines).map(|at| format!("BN-{at}\n")).collect();
    let began = Instant::now();
    let issued = bulk::issue_list(app, by, &list, 1, &|link| format!("Ma: {link}")).await?;
    let issue_s = began.elapsed().as_secs_f64();
    let sent = messages::work_off(app).await?;
    let send_s = began.elapsed().as_secs_f64() - issue_s;
    if issued.issued != lines || sent as usize != lines {
        return Err(format!("{} issued, {sent} sent of {lines}", issued.issued).into());
    }
    eprintln!("{lines} codes issued in {issue_s:.1} s, handed over in {send_s:.1} s");
    Ok(json!({"lines": lines, "issue_s": issue_s, "send_s": send_s}))
}

/// Calls those who are due first; all are reached.
async fn call(app: &AuthorityApp, contacts: usize) -> Outcome<()> {
    let tracer = auth::session_of(app, "tracer").await?;
    let began = Instant::now();
    for _ in 0..contacts {
        let id = queue::take_next(app, &tracer).await?.ok_or("nobody is left to call")?;
        queue::record_call(app, &tracer, &id, CallOutcome::Reached, START).await?;
    }
    eprintln!("{contacts} contacts called in {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// Forgets the most memory used so far and returns what is used now, in MiB.
fn low_water() -> f64 {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    mib("VmRSS")
}
