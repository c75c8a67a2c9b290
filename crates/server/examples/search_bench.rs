//! Fills a search index with generated people, asks it ordinary and hard questions and prints what they cost.
//!
//! `search_bench [PEOPLE]` (1800000 unless told) prints a JSON line per kind of question: CPU milliseconds of the thread at
//! the median, the 99th percentile and the most, and what took the most. Memory is the growth of `VmRSS` over the filling;
//! `bytes_beyond_text` leaves out the bytes of the texts themselves. Exits with 1 if anything took more than 30 ms.

use std::process::ExitCode;

use server::people::search::SearchIndex;
use server::people::{Birth, Document, DocumentKind, Identity, PersonId, Sex};

const LIMIT_MS: f64 = 30.0;
const ASKED: usize = 2_000;
const SHARED_PHONE: &str = "0273387234";
const SHARING: usize = 10_000;

const SURNAMES: [(&str, u32); 22] = [
    ("Nguyễn", 380),
    ("Trần", 110),
    ("Lê", 95),
    ("Phạm", 65),
    ("Huỳnh", 42),
    ("Phan", 42),
    ("Võ", 35),
    ("Đặng", 21),
    ("Bùi", 19),
    ("Trương", 16),
    ("Đỗ", 15),
    ("Hồ", 15),
    ("Ngô", 13),
    ("Hoàng", 12),
    ("Dương", 11),
    ("Đinh", 8),
    ("Lâm", 8),
    ("Lý", 7),
    ("Mai", 7),
    ("Cao", 7),
    ("Tô", 4),
    ("Thạch", 2),
];
const MIDDLE: [[&str; 12]; 2] = [
    [
        "Thị",
        "Thị",
        "Thị",
        "Thị",
        "Thị",
        "Ngọc",
        "Kim",
        "Mỹ",
        "Thị Ngọc",
        "Thị Thu",
        "Thanh",
        "Bảo",
    ],
    [
        "Văn", "Văn", "Văn", "Văn", "Minh", "Thanh", "Hữu", "Quốc", "Hoàng", "Tấn", "Đức", "Thành",
    ],
];
const GIVEN: [&str; 80] = [
    "Hùng", "Hương", "Lan", "Minh", "Dũng", "Hoa", "Tuấn", "Mai", "Hải", "Thảo", "Nam", "Linh", "Phúc", "Trang",
    "Long", "Hà", "Huy", "Ngọc", "Tâm", "Hạnh", "Sơn", "Phương", "Tài", "Thủy", "Bình", "Loan", "Phong", "Tuyết",
    "Tùng", "Nga", "Trung", "Yến", "Lâm", "Nhung", "Nghĩa", "Hằng", "Thắng", "Trinh", "Cường", "Dung", "Lộc", "Vân",
    "An", "Oanh", "Khánh", "Xuân", "Toàn", "Liên", "Vinh", "Hồng", "Hậu", "Diễm", "Việt", "Thu", "Đạt", "Thúy", "Tiến",
    "Bích", "Kiệt", "Châu", "Mười", "Quân", "Ngân", "Thịnh", "Nhi", "Duy", "Như", "Khoa", "Quyên", "Nhân", "Vy", "Trí",
    "Trâm", "Hưng", "Anh", "Hường", "Ý", "Út", "Bé", "Thắm",
];
const HAMLETS: [&str; 12] = [
    "Bình Tạo",
    "Mỹ Thuận",
    "Long Hưng",
    "Phú Thạnh",
    "Hòa Quới",
    "An Ninh",
    "Vĩnh Lợi",
    "Tân Cách",
    "Đông Trị",
    "Tây Phú",
    "Thới An",
    "Nhơn Đức",
];

/// Multiplies and adds (Knuth's constants): the same people at every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize * end) >> 31
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

