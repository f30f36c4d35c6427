import { bytesPerElement, type ElementType } from "./element-types.ts";

/** Fields of a `TensorProto` and the types whose values they hold; `int32_data` holds halves as their bits. */
const typesOfFields: Readonly<Record<number, readonly ElementType[]>> = {
  4: ["F32"],
  5: ["I32", "I16", "I8", "U8", "BOOL", "F16", "BF16"],
  7: ["I64"],
  10: ["F64"],
};

/** Values of an initializer that are not raw, gathered as little-endian elements in one buffer that grows. */
export class OnnxTypedData {
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #length = 0;
  readonly #fields = new Set<number>();

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Whether all values came in the field of their type. */
  fits(type: ElementType): boolean {
    return [...this.#fields].every((field) => typesOfFields[field]!.includes(type));
  }

  /** Elements of `float_data` or `double_data`. */
  addBytes(field: number, bytes: Uint8Array): void {
    this.#fields.add(field);
    const at = this.#grow(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** An element of `int32_data` or `int64_data`; its type comes before the values in every file. */
  addInteger(field: number, value: bigint, type: ElementType | undefined): void {
    this.#fields.add(field);
    const size = bytesPerElement[type ?? "I64"];
    const at = this.#grow(size);
    const view = new DataView(this.#buffer.buffer);
    if (size === 8) view.setBigInt64(at, value, true);
    else if (size === 4) view.setInt32(at, Number(BigInt.asIntN(32, value)), true);
    else if (size === 2) view.setInt16(at, Number(BigInt.asIntN(16, value)), true);
    else view.setInt8(at, Number(BigInt.asIntN(8, value)));
  }

  #grow(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(64, 2 * this.#length));
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    return at;
  }
}
