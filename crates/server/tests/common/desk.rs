//! Officers at the desk, without a browser.

use axum::body::Body;
use axum::http::{Request, header};
use server::auth::{self, Enrolment, NewOfficer, Role};
use server::civil::CivilDate;
use server::geo::UnitId;
use server::scope::{Level, Place, Scope};

use super::{Answer, World, answer};

pub const PASSWORD: &str = "mua roi tren mai ton cu";
pub const SECRET: [u8; 20] = *b"12345678901234567890";

/// A browser with its cookies.
pub struct Person<'a> {
    pub world: &'a World,
    pub cookies: String,
}

impl<'a> Person<'a> {
    pub fn stranger(world: &'a World) -> Self {
        Self {
            world,
            cookies: String::new(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, &self.cookies);
        answer(&self.world.authority, request.body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, form: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path)
            .header(header::COOKIE, &self.cookies)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(
            &self.world.authority,
            request.body(Body::from(form.to_owned())).unwrap(),
        )
        .await
    }

    /// Returns the token that forms of this session carry.
    pub async fn form_token(&self) -> String {
        hidden(&self.get("/desk/style").await.text(), "form_token")
    }

    /// Signs in with a one-time code of now.
    pub async fn sign_in(world: &'a World, login: &str) -> Person<'a> {
        let mut person = Self::stranger(world);
        // A code works once: let the next step begin.
        world.clock.advance(30);
        let code = auth::one_time_code(&SECRET, world.clock.now()).unwrap();
        let form = format!("login={login}&password={}&code={code}", PASSWORD.replace(' ', "+"));
        let answer = person.post("/desk/sign-in", &form, &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        person.cookies = cookie.split(';').next().unwrap().to_owned();
        person
    }
}

/// Makes an account with a role in a unit of today, such as `("tracer", "815")`, and signs it in.
pub async fn officer_in<'a>(world: &'a World, login: &str, role: &str, code: &str) -> Person<'a> {
    let (scope, place) = scope_of(world, code);
    officer(world, login, role, scope, place).await
}

/// Returns the scope and place of a unit's code as valid today.
pub fn scope_of(world: &World, code: &str) -> (Scope, Place) {
    let geo = &world.both.authority.geo;
    let id = geo.by_code(code, CivilDate::today(world.clock.now())).unwrap().id;
    let path = geo.path(id).unwrap();
    let place = Place {
        province: Some(path.province.number()),
        district: path.district.map(UnitId::number),
        commune: path.commune.map(UnitId::number),
    };
    let level = match code.len() {
        2 => Level::Province,
        3 => Level::District,
        _ => Level::Commune,
    };
    let unit = id.number();
    (Scope { level, unit }, place)
}

/// Makes an account with a role and signs it in.
pub async fn officer<'a>(world: &'a World, login: &str, role: &str, scope: Scope, place: Place) -> Person<'a> {
    seat(world, login, role, scope, place).await;
    Person::sign_in(world, login).await
}

/// Makes an account; returns its id.
pub async fn seat(world: &World, login: &str, role: &str, scope: Scope, place: Place) -> String {
    let new = NewOfficer {
        login: login.into(),
        name: format!("Officer {login}"),
        role: Role::parse(role).unwrap(),
        scope,
        place,
    };
    let enrolment = Enrolment {
        password: PASSWORD.into(),
        secret: SECRET.to_vec(),
        code: auth::one_time_code(&SECRET, world.clock.now()).unwrap(),
    };
    auth::seat(&world.both.authority, &new, &enrolment).await.unwrap()
}

/// Returns the value of a hidden field.
pub fn hidden(page: &str, name: &str) -> String {
    let needle = format!("name=\"{name}\" value=\"");
    let (_, rest) = page
        .split_once(&needle)
        .unwrap_or_else(|| panic!("no field {name}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}
