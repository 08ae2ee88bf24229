// How long V8 takes from a module's bytes to compiled code, and to the end of a first call: nanoseconds of this
// process's time, medians. Called with flags that leave TurboFan alone it measures TurboFan.
import { readFileSync } from 'node:fs';

const bytes = readFileSync(process.argv[2]);
const rounds = 15;

// V8 knows bytes that it has compiled before, so each round ends in a custom section of its own.
let stamp = 0;
const fresh = () => new Uint8Array([...bytes, 0, 4, 2, 0x6e, 0x6f, stamp++]);

const median = times => times.sort((a, b) => a - b)[times.length >> 1];

function time(work) {
    const times = [];
    for (let round = 0; round < rounds; round++) {
        const module = fresh();
        const begun = process.cpuUsage();
        work(module);
        const used = process.cpuUsage(begun);
        times.push((used.user + used.system) * 1000);
    }

    return median(times);
}

const compiled = time(module => new WebAssembly.Module(module));
const called = time(module => new WebAssembly.Instance(new WebAssembly.Module(module)).exports.run(0));
console.log(`${compiled} ${called}`);
