//! Venues as owners register them and visitors meet them, without a browser.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use axum::http::header;
use common::World;
use common::carrier::Telephones;
use common::desk::{Person, hidden};
use protocol::signature::SecretKey;
use protocol::venue::VenueCode;
use server::config::AuthorityConfig;
use server::messages::NotTaken;
use server::people::finder;
use server::venues;

const PHONE: &str = "0912345678";

async fn opened(world: &World) -> std::sync::Arc<Telephones> {
    finder::warm(&world.both.authority).await.unwrap();
    Telephones::of(world)
}

fn commune(world: &World) -> i64 {
    let today = server::civil::CivilDate::today(world.clock.now());
    world.both.authority.geo.by_code("28249", today).unwrap().id.number()
}

fn form(world: &World, name: &str) -> String {
    let name = name.replace(' ', "+");
    format!(
        "venue_name={name}&kind=market&commune={}&address=1+Trung+Trac&name=Tran+Thi+Lan&phone=0912+345+678",
        commune(world)
    )
}

/// The code page's hidden fields and the digits, as a browser sends them.
fn with_digits(page: &str, digits: &str) -> String {
    let names = ["venue_name", "kind", "commune", "address", "name", "phone", "proof"];
    let mut parts: Vec<String> = names
        .iter()
        .map(|name| format!("{name}={}", hidden(page, name).replace(' ', "+")))
        .collect();
    parts.push(format!("code={digits}"));
    parts.join("&")
}

fn cookie(answer: &common::Answer) -> String {
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/venues"));
    cookie.split(';').next().unwrap().to_owned()
}

