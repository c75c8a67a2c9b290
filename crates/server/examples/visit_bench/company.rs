//! Where a case was and who was there, among the visits of a province: the case page and the list of those who were there, through the
//! service's own router.

use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use protocol::time::UnixSeconds;
use protocol::venue::VenueKind;
use serde_json::json;
use server::auth::{self, Enrolment, NewOfficer, Role};
use server::cases::files::{NewCaseFile, Subject, open_case};
use server::cases::model::CaseState;
use server::civil::CivilDate;
use server::clock::VirtualClock;
use server::codes::Finding;
use server::config::AuthorityConfig;
use server::geo::UnitId;
use server::people::{self, Birth, Identity, LegalBasis, NewPerson, PersonId};
use server::run::open_authority;
use server::scope::{Level, Place, Scope};
use server::venues::{self, NewVenue};
use server::visits::{self, NewVisit, Scan};
use server::{AuthorityApp, authority_router};
use tower::ServiceExt;

use crate::Outcome;

/// 12 July 2021, noon UTC.
const START: UnixSeconds = UnixSeconds(1_626_091_200);
const PASSWORD: &str = "mua roi tren mai ton cu";
const SECRET: [u8; 20] = *b"12345678901234567890";
const PEOPLE: u64 = 600_000;
const VENUES: u64 = 20_000;
const CASES: u64 = 20;
const DAYS: u64 = 20;
/// Visits registered, and people entered, at once.
const AT_ONCE: u64 = 4_000;

/// A number from a number, the same each time.
fn mixed(number: u64) -> u64 {
    let mut x = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 29;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ (x >> 32)
}

pub(crate) async fn run(config: AuthorityConfig, wanted: u64) -> Outcome<String> {
    let clock = VirtualClock::new(START);
    let app = open_authority(config, clock.clone().into()).await?;
    let lead = officer(&app).await?;
    let began = Instant::now();
    let people = people(&app).await?;
    let venues = venues_of(&app).await?;
    fill(&app, &people, &venues, wanted).await?;
    let fill_s = began.elapsed().as_secs_f64();
    let mut cases = Vec::new();
    for number in 0..CASES {
        let new = NewCaseFile {
            subject: Subject::Known(people[(mixed(number) % PEOPLE) as usize]),
            label: None,
            state: CaseState::Confirmed,
            finding: Finding::Confirmed,
            test_date: CivilDate::today(START),
            onset_date: CivilDate::from_number(CivilDate::today(START).number() - 3),
            unit: commune(&app)?,
            is_listed: false,
        };
        cases.push(open_case(&app, &lead, new).await?.case_id);
    }
    let router = authority_router(app.clone());
    let cookie = sign_in(&router, &clock).await?;
    let (mut case_ms, mut company_ms, mut most_people) = (Vec::new(), Vec::new(), 0);
    for case in &cases {
        let asked = Instant::now();
        let page = get(&router, &cookie, &format!("/desk/cases/{case}")).await?;
        case_ms.push(asked.elapsed().as_secs_f64() * 1e3);
        for href in page.split("href=\"").skip(1).filter(|link| link.contains("/company?")) {
            let href = href
                .split('"')
                .next()
                .unwrap_or_default()
                .replace("&#38;", "&")
                .replace("&amp;", "&");
            let asked = Instant::now();
            let listed = get(&router, &cookie, &href).await?;
            company_ms.push(asked.elapsed().as_secs_f64() * 1e3);
            most_people = most_people.max(listed.matches("name=\"chosen\"").count());
        }
    }
    if company_ms.len() < 20 || most_people == 0 {
        return Err(format!("{} lists of at most {most_people} people", company_ms.len()).into());
    }
    let of = |taken: &mut Vec<f64>, share: f64| {
        taken.sort_by(f64::total_cmp);
        taken[((taken.len() - 1) as f64 * share) as usize]
    };
    Ok(json!({
        "visits": visits::count(&app).await?, "people": PEOPLE, "venues": VENUES, "fill_s": fill_s,
        "case_first_ms": case_ms[0], "case_p50_ms": of(&mut case_ms, 0.5), "case_most_ms": of(&mut case_ms, 1.0),
        "lists": company_ms.len(), "company_p50_ms": of(&mut company_ms, 0.5), "company_most_ms": of(&mut company_ms, 1.0),
        "most_people": most_people,
    })
    .to_string())
}

fn commune(app: &AuthorityApp) -> Outcome<UnitId> {
    Ok(app.geo.by_code("28249", CivilDate::today(START))?.id)
}

