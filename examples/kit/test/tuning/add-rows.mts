// Adds the rows of one of several processes: node add-rows.mts FILE GO PROCESS COUNT. Begins when GO is there.
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { addResult } from "../../src/tuning/results-file.ts";

const [file, go, writer, count] = process.argv.slice(2);
process.stdout.write("ready\n");
while (!existsSync(go!)) await sleep(5);
for (let i = 0; i < Number(count); i++) await addResult(file!, { writer: writer!, i }, { score: i / 8 });
