/** Items of a list or a stream. */
export type Items<T> = Iterable<T> | AsyncIterable<T>;

/** Options of {@link readAhead}. */
export interface ReadAheadOptions {
  /** The most items that are worked on, or done and not taken yet. */
  readonly limit: number;
  readonly signal: AbortSignal | undefined;
}

type Pulled<T> = { readonly result: IteratorResult<T, unknown> };
type Ready<R> = { readonly value: R };

/**
 * Works on the items of a stream ahead of their use, and gives back what comes of them in their order.
 *
 * A slow stream does not hold back what is done already. When the signal is aborted, nothing is waited for any more; the
 * work under way ends unseen.
 *
 * @param work - Must not reject.
 */
export async function* readAhead<T, R>(
  items: Items<T>,
  work: (item: T, position: number) => Promise<R>,
  { limit, signal }: ReadAheadOptions,
): AsyncGenerator<R, void, undefined> {
  signal?.throwIfAborted();
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const waiting: Promise<Ready<R>>[] = [];
  let pull: Promise<Pulled<T>> | undefined;
  let isOpen = true;
  let position = 0;
  try {
    while (isOpen || waiting.length > 0) {
      if (isOpen && pull === undefined && waiting.length < limit) pull = pulled(iterator);
      const first = waiting.slice(0, 1);
      const next = await unlessAborted(
        Promise.race<Pulled<T> | Ready<R>>(pull === undefined ? first : [pull, ...first]),
        signal,
      ).catch((error: unknown) => {
        // A stream that failed is not told to end.
        if (signal?.aborted !== true) isOpen = false;
        throw error;
      });
      if ("value" in next) {
        waiting.shift();
        yield next.value;
        continue;
      }
      pull = undefined;
      if (next.result.done === true) isOpen = false;
      else waiting.push(work(next.result.value, position++).then((value) => ({ value })));
    }
  } finally {
    if (isOpen) {
      const ended = Promise.resolve(iterator.return?.());
      // A generator that is waiting itself hears of its end only after that.
      if (pull !== undefined || signal?.aborted === true) ended.catch(() => undefined);
      else await ended;
    }
  }
}

async function pulled<T>(iterator: Iterator<T> | AsyncIterator<T>): Promise<Pulled<T>> {
  return { result: await iterator.next() };
}

/** What a promise gives, unless the signal is aborted before: then its reason is thrown at once. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