fn person(draw: &mut Draw, number: usize) -> Identity {
    let all: u32 = SURNAMES.iter().map(|(_, share)| share).sum();
    let mut rest = draw.below(all as usize) as u32;
    let surname = SURNAMES.iter().find(|(_, share)| {
        let is_it = rest < *share;
        rest = rest.saturating_sub(*share);
        is_it
    });
    let sex = draw.below(2);
    let first = draw.below(GIVEN.len());
    let given = GIVEN[draw.below(first + 1)];
    let birth = match draw.below(10) {
        0 => Some(Birth::Year(1930 + draw.below(60) as i16)),
        _ => Some(Birth::Day(draw.below(29_000) as i32 - 11_000)),
    };
    let phone = if number < SHARING {
        SHARED_PHONE.to_owned()
    } else {
        format!(
            "0{}{:07}",
            [39, 70, 90, 91, 97, 98, 79][draw.below(7)],
            draw.below(10_000_000)
        )
    };
    let documents = if draw.below(10) < 6 {
        vec![Document {
            kind: DocumentKind::Identity,
            number: format!("082{:09}", draw.below(1_000_000_000)),
        }]
    } else {
        Vec::new()
    };
    Identity {
        name: format!(
            "{} {} {given}",
            surname.map_or("Nguyễn", |(name, _)| name),
            draw.of(&MIDDLE[sex])
        ),
        birth,
        sex: Some(if sex == 0 { Sex::Female } else { Sex::Male }),
        phones: vec![phone],
        address: format!("Số {}, ấp {}", draw.below(600), draw.of(&HAMLETS)),
        documents,
        ..Identity::default()
    }
}

