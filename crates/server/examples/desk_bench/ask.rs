//! Pages of the desk, asked for as each role.

use std::collections::BTreeSet;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use server::clock::VirtualClock;
use server::config::AuthorityConfig;
use server::{auth, people};
use tower::ServiceExt;

use crate::{OFFICERS, Outcome, PASSWORD, SECRET, START, mib, open};

/// How often a page is asked for.
const TIMES: usize = 200;
/// What is typed into the search.
const SEARCHES: [&str; 10] = [
    "nguyen van hung",
    "Nguyễn Thị Hương",
    "huong nguyen",
    "tran m",
    "n v hung 1961",
    "0900012345",
    "345 678",
    "le kim binh 1980",
    "nguyen",
    "BN-77",
];

pub(crate) async fn ask(config: &AuthorityConfig) -> Outcome<Value> {
    let began = Instant::now();
    let clock = VirtualClock::new(START);
    let app = open(config, &clock).await?;
    let router = server::authority_router(app.clone());
    let mut desk = Desk {
        router,
        cookies: String::new(),
        form_token: String::new(),
    };
    let ready = desk.get("/readyz").await?;
    let (ready_s, ready_mib) = (began.elapsed().as_secs_f64(), mib("VmRSS"));
    if !ready.text.starts_with("ok") {
        return Err(format!("not ready: {}", ready.text).into());
    }
    people::finder::warm(&app).await?;
    let (warm_s, warm_mib) = (began.elapsed().as_secs_f64(), mib("VmRSS"));
    eprintln!("ready after {ready_s:.2} s with {ready_mib:.0} MiB, warm after {warm_s:.1} s with {warm_mib:.0} MiB");
    let mut pages = Vec::new();
    for (login, _, _) in OFFICERS {
        clock.advance(30);
        desk.sign_in(login, auth::one_time_code(&SECRET, clock.now()).ok_or("no code")?)
            .await?;
        for (page, asked) in plan(&mut desk, login).await? {
            let measured = measure(&desk, &asked).await?;
            eprintln!("{login} {page}: {measured}");
            pages.push(json!({"officer": login, "page": page, "ms": measured}));
        }
    }
    Ok(json!({
        "ready_s": ready_s, "ready_mib": ready_mib, "warm_s": warm_s, "warm_mib": warm_mib, "pages": pages,
        "times": TIMES,
    }))
}

/// A request: an address, and the fields of a form.
type Asked = (String, Option<String>);

