//! The live numbers beside the letter's clauses, each with what it counts, from what and when.

use protocol::time::UnixSeconds;
use serde::Serialize;

use super::{state::Demo, text::Text};
use crate::world::{Named, people::Role, phone::Body};

/// A counted thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Counted {
    /// What.
    pub what: Text,
    /// How many; `null` when it cannot be said.
    pub value: Option<i64>,
}

/// A number with its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Metric {
    /// Its name in programs.
    pub id: &'static str,
    /// The letter's clause it stands beside.
    pub clause: &'static str,
    /// Its name for people.
    pub name: Text,
    /// `share` or `count`.
    pub kind: &'static str,
    /// What is counted.
    pub numerator: Counted,
    /// Of what.
    pub denominator: Option<Counted>,
    /// How it is counted.
    pub definition: Text,
    /// From where.
    pub source: Text,
    /// When.
    pub at: UnixSeconds,
}

/// Names, definition and source in both languages.
struct Words {
    name: [&'static str; 2],
    what: [&'static str; 2],
    definition: [&'static str; 2],
    source: [&'static str; 2],
}

const PROVINCE: [&str; 2] = ["tỉnh mô phỏng", "simulated province"];
const KEYS: [&str; 2] = ["cơ sở dữ liệu phía khoá", "database of the keys side"];
const AUTHORITY: [&str; 2] = ["cơ sở dữ liệu phía cơ quan y tế", "database of the authority's side"];

fn text(pair: [&str; 2]) -> Text {
    Text::new(pair[0], pair[1])
}

fn count(id: &'static str, clause: &'static str, words: &Words, value: Option<i64>, at: UnixSeconds) -> Metric {
    Metric {
        id,
        clause,
        name: text(words.name),
        kind: "count",
        numerator: Counted {
            what: text(words.what),
            value,
        },
        denominator: None,
        definition: text(words.definition),
        source: text(words.source),
        at,
    }
}

fn share(metric: Metric, of: [&str; 2], total: usize) -> Metric {
    let denominator = Some(Counted {
        what: text(of),
        value: i64::try_from(total).ok(),
    });
    Metric {
        kind: "share",
        denominator,
        ..metric
    }
}

/// Returns all numbers that can be had now.
pub(super) fn all(demo: &Demo) -> Vec<Metric> {
    let mut metrics = of_the_province(demo);
    metrics.extend(of_the_services(demo));
    metrics
}

fn of_the_province(demo: &Demo) -> Vec<Metric> {
    let at = demo.now();
    let mut world = demo.world();
    let people = world.province().people();
    let (population, covered) = (people.len(), people.iter().filter(|person| person.covered).count());
    let workers = people
        .iter()
        .filter(|person| matches!(person.role, Role::Worker { .. }));
    let (workers, covered_workers) = (workers.clone().count(), workers.filter(|person| person.covered).count());
    let riders = people
        .iter()
        .filter(|person| matches!(person.role, Role::Worker { ride: Some(_), .. }));
    let (riders, covered_riders) = (riders.clone().count(), riders.filter(|person| person.covered).count());
    let active = world.phones().iter().filter(|phone| phone.is_on_air()).count();
    let native = world.phones().iter().filter(|phone| phone.body() == Body::Native);
    let noticed = native
        .filter(|phone| {
            phone
                .device
                .status(at)
                .is_ok_and(|status| !status.notice_days.is_empty())
        })
        .count();
    let value = |count: usize| i64::try_from(count).ok();
    let with_app = ["người có ứng dụng", "people with the app"];
    let metric = |id, clause, name, what, definition, found| {
        count(
            id,
            clause,
            &Words {
                name,
                what,
                definition,
                source: PROVINCE,
            },
            value(found),
            at,
        )
    };
    vec![
        share(
            metric(
                "adoption",
                "preamble",
                ["Tỷ lệ cài đặt", "Adoption"],
                with_app,
                [
                    "người có điện thoại chạy ứng dụng trên tổng dân số",
                    "people whose phone runs the app, of all people",
                ],
                covered,
            ),
            ["dân số", "population"],
            population,
        ),
        share(
            metric(
                "active",
                "preamble",
                ["Đang phát sóng", "On the air now"],
                ["máy đang phát", "phones advertising"],
                [
                    "máy đang phát mã trong 10 phút này trên số máy có ứng dụng",
                    "phones that advertise in these ten minutes, of phones with the app",
                ],
                active,
            ),
            with_app,
            covered,
        ),
        share(
            metric(
                "factory_adoption",
                "3",
                ["Công nhân có ứng dụng", "Workers with the app"],
                with_app,
                [
                    "công nhân của nhà máy có ứng dụng",
                    "workers of the factory who have the app",
                ],
                covered_workers,
            ),
            ["công nhân", "workers"],
            workers,
        ),
        share(
            metric(
                "bus_adoption",
                "5",
                ["Khách xe buýt có ứng dụng", "Bus passengers with the app"],
                with_app,
                [
                    "người đi xe buýt của nhà máy có ứng dụng",
                    "people on the factory's buses who have the app",
                ],
                covered_riders,
            ),
            ["khách đi xe", "passengers"],
            riders,
        ),
        metric(
            "notices",
            "purpose",
            ["Máy khác đã báo", "Other phones that rang"],
            ["máy có thông báo", "phones with a notice"],
            [
                "máy không mở trên trang này có ít nhất một thông báo tiếp xúc gần còn hiệu lực",
                "phones not open on this page that hold at least one valid exposure notice",
            ],
            noticed,
        ),
    ]
}

fn of_the_services(demo: &Demo) -> Vec<Metric> {
    let at = demo.now();
    let metric = |id, clause, side: &'static str, query: &'static str, name, what, definition| {
        let source = if side == "keys" { KEYS } else { AUTHORITY };
        let value = demo.databases.number(side, query)?;
        Some(count(
            id,
            clause,
            &Words {
                name,
                what,
                definition,
                source,
            },
            Some(value),
            at,
        ))
    };
    [
        metric(
            "cases",
            "purpose",
            "authority",
            "SELECT count(*) FROM case_file WHERE state IN ('confirmed', 'closed')",
            ["Ca đã xác nhận", "Confirmed cases"],
            ["ca", "cases"],
            [
                "ca được xác nhận tại bàn làm việc, kể cả ca đã truy vết xong",
                "cases confirmed at the desk, those whose tracing is done included",
            ],
        ),
        metric(
            "codes_issued",
            "purpose",
            "authority",
            "SELECT count(*) FROM verification_code",
            ["Mã đã cấp", "Codes issued"],
            ["mã", "codes"],
            [
                "lượt cấp mã, kể cả mã đã hết hạn",
                "issues of a code, expired ones included",
            ],
        ),
        metric(
            "codes_redeemed",
            "purpose",
            "authority",
            "SELECT count(*) FROM verification_code WHERE claimed_at_s IS NOT NULL",
            ["Mã đã dùng", "Codes redeemed"],
            ["mã", "codes"],
            ["mã mà một máy đã nhập", "codes a phone has entered"],
        ),
        metric(
            "keys_published",
            "purpose",
            "keys",
            "SELECT count(*) FROM diagnosis_key",
            ["Khóa đã nhận", "Keys accepted"],
            ["khoá", "keys"],
            [
                "khoá chẩn đoán đang giữ, kể cả khoá còn chờ",
                "diagnosis keys held, waiting ones included",
            ],
        ),
        metric(
            "venues",
            "4",
            "authority",
            "SELECT count(*) FROM venue",
            ["Điểm quét mã", "Check-in points"],
            ["điểm", "places"],
            [
                "điểm quét mã đã đăng ký, kể cả điểm chưa ai quét",
                "registered check-in points, those nobody scanned yet included",
            ],
        ),
        metric(
            "scans",
            "5",
            "authority",
            "SELECT count(*) FROM visit WHERE at_s > (SELECT max(at_s) FROM visit) - 604800",
            ["Lượt quét, 7 ngày", "Scans, 7 days"],
            ["lượt quét", "scans"],
            [
                "lượt quét vào và ra đã gửi cho cơ quan y tế trong bảy ngày tính đến lượt mới nhất",
                "scans in and out that were sent to the authority, in the seven days up to the newest",
            ],
        ),
        metric(
            "exports",
            "purpose",
            "keys",
            "SELECT count(*) FROM export_file",
            ["Tệp đã ký", "Signed files"],
            ["tệp", "files"],
            [
                "tệp khoá trong danh mục cho mọi máy tải về",
                "key files in the index every phone reads",
            ],
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns what the page says of a person of the story.
pub(super) fn role(named: Named) -> Text {
    match named {
        Named::Nam => Text::new(
            "công nhân, sắp có kết quả dương tính",
            "factory worker, about to test positive",
        ),
        Named::Lan => Text::new(
            "hôm qua 45 phút cùng bàn với Nam",
            "45 minutes at Nam's bench yesterday",
        ),
        Named::Mai => Text::new(
            "hôm qua 25 phút với Nam: căng tin, xe buýt",
            "25 minutes with Nam yesterday: canteen, bus",
        ),
        Named::Hung => Text::new(
            "hôm qua 6 phút gần Nam ở chợ",
            "6 minutes near Nam at the market yesterday",
        ),
    }
}
