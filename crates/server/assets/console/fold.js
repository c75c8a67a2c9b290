// @ts-check
// Finding words without marks: "diem q" finds "Điểm quét mã".

/** @typedef {{ label: string, href: string, note?: string, key?: string }} Destination */

/** Lower case without marks: the key by which texts are compared. @param {string} text */
export const fold = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase().replace(/\s+/g, " ").trim();

/** How well a label answers a query: 0 is best, -1 is not at all. @param {string} query @param {string} label */
export function rank(query, label) {
  const [asked, text] = [fold(query), fold(label)];
  if (asked === "") return 4;
  // Whoever typed the marks meant them.
  const exact = label.toLowerCase().normalize("NFC").includes(query.toLowerCase().normalize("NFC").trim()) ? 0 : 0.5;
  if (text === asked) return exact;
  if (text.startsWith(asked)) return 1 + exact;
  const words = text.split(/[\s,.()/-]+/);
  let at = 0;
  const inOrder = asked.split(" ").every((part) => {
    const found = words.findIndex((word, index) => index >= at && word.startsWith(part));
    at = found + 1;
    return found >= 0;
  });
  if (inOrder) return 2 + exact;
  return text.includes(asked) ? 3 + exact : -1;
}

/** The best answers first, at most `most`. @param {string} query @param {Destination[]} items @param {number} most */
export function search(query, items, most = 12) {
  return items
    .map((item, index) => ({ item, index, rank: rank(query, `${item.label} ${item.note ?? ""}`.trim()) }))
    .filter((hit) => hit.rank >= 0)
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .slice(0, most)
    .map((hit) => hit.item);
}
