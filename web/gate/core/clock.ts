// Two clocks: the one on the wall, which anybody can set, and one that only counts on from the service's last answer.
import { DemoClock, type Clock, systemClock } from "../../kit/clock";

/** Tells the time by both clocks. */
export class GateClock {
  readonly #wall: Clock;
  readonly #rate: number;
  readonly #elapsedMs: () => number;
  #anchor: { told: number; atMs: number } | null = null;

  constructor(wall: Clock = systemClock, rate = 1, elapsedMs: () => number = () => performance.now()) {
    this.#wall = wall;
    this.#rate = rate;
    this.#elapsedMs = elapsedMs;
  }

  /** Takes the service's time over, as it was when it answered. */
  tell(now: number): void {
    this.#anchor = { told: now, atMs: this.#elapsedMs() };
  }

  /** By the clock on the wall. */
  wall(): number {
    return this.#wall.now();
  }

  /** Counted from the service's last answer; nothing before the first. */
  known(): number | null {
    if (!this.#anchor) return null;
    return Math.floor(this.#anchor.told + ((this.#elapsedMs() - this.#anchor.atMs) / 1000) * this.#rate);
  }

  now(): number {
    return this.known() ?? this.wall();
  }
}

/** The demo's clock where the page belongs to a demo, else the machine's. Only the page's own origin can make it one. */
export async function openClock(location: { search: string; href: string; origin: string }): Promise<GateClock> {
  const asked = new URLSearchParams(location.search).get("demo");
  const base = asked ? new URL(asked, location.href) : null;
  if (!base || base.origin !== location.origin) return new GateClock();
  const answer = await fetch(base, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return new GateClock();
  const { now, rate } = (await answer.json()) as { now: number; rate: number };
  return new GateClock(new DemoClock(now, rate), rate);
}
