// What a candidate's process does: reads its settings, prints, writes its scores. MODE makes it go wrong.
import { readFileSync, writeFileSync } from "node:fs";

const [mode, candidatePath, scoresPath] = process.argv.slice(2);
const { margin } = JSON.parse(readFileSync(candidatePath, "utf8"));
console.log(`margin ${margin} on device ${process.env.DEVICE}`);
if (mode === "fail") throw new RangeError("no memory");
if (mode === "die") process.kill(process.pid, "SIGKILL");
if (mode !== "silent") writeFileSync(scoresPath, JSON.stringify({ score: 10 * margin }));