fn id(number: usize) -> PersonId {
    PersonId(
        (number as u128 + 1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
            .to_be_bytes(),
    )
}

fn main() -> ExitCode {
    let people = std::env::args()
        .nth(1)
        .and_then(|told| told.parse().ok())
        .unwrap_or(1_800_000);
    let before = resident_bytes();
    let began = cpu_ms();
    let (mut index, mut draw, mut text) = (SearchIndex::new(), Draw(7), 0);
    for number in 0..people {
        let person = person(&mut draw, number);
        text += person.name.len() + person.address.len() + person.phones[0].len();
        text += person.documents.first().map_or(0, |document| document.number.len());
        index.insert(id(number), &person, Some(28_000 + draw.below(172) as i64));
    }
    let build_seconds = (cpu_ms() - began) / 1e3;
    let bytes = (resident_bytes() - before) / people as f64;
    let beyond = bytes - text as f64 / people as f64;
    println!(
        r#"{{"people":{people},"build_seconds":{build_seconds:.1},"bytes":{bytes:.0},"bytes_beyond_text":{beyond:.0}}}"#
    );
    let is_quick = ordinary(&index, people) & hard(&index, people);
    let began = cpu_ms();
    let found = index.pairs(usize::MAX).len();
    let seconds = (cpu_ms() - began) / 1e3;
    println!(r#"{{"people":{people},"asked":"pairs","found":{found},"seconds":{seconds:.1}}}"#);
    if is_quick { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Asks as people ask: for those who are there, in the ways in which they are written.
fn ordinary(index: &SearchIndex, people: usize) -> bool {
    let mut draw = Draw(7);
    let step = people / ASKED;
    let all: Vec<Identity> = (0..people)
        .map(|number| (number, person(&mut draw, number), draw.below(172)).1)
        .step_by(step)
        .collect();
    let mut is_quick = true;
    type Written = fn(&Identity) -> String;
    let ways: [(&str, Written); 8] = [
        ("find name", |p| p.name.clone()),
        ("find without marks", |p| server::people::model::fold(&p.name)),
        ("find turned", |p| {
            p.name
                .split_once(' ')
                .map_or(String::new(), |(first, rest)| format!("{rest} {first}"))
        }),
        ("find beginning", |p| {
            p.name.chars().take(p.name.chars().count() - 1).collect()
        }),
        ("find abbreviated", |p| {
            p.name
                .split(' ')
                .map(|word| {
                    word.chars()
                        .take(if word.len() < 5 { 1 } else { 9 })
                        .collect::<String>()
                })
                .collect::<Vec<_>>()
                .join(" ")
        }),
        ("find name and year", |p| {
            format!("{} {}", p.name, p.birth.map_or(0, Birth::year))
        }),
        ("find telephone", |p| p.phones[0].clone()),
        ("find end of telephone", |p| p.phones[0][6..].to_owned()),
    ];
    for (kind, write) in ways {
        let asked: Vec<String> = all.iter().map(write).collect();
        is_quick &= report(
            index.len(),
            kind,
            asked
                .iter()
                .map(|text| (text.clone(), cost(|| index.find(text, 20).len()))),
        );
    }
    let duplicates = all.iter().map(|person| {
        (
            person.name.clone(),
            cost(|| index.duplicates_in(person, Some(28_001), 20).len()),
        )
    });
    is_quick & report(index.len(), "duplicates", duplicates)
}

/// Asks what costs most.
fn hard(index: &SearchIndex, people: usize) -> bool {
    let long = "nguyễn văn ".repeat(1_000);
    let texts = [
        "",
        "n",
        "t",
        "nguyen",
        "nguyen ",
        "nguyen van",
        "nguyen thi",
        "van nguyen",
        "thi n",
        "n v h",
        "n t t h",
        "a b c d e f",
        "nguyen v",
        "ng th",
        "nguyen thi h",
        "nguyen van 1961",
        "1961",
        "61",
        "1/1",
        "nguyen 61 62",
        "nguyen van khongai",
        "xyz nguyen",
        "nguyen thi van h 1961 0273",
        "0273387234",
        "02733",
        "0000",
        "7234",
        "nguyen 7234",
        "thi van nguyen le tran pham",
        "q",
        "nguyen nguyen nguyen nguyen nguyen nguyen",
        "th th th",
        "nguyen van hung 1/1/1900 2/2/1901 0912345678",
        &long,
    ];
    let finds = texts.map(|text| (text.chars().take(40).collect(), cost(|| index.find(text, 200).len())));
    let is_quick = report(index.len(), "hard find", finds.into_iter());
    let mut draw = Draw(7);
    let plain = person(&mut draw, people);
    let named = |name: &str, birth: Option<Birth>, phone: &str| Identity {
        name: name.into(),
        birth,
        phones: vec![phone.into()],
        ..Identity::default()
    };
    let mut crowded = named("Nguyễn Thị Hương", Some(Birth::Day(-3_287)), SHARED_PHONE);
    crowded.phones.extend((0..4).map(|n| format!("09123456{n}1")));
    crowded.documents = vec![
        plain.documents.first().cloned().unwrap_or(Document {
            kind: DocumentKind::Identity,
            number: "082061911190".into()
        });
        8
    ];
    let cases = [
        named("Nguyễn Văn Hùng", None, ""),
        named("Nguyễn Thị Lan", Some(Birth::Year(1961)), SHARED_PHONE),
        named("Nguyễn", None, SHARED_PHONE),
        named("Nguyễn Thị", Some(Birth::Year(1961)), ""),
        named("N. T. H.", Some(Birth::Year(1961)), ""),
        named("N T", None, ""),
        named("Nguyễn Văn", None, ""),
        named("A B C D E F G H I K", Some(Birth::Year(1970)), SHARED_PHONE),
        named(
            "Thi Van Nguyen Le Tran Pham Minh Thanh Hong Anh",
            Some(Birth::Year(1970)),
            SHARED_PHONE,
        ),
        named("Lan", None, ""),
        named("", Some(Birth::Day(-3_287)), SHARED_PHONE),
        crowded,
    ];
    let asked = cases
        .iter()
        .map(|identity| (identity.name.clone(), cost(|| index.duplicates(identity, 200).len())));
    is_quick & report(index.len(), "hard duplicates", asked)
}

fn cost(ask: impl Fn() -> usize) -> f64 {
    let before = cpu_ms();
    std::hint::black_box(ask());
    cpu_ms() - before
}

fn report(people: usize, kind: &str, costs: impl Iterator<Item = (String, f64)>) -> bool {
    let mut costs: Vec<(String, f64)> = costs.collect();
    costs.sort_by(|a, b| a.1.total_cmp(&b.1));
    let at = |share: f64| costs[((costs.len() - 1) as f64 * share) as usize].1;
    let (worst, most) = &costs[costs.len() - 1];
    println!(
        r#"{{"people":{people},"asked":"{kind}","times":{},"p50_ms":{:.2},"p99_ms":{:.2},"max_ms":{most:.2},"worst":"{worst}"}}"#,
        costs.len(),
        at(0.5),
        at(0.99)
    );
    *most <= LIMIT_MS
}

/// CPU time of this thread: other work of the machine does not count.
fn cpu_ms() -> f64 {
    // the kernel brings the count up to date when a thread gives way
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse::<f64>().ok());
    nanoseconds.expect("the kernel counts a thread's time in /proc/thread-self/schedstat") / 1e6
}

fn resident_bytes() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.expect("the kernel tells the size of a process in /proc/self/status") * 1024.0
}
