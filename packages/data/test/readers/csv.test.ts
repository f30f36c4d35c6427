import { type ImageAttribution, readImageIdsCsv, streamAttributionsCsv, streamUrlsCsv } from "@lmk/data";
import { stringify } from "csv-stringify/sync";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const columns = ["id", "url", "author", "license", "title"] as const;
const header = `${columns.join(",")}\n`;
const chunk = 1 << 20;

function idOf(row: number): string {
  return row.toString(16).padStart(16, "0");
}

async function read(content: string): Promise<ImageAttribution[]> {
  const rows: ImageAttribution[] = [];
  for await (const row of streamAttributionsCsv(folder.write("rows.csv", content))) rows.push(row);
  return rows;
}

function refusalOf(content: string): Promise<unknown> {
  return rejectionOf(read(content));
}

describe("CSV files", () => {
  it("come back as another library wrote them, over many blocks", async () => {
    const texts = [
      "plain",
      "",
      'say "hi"',
      '"',
      "two\nlines",
      "a,b",
      "São João 城 🏰",
      " padded ",
      '",\n"',
      "'",
    ];
    const rows = Array.from({ length: 50_000 }, (_, row) => ({
      id: idOf(row),
      url: texts[row % 10],
      author: texts[Math.floor(row / 10) % 10],
      license: `${texts[Math.floor(row / 100) % 10]}${texts[row % 7]}`,
      title: texts[Math.floor(row / 1000) % 10],
    }));
    const content = stringify(rows, { header: true, columns: [...columns] });
    expect(content.length).toBeGreaterThan(2 * chunk);
    const found = await read(content);
    expect(found).toHaveLength(rows.length);
    const wrong = rows.findIndex((row, i) => columns.some((column) => found[i][column] !== row[column]));
    expect(found[wrong]).toEqual(rows[wrong]);
  });

  it("may be cut anywhere by the blocks they are read in", async () => {
    const title = 'é "x"\r\n,y';
    const rest = `"a",,"${title.replaceAll('"', '""')}"\r\n${idOf(2)},,,,\r\n`;
    const before = `${header}${idOf(1)},`;
    for (let cut = 0; cut <= Buffer.byteLength(rest); cut++) {
      const url = "u".repeat(chunk - before.length - 1 - cut);
      expect(await read(`${before}${url},${rest}`)).toEqual([
        { id: idOf(1), url, author: "a", license: "", title: title.replace("\r", "") },
        { id: idOf(2), url: "", author: "", license: "", title: "" },
      ]);
    }
  });

  it("may start with a byte order mark and a quote, and end in a quote or a carriage return", async () => {
    const ids = await readImageIdsCsv(folder.write("a.csv", `\ufeff"id"\r\n${idOf(1)}\r\n"${idOf(2)}"`));
    expect([ids.length, ids.at(1)]).toEqual([2, idOf(2)]);
    expect((await readImageIdsCsv(folder.write("b.csv", `id\r\n"${idOf(1)}"\r`))).at(0)).toBe(idOf(1));
  });

  it("name the right line after many blocks", async () => {
    const rows = Array.from({ length: 40_000 }, (_, row) => `${idOf(row)},"url\n${row}",,,\n`).join("");
    const file = `${folder.path}/rows.csv`;
    expect(await refusalOf(`${header}${rows}nonsense,,,,\n`)).toMatchObject({
      code: "bad-id",
      message: `${file}:80002: expected an image id of 16 hexadecimal digits (0-9, a-f), got "nonsense"`,
    });
    expect(await refusalOf(`${header}${rows}${idOf(1)},"a"b,,,\n`)).toMatchObject({
      code: "bad-quote",
      message: `${file}:80002: expected balanced double quotes around fields only`,
    });
  });

  it("name the right line after blocks of which only one has quotes", async () => {
    const quoted = `${idOf(1)},"two\nlines",,,\n`;
    const plain = Array.from({ length: 80_000 }, (_, row) => `${idOf(row)},,,,\n`).join("");
    expect(plain.length).toBeGreaterThan(chunk);
    for (const rows of [quoted + plain, plain + quoted]) {
      expect(await refusalOf(`${header}${rows}nonsense,,,,\n`)).toMatchObject({
        code: "bad-id",
        message: `${folder.path}/rows.csv:80004: expected an image id of 16 hexadecimal digits (0-9, a-f), got "nonsense"`,
      });
    }
  });

  it.each([
    ["after other characters", `${idOf(1)},a"b",,,\n`, 2],
    ["after a blank", `${idOf(1)}, "b",,,\n`, 2],
    ["before other characters", `${idOf(1)},"b" ,,,\n`, 2],
    ["alone at the end", `${idOf(1)},,,,\n"`, 3],
    ["without its partner, before good rows", `${idOf(1)},,"x,,\n${idOf(2)},,,,\n`, 2],
    ["without its partner, before other quotes", `${idOf(1)},,"x,,\n${idOf(2)},,"y",,\n`, 2],
  ])("are refused for a quote %s", async (_, rows, line) => {
    expect(await refusalOf(header + rows)).toMatchObject({
      code: "bad-quote",
      message: `${folder.path}/rows.csv:${line}: expected balanced double quotes around fields only`,
    });
  });

  it("are given up where a row does not end", async () => {
    const long = "x".repeat(5 << 20);
    expect(await refusalOf(`${header}${idOf(1)},"\n${long}`)).toMatchObject({
      code: "bad-quote",
      message: `${folder.path}/rows.csv:2: expected balanced double quotes around fields only`,
    });
    expect(await refusalOf(`${header}${long}`)).toMatchObject({
      code: "unreadable-file",
      message: `${folder.path}/rows.csv:2: expected rows of at most 4194304 characters, got a longer one`,
    });
  });
});

describe("streamUrlsCsv", () => {
  it("gives ids and URLs one by one, and undefined where there is none", async () => {
    const content = `url,landmark_id,id\nhttps://e.org/a.jpg,1,${idOf(1)}\nNone,2,${idOf(2)}\n,None,${idOf(2)}\n`;
    const rows: unknown[] = [];
    for await (const row of streamUrlsCsv(folder.write("urls.csv", content))) rows.push(row);
    expect(rows).toEqual([
      { id: idOf(1), url: "https://e.org/a.jpg" },
      { id: idOf(2), url: undefined },
      { id: idOf(2), url: undefined },
    ]);
  });

  it("gives the rows before a bad one, and lets go of the file where its reader stops", async () => {
    const file = folder.write("urls.csv", `id,url\n${idOf(1)},a\n${idOf(2)},b\n7,c\n`);
    const seen: string[] = [];
    const all = async (): Promise<void> => {
      for await (const { id } of streamUrlsCsv(file)) seen.push(id);
    };
    expect(await rejectionOf(all())).toMatchObject({
      code: "bad-id",
      message: `${file}:4: expected an image id of 16 hexadecimal digits (0-9, a-f), got "7"`,
    });
    expect(seen).toEqual([idOf(1), idOf(2)]);
    for await (const { id } of streamUrlsCsv(file)) {
      expect(id).toBe(idOf(1));
      break;
    }
  });

  it("refuses files without rows", async () => {
    const file = folder.write("urls.csv", "id,url\n");
    expect(await rejectionOf(streamUrlsCsv(file).next())).toMatchObject({
      code: "empty-file",
      message: `${file}:2: expected rows after the header, got none`,
    });
  });
});
