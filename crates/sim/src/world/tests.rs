use super::*;
use device::store::Store;
use protocol::signature::SecretKey;

fn trust() -> Trust {
    let pem = SecretKey::from_bytes(&[7; 32]).unwrap().public_key().to_pem();
    Trust {
        region: "82".into(),
        authority_url: "https://authority.example".into(),
        keys_url: "https://keys.example".into(),
        radio_service_uuid: "fcb5".into(),
        document_public_key_pem: pem.clone(),
        document_key_id: "d".into(),
        export_public_key_pem: pem,
        export_key_id: "e".into(),
        export_key_version: "v1".into(),
        health_authority_id: "h".into(),
        venue_public_key_pem: String::new(),
    }
}

fn small(seed: u64) -> World {
    let begin = LocalDay::STORY.time(7, 0);
    World::open(
        &WorldOptions {
            seed,
            people: 80,
            adoption: 0.5,
            begin,
        },
        &trust(),
    )
    .unwrap()
}

#[test]
fn the_same_seed_gives_the_same_phones_to_the_byte() {
    let snapshot = |seed| {
        let mut world = small(seed);
        world.live_to(LocalDay::STORY.time(8, 3), &|_, _| ()).unwrap();
        world.phone(Named::Lan).device.store().snapshot().unwrap()
    };
    assert_eq!(snapshot(1), snapshot(1));
    assert_ne!(snapshot(1), snapshot(2));
}

#[test]
fn living_in_small_steps_is_living() {
    let mut world = small(1);
    let mut steps = small(1);
    let end = LocalDay::STORY.time(7, 30);
    world.live_to(end, &|_, _| ()).unwrap();
    for minute in 1..=30 {
        steps.live_to(LocalDay::STORY.time(7, minute), &|_, _| ()).unwrap();
    }
    let of = |world: &mut World| world.phone(Named::Nam).device.store().snapshot().unwrap();
    assert_eq!(of(&mut world), of(&mut steps));
}

#[test]
fn a_page_takes_the_place_of_its_phone_and_hears_its_neighbours() {
    let mut world = small(1);
    world.live_to(LocalDay::STORY.time(9, 20), &|_, _| ()).unwrap();
    let lan = world.phone(Named::Lan);
    let before = lan.device.store().snapshot().unwrap();
    assert!(lan.poll(Some([0x5a; 31])).is_empty());
    assert_eq!(lan.body(), phone::Body::Page);
    world.live_to(LocalDay::STORY.time(9, 25), &|_, _| ()).unwrap();
    let nam = world.phone(Named::Nam).payload_now();
    let scans = world.phone(Named::Lan).poll(None);
    assert!(
        scans.len() >= 4
            && scans
                .iter()
                .all(|scan| scan.heard.iter().any(|heard| Some(heard.payload) == nam))
    );
    assert_eq!(scans[1].seconds_since_last, Some(phone::PAGE_SCAN_SECONDS));
    assert_eq!(world.phone(Named::Lan).device.store().snapshot().unwrap(), before);
}
