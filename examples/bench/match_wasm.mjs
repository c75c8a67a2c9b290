// Matches diagnosis keys with the phone's core in Node.js: node match_wasm.mjs FOLDER_OF_WEB_CORE [KEYS] [OBSERVED]
// Prints one JSON line; first checks that the core derives an official identifier.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, keys = '20000', observed = '10000'] = process.argv.slice(2);
const core = await import(pathToFileURL(resolve(folder, 'web_core.js')));
core.initSync({ module: readFileSync(join(folder, 'web_core_bg.wasm')) });

// Exposure Notification test vectors v1.2, google/exposure-notifications-internals @aaada6c (Apache-2.0)
const rpi = Buffer.from(core.benchIdentifier('75c734c6dd1a782de7a965da5eb93125', 2642976)).toString('hex');
if (rpi !== '8be6cd371c5c891604bfbe49df845096') throw new Error(`wrong identifier: ${rpi}`);

const bench = new core.Bench(Number(keys), Number(observed));
let best = Infinity;
let hits = 0;
for (let round = 0; round < 3; round++) {
  const before = process.cpuUsage();
  hits = bench.run();
  const used = process.cpuUsage(before);
  best = Math.min(best, (used.user + used.system) / 1e6);
}
if (hits !== 20) throw new Error(`20 planted hits, found ${hits}`);
console.log(JSON.stringify({ keys: Number(keys), ids: Number(observed), hits, cpu_seconds: best, node: process.version }));
