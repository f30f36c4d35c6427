import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { parseShard } from "../src/cluster/shard.ts";
import { runPartedStage } from "../src/parted-stage.ts";
import { openRunFolder, writeWhole } from "../src/run-folder.ts";
import { oneLine } from "../src/user-error.ts";

/**
 * A program for tests of sharing: `work [--shard …] --run DIR` makes 40 parts and joins them into `work/joined.bin`, `merge
 * work --run DIR` joins only. `made.txt` in the run folder lists parts as they are made. Before part P it waits as long as
 * there is a file `hold-P`, with its process id in `held-P`, and fails if there is a file `fail-P`.
 */
async function main(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { run: { type: "string" }, shard: { type: "string" }, threads: { type: "string" } },
  });
  const folder = values.run!;
  const shared =
    values.shard === undefined
      ? {}
      : { sharing: { target: "work", shard: parseShard(values.shard, process.env) } };
  const run = { ...openRunFolder(folder), ...shared, mergeOnly: positionals[0] === "merge" };
  await runPartedStage(
    run,
    "work",
    { settings: { seed: 5 }, parts: 40 },
    {
      extension: "bin",
      async makePart(part, path) {
        if (existsSync(join(folder, `fail-${part}`))) throw new Error(`part ${part}: cannot be made`);
        if (existsSync(join(folder, `hold-${part}`)))
          writeWhole(join(folder, `held-${part}`), `${process.pid}`);
        while (existsSync(join(folder, `hold-${part}`))) await sleep(20);
        writeWhole(path, createHash("sha256").update(`${part}`).digest());
        appendFileSync(join(folder, "made.txt"), `${part}\n`);
      },
      async finish(output, paths) {
        writeWhole(join(output, "joined.bin"), Buffer.concat(paths.map((path) => readFileSync(path))));
      },
    },
  );
  process.stdout.write("done\n");
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`parts-program: ${oneLine(error)}\n`);
  process.exitCode = 1;
}
