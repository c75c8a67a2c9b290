// The search box: words without marks, the best answer first.
import { describe, expect, it } from "vitest";
import { fold, rank, search } from "../../../crates/server/assets/console/fold.js";

const label = (text: string) => ({ label: text, href: `/desk/${text.length}` });

describe("folding", () => {
  it("takes away every Vietnamese mark, in composed and in decomposed text", () => {
    const marked = "ắ ằ ẳ ẵ ặ ấ ầ ẩ ẫ ậ ế ề ể ễ ệ ố ồ ổ ỗ ộ ớ ờ ở ỡ ợ ứ ừ ử ữ ự ý ỳ ỷ ỹ ỵ í ì ỉ ĩ ị đ Đ";
    const bare = "a a a a a a a a a a e e e e e o o o o o o o o o o u u u u u y y y y y i i i i i d d";
    expect(fold(marked)).toBe(bare);
    expect(fold(marked.normalize("NFD"))).toBe(bare);
    expect(fold("  Điểm   QUÉT ")).toBe("diem quet");
  });
});

describe("ranking", () => {
  it("finds words by their beginnings, in order", () => {
    expect(rank("diem q", "Điểm quét mã")).toBeGreaterThanOrEqual(0);
    expect(rank("d q m", "Điểm quét mã")).toBeGreaterThanOrEqual(0);
    expect(rank("quet diem", "Điểm quét mã")).toBe(-1);
    expect(rank("xyz", "Điểm quét mã")).toBe(-1);
  });

  it("puts whole names before beginnings, beginnings before words inside, and those before mere parts", () => {
    const items = ["Bán vé", "Chợ Ve", "Ve chai", "Ve", "Xave"].map(label);
    expect(search("ve", items).map((item) => item.label)).toEqual(["Ve", "Ve chai", "Chợ Ve", "Bán vé", "Xave"]);
  });

  it("puts what has the marks that were typed before what has not", () => {
    const items = ["Ca benh", "Ca bệnh"].map(label);
    expect(search("bệnh", items)[0]?.label).toBe("Ca bệnh");
    expect(search("benh", items)[0]?.label).toBe("Ca benh");
  });

  it("lists everything for nothing, in its order, and no more than asked", () => {
    const items = ["Một", "Hai", "Ba"].map(label);
    expect(search("", items).map((item) => item.label)).toEqual(["Một", "Hai", "Ba"]);
    expect(search(" ", items, 2)).toHaveLength(2);
  });

  it("survives what is no word", () => {
    for (const odd of ["(((", "\\", ".*", "a".repeat(500), "\u0301"]) expect(() => search(odd, [label("Điểm quét")])).not.toThrow();
  });
});
