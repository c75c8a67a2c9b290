//! The two trust sides hold nothing of each other.

mod common;

use common::{World, new_case, post, postgres, uploaded_keys};
use server::db::Db;

on_each_database! {
    async fn neither_side_knows_what_the_other_knows(world) {
        let keys = uploaded_keys(world, 2);
        assert_eq!(post(&world.keys, "/v1/publish", &world.certified_upload(&keys).await).await.status, 200);
        let (case, _) = world.issue(&new_case(world)).await;
        let of = |tables: Vec<server::db::TableDump>| format!("{tables:?}");
        let anonymous = of(world.both.keys.db.dump().await.expect("a dump"));
        let authority = of(world.both.authority.db.dump().await.expect("a dump"));
        assert!(!anonymous.contains(&case.label) && !anonymous.contains(&case.case_id));
        assert!(authority.contains(&case.label));
        for key in &keys {
            let bytes = hex::encode(common::decode(&key.key));
            assert!(anonymous.contains(&bytes));
            assert!(!authority.contains(&bytes) && !authority.contains(&key.key));
        }
    }
}

#[tokio::test]
async fn on_postgresql_the_keys_user_is_refused_the_authoritys_database() {
    let Some(keys) = postgres::make_side("keys").await else {
        return;
    };
    let authority = postgres::make_side("authority").await.expect("there is a PostgreSQL");
    Db::connect(&authority.url)
        .await
        .expect("its own database")
        .ping()
        .await
        .expect("answers");
    let trespass = postgres::url_of(&keys.role, &authority.role).expect("there is a PostgreSQL");
    let refused = Db::connect(&trespass).await.err().expect("refused").to_string();
    assert!(refused.contains("permission denied"), "{refused}");
}

#[tokio::test]
async fn on_postgresql_the_keys_user_is_refused_the_authoritys_schema() {
    let Some(shared) = postgres::make_side("shared").await else {
        return;
    };
    let number = postgres::next();
    let (keys, authority) = (format!("k_{number}"), format!("a_{number}"));
    let mut statements = Vec::new();
    for role in [&keys, &authority] {
        statements.push(format!("CREATE ROLE {role} LOGIN"));
        statements.push(format!("GRANT CONNECT ON DATABASE {} TO {role}", shared.role));
        statements.push(format!("CREATE SCHEMA {role} AUTHORIZATION {role}"));
        statements.push(format!("ALTER ROLE {role} SET search_path = {role}"));
    }
    postgres::administer(&shared.role, &statements).await;
    let connect = async |role: &str| {
        let url = postgres::url_of(role, &shared.role).expect("there is a PostgreSQL");
        Db::connect(&url).await.expect("may connect")
    };
    let world = World::on(connect(&keys).await, connect(&authority).await, Default::default()).await;
    world.issue(&new_case(&world)).await;
    let own = common::try_execute(
        &world.both.authority.db,
        &format!("SELECT * FROM {authority}.case_file"),
    )
    .await;
    assert_eq!(own, Ok(()));
    let refused = common::try_execute(&world.both.keys.db, &format!("SELECT * FROM {authority}.case_file")).await;
    assert!(refused.expect_err("refused").contains("permission denied"));
}
