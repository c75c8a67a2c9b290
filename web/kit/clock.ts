/** Where the time comes from: Unix seconds. */
export interface Clock {
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) };

/** A clock told by the demo, running on at its rate between two answers. */
export class DemoClock implements Clock {
  #told: number;
  #toldAtMs: number;
  readonly #rate: number;
  readonly #elapsedMs: () => number;

  constructor(now: number, rate: number, elapsedMs: () => number = () => performance.now()) {
    this.#told = now;
    this.#rate = rate;
    this.#elapsedMs = elapsedMs;
    this.#toldAtMs = elapsedMs();
  }

  /** Takes the demo's time over; the clock never goes back. */
  tell(now: number): void {
    this.#told = Math.max(now, this.now());
    this.#toldAtMs = this.#elapsedMs();
  }

  now(): number {
    return Math.floor(this.#told + ((this.#elapsedMs() - this.#toldAtMs) / 1000) * this.#rate);
  }
}
