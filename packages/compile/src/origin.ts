import { engine, type GradConfig } from "@tensorflow/tfjs-core";

/** Follows which of the user's ops is being traced, and the gradient of which one. */
export class Origin {
  /** What {@link describe} said where a kernel failed. */
  failed: string | undefined;
  readonly #gradients: string[] = [];

  /** A short name for the nodes of a kernel: the op that the user called, or the kernel whose gradient runs. */
  nodePrefix(kernelName: string): string {
    const gradient = this.#gradients.at(-1);
    if (gradient !== undefined) return `${gradient}.gradient`;
    const { op, inGradient } = activeOp();
    return inGradient ? `${op ?? kernelName}.gradient` : (op ?? kernelName);
  }

  /** The same for a sentence. */
  describe(): string | undefined {
    const gradient = this.#gradients.at(-1);
    if (gradient !== undefined) return `the gradient of ${gradient}`;
    const { op, inGradient } = activeOp();
    if (op === undefined) return undefined;
    return inGradient ? `tf.${op} of a gradient` : `tf.${op}`;
  }

  /** The gradient with its calls noted. After an error the note stays, for the message. */
  following(kernelName: string, gradFunc: GradConfig["gradFunc"]): GradConfig["gradFunc"] {
    const noted = <T>(act: () => T): T => {
      this.#gradients.push(kernelName);
      const result = act();
      this.#gradients.pop();
      return result;
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
  if (prefix.endsWith(".gradient")) return `the gradient of ${prefix.slice(0, -".gradient".length)}`;
  return /^[a-z]/.test(prefix) ? `tf.${prefix}` : `the kernel ${prefix}`;
}
