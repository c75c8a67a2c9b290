//! Accounts as their holders use them: wizard, invitation, session, repeated proof, second person.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;

use axum::http::header;
use common::World;
use common::desk::{PASSWORD, Person, SECRET, hidden, officer, seat};
use server::auth::{self, Role};
use server::scope::{Level, Place, Scope};

const MY_THO: Scope = Scope {
    level: Level::District,
    unit: 815,
};
const MY_THO_PLACE: Place = Place {
    province: Some(82),
    district: Some(815),
    commune: None,
};

fn enrol_form(page: &str, world: &World, password: &str) -> String {
    let secret = hidden(page, "secret");
    let code = auth::one_time_code(&protocol::base32::decode(&secret).unwrap(), world.clock.now()).unwrap();
    format!("password={}&secret={secret}&code={code}", password.replace(' ', "+"))
}

on_each_database! {
    async fn the_wizard_makes_one_administrator_and_then_closes(world) {
        let app = &world.both.authority;
        let stranger = Person::stranger(world);
        assert_eq!(stranger.get("/desk/sign-in").await.headers[header::LOCATION].as_bytes(), b"/desk/setup");
        let token = auth::setup_token(app).await.unwrap().unwrap();
        let page = stranger.get(&format!("/desk/setup?token={token}")).await.text();
        assert!(page.contains("<svg"), "a QR code");
        let form = enrol_form(&page, world, PASSWORD);
        let guessed = stranger.post("/desk/setup", &format!("token=0&login=root1&name=Root&{form}"), &[]).await;
        assert_eq!((guessed.status, world.rows("authority.officer").await), (422, 0));
        let weak = form.replace(&PASSWORD.replace(' ', "+"), "matkhau123");
        let weak = stranger.post("/desk/setup", &format!("token={token}&login=root1&name=Root&{weak}"), &[]).await;
        assert_eq!((weak.status, world.rows("authority.officer").await), (422, 0));
        assert!(!weak.text().contains("matkhau123"), "a password is never shown again");
        let made = stranger.post("/desk/setup", &format!("token={token}&login=root1&name=Root&{form}"), &[]).await;
        assert_eq!(made.status, 303, "{}", made.text());
        assert_eq!(auth::setup_token(app).await.unwrap(), None);
        let again = stranger.post("/desk/setup", &format!("token={token}&login=root2&name=Root&{form}"), &[]).await;
        assert_eq!((again.status, world.rows("authority.officer").await), (422, 1));
        for (column, secret) in [("password_hash", PASSWORD), ("totp_sealed", "GEZD")] {
            assert!(!common::cells(world, "officer", column).await[0].contains(secret));
        }
    }

    async fn sign_in_needs_password_and_a_code_that_was_not_used(world) {
        seat(world, "le.anh", "tracer", MY_THO, MY_THO_PLACE).await;
        let stranger = Person::stranger(world);
        let try_in = async |login: &str, password: &str, code: &str| {
            let form = format!("login={login}&password={}&code={code}", password.replace(' ', "+"));
            stranger.post("/desk/sign-in", &form, &[]).await.status
        };
        world.clock.advance(60);
        let code = auth::one_time_code(&SECRET, world.clock.now()).unwrap();
        assert_eq!(try_in("le.anh", PASSWORD, "000000").await, 401);
        assert_eq!(try_in("le.anh", "wrong", &code).await, 401);
        assert_eq!(try_in("nobody", PASSWORD, &code).await, 401);
        assert_eq!(try_in("LE.ANH", PASSWORD, &code).await, 303);
        assert_eq!(try_in("le.anh", PASSWORD, &code).await, 401, "a code works once");
        world.clock.advance(60);
        let mut last = 0;
        for _ in 0..12 {
            last = try_in("le.anh", "wrong", "1").await;
        }
        assert_eq!(last, 429);
    }

    async fn a_session_ends_when_idle_after_eight_hours_and_for_a_leaver_at_once(world) {
        let person = officer(world, "le.anh", "tracer", MY_THO, MY_THO_PLACE).await;
        for _ in 0..24 {
            assert_eq!(person.get("/desk/style").await.status, 200, "use keeps it alive");
            world.clock.advance(19 * 60);
        }
        world.clock.advance(19 * 60);
        assert_eq!(person.get("/desk/style").await.status, 303, "not beyond eight hours");
        let person = Person::sign_in(world, "le.anh").await;
        world.clock.advance(20 * 60);
        assert_eq!(person.get("/desk/style").await.status, 303, "idle");
        let person = Person::sign_in(world, "le.anh").await;
        let token = person.form_token().await;
        assert_eq!(person.post("/desk/sign-out", "form_token=0", &[]).await.status, 403);
        assert_eq!(person.post("/desk/sign-out", &format!("form_token={token}"), &[]).await.status, 303);
        assert_eq!(person.get("/desk/style").await.status, 303);
        let person = Person::sign_in(world, "le.anh").await;
        world.clock.advance(100 * 86_400);
        let expired = person.get("/desk/style").await;
        assert_eq!(expired.status, 303, "roles run out");
    }

    async fn nobody_gives_more_than_their_own_or_outside_their_unit(world) {
        let app = &world.both.authority;
        let lead = auth_session(world, "lead", "team_lead", MY_THO, MY_THO_PLACE).await;
        let new = |login: &str, role: &str, scope, place| auth::NewOfficer {
            login: login.into(), name: "New Person".into(), role: Role::parse(role).unwrap(), scope, place,
        };
        let commune = Scope { level: Level::Commune, unit: 28249 };
        let inside = Place { commune: Some(28249), ..MY_THO_PLACE };
        let outside = Place { province: Some(82), district: Some(816), commune: Some(28249) };
        assert!(auth::invite(app, &lead, &new("a.one", "commune_tracer", commune, inside)).await.is_ok());
        for (login, role, scope, place) in [
            ("b.two", "team_lead", MY_THO, MY_THO_PLACE),
            ("c.three", "administrator", Scope::NATION, Place::default()),
            ("d.four", "commune_tracer", commune, outside),
            ("e.five", "tracer", Scope::NATION, Place::default()),
            ("f.six", "commune_tracer", MY_THO, MY_THO_PLACE),
            ("a.one", "commune_tracer", commune, inside),
        ] {
            assert!(auth::invite(app, &lead, &new(login, role, scope, place)).await.is_err(), "{login}");
        }
        assert_eq!(world.rows("authority.officer").await, 2);
    }

    async fn an_invitation_works_once_and_for_two_days(world) {
        let app = &world.both.authority;
        let lead = auth_session(world, "lead", "team_lead", MY_THO, MY_THO_PLACE).await;
        let new = |login: &str| auth::NewOfficer {
            login: login.into(), name: "Trần Văn Bảy".into(), role: Role::parse("tracer").unwrap(), scope: MY_THO, place: MY_THO_PLACE,
        };
        let stranger = Person::stranger(world);
        let invitation = auth::invite(app, &lead, &new("tran.bay")).await.unwrap();
        let path = format!("/desk/invitation/{}", invitation.token);
        let page = stranger.get(&path).await.text();
        assert!(page.contains("Trần Văn Bảy") && page.contains("tran.bay"));
        let form = enrol_form(&page, world, PASSWORD);
        assert_eq!(stranger.post(&path, &form.replace("code=", "code=9"), &[]).await.status, 422);
        assert_eq!(stranger.post(&path, &form, &[]).await.status, 303);
        assert_eq!(stranger.post(&path, &form, &[]).await.status, 404);
        let late = auth::invite(app, &lead, &new("tran.tam")).await.unwrap();
        world.clock.advance(48 * 3600);
        assert_eq!(stranger.get(&format!("/desk/invitation/{}", late.token)).await.status, 404);
    }

    async fn a_change_of_role_takes_a_second_person_and_ends_the_sessions(world) {
        let app = &world.both.authority;
        let asker = auth_session(world, "lead", "team_lead", MY_THO, MY_THO_PLACE).await;
        let second = auth_session(world, "lead2", "team_lead", MY_THO, MY_THO_PLACE).await;
        let stranger = auth_session(world, "lead3", "team_lead", Scope { level: Level::District, unit: 816 },
            Place { province: Some(82), district: Some(816), commune: None }).await;
        let tracer = auth_session(world, "tracer", "tracer", MY_THO, MY_THO_PLACE).await;
        let target = seat(world, "le.anh", "tracer", MY_THO, MY_THO_PLACE).await;
        let person = Person::sign_in(world, "le.anh").await;
        let role = Role::parse("commune_tracer").unwrap();
        let (commune, place) = (Scope { level: Level::Commune, unit: 28249 }, Place { commune: Some(28249), ..MY_THO_PLACE });
        assert!(auth::ask_role_change(app, &stranger, &target, role, commune, place).await.is_err());
        assert!(auth::ask_role_change(app, &tracer, &target, role, commune, place).await.is_err());
        let id = auth::ask_role_change(app, &asker, &target, role, commune, place).await.unwrap();
        assert_eq!(person.get("/desk/style").await.status, 200, "asking changes nothing");
        for nobody in [&asker, &tracer, &stranger] {
            assert!(auth::decide(app, nobody, &id, true).await.is_err());
        }
        auth::decide(app, &second, &id, true).await.unwrap();
        assert!(auth::decide(app, &second, &id, true).await.is_err(), "once");
        assert_eq!(person.get("/desk/style").await.status, 303, "sessions end");
        assert_eq!(common::cells(world, "officer", "role").await.iter().filter(|role| *role == "commune_tracer").count(), 1);
    }
}

/// Makes an account and returns its session as features receive it.
async fn auth_session(world: &World, login: &str, role: &str, scope: Scope, place: Place) -> auth::Session {
    seat(world, login, role, scope, place).await;
    auth::session_of(&world.both.authority, login).await.unwrap()
}
