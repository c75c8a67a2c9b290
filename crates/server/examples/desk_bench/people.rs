//! Lists of made-up people, the same at every run.

use std::fmt::Write;

const SURNAMES: [&str; 12] = [
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi",
];
const MIDDLE: [&str; 10] = [
    "Thị",
    "Văn",
    "Ngọc",
    "Minh",
    "Thanh",
    "Hữu",
    "Kim",
    "Quốc",
    "Thị Ngọc",
    "Hoàng",
];
const GIVEN: [&str; 24] = [
    "Hùng", "Hương", "Lan", "Minh", "Dũng", "Hoa", "Tuấn", "Mai", "Hải", "Thảo", "Nam", "Linh", "Phúc", "Trang",
    "Long", "Hà", "Huy", "Ngọc", "Tâm", "Hạnh", "Sơn", "Phương", "Mười", "Bình",
];

/// Rows of which one is wrong in a faulty list: three in a hundred.
pub(crate) const WRONG_EVERY: usize = 33;

/// Multiplies and adds (Knuth's constants).
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize * end) >> 31
    }

    fn name(&mut self) -> String {
        let (surname, middle) = (SURNAMES[self.below(12)], MIDDLE[self.below(10)]);
        format!("{surname} {middle} {}", GIVEN[self.below(24)])
    }
}

/// Returns a list of cases `BN-1` to `BN-{cases}`.
pub(crate) fn cases(draw: &mut Draw, cases: usize, communes: &[String]) -> String {
    let mut text = String::from("Mã ca;Họ và tên;Năm sinh;SĐT;Xã;Ngày xét nghiệm\n");
    for at in 1..=cases {
        let (name, year, commune) = (draw.name(), 1935 + draw.below(80), draw.below(communes.len()));
        let day = 1 + draw.below(12);
        let _ = writeln!(
            text,
            "BN-{at};{name};{year};08{at:08};{};{day}/7/2021",
            communes[commune]
        );
    }
    text
}

/// Returns a list of the contacts `from` to `from + rows` of cases `BN-1` to `BN-{cases}`, and the same with a telephone number
/// cut off in every [`WRONG_EVERY`]th row.
pub(crate) fn contacts(
    draw: &mut Draw,
    from: usize,
    rows: usize,
    cases: usize,
    communes: &[String],
) -> (String, String) {
    let mut text = String::from("Họ và tên;Năm sinh;SĐT;Địa chỉ;Xã;Mã ca;Ngày tiếp xúc\n");
    let mut faulty = text.clone();
    for at in from..from + rows {
        let (name, year, commune) = (draw.name(), 1935 + draw.below(80), draw.below(communes.len()));
        let (house, day, case) = (draw.below(900), 1 + draw.below(12), 1 + draw.below(cases));
        let place = format!("Số {house}, ấp {};{}", 1 + house % 9, communes[commune]);
        let _ = writeln!(text, "{name};{year};09{at:08};{place};BN-{case};{day}/7/2021");
        let number = if at % WRONG_EVERY == 0 {
            "0912".to_owned()
        } else {
            format!("09{at:08}")
        };
        let _ = writeln!(faulty, "{name};{year};{number};{place};BN-{case};{day}/7/2021");
    }
    (text, faulty)
}
