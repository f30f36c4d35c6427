import { engine, type GradConfig } from "@tensorflow/tfjs-core";

/** What was being traced. */
export interface Place {
  /** In words, for a sentence. */
  readonly words: string | undefined;
  /** The op that the user called, as `tf.NAME`. */
  readonly op: string | undefined;
  readonly kernel: string | undefined;
}

/** Follows which of the user's ops is being traced, and the gradient of which one. */
export class Origin {
  readonly #gradients: string[] = [];
  #failure: { readonly error: unknown; readonly place: Place } | undefined;

  /** A short name for the nodes of a kernel: the op that the user called, or the kernel whose gradient runs. */
  nodePrefix(kernelName: string): string {
    const gradient = this.#gradients.at(-1);
    if (gradient !== undefined) return `${gradient}.gradient`;
    const { op, inGradient } = activeOp();
    return inGradient ? `${op ?? kernelName}.gradient` : (op ?? kernelName);
  }

  /** Notes where an error began: its first note holds. */
  noteFailure(error: unknown, kernel: string | undefined): void {
    if (this.#failure !== undefined && this.#failure.error === error) return;
    this.#failure = { error, place: { ...this.#place(), kernel } };
  }

  /** Where an error began, if it passed through a kernel or a gradient. */
  placeOf(error: unknown): Place | undefined {
    return this.#failure?.error === error ? this.#failure?.place : undefined;
  }

  #place(): Omit<Place, "kernel"> {
    const gradient = this.#gradients.at(-1);
    if (gradient !== undefined) return { words: `the gradient of ${gradient}`, op: undefined };
    const { op, inGradient } = activeOp();
    if (op === undefined) return { words: undefined, op: undefined };
    return { words: inGradient ? `tf.${op} of a gradient` : `tf.${op}`, op: `tf.${op}` };
  }

  /** The gradient with its calls noted. */
  following(kernelName: string, gradFunc: GradConfig["gradFunc"]): GradConfig["gradFunc"] {
    const noted = <T>(act: () => T): T => {
      this.#gradients.push(kernelName);
      try {
        return act();
      } catch (error) {
        this.noteFailure(error, undefined);
        throw error;
      } finally {
        this.#gradients.pop();
      }
    };
    return (...given) => {
      const gradients = noted(() => gradFunc(...given));
      return Object.fromEntries(
        Object.entries(gradients).map(([name, gradient]) => [name, () => noted(gradient)]),
      );
    };
  }
}

/** The outermost tfjs op whose body is running; tfjs names its scope `name__op`, and a gradient's "backward". */
export function activeOp(): { readonly op: string | undefined; readonly inGradient: boolean } {
  const names = engine().state.scopeStack.map(({ name }) => name);
  const backward = names.lastIndexOf("backward");
  const scope = names.slice(backward + 1).find((name) => name.endsWith("__op"));
  return { op: scope?.slice(0, -"__op".length), inGradient: backward >= 0 };
}

/** A node's prefix as {@link Origin.nodePrefix} made it, in words. */
export function describePrefix(prefix: string): string {
  const name = prefix.replace(/\.gradient$/, "");
  if (isOp(name)) return name === prefix ? `tf.${name}` : `tf.${name} of a gradient`;
  return name === prefix ? `the kernel ${name}` : `the gradient of ${name}`;
}

/** A node's prefix as {@link Origin.nodePrefix} made it, as a place. */
export function placeOfPrefix(prefix: string): Place {
  const name = prefix.replace(/\.gradient$/, "");
  return {
    words: describePrefix(prefix),
    op: isOp(name) ? `tf.${name}` : undefined,
    kernel: isOp(name) || name !== prefix ? undefined : name,
  };
}

/** Ops begin with a small letter, kernels with a capital one or `_`. */
function isOp(name: string): boolean {
  return /^[a-z]/.test(name);
}
