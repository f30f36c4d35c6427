import { requireAtLeast } from "./require.ts";
import type { Schedule } from "./schedules/schedule.ts";

/** Parameters that are trained in another way than the rest. */
export interface ParameterGroup {
  /** For error messages and for the step's input `learningRate/NAME`; each group has another. */
  readonly name: string;
  /** Which parameters belong to it: by a pattern on their names, or by a function. */
  readonly match: RegExp | ((name: string, shape: readonly number[]) => boolean);
  /**
   * Keeps the parameters as they are. Running statistics of their batch norms still move unless batch norm is frozen.
   *
   * @defaultValue false
   */
  readonly frozen?: boolean;
  /**
   * Factor on the learning rate, such as 2 for the biases of the 2021 second place.
   *
   * @defaultValue 1
   */
  readonly learningRate?: number;
  /**
   * A schedule of its own in place of the run's, where the rates are not proportional.
   *
   * @defaultValue the run's
   */
  readonly schedule?: Schedule;
  /**
   * Weight decay, such as 0 for biases and norms.
   *
   * @defaultValue the optimizer's
   */
  readonly weightDecay?: number;
}

/** Whether a parameter belongs to a vector, not to a matrix or a filter: biases, and the factors of norms. */
export function isVector(_name: string, shape: readonly number[]): boolean {
  return shape.length <= 1;
}

/** Refuses groups that share a name or have numbers out of range. */
export function requireGroups(caller: string, groups: readonly ParameterGroup[]): void {
  const seen = new Set<string>();
  groups.forEach(({ name, learningRate = 1, weightDecay = 0 }, i) => {
    if (seen.has(name))
      throw new RangeError(`${caller}: expected \`groups\` to have different names, got "${name}" twice`);
    seen.add(name);
    requireAtLeast(caller, `groups[${i}].learningRate`, learningRate, 0);
    requireAtLeast(caller, `groups[${i}].weightDecay`, weightDecay, 0);
  });
}

/** The first group that a parameter belongs to. */
export function groupOf(
  groups: readonly ParameterGroup[],
  name: string,
  shape: readonly number[],
): ParameterGroup | undefined {
  return groups.find(({ match }) => (match instanceof RegExp ? name.search(match) >= 0 : match(name, shape)));
}
