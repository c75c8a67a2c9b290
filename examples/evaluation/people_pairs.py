#!/usr/bin/env python3
"""Prints a population and pairs of records of which is known whether they are one person, as JSON lines.

    python3 people_pairs.py [--seed 1] [--pairs 20000] [--people 40000]

First come lines {"person": {…}}: people who are in no pair, among them the families of those who are. Then come lines
{"a": {…}, "b": {…}, "same": true, "kind": "order_swapped"}: `a` is a record already kept, `b` one that is typed now.
Where `same` is false, `b` is in no other line: whatever it is taken for is a mistake.

Names, their shares and the ways in which records go wrong are written from general knowledge of southern Viet Nam; the
program shares nothing with the search that it judges. Every `b` also suffers the everyday losses of `everyday`.
"""
import argparse
import datetime
import json
import random
import unicodedata

SURNAMES = {
    "Nguyễn": 38.0, "Trần": 11.0, "Lê": 9.5, "Phạm": 6.5, "Huỳnh": 4.2, "Hoàng": 1.2, "Phan": 4.2, "Võ": 3.0, "Vũ": 1.0,
    "Đặng": 2.1, "Bùi": 1.9, "Đỗ": 1.5, "Hồ": 1.5, "Ngô": 1.3, "Dương": 1.1, "Lý": 0.7, "Đinh": 0.8, "Trương": 1.6,
    "Đoàn": 0.9, "Lâm": 0.8, "Mai": 0.7, "Cao": 0.7, "Lương": 0.7, "Châu": 0.5, "Tô": 0.4, "Trịnh": 0.4, "Hà": 0.4,
    "Thái": 0.4, "Tạ": 0.3, "Kiều": 0.2, "Từ": 0.2, "Quách": 0.15, "La": 0.12, "Lưu": 0.3, "Phùng": 0.25, "Văn": 0.12,
    "Thạch": 0.15, "Ông": 0.05, "Mạc": 0.06, "Tống": 0.12, "Nghiêm": 0.05, "Triệu": 0.08, "Vương": 0.15, "Diệp": 0.12,
}
MIDDLE_MALE = {
    "Văn": 34, "Minh": 7, "Thanh": 6, "Hữu": 4, "Đức": 3, "Quốc": 5, "Ngọc": 3, "Hoàng": 5, "Công": 2.5, "Tấn": 3,
    "Trung": 2, "Phước": 2, "Thành": 3, "Xuân": 1.5, "Đình": 1.5, "Quang": 2, "Duy": 2, "Tuấn": 1.5, "Anh": 1.5,
    "Gia": 2, "Chí": 1.5, "Trọng": 1.2, "Nhật": 1.2, "Bảo": 1.2, "": 3.5, "Bá": 0.8, "Thế": 0.8, "Hồng": 0.8,
}
MIDDLE_FEMALE = {
    "Thị": 38, "Thị Ngọc": 5, "Thị Thu": 3, "Thị Kim": 4, "Thị Mỹ": 3.5, "Thị Thanh": 3.5, "Thị Hồng": 3.5, "Ngọc": 6,
    "Thanh": 3, "Kim": 4, "Mỹ": 3, "Thị Bích": 1.5, "Thị Cẩm": 2, "Thị Tuyết": 1.5, "Thùy": 2, "Bảo": 2, "Phương": 2,
    "Minh": 1.5, "Thị Phương": 1.5, "Như": 1.5, "Huỳnh": 1, "Hoàng": 1, "Thị Diễm": 1, "Thảo": 0.8, "": 0.8, "Quỳnh": 0.8,
}
GIVEN_MALE = (
    "Hùng Dũng Tuấn Minh Hải Nam Hiếu Phúc Long Khang Huy Tâm Thành Sơn Tài Đức Bình Phong Hoàng Tùng Trung Dương Lâm "
    "Nghĩa Thắng Cường Lộc An Khánh Toàn Vinh Hậu Việt Đạt Tiến Kiệt Phương Quân Thịnh Duy Khoa Nhân Trí Tân Thiện Quý "
    "Hòa Đông Luân Sang Linh Phước Vũ Quang Danh Kha Nguyên Bảo Hưng Trọng Tú Giang Thuận Thái Lợi Nhựt Tín Mẫn Em Út Ba "
    "Tư Năm Sáu Bảy Tám Chín Mười Đực Bé Hai Nhàn Lực Điền Hận Cảnh Kiên Chiến Thanh Hiệp Lượng Liêm Ngọc Triều Khải Mạnh "
    "Hoài Khương Nhỏ Lớn Oanh Vĩ Thọ Phát Sĩ Tính Đệ Hên Xem Lập Trường Rớt Dễ Ngoan Nghiệp Bửu Tấn Trạng Ẩn Ơn"
).split()
GIVEN_FEMALE = (
    "Lan Hương Hoa Mai Thảo Linh Trang Hà Ngọc Hạnh Phương Thủy Loan Tuyết Nga Yến Nhung Hằng Trinh Dung Vân Oanh Xuân "
    "Liên Hồng Diễm Thu Thúy Bích Châu Kim Ngân Nhi Như Quyên Vy Trâm Anh Hân My Trân Tiên Ngoan Giàu Huệ Cúc Đào Sen Lý "
    "Bé Út Em Ba Tư Năm Sáu Bảy Tám Chín Mười Hai Hiền Lành Nết Thắm Đẹp Duyên Thơ Kiều Diệu Khánh Tâm An Uyên Thư Quỳnh "
    "Ánh Gấm Lụa Nhàn Thoa Phấn Son Ngọt Mận Lựu Lê Cẩm Chi Đan Ly Na Ni Phụng Phượng Sương Thanh Thi Thùy Tú Vui Xinh Ý "
    "Yên Hường Hoài Điệp Đoan Nương Nữ Mỵ Muội Lài Lệ Lợi Hiếu Hòa Hậu Giang Bình Nguyệt"
).split()
STREETS = (
    "Lê Lợi|Nguyễn Huệ|Trần Hưng Đạo|Lê Thị Hồng Gấm|Đinh Bộ Lĩnh|Nguyễn Trãi|Hùng Vương|Ấp Bắc|Nam Kỳ Khởi Nghĩa|"
    "Lý Thường Kiệt|Nguyễn Thị Thập|Phan Thanh Giản|Rạch Gầm|Thủ Khoa Huân|Võ Duy Linh|Trương Định|Quốc lộ 1|"
    "Quốc lộ 50|Tỉnh lộ 864|Nguyễn Văn Côn|Hai Bà Trưng|Học Lạc|Đống Đa|Yersin|Nguyễn Công Bình"
).split("|")
HAMLETS_A = "Bình Tân Mỹ Long Phú Hòa An Thạnh Vĩnh Đông Tây Hưng Thới Phước Nhơn".split()
HAMLETS_B = "Tạo Thuận Hưng Thạnh Hòa Phú Lợi Đức Ninh Cách Trị Điền Quới Bình An".split()
MOBILE = "032 033 034 035 036 037 038 039 070 076 077 078 079 081 082 083 084 085 056 058 090 091 093 094 096 097 098 086 088 089".split()
OLD_PREFIX = {
    "070": "0120", "079": "0121", "077": "0122", "076": "0126", "078": "0128", "083": "0123", "084": "0124", "085": "0125",
    "081": "0127", "082": "0129", "032": "0162", "033": "0163", "034": "0164", "035": "0165", "036": "0166", "037": "0167",
    "038": "0168", "039": "0169", "056": "0186", "058": "0188",
}
COMMUNES = 172
TODAY = datetime.date(2021, 7, 12)
KEYBOARD = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "g": "fh", "h": "gj", "i": "uo", "k": "jl", "l": "k", "m": "n",
    "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "x": "zc", "y": "tu",
}
SOUNDS = [("tr", "ch"), ("ch", "tr"), ("s", "x"), ("x", "s"), ("v", "d"), ("gi", "d"), ("l", "n"), ("n", "l")]


