// Starts `vunglam demo` and stops it.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_PATIENCE_MS = 120_000;
const STOP_PATIENCE_MS = 25_000;

export interface RunningDemo {
  /** Address of the start page, without a slash at the end. */
  url: string;
  stop: () => Promise<void>;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once("error", () => answer(false));
    server.listen(port, "127.0.0.1", () => server.close(() => answer(true)));
  });
}

/** Three free ports in a row, as the demo takes them. */
async function freePorts(): Promise<number> {
  for (let port = 7_400; port < 7_700; port += 3) {
    const free = await Promise.all([port, port + 1, port + 2].map(isFree));
    if (free.every(Boolean)) return port;
  }
  throw new Error("no three free ports between 7400 and 7700");
}

function program(): string {
  const path = process.env["VUNGLAM"];
  if (!path) throw new Error("VUNGLAM must name the built program, as `cargo xtask test` does");
  return path;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why: string) => reject(new Error(`the demo ${why}:\n${said}`));
    const late = setTimeout(() => fail("did not start in time"), START_PATIENCE_MS);
    const end = () => fail("ended");
    child.once("error", reject);
    child.once("exit", end);
    child.stderr?.on("data", (data: Buffer) => {
      said += data.toString();
      if (!said.includes("start page")) return;
      clearTimeout(late);
      child.off("exit", end);
      resolve();
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_PATIENCE_MS);
    child.once("exit", () => {
      clearTimeout(late);
      resolve();
    });
    child.kill("SIGINT");
  });
}

/** Starts a demo with a data folder of its own. */
export async function startDemo(): Promise<RunningDemo> {
  const port = await freePorts();
  const folder = mkdtempSync(join(tmpdir(), "vunglam-browser-"));
  const child = spawn(program(), ["demo", "--port", String(port), "--no-open", "--data", folder], { stdio: ["ignore", "ignore", "pipe"] });
  const stop = async () => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, stop };
}
