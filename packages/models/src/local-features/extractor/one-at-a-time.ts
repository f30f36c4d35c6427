import type { Detector } from "./detector.ts";

/** A detector whose calls take turns; it refuses those after it is disposed. */
export function oneAtATime(detector: Detector): Detector {
  let last: Promise<unknown> = Promise.resolve();
  let disposed: Promise<void> | undefined;
  const afterOthers = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  return {
    dimension: detector.dimension,
    largest: detector.largest,
    async detect(image, limit) {
      if (disposed) throw new RangeError("extract: expected the extractor to be in use, got a disposed one");
      return afterOthers(() => detector.detect(image, limit));
    },
    dispose: () => (disposed ??= afterOthers(() => detector.dispose())),
  };
}
