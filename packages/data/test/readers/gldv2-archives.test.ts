import { gldv2Archives, parseMd5, type Split } from "@lmk/data";
import { describe, expect, it } from "vitest";

const hash = "d41d8cd98f00b204e9800998ecf8427e";

describe("gldv2Archives", () => {
  it("names the archives of each split", () => {
    expect(gldv2Archives("train")).toHaveLength(500);
    expect(gldv2Archives("index")).toHaveLength(100);
    expect(gldv2Archives("test")).toHaveLength(20);
    expect(gldv2Archives("train")[0]).toEqual({ name: "images_000.tar", md5Name: "md5.images_000.txt" });
    expect(gldv2Archives("train")[499]).toEqual({ name: "images_499.tar", md5Name: "md5.images_499.txt" });
  });

  it("refuses other splits", () => {
    expect(() => gldv2Archives("query" as Split)).toThrow(
      new RangeError('gldv2Archives: expected `split` to be one of train, index, test, got "query"'),
    );
  });
});

describe("parseMd5", () => {
  it.each([
    ["of md5sum", `${hash}  images_000.tar\n`],
    ["of md5sum in binary mode", `${hash} *images_000.tar\n`],
    ["in upper case, with Windows line ends", `\r\n${hash.toUpperCase()}  images_000.tar\r\n`],
  ])("reads a line %s", (_, text) => {
    expect(parseMd5(text, "md5.images_000.txt")).toEqual({ hash, name: "images_000.tar" });
  });

  it.each([
    ["", 1, "an empty file"],
    [" \n", 1, "an empty file"],
    [`\n${hash}\n`, 2, `"${hash}"`],
    [`${hash.slice(1)}  images_000.tar`, 1, `"${hash.slice(1)}  images_…"`],
    [`${hash}  a.tar\n\n${hash}  b.tar\n`, 3, "a second line"],
  ])("refuses %j", (text, line, got) => {
    expect(() => parseMd5(text, "sum.txt")).toThrow(
      expect.objectContaining({
        code: "bad-md5",
        message: `sum.txt:${line}: expected one line of an MD5 sum of 32 hexadecimal digits, two blanks and a file name, got ${got}`,
      }),
    );
  });
});
