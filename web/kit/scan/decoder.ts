import decodeQR from "qr/decode.js";

/** A picture to look for a code in: RGBA, row by row. */
export interface Picture {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Finds the text of a QR code; null when there is none to be read. */
export interface Decoder {
  read(picture: Picture): Promise<string | null>;
}

/** Decodes in plain JavaScript: everywhere, without WebAssembly and without asking anybody. */
export const ownDecoder: Decoder = {
  read(picture) {
    try {
      return Promise.resolve(decodeQR(picture));
    } catch {
      // No code in this frame: the usual case.
      return Promise.resolve(null);
    }
  },
};

interface Native {
  detect(image: ImageData): Promise<{ rawValue: string }[]>;
}
interface NativeClass {
  new (options: { formats: string[] }): Native;
  getSupportedFormats(): Promise<string[]>;
}

/** The phone's own decoder, where it has one. On some phones it is there and finds nothing, ever: it is never used alone. */
export async function nativeDecoder(from: object = globalThis): Promise<Decoder | null> {
  const found = (from as { BarcodeDetector?: NativeClass }).BarcodeDetector;
  if (!found) return null;
  try {
    if (!(await found.getSupportedFormats()).includes("qr_code")) return null;
    const native = new found({ formats: ["qr_code"] });
    return {
      async read(picture) {
        try {
          const image = new ImageData(new Uint8ClampedArray(picture.data), picture.width, picture.height);
          return (await native.detect(image))[0]?.rawValue ?? null;
        } catch {
          return null;
        }
      },
    };
  } catch {
    return null;
  }
}

/**
 * Takes turns between the phone's decoder and ours until the phone's has succeeded once; from then on it is the phone's. What succeeded is
 * remembered by the caller.
 */
export class TurnTaking implements Decoder {
  readonly #native: Decoder | null;
  readonly #own: Decoder;
  #turn = 0;
  /** Whether the phone's decoder has read a code. */
  proven: boolean;

  constructor(native: Decoder | null, own: Decoder = ownDecoder, proven = false) {
    this.#native = native;
    this.#own = own;
    this.proven = proven && native !== null;
  }

  async read(picture: Picture): Promise<string | null> {
    const native = this.#native;
    const isNative = native && (this.proven || this.#turn++ % 2 === 0);
    if (!isNative) return await this.#own.read(picture);
    const text = await native.read(picture);
    if (text !== null) this.proven = true;
    return text;
  }
}

/** Where the enlarged middle of a frame begins and how large it is: a small code far away lies there. */
export function middleOf(width: number, height: number): { x: number; y: number; width: number; height: number; scale: number } {
  const [w, h] = [Math.round(width * 0.6), Math.round(height * 0.8)];
  const scale = Math.min(2, 960 / Math.max(w, h));
  return { x: Math.round((width - w) / 2), y: Math.round((height - h) / 2), width: w, height: h, scale: Math.max(1, scale) };
}
