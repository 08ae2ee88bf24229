// The contestant V8: for each line with a number of turns, checksum and nanoseconds of this process's time.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const { run } = new WebAssembly.Instance(module).exports;

for await (const line of createInterface({ input: process.stdin })) {
    const begun = process.cpuUsage();
    const sum = run(Number(line)) >>> 0;
    const used = process.cpuUsage(begun);
    console.log(`${sum} ${(used.user + used.system) * 1000}`);
}