async fn officer(app: &AuthorityApp) -> Outcome<auth::Session> {
    let province = app.geo.by_code("82", CivilDate::today(START))?.id;
    let new = NewOfficer {
        login: "lead".into(),
        name: "lead".into(),
        role: Role::parse("team_lead").ok_or("no such role")?,
        scope: Scope {
            level: Level::Province,
            unit: province.number(),
        },
        place: Place {
            province: Some(province.number()),
            ..Place::default()
        },
    };
    let enrolment = Enrolment {
        password: PASSWORD.into(),
        secret: SECRET.to_vec(),
        code: auth::one_time_code(&SECRET, START).ok_or("no code")?,
    };
    auth::seat(app, &new, &enrolment).await?;
    Ok(auth::session_of(app, "lead").await?)
}

async fn people(app: &AuthorityApp) -> Outcome<Vec<PersonId>> {
    let unit = commune(app)?.number();
    let mut all = Vec::with_capacity(PEOPLE as usize);
    for first in (0..PEOPLE).step_by(AT_ONCE as usize) {
        let new = (first..(first + AT_ONCE).min(PEOPLE)).map(|number| NewPerson {
            identity: Identity {
                name: format!("Nguyễn Văn {}", letters(number)),
                birth: Some(Birth::Year(1930 + (number % 80) as i16)),
                phones: vec![format!("09{number:08}")],
                ..Identity::default()
            },
            commune: Some(unit),
            legal_basis: LegalBasis::Law,
        });
        all.extend(people::create(app, new.collect()).await?);
    }
    Ok(all)
}

fn letters(number: u64) -> String {
    number
        .to_string()
        .bytes()
        .map(|digit| char::from(b'a' + digit - b'0'))
        .collect()
}

async fn venues_of(app: &AuthorityApp) -> Outcome<Vec<i64>> {
    let unit = commune(app)?.number();
    let mut numbers = Vec::with_capacity(VENUES as usize);
    for number in 0..VENUES {
        let new = NewVenue {
            kind: VenueKind::from_number((number % 13) as u8),
            name: format!("Nơi {number}"),
            address: String::new(),
            commune: unit,
        };
        numbers.push(venues::register(app, None, new).await?.number);
    }
    Ok(numbers)
}

/// Venue by venue, as the table lies on the disk: what a province registers over weeks is there at once.
async fn fill(app: &AuthorityApp, people: &[PersonId], venues: &[i64], wanted: u64) -> Outcome<()> {
    let (each, mut waiting) = (wanted / VENUES, Vec::with_capacity(AT_ONCE as usize));
    for (place, venue) in (0..).zip(venues) {
        for number in 0..each {
            let draw = mixed(place * each + number);
            let at = START.plus(-((draw % (DAYS * 86_400)) as i64));
            waiting.push(NewVisit {
                venue: *venue,
                person: people[((draw >> 24) % PEOPLE) as usize],
                at,
                scan: Scan::Whole(at.plus(900 + (draw >> 44) as i64 % 7_200).0),
                event: number as i64,
                flags: 0,
            });
            if waiting.len() as u64 >= AT_ONCE {
                visits::register(app, &waiting).await?;
                waiting.clear();
            }
        }
    }
    visits::register(app, &waiting).await?;
    Ok(())
}

async fn sign_in(router: &Router, clock: &VirtualClock) -> Outcome<String> {
    clock.advance(30);
    let code = auth::one_time_code(&SECRET, server::clock::Clock::from(clock.clone()).now()).ok_or("no code")?;
    let form = format!("login=lead&password={}&code={code}", PASSWORD.replace(' ', "+"));
    let request = Request::post("/desk/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))?;
    let answer = router.clone().oneshot(request).await?;
    let cookie = answer
        .headers()
        .get(header::SET_COOKIE)
        .and_then(|value| value.to_str().ok());
    let cookie = cookie.and_then(|cookie| cookie.split(';').next());
    Ok(cookie.ok_or("nobody is signed in")?.to_owned())
}

async fn get(router: &Router, cookie: &str, path: &str) -> Outcome<String> {
    let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty())?;
    let answer = router.clone().oneshot(request).await?;
    let status = answer.status().as_u16();
    let bytes = axum::body::to_bytes(answer.into_body(), 64 << 20).await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if status != 200 {
        return Err(format!("{path} answered {status}: {text}").into());
    }
    Ok(text)
}
