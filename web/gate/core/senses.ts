// What a guard hears and feels, and what a scanner on a cable types.

export type Signal = "go" | "again" | "stop";

let audio: AudioContext | null = null;

/** Plays the sign of an outcome: high and short for go, twice for again, low and long for stop. */
export function signal(kind: Signal): void {
  navigator.vibrate?.(kind === "go" ? 120 : kind === "again" ? [60, 60, 60] : [250, 80, 250]);
  try {
    audio ??= new AudioContext();
    const tones = { go: [[988, 0, 0.14]], again: [[660, 0, 0.09], [660, 0.15, 0.09]], stop: [[196, 0, 0.5]] }[kind];
    for (const [pitch = 0, from = 0, length = 0] of tones) tone(audio, pitch, from, length);
  } catch {
    // A device without sound still shows and shakes.
  }
}

function tone(context: AudioContext, pitch: number, from: number, length: number): void {
  const [source, volume] = [context.createOscillator(), context.createGain()];
  source.frequency.value = pitch;
  source.type = "square";
  const begin = context.currentTime + from;
  volume.gain.setValueAtTime(0.2, begin);
  volume.gain.exponentialRampToValueAtTime(0.001, begin + length);
  source.connect(volume).connect(context.destination);
  source.start(begin);
  source.stop(begin + length);
}

/** Longest pause between two characters of a scanner, in milliseconds: nobody types so fast. */
const PAUSE_MS = 60;
const SHORTEST = 8;

/** Whether what is typed there is meant for the field; a button or a choice is none. */
function isField(target: EventTarget | null): boolean {
  const field = target as (Partial<HTMLInputElement> & EventTarget) | null;
  return field?.tagName === "TEXTAREA" || (field?.tagName === "INPUT" && field.type === "text");
}

/** Hears scanners that type what they read and end with Enter; returns how to stop. */
export function listenToScanner(tell: (text: string) => void, on: Pick<EventTarget, "addEventListener" | "removeEventListener"> = window): () => void {
  let text = "";
  let last = 0;
  const heard = (event: Event) => {
    const { key, ctrlKey, altKey, metaKey, timeStamp, target } = event as KeyboardEvent;
    if (isField(target)) return;
    if (ctrlKey || altKey || metaKey) return;
    if (timeStamp - last > PAUSE_MS) text = "";
    last = timeStamp;
    if (key === "Enter") {
      if (text.length >= SHORTEST) {
        event.preventDefault();
        tell(text);
      }
      text = "";
    } else if (key.length === 1) {
      text += key;
    }
  };
  on.addEventListener("keydown", heard, { capture: true });
  return () => on.removeEventListener("keydown", heard, { capture: true });
}