/// Registers a venue from nothing; returns the owner's browser and the venue's address.
async fn owner<'a>(world: &'a World, telephones: &Telephones, name: &str) -> (Person<'a>, String) {
    let mut owner = Person::stranger(world);
    let asked = owner.post("/venues/new", &form(world, name), &[]).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    let digits = telephones.digits(PHONE);
    let done = owner
        .post("/venues/new/code", &with_digits(&asked.text(), &digits), &[])
        .await;
    assert_eq!(done.status, 303, "{}", done.text());
    owner.cookies = cookie(&done);
    (owner, done.headers[header::LOCATION].to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_market_is_registered_with_one_form_and_six_digits() {
    for world in [
        Some(World::in_memory().await),
        World::on_postgres(AuthorityConfig::default()).await,
    ] {
        let Some(world) = world else { continue };
        let telephones = opened(&world).await;
        let (owner, path) = owner(&world, &telephones, "Cho My Tho").await;
        let shown = owner.get(&path).await;
        assert_eq!(shown.status, 200, "{}", shown.text());
        assert!(shown.text().contains("Cho My Tho"));
        for size in ["a3", "a4", "a5", "15cm", "5cm"] {
            let poster = owner.get(&format!("{path}/poster/{size}")).await;
            assert_eq!((poster.status, &poster.body[..5]), (200, &b"%PDF-"[..]), "{size}");
            assert_eq!(poster.headers[header::CONTENT_TYPE], "application/pdf");
        }
        assert_eq!(owner.get(&format!("{path}/poster/a0")).await.status, 404);
        // Signed in, a second one takes no digits.
        let second = owner
            .post("/venues/new", &form(&world, "Cong Bac").replace("market", "plant"), &[])
            .await;
        assert_eq!((second.status, telephones.count()), (303, 1));
        assert!(owner.get("/venues").await.text().contains("Cong Bac"));
    }
}

#[tokio::test]
async fn an_owner_comes_back_by_telephone_and_sees_nobody_elses_venue() {
    let world = World::in_memory().await;
    let telephones = opened(&world).await;
    let (_, path) = owner(&world, &telephones, "Cho My Tho").await;
    world.clock.advance(60);
    let mut back = Person::stranger(&world);
    let asked = back.post("/venues/sign-in", "phone=0912345678", &[]).await;
    let code = format!(
        "phone={PHONE}&proof={}&code={}",
        hidden(&asked.text(), "proof"),
        telephones.digits(PHONE)
    );
    let done = back.post("/venues/sign-in/code", &code, &[]).await;
    assert_eq!(done.status, 303, "{}", done.text());
    back.cookies = cookie(&done);
    assert_eq!(back.get(&path).await.status, 200);
    // The digits were good once.
    assert_eq!(back.post("/venues/sign-in/code", &code, &[]).await.status, 422);

    let stranger = Person::stranger(&world);
    for path in [path.clone(), format!("{path}/poster/a4")] {
        let answer = stranger.get(&path).await;
        assert_eq!(
            (answer.status, answer.headers[header::LOCATION].to_str().unwrap()),
            (303, "/venues/sign-in")
        );
    }
    let mut other = Person::stranger(&world);
    let page = other
        .post(
            "/venues/new",
            &form(&world, "Quan Com").replace("0912+345+678", "0987654321"),
            &[],
        )
        .await;
    let done = other
        .post(
            "/venues/new/code",
            &with_digits(&page.text(), &telephones.digits("0987654321")),
            &[],
        )
        .await;
    other.cookies = cookie(&done);
    let (foreign, missing) = (other.get(&path).await, other.get("/venues/venue_00").await);
    assert_eq!((foreign.status, foreign.text()), (404, missing.text()));
    assert_eq!(other.post(&format!("{path}/renew"), "", &[]).await.status, 404);
}

#[tokio::test]
async fn digits_count_five_times_five_minutes_and_for_one_proof() {
    let world = World::in_memory().await;
    let telephones = opened(&world).await;
    let person = Person::stranger(&world);
    let ask = async || person.post("/venues/new", &form(&world, "Cho"), &[]).await;
    let try_digits = async |page: &str, digits: &str| {
        person
            .post("/venues/new/code", &with_digits(page, digits), &[])
            .await
            .status
    };
    let page = ask().await.text();
    let right = telephones.digits(PHONE);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(try_digits(&page, wrong).await, 422);
    }
    assert_eq!(
        try_digits(&page, &right).await,
        422,
        "after five wrong ones the right one is too late"
    );

    world.clock.advance(60);
    let page = ask().await.text();
    let right = telephones.digits(PHONE);
    world.clock.advance(301);
    assert_eq!(try_digits(&page, &right).await, 422, "after five minutes");

    let page = ask().await.text();
    let right = telephones.digits(PHONE);
    // Asked again at once: not yet.
    assert_eq!(ask().await.status, 422);
    let other = page.replace(&hidden(&page, "proof"), "proof_00");
    assert_eq!(try_digits(&other, &right).await, 422);
    let long = "9".repeat(9_000);
    assert_eq!(try_digits(&page, &long).await, 422);
    assert_eq!(try_digits(&page, &right).await, 303);
}

#[tokio::test]
async fn a_telephone_is_asked_five_times_a_day_at_most_and_a_full_carrier_is_said() {
    let world = World::in_memory().await;
    let telephones = opened(&world).await;
    let person = Person::stranger(&world);
    for _ in 0..5 {
        assert_eq!(
            person.post("/venues/sign-in", "phone=0912345678", &[]).await.status,
            200
        );
        world.clock.advance(600);
    }
    assert_eq!(
        person.post("/venues/sign-in", "phone=0912345678", &[]).await.status,
        422
    );
    assert_eq!(telephones.count(), 5);
    for phone in ["", "12", "+1+202+555+0100", "abc"] {
        let answer = person.post("/venues/sign-in", &format!("phone={phone}"), &[]).await;
        assert_eq!((answer.status, telephones.count()), (422, 5), "{phone}");
    }
    telephones.refuse(Some(NotTaken::Later));
    let full = person.post("/venues/sign-in", "phone=0987654321", &[]).await;
    assert_eq!(full.status, 422);
    assert!(full.text().contains("Lúc này không gửi được tin nhắn"));
}

#[tokio::test]
async fn forms_that_do_not_fit_name_the_field_and_send_nothing() {
    let world = World::in_memory().await;
    let telephones = opened(&world).await;
    let person = Person::stranger(&world);
    let good = form(&world, "Cho My Tho");
    let long = "A".repeat(10_000);
    let formula = form(&world, "%3DHYPERLINK(1)");
    for wrong in [
        good.replace("Cho+My+Tho", ""),
        good.replace("Cho+My+Tho", &long),
        good.replace("Cho+My+Tho", "a%E2%80%AEb"),
        good.replace("market", "palace"),
        good.replace(&commune(&world).to_string(), "7"),
        good.replace("Tran+Thi+Lan", "123"),
        good.replace("0912+345+678", "113"),
    ] {
        let answer = person.post("/venues/new", &wrong, &[]).await;
        assert_eq!((answer.status, telephones.count()), (422, 0), "{}", wrong.len());
    }
    assert_eq!(person.post("/venues/new", &"A".repeat(1 << 20), &[]).await.status, 422);
    // A formula is a name like any other; it is lists that write it as text.
    assert_eq!(person.post("/venues/new", &formula, &[]).await.status, 200);
    let foreign = [("sec-fetch-site", "cross-site")];
    assert_eq!(person.post("/venues/new", &good, &foreign).await.status, 403);
}

#[tokio::test]
async fn whoever_scans_is_told_whether_the_poster_is_genuine() {
    let world = World::in_memory().await;
    let telephones = opened(&world).await;
    let (owner, path) = owner(&world, &telephones, "Cho My Tho").await;
    let app = &world.both.authority;
    let venue = venues::load(app, path.rsplit('/').next().unwrap()).await.unwrap();
    let address = venues::poster_address(app, &venue);
    assert!(
        address
            .bytes()
            .all(|b| b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".contains(&b)),
        "{address}"
    );
    let code = address.rsplit('/').next().unwrap().to_owned();
    // Printed again it is the same.
    assert_eq!(
        venues::poster_address(app, &venues::load(app, &venue.venue_id).await.unwrap()),
        address
    );

    let visitor = Person::stranger(&world);
    for scanned in [
        format!("/V/{code}"),
        format!("/v/{}", code.to_lowercase()),
        format!("/v/{}", venue.poster.short.grouped()),
    ] {
        let shown = visitor.get(&scanned).await;
        assert_eq!(shown.status, 200, "{scanned}");
        assert!(shown.text().contains("Cho My Tho"));
    }
    let forger = SecretKey::from_bytes(&[7; 32]).unwrap();
    let forged = VenueCode {
        ..venue.poster.code.clone()
    }
    .sign(&forger);
    assert_eq!(visitor.get(&format!("/v/{forged}")).await.status, 403);
    assert_eq!(visitor.get("/v/hello").await.status, 404);
    assert_eq!(visitor.get(&format!("/v/{}", "A".repeat(5_000))).await.status, 404);

    assert_eq!(owner.post(&format!("{path}/renew"), "", &[]).await.status, 303);
    let old = visitor.get(&format!("/V/{code}")).await;
    assert_eq!(old.status, 410);
    let renewed = venues::load(app, &venue.venue_id).await.unwrap();
    assert_eq!((renewed.poster.version, renewed.number), (2, venue.number));
    assert_ne!(venues::poster_address(app, &renewed), address);
    let api = visitor.get(&format!("/v1/venues/{code}")).await;
    assert_eq!(api.status, 404, "{}", api.text());
    let api = visitor
        .get(&format!("/v1/venues/{}", renewed.poster.short.signs()))
        .await;
    assert_eq!(api.json::<serde_json::Value>()["kind"], "market");
    assert_eq!(visitor.get(&format!("/v1/venues/{forged}")).await.status, 400);
}

/// Draws a page as a scanner's camera would see it, and reads the code with another program.
fn read_poster(folder: &std::path::Path, pdf: &[u8], dpi: &str) -> (String, String) {
    use std::process::Command;
    let file = folder.join("poster.pdf");
    std::fs::write(&file, pdf).unwrap();
    let picture = folder.join("poster");
    let drawn = Command::new("pdftoppm")
        .args(["-r", dpi, "-png", "-singlefile"])
        .args([&file, &picture])
        .status()
        .expect("pdftoppm draws posters: install poppler-utils");
    assert!(drawn.success());
    let read = Command::new("zbarimg")
        .args(["--quiet", "--raw"])
        .arg(picture.with_extension("png"))
        .output()
        .expect("zbarimg reads posters: install zbar-tools");
    let text = Command::new("pdftotext")
        .arg("-layout")
        .args([&file, std::path::Path::new("-")])
        .output()
        .unwrap();
    let utf8 = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (utf8(read.stdout).trim().to_owned(), utf8(text.stdout))
}

#[tokio::test]
async fn every_poster_is_read_by_another_program_and_says_what_it_must() {
    let world = World::with(AuthorityConfig {
        venue_url: "https://vunglam.tiengiang.gov.vn/v/".into(),
        hotline: "0273 3 872 581".into(),
        ..AuthorityConfig::default()
    })
    .await;
    let telephones = opened(&world).await;
    let (owner, path) = owner(
        &world,
        &telephones,
        "Ch%E1%BB%A3+M%E1%BB%B9+Tho,+c%E1%BB%95ng+B%E1%BA%AFc",
    )
    .await;
    let app = &world.both.authority;
    let venue = venues::load(app, path.rsplit('/').next().unwrap()).await.unwrap();
    let address = venues::poster_address(app, &venue);
    let folder = tempfile::tempdir().unwrap();
    for (size, dpi) in [
        ("a3", "60"),
        ("a4", "72"),
        ("a5", "100"),
        ("15cm", "100"),
        ("5cm", "200"),
    ] {
        let pdf = owner.get(&format!("{path}/poster/{size}")).await.body;
        let (code, text) = read_poster(folder.path(), &pdf, dpi);
        assert_eq!(code, address, "{size}");
        assert!(text.contains("Chợ Mỹ Tho, cổng Bắc"), "{size}: {text}");
        assert!(text.contains(&venue.poster.short.grouped()), "{size}: {text}");
        if size != "5cm" {
            for part in ["12/7/2021", "HTTPS://VUNGLAM.TIENGIANG.GOV.VN/V/", "QUÉT MÃ"] {
                assert!(text.contains(part), "{size}: {part} in {text}");
            }
        }
        if size.starts_with('a') {
            for part in ["Scan when you enter", "genuine code begins", "Phường"] {
                assert!(text.contains(part), "{size}: {part} in {text}");
            }
        }
    }
}