/// Returns what an officer's role lets ask for, by name of the page.
async fn plan(desk: &mut Desk, login: &str) -> Outcome<Vec<(&'static str, Vec<Asked>)>> {
    let plain = |paths: &[&str]| -> Vec<Asked> { paths.iter().map(|&path| (path.to_owned(), None)).collect() };
    // Where the role's work begins.
    let start = desk.get("/desk").await?.location;
    let mut all = vec![("start", plain(&[&start]))];
    match login {
        "leader" => all.push(("figures", plain(&["/desk/kpi"]))),
        "admin" => all.push(("officers", plain(&["/desk/officers"]))),
        "auditor" => all.push(("audit", plain(&["/desk/audit"]))),
        _ => {
            let (cases, case_ids) = walk(desk, &["/desk/cases"], "/desk/cases/case_").await?;
            let lists = ["/desk/contacts", "/desk/contacts?sort=entered", "/desk/contacts?gen=1"];
            let (contacts, contact_ids) = walk(desk, &lists, "/desk/contacts/contact_").await?;
            all.push(("list of cases", cases));
            all.push(("list of contacts", contacts));
            let of_case = case_ids
                .iter()
                .map(|id| (format!("/desk/contacts?case={}", last(id)), None));
            all.push(("contacts of a case", of_case.collect()));
            let chains = case_ids.iter().map(|id| (format!("{id}/chain"), None));
            all.push(("chain of a case", chains.collect()));
            all.push(("case", case_ids.into_iter().map(|id| (id, None)).collect()));
            all.push(("contact", contact_ids.into_iter().map(|id| (id, None)).collect()));
            if login != "epi" {
                let searches = SEARCHES.iter().map(|text| {
                    let form = format!("form_token={}&text={}", desk.form_token, text.replace(' ', "+"));
                    ("/desk/people".to_owned(), Some(form))
                });
                all.push(("search", searches.collect()));
                all.push(("queue", plain(&["/desk/queue"])));
                all.push(("follow-up", plain(&["/desk/follow-up"])));
            }
            all.push(("before an export", plain(&["/desk/export"])));
            if login != "commune" {
                all.push(("figures", plain(&["/desk/kpi"])));
            }
        }
    }
    Ok(all)
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Follows lists for five pages each; returns the addresses of the pages and of what stands in them.
async fn walk(desk: &Desk, lists: &[&str], kind: &str) -> Outcome<(Vec<Asked>, Vec<String>)> {
    let (mut pages, mut found) = (Vec::new(), BTreeSet::new());
    for list in lists {
        let mut next = Some((*list).to_owned());
        for _ in 0..5 {
            let Some(path) = next else { break };
            let page = desk.get(&path).await?.text;
            found.extend(page.match_indices(kind).map(|(at, _)| {
                let end = page[at..].find(['"', '?', '#']).map_or(page.len(), |end| at + end);
                page[at..end].to_owned()
            }));
            pages.push((path, None));
            next = page.split("href=\"").skip(1).find_map(|link| {
                let link = link.split('"').next()?.replace("&amp;", "&").replace("&#38;", "&");
                link.contains("after=").then_some(link)
            });
        }
    }
    let found = found
        .into_iter()
        .filter(|path| path.matches('/').count() == 3)
        .take(60)
        .collect();
    Ok((pages, found))
}

/// Asks in turn, [`TIMES`] times in all after a first round that does not count; returns milliseconds.
async fn measure(desk: &Desk, asked: &[Asked]) -> Outcome<Value> {
    if asked.is_empty() {
        return Err("nothing to ask for".into());
    }
    let mut taken = Vec::with_capacity(TIMES);
    let mut bytes = 0;
    let warm_up = asked.len().min(20);
    for (at, (path, form)) in asked.iter().cycle().take(TIMES + warm_up).enumerate() {
        let began = Instant::now();
        let answer = match form {
            None => desk.get(path).await?,
            Some(form) => desk.post(path, form).await?,
        };
        if at >= warm_up {
            taken.push(began.elapsed().as_secs_f64() * 1e3);
        }
        if answer.status != 200 {
            return Err(format!("{path} answered {}: {}", answer.status, answer.text).into());
        }
        bytes = bytes.max(answer.text.len());
    }
    taken.sort_by(f64::total_cmp);
    let of = |part: f64| taken[((taken.len() as f64 * part) as usize).min(taken.len() - 1)];
    Ok(json!({"p50": of(0.5), "p99": of(0.99), "most": of(1.0), "bytes": bytes, "addresses": asked.len()}))
}

/// A browser.
struct Desk {
    router: Router,
    cookies: String,
    form_token: String,
}

struct Answer {
    status: u16,
    cookie: String,
    location: String,
    text: String,
}

impl Desk {
    async fn get(&self, path: &str) -> Outcome<Answer> {
        let request = Request::get(path).header(header::COOKIE, &self.cookies);
        self.answer(request.body(Body::empty())?).await
    }

    async fn post(&self, path: &str, form: &str) -> Outcome<Answer> {
        let request = Request::post(path)
            .header(header::COOKIE, &self.cookies)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.answer(request.body(Body::from(form.to_owned()))?).await
    }

    async fn answer(&self, request: Request<Body>) -> Outcome<Answer> {
        let answer = self.router.clone().oneshot(request).await?;
        let named = |name| {
            let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let cookie = named(header::SET_COOKIE)
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        let location = named(header::LOCATION);
        let status = answer.status().as_u16();
        let bytes = axum::body::to_bytes(answer.into_body(), 64 << 20).await?;
        Ok(Answer {
            status,
            cookie,
            location,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    async fn sign_in(&mut self, login: &str, code: String) -> Outcome<()> {
        self.cookies.clear();
        let form = format!("login={login}&password={}&code={code}", PASSWORD.replace(' ', "+"));
        let answer = self.post("/desk/sign-in", &form).await?;
        if answer.status != 303 {
            return Err(format!("{login} cannot sign in: {}", answer.text).into());
        }
        self.cookies = answer.cookie;
        let page = self.get("/desk/style").await?.text;
        let field = page
            .split_once("name=\"form_token\" value=\"")
            .ok_or("no form token")?
            .1;
        self.form_token = field.split('"').next().unwrap_or_default().to_owned();
        Ok(())
    }
}
