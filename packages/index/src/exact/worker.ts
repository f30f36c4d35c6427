// The program of a thread that searches. tooling/generate.ts bundles it into src/generated/exact-worker.ts.
import { serveRequests } from "../workers/serve-requests.ts";
import type { FoundLists } from "./found-lists.ts";
import { JavaScriptSearch } from "./javascript-search.ts";
import type { SearchRequest } from "./messages.ts";
import { openOnnxruntime } from "./onnxruntime-engine.ts";
import { WasmSearch } from "./wasm-search.ts";

let search: WasmSearch | JavaScriptSearch | undefined;

async function answer(request: SearchRequest, isEnded: () => boolean): Promise<FoundLists | undefined> {
  if (request.kind === "open") {
    const { settings, engine, onnxruntime } = request;
    if (engine === "javascript") search = new JavaScriptSearch(settings);
    else
      search = new WasmSearch(
        settings,
        onnxruntime ? await openOnnxruntime(onnxruntime, isEnded) : undefined,
      );
    return undefined;
  }
  if (search === undefined) throw new TypeError("exact search: expected the thread to be opened first");
  if (request.kind === "finish") return search.finish();
  if (request.kind === "store") search.store(request.block);
  else if (request.kind === "begin") {
    search.begin(request.queries, request.k, request.excluded, request.floors);
  } else if (request.kind === "begin-graph") search.beginGraph(request.rows, request.k, request.floors);
  else if (request.kind === "block") await search.compareBlock(request.block);
  else if (request.kind === "stored") await search.compareStored(request.first, request.end);
  else await search.comparePair(request.first, request.second);
  return undefined;
}

void serveRequests(answer, (lists) => (lists === undefined ? [] : [lists.ids.buffer, lists.scores.buffer]));
