import { generate } from "lean-qr";
import { describe, expect, it } from "vitest";
import { type Decoder, type Picture, TurnTaking, middleOf, nativeDecoder, ownDecoder } from "../../kit/scan/decoder";
import { codeOf, kindOf, shortCode } from "../../citizen/core/visits";

/** A picture of a code that another library wrote. */
function pictureOf(text: string, scale = 4): Picture {
  const code = generate(text);
  const side = (code.size + 8) * scale;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const dark = code.get(Math.floor(x / scale) - 4, Math.floor(y / scale) - 4);
      if (dark) data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return { data, width: side, height: side };
}

describe("reading codes", () => {
  it("reads what another library wrote: a poster, a personal code, a card with Vietnamese letters", async () => {
    for (const text of [`HTTPS://VUNGLAM.EXAMPLE/V/${"AB27".repeat(33)}`, "AEBA".repeat(75), "082099001234|310123456|Nguyễn Văn Mười|05071990|Nam|Ấp 3, Mỹ Tho|10052021"]) {
      expect(await ownDecoder.read(pictureOf(text))).toBe(text);
    }
  });

  it("finds nothing in a picture without a code, and does not throw", async () => {
    expect(await ownDecoder.read({ data: new Uint8ClampedArray(64 * 48 * 4).fill(128), width: 64, height: 48 })).toBeNull();
    expect(await ownDecoder.read({ data: new Uint8ClampedArray(4), width: 1, height: 1 })).toBeNull();
  });

  it("takes turns with a phone's decoder that finds nothing, and trusts one that has found something", async () => {
    const asked: string[] = [];
    const named = (name: string, text: string | null): Decoder => ({ read: () => (asked.push(name), Promise.resolve(text)) });
    const picture = { data: new Uint8ClampedArray(4), width: 1, height: 1 };
    const blind = new TurnTaking(named("native", null), named("own", "text"));
    expect([await blind.read(picture), await blind.read(picture), await blind.read(picture)]).toEqual([null, "text", null]);
    expect(asked).toEqual(["native", "own", "native"]);
    asked.length = 0;
    const seeing = new TurnTaking(named("native", "text"), named("own", null));
    await seeing.read(picture);
    await seeing.read(picture);
    expect(asked).toEqual(["native", "native"]);
    expect(seeing.proven).toBe(true);
    const none = new TurnTaking(null, named("own", "text"), true);
    expect([await none.read(picture), none.proven]).toEqual(["text", false]);
  });

  it("uses a phone's decoder only when it can read QR codes", async () => {
    const kind = (formats: string[]) => ({
      BarcodeDetector: class {
        static getSupportedFormats = () => Promise.resolve(formats);
        detect = () => Promise.resolve([]);
      },
    });
    expect(await nativeDecoder({})).toBeNull();
    expect(await nativeDecoder(kind(["ean_13"]))).toBeNull();
    expect(await nativeDecoder(kind(["qr_code"]))).not.toBeNull();
    expect(await nativeDecoder({ BarcodeDetector: class { static getSupportedFormats = () => Promise.reject(new Error("no")); } })).toBeNull();
  });

  it("enlarges the middle of a frame, within bounds", () => {
    for (const [width, height] of [[640, 480], [1280, 720], [720, 1280]] as const) {
      const part = middleOf(width, height);
      expect(part.x + part.width).toBeLessThanOrEqual(width);
      expect(part.y + part.height).toBeLessThanOrEqual(height);
      expect(part.scale).toBeGreaterThanOrEqual(1);
      expect(Math.max(part.width, part.height) * part.scale).toBeLessThanOrEqual(Math.max(960, part.width, part.height));
    }
  });
});

describe("codes of places", () => {
  it("reads a short code as people type it", () => {
    expect(shortCode(" 7k2-m4pq ")).toBe("7K2M4PQ");
    for (const wrong of ["", "7K2M4P", "7K2M4PQQ", "7K2M4P0", "7K2M4PO", "7K2M4P1", "7K2M4PI", "7K2M4PL", "x".repeat(10_000)]) expect(shortCode(wrong)).toBeNull();
  });

  it("takes what follows the last slash", () => {
    expect(codeOf(" HTTPS://VUNGLAM.EXAMPLE/V/ABC ")).toBe("ABC");
    expect(codeOf("ABC")).toBe("ABC");
  });

  it("knows the kinds, and takes a later one as any", () => {
    expect([kindOf(5), kindOf(13), kindOf(200), kindOf(-1)]).toEqual(["market", "checkpoint", "other", "other"]);
  });
});
