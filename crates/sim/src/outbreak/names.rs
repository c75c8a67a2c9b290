//! Words that made-up names, addresses and places are put together from.

use rand_chacha::ChaCha20Rng;
use server::people::Sex;

use crate::seed;

/// Family names with their share in a thousand, as they are common in the south; the rest falls to the first.
const FAMILY: [(&str, u32); 20] = [
    ("Nguyễn", 0),
    ("Trần", 110),
    ("Lê", 95),
    ("Phạm", 65),
    ("Huỳnh", 60),
    ("Võ", 50),
    ("Phan", 45),
    ("Trương", 25),
    ("Bùi", 20),
    ("Đặng", 20),
    ("Đỗ", 15),
    ("Ngô", 15),
    ("Hồ", 15),
    ("Dương", 15),
    ("Đoàn", 12),
    ("Lâm", 12),
    ("Mai", 10),
    ("Cao", 10),
    ("Châu", 8),
    ("Tô", 5),
];
const MEN: [&str; 12] = [
    "Văn", "Văn", "Văn", "Hữu", "Minh", "Quốc", "Thành", "Công", "Hoàng", "Tấn", "Thanh", "Đức",
];
const WOMEN: [&str; 12] = [
    "Thị",
    "Thị",
    "Thị",
    "Thị Ngọc",
    "Thị Kim",
    "Thị Bé",
    "Thị Thu",
    "Thị Mỹ",
    "Ngọc",
    "Kim",
    "Thị Hồng",
    "Thị Cẩm",
];
const SONS: [&str; 40] = [
    "An", "Bình", "Bảy", "Chiến", "Cường", "Danh", "Dũng", "Duy", "Đạt", "Đông", "Giang", "Hải", "Hậu", "Hiếu", "Hòa",
    "Hùng", "Huy", "Khang", "Khánh", "Kiệt", "Lâm", "Lộc", "Long", "Luân", "Mẫn", "Mười", "Nghĩa", "Nhân", "Phát",
    "Phong", "Phúc", "Quân", "Sang", "Sơn", "Tâm", "Thắng", "Thịnh", "Toàn", "Trung", "Vinh",
];
const DAUGHTERS: [&str; 40] = [
    "Ánh",
    "Bích",
    "Châu",
    "Chi",
    "Cúc",
    "Diễm",
    "Dung",
    "Duyên",
    "Đào",
    "Điệp",
    "Giàu",
    "Hà",
    "Hạnh",
    "Hằng",
    "Hiền",
    "Hoa",
    "Hồng",
    "Huệ",
    "Hương",
    "Kiều",
    "Lài",
    "Liên",
    "Linh",
    "Loan",
    "Mai",
    "My",
    "Ngân",
    "Nga",
    "Nhung",
    "Oanh",
    "Phượng",
    "Quyên",
    "Sen",
    "Tám",
    "Thảo",
    "Thơ",
    "Thúy",
    "Trang",
    "Tuyết",
    "Xuân",
];
const STREETS: [&str; 16] = [
    "đường Bờ Kè",
    "đường Cây Bàng",
    "đường Cây Me",
    "đường Chợ Cũ",
    "đường Đê Bao",
    "đường Hoa Sứ",
    "đường Lò Gạch",
    "đường Vườn Dừa",
    "ấp Bình Mẫu",
    "ấp Cầu Ván",
    "ấp Gò Xoài",
    "ấp Kinh Mới",
    "ấp Rạch Cạn",
    "ấp Tân Mẫu",
    "khu phố Mẫu 1",
    "khu phố Mẫu 2",
];

/// The parts of a name, as positions in the lists of this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameParts {
    pub(super) family: u8,
    pub(super) middle: u8,
    pub(super) given: u8,
}

/// Draws a family name.
pub(super) fn draw_family(rng: &mut ChaCha20Rng) -> u8 {
    let mut draw = seed::below(rng, 1000);
    for (at, (_, share)) in (0u8..).zip(FAMILY) {
        if draw < share {
            return at;
        }
        draw -= share;
    }
    0
}

/// Draws the rest of a name.
pub(super) fn draw(rng: &mut ChaCha20Rng, family: u8) -> NameParts {
    let of = |rng: &mut ChaCha20Rng, many: usize| u8::try_from(seed::below(rng, many as u32)).unwrap_or(0);
    NameParts {
        family,
        middle: of(rng, MEN.len()),
        given: of(rng, SONS.len()),
    }
}

/// Returns a name as written.
pub(super) fn name(parts: NameParts, sex: Sex) -> String {
    let (middle, given): (&[&str], &[&str]) = match sex {
        Sex::Male => (&MEN, &SONS),
        Sex::Female => (&WOMEN, &DAUGHTERS),
    };
    let (family, _) = FAMILY[usize::from(parts.family) % FAMILY.len()];
    let (middle, given) = (
        middle[usize::from(parts.middle) % middle.len()],
        given[usize::from(parts.given) % given.len()],
    );
    format!("{family} {middle} {given}")
}

/// Returns house and street; the commune stands beside it.
pub(super) fn address(household: u32) -> String {
    let street = STREETS[household as usize / 7 % STREETS.len()];
    format!("{}/{} {street}", household % 199 + 1, household % 23 + 1)
}
