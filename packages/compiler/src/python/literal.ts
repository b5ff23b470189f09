const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Printable ASCII stays readable; everything else is written by its code, so that no reader or editor takes it for another. */
const toPythonText = (text: string): string => {
  let written = "";
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const known = ESCAPES[text[index] ?? ""];
    if (known !== undefined) written += known;
    else if (unit >= 0x20 && unit < 0x7f) written += text[index];
    else {
      const point = text.codePointAt(index) ?? unit;
      if (point > 0xffff) {
        written += `\\U${point.toString(16).padStart(8, "0")}`;
        index += 1;
      } else
        written +=
          unit < 0x100 ? `\\x${unit.toString(16).padStart(2, "0")}` : `\\u${unit.toString(16).padStart(4, "0")}`;
    }
  }
  return `"${written}"`;
};

/** Longest line that is written in one piece; what is longer is broken after each item. */
const LINE = 100;

const toPythonNumber = (value: number): string => {
  if (Number.isNaN(value) || !Number.isFinite(value)) throw new TypeError(`${value} is no JSON number`);
  return String(value);
};

const write = (value: unknown, indent: string): string => {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "number") return toPythonNumber(value);
  if (typeof value === "string") return toPythonText(value);
  if (typeof value !== "object") throw new TypeError(`a ${typeof value} cannot be written as Python`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const inner = `${indent}    `;
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map((item) => ["", item] as const)
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [`${toPythonText(key)}: `, item] as const);
  if (entries.length === 0) return open + close;
  const items = entries.map(([key, item]) => key + write(item, inner));
  const line = open + items.join(", ") + close;
  if (indent.length + line.length <= LINE && !line.includes("\n")) return line;
  return `${open}\n${items.map((item) => `${inner}${item},\n`).join("")}${indent}${close}`;
};

/**
 * A JSON value as Python source. The only way in which what a person wrote gets into generated code: whatever it
 * holds, `ast.literal_eval` of the result is the value again.
 *
 * @param indent what the line begins with where the literal stands
 * @throws {TypeError} for what JSON cannot hold
 */
export const toPythonLiteral = (value: unknown, indent = ""): string => write(value, indent);
