import { describe, expect, it } from "vitest";
import type { CoreRequest } from "../../citizen/core/device";
import { send } from "../../citizen/core/sync";

const REQUEST: CoreRequest = {
  side: "keys",
  method: "POST",
  url: "https://keys.example/v1/publish",
  headers: { "content-type": "application/json" },
  body: "{}",
  maxAnswerBytes: 8,
};

const answering = (answer: Response) => () => Promise.resolve(answer);
const NOBODY = { status: 0, body: new Uint8Array() };

/** A body that comes in pieces and notes whether somebody went on reading. */
function inPieces(sizes: number[]) {
  const state = { given: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const size = sizes[state.given];
        if (size === undefined) return controller.close();
        state.given += 1;
        controller.enqueue(new Uint8Array(size).fill(state.given));
      },
      cancel() {
        state.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { state, body };
}

describe("sending a request of the core", () => {
  it("hands over status and body, joined from its pieces", async () => {
    const { body } = inPieces([3, 2, 3]);
    const answer = await send(REQUEST, answering(new Response(body, { status: 201 })));
    expect(answer).toEqual({ status: 201, body: new Uint8Array([1, 1, 1, 2, 2, 3, 3, 3]) });
  });

  it("hands over the body of an error, for the core to judge", async () => {
    const answer = await send(REQUEST, answering(new Response("busy", { status: 503 })));
    expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([503, "busy"]);
  });

  it("takes an answer without a body", async () => {
    expect(await send(REQUEST, answering(new Response(null, { status: 204 })))).toEqual({ status: 204, body: new Uint8Array() });
  });

  it("is answered by nobody while offline", async () => {
    expect(await send(REQUEST, () => Promise.reject(new TypeError("Failed to fetch")))).toEqual(NOBODY);
  });

  it("is answered by nobody when the connection breaks in the middle", async () => {
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new TypeError("network error")) });
    expect(await send(REQUEST, answering(new Response(body)))).toEqual(NOBODY);
  });

  it("stops reading an answer that is larger than the core allows", async () => {
    const { state, body } = inPieces([4, 4, 1, 4, 4]);
    expect(await send(REQUEST, answering(new Response(body)))).toEqual(NOBODY);
    expect(state).toEqual({ given: 3, cancelled: true });
  });

  it("tells nobody who asks and from where", async () => {
    let asked: RequestInit | undefined;
    await send(REQUEST, (_url, options) => {
      asked = options;
      return Promise.resolve(new Response());
    });
    expect(asked).toMatchObject({ method: "POST", credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store", redirect: "error" });
    expect(asked?.signal).toBeInstanceOf(AbortSignal);
  });
});
