import { type Decoder, TurnTaking, middleOf, nativeDecoder } from "./decoder";

export type CameraState = "off" | "asking" | "on" | "refused" | "missing";

/** What a camera tells. */
export interface CameraListener {
  state(state: CameraState): void;
  /** A code was read; the same text comes once while it stays in view. */
  text(text: string): void;
}

/** A text that is not seen for so long may come again, in milliseconds. */
const GONE_MS = 1_500;
/** Pause between two frames, in milliseconds: a cheap phone has other things to do as well. */
const PAUSE_MS = 40;

/** Reads codes from a video element's camera. It asks for the camera once, after a tap, and never again after a refusal. */
export class Camera {
  readonly #video: HTMLVideoElement;
  readonly #listener: CameraListener;
  readonly #canvas = document.createElement("canvas");
  #stream: MediaStream | null = null;
  #decoder: Decoder | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frames = 0;
  #seen = "";
  #seenAt = 0;
  #wake: WakeLockSentinel | null = null;
  #facing: "environment" | "user" = "environment";

  constructor(video: HTMLVideoElement, listener: CameraListener) {
    this.#video = video;
    this.#listener = listener;
  }

  async start(): Promise<void> {
    if (this.#stream) return;
    this.#listener.state("asking");
    try {
      const wanted = { facingMode: this.#facing, width: { ideal: 1280 }, height: { ideal: 720 } };
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch (error) {
      const refused = error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "SecurityError");
      this.#listener.state(refused ? "refused" : "missing");
      return;
    }
    this.#video.srcObject = this.#stream;
    this.#video.playsInline = true;
    this.#video.muted = true;
    await this.#video.play();
    this.#decoder ??= new TurnTaking(await nativeDecoder());
    this.#wake = await (navigator.wakeLock?.request("screen") ?? Promise.resolve(null)).catch(() => null);
    this.#listener.state("on");
    this.#later();
  }

  /** Looks with the camera of the other side. */
  async turn(): Promise<void> {
    this.#facing = this.#facing === "environment" ? "user" : "environment";
    this.stop();
    await this.start();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
    void this.#wake?.release();
    this.#wake = null;
    this.#listener.state("off");
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), PAUSE_MS);
  }

  async #look(): Promise<void> {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (!this.#stream || !this.#decoder) return;
    if (width > 0 && document.visibilityState === "visible") {
      // Odd frames whole, even frames the middle, enlarged.
      const text = await this.#decoder.read(this.#frames++ % 2 === 0 ? this.#frame(0, 0, width, height, 1) : this.#middle(width, height));
      if (text) this.#tell(text);
    }
    if (this.#stream) this.#later();
  }

  #middle(width: number, height: number): ImageData {
    const middle = middleOf(width, height);
    return this.#frame(middle.x, middle.y, middle.width, middle.height, middle.scale);
  }

  #frame(x: number, y: number, width: number, height: number, scale: number): ImageData {
    return draw(this.#canvas, this.#video, { x, y, width, height, scale });
  }

  #tell(text: string): void {
    const now = performance.now();
    const isNew = text !== this.#seen || now - this.#seenAt > GONE_MS;
    [this.#seen, this.#seenAt] = [text, now];
    if (isNew) this.#listener.text(text);
  }
}

function draw(canvas: HTMLCanvasElement, source: CanvasImageSource, part: { x: number; y: number; width: number; height: number; scale: number }): ImageData {
  const [width, height] = [Math.round(part.width * part.scale), Math.round(part.height * part.scale)];
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser draws nothing");
  context.drawImage(source, part.x, part.y, part.width, part.height, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** Reads the code in a photo that the person chose or took, or in a picture. */
export async function readPhoto(file: Blob | HTMLImageElement): Promise<string | null> {
  const bitmap = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  const decoder = new TurnTaking(null);
  try {
    for (const longest of [1_600, 800]) {
      const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
      const text = await decoder.read(draw(canvas, bitmap, { x: 0, y: 0, width: bitmap.width, height: bitmap.height, scale }));
      if (text) return text;
    }
    return null;
  } finally {
    bitmap.close();
  }
}
