//! Officers, cases and contacts, entered through the operations of the desk.

use std::time::Instant;

use serde_json::{Value, json};
use server::auth::{self, Enrolment, NewOfficer, Role, Session};
use server::cases::{bulk, model::Outcome as CallOutcome, queue};
use server::civil::CivilDate;
use server::clock::VirtualClock;
use server::config::AuthorityConfig;
use server::exchange::sheet::OutFormat;
use server::exchange::{self, ExportAsk, ExportWords, ImportState, Incoming, Kind, Options};
use server::geo::Tier;
use server::{AuthorityApp, messages, people};

use crate::people::{Draw, cases, contacts};
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
    let (_, seconds) = take(&app, &lead, Kind::Cases, &cases(&mut draw, many, &communes)).await?;
    eprintln!("{many} cases in {seconds:.1} s");
    let (mut lists, mut exported) = (Vec::new(), Value::Null);
    let mut there = 0;
    while there < wanted {
        let rows = LIST.min(wanted - there);
        let list = contacts(&mut draw, there, rows, many, &communes);
        let bytes = list.len();
        let before = low_water();
        let (checked, entered) = take(&app, &lead, Kind::Contacts, &list).await?;
        let grown = mib("VmHWM") - before;
        there += rows;
        eprintln!("{there} contacts: checked in {checked:.1} s, entered in {entered:.1} s");
        lists.push(json!({"rows": rows, "bytes": bytes, "check_s": checked, "enter_s": entered, "grown_mib": grown}));
        if there == EXPORTED {
            exported = export(&app, &lead).await?;
        }
    }
    let codes = codes(&app, &lead, many).await?;
    call(&app, CALLED.min(wanted)).await?;
    app.people.close().await;
    app.audit.close().await;
    app.db.close().await;
    Ok(json!({"contacts": there, "cases": many, "lists": lists, "export": exported, "codes": codes}))
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

/// Takes a list in; returns the seconds it took to check and to enter it.
async fn take(app: &AuthorityApp, by: &Session, kind: Kind, text: &str) -> Outcome<(f64, f64)> {
    let began = Instant::now();
    let mut incoming = Incoming::new(app);
    incoming.push(text.as_bytes()).map_err(|error| format!("{error:?}"))?;
    let list = exchange::upload(
        app,
        by,
        kind,
        Options {
            level: 2,
            ..Options::default()
        },
        incoming,
    )
    .await
    .map_err(|error| format!("{error:?}"))?;
    let id = &list.import_id;
    exchange::check(app, by, id, list.fields.clone(), list.options.clone()).await?;
    exchange::go_on(app, by, id).await?;
    let checked = began.elapsed().as_secs_f64();
    exchange::enter(app, by, id).await?;
    exchange::go_on(app, by, id).await?;
    let done = exchange::find_import(app, by, id).await?;
    if done.state != ImportState::Done || done.bad > 0 || done.known > 0 {
        return Err(format!("not all rows were entered: {done:?}").into());
    }
    Ok((checked, began.elapsed().as_secs_f64() - checked))
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