def plain(text):
    text = text.replace("đ", "d").replace("Đ", "D")
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


class World:
    """Draws households and keeps what makes their members unlike each other."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.given_male = [1 / (n + 6) ** 0.9 for n in range(len(GIVEN_MALE))]
        self.given_female = [1 / (n + 6) ** 0.9 for n in range(len(GIVEN_FEMALE))]
        self.commune_weights = [self.rng.uniform(0.3, 1.7) for _ in range(COMMUNES)]
        self.households = 0
        self.company_phones = [self.phone() for _ in range(8)]

    def pick(self, shares):
        return self.rng.choices(list(shares), list(shares.values()))[0]

    def given(self, sex):
        if sex == "male":
            return self.rng.choices(GIVEN_MALE, self.given_male)[0]
        return self.rng.choices(GIVEN_FEMALE, self.given_female)[0]

    def name(self, sex, surname=None, age=30):
        rng = self.rng
        surname = surname or self.pick(SURNAMES)
        middle = self.pick(MIDDLE_MALE if sex == "male" else MIDDLE_FEMALE)
        if age > 45 and rng.random() < 0.5:
            middle = "Văn" if sex == "male" else "Thị"
        given = self.given(sex)
        if age < 30 and rng.random() < 0.25 and " " not in middle:
            middle = (middle + " " + self.given(sex)).strip()
        return " ".join(part for part in [surname, middle, given] if part)

    def phone(self):
        return self.rng.choice(MOBILE) + "".join(self.rng.choice("0123456789") for _ in range(7))

    def day(self, low, high):
        born = TODAY - datetime.timedelta(days=self.rng.randint(low * 365, high * 365 + 364))
        if TODAY.year - born.year > 50 and self.rng.random() < 0.15:
            born = born.replace(month=1, day=1)
        return born

    def address(self):
        rng = self.rng
        number = str(rng.randint(1, 600)) + (f"/{rng.randint(1, 40)}" if rng.random() < 0.3 else "")
        if rng.random() < 0.35:
            return f"{number} đường {rng.choice(STREETS)}, khu phố {rng.randint(1, 9)}"
        hamlet = f"{rng.choice(HAMLETS_A)} {rng.choice(HAMLETS_B)}"
        if rng.random() < 0.3:
            return f"Tổ {rng.randint(1, 20)}, ấp {hamlet}"
        return f"Số {number}, ấp {hamlet}"

    def commune(self):
        return 28000 + 3 * self.rng.choices(range(COMMUNES), self.commune_weights)[0]

    def documents(self, sex, born):
        rng = self.rng
        age = TODAY.year - born.year
        out = []
        if age >= 15 and rng.random() < 0.55:
            century = (0 if born.year < 2000 else 2) + (1 if sex == "female" else 0)
            out.append({"kind": "identity", "number": f"082{century}{born.year % 100:02}{rng.randrange(10**6):06}"})
        elif age >= 20 and rng.random() < 0.3:
            out.append({"kind": "identity", "number": f"31{rng.randrange(10**7):07}"})
        if rng.random() < 0.4:
            out.append({"kind": "insurance", "number": f"GD4{rng.choice('78')}{rng.choice('29')}82{rng.randrange(10**8):08}"})
        return out

    def person(self, sex, born, home, surname=None, phones=None):
        return {
            "name": self.name(sex, surname, TODAY.year - born.year), "sex": sex, "born": born, "phones": phones or [],
            "address": home["address"], "commune": home["commune"], "household": home["household"],
            "documents": self.documents(sex, born),
            "year_only": TODAY.year - born.year > 60 and self.rng.random() < 0.3,
        }

    def household_of(self):
        """Returns the members of one household: parents, children, perhaps a grandparent; telephones are shared."""
        rng = self.rng
        self.households += 1
        home = {"address": self.address(), "commune": self.commune(), "household": f"h{self.households}"}
        surname = self.pick(SURNAMES)
        age = rng.randint(24, 68)
        first = self.phone()
        father = self.person("male", self.day(age, age + 3), home, surname, [first])
        mother = self.person("female", self.day(max(20, age - 6), age + 1), home, None, [self.phone()] if rng.random() < 0.85 else [first])
        members = [father] + ([mother] if rng.random() < 0.9 else [])
        if rng.random() < 0.1:
            father["phones"].append(self.phone())
        ages = sorted(rng.randint(0, max(0, age - 22)) for _ in range(rng.choices([0, 1, 2, 3, 4], [15, 28, 37, 15, 5])[0]))
        for child_age in ages:
            own = child_age >= 15 and rng.random() < 0.8
            phones = [self.phone()] if own else [rng.choice(members)["phones"][0]]
            child = self.person(rng.choice(["male", "female"]), self.day(child_age, child_age), home, surname, phones)
            members.append(child)
            if rng.random() < 0.01:
                members.append(self.twin(child))
        if rng.random() < 0.2:
            phones = [self.phone()] if rng.random() < 0.4 else [first]
            members.append(self.person(rng.choice(["male", "female"]), self.day(age + 22, min(95, age + 32)), home, surname if rng.random() < 0.6 else None, phones))
        if rng.random() < 0.004:
            father["phones"].append(rng.choice(self.company_phones))
        return members

    def twin(self, of):
        sex = of["sex"] if self.rng.random() < 0.7 else ("male" if of["sex"] == "female" else "female")
        home = {key: of[key] for key in ("address", "commune", "household")}
        twin = self.person(sex, of["born"], home, of["name"].split()[0], list(of["phones"]))
        twin["year_only"] = of["year_only"]
        if sex == of["sex"] and self.rng.random() < 0.6:
            twin["name"] = " ".join(of["name"].split()[:-1] + [self.given(sex)])
        while twin["name"] == of["name"]:
            twin["name"] = " ".join(twin["name"].split()[:-1] + [self.given(sex)])
        return twin


def record(person):
    """Returns a person as the system keeps one."""
    birth = {"year": person["born"].year} if person["year_only"] else {"day": person["born"].isoformat()}
    return {
        "name": person["name"], "sex": person["sex"], "birth": birth, "phones": list(person["phones"]),
        "address": person["address"], "commune": person["commune"], "household": person["household"],
        "documents": [dict(document) for document in person["documents"]],
    }


class Clerk:
    """Types people again, with the errors of typing, hearing and asking."""

    def __init__(self, world):
        self.world, self.rng = world, world.rng

    def everyday(self, record, losses=True):
        """What any second record suffers: things not asked, marks not typed, an address written otherwise."""
        rng = self.rng
        out = json.loads(json.dumps(record))
        out["household"] = None
        out["documents"] = [document for document in out["documents"] if rng.random() < 0.4]
        for document in out["documents"]:
            if rng.random() < 0.02:
                at = rng.randrange(3, len(document["number"]))
                document["number"] = document["number"][:at] + rng.choice("0123456789") + document["number"][at + 1:]
        out["address"] = self.retyped_address(out["address"])
        if rng.random() < 0.3:
            out["name"] = plain(out["name"])
        if rng.random() < 0.1:
            out["name"] = out["name"].upper()
        if losses:
            if rng.random() < 0.08 and "day" in out["birth"]:
                out["birth"] = {"year": int(out["birth"]["day"][:4])}
            elif rng.random() < 0.03:
                out["birth"] = None
            if rng.random() < 0.10 and out["address"]:
                out["phones"] = []
            if rng.random() < 0.05:
                out["sex"] = None
            if rng.random() < 0.005 and out["sex"]:
                out["sex"] = "male" if out["sex"] == "female" else "female"
        out["phones"] = [self.formatted(phone) for phone in out["phones"]]
        return out

    def formatted(self, phone):
        draw = self.rng.random()
        if draw < 0.1:
            return "+84" + phone[1:]
        if draw < 0.2:
            return f"{phone[:4]} {phone[4:7]} {phone[7:]}"
        return phone

    def retyped_address(self, address):
        rng = self.rng
        draw = rng.random()
        if draw < 0.15:
            return ""
        if draw < 0.35:
            address = address.split(", ")[-1]
        elif draw < 0.5:
            address = address.replace("đường ", "đ. ").replace("khu phố ", "KP").replace("Số ", "")
        if rng.random() < 0.4:
            address = plain(address)
        return address

    def misspelt(self, name):
        """One error of the finger, of the ear, or of the input method."""
        rng = self.rng
        words = name.split()
        at = rng.choices(range(len(words)), [1] * (len(words) - 1) + [2])[0]
        word = words[at]
        draw = rng.random()
        letter = rng.randrange(len(word))
        if draw < 0.2:
            near = KEYBOARD.get(plain(word[letter]).lower(), "")
            word = word[:letter] + (rng.choice(near) if near else word[letter]) + word[letter + 1:]
        elif draw < 0.35 and len(word) > 2:
            word = word[:letter] + word[letter + 1:]
        elif draw < 0.45 and len(word) > 2:
            letter = rng.randrange(len(word) - 1)
            word = word[:letter] + word[letter + 1] + word[letter] + word[letter + 2:]
        elif draw < 0.55:
            word = word[:letter] + word[letter] + word[letter:]
        elif draw < 0.7:
            heard = [(old, new) for old, new in SOUNDS if word.lower().startswith(old)]
            if heard:
                old, new = rng.choice(heard)
                word = new.capitalize() + word[len(old):]
            elif word.endswith("n"):
                word += "g"
            elif word.endswith("ng"):
                word = word[:-1]
        elif draw < 0.85:
            word = self.other_tone(word)
        else:
            word = telex(word)
        words[at] = word or words[at]
        return " ".join(words)

    def other_tone(self, word):
        """Hỏi for ngã and the reverse, which southern ears do not tell apart; else a tone is lost."""
        parts = unicodedata.normalize("NFD", word)
        if "\u0309" in parts:
            parts = parts.replace("\u0309", "\u0303")
        elif "\u0303" in parts:
            parts = parts.replace("\u0303", "\u0309")
        else:
            parts = "".join(c for c in parts if c not in "\u0300\u0301\u0323")
        return unicodedata.normalize("NFC", parts)

    def wrong_digit(self, digits, start=1):
        at = self.rng.randrange(start, len(digits))
        other = self.rng.choice([d for d in "0123456789" if d != digits[at]])
        return digits[:at] + other + digits[at + 1:]


def telex(word):
    """Returns a word as it stands when the input method was off: Nguyễn → Nguyeenx."""
    tones = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
    out, tone = "", ""
    for c in unicodedata.normalize("NFD", word.replace("đ", "dd").replace("Đ", "Dd")):
        if c in tones:
            tone = tones[c]
        elif c == "\u0302":
            out += out[-1].lower()
        elif c in "\u0306\u031b":
            out += "w"
        else:
            out += c
    return out + tone


def swapped(name, rng):
    words = name.split()
    return " ".join(words[-1:] + words[:-1]) if rng.random() < 0.7 else " ".join(words[1:] + words[:1])


def abbreviated(name, rng):
    words = name.split()
    if len(words) < 3:
        return f"{words[0][0]}. {words[-1]}" if len(words) == 2 else name
    return " ".join([words[0]] + [w[0] + "." for w in words[1:-1]] + [words[-1]])


def initials(name, rng):
    words = name.split()
    if len(words) < 2:
        return name
    joint = "" if rng.random() < 0.6 else "."
    return joint.join(w[0] for w in words[:-1]) + (joint + " " if joint else " ") + words[-1]


def same_kinds(clerk):
    """Kind → how it spoils the record `b` of the person of `a`; the second argument holds the family."""
    rng, world = clerk.rng, clerk.world

    def change(field, how):
        def apply(out, family):
            out[field] = how(out[field])
        return apply

    def birth(how):
        def apply(out, family):
            if out["birth"] and "day" in out["birth"]:
                out["birth"] = how(out["birth"]["day"]) or out["birth"]
        return apply

    def day_month(day):
        year, month, number = day.split("-")
        return {"day": f"{year}-{number}-{month}"} if int(number) <= 12 else {"day": f"{year}-{month}-{int(number) - 1:02}"}

    def wrong_birth(day):
        date = datetime.date.fromisoformat(day)
        draw = rng.random()
        if draw < 0.4:
            return {"day": date.replace(day=1 + rng.randrange(28)).isoformat()}
        if draw < 0.6:
            return {"day": date.replace(day=min(date.day, 28), month=1 + rng.randrange(12)).isoformat()}
        return {"day": date.replace(day=min(date.day, 28), year=date.year + rng.choice([-10, -1, 1, 1])).isoformat()}

    def phone_error(phones):
        return [clerk.wrong_digit(p.replace(" ", "").replace("+84", "0"), 3) for p in phones]

    def old(phones):
        return [OLD_PREFIX.get(p[:3], p[:3]) + p[3:] for p in (q.replace(" ", "").replace("+84", "0") for q in phones)]

    def family_phone(out, family):
        out["phones"] = list(rng.choice(family)["phones"][:1])

    def moved(out, family):
        out["address"], out["commune"] = world.address(), world.commune()

    def drop_middle(name):
        words = name.split()
        return " ".join([words[0]] + words[2:]) if len(words) > 2 else name

    def both(*steps):
        def apply(out, family):
            for step in steps:
                step(out, family)
        return apply

    year_only = birth(lambda day: {"year": int(day[:4])})
    marks_lost = change("name", plain)
    swap = change("name", lambda name: swapped(name, rng))
    short = change("name", lambda name: abbreviated(name, rng))
    return {
        "typed_again": lambda out, family: None,
        "marks_lost": marks_lost,
        "order_swapped": swap,
        "abbreviated": short,
        "initials": change("name", lambda name: initials(name, rng)),
        "year_only": year_only,
        "old_prefix": change("phones", old),
        "phone_error": change("phones", phone_error),
        "name_error": change("name", clerk.misspelt),
        "day_month_swapped": birth(day_month),
        "birth_error": birth(wrong_birth),
        "family_phone": family_phone,
        "new_phone": change("phones", lambda _: [world.phone()]),
        "middle_dropped": change("name", drop_middle),
        "moved": moved,
        "marks_lost_order_swapped": both(marks_lost, swap),
        "abbreviated_year_only": both(short, year_only),
        "marks_lost_old_prefix": both(marks_lost, change("phones", old)),
        "year_only_family_phone": both(year_only, family_phone),
    }


def another(world, clerk, kind, a, family):
    """Returns a person who is not the person `a` but is near to them in the way of the kind."""
    rng = world.rng
    home = {key: a[key] for key in ("address", "commune", "household")}
    far = {"address": world.address(), "commune": world.commune(), "household": None}
    surname = a["name"].split()[0]
    age = TODAY.year - a["born"].year
    if kind == "twin":
        return world.twin(a)
    if kind == "sibling":
        born = a["born"] + datetime.timedelta(days=rng.choice([-1, 1]) * rng.randint(300, 3000))
        sibling = world.person(rng.choice(["male", "female"]), min(born, TODAY), home, surname, list(a["phones"]))
        if sibling["name"] == a["name"]:
            sibling["name"] += " Em"
        return sibling
    if kind == "parent_child":
        born = a["born"] + datetime.timedelta(days=(-1 if age < 25 else 1) * rng.randint(19 * 365, 35 * 365))
        born = min(born, TODAY)
        return world.person("male", born, home, surname, list(a["phones"]))
    if kind == "spouse":
        sex = "male" if a["sex"] == "female" else "female"
        born = a["born"] + datetime.timedelta(days=rng.randint(-3000, 3000))
        return world.person(sex, min(born, TODAY), home, None, list(a["phones"]))
    if kind == "same_name":
        other = world.person(a["sex"], world.day(max(0, age - 15), age + 15), far, surname, [world.phone()])
    elif kind == "same_name_year":
        born = datetime.date(a["born"].year, rng.randint(1, 12), rng.randint(1, 28))
        other = world.person(a["sex"], min(born, TODAY), far, surname, [world.phone()])
    elif kind == "same_name_commune":
        near = dict(far, commune=a["commune"])
        other = world.person(a["sex"], world.day(max(0, age - 25), age + 25), near, surname, [world.phone()])
    elif kind == "company_phone":
        return world.person(rng.choice(["male", "female"]), world.day(18, 60), far, None, [rng.choice(world.company_phones)])
    else:
        return world.person(rng.choice(["male", "female"]), world.day(0, 85), far, None, [world.phone()])
    other["name"] = a["name"]
    if other["born"] == a["born"]:
        other["born"] -= datetime.timedelta(days=17)
    return other


OTHER_KINDS = ["twin", "sibling", "parent_child", "spouse", "same_name", "same_name_year", "same_name_commune", "company_phone", "stranger"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=40_000)
    arguments = parser.parse_args()
    world = World(arguments.seed)
    rng, clerk = world.rng, Clerk(world)
    kinds = same_kinds(clerk)
    pairs, others = [], []
    while len(pairs) < arguments.pairs:
        family = world.household_of()
        chosen = rng.randrange(len(family))
        others.extend(member for n, member in enumerate(family) if n != chosen)
        a = family[chosen]
        if rng.random() < 0.65:
            kind = rng.choice(list(kinds))
            b = clerk.everyday(record(a))
            kinds[kind](b, family)
            if rng.random() < 0.2:
                kinds[rng.choice(list(kinds))](b, family)
                kind = "two_errors"
            pairs.append((record(a), b, True, kind))
        else:
            kind = rng.choice(OTHER_KINDS)
            b = clerk.everyday(record(another(world, clerk, kind, a, family)))
            pairs.append((record(a), b, False, kind))
    while len(others) < arguments.people:
        others.extend(world.household_of())
    for person in others[:arguments.people]:
        print(json.dumps({"person": record(person)}, ensure_ascii=False))
    for a, b, same, kind in pairs:
        print(json.dumps({"a": a, "b": b, "same": same, "kind": kind}, ensure_ascii=False))


if __name__ == "__main__":
    main()
