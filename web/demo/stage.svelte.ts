import { type FrameWord, type Metric, type Story, pause, readMetrics, readStory } from "./api";

const METRICS_EVERY = 5;

/** The page's state: what the demo process says, and what the phones' frames say of themselves. */
class Stage {
  story = $state.raw<Story | null>(null);
  metrics = $state.raw<Metric[]>([]);
  lost = $state(false);
  phones = $state<Record<string, { noticeDays: number[]; shared: boolean }>>({});
  /** Whose phone a narrow screen shows. */
  shown = $state("lan");
  #frames = new Map<string, HTMLIFrameElement>();

  async run(): Promise<void> {
    addEventListener("message", (event) => this.#hear(event));
    for (let turn = 0; ; turn += 1) {
      try {
        this.story = await readStory();
        if (turn % METRICS_EVERY === 0) this.metrics = (await readMetrics()).metrics;
        this.lost = false;
      } catch {
        this.lost = true;
      }
      await pause(1_000);
    }
  }

  #hear(event: MessageEvent): void {
    const word = event.data as FrameWord | null;
    if (event.origin !== location.origin || word?.vunglam !== "state") return;
    this.phones[word.slug] = { noticeDays: word.noticeDays, shared: word.shared };
  }

  holds(slug: string, frame: HTMLIFrameElement): void {
    this.#frames.set(slug, frame);
  }

  /** Shows the code on Nam's phone; Nam presses share himself. */
  handCode(slug: string, code: string): void {
    this.shown = slug;
    const frame = this.#frames.get(slug)?.contentWindow;
    if (frame) frame.location.hash = `#/share?code=${encodeURIComponent(code)}`;
  }

  /** Asks the phone to share at once. */
  shareFor(slug: string, code: string): void {
    this.shown = slug;
    this.#frames.get(slug)?.contentWindow?.postMessage({ vunglam: "share", code }, location.origin);
  }
}

export const stage = new Stage();
