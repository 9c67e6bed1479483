// Takes the lock of the folder in its argument, says so in a file, lets the others run, says so again, and ends.
import { appendFileSync } from "node:fs";
import { Lock } from "../../../operations/lib/script/lock.ts";
import { findRun } from "../../../operations/lib/script/run.ts";

const [folder, log] = process.argv.slice(2);
const turn = () => new Promise((resolve) => setImmediate(resolve));
const lock = new Lock(folder, findRun(process.pid, false));
while (lock.acquire() !== undefined) await turn();
appendFileSync(log, `+${process.pid}\n`);
for (let i = 0; i < 1_000; i++) await turn();
lock.assertHeld();
appendFileSync(log, `-${process.pid}\n`);
